//! Shocks: what arrives from outside, where it hits, how large it is today.

use crate::lattice::blocks::Team;
use crate::modules::maintenance;
use crate::spec::{Recovery, Shock, ShockKind};
use crate::today::{SectorToday, Today};
use crate::{keyed, maths};

/// Size of one occurrence of a shock, `since` days after its first day: full, then recovering.
pub fn size(shock: &Shock, since: f64) -> f64 {
    if since < 0.0 {
        return 0.0;
    }
    if since < shock.days {
        return shock.size;
    }
    let gone = if shock.recovery_days > 0.0 {
        (since - shock.days) / shock.recovery_days
    } else {
        1.0
    };
    if gone >= 1.0 {
        return 0.0;
    }
    let left = match shock.recovery {
        Recovery::Linear => 1.0 - gone,
        Recovery::Concave => (1.0 - gone) * (1.0 - gone),
        Recovery::Convex => 1.0 - gone * gone,
    };
    shock.size * left
}

/// Seconds of output that supply shocks allow: (1 - size) of those at rest, whatever the slack.
pub fn output_seconds_allowed(
    team: &Team,
    sector: &SectorToday,
    today: &Today,
    wanted: u32,
) -> u32 {
    sector
        .hits
        .iter()
        .filter(|hit| {
            hit.kind == ShockKind::Supply && hit.size > 0.0 && team.place.centrality < hit.footprint
        })
        .map(|hit| ((1.0 - hit.size) * team.place.output_hours_at_rest * today.dt * 3600.0) as u32)
        .fold(wanted, u32::min)
}

/// Machines broken by a blow today.
pub fn damage(team: &mut Team, sector: &SectorToday, today: &Today) {
    for hit in sector
        .hits
        .iter()
        .filter(|hit| hit.kind == ShockKind::Damage && hit.first)
    {
        if team.place.centrality >= hit.footprint {
            continue;
        }
        let draw = today.keys.at(keyed::Stream::Shock, hit.shock);
        let mut broken = 0;
        for k in 0..team.machine.len() {
            let id = keyed::id(team.place.sector.into(), team.place.team as usize, k);
            if maths::unit(draw.word(id)) < hit.size {
                broken += 1;
                team.upkeep.shock_work += u64::from(hit.seconds);
                maintenance::down(team, sector, today, k, hit.seconds);
            }
        }
        if broken > 0 {
            team.causes.hurt[1] = hit.event;
        }
    }
}

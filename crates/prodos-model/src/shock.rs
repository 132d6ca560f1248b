//! Shocks: what arrives from outside, where it hits, how large it is today.

use crate::cascade::MACHINES;
use crate::lattice::blocks::Team;
use crate::lattice::machine::State;
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

/// Seconds of output that supply shocks allow: (1 - size) of those at rest, whatever the slack; without
/// end where none holds.
pub fn output_seconds_allowed(team: &Team, sector: &SectorToday, today: &Today) -> f64 {
    sector
        .hits
        .iter()
        .filter(|hit| {
            hit.kind == ShockKind::Supply && hit.size > 0.0 && team.place.centrality < hit.footprint
        })
        .map(|hit| (1.0 - hit.size) * team.place.output_hours_at_rest * today.dt * 3600.0)
        .fold(f64::INFINITY, f64::min)
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
        let mut broken = 0u32;
        for k in 0..team.machine.len() {
            let id = team.place.id(k);
            if maths::unit(draw.word(id)) < hit.size {
                broken += 1;
                maintenance::down(team, sector, today, k, hit.seconds);
                if team.machine[k].state != State::Renewing {
                    team.upkeep.shock_work += u64::from(hit.seconds);
                }
            }
        }
        if broken > 0 {
            let share = broken as f32 / team.machine.len() as f32;
            team.causes.hurt[MACHINES].take(hit.event, share);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::size;
    use crate::spec::{Recovery, Shock, ShockKind};

    fn blow(recovery: Recovery, recovery_days: f64) -> Shock {
        Shock {
            recovery_days,
            recovery,
            ..Shock::new("blow", ShockKind::Supply, 0.8, 5.0, 10.0)
        }
    }

    #[test]
    fn a_shock_is_full_then_recovers_by_its_shape_then_is_gone() {
        let after = |recovery, since: &[f64]| -> Vec<f64> {
            let shock = blow(recovery, 20.0);
            since.iter().map(|&since| size(&shock, since)).collect()
        };
        let days = [-1.0, 0.0, 9.0, 10.0, 15.0, 20.0, 30.0, 99.0];
        let close = |found: Vec<f64>, expected: [f64; 8]| {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
            }
        };
        close(
            after(Recovery::Linear, &days),
            [0.0, 0.8, 0.8, 0.8, 0.6, 0.4, 0.0, 0.0],
        );
        close(
            after(Recovery::Concave, &days),
            [0.0, 0.8, 0.8, 0.8, 0.45, 0.2, 0.0, 0.0],
        );
        close(
            after(Recovery::Convex, &days),
            [0.0, 0.8, 0.8, 0.8, 0.75, 0.6, 0.0, 0.0],
        );
    }

    #[test]
    fn a_shock_without_recovery_ends_at_once() {
        let shock = blow(Recovery::Linear, 0.0);
        assert_eq!([9.9, 10.0].map(|since| size(&shock, since)), [0.8, 0.0]);
    }
}

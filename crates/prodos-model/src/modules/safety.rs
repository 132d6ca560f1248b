//! Safety: the operating envelope, and what happens outside it.

use crate::cascade::{Draft, Keep, Kind, LABOUR};
use crate::keyed::{self, Stream};
use crate::lattice::blocks::Team;
use crate::lattice::operator::Whereabouts;
use crate::maths;
use crate::today::{SectorToday, Today};
use prodos_quantity::params;

params! {
    /// Incidents, enforcement, drills.
    pub struct Safety / SafetyPatch in "safety" {
        /// Enforcement of procedure, 0 none to 1 full.
        enforcement: Share = 0.8, range 0.0..=1.0, typical 0.2..=1.0, Lever, "assumption";
        /// Incidents per 1000 tasks of people who take shortcuts.
        per_shortcut_tasks: Ratio = 0.05, range 0.0..=100.0, typical 0.01..=0.25, Uncertain, "assumption";
        /// Incidents a team-day at pressure 2 (per unit of pressure above 1).
        per_pressure: PerDay = 0.002, range 0.0..=1.0, typical 0.0004..=0.01, Uncertain, "assumption";
        /// Mean days for which an incident takes a person out.
        spell: Days = 20.0, range 1.0..=365.0, typical 5.0..=60.0, Uncertain, "assumption";
        /// Hours of drills an operator a year.
        drill_hours: Hours = 0.0, range 0.0..=500.0, typical 0.0..=24.0, Lever, "assumption: none unless a policy asks";
    }
}

/// Safety incidents: in each, a person is hurt and stays away.
///
/// incidents ~ Poisson(i0 z tasks / 1000 + i1 max(P - 1, 0) dt)
pub fn take_risks(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules.safety;
    let tasks = f64::from(team.work.tasks);
    let crew = &*team.crew;
    let risk = rules.per_shortcut_tasks.0 / 1000.0 * crew.shortcuts * tasks
        + rules.per_pressure.0 * (crew.pressure - 1.0).max(0.0) * today.dt;
    team.work.risk = risk;
    team.work.incidents = 0;
    let id = team.place.id(keyed::TEAM);
    let word = today.draw(Stream::Incident).word(id);
    let present = crew.present;
    // e^-x >= 1 - x, so most days need no exponential.
    if present == 0 || maths::unit(word) < 1.0 - risk {
        return;
    }
    let incidents = maths::poisson(word, risk).min(present.into()) as u32;
    team.work.incidents = incidents;
    let mut lot = word;
    for left in (present - incidents + 1..=present).rev() {
        lot = maths::mix(lot);
        let unlucky = (lot % u64::from(left)) as usize;
        let victim = (0..team.post.len())
            .filter(|&k| team.post[k].present())
            .nth(unlucky);
        let Some(k) = victim else {
            return;
        };
        team.post[k].whereabouts = Whereabouts::Injured;
        team.block.events.push(Draft {
            team: team.index as u32,
            kind: Kind::Incident,
            cause: team.causes.hurt[LABOUR].event,
            size: 1.0,
            detail: k as u32,
            keep: Keep::Hurt {
                way: LABOUR,
                size: 1.0 / team.post.len() as f32,
            },
        });
    }
}

//! Process drift: procedures stray from what works unless they are checked and drilled.

use crate::lattice::blocks::Team;
use crate::ledger::Purpose;
use crate::modules::quality;
use crate::parameters::Parameters;
use crate::today::{SectorToday, Today};
use prodos_quantity::params;

params! {
    /// How processes drift.
    pub struct Process / ProcessPatch in "process" {
        /// Growth of process drift a day.
        growth: PerDay = 0.0005, range 0.0..=0.1, typical 0.0..=0.002, Uncertain, "assumption";
        /// Days in which checking each task once, or full drills, take drift back.
        reset_time: Days = 30.0, range 1.0..=3650.0, typical 10.0..=120.0, Uncertain, "assumption";
        /// Hours of drills an operator a year that are full drills.
        full_drills: Hours = 24.0, range 0.1..=500.0, typical 8.0..=48.0, Uncertain, "assumption: three days";
        /// Extra error at full drift, as a multiple.
        error_gain: Ratio = 1.0, range 0.0..=20.0, typical 0.0..=4.0, Uncertain, "assumption";
    }
}

/// Drift at rest, where everything that is funded is done.
///
/// q = growth / (growth + f / reset)
pub fn at_rest(rules: &Parameters) -> f64 {
    let drills = rules.hours.protected_share.0 * rules.safety.drill_hours.0;
    let held = quality::checks_at_rest(rules) + drills / rules.process.full_drills.0;
    let (growth, reset) = (rules.process.growth.0, held / rules.process.reset_time.0);
    if growth + reset > 0.0 {
        growth / (growth + reset)
    } else {
        0.0
    }
}

/// What holds procedures today: checks a task, and drills over full drills.
pub fn held(team: &Team, rules: &Parameters) -> f64 {
    let drills = team.hours.done(Purpose::Drills) * rules.safety.drill_hours.0;
    quality::checks(team, &rules.quality) + drills / rules.process.full_drills.0
}

/// Procedures stray, and checking and drills bring them back.
///
/// dq/dt = growth (1 - q) - q f / reset     f checks a task and drills over full drills
pub fn stray(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules.process;
    let back = held(team, &sector.rules) / rules.reset_time.0;
    let drift = &mut team.work.drift;
    *drift += (rules.growth.0 * (1.0 - *drift) - *drift * back) * today.dt;
    *drift = drift.clamp(0.0, 1.0);
}

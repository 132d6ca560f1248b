//! Process drift: procedures stray from what works unless they are checked and drilled.

use crate::lattice::blocks::Team;
use crate::modules::quality;
use crate::today::{SectorToday, Today};
use prodos_quantity::params;

params! {
    /// How processes drift.
    pub struct Process / ProcessPatch in "process" {
        /// Growth of process drift a day.
        growth: PerDay = 0.0005, range 0.0..=0.1, typical 0.0..=0.002, Uncertain, "assumption";
        /// Days in which funded quality control and drills take drift back.
        reset_time: Days = 30.0, range 1.0..=3650.0, typical 10.0..=120.0, Uncertain, "assumption";
        /// Extra error at full drift, as a multiple.
        error_gain: Ratio = 1.0, range 0.0..=20.0, typical 0.0..=4.0, Uncertain, "assumption";
    }
}

/// Procedures stray, and checking and drills bring them back.
///
/// dq/dt = growth (1 - q) - q f / reset     f share of quality control and drills done
pub fn stray(team: &mut Team, sector: &SectorToday, today: &Today) {
    let rules = &sector.rules.process;
    let done = quality::coverage(team);
    let drift = &mut team.work.drift;
    *drift += (rules.growth.0 * (1.0 - *drift) - *drift * done / rules.reset_time.0) * today.dt;
    *drift = drift.clamp(0.0, 1.0);
}

//! Coordination: the hours it takes to work together.

use crate::lattice::blocks::Team;
use crate::parameters::Parameters;
use prodos_quantity::params;

params! {
    /// Hours that coordination takes.
    pub struct Coordination / CoordinationPatch in "coordination" {
        /// Hours a day for each supplier link of a team.
        per_link: Hours = 0.05, range 0.0..=10.0, typical 0.01..=0.25, Uncertain, "assumption";
        /// Hours for each task that waits late.
        per_late_task: Hours = 0.1, range 0.0..=10.0, typical 0.02..=0.5, Uncertain, "assumption";
        /// Hours a day for each pair of members who hand work over.
        per_handover: Hours = 0.02, range 0.0..=10.0, typical 0.004..=0.1, Uncertain, "assumption";
        /// Hours a day a team owes to regulation.
        regulation: Hours = 0.2, range 0.0..=100.0, typical 0.0..=1.0, Uncertain, "assumption";
        /// Share of a crew's hours that coordination takes at most.
        most: Share = 0.25, range 0.0..=1.0, typical 0.1..=0.5, Uncertain, "assumption: two hours a day";
        /// Share of people who supervise: their hours are at hand for coordination.
        supervisors: Share = 0.11, range 0.0..=1.0, typical 0.05..=0.36, Uncertain, "foremen and supervisors, UK Labour Force Survey 2018 (TUC, Improving line management)";
    }
}

/// Coordination hours that the team needs in a tick.
///
/// needed = k1 links + k2 late tasks + k3 n (n - 1) / 2 + regulation
pub fn hours_needed(team: &Team, rules: &Parameters, dt: f64) -> f64 {
    let own = &rules.coordination;
    let n = f64::from(team.crew.employed);
    let links = f64::from(team.place.links + team.project.links);
    let late = late_tasks(team, rules);
    (own.per_link.0 * links + own.per_handover.0 * n * (n - 1.0) / 2.0 + own.regulation.0) * dt
        + own.per_late_task.0 * late * dt
}

/// Orders waiting beyond the promised time, as tasks.
pub fn late_tasks(team: &Team, rules: &Parameters) -> f64 {
    let promised = rules.supply.promise.0 * team.place.output_at_rest;
    (team.trade.waiting - promised).max(0.0) * team.place.labour / rules.error.task_hours.0
}

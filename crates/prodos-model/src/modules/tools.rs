//! Tools and technology: machines and what they can make.

use crate::lattice::blocks::Team;
use crate::parameters::Parameters;
use prodos_quantity::params;

params! {
    /// Machines and what they can make.
    pub struct Tools / ToolsPatch in "tools" {
        /// Machines an operator.
        machines_per_operator: Ratio = 2.0, range 0.0..=10000.0, typical 0.5..=6.0, Uncertain, "assumption: 20 machines a team of 10";
        /// Capacity of all machines over output at rest, less 1.
        slack: Share = 0.25, range 0.0..=1000000.0, typical 0.1..=0.6, Lever, "assumption";
    }
}

/// Output that the machines allow in a tick; a team without machines is not limited by them.
pub fn machine_limit(team: &Team, rules: &Parameters, dt: f64) -> f64 {
    if team.machine.is_empty() {
        return f64::INFINITY;
    }
    let machine_rate =
        team.place.output_at_rest * (1.0 + rules.tools.slack.0) / team.machine.len() as f64;
    f64::from(team.upkeep.up) * machine_rate * team.project.machine_factor * dt
}

/// Hours of this crew for an output.
///
/// hours = l y (1 - a z) / speed     l hours of a master per unit · z share of shortcut takers
pub fn hours_for(team: &Team, rules: &Parameters, output: f64) -> f64 {
    output * labour(team, rules) / team.crew.speed.max(1e-9)
}

/// Hours of a master per unit of output, with the shortcuts and tools of today.
pub fn labour(team: &Team, rules: &Parameters) -> f64 {
    team.place.labour
        * team.project.labour_factor
        * (1.0 - rules.shortcuts.labour_saving.0 * team.crew.shortcuts)
}

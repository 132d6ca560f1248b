//! Z2: one sector, a patch of cells: its demand, its trade with other sectors, its people out of work.

use crate::cascade::Blame;
use crate::gauge::{Gauge, Rolling};
use crate::parameters::Parameters;
use crate::phase::{PhaseState, Phases};
use crate::tally::{Goods, Tally};
use crate::warning::Warnings;
use bevy_ecs::component::Component;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// One sector.
#[derive(Component, Clone, Debug, Serialize, Deserialize)]
pub struct Sector {
    /// Code as in the city file.
    pub code: String,
    /// Name.
    pub name: String,
    /// Parameters in force.
    pub rules: Parameters,
    /// Output at rest a day.
    pub output_at_rest: f64,
    /// Final demand at rest a day: households, government, investment, exports.
    pub final_at_rest: [f64; 4],
    /// Whether it has teams; one that has none makes what is asked of it.
    pub staffed: bool,
    /// Final orders that came today.
    pub final_orders: f64,
    /// Where the wave of final orders is, in standard deviations.
    pub wave: f64,
    /// Orders of the last days by tick, the newest last, as far back as forecasts look.
    pub recent: VecDeque<f64>,
    /// Final orders still open, by age in ticks, the newest last.
    pub open: VecDeque<f64>,
    /// What those orders were when they came.
    pub placed: VecDeque<f64>,
    /// Final orders given up today.
    pub lost: f64,
    /// Ticks that orders served today had waited, and those given up, each times its amount.
    pub waited: [f64; 2],
    /// Final orders served today.
    pub final_served: f64,
    /// Final orders that fell due today, and those kept in time.
    pub due: [f64; 2],
    /// Firms' orders today and what was served of them.
    pub firms: [f64; 2],
    /// Goods sent from abroad and not yet here, by input, the next arrival first.
    pub transit: Vec<VecDeque<f64>>,
    /// Goods in transit at rest, by input.
    pub transit_at_rest: Vec<f64>,
    /// People of the trade out of work.
    pub pool: f64,
    /// That at rest.
    pub pool_at_rest: f64,
    /// Goods by input, summed over teams.
    pub goods: Goods,
    /// Stocks by input last night.
    pub stock_before: Vec<f64>,
    /// Sum of cash of teams last night.
    pub cash_before: f64,
    /// Today's sums.
    pub tally: Tally,
    /// Rolling means.
    pub rolling: Rolling,
    /// Readings.
    pub gauge: Gauge,
    /// Phase.
    pub phase: PhaseState,
    /// Teams in each phase.
    pub teams_in_phase: [u32; 4],
    /// Operators in each phase.
    pub operators_in_phase: [u32; 4],
    /// What is to blame for what the sector does not deliver.
    pub hurt: Blame,
    /// Average price factor today.
    pub price: f64,
    /// What its teams should have received today, by input: domestic goods and arrivals.
    pub came: Vec<f64>,
    /// Goods sent today from abroad, by input.
    pub sent: Vec<f64>,
    /// Goods in transit last night, by input.
    pub transit_before: Vec<f64>,
    /// Cost per unit of output at rest.
    pub cost_at_rest: f64,
}

/// Rooms of parameters that the city above its sectors has a use for itself.
pub const ROOMS_OF_THE_CITY: [&str; 2] = ["phases", "warnings"];

/// The city above its sectors.
#[derive(bevy_ecs::resource::Resource, Clone, Debug, Serialize, Deserialize)]
pub struct City {
    /// Today's sums.
    pub tally: Tally,
    /// Rolling means.
    pub rolling: Rolling,
    /// Readings.
    pub gauge: Gauge,
    /// Phase.
    pub phase: PhaseState,
    /// Thresholds of its own phase; what happens in sectors follows theirs.
    pub phases: Phases,
    /// Lines of its alarms.
    pub warnings: Warnings,
    /// Cost per unit of output at rest.
    pub cost_at_rest: f64,
    /// Alarms.
    pub watch: crate::warning::Watch,
    /// A ledger that did not close today.
    pub breach: Option<crate::ledger::Breach>,
}

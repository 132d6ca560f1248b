//! What every team may know today: this morning's sectors and yesterday's neighbours.

use crate::cascade::Blame;
use crate::drift::wear::HazardTable;
use crate::keyed::{Keys, Stream};
use crate::maths;
use crate::parameters::Parameters;
use crate::spec::{Role, ShockKind};
use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

/// The day as it is known to all, fixed from morning to evening.
#[derive(Resource, Clone, Serialize, Deserialize)]
pub struct Today {
    /// Keys of the run.
    pub keys: Keys,
    /// Tick since the start of the burn-in.
    pub tick: u64,
    /// Length of a tick in days.
    pub dt: f64,
    /// Day since the end of the burn-in; negative before.
    pub day: f64,
    /// Sectors this morning.
    pub sectors: Vec<SectorToday>,
    /// Share of shortcut takers of each team, as of yesterday.
    pub norms: Vec<f32>,
    /// Who is a neighbour of whom.
    pub neighbours: crate::lattice::grid::Neighbours,
    /// Role archetypes.
    pub roles: Vec<Role>,
    /// Whether readings are replaced by zeros (a test that they never steer).
    pub readings_off: bool,
    /// Whether an unused draw is made for each operator (a test that draws are independent).
    pub extra_draw: bool,
}

/// One input of a sector.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Input per unit of output.
    pub coefficient: f64,
    /// 1 stops work, 0.5 slows it, 0 neither.
    pub criticality: f64,
    /// Stock at rest in days of use, before `supply.stock_scale`.
    pub stock_days: f64,
}

/// A shock as it is felt by a sector today.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// What it does.
    pub kind: ShockKind,
    /// Size today, recovery included.
    pub size: f64,
    /// Share of the patch that is hit.
    pub footprint: f32,
    /// Key of the occurrence, which decides who is hit.
    pub shock: u64,
    /// Whether today is its first tick.
    pub first: bool,
    /// Repair seconds a machine (damage).
    pub seconds: u32,
    /// Team and post of the one operator it takes out.
    pub operator: Option<(u32, u32)>,
    /// Its event.
    pub event: u32,
}

/// A sector as its teams see it.
#[derive(Clone, Serialize, Deserialize)]
pub struct SectorToday {
    /// Parameters in force.
    pub rules: Parameters,
    /// Rates and steps of a tick that follow from them.
    pub rates: Rates,
    /// Defect hazard over virtual age.
    pub hazard: HazardTable,
    /// Inputs by supplier, imports last.
    pub inputs: Vec<Input>,
    /// Firm and final orders of this tick.
    pub orders: f64,
    /// Mean orders a day of the last days, for orders up to a level.
    pub forecast: f64,
    /// Sum over teams of weight times trust, by which orders are shared.
    pub pull: f64,
    /// Share of last night's unserved orders that customers keep open.
    pub kept: f64,
    /// Chance of a hire over that with a full labour pool.
    pub hiring: f64,
    /// Shocks felt today.
    pub hits: Vec<Hit>,
    /// Share of last night's orders that each supplier serves tonight.
    pub fill: Vec<f64>,
    /// Goods arriving tonight from abroad, by input.
    pub arrivals: Vec<f64>,
    /// Goods on their way from abroad beyond those at rest, by input.
    pub on_way: Vec<f64>,
    /// Price factor of each supplier today.
    pub price: Vec<f64>,
    /// Availability of imports.
    pub imports: f64,
    /// Share of trust at rest that scales prices.
    pub trust_at_rest: f64,
    /// Taxes a unit of output.
    pub tax_rate: f64,
    /// Price of a spare part, in money.
    pub spare_price: f64,
    /// Price of a new machine, in money.
    pub machine_price: f64,
    /// Event to blame for what each supplier does not deliver, imports last; 0 for none.
    pub supplier_event: Vec<u32>,
    /// Last policy change that concerned the sector, 0 for none.
    pub policy_event: u32,
    /// What is to blame for more final orders than at rest.
    pub demand: Blame,
    /// Expected incidents a tick and post at rest.
    pub risk_at_rest: f64,
    /// Spare parts a machine uses a day at rest.
    pub parts_per_machine: f64,
    /// Value added per unit of output.
    pub value_added_rate: f64,
}

/// Rates of one tick, from the parameters in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Seconds of nominal duty in a tick.
    pub duty: u32,
    /// Chance that a present person becomes absent.
    pub absence_starts: f32,
    /// Chance that an absent person returns.
    pub absence_ends: f32,
    /// Chance that an injured person returns.
    pub injury_ends: f32,
    /// Hazard of leaving in a tick.
    pub quit: f32,
    /// Chance that a vacancy is filled, with a full pool.
    pub hire: f32,
    /// Chance that a laid-off person is recalled.
    pub recall: f32,
    /// Chance that a person is laid off when work is short.
    pub layoff: f32,
    /// Chance that a person reconsiders shortcuts.
    pub reconsider: f32,
    /// Step of skill by funded training.
    pub training: f32,
    /// Step of skill by doing.
    pub doing: f32,
    /// Step of skill fade.
    pub decay: f32,
    /// Step of fatigue towards a higher pressure.
    pub tiring: f32,
    /// Step of fatigue towards a lower pressure.
    pub resting: f32,
    /// Step of trust in the employer.
    pub trust: f32,
    /// Step of the smoothed pressure.
    pub pressure: f64,
    /// Step of the rolling means.
    pub window: f64,
    /// Step of the rolling mean of shock work (180 days).
    pub long_window: f64,
    /// Caught share of latent defects when inspection is fully funded.
    pub caught: f64,
    /// Whether a spare part on order comes.
    pub spares: maths::Trial,
    /// Whether an escaped error shows.
    pub surfacing: maths::Trial,
}

impl Rates {
    /// Rates of a tick of `dt` days.
    pub fn new(rules: &Parameters, dt: f64) -> Self {
        let staff = &rules.staff;
        let chance = |days: f64| (dt / days).min(1.0) as f32;
        let absent = staff.absence.0;
        let starts = if absent > 0.0 {
            dt / staff.absence_spell.0 * absent / (1.0 - absent)
        } else {
            0.0
        };
        Rates {
            duty: (staff.duty_hours.0 * 3600.0 * dt).round() as u32,
            absence_starts: starts.min(1.0) as f32,
            absence_ends: chance(staff.absence_spell.0),
            injury_ends: chance(rules.safety.spell.0),
            quit: (1.0 - maths::exp(-staff.quit_rate.0 * dt)) as f32,
            hire: chance(match staff.fill_rule {
                crate::modules::assignment::FillRule::FitFirst => staff.hiring_time.0,
                crate::modules::assignment::FillRule::HeadcountFirst => {
                    staff.hiring_time.0 * (1.0 - staff.headcount_discount.0).max(0.01)
                }
            }),
            recall: chance(staff.recall_time.0),
            layoff: chance(staff.layoff_time.0),
            reconsider: chance(rules.shortcuts.inertia.0),
            training: (dt / rules.training.train_time.0) as f32,
            doing: (dt / rules.training.doing_time.0) as f32,
            decay: (dt * rules.training.decay.0) as f32,
            tiring: chance(rules.trust.fatigue_time.0),
            resting: chance(rules.trust.recovery_time.0),
            trust: chance(rules.trust.worker_time.0),
            pressure: (dt / staff.pressure_memory.0).min(1.0),
            window: (dt / rules.phases.window.0).min(1.0),
            long_window: (dt / (rules.phases.window.0 * 90.0 / 14.0)).min(1.0),
            caught: crate::drift::wear::caught_by_inspection(
                rules.wear.delay.0,
                rules.maintenance.inspection_interval.0,
                rules.maintenance.detection.0,
            ),
            spares: maths::Trial::new((dt / rules.maintenance.spare_lead.0).min(1.0)),
            surfacing: maths::Trial::new((dt / rules.quality.surfacing.0).min(1.0)),
        }
    }
}

impl Today {
    /// Keys of a stream today.
    #[inline]
    pub fn draw(&self, stream: Stream) -> crate::keyed::Keyed {
        self.keys.at(stream, self.tick)
    }
}

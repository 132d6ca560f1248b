//! What a run is made of, complete and validated: city, scenario, policy.
//!
//! These are plain data. Reading, layering and checking files is the work of `prodos-config`; the
//! model takes a [`Run`] as it stands: what cannot be is refused at the door, not here.

use crate::parameters::{Parameters, ParametersPatch};
use indexmap::IndexMap;
use prodos_quantity::choices;
use serde::{Deserialize, Serialize};

/// Everything the model needs, beside seed and replicate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// What is.
    pub city: City,
    /// What the world does.
    pub scenario: Scenario,
    /// What we do.
    pub policy: Policy,
}

/// The city: sectors that feed each other, on a lattice, with all parameters filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct City {
    /// Name, for titles and folders.
    pub name: String,
    /// Calendar date of day 0, `YYYY-MM-DD`.
    pub start: String,
    /// Currency and its multiple, for example `GBP million`; base-year prices.
    pub currency: String,
    /// People that one operator stands for.
    pub scale: f64,
    /// Length of a tick in days: 1 or a divisor of 1.
    pub tick: f64,
    /// Days run before day 0 and not recorded.
    pub burn_in: u32,
    /// The grid and who is a neighbour of whom.
    pub lattice: Lattice,
    /// Role archetypes by name.
    pub roles: IndexMap<String, Role>,
    /// Sectors by code, in the order of their patches on the grid.
    pub sectors: IndexMap<String, Sector>,
    /// Organs of the city: which sectors feed each connector.
    pub organs: IndexMap<String, Vec<String>>,
    /// Necessities of daily life: which sectors supply each.
    pub necessities: IndexMap<String, Vec<String>>,
    /// All parameters.
    pub parameters: Parameters,
}

/// The 2-D grid of team cells.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lattice {
    /// Which cells around a team are its neighbours.
    pub neighbourhood: Neighbourhood,
    /// Whether teams of different sectors can be neighbours.
    pub across_sectors: bool,
    /// Mean number of neighbours on a random graph.
    pub degree: f64,
}

choices! {
    /// Which cells around a team are its neighbours; borders are open.
    pub enum Neighbourhood {
        /// No neighbours.
        None = "none",
        /// The four cells that share an edge.
        VonNeumann = "von_neumann",
        /// The eight cells that share an edge or a corner.
        Moore = "moore",
        /// Other teams by chance, `degree` of them on average: a random graph in place of the grid.
        Random = "random",
    }
}

/// A role archetype.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Error probability of a task of this role over that of the base task.
    pub error: f64,
    /// Training time of this role over that of the base role.
    pub training: f64,
}

/// One sector: an industry with its teams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sector {
    /// Name, for titles.
    pub name: String,
    /// Jobs, in people; 0 for a sector whose output is its demand.
    pub jobs: f64,
    /// Output a year.
    pub output: f64,
    /// Technical coefficients: input from each supplying sector per unit of output.
    pub inputs: IndexMap<String, f64>,
    /// Criticality of inputs: 1 stops work, 0.5 slows it, absent or 0 does neither.
    pub critical: IndexMap<String, f64>,
    /// Imported inputs a year.
    pub imported_inputs: f64,
    /// Taxes less subsidies on products used, a year.
    pub taxes: f64,
    /// Compensation of employees a year.
    pub wages: f64,
    /// Final demand of households, as a share of the other columns.
    pub households: f64,
    /// Final demand of government.
    pub government: f64,
    /// Final demand for investment.
    pub investment: f64,
    /// Exports.
    pub exports: f64,
    /// Input stocks at rest, in days of use.
    pub input_stock_days: f64,
    /// Smallest and largest team, in operators.
    pub team_size: (u32, u32),
    /// Share of posts by role name.
    pub roles: IndexMap<String, f64>,
    /// Parameters of this sector that differ from the city's.
    pub parameters: ParametersPatch,
}

impl Sector {
    /// Posts, at so many people an operator; 0 for a sector without jobs.
    pub fn posts(&self, scale: f64) -> usize {
        if self.jobs > 0.0 {
            (self.jobs / scale).round().max(1.0) as usize
        } else {
            0
        }
    }

    /// Teams, at so many people an operator.
    pub fn teams(&self, scale: f64) -> usize {
        let posts = self.posts(scale);
        let (low, high) = self.team_size;
        let mean = f64::midpoint(f64::from(low), f64::from(high)).max(1.0);
        ((posts as f64 / mean).round() as usize).clamp(posts.min(1), posts)
    }

    /// Posts that every team has, whatever sizes are drawn.
    pub fn least_team(&self, scale: f64) -> usize {
        let even = self.posts(scale) / self.teams(scale).max(1);
        even.min(self.team_size.0 as usize)
            .max(self.posts(scale).min(1))
    }
}

/// What the world does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// Name, for titles.
    pub name: String,
    /// What arrives from outside, in any order.
    pub shocks: Vec<Shock>,
    /// Level of each connector from a day on, by connector name; 1 where nothing is said.
    pub connectors: IndexMap<String, Vec<(f64, f64)>>,
}

/// What we do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Name, for titles.
    pub name: String,
    /// Dated changes of parameters, in any order; applied by day, then as listed.
    pub changes: Vec<Change>,
}

/// From a day on, other parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Day from which it holds.
    pub day: f64,
    /// Codes of the sectors it holds for; all when empty.
    pub sectors: Vec<String>,
    /// What differs from then on.
    pub parameters: ParametersPatch,
}

choices! {
    /// What a shock does while it lasts.
    pub enum ShockKind {
        /// Caps the hours granted to output at (1 - size) of those at rest; slack does not lift it.
        Supply = "supply",
        /// Keeps that share of the operators away.
        Staff = "staff",
        /// Breaks that share of the machines at once; each needs `hours` of repair.
        Damage = "damage",
        /// Changes final demand by that share (negative: less) for the `demand` parts named.
        Demand = "demand",
        /// Cuts that share of deliveries from `sectors` to `users`.
        Link = "link",
    }
}

choices! {
    /// How a shock ends.
    pub enum Recovery {
        /// By equal steps.
        Linear = "linear",
        /// Fast at first.
        Concave = "concave",
        /// Slow at first.
        Convex = "convex",
    }
}

choices! {
    /// When the occurrences of a shock come.
    pub enum Comes {
        /// The first on its day, each other so many days after the one before.
        Regularly = "regularly",
        /// By chance from its day on, so many days apart on average: a Poisson stream.
        ByChance = "by_chance",
    }
}

choices! {
    /// A part of final demand.
    pub enum DemandPart {
        /// Households and the non-profit institutions that serve them.
        Households = "households",
        /// Government.
        Government = "government",
        /// Investment, and the constant change of inventories.
        Investment = "investment",
        /// Exports.
        Exports = "exports",
    }
}

/// Something that arrives from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shock {
    /// Name, for events and plots.
    pub name: String,
    /// What it does.
    pub kind: ShockKind,
    /// Codes of the sectors it hits; all when empty.
    #[serde(default)]
    pub sectors: Vec<String>,
    /// Size, as the kind says, -1 to 1 (a share).
    pub size: f64,
    /// First day.
    pub day: f64,
    /// Days at full size; 0 for a blow (damage).
    #[serde(default)]
    pub days: f64,
    /// Days of recovery after that.
    #[serde(default)]
    pub recovery_days: f64,
    /// Shape of the recovery.
    #[serde(default = "linear")]
    pub recovery: Recovery,
    /// Share of each sector's patch that is hit, as a disc around its centre; 1 hits all.
    #[serde(default = "one")]
    pub footprint: f64,
    /// Repair hours each machine needs (damage only).
    #[serde(default)]
    pub hours: f64,
    /// Parts of final demand (demand only); all when empty.
    #[serde(default)]
    pub demand: Vec<DemandPart>,
    /// Codes of the users cut off (link only); all when empty.
    #[serde(default)]
    pub users: Vec<String>,
    /// One operator, as `sector/team/post` (staff only); else the share of all.
    #[serde(default)]
    pub operator: Option<String>,
    /// Days between repetitions, or their mean; 0 for once.
    #[serde(default)]
    pub every: f64,
    /// Whether they come regularly or by chance.
    #[serde(default = "regularly")]
    pub comes: Comes,
    /// How often it comes in all.
    #[serde(default = "once")]
    pub times: u32,
}

impl Shock {
    /// One that comes once and hits all it can, at `size` from `day` on for `days`, with the rest as
    /// a config that leaves it out has it; to be narrowed with struct update syntax.
    pub fn new(name: &str, kind: ShockKind, size: f64, day: f64, days: f64) -> Shock {
        Shock {
            name: name.into(),
            kind,
            sectors: Vec::new(),
            size,
            day,
            days,
            recovery_days: 0.0,
            recovery: linear(),
            footprint: one(),
            hours: 0.0,
            demand: Vec::new(),
            users: Vec::new(),
            operator: None,
            every: 0.0,
            comes: regularly(),
            times: once(),
        }
    }
}

fn linear() -> Recovery {
    Recovery::Linear
}

fn regularly() -> Comes {
    Comes::Regularly
}

fn one() -> f64 {
    1.0
}

fn once() -> u32 {
    1
}

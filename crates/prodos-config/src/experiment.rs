//! The experiment: what is run, when, which seeds, what is recorded.

use crate::design::{Block, plain};
use indexmap::IndexMap;
use prodos_model::spec::{City, Policy, Run, Scenario};
use prodos_quantity::choices;
use serde::{Deserialize, Serialize};

/// An experiment, complete and checked: every value filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Name, for titles and the result folder.
    pub name: String,
    /// The question it answers, in a sentence.
    pub question: String,
    /// The outcome that the question is about: a column of the summary.
    pub headline: String,
    /// What is.
    pub city: City,
    /// What the world does.
    pub scenario: Scenario,
    /// What we do.
    pub policy: Policy,
    /// Root seed of all draws.
    pub seed: u64,
    /// How often it is run, with other draws each time.
    pub replicates: u32,
    /// Number of the first of these, which decides its draws: one run of many can be had alone.
    #[serde(default, skip_serializing_if = "is_first")]
    pub first_replicate: u32,
    /// Days recorded, after the city's burn-in.
    pub days: u32,
    /// Day from which runs of a design part that differ in scenario and policy alone; before, they are one run of the
    /// experiment as it stands.
    #[serde(default, skip_serializing_if = "is_first")]
    pub branch_at: u32,
    /// How long replicates are added to a point; as many as `replicates` says unless given.
    #[serde(
        default,
        serialize_with = "plain",
        skip_serializing_if = "Option::is_none"
    )]
    pub until: Option<Until>,
    /// What ends a run before its last day; nothing unless given.
    #[serde(
        default,
        serialize_with = "plain",
        skip_serializing_if = "Option::is_none"
    )]
    pub stop: Option<Stop>,
    /// What is written down.
    pub record: Record,
    /// The points at which it is run, block by block; as it stands where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub design: Vec<Block>,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_first(number: &u32) -> bool {
    *number == 0
}

impl Experiment {
    /// Whether it is run more than once.
    pub fn is_design(&self) -> bool {
        !self.design.is_empty() || self.replicates > 1 || self.until.is_some()
    }

    /// What the model needs of it.
    pub fn run(&self) -> Run {
        Run {
            city: self.city.clone(),
            scenario: self.scenario.clone(),
            policy: self.policy.clone(),
        }
    }
}

/// How long replicates are added to the points of a world: until the outcomes are known so well, or there are so many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Until {
    /// Half-width that the 95 % confidence interval of the mean of an outcome is to have at most.
    pub half_width: IndexMap<String, f64>,
    /// Replicates at most.
    pub most: u32,
}

/// What ends a run: a probe of the city that is on one side of a value for so many days on end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// The probe.
    pub probe: String,
    /// It ends the run when it is below this.
    #[serde(
        default,
        serialize_with = "plain",
        skip_serializing_if = "Option::is_none"
    )]
    pub below: Option<f64>,
    /// It ends the run when it is above this.
    #[serde(
        default,
        serialize_with = "plain",
        skip_serializing_if = "Option::is_none"
    )]
    pub above: Option<f64>,
    /// For so many days on end.
    #[serde(default = "one")]
    pub days: u32,
}

/// What is written down, in days between rows; 0 for never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Days between rows of the city.
    pub city_every: u32,
    /// Days between rows of the sectors.
    pub sectors_every: u32,
    /// Days between rows of the teams.
    pub teams_every: u32,
    /// Number of operators in the recorded sample.
    pub operators: u32,
    /// Days between rows of these operators.
    pub operators_every: u32,
    /// Whether events are recorded.
    pub events: bool,
}

choices! {
    /// Which rows are written down where nothing else is said.
    pub enum Rows {
        /// The city every 28 days, and nothing else.
        Summary = "summary",
        /// City and sectors every day, teams every 28 days, a hundred operators every day, and events.
        Series = "series",
    }
}

impl From<Rows> for Record {
    fn from(rows: Rows) -> Record {
        match rows {
            Rows::Summary => Record {
                city_every: 28,
                sectors_every: 0,
                teams_every: 0,
                operators: 0,
                operators_every: 0,
                events: false,
            },
            Rows::Series => Record {
                city_every: 1,
                sectors_every: 1,
                teams_every: 28,
                operators: 100,
                operators_every: 1,
                events: true,
            },
        }
    }
}

//! The experiment: what is run, when, which seeds, what is recorded.

use prodos_model::spec::{City, Policy, Run, Scenario};
use serde::{Deserialize, Serialize};

/// An experiment, complete and checked: every value filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Name, for titles and the result folder.
    pub name: String,
    /// The question it answers, in a sentence.
    pub question: String,
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
    /// Days recorded, after the city's burn-in.
    pub days: u32,
    /// What is written down.
    pub record: Record,
}

impl Experiment {
    /// What the model needs of it.
    pub fn run(&self) -> Run {
        Run {
            city: self.city.clone(),
            scenario: self.scenario.clone(),
            policy: self.policy.clone(),
        }
    }
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
}

impl Default for Record {
    fn default() -> Self {
        Record {
            city_every: 1,
            sectors_every: 1,
            teams_every: 28,
            operators: 100,
            operators_every: 1,
        }
    }
}

//! What may stand in a file: every field may be left out.
//!
//! A field left out has the value of the layer below; at the bottom stand the defaults that
//! [`crate::fill`] names.

use crate::design::{Law, Points, Setting};
use crate::experiment::{Rows, Stop, Until};
use indexmap::IndexMap;
use prodos_model::parameters::ParametersPatch;
use prodos_model::spec::{Change, Neighbourhood, Role, Shock};
use serde::Deserialize;

/// Parameters of single sectors, by sector code.
pub(crate) type BySector = IndexMap<String, ParametersPatch>;

/// An experiment file, with the files it names put in their places.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ExperimentFile {
    pub(crate) name: Option<String>,
    pub(crate) question: Option<String>,
    pub(crate) headline: Option<String>,
    pub(crate) city: Option<CityFile>,
    pub(crate) scenario: ScenarioFile,
    pub(crate) policy: PolicyFile,
    pub(crate) seed: Option<u64>,
    pub(crate) replicates: Option<u32>,
    pub(crate) first_replicate: Option<u32>,
    pub(crate) days: Option<u32>,
    pub(crate) branch_at: Option<u32>,
    pub(crate) until: Option<Until>,
    pub(crate) stop: Option<Stop>,
    pub(crate) record: RecordFile,
    pub(crate) design: Vec<BlockFile>,
    pub(crate) parameters: ParametersPatch,
    pub(crate) sectors: BySector,
}

/// A block of the design of an experiment file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BlockFile {
    pub(crate) name: Option<String>,
    pub(crate) vary: IndexMap<String, VariableFile>,
    pub(crate) points: Option<Points>,
    pub(crate) count: Option<u32>,
    pub(crate) levels: Option<u32>,
    pub(crate) list: Vec<IndexMap<String, Setting>>,
    pub(crate) such_that: Vec<String>,
    pub(crate) scenarios: IndexMap<String, ScenarioFile>,
    pub(crate) policies: IndexMap<String, PolicyFile>,
}

/// What a varied path can be, in an experiment file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct VariableFile {
    pub(crate) values: Option<Vec<Setting>>,
    pub(crate) from: Option<f64>,
    pub(crate) to: Option<f64>,
    pub(crate) law: Option<Law>,
    pub(crate) middle: Option<f64>,
    pub(crate) deviation: Option<f64>,
    pub(crate) step: Option<f64>,
}

/// A city file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CityFile {
    pub(crate) name: Option<String>,
    pub(crate) start: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) scale: Option<f64>,
    pub(crate) tick: Option<f64>,
    pub(crate) burn_in: Option<u32>,
    pub(crate) lattice: LatticeFile,
    pub(crate) roles: IndexMap<String, Role>,
    pub(crate) sectors: IndexMap<String, SectorFile>,
    pub(crate) organs: IndexMap<String, Vec<String>>,
    pub(crate) necessities: IndexMap<String, Vec<String>>,
    pub(crate) parameters: ParametersPatch,
}

/// The lattice of a city file.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LatticeFile {
    pub(crate) neighbourhood: Option<Neighbourhood>,
    pub(crate) across_sectors: Option<bool>,
    pub(crate) degree: Option<f64>,
}

/// A sector of a city file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SectorFile {
    pub(crate) name: Option<String>,
    pub(crate) jobs: Option<f64>,
    pub(crate) output: Option<f64>,
    pub(crate) inputs: IndexMap<String, f64>,
    pub(crate) critical: IndexMap<String, f64>,
    pub(crate) imported_inputs: Option<f64>,
    pub(crate) taxes: Option<f64>,
    pub(crate) wages: Option<f64>,
    pub(crate) households: Option<f64>,
    pub(crate) government: Option<f64>,
    pub(crate) investment: Option<f64>,
    pub(crate) exports: Option<f64>,
    pub(crate) input_stock_days: Option<f64>,
    pub(crate) team_size: Option<(u32, u32)>,
    pub(crate) roles: IndexMap<String, f64>,
    pub(crate) parameters: ParametersPatch,
}

/// A scenario file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScenarioFile {
    pub(crate) name: Option<String>,
    pub(crate) shocks: Vec<Shock>,
    pub(crate) connectors: IndexMap<String, Vec<(f64, f64)>>,
    pub(crate) parameters: ParametersPatch,
    pub(crate) sectors: BySector,
}

/// A policy file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicyFile {
    pub(crate) name: Option<String>,
    pub(crate) changes: Vec<Change>,
    pub(crate) parameters: ParametersPatch,
    pub(crate) sectors: BySector,
}

/// What to record, in an experiment file.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RecordFile {
    pub(crate) rows: Option<Rows>,
    pub(crate) city_every: Option<u32>,
    pub(crate) sectors_every: Option<u32>,
    pub(crate) teams_every: Option<u32>,
    pub(crate) operators: Option<u32>,
    pub(crate) operators_every: Option<u32>,
    pub(crate) events: Option<bool>,
}

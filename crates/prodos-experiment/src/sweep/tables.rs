//! The tables of a sweep: one row a run, with the values of its point, and what was recorded of it.

use crate::design::{Plan, Point};
use crate::keys::{
    self, DYNAMICS, ERROR, POINT_ID, PRECISION, READING, REPLICATE, RUN_ID, SEED, STATUS, STOPPED,
};
use crate::outcomes::{Outcomes, necessity_columns};
use crate::run::Ran;
use crate::sweep::Row;
use prodos_config::Experiment;
use prodos_config::design::{Block, Setting};
use prodos_model::keyed::Keys;
use prodos_model::parameters::Parameters;
use prodos_record::{Cell, Column, Table};

/// The summary of some runs of an experiment.
pub(crate) struct Summary<'a> {
    experiment: &'a Experiment,
    varied: Vec<Varied>,
    numbers: usize,
    /// A row a run.
    pub(crate) table: Table,
}

/// What is said of a run beside its numbers.
struct Said<'a> {
    hashes: [&'a str; 2],
    error: &'a str,
    stopped: Option<f64>,
    precision: &'a str,
}

/// A column for what differs between points.
enum Varied {
    Block,
    Scenario,
    Policy,
    Number(String),
    Word(String),
}

impl<'a> Summary<'a> {
    /// An empty one.
    pub(crate) fn new(experiment: &'a Experiment) -> Self {
        let varied = varied(&experiment.design);
        let mut columns = keys::columns(&[RUN_ID, POINT_ID, REPLICATE, SEED]);
        columns.extend(varied.iter().map(column));
        columns.extend(keys::columns(&[DYNAMICS, READING, STATUS, ERROR]));
        if experiment.stop.is_some() {
            columns.extend(keys::columns(&[STOPPED]));
        }
        if experiment.until.is_some() {
            columns.extend(keys::columns(&[PRECISION]));
        }
        let currency = &experiment.city.currency;
        let of_probe = |probe| Column::from_probe(probe, currency);
        let mut numbers: Vec<Column> = Outcomes::PROBES.iter().map(of_probe).collect();
        numbers.extend(necessity_columns(experiment));
        let count = numbers.len();
        columns.extend(numbers);
        Summary {
            experiment,
            varied,
            numbers: count,
            table: Table::new(columns),
        }
    }

    /// Adds a run: one whose ledgers did not close has no outcomes. `precision` is what is said of its point.
    pub(crate) fn add(&mut self, row: Row, plan: &Plan, ran: &Ran, precision: &str) {
        let error = ran.breach.as_ref().map(ToString::to_string);
        let error = error.as_deref().unwrap_or("");
        let numbers = ran.values();
        let numbers: Vec<f64> = numbers
            .map(|number| if error.is_empty() { number } else { f64::NAN })
            .collect();
        let hashes = [ran.hashes.dynamics.as_str(), ran.hashes.reading.as_str()];
        let told = Said {
            hashes,
            error,
            stopped: ran.stopped,
            precision,
        };
        self.push(row, plan, &told, &numbers);
    }

    /// Adds a run that came to nothing.
    pub(crate) fn fail(&mut self, row: Row, plan: &Plan, error: &str, precision: &str) {
        let numbers = vec![f64::NAN; self.numbers];
        let told = Said {
            hashes: ["", ""],
            error,
            stopped: None,
            precision,
        };
        self.push(row, plan, &told, &numbers);
    }

    fn push(&mut self, row: Row, plan: &Plan, said: &Said, numbers: &[f64]) {
        let keys = Keys::new(self.experiment.seed, row.replicate);
        let mut cells = vec![
            Cell::Integer(row.run_id()),
            Cell::Integer((row.point as u64).cast_signed()),
            Cell::Integer(row.replicate.into()),
            Cell::Integer(keys.seed().cast_signed()),
        ];
        let point = &plan.points[row.point];
        let block = self.experiment.design.get(point.block);
        let words: Vec<String> = self
            .varied
            .iter()
            .map(|own| word(own, block, point))
            .collect();
        for (varied, word) in self.varied.iter().zip(&words) {
            cells.push(match varied {
                Varied::Number(path) => Cell::Float(number(path, block, point)),
                _ => Cell::Text(word),
            });
        }
        cells.extend(said.hashes.map(Cell::Text));
        let status = if said.error.is_empty() {
            "ok"
        } else {
            "failed"
        };
        cells.push(Cell::Text(status));
        cells.push(Cell::Text(said.error));
        if self.experiment.stop.is_some() {
            cells.push(Cell::Float(said.stopped.unwrap_or(f64::NAN)));
        }
        if self.experiment.until.is_some() {
            cells.push(Cell::Text(said.precision));
        }
        self.table.push_row(&cells, numbers.iter().copied());
    }
}

/// What differs between the points of a design.
fn varied(design: &[Block]) -> Vec<Varied> {
    let mut varied = Vec::new();
    if design.len() > 1 {
        varied.push(Varied::Block);
    }
    if design.iter().any(|block| !block.scenarios.is_empty()) {
        varied.push(Varied::Scenario);
    }
    if design.iter().any(|block| !block.policies.is_empty()) {
        varied.push(Varied::Policy);
    }
    let mut paths: Vec<&str> = Vec::new();
    for path in design.iter().flat_map(Block::paths) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    for path in paths {
        let mut having = design
            .iter()
            .filter(|block| block.paths().any(|own| own == path));
        varied.push(if having.all(|block| block.is_number(path)) {
            Varied::Number(path.to_owned())
        } else {
            Varied::Word(path.to_owned())
        });
    }
    varied
}

/// Columns of the summary for what differs between points.
pub(crate) fn varied_names(experiment: &Experiment) -> Vec<String> {
    let varied = varied(&experiment.design);
    varied.iter().map(|own| column(own).name).collect()
}

fn column(varied: &Varied) -> Column {
    match varied {
        Varied::Block => Column::text("block", "Block of the design that the point is of."),
        Varied::Scenario => Column::text(
            "scenario",
            "Scenario of the point; empty where it is that of the experiment.",
        ),
        Varied::Policy => Column::text(
            "policy",
            "Policy of the point; empty where it is that of the experiment.",
        ),
        Varied::Number(path) => {
            let table = Parameters::table();
            let plain = path.strip_prefix("policy.parameters.").unwrap_or(path);
            let known = table.iter().find(|own| own.path() == plain);
            let (unit, doc) = known.map_or(("as in the file", ""), |own| (own.unit, own.doc));
            let doc =
                format!("Varied; null where the point leaves it as the experiment has it. {doc}");
            Column::float(path, unit, doc.trim())
        }
        Varied::Word(path) => Column::text(
            path,
            "Varied; empty where the point leaves it as the experiment has it.",
        ),
    }
}

fn setting<'a>(path: &str, block: Option<&Block>, point: &'a Point) -> Option<&'a Setting> {
    let place = block?.paths().position(|own| own == path)?;
    point.values.get(place)
}

fn number(path: &str, block: Option<&Block>, point: &Point) -> f64 {
    let value = setting(path, block, point).and_then(Setting::number);
    value.unwrap_or(f64::NAN)
}

fn word(varied: &Varied, block: Option<&Block>, point: &Point) -> String {
    let key = |name: Option<&String>| name.cloned().unwrap_or_default();
    let named = |index: Option<usize>| index.unwrap_or(usize::MAX);
    match varied {
        Varied::Block => key(block.map(|block| &block.name)),
        Varied::Scenario => {
            key(block.and_then(|own| Some(own.scenarios.get_index(named(point.scenario))?.0)))
        }
        Varied::Policy => {
            key(block.and_then(|own| Some(own.policies.get_index(named(point.policy))?.0)))
        }
        Varied::Number(_) => String::new(),
        Varied::Word(path) => match setting(path, block, point) {
            Some(Setting::Word(word)) => word.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        },
    }
}

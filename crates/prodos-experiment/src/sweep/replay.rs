//! One row of a finished sweep as an experiment of its own.

use crate::design::{Point, at_point, parted, plan, variant};
use crate::sweep::{EXPERIMENT, Error, Row, read};
use prodos_config::{Diagnostics, Experiment, Rows};
use prodos_record::{Data, Folder, Table};

/// A run that can be had again.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The experiment of its point, with its replicate alone, recorded in full.
    pub experiment: Experiment,
    /// Its number in the sweep.
    pub run_id: i64,
    summary: Table,
    row: usize,
}

/// The run of a number, or else of a place in the table from 0 on, of a finished sweep.
pub fn replay(folder: &Folder, number: i64) -> Result<Replay, Error> {
    folder.verify()?;
    let summary = folder.table("summary.parquet")?;
    let runs = summary.integers("run_id")?;
    let by_number = runs.iter().position(|run| *run == number);
    let by_place = || {
        usize::try_from(number)
            .ok()
            .filter(|place| *place < runs.len())
    };
    let Some(row) = by_number.or_else(by_place) else {
        return Err(Error::NoRow {
            path: folder.path().to_owned(),
            number,
            rows: runs.len(),
            last: runs.last().copied().unwrap_or(0),
        });
    };
    let run_id = runs[row];
    let whole = read(&folder.path().join(EXPERIMENT))?;
    let own = Row::of(run_id);
    let plan = plan(&whole);
    let mut experiment =
        alone(&whole, &plan.points[own.point]).map_err(|problems| Error::Experiment {
            path: folder.path().join(EXPERIMENT),
            problems,
        })?;
    experiment.name = format!("{}-run-{run_id}", whole.name);
    experiment.replicates = 1;
    experiment.first_replicate = own.replicate;
    experiment.record = Rows::Series.into();
    Ok(Replay {
        experiment,
        run_id,
        summary,
        row,
    })
}

/// The experiment of one point. Where runs part on a later day, it stays a design: of this scenario and policy alone.
fn alone(whole: &Experiment, point: &Point) -> Result<Experiment, Diagnostics> {
    if whole.branch_at == 0 {
        let own = at_point(whole, point)?;
        return Ok(Experiment { until: None, ..own });
    }
    let before = Point {
        scenario: None,
        policy: None,
        ..point.clone()
    };
    let after = variant(whole, point);
    let before = at_point(whole, &before)?;
    let after = Experiment {
        scenario: after.scenario,
        policy: after.policy,
        ..before.clone()
    };
    Ok(parted(&before, &after, whole.branch_at))
}

impl Replay {
    /// Columns of the summary that came out other than they stand in the table, bit for bit; those that name the run
    /// aside.
    pub fn differs(&self, again: &Table) -> Vec<String> {
        let same = |name: &str| {
            if ["block", "scenario", "policy"].contains(&name) {
                return true;
            }
            let (Some(own), Some(other)) = (self.summary.column(name), again.column(name)) else {
                return true;
            };
            match (&own.data, &other.data) {
                (Data::Float(own), Data::Float(other)) => {
                    own[self.row].to_bits() == other[0].to_bits()
                }
                (Data::Text(own), Data::Text(other)) => own.get(self.row) == other.get(0),
                _ => true,
            }
        };
        let names = self
            .summary
            .columns()
            .iter()
            .map(|column| column.name.clone());
        names.filter(|name| !same(name)).collect()
    }
}

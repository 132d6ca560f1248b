//! How far a sweep is.

use crate::sweep::place::{ALL, Workplace, settle};
use crate::sweep::work::{SUMMARY, stretches};
use crate::sweep::{Chunk, Error, Sweep};
use prodos_record::{Folder, Stretch, Table};
use std::collections::BTreeMap;
use std::path::Path;

/// What state a sweep is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Somebody works on it.
    Running,
    /// Nobody works on it, and it is not finished.
    Interrupted,
    /// All runs are in its tables.
    Finished,
}

/// How far a sweep is.
#[derive(Clone, Debug)]
pub struct Status {
    /// What state it is in.
    pub state: State,
    /// Points of its design.
    pub points: usize,
    /// Runs there will be in the tables.
    pub runs: usize,
    /// Runs that are on the disk.
    pub done: usize,
    /// The first runs that are not.
    pub missing: Vec<i64>,
    /// Runs that failed, and why.
    pub failures: BTreeMap<i64, String>,
    /// Runs that took too long.
    pub timed_out: BTreeMap<i64, String>,
    /// Every working stretch.
    pub stretches: Vec<Stretch>,
}

/// Runs that are named of those that are not there.
const NAMED: usize = 5;

/// How far the sweep of a folder is.
pub fn status(folder: &Path) -> Result<Status, Error> {
    match settle(folder) {
        Err(Error::Busy { .. }) => {
            // Tables are being put into their places.
            let place = Workplace::of(folder);
            let next = place.note()?.map(|note| Folder::open(&place.next(&note)));
            let ready = match next {
                Some(Ok(ready)) => ready,
                _ => Folder::open(folder)?,
            };
            return Ok(finished(&ready, State::Running));
        }
        settled => settled?,
    }
    let sweep = match Sweep::look(folder) {
        Err(Error::Finished { .. }) => {
            let folder = Folder::open(folder)?;
            folder.verify()?;
            return Ok(finished(&folder, State::Finished));
        }
        sweep => sweep?,
    };
    let chunks = sweep.chunks();
    let there = chunks.names()?;
    let (mut to_do, mut missing) = (0, Vec::new());
    let mut timed_out = sweep.kept(|manifest| &manifest.timed_out);
    let mut failures = sweep.kept(|manifest| &manifest.failures);
    let mut done = timed_out.len();
    if let Some(base) = &sweep.base {
        let table = base.columns(SUMMARY, |name| name == "run_id")?;
        let runs = table.integers("run_id")?.iter();
        done += runs.filter(|run| !sweep.does_again(**run)).count();
    }
    for Chunk { name, rows, .. } in sweep.layout() {
        if !there.contains(&name) {
            let room = NAMED.saturating_sub(missing.len());
            missing.extend(rows.iter().take(room).map(|row| row.run_id()));
            to_do += rows.len();
            continue;
        }
        let left_out = chunks.verify(&name)?.left_out;
        let summary = Table::read_parquet(&chunks.file(&name, SUMMARY))?;
        done += summary.rows() + left_out.len();
        timed_out.extend(left_out);
        let (runs, errors) = (summary.integers("run_id")?, summary.words("error")?);
        let failed = runs
            .iter()
            .zip(errors.iter())
            .filter(|(_, error)| !error.is_empty());
        failures.extend(failed.map(|(run, error)| (*run, error.to_owned())));
    }
    let state = match sweep.place().lock(ALL, false) {
        Err(Error::Busy { .. }) => State::Running,
        _ => State::Interrupted,
    };
    Ok(Status {
        state,
        points: sweep.plan().points.len(),
        runs: done + to_do,
        done,
        missing,
        failures,
        timed_out,
        stretches: stretches(&sweep),
    })
}

/// That of a folder with all its tables.
fn finished(folder: &Folder, state: State) -> Status {
    let manifest = folder.manifest();
    let runs = manifest.runs as usize + manifest.timed_out.len();
    Status {
        state,
        points: manifest.points as usize,
        runs,
        done: runs,
        missing: Vec::new(),
        failures: manifest.failures.clone(),
        timed_out: manifest.timed_out.clone(),
        stretches: manifest.stretches.clone(),
    }
}

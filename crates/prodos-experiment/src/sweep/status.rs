//! How far a sweep is.

use crate::sweep::work::{ALL, Lock, stretches};
use crate::sweep::{Chunk, Error, Sweep};
use prodos_record::{Folder, Stretch};
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
    pub failures: Vec<String>,
    /// Runs that took too long.
    pub timed_out: Vec<String>,
    /// Every working stretch.
    pub stretches: Vec<Stretch>,
}

/// Runs that are named of those that are not there.
const NAMED: usize = 5;

/// How far the sweep of a folder is.
pub fn status(folder: &Path) -> Result<Status, Error> {
    let sweep = match Sweep::look(folder) {
        Err(Error::Finished { .. }) => return finished(&Folder::open(folder)?),
        sweep => sweep?,
    };
    let chunks = sweep.chunks();
    let there = chunks.names()?;
    let mut to_do = 0;
    let (mut done, mut missing, mut timed_out, mut failures) =
        (0, Vec::new(), Vec::new(), Vec::new());
    if let Some((base, _)) = &sweep.base {
        done += base.manifest().runs as usize;
        failures.clone_from(&base.manifest().failures);
    }
    for Chunk { name, rows, .. } in sweep.layout() {
        if !there.contains(&name) {
            let room = NAMED.saturating_sub(missing.len());
            missing.extend(rows.iter().take(room).map(|row| row.run_id()));
            to_do += rows.len();
            continue;
        }
        let left_out = chunks.verify(&name)?.left_out;
        let late = left_out.iter();
        timed_out.extend(late.map(|(run, why)| format!("run {run}: {why}")));
        let summary =
            prodos_record::Table::read_parquet(&chunks.file(&name, super::work::SUMMARY))?;
        done += summary.rows() + left_out.len();
        let (runs, errors) = (summary.integers("run_id")?, summary.words("error")?);
        let failed = runs
            .iter()
            .zip(errors.iter())
            .filter(|(_, error)| !error.is_empty());
        failures.extend(failed.map(|(run, error)| format!("run {run}: {error}")));
    }
    let state = match Lock::hold(&sweep, ALL, false) {
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

fn finished(folder: &Folder) -> Result<Status, Error> {
    folder.verify()?;
    let manifest = folder.manifest();
    Ok(Status {
        state: State::Finished,
        points: manifest.points as usize,
        runs: manifest.runs as usize + manifest.timed_out.len(),
        done: manifest.runs as usize,
        missing: Vec::new(),
        failures: manifest.failures.clone(),
        timed_out: manifest.timed_out.clone(),
        stretches: manifest.stretches.clone(),
    })
}

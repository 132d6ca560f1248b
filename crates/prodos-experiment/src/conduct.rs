//! Conducting an experiment: all its replicates, into one result folder.

use crate::outcomes::{Outcomes, necessity_columns};
use crate::recorder::Recorder;
use crate::run::{Progress, Ran, run};
use prodos_config::{Experiment, hash8, to_ron};
use prodos_model::build::Options;
use prodos_model::ledger::Breach;
use prodos_record::{Cell, Column, Draft, Folder, Manifest, ParquetWriter, Sector, Table};
use rayon::prelude::*;
use std::path::Path;

/// Rows a table may hold in memory before they go to disk.
const BATCH: usize = 40_000;

/// What cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A table or folder could not be written.
    #[error(transparent)]
    Record(#[from] prodos_record::Error),
    /// A run failed.
    #[error("run {replicate} failed: {breach}")]
    Run {
        /// Which replicate.
        replicate: u32,
        /// The ledger that did not close.
        breach: Breach,
    },
}

/// What surrounds an experiment and does not change its results.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// Check every team's ledgers.
    pub audit: bool,
    /// What the manifest says of program, host, command and time.
    pub manifest: Manifest,
}

/// A conducted experiment, in a folder that is not yet in its place.
pub struct Conducted {
    /// The folder in the making; [`Draft::publish`] moves it to its place.
    pub draft: Draft,
    /// The folder as it can be read now.
    pub folder: Folder,
    /// Outcomes of each run.
    pub outcomes: Vec<Outcomes>,
    /// Posts of the city.
    pub posts: usize,
}

/// Name of the result folder: experiment name and the hash of what decides the results.
pub fn folder_name(experiment: &Experiment) -> String {
    let name: String = experiment
        .name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '-'
            }
        })
        .collect();
    format!("{}-{}", name.trim_start_matches('.'), hash8(experiment))
}

/// Runs every replicate and writes the folder, without drawing anything.
///
/// `finish` may fill in what is only known afterwards (times, memory) before the folder is sealed.
pub fn conduct(
    experiment: &Experiment,
    outputs: &Path,
    conditions: Conditions,
    tell: &(impl Fn(Progress) + Sync),
    finish: impl FnOnce(&mut Manifest, usize),
) -> Result<Conducted, Error> {
    let draft = Draft::create(outputs, &folder_name(experiment))?;
    let complete = to_ron(experiment);
    prodos_record::write_whole(&draft.file("experiment.ron")?, |file| {
        std::io::Write::write_all(file, complete.as_bytes())
    })?;
    let options = Options {
        audit: conditions.audit,
        ..Options::default()
    };
    let ran = if experiment.replicates == 1 {
        vec![alone(experiment, &draft, options, tell)?]
    } else {
        together(experiment, &draft, options, tell)?
    };
    let summary = summary(experiment, &ran);
    summary.write_parquet(&draft.file("summary.parquet")?)?;
    summary.write_csv(&draft.file("summary.csv")?)?;
    let posts = ran[0].posts;
    let mut manifest = describe(experiment, conditions.manifest, &ran);
    finish(&mut manifest, posts);
    let folder = draft.seal(manifest)?;
    let outcomes = ran.iter().map(|ran| ran.outcomes).collect();
    Ok(Conducted {
        draft,
        folder,
        outcomes,
        posts,
    })
}

/// One run, recorded in full; tables go to disk as they grow.
fn alone(
    experiment: &Experiment,
    draft: &Draft,
    options: Options,
    tell: &(impl Fn(Progress) + Sync),
) -> Result<Ran, Error> {
    let mut files: Option<Files> = None;
    let flush = |recorder: &mut Recorder| -> Result<(), Error> {
        let files = match &mut files {
            Some(files) => files,
            none => none.insert(Files::create(draft, recorder)?),
        };
        files.take(recorder, BATCH)
    };
    let mut ran = run(experiment, 0, options, flush, tell)?.map_err(|breach| Error::Run {
        replicate: 0,
        breach,
    })?;
    let mut files = match files {
        Some(files) => files,
        None => Files::create(draft, &ran.recorder)?,
    };
    files.take(&mut ran.recorder, 1)?;
    files.finish()?;
    Ok(ran)
}

/// Several replicates in parallel, recorded sparsely; tables are put together in order.
fn together(
    experiment: &Experiment,
    draft: &Draft,
    options: Options,
    tell: &(impl Fn(Progress) + Sync),
) -> Result<Vec<Ran>, Error> {
    let ran: Vec<Ran> = (0..experiment.replicates)
        .into_par_iter()
        .map(|replicate| {
            run(experiment, replicate, options, |_| Ok(()), tell)
                .and_then(|ran| ran.map_err(|breach| Error::Run { replicate, breach }))
        })
        .collect::<Result<_, Error>>()?;
    let mut ran = ran;
    let mut files = Files::create(draft, &ran[0].recorder)?;
    for one in &mut ran {
        files.take(&mut one.recorder, 1)?;
    }
    files.finish()?;
    Ok(ran)
}

/// The Parquet files of a folder, open.
struct Files([ParquetWriter; 5]);

impl Files {
    fn create(draft: &Draft, like: &Recorder) -> Result<Self, Error> {
        let open = |name: &str, table: &Table| ParquetWriter::create(&draft.file(name)?, table);
        Ok(Files([
            open("series/city.parquet", &like.city)?,
            open("series/sectors.parquet", &like.sectors)?,
            open("series/teams.parquet", &like.teams)?,
            open("series/operators.parquet", &like.operators)?,
            open("events.parquet", &like.events)?,
        ]))
    }

    /// Moves every table with at least `rows` rows to its file.
    fn take(&mut self, from: &mut Recorder, rows: usize) -> Result<(), Error> {
        let tables = [
            &mut from.city,
            &mut from.sectors,
            &mut from.teams,
            &mut from.operators,
            &mut from.events,
        ];
        for (file, table) in self.0.iter_mut().zip(tables) {
            if table.rows() >= rows {
                file.append(table)?;
                table.clear();
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Error> {
        for file in self.0 {
            file.finish()?;
        }
        Ok(())
    }
}

/// One row a run.
fn summary(experiment: &Experiment, ran: &[Ran]) -> Table {
    let mut columns = vec![
        Column::integer("run_id", "", "Number of the run."),
        Column::integer("point_id", "", "Number of the design point."),
        Column::integer("replicate", "", "Which repetition with other draws."),
        Column::integer("seed", "", "Root seed of all draws."),
        Column::text(
            "dynamics_final",
            "Hash of the last state, without gauge and phases.",
        ),
        Column::text("reading_final", "Hash of gauge and phases of the last day."),
        Column::text("status", "ok, or failed."),
        Column::text("error", "Why the run failed."),
    ];
    columns.extend(Outcomes::PROBES.iter().map(Column::from_probe));
    columns.extend(necessity_columns(experiment));
    let mut table = Table::new(columns);
    for (run_id, one) in (0..).zip(ran) {
        let id = Cell::Integer(run_id);
        table.push_row(
            &[
                id,
                Cell::Integer(0),
                id,
                Cell::Integer(experiment.seed.cast_signed()),
                Cell::Text(&one.hashes.dynamics),
                Cell::Text(&one.hashes.reading),
                Cell::Text("ok"),
                Cell::Text(""),
            ],
            one.outcomes.values().chain(one.shortage.iter().copied()),
        );
    }
    table
}

fn describe(experiment: &Experiment, manifest: Manifest, ran: &[Ran]) -> Manifest {
    let city = &experiment.city;
    Manifest {
        experiment: experiment.name.clone(),
        question: experiment.question.clone(),
        configuration_hash: hash8(experiment),
        seeds: vec![experiment.seed],
        runs: ran.len() as u64,
        city: city.name.clone(),
        sectors: city
            .sectors
            .iter()
            .map(|(code, sector)| Sector {
                code: code.clone(),
                name: sector.name.clone(),
            })
            .collect(),
        currency: city.currency.clone(),
        start_date: city.start.clone(),
        days: experiment.days.into(),
        operators: ran[0].posts as u64,
        ..manifest
    }
}

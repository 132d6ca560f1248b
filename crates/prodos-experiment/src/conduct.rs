//! Conducting an experiment: all its replicates, into one result folder.

use crate::keys::{self, DYNAMICS, ERROR, POINT_ID, READING, REPLICATE, RUN_ID, SEED, STATUS};
use crate::outcomes::{Outcomes, necessity_columns};
use crate::recorder::{Recorder, Size, expected};
use crate::run::{Progress, Ran, run};
use prodos_config::{Experiment, hash8, to_ron};
use prodos_model::build::Options;
use prodos_record::{
    Cell, Column, Draft, Error, Folder, Manifest, ParquetWriter, ROWS_A_GROUP, Sector, Table,
};
use rayon::prelude::*;
use std::path::Path;

/// Rows a table may hold in memory before they go to disk.
const BATCH: usize = 8_192;

/// Bytes of recorded rows that are in memory at once: a single run writes them as they grow, replicates
/// are written together at the end. The city's rows are counted whole, since figures read all of them.
pub fn bytes_held(experiment: &Experiment) -> f64 {
    let sizes = expected(experiment);
    let all = |size: Size| size.bytes(size.rows * f64::from(experiment.replicates));
    let flushed = |size: Size| match experiment.replicates {
        1 => size.bytes(size.rows.min((BATCH + ROWS_A_GROUP) as f64)),
        _ => all(size),
    };
    all(sizes.city) + flushed(sizes.sectors) + flushed(sizes.teams) + flushed(sizes.operators)
}

/// Rows of teams that an experiment will write.
pub fn team_rows(experiment: &Experiment) -> f64 {
    expected(experiment).teams.rows
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
/// A run whose ledgers do not close ends on that day and keeps its row, marked as failed; the others go
/// on. Fails when a table or the folder cannot be written.
/// `finish` may fill in what is only known afterwards (times, memory) before the folder is sealed.
pub fn conduct(
    experiment: &Experiment,
    outputs: &Path,
    conditions: Conditions,
    tell: &(impl Fn(Progress) + Sync),
    finish: impl FnOnce(&mut Manifest, usize),
) -> Result<Conducted, prodos_record::Error> {
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
    Ok(Conducted {
        draft,
        folder,
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
    let mut ran = run(experiment, 0, options, flush, tell)?;
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
    let mut ran: Vec<Ran> = (0..experiment.replicates)
        .into_par_iter()
        .map(|replicate| run(experiment, replicate, options, |_| Ok(()), tell))
        .collect::<Result<_, Error>>()?;
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
    let mut columns = keys::columns(&[
        RUN_ID, POINT_ID, REPLICATE, SEED, DYNAMICS, READING, STATUS, ERROR,
    ]);
    let currency = &experiment.city.currency;
    let of_probe = |probe| Column::from_probe(probe, currency);
    columns.extend(Outcomes::PROBES.iter().map(of_probe));
    columns.extend(necessity_columns(experiment));
    let mut table = Table::new(columns);
    for (run_id, one) in (0..).zip(ran) {
        let id = Cell::Integer(run_id);
        let error = one.breach.as_ref().map(ToString::to_string);
        let failed = error.is_some();
        let numbers = one.outcomes.values().chain(one.shortage.iter().copied());
        table.push_row(
            &[
                id,
                Cell::Integer(0),
                id,
                Cell::Integer(experiment.seed.cast_signed()),
                Cell::Text(&one.hashes.dynamics),
                Cell::Text(&one.hashes.reading),
                Cell::Text(if failed { "failed" } else { "ok" }),
                Cell::Text(error.as_deref().unwrap_or("")),
            ],
            numbers.map(|number| if failed { f64::NAN } else { number }),
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
        failures: ran
            .iter()
            .enumerate()
            .filter_map(|(run, one)| Some(format!("run {run}: {}", one.breach.as_ref()?)))
            .collect(),
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
        teams: ran[0].teams as u64,
        ..manifest
    }
}

#[cfg(test)]
mod tests {
    use super::{Table, summary};
    use crate::run::{Ran, run};
    use prodos_config::{Experiment, Options as Given, load};
    use prodos_model::build::Options;
    use prodos_model::ledger::{Breach, Ledger};
    use prodos_model::spec::{Shock, ShockKind};
    use std::convert::Infallible;
    use std::path::Path;

    fn harbour(days: i64) -> Experiment {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/experiments/harbour.ron");
        let given = Given {
            days: Some(days),
            ..Given::default()
        };
        let mut experiment =
            load(&file, &[], &given).unwrap_or_else(|problems| panic!("{problems}"));
        experiment.city.burn_in = 0;
        experiment
    }

    fn ran(experiment: &Experiment) -> Ran {
        let flush = |_: &mut _| Ok::<(), Infallible>(());
        run(experiment, 0, Options::default(), flush, &|_| ()).expect("nothing is written")
    }

    /// A tenth of what the workshops deliver does not arrive, for five days.
    fn cut(day: f64) -> Shock {
        Shock {
            sectors: vec!["works".into()],
            ..Shock::new("cut", ShockKind::Link, 0.1, day, 5.0)
        }
    }

    #[test]
    fn a_failed_run_keeps_its_row_and_leaves_the_others_whole() {
        let experiment = harbour(40);
        let mut failed = ran(&experiment);
        failed.breach = Some(Breach {
            day: 17.0,
            entity: "sector port".into(),
            ledger: Ledger::Cash,
            amount: 3.0,
        });
        let table = summary(&experiment, &[ran(&experiment), failed]);
        let words = |name: &str| -> Vec<String> {
            let column = table.words(name).expect("the column is there");
            column.iter().map(str::to_owned).collect()
        };
        assert_eq!(words("status"), ["ok", "failed"]);
        assert_eq!(words("error")[0], "");
        assert!(
            words("error")[1].contains("sector port"),
            "{words:?}",
            words = words("error")
        );
        let means = table.floats("output_mean").expect("the column is there");
        assert!(means[0] > 0.9 && means[1].is_nan(), "{means:?}");
    }

    #[test]
    fn teams_are_recorded_every_four_weeks_and_when_something_happens_to_the_city() {
        let mut experiment = harbour(60);
        experiment.scenario.shocks.push(cut(33.0));
        let days = |experiment: &Experiment| -> Vec<f64> {
            let mut days = ran(experiment)
                .recorder
                .teams
                .floats("day")
                .expect("the column is there")
                .to_vec();
            days.dedup();
            days
        };
        assert_eq!(days(&experiment), [0.0, 28.0, 33.0, 56.0]);
        experiment.record.teams_every = 0;
        assert!(days(&experiment).is_empty());
    }

    #[test]
    fn a_sparse_row_holds_the_means_of_its_days_and_the_states_of_the_last() {
        let mut experiment = harbour(56);
        experiment.scenario.shocks.push(cut(40.0));
        let daily = ran(&experiment).recorder;
        experiment.replicates = 2;
        let sparse = ran(&experiment).recorder;
        for (daily, sparse, entities) in [
            (&daily.city, &sparse.city, 1),
            (&daily.sectors, &sparse.sectors, 3),
        ] {
            let cells = |table: &'_ Table, name: &str| -> Vec<f64> {
                table.floats(name).expect("the column is there").to_vec()
            };
            let days = cells(sparse, "day");
            assert_eq!(days.first().zip(days.last()), Some((&27.0, &55.0)));
            for (name, averaged) in [
                ("output", true),
                ("fill", true),
                ("spares", false),
                ("phase", false),
            ] {
                let each = cells(daily, name);
                let own: Vec<f64> = each.iter().copied().step_by(entities).collect();
                let expected = if averaged {
                    own[28..56].iter().sum::<f64>() / 28.0
                } else {
                    own[55]
                };
                let found = cells(sparse, name)[entities];
                assert!(
                    (found - expected).abs() < 1e-9 * expected.abs(),
                    "{name}: {found} for {expected}"
                );
            }
        }
    }

    #[test]
    fn money_is_in_the_currency_of_the_city() {
        let recorder = ran(&harbour(1)).recorder;
        let unit = |name| &recorder.city.column(name).expect("it is there").unit;
        assert_eq!(unit("value_added"), "thousand/day");
        assert_eq!(unit("orders_open"), "thousand");
        assert_eq!(unit("hours_output"), "hours/day");
    }

    #[test]
    fn as_many_operators_are_recorded_as_were_asked_for() {
        let mut experiment = harbour(1);
        for (asked, expected) in [(7, 7), (59, 59), (1000, 60)] {
            experiment.record.operators = asked;
            assert_eq!(ran(&experiment).recorder.operators.rows(), expected);
        }
    }
}

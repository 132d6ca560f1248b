//! Conducting an experiment that is run once, into its result folder.

use crate::design::plan;
use crate::recorder::{Recorder, Size, expected};
use crate::run::{Course, Progress, Ran};
use crate::saved::{Resumed, Saving};
use crate::sweep::tables::{Summary, varied_names};
use crate::sweep::{Row, runs_at_once};
use prodos_config::{Experiment, hash8, to_ron};
use prodos_model::build::Options;
use prodos_record::{
    Draft, Error, Folder, Manifest, ParquetWriter, ROWS_A_GROUP, Sector, Spreadsheets, Table,
};
use std::path::Path;

/// Rows a table may hold in memory before they go to disk.
const BATCH: usize = 8_192;

/// Bytes of recorded rows that are in memory at once. A single run writes them as they grow, the city's aside, since
/// figures read all of them; a design holds a chunk a thread, and as many that wait for the disk.
pub fn bytes_held(experiment: &Experiment) -> f64 {
    let sizes = expected(experiment);
    let whole = |size: Size| size.bytes(size.rows);
    if experiment.is_design() {
        let a_run = [sizes.city, sizes.sectors, sizes.teams, sizes.operators].map(whole);
        let runs = runs_at_once(experiment) as f64;
        return runs * a_run.iter().sum::<f64>();
    }
    let flushed = |size: Size| size.bytes(size.rows.min((BATCH + ROWS_A_GROUP) as f64));
    whole(sizes.city) + flushed(sizes.sectors) + flushed(sizes.teams) + flushed(sizes.operators)
}

/// Rows of teams that a run of an experiment will write.
pub fn team_rows(experiment: &Experiment) -> f64 {
    expected(experiment).teams.rows
}

/// What surrounds an experiment and does not change its results.
#[derive(Default)]
pub struct Conditions {
    /// Check every team's ledgers.
    pub audit: bool,
    /// Where the run is saved on the way; nowhere unless given.
    pub saving: Option<Saving>,
    /// The saved run that goes on, whose experiment it is; from the beginning unless given.
    pub from: Option<Resumed>,
    /// Which tables there are as CSV as well.
    pub spreadsheets: Spreadsheets,
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
    format!("{}-{}", plain(&experiment.name), hash8(experiment))
}

/// A name as a folder can have it: letters, digits, `-`, `_` and `.`, the last not at its beginning.
pub fn plain(name: &str) -> String {
    let sound = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = name
        .chars()
        .map(|c| if sound(c) { c } else { '-' })
        .collect();
    name.trim_start_matches('.').to_owned()
}

/// Runs the first replicate of the experiment as it stands, and writes the folder, without drawing anything.
///
/// A run whose ledgers do not close ends on that day and keeps its row, marked as failed. Fails when a table or the
/// folder cannot be written.
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
    let from = conditions.from;
    let parent = from.as_ref().map_or_else(String::new, Resumed::named);
    let saving = conditions.saving;
    let ran = alone(experiment, &draft, options, from, saving.as_ref(), tell)?;
    let summary = summary(experiment, &ran);
    summary.write_parquet(&draft.file("summary.parquet")?)?;
    conditions.spreadsheets.write(draft.path())?;
    let posts = ran.posts;
    let failure = ran
        .breach
        .map(|breach| (experiment.first_replicate.into(), breach.to_string()));
    let mut manifest = Manifest {
        points: 1,
        replicates: 1,
        runs: 1,
        failures: failure.into_iter().collect(),
        parent,
        ..describe(experiment, conditions.manifest)
    };
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
    from: Option<Resumed>,
    saving: Option<&Saving>,
    tell: &(impl Fn(Progress) + Sync),
) -> Result<Ran, Error> {
    let mut files: Option<Files> = None;
    let mut flush = |recorder: &mut Recorder| -> Result<(), Error> {
        if saving.is_some() {
            return Ok(());
        }
        let files = match &mut files {
            Some(files) => files,
            none => none.insert(Files::create(draft, recorder)?),
        };
        files.take(recorder, BATCH)
    };
    let first = experiment.first_replicate;
    let (day, mut course) = match from {
        Some(from) => (from.day, from.course),
        None => (0, Course::begin(experiment, first.into(), first, options)),
    };
    if let Some(saving) = saving {
        let first = day / saving.every + 1;
        let days = (first..).map(|nth| nth.saturating_mul(saving.every));
        for day in days.take_while(|day| *day < experiment.days) {
            course.until(day, &mut flush, tell)?;
            if course.is_over() {
                break;
            }
            saving.save(&mut course, experiment, day)?;
        }
    }
    course.until(experiment.days, &mut flush, tell)?;
    let mut ran = course.end();
    let mut files = match files {
        Some(files) => files,
        None => Files::create(draft, &ran.recorder)?,
    };
    files.take(&mut ran.recorder, 1)?;
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
        for (file, table) in self.0.iter_mut().zip(from.tables_mut()) {
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

/// The row of a run.
fn summary(experiment: &Experiment, ran: &Ran) -> Table {
    let mut summary = Summary::new(experiment);
    let row = Row {
        point: 0,
        replicate: experiment.first_replicate,
    };
    summary.add(row, &plan(experiment), ran, "");
    summary.table
}

/// Posts of all sectors.
pub fn operators(experiment: &Experiment) -> f64 {
    let city = &experiment.city;
    let posts = city.sectors.values().map(|sector| sector.posts(city.scale));
    posts.sum::<usize>() as f64
}

/// What the manifest says of an experiment.
pub(crate) fn describe(experiment: &Experiment, manifest: Manifest) -> Manifest {
    let city = &experiment.city;
    let teams = city.sectors.values().map(|sector| sector.teams(city.scale));
    Manifest {
        experiment: experiment.name.clone(),
        question: experiment.question.clone(),
        headline: experiment.headline.clone(),
        varied: varied_names(experiment),
        configuration_hash: hash8(experiment),
        seeds: vec![experiment.seed],
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
        operators: operators(experiment) as u64,
        teams: teams.sum::<usize>() as u64,
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
        run(experiment, 0, 0, Options::default(), flush, &|_| ()).expect("nothing is written")
    }

    /// A tenth of what the workshops deliver does not arrive, for five days.
    fn cut(day: f64) -> Shock {
        Shock {
            sectors: vec!["works".into()],
            ..Shock::new("cut", ShockKind::Link, 0.1, day, 5.0)
        }
    }

    #[test]
    fn a_failed_run_keeps_its_row_without_outcomes() {
        let experiment = harbour(40);
        let mut failed = ran(&experiment);
        failed.breach = Some(Breach {
            day: 17.0,
            entity: "sector port".into(),
            ledger: Ledger::Cash,
            amount: 3.0,
        });
        let row = |ran: &Ran| {
            let table = summary(&experiment, ran);
            let word = |name: &str| {
                let column = table.words(name).expect("the column is there");
                column.get(0).to_owned()
            };
            let mean = table.floats("output_mean").expect("the column is there")[0];
            (word("status"), word("error"), mean)
        };
        let (status, error, mean) = row(&ran(&experiment));
        assert_eq!((status.as_str(), error.as_str()), ("ok", ""));
        assert!(mean > 0.9, "{mean}");
        let (status, error, mean) = row(&failed);
        assert_eq!(status, "failed");
        assert!(error.contains("sector port"), "{error}");
        assert!(mean.is_nan(), "{mean}");
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
        (
            experiment.record.city_every,
            experiment.record.sectors_every,
        ) = (28, 28);
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

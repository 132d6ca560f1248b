//! What an experiment will take: time, memory and disk, from short runs of it with their figures.
//!
//! A short run and a longer one tell what a day costs apart from what it costs to begin. A city of many
//! operators is probed at a coarser scale, and what grows with operators is scaled up again.

use crate::memory;
use prodos_config::Experiment;
use prodos_experiment::{Conditions, bytes_held, conduct, team_rows};
use prodos_model::build::Options;
use prodos_model::simulation::Simulation;
use std::fs;
use std::path::Path;
use std::time::Instant;

/// Days of the shorter run: the 28 days a design records in a row, unless its file asks for fewer rows.
const SHORT_DAYS: u32 = 28;
/// Days after which a city is as busy as later, at most those it settles in anyway.
const SETTLED_DAYS: u32 = 56;
/// Operator-days of the longer run, at least, so that its time stands out from the noise of a machine
/// and its disk.
const LONG_OPERATOR_DAYS: f64 = 1.5e6;
/// Operators of a probe at most.
const OPERATORS_MAX: f64 = 50_000.0;
/// Bytes of memory for a byte of rows that a single run holds: the rows, their copies on the way to
/// disk, and what figures hold of them. Measured, as is what the probes took.
const COPIES_OF_ONE: f64 = 1.7;
/// The same for a byte of rows that several runs hold until all are done. Measured.
const COPIES_OF_SEVERAL: f64 = 3.7;
/// Bytes of memory for a byte of the table of events, which compresses well. Measured.
const EVENTS_UNPACKED: f64 = 16.0;
/// Bytes of a later row for one of the first weeks, which compress better. Measured, 1.03 to 1.2.
const LATER: f64 = 1.08;

/// What an experiment is expected to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Estimate {
    /// Wall-clock time in all, in seconds.
    pub(crate) seconds: f64,
    /// The most memory at any time, in bytes; none where the system does not tell.
    pub(crate) memory: Option<f64>,
    /// The result folder, in bytes.
    pub(crate) disk: f64,
}

/// Estimates an experiment by short runs of it, in a temporary folder inside `scratch`.
///
/// A probe is an experiment of its own: a replicate a thread, and two of a design, which records less of
/// each run than a single one does. Fails when nothing can be written there.
pub(crate) fn estimate(experiment: &Experiment, scratch: &Path) -> Result<Estimate, String> {
    let posts = operators(experiment);
    let coarser = (posts / OPERATORS_MAX).max(1.0);
    let several = experiment.replicates > 1;
    let at_once = (rayon::current_num_threads() as u32).min(experiment.replicates);
    let fewest = at_once.max(2).min(experiment.replicates);
    let part = |days: u32, runs: u32| {
        let mut part = experiment.clone();
        part.days = days;
        part.replicates = runs;
        part.city.burn_in = part.city.burn_in.min(SETTLED_DAYS);
        part.city.scale *= coarser;
        part
    };
    // More days first, up to those of the experiment; then more runs.
    let wanted = LONG_OPERATOR_DAYS / posts.clamp(1.0, OPERATORS_MAX);
    let (least_days, most_days) = (3 * SHORT_DAYS, experiment.days.max(3 * SHORT_DAYS));
    let days = (wanted / f64::from(fewest)).clamp(f64::from(least_days), f64::from(most_days));
    let days = SHORT_DAYS * (days / f64::from(SHORT_DAYS)) as u32;
    let rounds = (wanted / f64::from(days * fewest)).max(1.0) as u32;
    let runs = (fewest * rounds).min(experiment.replicates);
    let (short, long) = (part(SHORT_DAYS, fewest), part(days, runs));
    let city = city_bytes(&short);
    // The first run warms up: memory, caches, threads.
    measure(&short, scratch)?;
    let (few, many) = (measure(&short, scratch)?, measure(&long, scratch)?);
    let straight = |of: fn(&Measured) -> f64, simulated: fn(&Experiment) -> f64| {
        Line::through(simulated(&short), of(&few), simulated(&long), of(&many))
    };
    let running = straight(|m| m.running, simulated_days);
    let drawing = straight(|m| m.drawing, recorded_days);
    let tables = straight(|m| m.tables, recorded_days);
    let events = straight(|m| m.events, recorded_days);
    let teams = straight(|m| m.teams, team_rows);
    let recorded = recorded_days(experiment);
    let all_events = events.after(recorded) * coarser;
    let held = (bytes_held(experiment) - bytes_held(&long)).max(0.0);
    let grown = if several {
        COPIES_OF_SEVERAL * held + EVENTS_UNPACKED * (all_events - many.events).max(0.0)
    } else {
        COPIES_OF_ONE * held
    };
    let at_scale = |city: f64| city * (coarser - 1.0) * f64::from(at_once);
    let rows = tables.after(recorded) + all_events + teams.after(team_rows(experiment));
    Ok(Estimate {
        seconds: coarser * running.after(simulated_days(experiment)) + drawing.after(recorded),
        memory: many
            .memory
            .zip(city)
            .map(|(peak, city)| peak + grown + at_scale(city)),
        disk: LATER * rows + many.figures,
    })
}

/// Days that all runs together step through.
fn simulated_days(experiment: &Experiment) -> f64 {
    let days = f64::from(experiment.days) + f64::from(experiment.city.burn_in);
    f64::from(experiment.replicates) * days
}

/// Days that all runs together record.
fn recorded_days(experiment: &Experiment) -> f64 {
    f64::from(experiment.replicates) * f64::from(experiment.days)
}

/// A quantity that grows with days, or with rows.
struct Line {
    at_once: f64,
    a_day: f64,
}

impl Line {
    fn through(days: f64, value: f64, more_days: f64, more: f64) -> Line {
        if more_days <= days {
            return Line {
                at_once: more,
                a_day: 0.0,
            };
        }
        let a_day = (more - value).max(0.0) / (more_days - days);
        let at_once = (value - a_day * days).max(0.0);
        Line { at_once, a_day }
    }

    fn after(&self, days: f64) -> f64 {
        self.at_once + self.a_day * days
    }
}

/// Bytes that a city takes.
fn city_bytes(experiment: &Experiment) -> Option<f64> {
    let before = memory::resident()?;
    let _city = Simulation::new(&experiment.run(), experiment.seed, 0, Options::default());
    Some((memory::resident()? - before).max(0.0))
}

/// Posts of all sectors.
pub(crate) fn operators(experiment: &Experiment) -> f64 {
    let city = &experiment.city;
    let posts = city.sectors.values().map(|sector| sector.posts(city.scale));
    posts.sum::<usize>() as f64
}

/// What a short run took.
struct Measured {
    /// Seconds of the run with its recording.
    running: f64,
    /// Seconds of the figures.
    drawing: f64,
    memory: Option<f64>,
    /// Bytes of tables whose size does not grow with the number of operators.
    tables: f64,
    /// Bytes of the table of events.
    events: f64,
    /// Bytes of the table of teams.
    teams: f64,
    /// Bytes of figures and page.
    figures: f64,
}

fn measure(experiment: &Experiment, scratch: &Path) -> Result<Measured, String> {
    let forgotten = memory::forget_peak();
    let began = Instant::now();
    let conducted = conduct(
        experiment,
        scratch,
        Conditions::default(),
        &|_| (),
        |_, _| (),
    )
    .map_err(|error| error.to_string())?;
    let running = began.elapsed().as_secs_f64();
    let report = prodos_report::draw(&conducted.folder, &prodos_report::Options::default())
        .map_err(|error| error.to_string())?;
    let bytes = |path: &Path| fs::metadata(path).map_or(0.0, |file| file.len() as f64);
    let table = |name: &str| bytes(&conducted.draft.path().join(name));
    Ok(Measured {
        running,
        drawing: began.elapsed().as_secs_f64() - running,
        memory: forgotten.and_then(|()| memory::peak()),
        tables: [
            "series/city.parquet",
            "series/sectors.parquet",
            "series/operators.parquet",
            "summary.parquet",
            "summary.csv",
            "experiment.ron",
        ]
        .into_iter()
        .map(table)
        .sum(),
        events: table("events.parquet"),
        teams: table("series/teams.parquet"),
        figures: report.files.iter().map(|file| bytes(file)).sum(),
    })
}

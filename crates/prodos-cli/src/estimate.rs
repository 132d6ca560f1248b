//! What an experiment will take: time, memory and disk, from short runs of it with their figures.
//!
//! A short run and a longer one tell what a day costs apart from what it costs to begin. A city of many
//! operators is probed at a coarser scale, and what grows with operators is scaled up again.

use crate::memory;
use prodos_config::Experiment;
use prodos_experiment::{Conditions, bytes_held, conduct, sweep, team_rows};
use prodos_model::build::Options;
use prodos_model::simulation::Simulation;
use prodos_record::Manifest;
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
/// Operator-days of a run of a design's probe, about, and runs of it at most.
const PROBE_OPERATOR_DAYS: f64 = 3e5;
const PROBE_RUNS: f64 = 96.0;
/// Operators of a probe at most.
const OPERATORS_MAX: f64 = 50_000.0;
/// Bytes of memory for a byte of rows that a single run holds: the rows, their copies on the way to
/// disk, and what figures hold of them. Measured, as is what the probes took.
const COPIES_OF_ONE: f64 = 1.7;
/// The same for a byte of rows that the runs of a design hold until their chunk is on the disk: the rows, and
/// their form on the way to disk. Assumption.
const COPIES_OF_SEVERAL: f64 = 2.0;
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
/// Fails when nothing can be written there.
pub(crate) fn estimate(experiment: &Experiment, scratch: &Path) -> Result<Estimate, String> {
    if experiment.is_design() {
        return of_design(experiment, scratch);
    }
    let posts = prodos_experiment::operators(experiment);
    let coarser = (posts / OPERATORS_MAX).max(1.0);
    let part = |days: u32| shortened(experiment, days, coarser);
    let wanted = LONG_OPERATOR_DAYS / posts.clamp(1.0, OPERATORS_MAX);
    let (least_days, most_days) = (3 * SHORT_DAYS, experiment.days.max(3 * SHORT_DAYS));
    let days = wanted.clamp(f64::from(least_days), f64::from(most_days));
    let days = SHORT_DAYS * (days / f64::from(SHORT_DAYS)) as u32;
    let (short, long) = (part(SHORT_DAYS), part(days));
    let city = city_bytes(&short);
    // The first run warms up: memory, caches, threads.
    measure(&short, scratch)?;
    let (few, many) = (measure(&short, scratch)?, measure(&long, scratch)?);
    let straight = |of: fn(&Measured) -> f64, simulated: fn(&Experiment) -> f64| {
        Line::through(simulated(&short), of(&few), simulated(&long), of(&many))
    };
    let running = straight(|m| m.running, simulated_days);
    let drawing = straight(|m| m.drawing, recorded_days);
    let tables = straight(|m| m.summary + m.rows, recorded_days);
    let events = straight(|m| m.events, recorded_days);
    let teams = straight(|m| m.teams, team_rows);
    let recorded = recorded_days(experiment);
    let all_events = events.after(recorded) * coarser;
    let held = (bytes_held(experiment) - bytes_held(&long)).max(0.0);
    let grown = COPIES_OF_ONE * held;
    let at_scale = |city: f64| city * (coarser - 1.0);
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

/// Days that a run steps through.
fn simulated_days(experiment: &Experiment) -> f64 {
    f64::from(experiment.days) + f64::from(experiment.city.burn_in)
}

/// Days that a run records.
fn recorded_days(experiment: &Experiment) -> f64 {
    experiment.days.into()
}

/// The experiment over fewer days, at a coarser scale, without what comes later.
fn shortened(experiment: &Experiment, days: u32, coarser: f64) -> Experiment {
    let mut part = experiment.clone();
    part.days = days;
    part.branch_at = part.branch_at.min(days / 2);
    part.until = None;
    part.city.burn_in = part.city.burn_in.min(SETTLED_DAYS);
    part.city.scale *= coarser;
    let blocks = part.design.iter_mut();
    let (scenarios, policies): (Vec<_>, Vec<_>) = blocks
        .map(|block| (&mut block.scenarios, &mut block.policies))
        .unzip();
    let scenarios = scenarios.into_iter().flat_map(|own| own.values_mut());
    for scenario in scenarios.chain([&mut part.scenario]) {
        scenario.shocks.retain(|shock| shock.day < days.into());
    }
    let policies = policies.into_iter().flat_map(|own| own.values_mut());
    for policy in policies.chain([&mut part.policy]) {
        policy.changes.retain(|change| change.day < days.into());
    }
    part
}

/// Estimates a design by small designs of the same kind: some of its points, few replicates, fewer days.
fn of_design(experiment: &Experiment, scratch: &Path) -> Result<Estimate, String> {
    let posts = prodos_experiment::operators(experiment);
    let coarser = (posts / OPERATORS_MAX).max(1.0);
    let operators = posts.clamp(1.0, OPERATORS_MAX);
    let all = sweep::extent(experiment);
    // A run of the probe takes a fraction of a second, and there are as many as fit into a second or two.
    let most = f64::from(experiment.days);
    let least = f64::from(3 * SHORT_DAYS).min(most);
    let days = (PROBE_OPERATOR_DAYS / operators).clamp(least, most);
    let runs = (LONG_OPERATOR_DAYS / operators / days).clamp(6.0, PROBE_RUNS) as usize;
    let probe = |runs: usize, days: u32| sweep::sample(&shortened(experiment, days, coarser), runs);
    let (few, many) = (probe(runs / 3, days as u32), probe(runs, days as u32));
    // As many rows in a chunk, or what it takes to write them would count as what a day takes.
    let idle = probe(runs, SHORT_DAYS.min(days as u32 / 3).max(1));
    // The first run warms up: memory, caches, threads.
    measure(&few, scratch)?;
    let (few_took, many_took) = (measure(&few, scratch)?, measure(&many, scratch)?);
    let idle_took = measure(&idle, scratch)?;
    let (few, many, idle) = (
        sweep::extent(&few),
        sweep::extent(&many),
        sweep::extent(&idle),
    );
    let worked = (many_took.running - idle_took.running).max(0.0);
    let a_day = worked / (many.stepped - idle.stepped).max(1.0);
    let a_run = seconds_to_begin(&shortened(experiment, 1, coarser));
    let begun = a_run * idle.runs as f64 + a_day * idle.stepped;
    let a_chunk = (idle_took.running - begun).max(0.0) / idle.chunks as f64;
    let of_runs = |of: fn(&Measured) -> f64| {
        let (fewer, more) = (few.runs as f64, many.runs as f64);
        Line::through(fewer, of(&few_took), more, of(&many_took)).after(all.runs as f64)
    };
    let rows = of_runs(|took| took.rows) * most / days;
    let rest = of_runs(|took| took.summary + took.events + took.teams);
    Ok(Estimate {
        seconds: coarser * (a_day * all.stepped + a_run * all.runs as f64)
            + a_chunk * all.chunks as f64
            + many_took.drawing,
        memory: many_took
            .memory
            .map(|peak| peak + COPIES_OF_SEVERAL * bytes_held(experiment)),
        disk: rest + rows + many_took.figures,
    })
}

/// Seconds it takes to build the city of a run, where every thread builds its own.
fn seconds_to_begin(experiment: &Experiment) -> f64 {
    let run = experiment.run();
    let began = Instant::now();
    let times = 5;
    for replicate in 0..times {
        let _city = Simulation::new(&run, experiment.seed, replicate, Options::default());
    }
    began.elapsed().as_secs_f64() / f64::from(times) / rayon::current_num_threads() as f64
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

/// What a short run took.
struct Measured {
    /// Seconds of the run with its recording.
    running: f64,
    /// Seconds of the figures.
    drawing: f64,
    memory: Option<f64>,
    /// Bytes of the summary and of what stands beside it.
    summary: f64,
    /// Bytes of rows of the city, of sectors and of operators.
    rows: f64,
    /// Bytes of the table of events.
    events: f64,
    /// Bytes of the table of teams.
    teams: f64,
    /// Bytes of figures and page.
    figures: f64,
}

fn measure(experiment: &Experiment, scratch: &Path) -> Result<Measured, String> {
    let scratch = tempfile::tempdir_in(scratch).map_err(|error| error.to_string())?;
    let forgotten = memory::forget_peak();
    let began = Instant::now();
    let (folder, _draft) = if experiment.is_design() {
        let folder = sweep::whole(experiment, scratch.path(), Manifest::default());
        (folder.map_err(|error| error.to_string())?, None)
    } else {
        let conditions = Conditions::default();
        let conducted = conduct(experiment, scratch.path(), conditions, &|_| (), |_, _| ())
            .map_err(|error| error.to_string())?;
        (conducted.folder, Some(conducted.draft))
    };
    let running = began.elapsed().as_secs_f64();
    let report = prodos_report::draw(&folder, &prodos_report::Options::default())
        .map_err(|error| error.to_string())?;
    let bytes = |path: &Path| fs::metadata(path).map_or(0.0, |file| file.len() as f64);
    let table = |name: &str| bytes(&folder.path().join(name));
    Ok(Measured {
        running,
        drawing: began.elapsed().as_secs_f64() - running,
        memory: forgotten.and_then(|()| memory::peak()),
        summary: [
            "summary.parquet",
            "summary.csv",
            "differences.parquet",
            "differences.csv",
            "experiment.ron",
        ]
        .into_iter()
        .map(table)
        .sum(),
        rows: [
            "series/city.parquet",
            "series/sectors.parquet",
            "series/operators.parquet",
        ]
        .into_iter()
        .map(table)
        .sum(),
        events: table("events.parquet"),
        teams: table("series/teams.parquet"),
        figures: report.files.iter().map(|file| bytes(file)).sum(),
    })
}

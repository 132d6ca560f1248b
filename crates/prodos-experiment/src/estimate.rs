//! What an experiment will take: time and disk, from two short runs of it.
//!
//! Two lengths tell what a day costs apart from what a run costs however short it is. A city of many
//! operators is probed at a coarser scale, and what grows with operators is scaled up again.

use crate::conduct::{Conditions, conduct};
use prodos_config::Experiment;
use prodos_model::build::Options;
use prodos_model::simulation::Simulation;
use prodos_record::Error;
use std::path::Path;
use std::time::Instant;

/// Days of the shorter run: a whole span of 28 days, so that sparse rows are among them.
const SHORT: u32 = 28;
/// Operator-days by which the longer run is longer, at least, so that its time stands out from the noise
/// of a machine and its disk.
const MORE: f64 = 1.5e6;
/// Spans of 28 days of the longer run at most.
const MOST_SPANS: f64 = 1000.0;
/// Operators of a probe at most.
const MOST_OPERATORS: f64 = 50_000.0;

/// What an experiment is expected to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Wall-clock time of the runs with their recording, without figures, in seconds.
    pub seconds: f64,
    /// Recorded tables on disk, without figures and page, in bytes.
    pub table_bytes: f64,
}

/// Estimates an experiment by two short runs of it, in a temporary folder inside `scratch`.
///
/// A probe is an experiment of its own: at most as many replicates as there are threads. Fails when
/// nothing can be written there.
pub fn estimate(experiment: &Experiment, scratch: &Path) -> Result<Estimate, Error> {
    let coarser = (operators(experiment) / MOST_OPERATORS).max(1.0);
    let threads = rayon::current_num_threads() as u32;
    let runs = experiment.replicates.min(threads);
    let probe = |days: u32| {
        let mut short = experiment.clone();
        short.days = days;
        short.replicates = runs;
        short.city.burn_in = 0;
        short.city.scale *= coarser;
        measure(&short, scratch)
    };
    let posts = operators(experiment).clamp(1.0, MOST_OPERATORS);
    let spans = MORE / (posts * f64::from(runs) * f64::from(SHORT));
    let more = SHORT * spans.clamp(2.0, MOST_SPANS).ceil() as u32;
    // The first run warms up: memory, caches, threads.
    probe(SHORT)?;
    let (short, long) = (probe(SHORT)?, probe(SHORT + more)?);
    let a_day = |of: fn(&Measured) -> f64| (of(&long) - of(&short)).max(0.0) / f64::from(more);
    let at_once =
        |of: fn(&Measured) -> f64, a_day: f64| (of(&short) - a_day * f64::from(SHORT)).max(0.0);
    let rounds = f64::from(experiment.replicates) / f64::from(runs);
    let days = f64::from(experiment.days);
    let simulated = days + f64::from(experiment.city.burn_in);
    let second = a_day(|measured| measured.seconds);
    let [by_day, by_team] = [
        a_day(|measured| measured.daily),
        a_day(|measured| measured.teams),
    ];
    let building = building(experiment, coarser);
    let fixed = at_once(|measured| measured.daily, by_day)
        + at_once(|measured| measured.teams, by_team) * coarser;
    Ok(Estimate {
        seconds: coarser * rounds * (second * simulated + building)
            + at_once(|measured| measured.seconds, second),
        table_bytes: fixed + rounds * (by_day + by_team * coarser) * days,
    })
}

/// Seconds to build the city of a run, at a coarser scale.
fn building(experiment: &Experiment, coarser: f64) -> f64 {
    let mut run = experiment.run();
    run.city.scale *= coarser;
    let began = Instant::now();
    let _city = Simulation::new(&run, experiment.seed, 0, Options::default());
    began.elapsed().as_secs_f64()
}

/// Posts of all sectors.
pub fn operators(experiment: &Experiment) -> f64 {
    let city = &experiment.city;
    let posts = city.sectors.values().map(|sector| sector.posts(city.scale));
    posts.sum::<usize>() as f64
}

/// What a short run took.
struct Measured {
    seconds: f64,
    /// Bytes of tables whose size does not grow with the number of operators.
    daily: f64,
    /// Bytes of the tables of teams and of events, which does.
    teams: f64,
}

fn measure(experiment: &Experiment, scratch: &Path) -> Result<Measured, Error> {
    let began = Instant::now();
    let conducted = conduct(
        experiment,
        scratch,
        Conditions::default(),
        &|_| (),
        |_, _| (),
    )?;
    let seconds = began.elapsed().as_secs_f64();
    let folder = conducted.draft.path();
    let size =
        |name: &str| std::fs::metadata(folder.join(name)).map_or(0.0, |file| file.len() as f64);
    let sum = |names: &[&str]| names.iter().map(|name| size(name)).sum();
    Ok(Measured {
        seconds,
        daily: sum(&[
            "series/city.parquet",
            "series/sectors.parquet",
            "series/operators.parquet",
            "summary.parquet",
            "summary.csv",
            "experiment.ron",
        ]),
        teams: sum(&["series/teams.parquet", "events.parquet"]),
    })
}

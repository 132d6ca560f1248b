//! `prodos sweep`: the life of a design, from its plan to its last run.

use crate::progress::RunsTeller;
use crate::run::{about_this_machine, build, now};
use crate::say::{self, Exit, complain, stop, tell};
use crate::{Life, Shape, Working};
use prodos_config::Experiment;
use prodos_experiment::sweep::{
    Error, Limits, Part, State, Status, Sweep, Task, finish, replay, status, to_try_again,
};
use prodos_experiment::{design, folder_name};
use prodos_quantity::Choice;
use prodos_record::{Folder, Manifest, Stretch};
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Does what is asked of a sweep.
pub(crate) fn live(life: &Life) -> ExitCode {
    let working = match life {
        Life::Resume(arguments) | Life::Retry(arguments) => Some(&arguments.working),
        Life::TopUp(arguments) => Some(&arguments.working),
        _ => None,
    };
    if let Err(why) = say::use_threads(working.and_then(|own| own.threads)) {
        return stop(Exit::Usage, why);
    }
    let done = match life {
        Life::Plan(arguments) => {
            experiment(&arguments.experiment, &arguments.changes).and_then(|own| {
                has_points(&own).map_err(|why| stop(Exit::Config, why))?;
                tell!("{}", plan(&own));
                Ok(ExitCode::SUCCESS)
            })
        }
        Life::Run(arguments) => return crate::run::run(arguments),
        Life::Resume(arguments) => resume(&arguments.folder, &arguments.working),
        Life::Status(arguments) => tell_status(&arguments.folder),
        Life::TopUp(arguments) => top_up(&arguments.folder, &arguments.shape, &arguments.working),
        Life::Retry(arguments) => retry(&arguments.folder, &arguments.working),
        Life::Merge(arguments) => merge(&arguments.folders),
        Life::Replay(arguments) => replay_row(arguments),
    };
    done.unwrap_or_else(|exit| exit)
}

fn experiment(file: &Path, changes: &crate::Changes) -> Result<Experiment, ExitCode> {
    let loaded = prodos_config::load(file, &changes.set, &changes.options());
    loaded.map_err(|problems| {
        stop(
            Exit::Config,
            problems.render(std::io::stderr().is_terminal()),
        )
    })
}

/// That a design has a point at all.
pub(crate) fn has_points(experiment: &Experiment) -> Result<(), String> {
    if design::plan(experiment).points.is_empty() {
        return Err("error: no point is left: `such_that` lets none of them through".to_owned());
    }
    Ok(())
}

/// What would be run, in a few lines.
pub(crate) fn plan(experiment: &Experiment) -> String {
    let plan = design::plan(experiment);
    let points = plan.points.len();
    let runs = points * experiment.replicates as usize;
    let mut lines = vec![format!(
        "{} x {} = {}",
        say::count(points, "point"),
        say::count(experiment.replicates as usize, "replicate"),
        say::count(runs, "run")
    )];
    if let Some(until) = &experiment.until {
        lines.push(format!(
            "more replicates where outcomes are not known well enough: at most {} a point, {}",
            until.most,
            say::count(points * until.most as usize, "run")
        ));
    }
    for (block, left_out) in experiment.design.iter().zip(&plan.left_out) {
        let mut line = match block.name.as_str() {
            "" => "varied: ".to_owned(),
            name => format!("{name} varies: "),
        };
        let paths: Vec<&str> = block.paths().collect();
        let names = |of: Vec<&String>| {
            of.into_iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut parts = Vec::new();
        if !paths.is_empty() {
            parts.push(format!("{} ({})", paths.join(", "), block.points.name()));
        }
        if !block.scenarios.is_empty() {
            parts.push(format!(
                "scenarios {}",
                names(block.scenarios.keys().collect())
            ));
        }
        if !block.policies.is_empty() {
            parts.push(format!(
                "policies {}",
                names(block.policies.keys().collect())
            ));
        }
        line += &parts.join("; ");
        if *left_out > 0 {
            let left_out = say::count(*left_out, "point");
            line = format!("{line}, {left_out} left out by `such_that`");
        }
        lines.push(line);
    }
    lines.push(format!(
        "each run: {} after {} of burn-in, {}",
        say::count(experiment.days as usize, "day"),
        experiment.city.burn_in,
        say::count(
            prodos_experiment::operators(experiment) as usize,
            "operator"
        )
    ));
    lines.push(format!(
        "seed {}, draws shared by all points of a replicate",
        experiment.seed
    ));
    lines.push(format!("folder {}", folder_name(experiment)));
    lines.join("\n")
}

/// Begins the sweep of an experiment, or goes on with it. One that is finished is left as it is.
pub(crate) fn begin(experiment: &Experiment, arguments: &crate::Run) -> Result<ExitCode, ExitCode> {
    has_points(experiment).map_err(|why| stop(Exit::Config, why))?;
    let place = arguments.out.join(folder_name(experiment));
    match finished_already(experiment, &place, arguments.force)? {
        Some(exit) => Ok(exit),
        None => start(
            experiment,
            &arguments.out,
            arguments.audit,
            &arguments.working,
        ),
    }
}

/// The finished folder of a design, which is run where it has none.
pub(crate) fn finished(
    experiment: &Experiment,
    out: &Path,
    working: &Working,
) -> Result<Folder, ExitCode> {
    let place = out.join(folder_name(experiment));
    let exit = match finished_already(experiment, &place, false)? {
        Some(exit) => exit,
        None => start(experiment, out, false, working)?,
    };
    if exit != ExitCode::SUCCESS {
        return Err(exit);
    }
    Folder::open(&place).map_err(|error| told(error.into()))
}

/// What to do with a finished sweep of the same experiment: nothing, where it has as many runs and nobody forces it.
fn finished_already(
    experiment: &Experiment,
    place: &Path,
    force: bool,
) -> Result<Option<ExitCode>, ExitCode> {
    if force && place.exists() {
        std::fs::remove_dir_all(place).map_err(|error| {
            stop(
                Exit::Run,
                format!("error: cannot remove {}: {error}", place.display()),
            )
        })?;
    }
    let at_work = place.join("work").exists();
    let Some(found) = Folder::open(place).ok().filter(|_| !at_work) else {
        return Ok(None);
    };
    let found = found.manifest();
    if found.build != build() {
        return Err(stop(
            Exit::Usage,
            format!(
                "error: {} was made by another build of the program; --force replaces it",
                place.display()
            ),
        ));
    }
    let points = design::plan(experiment).points.len() as u64;
    let replicates = u64::from(experiment.replicates);
    if (found.points, found.replicates) == (points, replicates) {
        is_sound(place)?;
        tell!("This design has run already with this build and seed; --force runs it again.");
        tell!("{}", place.join("report.html").display());
        return Ok(Some(ExitCode::SUCCESS));
    }
    let count = experiment.design.last().map_or(0, |block| block.count);
    let more_points = if count > 0 {
        format!(" --points {count}")
    } else {
        String::new()
    };
    Err(stop(
        Exit::Usage,
        format!(
            "error: {0} holds {1} x {2} where {points} x {replicates} are asked for\n\
             help: prodos sweep top-up {0}{more_points} --replicates {replicates} adds to it; --force begins anew",
            place.display(),
            say::count(found.points as usize, "point"),
            say::count(found.replicates as usize, "replicate"),
        ),
    ))
}

fn start(
    experiment: &Experiment,
    out: &Path,
    audit: bool,
    working: &Working,
) -> Result<ExitCode, ExitCode> {
    tell!("{}", experiment.question);
    tell!("{}", plan(experiment));
    let sweep = Sweep::begin(experiment, out, &build(), audit, Task::Missing).map_err(told)?;
    go_on(&sweep, working)
}

fn resume(folder: &Path, working: &Working) -> Result<ExitCode, ExitCode> {
    let sweep = match Sweep::open(folder, &build()) {
        Err(why @ Error::Finished { .. }) => {
            is_sound(folder)?;
            tell!("{why}.");
            return Ok(ExitCode::SUCCESS);
        }
        sweep => sweep.map_err(told)?,
    };
    go_on(&sweep, working)
}

/// That every file of a finished folder is as it was written.
fn is_sound(folder: &Path) -> Result<(), ExitCode> {
    let checked = Folder::open(folder).and_then(|own| own.verify());
    checked.map_err(|error| told(error.into()))
}

/// Adds points or replicates to a finished folder.
fn top_up(folder: &Path, shape: &Shape, working: &Working) -> Result<ExitCode, ExitCode> {
    let changes = crate::Changes::default();
    let mut larger = experiment(&folder.join("experiment.ron"), &changes)?;
    if let Some(replicates) = shape.replicates {
        if larger.until.is_some() {
            return Err(stop(
                Exit::Usage,
                "error: how many replicates a point has is decided by `until` of this design; --points adds to it",
            ));
        }
        larger.replicates = replicates;
    }
    if let (Some(points), Some(block)) = (shape.points, larger.design.last_mut()) {
        block.count = points;
    }
    let outputs = folder.parent().unwrap_or(Path::new("."));
    start(&larger, outputs, false, working)
}

/// Runs that failed or took too long, again.
fn retry(folder: &Path, working: &Working) -> Result<ExitCode, ExitCode> {
    let finished = Folder::open(folder).map_err(|error| told(error.into()))?;
    let own = experiment(&folder.join("experiment.ron"), &crate::Changes::default())?;
    let again = to_try_again(&own, &finished).map_err(told)?;
    if again.is_empty() {
        tell!(
            "Every run of {} went well; there is nothing to try again.",
            folder.display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    tell!("{} to try again.", say::count(again.len(), "run"));
    let outputs = folder.parent().unwrap_or(Path::new("."));
    let audit = finished.manifest().audited;
    let sweep = Sweep::begin(&own, outputs, &build(), audit, Task::Again(again)).map_err(told)?;
    go_on(&sweep, working)
}

/// Runs one row again, recorded in full, and says whether it is what stands in the table.
fn replay_row(arguments: &crate::Replay) -> Result<ExitCode, ExitCode> {
    let folder = Folder::open(&arguments.folder).map_err(|error| told(error.into()))?;
    let replay = replay(&folder, arguments.row).map_err(told)?;
    let beside = arguments.folder.parent().unwrap_or(Path::new("."));
    let out = arguments.out.as_deref().unwrap_or(beside);
    let again = if replay.experiment.is_design() {
        part_again(&replay.experiment, out)?
    } else {
        let conditions = prodos_experiment::Conditions {
            audit: folder.manifest().audited,
            manifest: about_this_machine(),
            ..Default::default()
        };
        crate::run::conduct_and_draw(&replay.experiment, out, conditions, arguments.quiet)
            .map_err(|why| stop(Exit::Run, why))?
    };
    let summary = again
        .table("summary.parquet")
        .map_err(|error| told(error.into()))?;
    let differs = replay.differs(&summary);
    if differs.is_empty() {
        tell!(
            "Run {} came out as it stands in the table, bit for bit.",
            replay.run_id
        );
        return Ok(ExitCode::SUCCESS);
    }
    let same_build = folder.manifest().build == build();
    let why = if same_build {
        ""
    } else {
        "; the sweep was run by another build"
    };
    Ok(stop(
        Exit::Failed,
        format!(
            "error: run {} came out other than it stands in the table, in {}{why}",
            replay.run_id,
            differs.join(", ")
        ),
    ))
}

/// Runs one run again that parts from others on a later day, and draws it.
fn part_again(experiment: &Experiment, out: &Path) -> Result<Folder, ExitCode> {
    let place = out.join(folder_name(experiment));
    if place.exists() {
        std::fs::remove_dir_all(&place)
            .map_err(prodos_record::Error::disk("remove", &place))
            .map_err(|error| told(error.into()))?;
    }
    let folder =
        prodos_experiment::sweep::whole(experiment, out, about_this_machine()).map_err(told)?;
    let report = prodos_report::draw(&folder, &prodos_report::Options::default())
        .map_err(|error| stop(Exit::Run, format!("error: {error}")))?;
    crate::run::tell_report(&report);
    tell!("{}", report.page.display());
    Ok(folder)
}

/// Puts the tables together that shards have left, in one folder or in several.
fn merge(folders: &[std::path::PathBuf]) -> Result<ExitCode, ExitCode> {
    let [first, others @ ..] = folders else {
        return Err(say::usage("name a folder"));
    };
    let sweep = Sweep::open(first, &build()).map_err(told)?;
    for other in others {
        let other = Sweep::open(other, &build()).map_err(told)?;
        sweep.adopt(&other).map_err(told)?;
    }
    close(&sweep, &stretch())
}

/// Works on a sweep as far as it may, and closes it where all is done.
fn go_on(sweep: &Sweep, working: &Working) -> Result<ExitCode, ExitCode> {
    let limits = Limits {
        seconds_a_run: working.timeout,
        deadline: working
            .deadline
            .map(|seconds| Instant::now() + Duration::from_secs_f64(seconds)),
    };
    let stretch = stretch();
    let part = working.shard.unwrap_or(Part::WHOLE);
    let teller = RunsTeller::new(sweep.runs(), sweep.folder(), working.quiet);
    let worked = sweep
        .work(part, limits, stretch.clone(), &now, &teller)
        .map_err(told)?;
    teller.finish();
    if worked.saved > Duration::from_millis(50) {
        tell!(
            "Runs that have their past in common ran it once: {:.1} s of work saved.",
            worked.saved.as_secs_f64()
        );
    }
    let how_on = format!("prodos sweep resume {}", sweep.folder().display());
    if worked.stopped {
        let left = "The deadline is reached";
        return Ok(stop(
            Exit::Incomplete,
            format!(
                "{left}: {} of {} on the disk, {} of them from this stretch. Go on with: {how_on}",
                worked.skipped + worked.runs,
                say::count(sweep.runs(), "run"),
                worked.runs,
            ),
        ));
    }
    if part != Part::WHOLE {
        tell!(
            "Part {} of {}: {} done, {} there already. When all parts are there: prodos sweep merge {}",
            part.index + 1,
            part.of,
            say::count(worked.runs, "run"),
            worked.skipped,
            sweep.folder().display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    close(sweep, &stretch)
}

/// Puts the tables together and draws them.
fn close(sweep: &Sweep, stretch: &Stretch) -> Result<ExitCode, ExitCode> {
    let manifest = Manifest {
        finished: now(),
        started: stretch.started.clone(),
        ..about_this_machine()
    };
    let folder = finish(sweep, manifest).map_err(told)?;
    let report = prodos_report::draw(&folder, &prodos_report::Options::default())
        .map_err(|error| stop(Exit::Run, format!("error: {error}")))?;
    crate::run::tell_report(&report);
    let manifest = folder.manifest();
    tell!(
        "{} in the tables, {} failed, {} timed out.",
        say::count(manifest.runs as usize, "run"),
        manifest.failures.len(),
        manifest.timed_out.len()
    );
    tell!("{}", folder.path().join("report.html").display());
    if !manifest.imprecise.is_empty() {
        tell!(
            "Not known as well as asked for, with all replicates that are allowed: {}.",
            first_of(&manifest.imprecise)
        );
    }
    if manifest.failures.is_empty() && manifest.timed_out.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let first: Vec<&str> = manifest
        .failures
        .iter()
        .chain(&manifest.timed_out)
        .take(5)
        .map(String::as_str)
        .collect();
    Ok(stop(
        Exit::Run,
        format!(
            "error: {}\nhelp: prodos sweep retry {}",
            first.join("\nerror: "),
            folder.path().display()
        ),
    ))
}

/// The first of several, and how many more there are.
fn first_of(all: &[String]) -> String {
    const NAMED: usize = 5;
    let more = all.len().saturating_sub(NAMED);
    let named = all[..all.len() - more].join("; ");
    if more > 0 {
        format!("{named}; and {more} more")
    } else {
        named
    }
}

fn stretch() -> Stretch {
    let machine = about_this_machine();
    Stretch {
        command: machine.command,
        build: machine.build,
        host: machine.host,
        threads: machine.threads,
        started: machine.started,
        ..Stretch::default()
    }
}

fn tell_status(folder: &Path) -> Result<ExitCode, ExitCode> {
    let Status {
        state,
        points,
        runs,
        done,
        missing,
        failures,
        timed_out,
        stretches,
    } = status(folder).map_err(told)?;
    let word = match state {
        State::Running => "running",
        State::Interrupted => "interrupted",
        State::Finished => "finished",
    };
    tell!(
        "{word}: {done} of {} done ({})",
        say::count(runs, "run"),
        say::count(points, "point")
    );
    if !missing.is_empty() {
        let ids: Vec<String> = missing.iter().map(ToString::to_string).collect();
        tell!("missing, first of them: {}", ids.join(", "));
        tell!("go on with: prodos sweep resume {}", folder.display());
    }
    for (what, runs) in [("failed", &failures), ("timed out", &timed_out)] {
        tell!("{what}: {}", runs.len());
        for run in runs.iter().take(5) {
            tell!("  {run}");
        }
    }
    for own in &stretches {
        tell!(
            "{} to {}: {}, {} there already, {} on {}",
            own.started,
            own.finished,
            say::count(own.runs as usize, "run"),
            own.skipped,
            say::count(own.threads as usize, "thread"),
            own.host
        );
    }
    Ok(match state {
        State::Finished => ExitCode::SUCCESS,
        _ => ExitCode::from(Exit::Incomplete as u8),
    })
}

fn told(error: Error) -> ExitCode {
    let exit = match &error {
        Error::Record(_) => Exit::Run,
        Error::Experiment { .. } => Exit::Config,
        Error::Missing { .. } => Exit::Incomplete,
        _ => Exit::Usage,
    };
    if let Error::Experiment { problems, .. } = &error {
        complain!("{}", problems.render(std::io::stderr().is_terminal()));
        return ExitCode::from(exit as u8);
    }
    stop(exit, format!("error: {error}"))
}

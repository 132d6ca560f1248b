//! `prodos sweep`: the life of a design, from its plan to its last run.

use crate::progress::RunsTeller;
use crate::run::{about_this_machine, build, now};
use crate::say::{self, Exit, complain, stop, tell};
use crate::{Form, Life, Shape, Working};
use clap::ValueEnum;
use prodos_config::{Experiment, Options, Override, to_ron};
use prodos_experiment::sweep::{
    self, Error, Limits, Part, State, Status, Sweep, Task, finish, replay, status, to_try_again,
};
use prodos_experiment::{design, folder_name};
use prodos_quantity::Choice;
use prodos_record::{Folder, Manifest, Stretch};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
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
            let changes = &arguments.changes;
            loaded(&arguments.experiment, &changes.set, &changes.options()).and_then(|own| {
                let plan = plan(&own).map_err(|why| stop(Exit::Config, why))?;
                tell!("{plan}");
                Ok(ExitCode::SUCCESS)
            })
        }
        Life::Run(arguments) => return crate::run::run(arguments),
        Life::Resume(arguments) => resume(&arguments.folder, &arguments.working),
        Life::Status(arguments) => tell_status(&arguments.folder),
        Life::TopUp(arguments) => top_up(&arguments.folder, &arguments.shape, &arguments.working),
        Life::Retry(arguments) => retry(&arguments.folder, &arguments.working),
        Life::Merge(arguments) => merge(arguments),
        Life::Replay(arguments) => replay_row(arguments),
    };
    done.unwrap_or_else(|exit| exit)
}

fn loaded(file: &Path, set: &[Override], options: &Options) -> Result<Experiment, ExitCode> {
    prodos_config::load(file, set, options).map_err(|problems| {
        stop(
            Exit::Config,
            problems.render(std::io::stderr().is_terminal()),
        )
    })
}

/// What would be run, in a few lines. Fails where the design has no point at all.
pub(crate) fn plan(experiment: &Experiment) -> Result<String, String> {
    let plan = design::plan(experiment);
    if plan.points.is_empty() {
        return Err("error: no point is left: `such_that` lets none of them through".to_owned());
    }
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
    Ok(lines.join("\n"))
}

/// Begins the sweep of an experiment, or goes on with it. One that is finished is left as it is.
pub(crate) fn begin(experiment: &Experiment, arguments: &crate::Run) -> Result<ExitCode, ExitCode> {
    let plan = plan(experiment).map_err(|why| stop(Exit::Config, why))?;
    let place = arguments.out.join(folder_name(experiment));
    if arguments.force {
        sweep::remove(&place).map_err(told)?;
    }
    let audit = arguments.audit;
    match finished_already(experiment, &place, audit)? {
        Some(folder) => {
            tell!("This design has run already with this build and seed; --force runs it again.");
            found(&folder, &arguments.working.form)
        }
        None => start(experiment, &plan, &place, audit, &arguments.working),
    }
}

/// The finished folder of a design, which is run where it has none.
pub(crate) fn finished(
    experiment: &Experiment,
    arguments: &crate::Compare,
) -> Result<Folder, ExitCode> {
    let plan = plan(experiment).map_err(|why| stop(Exit::Config, why))?;
    let place = arguments.out.join(folder_name(experiment));
    if arguments.force {
        sweep::remove(&place).map_err(told)?;
    }
    if let Some(folder) = finished_already(experiment, &place, false)? {
        return Ok(folder);
    }
    // Runs that failed are told, and those that went well can be compared.
    let exit = start(experiment, &plan, &place, false, &arguments.working)?;
    sweep::at_rest(&place).map_err(told)?.ok_or(exit)
}

/// The finished sweep of the same experiment, with as many runs, if there is one.
fn finished_already(
    experiment: &Experiment,
    place: &Path,
    audit: bool,
) -> Result<Option<Folder>, ExitCode> {
    let Some(folder) = sweep::at_rest(place).map_err(told)? else {
        return Ok(None);
    };
    let shown = place.display();
    let refused = |why: String| Err(stop(Exit::Usage, format!("error: {why}")));
    let found = folder.manifest();
    if found.build != build() {
        return refused(format!(
            "{shown} was made by another build of the program; --force replaces it"
        ));
    }
    if audit && !found.audited {
        return refused(format!(
            "{shown} was run without --audit; --force runs it again with it"
        ));
    }
    is_sound(&folder)?;
    let before = loaded(&place.join("experiment.ron"), &[], &Options::default())?;
    if to_ron(&before) == to_ron(experiment) {
        return Ok(Some(folder));
    }
    let (points, replicates) = (design::plan(experiment).points.len(), experiment.replicates);
    let help = match sweep::grows(&before, experiment) {
        Ok(()) => {
            let counts =
                [&before, experiment].map(|own| own.design.last().map_or(0, |own| own.count));
            let mut command = format!("prodos sweep top-up {}", say::shell(place));
            if counts[0] != counts[1] {
                command = format!("{command} --points {}", counts[1]);
            }
            if before.replicates != replicates {
                command = format!("{command} --replicates {replicates}");
            }
            format!("{command} adds to it; --force begins anew")
        }
        Err(why) => format!("{why}; --force begins anew"),
    };
    refused(format!(
        "{shown} holds {} x {} where {points} x {replicates} are asked for\nhelp: {help}",
        say::count(found.points as usize, "point"),
        say::count(found.replicates as usize, "replicate"),
    ))
}

fn start(
    experiment: &Experiment,
    plan: &str,
    place: &Path,
    audit: bool,
    working: &Working,
) -> Result<ExitCode, ExitCode> {
    tell!("{}", experiment.question);
    tell!("{plan}");
    let sweep = Sweep::begin(experiment, place, &build(), audit, Task::Missing).map_err(told)?;
    go_on(&sweep, working)
}

fn resume(folder: &Path, working: &Working) -> Result<ExitCode, ExitCode> {
    match Sweep::open(folder, &build()) {
        Err(why @ Error::Finished { .. }) => {
            let folder = sweep::finished(folder).map_err(told)?;
            is_sound(&folder)?;
            tell!("{why}.");
            found(&folder, &working.form)
        }
        sweep => go_on(&sweep.map_err(told)?, working),
    }
}

/// That every file of a finished folder is as it was written.
fn is_sound(folder: &Folder) -> Result<(), ExitCode> {
    folder.verify().map_err(|error| told(error.into()))
}

/// Adds points or replicates to a finished folder.
fn top_up(folder: &Path, shape: &Shape, working: &Working) -> Result<ExitCode, ExitCode> {
    let base = sweep::finished(folder).map_err(told)?;
    let file = folder.join("experiment.ron");
    let own = loaded(&file, &[], &Options::default())?;
    let mut set = Vec::new();
    if let Some(points) = shape.points {
        let Some(last) = own.design.len().checked_sub(1) else {
            return Err(stop(
                Exit::Usage,
                format!(
                    "error: {} has no design, so that it has one point; --replicates adds to it",
                    folder.display()
                ),
            ));
        };
        set.push(Override::new(format!("design.{last}.count"), points));
    }
    let options = Options {
        replicates: shape.replicates,
        ..Options::default()
    };
    let larger = loaded(&file, &set, &options)?;
    if to_ron(&larger) == to_ron(&own) && sweep::at_rest(folder).map_err(told)?.is_some() {
        is_sound(&base)?;
        tell!("{} has as many already.", folder.display());
        return found(&base, &working.form);
    }
    let plan = plan(&larger).map_err(|why| stop(Exit::Config, why))?;
    start(&larger, &plan, folder, base.manifest().audited, working)
}

/// Runs that failed or took too long, again.
fn retry(folder: &Path, working: &Working) -> Result<ExitCode, ExitCode> {
    let base = sweep::finished(folder).map_err(told)?;
    let again = to_try_again(&base);
    if again.is_empty() {
        is_sound(&base)?;
        tell!(
            "Every run of {} went well; there is nothing to try again.",
            folder.display()
        );
        return found(&base, &working.form);
    }
    let file = folder.join("experiment.ron");
    let own = loaded(&file, &[], &Options::default())?;
    tell!("{} to try again.", say::count(again.len(), "run"));
    let audit = base.manifest().audited;
    let sweep = Sweep::begin(&own, folder, &build(), audit, Task::Again(again)).map_err(told)?;
    go_on(&sweep, working)
}

/// The folder that holds this one.
fn beside(folder: &Path) -> PathBuf {
    if folder.file_name().is_some() {
        return folder.parent().unwrap_or(Path::new(".")).to_owned();
    }
    folder.join("..")
}

/// Runs one row again, recorded in full, and says whether it is what stands in the table.
fn replay_row(arguments: &crate::Replay) -> Result<ExitCode, ExitCode> {
    let folder = sweep::finished(&arguments.folder).map_err(told)?;
    let replay = replay(&folder, arguments.row).map_err(told)?;
    let out = arguments.out.clone();
    let out = &out.unwrap_or_else(|| beside(&arguments.folder));
    let audit = folder.manifest().audited;
    let again = if replay.experiment.is_design() {
        part_again(&replay.experiment, out, audit)?
    } else {
        let conditions = prodos_experiment::Conditions {
            audit,
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
fn part_again(experiment: &Experiment, out: &Path, audit: bool) -> Result<Folder, ExitCode> {
    sweep::remove(&out.join(folder_name(experiment))).map_err(told)?;
    let manifest = Manifest {
        audited: audit,
        ..about_this_machine()
    };
    let folder = sweep::whole(experiment, out, manifest).map_err(told)?;
    let page = draw(&folder)?;
    tell!("{}", page.display());
    Ok(folder)
}

/// Puts the tables together that shards have left, in one folder or in several.
fn merge(arguments: &crate::Merge) -> Result<ExitCode, ExitCode> {
    let [first, others @ ..] = arguments.folders.as_slice() else {
        return Err(say::usage("name a folder"));
    };
    let sweep = match Sweep::open(first, &build()) {
        Err(why @ Error::Finished { .. }) => {
            let folder = sweep::finished(first).map_err(told)?;
            is_sound(&folder)?;
            tell!("{why}.");
            return found(&folder, &arguments.form);
        }
        sweep => sweep.map_err(told)?,
    };
    for other in others {
        let other = Sweep::open(other, &build()).map_err(told)?;
        sweep.adopt(&other).map_err(told)?;
    }
    close(&sweep, &stretch(), &arguments.form)
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
    let how_on = how_on(sweep.folder(), working);
    let teller = RunsTeller::new(sweep.runs(), &how_on, working.quiet);
    let began = Instant::now();
    let worked = sweep
        .work(part, limits, stretch.clone(), &now, &teller)
        .map_err(told)?;
    teller.finish();
    let seconds = began.elapsed().as_secs_f64();
    let done = say::count(worked.runs, "run");
    tell!(
        "{done} done here in {seconds:.1} s, {} there before.",
        worked.before
    );
    if worked.saved > Duration::from_millis(50) {
        tell!(
            "Runs that have their past in common ran it once: {:.1} s of work saved.",
            worked.saved.as_secs_f64()
        );
    }
    if worked.stopped {
        return Ok(stop(
            Exit::Incomplete,
            format!(
                "The deadline is reached: {} of {} on the disk, {} of them from this stretch. Go on with: {how_on}",
                worked.before + worked.runs,
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
            say::shell(sweep.folder())
        );
        return Ok(ExitCode::SUCCESS);
    }
    close(sweep, &stretch, &working.form)
}

/// The command that goes on with a sweep under the same conditions.
fn how_on(folder: &Path, working: &Working) -> String {
    let mut command = format!("prodos sweep resume {}", say::shell(folder));
    if let Some(part) = working.shard {
        command = format!("{command} --shard {}/{}", part.index + 1, part.of);
    }
    if let Some(seconds) = working.timeout {
        command = format!("{command} --timeout {seconds}");
    }
    if let Some(format) = working.form.format.and_then(|own| own.to_possible_value()) {
        command = format!("{command} --format {}", format.get_name());
    }
    command
}

/// Puts the tables together and draws them.
fn close(sweep: &Sweep, stretch: &Stretch, form: &Form) -> Result<ExitCode, ExitCode> {
    // What is added to goes on in the forms it has.
    let spreadsheets = form.asked().or_else(|| sweep.spreadsheets());
    let manifest = Manifest {
        finished: now(),
        started: stretch.started.clone(),
        ..about_this_machine()
    };
    let folder = finish(sweep, spreadsheets.unwrap_or_default(), manifest).map_err(told)?;
    found(&folder, form)
}

/// Says what is in a finished folder, and draws it where nobody has.
fn found(folder: &Folder, form: &Form) -> Result<ExitCode, ExitCode> {
    if let Some(why) = form.lacks(folder) {
        return Err(stop(Exit::Usage, why));
    }
    let mut page = folder.path().join("report.html");
    if !page.exists() {
        page = draw(folder)?;
    }
    let manifest = folder.manifest();
    tell!(
        "{} in the tables, {} failed, {} timed out.",
        say::count(manifest.runs as usize, "run"),
        manifest.failures.len(),
        manifest.timed_out.len()
    );
    tell!("{}", page.display());
    if !manifest.imprecise.is_empty() {
        tell!(
            "Not known as well as asked for, with all replicates that are allowed: {}.",
            first_of(&manifest.imprecise)
        );
    }
    let short = manifest.failures.iter().chain(&manifest.timed_out);
    let short: Vec<String> = short.take(5).map(in_words).collect();
    if short.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    Ok(stop(
        Exit::Run,
        format!(
            "error: {}\nhelp: prodos sweep retry {}",
            short.join("\nerror: "),
            say::shell(folder.path())
        ),
    ))
}

/// Draws a folder, and says what its page says first.
fn draw(folder: &Folder) -> Result<PathBuf, ExitCode> {
    let report = prodos_report::draw(folder, &prodos_report::Options::default())
        .map_err(|error| stop(Exit::Run, format!("error: {error}")))?;
    crate::run::tell_report(&report);
    Ok(report.page)
}

/// A run that has no outcomes, and why.
pub(crate) fn in_words((run, why): (&i64, &String)) -> String {
    format!("run {run}: {why}")
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
        tell!(
            "go on with: prodos sweep resume {} (with --shard, --timeout and --format as they were)",
            say::shell(folder)
        );
    } else if state == State::Interrupted {
        tell!(
            "all runs are there: prodos sweep merge {} puts the tables together",
            folder.display()
        );
    }
    for (what, runs) in [("failed", &failures), ("timed out", &timed_out)] {
        tell!("{what}: {}", runs.len());
        for run in runs.iter().take(5) {
            tell!("  {}", in_words(run));
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

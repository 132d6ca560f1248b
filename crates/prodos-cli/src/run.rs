//! `prodos run`, `prodos check`, `prodos report`.

use crate::estimate::{Estimate, estimate};
use crate::memory;
use crate::progress::{Teller, at_interrupt};
use crate::say::{self, Exit, complain, stop, tell};
use crate::{Check, Report, Run, sweep, verify};
use prodos_config::{Checked, Experiment};
use prodos_experiment::saved::{self, Resumed, Saved, Saving};
use prodos_experiment::sweep::{State, Status, at_rest, finished, status};
use prodos_experiment::verification::Laboratory;
use prodos_experiment::{Conditions, conduct, folder_name, operators};
use prodos_record::{Existing, Folder, Manifest};
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// Runs an experiment and draws it.
pub(crate) fn run(arguments: &Run) -> ExitCode {
    let Some(file) = &arguments.experiment else {
        return say::usage("name an experiment file");
    };
    let changes = &arguments.changes;
    let experiment = match prodos_config::load(file, &changes.set, &changes.options()) {
        Ok(experiment) => experiment,
        Err(problems) => {
            return stop(
                Exit::Config,
                problems.render(std::io::stderr().is_terminal()),
            );
        }
    };
    for notice in prodos_config::notices(&experiment) {
        complain!("note: {notice}");
    }
    if let Err(why) = say::use_threads(arguments.working.threads) {
        return stop(Exit::Usage, why);
    }
    if let Err(why) = say::is_folder(&arguments.out) {
        return stop(Exit::Usage, why);
    }
    if let Err(why) = fits(&experiment, arguments) {
        return stop(Exit::Usage, why);
    }
    if experiment.is_design() {
        return sweep::begin(&experiment, arguments).unwrap_or_else(|exit| exit);
    }
    let from = match resumed(arguments, &experiment) {
        Ok(from) => from,
        Err(exit) => return exit,
    };
    let experiment = from
        .as_ref()
        .map_or(experiment, |from| from.experiment().clone());
    let place = arguments.out.join(folder_name(&experiment));
    match site(&place, arguments) {
        Site::Free | Site::Replace => {}
        Site::Same => {
            tell!(
                "This experiment has run already with this build and seed; --force runs it again."
            );
            tell!("{}", place.join("report.html").display());
            return ExitCode::SUCCESS;
        }
        Site::Taken(why) => return stop(Exit::Usage, why),
    }
    let saving = arguments.save_every.map(|every| Saving {
        every,
        folder: place.with_file_name(format!("{}.saved", folder_name(&experiment))),
        build: build(),
    });
    if let Some(saving) = &saving {
        let saved = saving.folder.clone();
        at_interrupt(move || how_on(&saved));
    }
    let conditions = Conditions {
        audit: arguments.audit,
        saving,
        from,
        spreadsheets: arguments.working.form.asked().unwrap_or_default(),
        manifest: about_this_machine(),
    };
    match conduct_and_draw(
        &experiment,
        &arguments.out,
        conditions,
        arguments.working.quiet,
    ) {
        Ok(folder) => match folder.manifest().failures.first_key_value() {
            None => ExitCode::SUCCESS,
            Some(failed) => stop(Exit::Run, format!("error: {}", sweep::in_words(failed))),
        },
        Err(why) => stop(Exit::Run, why),
    }
}

/// The command that goes on with a run where it was saved: the same, from there.
fn how_on(saved: &Path) -> String {
    let is_there = std::fs::read_dir(saved).is_ok_and(|mut files| files.next().is_some());
    let mut given: Vec<String> = std::env::args().skip(1).collect();
    if let Some(place) = given.iter().position(|word| word == "--from") {
        given.drain(place..(place + 2).min(given.len()));
    }
    given.retain(|word| !word.starts_with("--from="));
    let given: Vec<String> = given
        .iter()
        .map(|word| say::shell(Path::new(word)))
        .collect();
    let given = given.join(" ");
    if is_there {
        format!(
            "go on from the day that was saved last with: prodos {given} --from {}",
            say::shell(saved)
        )
    } else {
        format!("no day was saved yet. Begin again with: prodos {given}")
    }
}

/// Whether what is asked for is of a single run or of a design, as the experiment is.
fn fits(experiment: &Experiment, arguments: &Run) -> Result<(), String> {
    let working = &arguments.working;
    let design = experiment.is_design();
    let misplaced = match design {
        true if arguments.save_every.is_some() => "--save-every",
        true if arguments.from.is_some() => "--from",
        false if working.shard.is_some() => "--shard",
        false if working.timeout.is_some() => "--timeout",
        _ => return Ok(()),
    };
    Err(if design {
        format!(
            "error: {misplaced} is for a single run, and this is a design: what is done of it is kept, and `prodos sweep resume` goes on"
        )
    } else {
        format!("error: {misplaced} is for a design, and this is a single run")
    })
}

/// The saved run that is to go on.
fn resumed(arguments: &Run, experiment: &Experiment) -> Result<Option<Resumed>, ExitCode> {
    let Some(path) = &arguments.from else {
        return Ok(None);
    };
    if arguments.audit {
        return Err(stop(
            Exit::Usage,
            "error: whether a run is audited is decided where it begins; leave --audit out beside --from",
        ));
    }
    let saved = Saved::read(path, &build()).and_then(|saved| saved.go_on(experiment));
    match saved {
        Ok(resumed) => {
            tell!("Going on from {}.", resumed.named());
            Ok(Some(resumed))
        }
        Err(why @ saved::Error::Record(_)) => Err(stop(Exit::Run, format!("error: {why}"))),
        Err(why) => Err(stop(Exit::Usage, format!("error: {why}"))),
    }
}

/// Runs, draws and publishes.
pub(crate) fn conduct_and_draw(
    experiment: &Experiment,
    out: &Path,
    conditions: Conditions,
    quiet: bool,
) -> Result<Folder, String> {
    let audit = conditions.audit;
    let days = f64::from(experiment.days) + f64::from(experiment.city.burn_in);
    tell!("{}", experiment.question);
    let teller = Teller::new(experiment, quiet);
    let began = Instant::now();
    let conducted = conduct(
        experiment,
        out,
        conditions,
        &|progress| teller.tell(progress),
        |manifest, posts| {
            let seconds = began.elapsed().as_secs_f64();
            manifest.wall_seconds = seconds;
            manifest.audited = audit;
            manifest.nanoseconds_per_operator_day = seconds * 1e9 / (posts as f64 * days);
            manifest.peak_memory_bytes = memory::peak().unwrap_or(0.0) as u64;
            manifest.finished = now();
        },
    )
    .map_err(|error| format!("error: {error}"))?;
    teller.finish();
    let report = prodos_report::draw(&conducted.folder, &prodos_report::Options::default())
        .map_err(|error| format!("error: {error}"))?;
    let folder = conducted
        .draft
        .publish(Existing::Replace)
        .map_err(|error| format!("error: {error}"))?;
    tell_report(&report);
    let manifest = folder.manifest();
    tell!(
        "1 run of {}, {}: {:.1} s in all, {:.0} ns per operator-day while running, {:.0} MB at the peak, {}.",
        say::count(experiment.days as usize, "day"),
        say::count(conducted.posts, "operator"),
        began.elapsed().as_secs_f64(),
        manifest.nanoseconds_per_operator_day,
        memory::peak().unwrap_or(0.0) / 1e6,
        say::count(report.figures.len(), "figure"),
    );
    if manifest.audited && manifest.failures.is_empty() {
        tell!("Audited: the ledgers of every team balanced on every day.");
    }
    tell!("{}", folder.path().join("report.html").display());
    Ok(folder)
}

/// Says what the page says first, and which figures could not be drawn.
pub(crate) fn tell_report(report: &prodos_report::Report) {
    for sentence in &report.brief {
        tell!("{sentence}");
    }
    for (name, reason) in &report.left_out {
        tell!("left out: {name}: {reason}");
    }
}

/// What is at the place of a result folder.
enum Site {
    Free,
    Same,
    Replace,
    Taken(String),
}

fn site(place: &Path, arguments: &Run) -> Site {
    if !place.exists() {
        return Site::Free;
    }
    let shown = place.display();
    if arguments.force {
        // What a program works on is not taken away from it.
        return match status(place) {
            Ok(Status {
                state: State::Running,
                ..
            }) => Site::Taken(format!(
                "error: {shown} is being worked on by another program"
            )),
            _ => Site::Replace,
        };
    }
    let folder = match at_rest(place) {
        Ok(Some(folder)) => folder,
        Err(why) => return Site::Taken(format!("error: {why}")),
        Ok(None) => {
            return Site::Taken(format!(
                "error: {shown} exists and is not a whole result folder: `prodos sweep status {shown}` says what it is; --force replaces it"
            ));
        }
    };
    let found = folder.manifest();
    if let Some(why) = arguments.working.form.lacks(&folder) {
        return Site::Taken(why);
    }
    if arguments.audit && !found.audited {
        return Site::Taken(format!(
            "error: {shown} was run without --audit; --force runs it again with it"
        ));
    }
    if found.build != build() {
        return Site::Taken(format!(
            "error: {shown} was made by another build of the program; --force replaces it"
        ));
    }
    if !found.failures.is_empty() {
        return Site::Taken(format!(
            "error: {shown} holds runs that failed; --force runs them again"
        ));
    }
    match folder.verify() {
        Ok(()) => Site::Same,
        Err(error) => Site::Taken(format!("error: {error}; --force runs it again")),
    }
}

/// What the manifest says of program, host and command.
pub(crate) fn about_this_machine() -> Manifest {
    let mut command = vec!["prodos".to_owned()];
    command.extend(std::env::args().skip(1));
    Manifest {
        version: env!("CARGO_PKG_VERSION").into(),
        build: build(),
        command: command.join(" "),
        threads: rayon::current_num_threads() as u64,
        host: std::fs::read_to_string("/etc/hostname")
            .map_or_else(|_| String::new(), |name| name.trim().to_owned()),
        started: now(),
        ..Manifest::default()
    }
}

/// Source revision and a hash of the program itself: equal only for the same build.
pub(crate) fn build() -> String {
    let mut hasher = blake3::Hasher::new();
    // A program that cannot be read hashes to nothing, like every other one that cannot.
    let _ = std::env::current_exe()
        .and_then(std::fs::File::open)
        .and_then(|program| hasher.update_reader(program).map(|_| ()));
    let hash = hasher.finalize().to_hex();
    format!("{} {}", env!("PRODOS_REVISION"), &hash[..12])
}

pub(crate) fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

/// Checks files and says what would be run.
pub(crate) fn check(arguments: &Check) -> ExitCode {
    let mut sound = true;
    for file in &arguments.files {
        let changes = &arguments.changes;
        match prodos_config::check(file, &changes.set, &changes.options(), &Laboratory) {
            Ok(Checked::Experiment(experiment)) => {
                let plan = if experiment.is_design() {
                    sweep::plan(&experiment).map(|lines| lines.replace('\n', "\n  "))
                } else {
                    Ok(plan(&experiment))
                };
                match plan {
                    Ok(plan) => tell!("{}: sound. {plan}", file.display()),
                    Err(why) => {
                        sound = false;
                        complain!("{}: {why}", file.display());
                        continue;
                    }
                }
                match estimate(&experiment, &std::env::temp_dir()) {
                    Ok(estimate) => {
                        tell!("  {}", cost(&estimate));
                        if let Some(until) = &experiment.until {
                            tell!(
                                "  that is with {} a point; where `until` adds to them, at most {:.0} times as much",
                                say::count(experiment.replicates as usize, "replicate"),
                                f64::from(until.most) / f64::from(experiment.replicates)
                            );
                        }
                        if let Some(note) = short_of_memory(&estimate, memory::available()) {
                            tell!("  note: {note}");
                        }
                    }
                    Err(error) => tell!("  no estimate of time, memory and disk: {error}"),
                }
                for notice in prodos_config::notices(&experiment) {
                    tell!("  note: {notice}");
                }
            }
            Ok(Checked::Case(case)) => {
                tell!("{}: sound. {}", file.display(), verify::plan(&case));
                for arm in &case.arms {
                    tell!("  {}", verify::plan_of_arm(&case, arm));
                }
            }
            Ok(Checked::Part(kind)) => tell!("{}: a sound {}.", file.display(), kind.name()),
            Err(problems) => {
                sound = false;
                complain!("{}", problems.render(std::io::stderr().is_terminal()));
            }
        }
    }
    if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(Exit::Config as u8)
    }
}

/// What an experiment would run.
fn plan(experiment: &Experiment) -> String {
    let city = &experiment.city;
    format!(
        "{} of {} (after {} of burn-in), {} in {}, tick {} d, seed {}.",
        say::count(experiment.replicates as usize, "run"),
        say::count(experiment.days as usize, "day"),
        city.burn_in,
        say::count(operators(experiment) as usize, "operator"),
        say::count(city.sectors.len(), "sector"),
        city.tick,
        experiment.seed,
    )
}

/// What to know where a run needs more memory than is free.
fn short_of_memory(estimate: &Estimate, free: Option<f64>) -> Option<String> {
    let (needed, free) = estimate.memory.zip(free)?;
    (needed > free).then(|| {
        format!(
            "that is more memory than is free here ({}), and the system may stop the run; fewer replicates, a smaller --scale or \
             fewer rows (record.sectors_every, record.teams_every) take less.",
            say::size(free)
        )
    })
}

/// What it would take, from short probe runs.
fn cost(estimate: &Estimate) -> String {
    let seconds = estimate.seconds;
    let time = match seconds {
        ..1.0 => "under a second".to_owned(),
        ..100.0 => format!("about {seconds:.0} s"),
        ..6000.0 => format!("about {:.0} min", seconds / 60.0),
        _ => format!("about {:.1} h", seconds / 3600.0),
    };
    let memory = estimate.memory.map_or_else(
        || "memory unknown on this system".to_owned(),
        |bytes| format!("about {} of memory", say::size(bytes)),
    );
    format!(
        "{time} on {}, {memory}, {} on disk (from short probe runs).",
        say::count(rayon::current_num_threads(), "thread"),
        say::size(estimate.disk),
    )
}

/// Redraws a result folder from its tables.
pub(crate) fn report(arguments: &Report) -> ExitCode {
    let drawn = finished(&arguments.folder)
        .map_err(|error| error.to_string())
        .and_then(|folder| {
            folder.verify().map_err(|error| error.to_string())?;
            let options = prodos_report::Options { run: arguments.run };
            prodos_report::draw(&folder, &options).map_err(|error| error.to_string())
        });
    match drawn {
        Ok(report) => {
            tell_report(&report);
            tell!("{}", report.page.display());
            ExitCode::SUCCESS
        }
        Err(why) => stop(Exit::Run, format!("error: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Estimate, short_of_memory};

    #[test]
    fn memory_that_is_not_there_is_noted_with_what_to_do() {
        let estimate = Estimate {
            seconds: 1.0,
            memory: Some(8e9),
            disk: 1e6,
        };
        let note = short_of_memory(&estimate, Some(2e9)).expect("it does not fit");
        assert!(
            note.contains("2.0 GB") && note.contains("replicates"),
            "{note}"
        );
        assert_eq!(short_of_memory(&estimate, Some(9e9)), None);
        assert_eq!(short_of_memory(&estimate, None), None);
    }
}

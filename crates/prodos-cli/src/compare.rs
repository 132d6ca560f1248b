//! `prodos compare`: two policies against each other.

use crate::run::about_this_machine;
use crate::say::{self, Exit, stop, tell};
use crate::{Compare, sweep};
use prodos_config::{Experiment, nearest_words};
use prodos_experiment::compare::{Comparison, Difference, differences, pair, table, unlike};
use prodos_experiment::{plain, sense};
use prodos_record::{Draft, Existing, Folder, Manifest};
use prodos_report::Contrasts;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

/// Replicates of an experiment whose file asks for one: differences need several.
const REPLICATES: u32 = 20;

/// Compares two experiments or result folders.
pub(crate) fn compare(arguments: &Compare) -> ExitCode {
    match told(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => exit,
    }
}

fn told(arguments: &Compare) -> Result<(), ExitCode> {
    let usage = |why: String| stop(Exit::Usage, format!("error: {why}"));
    let failed = |why: String| stop(Exit::Run, format!("error: {why}"));
    say::use_threads(arguments.working.threads).map_err(|why| stop(Exit::Usage, why))?;
    say::is_folder(&arguments.out).map_err(|why| stop(Exit::Usage, why))?;
    if arguments.working.shard.is_some() {
        return Err(usage(
            "--shard does a part of a design, and a comparison needs all of it; share the work with `prodos sweep run` first".to_owned(),
        ));
    }
    // Both are read before one of them is run.
    let first = given(&arguments.first, arguments)?;
    let second = given(&arguments.second, arguments)?;
    let (first, second) = (results(first, arguments)?, results(second, arguments)?);
    let summary = |folder: &Folder| {
        folder
            .verify()
            .and_then(|()| folder.table("summary.parquet"))
            .map_err(|error| failed(error.to_string()))
    };
    let (one, other) = (summary(&first)?, summary(&second)?);
    let [days, others] = [&first, &second].map(|folder| folder.manifest().days);
    if days != others {
        return Err(usage(format!(
            "the runs of {} take {days} days, those of {} {others}: give both the same `days`",
            first.path().display(),
            second.path().display()
        )));
    }
    let worlds = pair(&one, &other).map_err(|error| failed(error.to_string()))?;
    let pairs: usize = worlds.iter().map(Vec::len).sum();
    if pairs == 0 {
        return Err(usage(format!(
            "{} and {} have no run with the same point and seed: runs are compared that share their draws, so give both the same `seed`",
            first.path().display(),
            second.path().display()
        )));
    }
    let varied = [&first, &second].map(|folder| folder.manifest().varied.as_slice());
    if let Some(why) = unlike([&one, &other], varied, &worlds) {
        return Err(usage(format!(
            "the points of {} and {} are not the same: {why}. Runs are compared point by point, so give both the same `design`",
            first.path().display(),
            second.path().display()
        )));
    }
    let seed = first.manifest().seeds.first().copied().unwrap_or(1);
    let found =
        differences(&one, &other, &worlds, seed).map_err(|error| failed(error.to_string()))?;
    let headline = headline(&first, arguments, &found).map_err(usage)?;
    let [against, policy] = names(&first, &second);
    let comparison = Comparison {
        policy,
        against,
        differences: found,
    };
    let differences = table(std::slice::from_ref(&comparison));
    let each = comparison.differences.iter().map(|own| own.each.clone());
    let caption = caption(&first, &second);
    let contrasts = Contrasts::of(&differences, &headline, each.collect(), caption)
        .map_err(|error| failed(error.to_string()))?;
    let spreadsheets = arguments.working.form.asked().unwrap_or_default();
    let draft = Draft::create(&arguments.out, &place(&first, &second))
        .map_err(|error| failed(error.to_string()))?;
    let written = || -> Result<Folder, String> {
        let at = |name: &str| draft.file(name).map_err(|error| error.to_string());
        let done =
            |result: Result<(), prodos_record::Error>| result.map_err(|error| error.to_string());
        done(differences.write_parquet(&at("differences.parquet")?))?;
        done(spreadsheets.write(draft.path()))?;
        let path = draft.path().to_owned();
        contrasts.write(&path).map_err(|error| error.to_string())?;
        let manifest = Manifest {
            experiment: format!("{} against {}", comparison.policy, comparison.against),
            headline: headline.clone(),
            question: first.manifest().question.clone(),
            seeds: vec![seed],
            runs: 2 * pairs as u64,
            ..about_this_machine()
        };
        draft.seal(manifest).map_err(|error| error.to_string())
    };
    written().map_err(failed)?;
    let folder = draft
        .publish(Existing::Replace)
        .map_err(|error| failed(error.to_string()))?;
    for sentence in contrasts.sentences() {
        tell!("{sentence}");
    }
    let differs = |own: &&Difference| own.each.iter().any(|pair| pair.abs() > 0.0);
    for own in comparison.differences.iter().filter(differs) {
        tell!("{}", line(own));
    }
    tell!("{}", folder.path().join("report.html").display());
    Ok(())
}

/// One outcome in a line.
fn line(own: &Difference) -> String {
    let number = prodos_report::significant;
    format!(
        "  {:<32} {:>10} ({} to {}) {}, better in {}, variance / {}",
        own.outcome,
        number(own.mean),
        number(own.interval.0),
        number(own.interval.1),
        own.unit,
        number(own.probability_better),
        number(own.variance_reduction)
    )
}

/// What is compared.
enum Given {
    Results(Box<Folder>),
    Experiment(Box<Experiment>),
}

/// What is at a path: a result folder, or an experiment with replicates enough.
fn given(path: &Path, arguments: &Compare) -> Result<Given, ExitCode> {
    if path.is_dir() {
        let finished = prodos_experiment::sweep::finished(path);
        let finished = finished.map_err(|error| stop(Exit::Usage, format!("error: {error}")))?;
        return Ok(Given::Results(Box::new(finished)));
    }
    let changes = &arguments.changes;
    let loaded = prodos_config::load(path, &changes.set, &changes.options());
    let mut experiment = loaded.map_err(|problems| {
        stop(
            Exit::Config,
            problems.render(std::io::stderr().is_terminal()),
        )
    })?;
    if !experiment.is_design() {
        experiment.replicates = REPLICATES;
        experiment.record = prodos_config::Rows::Summary.into();
    }
    Ok(Given::Experiment(Box::new(experiment)))
}

/// The results of an experiment, which is run where it has none, or those of a folder.
fn results(given: Given, arguments: &Compare) -> Result<Folder, ExitCode> {
    match given {
        Given::Results(folder) => Ok(*folder),
        Given::Experiment(experiment) => sweep::finished(&experiment, arguments),
    }
}

/// The outcome that is told first.
fn headline(first: &Folder, arguments: &Compare, found: &[Difference]) -> Result<String, String> {
    let of_first = || first.manifest().headline.clone();
    let wanted = arguments.outcome.clone().unwrap_or_else(of_first);
    if sense(&wanted).is_some() && found.iter().any(|own| own.outcome == wanted) {
        return Ok(wanted);
    }
    let known = found.iter().map(|own| own.outcome.as_str());
    let near = nearest_words(&wanted, known, 3).join("`, `");
    Err(format!(
        "there is no outcome `{wanted}`; did you mean `{near}`?"
    ))
}

/// What the two are called: their experiments, or their folders where those have one name.
fn names(first: &Folder, second: &Folder) -> [String; 2] {
    let names = [first, second].map(|folder| folder.manifest().experiment.clone());
    if names[0] != names[1] {
        return names;
    }
    [first, second].map(|folder| {
        let name = folder.path().file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    })
}

/// Name of the folder of the comparison.
fn place(first: &Folder, second: &Folder) -> String {
    let [one, other] = [first, second].map(|folder| folder.manifest().configuration_hash.clone());
    let hash = blake3::hash(format!("{one} {other}").as_bytes());
    let [a, b] = names(first, second).map(|name| plain(&name));
    format!("compare-{a}-{b}-{}", &hash.to_hex()[..8])
}

/// What was run.
fn caption(first: &Folder, second: &Folder) -> String {
    let hash = |folder: &Folder| folder.manifest().configuration_hash.clone();
    format!(
        "first: configuration {} · second: configuration {} · {} days · prodos {}",
        hash(first),
        hash(second),
        first.manifest().days,
        env!("CARGO_PKG_VERSION")
    )
}

//! `prodos verify`: the cases, a table of what was found, and what it says.

use crate::progress::TrialTeller;
use crate::say::{self, Exit, complain, stop, tell};
use crate::{Verify, run};
use prodos_config::{Arm, Bound, Case, nearest_words};
use prodos_experiment::operators;
use prodos_experiment::verification::{Laboratory, Met, Outcome, first_runs, verify};
use prodos_record::{Cell, Column, Draft, Existing, Manifest, Table};
use prodos_report::{Allowed, Standing, Verdict, significant, to_tolerance};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Where the shipped cases are.
const SHIPPED: &str = "configs/verification";

/// A case that was tried, and what came of it.
struct Tried {
    case: Case,
    outcomes: Vec<Outcome>,
    seconds: f64,
}

impl Tried {
    /// Runs of all its arms.
    fn runs(&self) -> u64 {
        let of = |arm: &Arm| {
            let own = self.outcomes.iter().find(|outcome| outcome.arm == arm.name);
            own.map_or(0, |outcome| u64::from(outcome.runs))
        };
        self.case.arms.iter().map(of).sum()
    }
}

/// Tries cases and says which results are met.
pub(crate) fn verify_cases(arguments: &Verify) -> ExitCode {
    let files = match files(&arguments.cases) {
        Ok(files) => files,
        Err(why) => return stop(Exit::Usage, format!("error: {why}")),
    };
    if let Err(why) = say::use_threads(arguments.threads) {
        return stop(Exit::Usage, why);
    }
    let mut cases = Vec::new();
    let mut sound = true;
    for file in &files {
        match prodos_config::load_case(file, &Laboratory) {
            Ok(case) => cases.push(case),
            Err(problems) => {
                sound = false;
                complain!("{}", problems.render(std::io::stderr().is_terminal()));
            }
        }
    }
    if !sound {
        return ExitCode::from(Exit::Config as u8);
    }
    if let Err(why) = told_apart(&cases, &files) {
        return stop(Exit::Usage, why);
    }
    if let Err(why) = say::is_folder(&arguments.out) {
        return stop(Exit::Usage, why);
    }
    // A case that is named is tried whole.
    let full = arguments.full || !arguments.cases.is_empty();
    let name = folder_name(&cases, full);
    // The folder comes first: what cannot be written is not worth the wait.
    let draft = match Draft::create(&arguments.out, &name) {
        Ok(draft) => draft,
        Err(why) => return stop(Exit::Run, format!("error: {why}")),
    };
    let started = run::now();
    let teller = TrialTeller::new();
    let mut tried = Vec::new();
    for case in cases {
        let began = Instant::now();
        let outcomes = verify(&case, full, &|progress| teller.tell(&case.name, progress));
        teller.clear();
        let seconds = began.elapsed().as_secs_f64();
        let now = Tried {
            case,
            outcomes,
            seconds,
        };
        tell_case(&now);
        tried.push(now);
    }
    let all_met = tell_all(&tried);
    match write(draft, &tried, started) {
        Ok(page) => tell!("{}", page.display()),
        Err(why) => return stop(Exit::Run, format!("error: {why}")),
    }
    if all_met {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(Exit::Failed as u8)
    }
}

/// Refuses two cases of one name: their numbers could not be told apart.
fn told_apart(cases: &[Case], files: &[PathBuf]) -> Result<(), String> {
    let named = || cases.iter().zip(files);
    for (number, (case, file)) in named().enumerate() {
        if let Some((_, first)) = named().take(number).find(|own| own.0.name == case.name) {
            return Err(format!(
                "error: the cases in {} and {} are both called `{}`; give one another `name`",
                first.display(),
                file.display(),
                case.name
            ));
        }
    }
    Ok(())
}

fn tell_case(tried: &Tried) {
    let Tried {
        case,
        outcomes,
        seconds,
    } = tried;
    if outcomes.iter().all(|outcome| outcome.met == Met::LeftOut) {
        return;
    }
    tell!(
        "{}  {}  ({seconds:.1} s)",
        in_a_line(&case.name),
        in_a_line(&case.claim)
    );
    for outcome in outcomes {
        let begin = format!("  {:9}  {}", standing(outcome.met).word(), what(outcome));
        let reference = digits(outcome.measure.reference, outcome.measure.bound);
        let bound = match allowed(outcome.measure.bound) {
            within @ Allowed::Within(_) => format!("±{}", within.told()),
            side => side.told(),
        };
        match (outcome.met, outcome.why.as_str()) {
            (Met::LeftOut, _) => {}
            (Met::Untried, why) => tell!("{begin}: {why}"),
            (_, "") => tell!(
                "{begin}: {} for {reference} {bound}{} ({})",
                digits(outcome.found, outcome.measure.bound),
                off(outcome),
                say::count(outcome.runs as usize, "run"),
            ),
            (_, why) => tell!("{begin}: nothing for {reference} {bound}: {why}"),
        }
    }
}

/// A number with as many digits as its tolerance asks for.
fn digits(number: f64, bound: Bound) -> String {
    match bound {
        Bound::Within(tolerance) => to_tolerance(number, tolerance),
        _ => significant(number),
    }
}

/// How far a number is from its reference, where chance plays a part.
fn off(outcome: &Outcome) -> String {
    // Where it plays none, runs differ by rounding at most.
    let size = outcome.measure.reference.abs().max(outcome.found.abs());
    if outcome.error <= 1e-6 * size {
        return String::new();
    }
    let off = outcome.found - outcome.measure.reference;
    let errors = off / outcome.error;
    match outcome.measure.bound {
        Bound::Within(tolerance) if tolerance > 0.0 => {
            let share = off / tolerance;
            format!(", off by {share:.2} of that and {errors:.1} standard errors")
        }
        Bound::Within(_) => format!(", off by {errors:.1} standard errors"),
        Bound::AtLeast | Bound::AtMost => {
            let beyond = match outcome.measure.bound {
                Bound::AtMost => off > 0.0,
                _ => off < 0.0,
            };
            let how = if beyond { "beyond it" } else { "clear of it" };
            format!(", {how} by {:.1} standard errors", errors.abs())
        }
    }
}

/// Says how many numbers are met, and whether all are that were asked for.
fn tell_all(tried: &[Tried]) -> bool {
    let outcomes: Vec<&Outcome> = tried.iter().flat_map(|own| &own.outcomes).collect();
    let count = |met: Met| outcomes.iter().filter(|outcome| outcome.met == met).count();
    let [met, undecided, left_out] = [Met::Yes, Met::Undecided, Met::LeftOut].map(count);
    let asked = outcomes.len() - left_out;
    let cases = tried.iter().filter(|own| {
        own.outcomes
            .iter()
            .any(|outcome| outcome.met != Met::LeftOut)
    });
    let seconds: f64 = tried.iter().map(|own| own.seconds).sum();
    tell!(
        "Met: {met} of {} in {}, in {seconds:.0} s.",
        say::count(asked, "number"),
        say::count(cases.count(), "case"),
    );
    if undecided > 0 {
        tell!(
            "Undecided: {}, too close to what is allowed. More `replicates` of an experiment, larger samples of a \
             kernel, or a wider tolerance that the source allows, decides.",
            say::count(undecided, "number"),
        );
    }
    if left_out > 0 {
        let arms = tried.iter().flat_map(|own| &own.case.arms);
        let slow = arms.filter(|arm| !arm.quick).count();
        tell!(
            "Left out: {} in {}, which take long; --full tries all.",
            say::count(left_out, "number"),
            say::count(slow, "arm"),
        );
    }
    met == asked
}

fn allowed(bound: Bound) -> Allowed {
    match bound {
        Bound::Within(tolerance) => Allowed::Within(tolerance),
        Bound::AtLeast => Allowed::OrMore,
        Bound::AtMost => Allowed::OrLess,
    }
}

fn standing(met: Met) -> Standing {
    match met {
        Met::Yes => Standing::Met,
        Met::No => Standing::Missed,
        Met::Undecided => Standing::Undecided,
        Met::Untried => Standing::Untried,
        Met::LeftOut => Standing::LeftOut,
    }
}

/// What was measured, with the arm where there are several.
fn what(outcome: &Outcome) -> String {
    in_a_line(&match outcome.arm.as_str() {
        "" => outcome.measure.what.clone(),
        arm => format!("{arm}: {}", outcome.measure.what),
    })
}

/// A text of a file without what would move the cursor of a terminal.
fn in_a_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(plain).collect()
}

/// A name that the same cases have with the same build, and no others.
fn folder_name(cases: &[Case], full: bool) -> String {
    let told = format!("{cases:?} {full} {}", run::build());
    let hash = blake3::hash(told.as_bytes()).to_hex();
    format!("verification-{}", &hash[..8])
}

/// Writes table and page into a folder of their own; gives the page.
fn write(draft: Draft, tried: &[Tried], started: String) -> Result<PathBuf, String> {
    let told = |error: prodos_record::Error| error.to_string();
    let rows = table(tried);
    rows.write_csv(&draft.file("verification.csv").map_err(told)?)
        .map_err(told)?;
    let manifest = Manifest {
        experiment: "verification".to_owned(),
        question: "Does the program do what is published?".to_owned(),
        runs: tried.iter().map(Tried::runs).sum(),
        wall_seconds: tried.iter().map(|own| own.seconds).sum(),
        started,
        finished: run::now(),
        ..run::about_this_machine()
    };
    let about = format!(
        "{} · prodos {} · {} · {}",
        manifest.command,
        manifest.version,
        say::count(manifest.threads as usize, "thread"),
        manifest.finished
    );
    draft.seal(manifest).map_err(told)?;
    let page = draft.path().join("verification.html");
    prodos_report::write_verdicts(&page, &about, &verdicts(tried))
        .map_err(|error| error.to_string())?;
    let folder = draft.publish(Existing::Replace).map_err(told)?;
    Ok(folder.path().join("verification.html"))
}

/// One row a number.
fn table(tried: &[Tried]) -> Table {
    let mut table = Table::new(vec![
        Column::text("case", "Name of the case."),
        Column::text("family", "What it belongs to."),
        Column::text(
            "kernel",
            "The function or reference process that was called; empty where the engine was run.",
        ),
        Column::text("what", "What was measured."),
        Column::float("reference", "of the number", "What is published."),
        Column::float(
            "found",
            "of the number",
            "What was found; empty where there was nothing to measure.",
        ),
        Column::float(
            "error",
            "of the number",
            "Standard error of that; 0 where all runs say the same.",
        ),
        Column::float(
            "tolerance",
            "of the number",
            "How far from the reference it may be; empty where it must only be on one side.",
        ),
        Column::text(
            "side",
            "at_least or at_most where it must only be on one side; else empty.",
        ),
        Column::integer("runs", "runs", "Runs that it is of."),
        Column::text(
            "verdict",
            "met, missed, undecided (too close to what is allowed), untried (it could not be run) or left out (it takes long).",
        ),
        Column::text("why", "Why nothing was found; empty where something was."),
        Column::float("seconds", "s", "Time of the whole case."),
        Column::text("source", "Where the result was published."),
    ]);
    for own in tried {
        for outcome in &own.outcomes {
            let measure = &outcome.measure;
            let (tolerance, side) = match measure.bound {
                Bound::Within(tolerance) => (tolerance, ""),
                Bound::AtLeast => (f64::NAN, "at_least"),
                Bound::AtMost => (f64::NAN, "at_most"),
            };
            let row = [
                Cell::Text(&own.case.name),
                Cell::Text(&own.case.family),
                Cell::Text(own.case.kernel.as_deref().unwrap_or_default()),
                Cell::Text(&what(outcome)),
                Cell::Float(measure.reference),
                Cell::Float(outcome.found),
                Cell::Float(outcome.error),
                Cell::Float(tolerance),
                Cell::Text(side),
                Cell::Integer(outcome.runs.into()),
                Cell::Text(standing(outcome.met).word()),
                Cell::Text(&outcome.why),
                Cell::Float(own.seconds),
                Cell::Text(&own.case.source),
            ];
            table.push_row(&row, []);
        }
    }
    table
}

fn verdicts(tried: &[Tried]) -> Vec<Verdict> {
    let of = |own: &Tried| -> Vec<Verdict> {
        let verdict = |outcome: &Outcome| Verdict {
            family: own.case.family.clone(),
            case: own.case.name.clone(),
            claim: own.case.claim.clone(),
            source: own.case.source.clone(),
            seconds: own.seconds,
            kernel: own.case.kernel.clone().unwrap_or_default(),
            what: what(outcome),
            found: outcome.found,
            error: outcome.error,
            reference: outcome.measure.reference,
            allowed: allowed(outcome.measure.bound),
            runs: outcome.runs,
            standing: standing(outcome.met),
            why: outcome.why.clone(),
        };
        own.outcomes.iter().map(verdict).collect()
    };
    tried.iter().flat_map(of).collect()
}

/// What a case would try.
pub(crate) fn plan(case: &Case) -> String {
    let numbers: usize = case.arms.iter().map(|arm| arm.measures.len()).sum();
    let of = match &case.kernel {
        Some(kernel) => format!("the kernel {kernel}"),
        None => "the engine".to_owned(),
    };
    format!(
        "{} in {}, of {of}: {}",
        say::count(numbers, "number"),
        say::count(case.arms.len(), "arm"),
        case.claim
    )
}

/// What one of its arms would.
pub(crate) fn plan_of_arm(case: &Case, arm: &Arm) -> String {
    let runs = first_runs(case, arm);
    let name = match arm.name.as_str() {
        "" => String::new(),
        name => format!("{name}: "),
    };
    let numbers = say::count(arm.measures.len(), "number");
    let how = match (&arm.experiment, runs) {
        (Some(experiment), _) => format!(
            "{runs} runs or more, each {} after {} of burn-in, {}, tick {} d",
            say::count(experiment.days as usize, "day"),
            experiment.city.burn_in,
            say::count(operators(experiment) as usize, "operator"),
            experiment.city.tick
        ),
        (None, 1) => "one call, without chance".to_owned(),
        (None, runs) => format!("{runs} calls or more"),
    };
    let slow = if arm.quick {
        ""
    } else {
        "; takes long, with --full or where the case is named"
    };
    format!("{name}{numbers} of {how}{slow}")
}

/// The files of cases that are named: paths, names of shipped cases, or all of those.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    if named.is_empty() {
        return cases_of(Path::new(SHIPPED));
    }
    let mut files = Vec::new();
    for name in named {
        let lower = name.to_string_lossy().to_lowercase();
        let shipped = Path::new(SHIPPED).join(lower).with_extension("ron");
        if name.is_dir() {
            files.extend(cases_of(name)?);
        } else if name.exists() || name.extension().is_some() || name.components().count() > 1 {
            files.push(name.clone());
        } else if shipped.is_file() {
            files.push(shipped);
        } else {
            return Err(no_case(&name.to_string_lossy()));
        }
    }
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

/// Says that no shipped case has that name, and which have one like it.
fn no_case(name: &str) -> String {
    let shipped = cases_of(Path::new(SHIPPED)).unwrap_or_default();
    let stems = shipped.iter().filter_map(|file| file.file_stem()?.to_str());
    let near: Vec<String> = nearest_words(name, stems, 3)
        .into_iter()
        .map(|near| format!("`{near}`"))
        .collect();
    let help = match near.as_slice() {
        [] => format!("cases are files, or those of `{SHIPPED}` in the folder where you are"),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    format!("there is no case `{name}`; {help}")
}

/// Every file of cases in a folder, in order of their names.
fn cases_of(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let listing = std::fs::read_dir(folder).map_err(|_| {
        format!(
            "there is no folder `{}` of cases here; name a case file",
            folder.display()
        )
    })?;
    let paths = listing.filter_map(Result::ok).map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "ron"))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(format!("there are no cases in `{}`", folder.display()));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::off;
    use prodos_config::{Across, Bound, Measure, formula};
    use prodos_experiment::verification::{Met, Outcome};

    fn found(bound: Bound, found: f64) -> String {
        off(&Outcome {
            arm: String::new(),
            measure: Measure {
                what: "size".into(),
                of: "size".into(),
                formula: formula::parse("size").expect("it is one"),
                over: formula::parse("1").expect("it is one"),
                across: Across::Mean,
                reference: 2.0,
                bound,
            },
            found,
            error: 0.5,
            runs: 20,
            met: Met::Undecided,
            why: String::new(),
        })
    }

    #[test]
    fn a_bound_is_kept_by_what_is_at_it_and_passed_by_what_is_beyond() {
        for (bound, at, says) in [
            (Bound::AtLeast, 3.0, ", clear of it by 2.0 standard errors"),
            (Bound::AtLeast, 2.0, ", clear of it by 0.0 standard errors"),
            (Bound::AtLeast, 1.0, ", beyond it by 2.0 standard errors"),
            (Bound::AtMost, 3.0, ", beyond it by 2.0 standard errors"),
            (Bound::AtMost, 2.0, ", clear of it by 0.0 standard errors"),
            (Bound::AtMost, 1.0, ", clear of it by 2.0 standard errors"),
            (
                Bound::Within(4.0),
                3.0,
                ", off by 0.25 of that and 2.0 standard errors",
            ),
            (Bound::Within(0.0), 3.0, ", off by 2.0 standard errors"),
        ] {
            assert_eq!(found(bound, at), says, "{bound:?} at {at}");
        }
    }
}

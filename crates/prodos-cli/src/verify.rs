//! `prodos verify`: the cases, a table of what was found, and what it says.

use crate::Verify;
use crate::say::{self, Exit, stop, tell};
use prodos_config::{Bound, Case};
use prodos_experiment::verification::{Met, Outcome, verify};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Where the shipped cases are.
const SHIPPED: &str = "configs/verification";

/// A case that was tried.
pub(crate) struct Tried {
    pub(crate) case: Case,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) seconds: f64,
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
        match prodos_config::load_case(file) {
            Ok(case) => cases.push(case),
            Err(problems) => {
                sound = false;
                eprintln!("{}", problems.render(std::io::stderr().is_terminal()));
            }
        }
    }
    if !sound {
        return ExitCode::from(Exit::Config as u8);
    }
    // A case that is asked for by name is tried whole.
    let full = arguments.full || !arguments.cases.is_empty();
    let arms = cases.iter().flat_map(|case: &Case| &case.arms);
    let left_out = arms.filter(|arm| !full && !arm.quick).count();
    cases.retain(|case| full || case.arms.iter().any(|arm| arm.quick));
    let mut missed = 0;
    for case in cases {
        let began = Instant::now();
        match verify(&case, full) {
            Ok(outcomes) => {
                let seconds = began.elapsed().as_secs_f64();
                missed += outcomes
                    .iter()
                    .filter(|outcome| outcome.met != Met::Yes)
                    .count();
                tell_case(&Tried {
                    case,
                    outcomes,
                    seconds,
                });
            }
            Err(why) => {
                missed += 1;
                tell!("{}  cannot be tried: {why}", case.name);
            }
        }
    }
    if left_out > 0 {
        tell!(
            "{} not tried, since they take long; --full tries all.",
            say::count(left_out, "arm")
        );
    }
    if missed > 0 {
        return ExitCode::from(Exit::Failed as u8);
    }
    ExitCode::SUCCESS
}

fn tell_case(tried: &Tried) {
    let Tried {
        case,
        outcomes,
        seconds,
    } = tried;
    tell!("{}  {}  ({seconds:.1} s)", case.name, case.claim);
    for outcome in outcomes {
        let arm = match outcome.arm.as_str() {
            "" => String::new(),
            arm => format!("{arm}: "),
        };
        let bound = match outcome.measure.bound {
            Bound::Within(tolerance) => format!("±{tolerance:.6}"),
            Bound::AtLeast => "or more".to_owned(),
            Bound::AtMost => "or less".to_owned(),
        };
        let verdict = match outcome.met {
            Met::Yes => "met",
            Met::No => "MISSED",
            Met::Undecided => "UNDECIDED",
        };
        tell!(
            "    {verdict:9} {arm}{}: {:.6} (se {:.6}, {}) for {} {bound}",
            outcome.measure.what,
            outcome.found,
            outcome.error,
            say::count(outcome.runs as usize, "run"),
            outcome.measure.reference,
        );
    }
}

/// The files of cases that are named: paths, names of shipped cases, or all of those.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    if named.is_empty() {
        return cases_of(Path::new(SHIPPED));
    }
    let mut files = Vec::new();
    for name in named {
        let shipped = Path::new(SHIPPED).join(name).with_extension("ron");
        if name.is_dir() {
            files.extend(cases_of(name)?);
        } else if !name.exists() && shipped.is_file() {
            files.push(shipped);
        } else {
            files.push(name.clone());
        }
    }
    Ok(files)
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
    Ok(files)
}

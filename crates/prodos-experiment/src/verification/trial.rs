//! Trying a case: runs of each arm until every measure is decided.

use super::kernels::{self, Kernel};
use super::meter::{Meter, Place, of_results};
use prodos_config::formula::Formula;
use prodos_config::{Across, Arm, Bound, Case, Experiment, Measure};
use prodos_model::build::Options;
use prodos_model::keyed::Keys;
use prodos_model::simulation::Simulation;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// Fewest runs before a first verdict where chance plays a part.
const FIRST_RUNS: u32 = 20;
/// How often there are half as many runs again before a measure stays undecided.
const ROUNDS: u32 = 10;

/// What became of one measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What is other in this arm; empty where there is only one.
    pub arm: String,
    /// What is measured.
    pub measure: Measure,
    /// What was found; NaN where a run had nothing to measure.
    pub found: f64,
    /// Standard error of that; 0 where all runs say the same.
    pub error: f64,
    /// Runs that it is of.
    pub runs: u32,
    /// Whether it is met.
    pub met: Met,
    /// Why nothing was found; empty where something was.
    pub why: String,
}

/// Whether a measure is as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// Within the tolerance, by twice its standard error.
    Yes,
    /// Outside, by twice its standard error, or not there at all.
    No,
    /// Too close to the tolerance for the runs that were made.
    Undecided,
    /// The arm could not be run.
    Untried,
    /// The arm takes long, and not all was asked for.
    LeftOut,
}

/// How far the trial of an arm has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<'a> {
    /// What is other in this arm; empty where there is only one.
    pub arm: &'a str,
    /// Runs made.
    pub runs: u32,
    /// Runs before the next verdict.
    pub of: u32,
}

/// Runs of an arm before a first verdict: one where there is no chance.
///
/// That chance made the first runs equal does not mean that there is none.
pub fn first_runs(case: &Case, arm: &Arm) -> u32 {
    let kernel = case.kernel.as_deref().and_then(kernels::find);
    match (kernel, &arm.experiment) {
        (Some(kernel), _) if !kernel.chance => 1,
        (_, Some(experiment)) => experiment.replicates.max(FIRST_RUNS),
        _ => FIRST_RUNS,
    }
}

/// Tries the quick arms of a case, or all of them.
///
/// At least twenty runs, and as many as the experiment has replicates; half as many again, ten times at most,
/// until each measure is decided. One run of a kernel without chance. The measures of an arm that cannot be run
/// say so, and the others go on. Whoever waits is told after each run, from any thread.
pub fn verify(case: &Case, full: bool, tell: &(dyn Fn(Progress) + Sync)) -> Vec<Outcome> {
    let tried = |arm: &Arm| {
        if !full && !arm.quick {
            return not_tried(arm, Met::LeftOut, "");
        }
        Subject::of(case, arm)
            .and_then(|subject| try_arm(arm, &subject, first_runs(case, arm), tell))
            .unwrap_or_else(|why| not_tried(arm, Met::Untried, &why))
    };
    case.arms.iter().flat_map(tried).collect()
}

/// Nothing was found of all that an arm measures.
fn not_tried(arm: &Arm, met: Met, why: &str) -> Vec<Outcome> {
    let outcome = |measure: &Measure| Outcome {
        arm: arm.name.clone(),
        measure: measure.clone(),
        found: f64::NAN,
        error: 0.0,
        runs: 0,
        met,
        why: why.to_owned(),
    };
    arm.measures.iter().map(outcome).collect()
}

/// What is run: an experiment with its meter, or a kernel with its values.
enum Subject<'a> {
    Engine(&'a Experiment, Meter),
    Kernel(&'static Kernel, kernels::Values),
}

/// Each measure of a run, of each team or sector that it is over.
type Sample = Vec<Vec<f64>>;

impl<'a> Subject<'a> {
    fn of(case: &Case, arm: &'a Arm) -> Result<Self, String> {
        if let Some(name) = &case.kernel {
            let kernel = kernels::called(name)?;
            let values = kernel.values(&arm.values).map_err(kernels::in_a_line);
            return Ok(Subject::Kernel(kernel, values?));
        }
        let experiment = arm.experiment.as_ref();
        let experiment = experiment.ok_or("there is neither an experiment nor a kernel")?;
        let city = Simulation::new(&experiment.run(), experiment.seed, 0, Options::default());
        let place = Place::of(experiment, city.teams());
        let formulas = arm.measures.iter().flat_map(formulas);
        Ok(Subject::Engine(experiment, Meter::new(formulas, &place)?))
    }

    fn run(&self, arm: &Arm, replicate: u32) -> Result<Sample, String> {
        match self {
            Subject::Engine(experiment, meter) => {
                let mut meter = meter.clone();
                let run = experiment.run();
                let mut city =
                    Simulation::new(&run, experiment.seed, replicate, Options::default());
                city.settle().map_err(|breach| breach.to_string())?;
                for _ in 0..meter.ticks() {
                    city.step().map_err(|breach| breach.to_string())?;
                    meter.look(&mut city);
                }
                Ok(meter.values())
            }
            Subject::Kernel(kernel, values) => {
                let results = (kernel.run)(values, Keys::new(1, replicate))?;
                let of = |formula| Ok(vec![of_results(formula, &results)?]);
                arm.measures.iter().flat_map(formulas).map(of).collect()
            }
        }
    }
}

/// What is measured, and what it is divided by.
fn formulas(measure: &Measure) -> [&Formula; 2] {
    [&measure.formula, &measure.over]
}

fn try_arm(
    arm: &Arm,
    subject: &Subject,
    first_runs: u32,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<Outcome>, String> {
    let mut samples: Vec<Sample> = Vec::new();
    let mut wanted = first_runs;
    let made = AtomicU32::new(0);
    let mut rounds = ROUNDS;
    loop {
        let one = |replicate| {
            let sample = subject.run(arm, replicate);
            tell(Progress {
                arm: &arm.name,
                runs: made.fetch_add(1, Ordering::Relaxed) + 1,
                of: wanted,
            });
            sample
        };
        let more: Result<Vec<Sample>, String> = (samples.len() as u32..wanted)
            .into_par_iter()
            .map(one)
            .collect();
        samples.extend(more?);
        let outcomes = judge(arm, &samples);
        let decided = outcomes.iter().all(|outcome| outcome.met != Met::Undecided);
        if decided || rounds == 0 {
            return Ok(outcomes);
        }
        rounds -= 1;
        wanted += wanted / 2;
    }
}

fn judge(arm: &Arm, samples: &[Sample]) -> Vec<Outcome> {
    let outcome = |(k, measure): (usize, &Measure)| {
        let of = |formula: usize| -> Vec<&[f64]> {
            let runs = samples.iter();
            runs.map(|sample| sample[formula].as_slice()).collect()
        };
        let (runs, over) = (of(2 * k), of(2 * k + 1));
        let (found, mut error) = match measure.across {
            Across::Mean => ratio(&runs, &over),
            Across::Spread => spread(&runs),
        };
        if !matches!(measure.bound, Bound::Within(_)) && runs.len() > 1 {
            error = error.max(of_yes_and_no(&runs));
        }
        Outcome {
            arm: arm.name.clone(),
            measure: measure.clone(),
            found,
            error,
            runs: samples.len() as u32,
            met: met(measure, found, error),
            why: match nothing_in(&runs, &over) {
                none if none.is_empty() && !found.is_finite() => match measure.across {
                    Across::Mean => "it is divided by 0".to_owned(),
                    Across::Spread => "one number alone does not spread".to_owned(),
                },
                why => why,
            },
        }
    };
    arm.measures.iter().enumerate().map(outcome).collect()
}

/// How many runs had no number to give, or an endless one; empty where all had.
fn nothing_in(runs: &[&[f64]], over: &[&[f64]]) -> String {
    let count = |is: fn(f64) -> bool| {
        let of_run = |(run, over): &(&&[f64], &&[f64])| {
            run.iter().chain(over.iter()).any(|value| is(*value))
        };
        runs.iter().zip(over).filter(of_run).count()
    };
    match (count(f64::is_nan), count(f64::is_infinite)) {
        (0, 0) => String::new(),
        (0, endless) => format!("{endless} of {} runs gave an infinite number", runs.len()),
        (empty, _) => format!(
            "{empty} of {} runs gave no number: something that never happens, or 0 divided by 0",
            runs.len()
        ),
    }
}

/// Mean over runs of the mean over units, over that of another, and its standard error; no error of a single run.
///
/// r = x/y,  se^2 = sum (x_i - r y_i)^2 / (n (n - 1)) / y^2     x_i, y_i of run i · x, y means · n runs
/// Source: ratio estimator, Cochran 1977. Where all y_i are 1 it is the error of a mean.
fn ratio(runs: &[&[f64]], over: &[&[f64]]) -> (f64, f64) {
    let n = runs.len() as f64;
    let mean = |units: &[f64]| units.iter().sum::<f64>() / units.len() as f64;
    let means = |runs: &[&[f64]]| -> Vec<f64> { runs.iter().map(|units| mean(units)).collect() };
    let (each, each_over) = (means(runs), means(over));
    let below = mean(&each_over);
    let found = mean(&each) / below;
    if each.len() < 2 {
        return (found, 0.0);
    }
    let off = |(x, y): (&f64, &f64)| (x - found * y) * (x - found * y);
    let squares: f64 = each.iter().zip(&each_over).map(off).sum();
    (found, (squares / (n - 1.0) / n).sqrt() / below.abs())
}

/// Standard error of a share of runs that say yes (1) or no (0); 0 where runs say anything else.
///
/// se^2 = p (1 - p)/(n + 4),  p = (k + 2)/(n + 4)     k yes in n runs
/// That no run of some dozens said yes is not that none would. Source: Agresti & Coull 1998.
fn of_yes_and_no(runs: &[&[f64]]) -> f64 {
    let says = |runs: &&[f64], what: f64| runs.iter().all(|value| *value == what);
    let yes = runs.iter().filter(|run| says(run, 1.0)).count();
    let no = runs.iter().filter(|run| says(run, 0.0)).count();
    if yes + no < runs.len() {
        return 0.0;
    }
    let n = runs.len() as f64 + 4.0;
    let p = (yes as f64 + 2.0) / n;
    (p * (1.0 - p) / n).sqrt()
}

/// Standard deviation of all values of all runs, and its standard error by leaving out a run at a time.
///
/// se^2 = (n - 1)/n sum (s_-i - mean of s_-i)^2     s_-i standard deviation without run i · n runs
/// Source: Efron & Stein 1981, jackknife.
fn spread(runs: &[&[f64]]) -> (f64, f64) {
    let sums = |units: &[f64]| {
        let count = units.len() as f64;
        let square = units.iter().map(|value| value * value).sum::<f64>();
        [count, units.iter().sum(), square]
    };
    let each: Vec<[f64; 3]> = runs.iter().map(|units| sums(units)).collect();
    let all = each.iter().fold([0.0; 3], |all, own| {
        std::array::from_fn(|k| all[k] + own[k])
    });
    let deviation = |[count, sum, square]: [f64; 3]| match count {
        ..2.0 => f64::NAN,
        _ => ((square - sum * sum / count) / (count - 1.0))
            .max(0.0)
            .sqrt(),
    };
    let n = runs.len() as f64;
    let without: Vec<f64> = each
        .iter()
        .map(|own| deviation(std::array::from_fn(|k| all[k] - own[k])))
        .collect();
    let mean = without.iter().sum::<f64>() / n;
    let squares: f64 = without
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    (deviation(all), ((n - 1.0) / n * squares).sqrt())
}

/// |found - reference| + 2 se <= tolerance meets it, |found - reference| - 2 se > tolerance does not.
fn met(measure: &Measure, found: f64, error: f64) -> Met {
    let (off, allowed) = match measure.bound {
        Bound::Within(tolerance) => ((found - measure.reference).abs(), tolerance),
        Bound::AtLeast => (measure.reference - found, 0.0),
        Bound::AtMost => (found - measure.reference, 0.0),
    };
    if !found.is_finite() {
        Met::No
    } else if off + 2.0 * error <= allowed {
        Met::Yes
    } else if off - 2.0 * error <= allowed {
        Met::Undecided
    } else {
        Met::No
    }
}

#[cfg(test)]
mod tests {
    use super::{Met, met, of_yes_and_no, ratio, spread};
    use prodos_config::formula::Formula;
    use prodos_config::{Across, Bound, Measure};

    #[test]
    fn a_measure_is_met_only_with_twice_its_error_inside() {
        let measure = |bound| Measure {
            what: String::new(),
            of: String::new(),
            formula: Formula::Number(0.0),
            over: Formula::Number(1.0),
            across: Across::Mean,
            reference: 10.0,
            bound,
        };
        let within = measure(Bound::Within(1.0));
        for (found, error, expected) in [
            (10.0, 0.0, Met::Yes),
            (11.0, 0.0, Met::Yes),
            (10.5, 0.2, Met::Yes),
            (10.5, 0.3, Met::Undecided),
            (9.5, 0.3, Met::Undecided),
            (11.5, 0.2, Met::No),
            (11.5, 0.3, Met::Undecided),
            (f64::NAN, 0.0, Met::No),
            (f64::INFINITY, 0.0, Met::No),
        ] {
            assert_eq!(met(&within, found, error), expected, "{found} {error}");
        }
        let least = measure(Bound::AtLeast);
        assert_eq!(met(&least, 10.0, 0.0), Met::Yes);
        assert_eq!(met(&least, 10.3, 0.2), Met::Undecided);
        assert_eq!(met(&least, 9.0, 0.2), Met::No);
        assert_eq!(met(&least, f64::INFINITY, 0.0), Met::No);
        assert_eq!(met(&measure(Bound::AtMost), 9.5, 0.2), Met::Yes);
    }

    #[test]
    fn a_mean_and_a_spread_have_the_errors_of_textbooks() {
        let ones = [&[1.0][..]; 3];
        let (found, error) = ratio(&[&[1.0, 3.0], &[4.0], &[6.0, 6.0]], &ones);
        assert_eq!((found, error), (4.0, (8.0f64 / 2.0 / 3.0).sqrt()));
        assert_eq!(ratio(&[&[1.0, 2.0]], &ones[..1]), (1.5, 0.0));
        // By hand: 6/4, and off by 0.5, -0.5 and 0.
        let (found, error) = ratio(&[&[2.0], &[1.0], &[3.0]], &[&[1.0], &[1.0], &[2.0]]);
        assert_eq!(found, 1.5);
        assert!(
            (error - (0.5f64 / 2.0 / 3.0).sqrt() / (4.0 / 3.0)).abs() < 1e-15,
            "{error}"
        );
        // numpy: std(ddof=1) of 1, 2, 4, 8 and of each three of them.
        let (found, error) = spread(&[&[1.0], &[2.0], &[4.0], &[8.0]]);
        assert!((found - 3.095_695_936_8).abs() < 1e-9, "{found}");
        assert!((error - 1.511_794_178_8).abs() < 1e-9, "{error}");
    }

    #[test]
    fn that_no_run_said_yes_has_an_error() {
        let runs = |yes: usize, all: usize| -> Vec<&[f64]> {
            (0..all)
                .map(|k| if k < yes { &[1.0][..] } else { &[0.0][..] })
                .collect()
        };
        // By hand: p = 2/64 and 22/24.
        assert!((of_yes_and_no(&runs(0, 60)) - 0.021_749).abs() < 1e-6);
        assert!((of_yes_and_no(&runs(20, 20)) - 0.056_417).abs() < 1e-6);
        assert_eq!(of_yes_and_no(&[&[0.0, 1.0], &[0.0, 0.0]]), 0.0);
        assert_eq!(of_yes_and_no(&[&[0.5], &[0.0]]), 0.0);
    }
}

//! Screening of the weakly known numbers: what of them the shipped conclusions rest on.
//!
//! `cargo run --release -p xtask -- screen` runs each question about the United Kingdom many times, with the
//! numbers that have no better source than an assumption or memory anywhere in their typical ranges, and
//! writes a page, its figures and its table. The runs are of a small city and few days, so that there can be
//! thousands; what one number alone turns there is tried again in the experiment as it is shipped.

mod page;

use crate::gallery::put;
use prodos_config::{Experiment, Options, Override, load, with_overrides};
use prodos_experiment::design::sample::{Trajectory, random, trajectories};
use prodos_experiment::screening::{Effect, effects};
use prodos_experiment::{Outcomes, outcomes};
use prodos_model::parameters::Parameters;
use prodos_quantity::Parameter;
use rayon::prelude::*;
use std::ops::Range;
use std::path::Path;

/// People an operator stands for in the small experiment: about 1,600 operators.
const SCALE: f64 = 20_000.0;
/// Days of burn-in of the small experiment.
const BURN_IN: f64 = 100.0;
/// Days of a run of the small experiment at most.
const MOST_DAYS: u32 = 1460;
/// Runs of the small experiment that differ by chance alone, with all numbers as shipped and at an end at
/// which the first of them turns.
const SEEDS: u32 = 8;
/// The same of the experiment as it is shipped; at an end, no more than settle what most of them say.
const SHIPPED_SEEDS: u32 = 3;
/// Numbers that are walked: those that move the measure most, alone.
const WALKED: usize = 24;
/// Walks through those.
const WALKS: u32 = 24;
/// Independent points with all numbers anywhere.
const POINTS: u32 = 100;

/// A question, and what its page concludes.
struct Question {
    experiment: &'static str,
    conclusions: &'static [Conclusion],
    /// The outcome whose changes are counted, with its name.
    measured: (&'static str, fn(&Outcomes) -> f64),
}

/// A sentence of a page, as something an outcome can deny.
type Conclusion = (&'static str, fn(&Outcomes, &Experiment) -> bool);

const QUESTIONS: [Question; 5] = [
    Question {
        experiment: "uk-baseline",
        conclusions: &[
            ("the city is in phase 3 on every day", always_stable),
            ("no month of output is 3 % below rest", |own, _| {
                own.output_min >= 0.97
            }),
        ],
        measured: ("mean output over output at rest", |own| own.output_mean),
    },
    Question {
        experiment: "uk-maintenance-starved",
        conclusions: &[
            (
                "no month of output is 5 % below rest within a year after the cut",
                |own, experiment| {
                    let shown = own.survival_first_day;
                    shown.is_nan() || shown >= cut(experiment) + 365.0
                },
            ),
            ("the city enters phase 0", broken),
            ("it is not in phase 3 at the end", not_stable_at_the_end),
        ],
        measured: ("mean output over output at rest", |own| own.output_mean),
    },
    Question {
        experiment: "uk-single-shock",
        conclusions: &[
            ("the city is in phase 3 on every day", always_stable),
            (
                "the last month of output is within 1 % of rest",
                back_at_the_end,
            ),
        ],
        measured: ("output lost, in days of output", |own| own.area_lost_total),
    },
    Question {
        experiment: "uk-repeated-shocks",
        conclusions: &[
            ("the city enters phase 0", broken),
            ("it is not in phase 3 at the end", not_stable_at_the_end),
        ],
        measured: ("mean output over output at rest", |own| own.output_mean),
    },
    Question {
        experiment: "uk-supply-cutoff",
        conclusions: &[
            (
                "the lowest month of the city lacks more than all that the section makes",
                |own, experiment| own.depth_max > share_of_the_section(experiment),
            ),
            ("the city is in phase 3 on every day", always_stable),
            (
                "the last month of output is within 1 % of rest",
                back_at_the_end,
            ),
        ],
        measured: ("output lost, in days of output", |own| own.area_lost_total),
    },
];

fn always_stable(own: &Outcomes, experiment: &Experiment) -> bool {
    own.city_days_phase_3 >= f64::from(experiment.days)
}

fn broken(own: &Outcomes, _: &Experiment) -> bool {
    !own.phase_0_first_day.is_nan()
}

fn not_stable_at_the_end(own: &Outcomes, _: &Experiment) -> bool {
    own.city_phase_final < 3.0
}

fn back_at_the_end(own: &Outcomes, _: &Experiment) -> bool {
    own.output_final >= 0.99
}

/// Day of the first change of the policy.
fn cut(experiment: &Experiment) -> f64 {
    let days = experiment.policy.changes.iter().map(|change| change.day);
    days.fold(f64::INFINITY, f64::min)
}

/// Share in all output of the sections that the first shock strikes.
fn share_of_the_section(experiment: &Experiment) -> f64 {
    let sectors = &experiment.city.sectors;
    let struck = experiment.scenario.shocks.first();
    let struck = struck.map_or(&[][..], |shock| &shock.sectors);
    let made = |code: &String| sectors.get(code).map_or(0.0, |sector| sector.output);
    struck.iter().map(made).sum::<f64>() / sectors.keys().map(made).sum::<f64>()
}

/// Numbers that have no better source than an assumption or memory, and a range to be in.
pub fn weakly_known() -> Vec<Parameter> {
    let weak = |own: &Parameter| {
        let source = own.source.to_lowercase();
        own.choices.is_empty()
            && own.typical.0 < own.typical.1
            && (source.contains("assumption") || source.contains("memory"))
    };
    let table = Parameters::table().into_iter();
    table.filter(|own| weak(own)).copied().collect()
}

/// Every conclusion that is screened.
pub fn conclusions() -> Vec<&'static str> {
    let all = QUESTIONS.iter().flat_map(|own| own.conclusions);
    all.map(|(conclusion, _)| *conclusion).collect()
}

/// A place of a typical range, 0 to 1: by orders of size where its ends are a factor of ten or more apart.
fn value(own: &Parameter, place: f64) -> f64 {
    let (low, high) = own.typical;
    if low > 0.0 && high / low >= 10.0 {
        low * (high / low).powf(place)
    } else {
        low + (high - low) * place
    }
}

/// What became of a run: its conclusions and its measure.
#[derive(Clone, Debug)]
struct Ran {
    holds: Vec<bool>,
    measure: f64,
}

/// A number at an end of its range, all others as shipped.
struct End {
    number: usize,
    /// 0 for the low end, 1 for the high one.
    place: f64,
    /// One run; as many as there are seeds where that is other than most runs as shipped; none where the
    /// numbers are refused.
    small: Vec<Ran>,
    /// Runs of the experiment as it is shipped; none where the small one turns nothing.
    shipped: Vec<Ran>,
}

/// Everything found of a question.
struct Found {
    question: &'static Question,
    /// Scale and days of the experiment as it is shipped, and days of the small one.
    scale: f64,
    days: u32,
    small_days: u32,
    /// With all numbers as shipped.
    shipped: Usual,
    small: Usual,
    /// Low and high end of each number in turn.
    ends: Vec<End>,
    /// Effects of those numbers that were walked.
    effects: Vec<(usize, Effect)>,
    /// Runs at independent points; none where the numbers are refused.
    anywhere: Vec<Option<Ran>>,
    /// Points of walks that are refused.
    refused_on_walks: usize,
}

/// Runs as shipped, which differ by chance alone.
struct Usual(Vec<Ran>);

impl Usual {
    /// Whether a conclusion holds: in most runs.
    fn holds(&self, conclusion: usize) -> bool {
        most(&self.0, |ran| ran.holds[conclusion])
    }

    /// Whether most of other runs say the contrary of a conclusion.
    fn turned(&self, runs: &[Ran], conclusion: usize) -> bool {
        most(runs, |ran| ran.holds[conclusion] != self.holds(conclusion))
    }

    /// Whether a run is other in any conclusion.
    fn differs(&self, ran: &Ran) -> bool {
        (0..ran.holds.len()).any(|k| ran.holds[k] != self.holds(k))
    }

    /// The measure of the run that shares its draws with single runs of other numbers.
    fn measure(&self) -> f64 {
        self.0.first().map_or(f64::NAN, |ran| ran.measure)
    }
}

/// Ends that turn a conclusion.
#[derive(Default)]
struct Turns<'a> {
    /// Of both experiments.
    both: Vec<&'a End>,
    /// Of the small one alone.
    small: Vec<&'a End>,
    /// Of the small one, where the shipped one refuses the number.
    refused: Vec<&'a End>,
}

impl Found {
    /// Whether both experiments say the same of a conclusion as shipped, so that a turn of one can be one of both.
    fn agrees(&self, conclusion: usize) -> bool {
        self.small.holds(conclusion) == self.shipped.holds(conclusion)
    }

    /// Ends at which a conclusion is other than as shipped in most runs of the small experiment.
    fn turns(&self, conclusion: usize) -> Turns<'_> {
        let mut turns = Turns::default();
        for end in &self.ends {
            if !self.small.turned(&end.small, conclusion) {
                continue;
            }
            if end.shipped.is_empty() {
                turns.refused.push(end);
            } else if self.shipped.turned(&end.shipped, conclusion) {
                turns.both.push(end);
            } else {
                turns.small.push(end);
            }
        }
        turns
    }

    /// Numbers that turn a conclusion, at either end.
    fn turning(&self, conclusion: usize) -> Vec<usize> {
        let both = self.turns(conclusion).both;
        let mut turning: Vec<usize> = both.iter().map(|end| end.number).collect();
        turning.dedup();
        turning
    }

    /// At how many independent points a conclusion holds, and how many there are.
    fn anywhere_held(&self, conclusion: usize) -> (usize, usize) {
        let ran = || self.anywhere.iter().flatten();
        let held = ran().filter(|ran| ran.holds[conclusion]).count();
        (held, ran().count())
    }
}

fn most(runs: &[Ran], of: impl Fn(&Ran) -> bool) -> bool {
    2 * count(runs, of) > runs.len()
}

fn count(runs: &[Ran], of: impl Fn(&Ran) -> bool) -> usize {
    runs.iter().filter(|ran| of(ran)).count()
}

/// The numbers that move the measure most, alone: by the end that is farther from the runs as shipped.
fn strongest(ends: &[End], usual: f64, number: usize) -> Vec<usize> {
    let moved = |ends: &[End]| {
        let ran = ends.iter().filter_map(|end| end.small.first());
        ran.map(|ran| (ran.measure - usual).abs())
            .fold(0.0, f64::max)
    };
    let mut numbers: Vec<(usize, f64)> = ends.chunks(2).map(moved).enumerate().collect();
    numbers.sort_by(|one, other| other.1.total_cmp(&one.1));
    numbers.truncate(number);
    numbers.into_iter().map(|(number, _)| number).collect()
}

/// As many of three runs as are needed to know what most say: two, and the third where those differ.
fn settled(seeds: impl Fn(Range<u32>) -> Result<Vec<Ran>, String>) -> Result<Vec<Ran>, String> {
    let mut ran = seeds(0..2)?;
    if ran.windows(2).any(|pair| pair[0].holds != pair[1].holds) {
        ran.extend(seeds(2..SHIPPED_SEEDS)?);
    }
    Ok(ran)
}

/// An experiment that is run with other numbers.
struct Screen {
    question: &'static Question,
    base: Experiment,
    numbers: Vec<Parameter>,
}

impl Screen {
    /// The experiment as it is shipped.
    fn shipped(root: &Path, question: &'static Question) -> Result<Screen, String> {
        Screen::of(root, question, &[], &Options::default())
    }

    /// The same with fewer people and days.
    fn small(root: &Path, question: &'static Question) -> Result<Screen, String> {
        let given = Options {
            scale: Some(SCALE),
            ..Options::default()
        };
        let short = [Override::new("city.burn_in", BURN_IN)];
        let mut small = Screen::of(root, question, &short, &given)?;
        small.base.days = small.base.days.min(MOST_DAYS);
        Ok(small)
    }

    fn of(
        root: &Path,
        question: &'static Question,
        set: &[Override],
        given: &Options,
    ) -> Result<Screen, String> {
        let file = root.join(format!("configs/experiments/{}.ron", question.experiment));
        Ok(Screen {
            question,
            base: load(&file, set, given).map_err(|error| error.to_string())?,
            numbers: weakly_known(),
        })
    }

    /// A run with numbers at places of their ranges; none where the door refuses them.
    fn run(&self, places: &[(usize, f64)], replicate: u32) -> Result<Option<Ran>, String> {
        let written: Vec<Override> = places
            .iter()
            .map(|&(k, place)| {
                let number = &self.numbers[k];
                Override::new(number.path(), format!("{:?}", value(number, place)))
            })
            .collect();
        let Ok(experiment) = with_overrides(&self.base, &written) else {
            return Ok(None);
        };
        let own = outcomes(&experiment, replicate).map_err(|breach| {
            format!("{}: {breach}\nwith {written:?}", self.question.experiment)
        })?;
        let conclusions = self.question.conclusions.iter();
        Ok(Some(Ran {
            holds: conclusions
                .map(|(_, holds)| holds(&own, &experiment))
                .collect(),
            measure: (self.question.measured.1)(&own),
        }))
    }

    /// A run with the numbers that a point is of.
    fn at_point(&self, numbers: &[usize], point: &[f64]) -> Result<Option<Ran>, String> {
        let places = numbers.iter().copied().zip(point.iter().copied());
        self.run(&places.collect::<Vec<_>>(), 0)
    }

    fn seeds(&self, places: &[(usize, f64)], seeds: Range<u32>) -> Result<Vec<Ran>, String> {
        let ran: Result<Vec<Option<Ran>>, String> = seeds
            .into_par_iter()
            .map(|replicate| self.run(places, replicate))
            .collect();
        Ok(ran?.into_iter().flatten().collect())
    }

    /// Runs of a number at an end: one, or more where that is other than usual.
    fn end(&self, place: (usize, f64), usual: &Usual) -> Result<Vec<Ran>, String> {
        let mut ran = self.seeds(&[place], 0..1)?;
        if ran.iter().any(|ran| usual.differs(ran)) {
            ran.extend(self.seeds(&[place], 1..SEEDS)?);
        }
        Ok(ran)
    }

    /// Outcomes along walks through some numbers; NaN where they are refused.
    fn walks(&self, walked: &[usize], walks: &[Trajectory]) -> Result<Vec<Vec<f64>>, String> {
        walks
            .par_iter()
            .map(|walk| {
                let points = walk.points.par_iter();
                let ran = points.map(|point| self.at_point(walked, point));
                ran.map(|ran| Ok(ran?.map_or(f64::NAN, |ran| ran.measure)))
                    .collect()
            })
            .collect()
    }
}

fn found(root: &Path, question: &'static Question) -> Result<Found, String> {
    let small = Screen::small(root, question)?;
    let shipped = Screen::shipped(root, question)?;
    let usual = Usual(small.seeds(&[], 0..SEEDS)?);
    let end = |k: usize| {
        let (number, place) = (k / 2, (k % 2) as f64);
        let ran = small.end((number, place), &usual)?;
        let turns = (0..question.conclusions.len()).any(|own| usual.turned(&ran, own));
        Ok(End {
            number,
            place,
            small: ran,
            shipped: if turns {
                settled(|seeds| shipped.seeds(&[(number, place)], seeds))?
            } else {
                Vec::new()
            },
        })
    };
    let all: Vec<usize> = (0..small.numbers.len()).collect();
    let ends: Result<Vec<End>, String> = (0..2 * all.len()).into_par_iter().map(end).collect();
    let ends = ends?;
    let walked = strongest(&ends, usual.measure(), WALKED);
    let walks = trajectories(walked.len(), WALKS, 1);
    let measures = small.walks(&walked, &walks)?;
    let anywhere: Result<Vec<Option<Ran>>, String> = random(all.len(), POINTS, 1)
        .par_iter()
        .map(|point| small.at_point(&all, point))
        .collect();
    Ok(Found {
        question,
        scale: shipped.base.city.scale,
        days: shipped.base.days,
        small_days: small.base.days,
        shipped: Usual(shipped.seeds(&[], 0..SHIPPED_SEEDS)?),
        small: usual,
        ends,
        effects: walked.into_iter().zip(effects(&walks, &measures)).collect(),
        anywhere: anywhere?,
        refused_on_walks: measures.iter().flatten().filter(|one| one.is_nan()).count(),
    })
}

/// Runs all, and writes the page, its figures and its table.
pub fn write(root: &Path) -> Result<(), String> {
    let mut all = Vec::new();
    for question in &QUESTIONS {
        all.push(found(root, question)?);
        eprintln!("{}", question.experiment);
    }
    let numbers = weakly_known();
    let book = root.join("docs/book/src");
    let mut files = vec![
        (
            "model/sensitivity.md".to_owned(),
            page::page(&numbers, &all).into_bytes(),
        ),
        (
            "model/sensitivity.csv".to_owned(),
            page::table(&numbers, &all).into_bytes(),
        ),
    ];
    for own in &all {
        files.push((page::image(own), page::figure(own, &numbers)?));
    }
    files
        .iter()
        .try_for_each(|(name, bytes)| put(&book.join(name), bytes))
}

#[cfg(test)]
mod tests {
    use super::{End, Found, QUESTIONS, Ran, Usual, settled, strongest};

    /// Of the two conclusions of the first question, the second always holds.
    fn ran(holds: bool, measure: f64) -> Ran {
        Ran {
            holds: vec![holds, true],
            measure,
        }
    }

    fn end(number: usize, place: f64, small: Vec<Ran>, shipped: Vec<Ran>) -> End {
        End {
            number,
            place,
            small,
            shipped,
        }
    }

    /// In the small experiment it holds in two of three runs, though not in the first.
    fn found() -> Found {
        let turned = || vec![ran(false, -1.0); 3];
        Found {
            question: &QUESTIONS[0],
            scale: 1000.0,
            days: 10,
            small_days: 10,
            shipped: Usual(vec![ran(true, 1.0)]),
            small: Usual(vec![ran(false, 1.0), ran(true, 1.5), ran(true, 1.5)]),
            ends: vec![
                end(0, 0.0, vec![ran(true, 1.5)], Vec::new()),
                end(
                    0,
                    1.0,
                    vec![ran(false, 0.5), ran(false, 0.4), ran(true, 1.0)],
                    turned(),
                ),
                end(
                    1,
                    0.0,
                    vec![ran(false, 1.1), ran(true, 1.0), ran(true, 1.0)],
                    Vec::new(),
                ),
                end(1, 1.0, Vec::new(), Vec::new()),
                end(2, 0.0, turned(), turned()),
                end(2, 1.0, turned(), turned()),
                end(3, 0.0, turned(), vec![ran(true, 1.0); 3]),
                end(3, 1.0, vec![ran(true, 1.0)], Vec::new()),
                end(4, 0.0, turned(), Vec::new()),
                end(4, 1.0, vec![ran(true, 1.0)], Vec::new()),
            ],
            effects: Vec::new(),
            anywhere: vec![Some(ran(true, 1.0)), None, Some(ran(false, 1.0))],
            refused_on_walks: 0,
        }
    }

    #[test]
    fn a_number_turns_what_most_runs_say_in_most_of_its_own_in_both_experiments() {
        let found = found();
        assert!(found.small.holds(0));
        assert_eq!(found.turning(0), [0, 2]);
        let places = |ends: Vec<&End>| -> Vec<(usize, f64)> {
            ends.iter().map(|e| (e.number, e.place)).collect()
        };
        let turns = found.turns(0);
        assert_eq!(places(turns.both), [(0, 1.0), (2, 0.0), (2, 1.0)]);
        assert_eq!(places(turns.small), [(3, 0.0)]);
        assert_eq!(places(turns.refused), [(4, 0.0)]);
        assert!(found.small.differs(&ran(false, 1.0)) && !found.small.differs(&ran(true, 9.0)));
        assert_eq!(found.anywhere_held(0), (1, 2));
    }

    #[test]
    fn the_page_says_what_turns_where() {
        let mut numbers = super::weakly_known();
        numbers.truncate(5);
        let page = super::page::page(&numbers, &[found()]);
        let [first, fourth, fifth] = [0, 3, 4].map(|k| numbers[k].path());
        assert!(
            page.contains("| in 1 of 3 | in 2 of 8 | 2 of 5 | in 1 of 2 |"),
            "{page}"
        );
        assert!(
            page.contains("2 numbers turn at least one, none of them 3 or more."),
            "{page}"
        );
        assert!(page.contains(&format!("- `{first}` (")), "{page}");
        assert!(
            page.contains(&format!(
                "In the small city alone it also turns with `{fourth}`"
            )),
            "{page}"
        );
        let refused = page
            .lines()
            .find(|line| line.ends_with("which the shipped one refuses."));
        assert!(
            refused.is_some_and(|line| line.contains(&format!("`{fifth}`"))),
            "{page}"
        );
        let mut apart = found();
        apart.shipped = Usual(vec![ran(false, 1.0)]);
        let page = super::page::page(&numbers, &[apart]);
        assert!(page.contains("of 1 conclusions"), "{page}");
        assert!(
            page.contains("1 of the conclusions were not screened."),
            "{page}"
        );
        let table = super::page::table(&numbers, &[found()]);
        assert_eq!(table.lines().count(), 6);
    }

    #[test]
    fn a_third_run_decides_where_two_differ() {
        let with = |holds: [bool; 3]| {
            let seeds = |seeds: std::ops::Range<u32>| {
                Ok(seeds.map(|seed| ran(holds[seed as usize], 1.0)).collect())
            };
            settled(seeds).map(|ran| ran.len())
        };
        assert_eq!(with([true, true, false]), Ok(2));
        assert_eq!(with([true, false, true]), Ok(3));
        assert_eq!(settled(|_| Ok(Vec::new())).map(|ran| ran.len()), Ok(0));
    }

    #[test]
    fn those_are_walked_that_move_the_measure_most_alone() {
        assert_eq!(strongest(&found().ends, 1.0, 4), [2, 3, 4, 0]);
    }
}

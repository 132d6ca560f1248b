//! Screening of the weakly known numbers: what of them the shipped conclusions rest on.
//!
//! `cargo run --release -p xtask -- screen` runs each question about the United Kingdom many times, with the
//! numbers that have no better source than an assumption anywhere in their typical ranges, and writes a page.

use prodos_config::{Experiment, Options, Override, load, with_overrides};
use prodos_experiment::screening::{Effect, effects, trajectories};
use prodos_experiment::{Outcomes, outcomes};
use prodos_model::parameters::Parameters;
use prodos_quantity::{Parameter, Value};
use rayon::prelude::*;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// People an operator stands for while screening: about 1,600 operators.
const SCALE: f64 = 20_000.0;
/// Days of burn-in while screening.
const BURN_IN: f64 = 100.0;
/// Trajectories through all numbers.
const TRAJECTORIES: u32 = 4;
/// Numbers in a list of the strongest.
const LISTED: usize = 8;

/// A question, how long it is run here, and what is concluded.
struct Question {
    experiment: &'static str,
    days: u32,
    conclusions: &'static [Conclusion],
    /// The outcome whose changes are counted, with its name.
    measured: (&'static str, fn(&Outcomes) -> f64),
}

type Conclusion = (&'static str, fn(&Outcomes) -> bool);

/// The conclusions of the pages of questions, each as something an outcome can deny.
const QUESTIONS: [Question; 5] = [
    Question {
        experiment: "uk-baseline",
        days: 730,
        conclusions: &[
            ("the city is in phase 3 every day", |own| {
                own.city_days_phase_3 >= 730.0
            }),
            ("output stays within 1 % of that at rest", |own| {
                (own.output_mean - 1.0).abs() <= 0.01
            }),
        ],
        measured: ("mean share of teams in phase 3", |own| {
            own.teams_phase_3_mean
        }),
    },
    Question {
        experiment: "uk-maintenance-starved",
        days: 1460,
        conclusions: &[
            (
                "output is within 5 % of that at rest for half a year after the cut",
                |own| own.survival_first_day.is_nan() || own.survival_first_day >= 300.0 + 183.0,
            ),
            ("the city leaves phase 3 and does not come back", |own| {
                own.city_phase_final < 3.0
            }),
            ("it ends in phase 0", |own| own.city_phase_final == 0.0),
        ],
        measured: ("mean output over output at rest", |own| own.output_mean),
    },
    Question {
        experiment: "uk-single-shock",
        days: 1095,
        conclusions: &[
            ("the city is in phase 3 at the end", |own| {
                own.city_phase_final == 3.0
            }),
            ("output is within 1 % of that at rest at the end", |own| {
                own.output_final >= 0.99
            }),
        ],
        measured: ("output lost, in days of output", |own| own.area_lost_total),
    },
    Question {
        experiment: "uk-repeated-shocks",
        days: 1460,
        conclusions: &[
            ("the city enters phase 0", |own| {
                !own.phase_0_first_day.is_nan()
            }),
            ("it is not in phase 3 at the end", |own| {
                own.city_phase_final < 3.0
            }),
        ],
        measured: ("mean output over output at rest", |own| own.output_mean),
    },
    Question {
        experiment: "uk-supply-cutoff",
        days: 1095,
        conclusions: &[
            ("a month of output falls by 2 % or more", |own| {
                own.depth_max >= 0.02
            }),
            ("the city is in phase 3 at the end", |own| {
                own.city_phase_final == 3.0
            }),
        ],
        measured: ("output lost, in days of output", |own| own.area_lost_total),
    },
];

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

/// A place of a typical range, 0 to 1: by orders of size where it spans ten or more.
fn value(own: &Parameter, place: f64) -> f64 {
    let (low, high) = own.typical;
    if low > 0.0 && high / low >= 10.0 {
        low * (high / low).powf(place)
    } else {
        low + (high - low) * place
    }
}

/// What became of a run: its conclusions and its measure; none where the door refuses the numbers.
#[derive(Clone, Debug)]
struct Ran {
    holds: Vec<bool>,
    measure: f64,
}

/// Everything found of a question.
struct Found<'a> {
    question: &'a Question,
    usual: Ran,
    /// With each number at the low and the high end of its range, all others as usual.
    ends: Vec<[Option<Ran>; 2]>,
    effects: Vec<Effect>,
    /// Share of points of trajectories at which each conclusion holds, and how many points there are.
    shares: Vec<f64>,
    points: usize,
}

fn run(question: &Question, base: &Experiment, settings: &[(String, f64)]) -> Option<Ran> {
    let written: Vec<Override> = settings
        .iter()
        .map(|(path, value)| Override::new(path.clone(), format!("{value:?}")))
        .collect();
    let experiment = with_overrides(base, &written).ok()?;
    let own = outcomes(&experiment, 0).ok()?;
    Some(Ran {
        holds: question
            .conclusions
            .iter()
            .map(|(_, holds)| holds(&own))
            .collect(),
        measure: (question.measured.1)(&own),
    })
}

fn screen<'a>(
    root: &Path,
    question: &'a Question,
    numbers: &[Parameter],
) -> Result<Found<'a>, String> {
    let file = root.join(format!("configs/experiments/{}.ron", question.experiment));
    let given = Options {
        days: Some(question.days.into()),
        scale: Some(SCALE),
        ..Options::default()
    };
    let short = [Override::new("city.burn_in", BURN_IN)];
    let base = load(&file, &short, &given).map_err(|problems| problems.to_string())?;
    let usual = run(question, &base, &[]).ok_or("the experiment as shipped does not run")?;
    let at = |k: usize, place: f64| (numbers[k].path(), value(&numbers[k], place));
    let ends = (0..numbers.len())
        .into_par_iter()
        .map(|k| [0.0, 1.0].map(|place| run(question, &base, &[at(k, place)])))
        .collect();
    let walks = trajectories(numbers.len(), TRAJECTORIES, 1);
    let points: Vec<Vec<Option<Ran>>> = walks
        .par_iter()
        .map(|walk| {
            let settings = |point: &Vec<f64>| -> Vec<(String, f64)> {
                point
                    .iter()
                    .enumerate()
                    .map(|(k, place)| at(k, *place))
                    .collect()
            };
            walk.points
                .par_iter()
                .map(|point| run(question, &base, &settings(point)))
                .collect()
        })
        .collect();
    let measures: Vec<Vec<f64>> = points
        .iter()
        .map(|walk| {
            walk.iter()
                .map(|ran| ran.as_ref().map_or(f64::NAN, |ran| ran.measure))
                .collect()
        })
        .collect();
    let all: Vec<&Ran> = points.iter().flatten().flatten().collect();
    let share = |k: usize| all.iter().filter(|ran| ran.holds[k]).count() as f64 / all.len() as f64;
    Ok(Found {
        question,
        usual,
        ends,
        effects: effects(&walks, &measures),
        shares: (0..question.conclusions.len()).map(share).collect(),
        points: all.len(),
    })
}

/// Runs all, and writes the page and its table.
pub fn write(root: &Path) -> Result<(), String> {
    let numbers = weakly_known();
    let mut found = Vec::new();
    for question in &QUESTIONS {
        found.push(screen(root, question, &numbers)?);
        eprintln!("{}", question.experiment);
    }
    let folder = root.join("docs/book/src/model");
    for (name, text) in [
        ("sensitivity.md", page(&numbers, &found)),
        ("sensitivity.csv", table(&numbers, &found)),
    ] {
        let file = folder.join(name);
        fs::write(&file, text)
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    Ok(())
}

fn usual(own: &Parameter) -> String {
    match own.default {
        Value::Number(number) => format!("{number}"),
        Value::Choice(name) => name.to_owned(),
    }
}

fn short(number: f64) -> String {
    let digits = if number == 0.0 {
        0
    } else {
        number.abs().log10().floor() as i32
    };
    format!("{number:.*}", (2 - digits).clamp(0, 8) as usize)
}

fn page(numbers: &[Parameter], found: &[Found]) -> String {
    let mut page = format!(
        "# What rests on weakly known numbers\n\n\
         {} numbers of the model have no better source than an assumption, or were written from memory. This page says which \
         conclusions of the [questions](../questions/index.md) change when they are elsewhere in their typical ranges.\n\n\
         It is generated by `cargo run --release -p xtask -- screen`; do not edit it. Each question was run with the United Kingdom at \
         scale {SCALE}, a burn-in of {BURN_IN} days, seed 1, and for the days named below: smaller and shorter than on its own page, so \
         that thousands of runs take minutes. A conclusion near its limit can therefore differ from that page.\n\n\
         Two things were done with each number. First alone: all others as usual, it at either end of its typical range. Then all \
         together: {TRAJECTORIES} walks through the whole space, each moving every number once, from a random corner of it \
         (Morris 1991). The mean size of the change, over the whole range, is how much a number matters; the deviation says how far \
         that depends on the others. With {TRAJECTORIES} walks the order of the first few is meant, not the second digit. All values: \
         [sensitivity.csv](sensitivity.csv).\n",
        numbers.len()
    );
    page.push_str("\n## In short\n\n| question | conclusion | as shipped | numbers that turn it, alone | holds with all numbers anywhere |\n|---|---|---|---|---|\n");
    for own in found {
        for (k, (conclusion, _)) in own.question.conclusions.iter().enumerate() {
            let turns = own.turns(k).len();
            let _ = writeln!(
                page,
                "| [{0}](../questions/{0}.md) | {conclusion} | {1} | {2} of {3} | {4:.0} % of {5} points |",
                own.question.experiment,
                if own.usual.holds[k] { "yes" } else { "no" },
                if turns == 0 {
                    "none".to_owned()
                } else {
                    turns.to_string()
                },
                numbers.len(),
                100.0 * own.shares[k],
                own.points
            );
        }
    }
    for own in found {
        own.write(numbers, &mut page);
    }
    page
}

impl Found<'_> {
    /// Numbers and ends at which a conclusion is other than as shipped.
    fn turns(&self, conclusion: usize) -> Vec<(usize, usize)> {
        let mut turns = Vec::new();
        for (k, ends) in self.ends.iter().enumerate() {
            for (end, ran) in ends.iter().enumerate() {
                if ran
                    .as_ref()
                    .is_some_and(|ran| ran.holds[conclusion] != self.usual.holds[conclusion])
                {
                    turns.push((k, end));
                }
            }
        }
        turns
    }

    fn write(&self, numbers: &[Parameter], page: &mut String) {
        let question = self.question;
        let _ = writeln!(
            page,
            "\n## `{}`, {} days",
            question.experiment, question.days
        );
        for (k, (conclusion, _)) in question.conclusions.iter().enumerate() {
            let turns = self.turns(k);
            if turns.is_empty() {
                let _ = writeln!(page, "\nNo number alone turns \"{conclusion}\".");
                continue;
            }
            let _ = writeln!(page, "\n\"{conclusion}\" turns with\n");
            for (number, end) in turns {
                let own = &numbers[number];
                let _ = writeln!(
                    page,
                    "- `{}` at {} (usual: {}) {}",
                    own.path(),
                    short(value(own, end as f64)),
                    usual(own),
                    own.unit
                );
            }
        }
        let mut order: Vec<usize> = (0..numbers.len()).collect();
        order.sort_by(|&a, &b| self.effects[b].size.total_cmp(&self.effects[a].size));
        let (name, _) = question.measured;
        let _ = writeln!(
            page,
            "\nThe numbers that move the {name} most (as shipped {}):\n\n| number | typical range | mean change | mean size | deviation |\n|---|---|---|---|---|",
            short(self.usual.measure)
        );
        for &k in order
            .iter()
            .filter(|&&k| self.effects[k].count > 1)
            .take(LISTED)
        {
            let (own, effect) = (&numbers[k], &self.effects[k]);
            let _ = writeln!(
                page,
                "| `{}` | {} to {} {} | {} | {} | {} |",
                own.path(),
                own.typical.0,
                own.typical.1,
                own.unit,
                short(effect.mean),
                short(effect.size),
                short(effect.deviation)
            );
        }
    }
}

fn table(numbers: &[Parameter], found: &[Found]) -> String {
    let mut table =
        "question,measure,number,mean_change,mean_size,deviation,count,at_low,at_high\n".to_owned();
    for own in found {
        for (k, number) in numbers.iter().enumerate() {
            let effect = &own.effects[k];
            let [low, high] = [0, 1].map(|end| {
                own.ends[k][end]
                    .as_ref()
                    .map_or(String::new(), |ran| ran.measure.to_string())
            });
            let null = |value: f64| {
                if value.is_nan() {
                    String::new()
                } else {
                    value.to_string()
                }
            };
            let _ = writeln!(
                table,
                "{},{},{},{},{},{},{},{low},{high}",
                own.question.experiment,
                own.question.measured.0.replace(',', ";"),
                number.path(),
                null(effect.mean),
                null(effect.size),
                null(effect.deviation),
                effect.count
            );
        }
    }
    table
}

/// Every conclusion that is screened.
pub fn conclusions() -> Vec<&'static str> {
    let all = QUESTIONS.iter().flat_map(|own| own.conclusions);
    all.map(|(conclusion, _)| *conclusion).collect()
}

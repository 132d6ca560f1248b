//! The design of an experiment: which numbers are varied, and at which points it is run.
//!
//! A design has one block or several. A block varies paths of the experiment, as `--set` names them, and
//! can try scenarios and policies in place of those of the experiment.

use indexmap::IndexMap;
use prodos_model::spec::{Policy, Scenario};
use prodos_quantity::choices;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// One block of a design.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// What tells it from other blocks; empty where there is only one.
    pub name: String,
    /// What is varied, by path.
    pub vary: IndexMap<String, Variable>,
    /// How points are chosen.
    pub points: Points,
    /// Points of a sample; base points of `saltelli`, walks of `morris`; 0 where the values say how many.
    pub count: u32,
    /// Parts into which a range is cut by `factorial`; 0 where no range is.
    pub levels: u32,
    /// Points one by one, each with values by path; empty unless `points` is `list`.
    pub list: Vec<IndexMap<String, Setting>>,
    /// What must hold of a point, as formulas of paths.
    pub such_that: Vec<String>,
    /// Scenarios in place of that of the experiment, by the name that tables give them.
    pub scenarios: IndexMap<String, Scenario>,
    /// Policies in place of that of the experiment, by the name that tables give them.
    pub policies: IndexMap<String, Policy>,
}

/// Dimensions of the Sobol' sequence: direction numbers are there for so many.
pub const MOST_DIMENSIONS: usize = 1024;

choices! {
    /// How the points of a block are chosen.
    pub enum Points {
        /// Each combination of the values; a range is cut into `levels` values.
        Factorial = "factorial",
        /// The first values of all together, then the second, and so on.
        Zip = "zip",
        /// The points of `list`.
        List = "list",
        /// Each point anywhere, on its own.
        Random = "random",
        /// Each range cut into as many parts as there are points, each used once, anywhere in it.
        LatinHypercube = "latin_hypercube",
        /// The same, in the middle of each part.
        LatinCentred = "latin_centred",
        /// Of a hundred Latin hypercubes the one whose nearest points are farthest apart.
        LatinMaximin = "latin_maximin",
        /// Points of the Sobol' sequence, shifted by the seed, which fill the space evenly.
        Sobol = "sobol",
        /// Points for indices of Sobol' of first order and in total: `count` times one more than two numbers.
        Saltelli = "saltelli",
        /// The same for indices of second order as well.
        SaltelliSecond = "saltelli_second",
        /// Walks that move one number after the other, for elementary effects of Morris.
        Morris = "morris",
        /// The middle of all ranges, and each number at both ends alone.
        OneAtATime = "one_at_a_time",
    }
}

/// What a varied path can be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected `values`, or `from` and `to`")]
pub enum Variable {
    /// One of some values, each as likely as any other.
    Values {
        /// The values.
        values: Vec<Setting>,
    },
    /// A number of a range.
    Range(Range),
}

/// A number of a range, and how likely each part of it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Its low end.
    pub from: f64,
    /// Its high end.
    pub to: f64,
    /// How likely each part of it is.
    pub law: Law,
    /// The likeliest number of `triangular`, or the mean of `normal` before its ends are cut off.
    #[serde(
        default,
        serialize_with = "plain",
        skip_serializing_if = "Option::is_none"
    )]
    pub middle: Option<f64>,
    /// Standard deviation of `normal` before its ends are cut off.
    #[serde(
        default,
        serialize_with = "plain",
        skip_serializing_if = "Option::is_none"
    )]
    pub deviation: Option<f64>,
    /// Numbers are whole multiples of this above `from`; 0 for any.
    pub step: f64,
}

/// Writes what there is as it is, without a word around it.
#[expect(clippy::ref_option, reason = "serde hands it over so")]
pub(crate) fn plain<T: Serialize, S: Serializer>(
    given: &Option<T>,
    out: S,
) -> Result<S::Ok, S::Error> {
    match given {
        Some(given) => given.serialize(out),
        None => out.serialize_unit(),
    }
}

choices! {
    /// How likely each part of a range is.
    pub enum Law {
        /// Every number as likely as any other.
        Uniform = "uniform",
        /// Every order of size as likely as any other.
        LogUniform = "log_uniform",
        /// Rising in a straight line to `middle`, and falling from there.
        Triangular = "triangular",
        /// Bell-shaped around `middle`, cut off at the ends of the range.
        Normal = "normal",
    }
}

/// A value of a varied path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, a word, `true` or `false`")]
pub enum Setting {
    /// `true` or `false`.
    Truth(bool),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Number(f64),
    /// A word or text.
    Word(String),
}

impl Setting {
    /// It as a number; none of a word.
    pub fn number(&self) -> Option<f64> {
        match self {
            Setting::Truth(_) | Setting::Word(_) => None,
            Setting::Whole(whole) => Some(*whole as f64),
            Setting::Number(number) => Some(*number),
        }
    }
}

/// As a file writes it.
impl fmt::Display for Setting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Truth(truth) => write!(out, "{truth}"),
            Setting::Whole(whole) => write!(out, "{whole}"),
            Setting::Number(number) => write!(out, "{number:?}"),
            Setting::Word(word) => write!(out, "{word:?}"),
        }
    }
}

impl Block {
    /// Paths that are varied, in the order in which tables have them.
    pub fn paths(&self) -> impl Iterator<Item = &str> + Clone {
        let listed = self.list.first().into_iter().flat_map(IndexMap::keys);
        self.vary.keys().chain(listed).map(String::as_str)
    }

    /// Whether a path is varied, and always as a number.
    pub fn is_number(&self, path: &str) -> bool {
        let number = |value: &Setting| value.number().is_some();
        match self.vary.get(path) {
            Some(Variable::Range(_)) => true,
            Some(Variable::Values { values }) => values.iter().all(number),
            None => {
                let mut listed = self.list.iter();
                !self.list.is_empty() && listed.all(|point| point.get(path).is_some_and(number))
            }
        }
    }

    /// Points that it has, before those are left out of which something does not hold, without its scenarios and
    /// policies.
    pub fn size(&self) -> f64 {
        let count = f64::from(self.count);
        let numbers = self.vary.len() as f64;
        let values = |own: &Variable| match own {
            Variable::Values { values } => values.len() as f64,
            Variable::Range(_) => f64::from(self.levels),
        };
        match self.points {
            Points::Factorial => self.vary.values().map(values).product(),
            Points::Zip => self.vary.values().next().map_or(0.0, values),
            Points::List => self.list.len() as f64,
            Points::Random
            | Points::LatinHypercube
            | Points::LatinCentred
            | Points::LatinMaximin
            | Points::Sobol => count,
            Points::Saltelli => count * (numbers + 2.0),
            Points::SaltelliSecond => count * (2.0 * numbers + 2.0),
            Points::Morris => count * (numbers + 1.0),
            Points::OneAtATime => 1.0 + 2.0 * numbers,
        }
    }

    /// Scenarios and policies that are tried at each point.
    pub fn variants(&self) -> usize {
        self.scenarios.len().max(1) * self.policies.len().max(1)
    }
}

//! A case: a published result, and what of the program must meet it.
//!
//! The program is an experiment that the engine runs, or a kernel: a function that the engine uses or a
//! process that stands beside it for comparison. An arm changes some values and says what is measured.

use crate::diagnostics::Problem;
use crate::experiment::Experiment;
use crate::formula::{self, Formula};
use crate::layers::{Kind, Reading};
use crate::node::{Content, Entry, Node};
use crate::overrides::{self, Options};
use crate::{build, typed};
use indexmap::IndexMap;
use prodos_quantity::choices;
use serde::Deserialize;

/// A published result that is to be met.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Name, such as `v01`.
    pub name: String,
    /// What it belongs to, such as "repair queue": a figure a family.
    pub family: String,
    /// What holds if it is met, in a sentence.
    pub claim: String,
    /// Where the result was published, or how it is derived.
    pub source: String,
    /// The kernel that is called; none where the engine is run.
    pub kernel: Option<String>,
    /// What is tried, one after the other.
    pub arms: Vec<Arm>,
}

/// One thing that is tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// What is other than in the other arms; empty where there is only one.
    pub name: String,
    /// Whether it is tried without being asked for all that take long.
    pub quick: bool,
    /// The experiment that the engine runs; none where a kernel is called.
    pub experiment: Option<Experiment>,
    /// What a kernel is given.
    pub values: Values,
    /// What is measured.
    pub measures: Vec<Measure>,
}

/// What a kernel is given, by name.
pub type Values = IndexMap<String, Given>;

/// A value that a kernel is given.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a number, a list of numbers or a list of such lists"
)]
pub enum Given {
    /// A number.
    Number(f64),
    /// A list.
    List(Vec<f64>),
    /// A list of lists, row by row.
    Table(Vec<Vec<f64>>),
}

impl From<f64> for Given {
    fn from(number: f64) -> Given {
        Given::Number(number)
    }
}

impl<const N: usize> From<[f64; N]> for Given {
    fn from(list: [f64; N]) -> Given {
        Given::List(list.to_vec())
    }
}

impl<const N: usize, const M: usize> From<[[f64; N]; M]> for Given {
    fn from(rows: [[f64; N]; M]) -> Given {
        Given::Table(rows.map(Vec::from).into())
    }
}

/// One number that is measured, and what it must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// What it is, in words.
    pub what: String,
    /// How it is measured, as it was written.
    pub of: String,
    /// The same, read.
    pub formula: Formula,
    /// What is taken of the numbers of all runs.
    pub across: Across,
    /// What is published.
    pub reference: f64,
    /// How it must stand to that.
    pub bound: Bound,
}

/// What a measure must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// At most so far from the reference.
    Within(f64),
    /// The reference, or more.
    AtLeast,
    /// The reference, or less.
    AtMost,
}

choices! {
    /// How a measure stands to its reference where it need not be near it.
    pub enum Side {
        /// The reference, or more.
        AtLeast = "at_least",
        /// The reference, or less.
        AtMost = "at_most",
    }
}

choices! {
    /// What is taken of the numbers of all runs.
    pub enum Across {
        /// Their mean.
        Mean = "mean",
        /// Their standard deviation.
        Spread = "spread",
    }
}

/// Tolerance of a mean, as a share of the reference, where none is named.
const SHARE_OF_MEAN: f64 = 0.01;
/// The same of a standard deviation.
const SHARE_OF_SPREAD: f64 = 0.03;

/// What a case names that stands in no file: kernels, and what can be measured.
///
/// They are known where cases are tried. Each answer is what is wrong, in a sentence without its place.
/// `()` knows none and finds nothing wrong.
pub trait Instruments {
    /// Whether there is a kernel of that name.
    fn kernel(&self, name: &str) -> Result<(), String>;
    /// Whether a kernel takes these values; else the name of each that is wrong, with what is wrong.
    fn values(&self, kernel: &str, values: &Values) -> Result<(), Vec<(String, String)>>;
    /// Whether a kernel gives what a formula asks for.
    fn result(&self, kernel: &str, formula: &Formula) -> Result<(), String>;
    /// Whether a run of an experiment shows what a formula asks for.
    fn probe(&self, experiment: &Experiment, formula: &Formula) -> Result<(), String>;
}

impl Instruments for () {
    fn kernel(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn values(&self, _: &str, _: &Values) -> Result<(), Vec<(String, String)>> {
        Ok(())
    }

    fn result(&self, _: &str, _: &Formula) -> Result<(), String> {
        Ok(())
    }

    fn probe(&self, _: &Experiment, _: &Formula) -> Result<(), String> {
        Ok(())
    }
}

/// A case as its file has it, without its experiment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CaseFile {
    name: Option<String>,
    family: Option<String>,
    claim: Option<String>,
    source: Option<String>,
    kernel: Option<String>,
    values: Values,
    arms: Vec<ArmFile>,
}

/// An arm of a case file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ArmFile {
    name: Option<String>,
    quick: Option<bool>,
    set: Vec<String>,
    values: Values,
    measures: Vec<MeasureFile>,
}

/// A measure of a case file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeasureFile {
    what: String,
    of: String,
    reference: f64,
    #[serde(default)]
    across: Option<Across>,
    #[serde(default)]
    tolerance: Option<f64>,
    #[serde(default)]
    share: Option<f64>,
    #[serde(default)]
    side: Option<Side>,
}

/// From the tree of a case file to a case, noting all that is wrong on the way.
pub(crate) fn build_case(
    mut tree: Node,
    instruments: &dyn Instruments,
    reading: &mut Reading,
) -> Option<Case> {
    let experiment = tree.take("experiment");
    let runs = experiment.is_some();
    let base = experiment.and_then(|experiment| base(experiment, &tree, reading));
    let mut left_out = typed::LeftOut::new();
    let file: CaseFile = typed::typed(&mut tree, &mut left_out, &mut reading.problems)?;
    let mut told = Told {
        tree: &tree,
        reading,
    };
    let [family, claim, source] = [
        ("family", file.family),
        ("claim", file.claim),
        ("source", file.source),
    ]
    .map(|(field, text)| text.unwrap_or_else(|| told.missing(&[], field)));
    match (runs, &file.kernel) {
        (true, Some(_)) => told.wrong(
            &["kernel"],
            "a case has an experiment or a kernel, not both",
        ),
        (false, None) if !left_out.contains("kernel") => {
            told.missing(&[], "experiment` or `kernel");
        }
        _ => {}
    }
    if runs && !file.values.is_empty() {
        told.wrong(&["values"], VALUES_OF_A_KERNEL);
    }
    let known = |kernel: &&String| match instruments.kernel(kernel) {
        Ok(()) => true,
        Err(why) => {
            told.wrong(&["kernel"], why);
            false
        }
    };
    let subject = match (runs, file.kernel.as_ref().filter(known)) {
        (true, _) => Subject::Experiment(base),
        (false, Some(kernel)) => Subject::Kernel(kernel, &file.values),
        (false, None) => Subject::Unknown(&file.values),
    };
    if file.arms.is_empty() && !left_out.contains("arms") {
        told.missing(&[], "arms");
    }
    let arms = file.arms.into_iter().enumerate();
    let arms = arms.map(|(index, arm)| {
        let arm = arm.build(&index.to_string(), &subject, &mut told);
        told.ask(&index.to_string(), &arm, &subject, instruments);
        arm
    });
    let arms = arms.collect();
    Some(Case {
        name: file.name.unwrap_or_default(),
        family,
        claim,
        source,
        kernel: file.kernel,
        arms,
    })
}

const VALUES_OF_A_KERNEL: &str = "`values` are for a kernel; an experiment is changed by `set`";

/// What the arms of a case change.
enum Subject<'a> {
    /// An experiment; none where it is not sound, of which has been told.
    Experiment(Option<Node>),
    /// A kernel, with the values that all arms give it.
    Kernel(&'a str, &'a Values),
    /// A kernel that there is not, or nothing.
    Unknown(&'a Values),
}

/// The experiment of a case, if it is sound, named for the case unless it has a name.
fn base(mut experiment: Node, tree: &Node, reading: &mut Reading) -> Option<Node> {
    if experiment.get("name").is_none()
        && let Some(Content::Text(name)) = tree.get("name").map(|node| &node.content)
    {
        let value = Node {
            span: experiment.span,
            content: Content::Text(name.clone()),
        };
        let key = experiment.span;
        experiment.put("name", Entry { key, value });
    }
    let none = Options::default();
    build(experiment.clone(), Kind::Experiment, &[], &none, reading);
    reading.problems.is_empty().then_some(experiment)
}

/// The experiment of a case with what an arm sets, if it is sound.
fn changed(mut tree: Node, set: &[Node], reading: &mut Reading) -> Option<Experiment> {
    // What is wrong with other arms does not touch this one.
    let before = std::mem::take(&mut reading.problems);
    for text in set {
        overrides::put_text(&mut tree, text, reading);
    }
    let none = Options::default();
    let experiment = build(tree, Kind::Experiment, &[], &none, reading);
    let sound = reading.problems.is_empty();
    reading.problems.splice(0..0, before);
    experiment.filter(|_| sound)
}

/// Where problems of a case are told.
struct Told<'a> {
    tree: &'a Node,
    reading: &'a mut Reading,
}

impl Told<'_> {
    fn wrong(&mut self, path: &[&str], what: impl Into<String>) {
        let place = self.tree.locate(path);
        self.say(Problem::new("wrong-value", what).at(place, String::new()));
    }

    /// Says that something is missing; gives a stand-in for its text.
    fn missing(&mut self, path: &[&str], field: &str) -> String {
        let place = self.tree.locate_key(path);
        self.say(
            Problem::new("missing", format!("`{field}` is missing"))
                .at(place, format!("this needs `{field}`")),
        );
        String::new()
    }

    /// Notes a problem, once: what all arms have in common is wrong in each.
    fn say(&mut self, problem: Problem) {
        let same = |other: &Problem| other.title == problem.title && other.place == problem.place;
        if !self.reading.problems.iter().any(same) {
            self.reading.problems.push(problem);
        }
    }

    /// Asks whether what an arm names is there.
    fn ask(&mut self, index: &str, arm: &Arm, subject: &Subject, instruments: &dyn Instruments) {
        if let Subject::Kernel(kernel, _) = subject
            && let Err(wrong) = instruments.values(kernel, &arm.values)
        {
            for (name, why) in wrong {
                let own = ["arms", index, "values", &name];
                let own_value = own.iter().try_fold(self.tree, |node, key| node.get(key));
                let is_given = arm.values.contains_key(&name);
                match (own_value, is_given) {
                    (Some(_), _) => self.wrong(&own, why),
                    (None, true) => self.wrong(&own[2..], why),
                    (None, false) => self.wrong(&own[..2], why),
                }
            }
        }
        for (number, measure) in arm.measures.iter().enumerate() {
            let asked = match (subject, &arm.experiment) {
                (Subject::Kernel(kernel, _), _) => instruments.result(kernel, &measure.formula),
                (Subject::Experiment(_), Some(experiment)) => {
                    instruments.probe(experiment, &measure.formula)
                }
                _ => Ok(()),
            };
            if let Err(why) = asked {
                let number = number.to_string();
                self.wrong(&["arms", index, "measures", &number, "of"], why);
            }
        }
    }
}

impl ArmFile {
    fn build(self, index: &str, subject: &Subject, told: &mut Told) -> Arm {
        if self.measures.is_empty() {
            told.missing(&["arms", index], "measures");
        }
        let mut values = Values::new();
        let mut experiment = None;
        match subject {
            Subject::Experiment(base) => {
                if !self.values.is_empty() {
                    told.wrong(&["arms", index, "values"], VALUES_OF_A_KERNEL);
                }
                let set = told.tree.items(&["arms", index, "set"]);
                experiment = base
                    .clone()
                    .and_then(|base| changed(base, set, told.reading));
            }
            Subject::Kernel(_, common) | Subject::Unknown(common) => {
                if !self.set.is_empty() {
                    told.wrong(
                        &["arms", index, "set"],
                        "`set` changes an experiment; a kernel has `values`",
                    );
                }
                values.clone_from(common);
                values.extend(self.values);
            }
        }
        let measures = self.measures.into_iter().enumerate();
        let measures = measures.filter_map(|(number, measure)| {
            measure.build(&["arms", index, "measures", &number.to_string()], told)
        });
        Arm {
            name: self.name.unwrap_or_default(),
            quick: self.quick.unwrap_or(true),
            experiment,
            values,
            measures: measures.collect(),
        }
    }
}

impl MeasureFile {
    fn build(self, path: &[&str], told: &mut Told) -> Option<Measure> {
        let across = self.across.unwrap_or(Across::Mean);
        let share = |share: f64| Bound::Within(share * self.reference.abs());
        let sound = |value: f64| value.is_finite() && value >= 0.0;
        let bound = match (self.tolerance, self.share, self.side) {
            (None, None, None) => share(match across {
                Across::Mean => SHARE_OF_MEAN,
                Across::Spread => SHARE_OF_SPREAD,
            }),
            (Some(tolerance), None, None) if sound(tolerance) => Bound::Within(tolerance),
            (None, Some(own), None) if sound(own) => share(own),
            (None, None, Some(Side::AtLeast)) => Bound::AtLeast,
            (None, None, Some(Side::AtMost)) => Bound::AtMost,
            _ => {
                told.wrong(
                    path,
                    "a measure has one of `tolerance`, `share` and `side`; a number is 0 or more",
                );
                return None;
            }
        };
        if !self.reference.is_finite() {
            told.wrong(
                &[path, &["reference"]].concat(),
                "a reference is a finite number",
            );
        }
        match formula::parse(&self.of) {
            Ok(formula) => Some(Measure {
                what: self.what,
                of: self.of,
                formula,
                across,
                reference: self.reference,
                bound,
            }),
            Err(why) => {
                told.wrong(
                    &[path, &["of"]].concat(),
                    format!("this is no formula: {why}"),
                );
                None
            }
        }
    }
}

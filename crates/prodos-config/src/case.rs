//! A case: a published result, and what of the program must meet it.
//!
//! The program is an experiment that the engine runs, or a kernel: a function that the engine uses or a
//! process that stands beside it for comparison. An arm changes some values and says what is measured.

use crate::diagnostics::Problem;
use crate::experiment::Experiment;
use crate::formula::{self, Formula};
use crate::layers::{Kind, Reading};
use crate::node::{Content, Entry, Node, Span};
use crate::overrides::{self, Options, Override};
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
    /// What it is divided by: the mean over runs of the one over that of the other. 1 unless said.
    pub over: Formula,
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
    /// Whether a kernel takes these values; else all that is wrong with them.
    fn values(&self, kernel: &str, values: &Values) -> Result<(), Vec<Wrong>>;
    /// Whether a kernel gives what a formula asks for.
    fn result(&self, kernel: &str, formula: &Formula) -> Result<(), String>;
    /// Whether a run of an experiment shows what a formula asks for.
    fn probe(&self, experiment: &Experiment, formula: &Formula) -> Result<(), String>;
}

/// What is wrong with a value that a kernel is given, or is not given.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// Name of the value.
    pub value: String,
    /// What is wrong with it, and what is allowed.
    pub why: String,
}

impl Instruments for () {
    fn kernel(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn values(&self, _: &str, _: &Values) -> Result<(), Vec<Wrong>> {
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
    #[serde(default)]
    over: Option<String>,
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
    let runs = experiment.map(|experiment| Ground::Experiment(base(experiment, &tree, reading)));
    let mut left_out = typed::LeftOut::new();
    let file: CaseFile = typed::typed(&mut tree, &mut left_out, &mut reading.problems)?;
    let mut told = Told {
        tree: &tree,
        reading,
    };
    let [family, claim, source] = [
        ("family", file.family.as_ref()),
        ("claim", file.claim.as_ref()),
        ("source", file.source.as_ref()),
    ]
    .map(|(field, text)| told.text(field, text));
    let ground = told.ground(runs, &file, left_out.contains("kernel"), instruments);
    if file.arms.is_empty() && !left_out.contains("arms") {
        told.missing(&[], "`arms`");
    }
    told.names_alike(&file.arms);
    let mut arms = Vec::new();
    for (index, arm) in file.arms.iter().enumerate() {
        let index = index.to_string();
        let (arm, places) = arm.build(&index, &ground, &mut told);
        told.ask(&index, &arm, &places, &ground, instruments);
        arms.push(arm);
    }
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
enum Ground<'a> {
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
    for name in ["design", "until"] {
        if let Some(own) = experiment.get(name) {
            let what =
                format!("a case says itself how often its runs are repeated, and has no `{name}`");
            let problem = Problem::new("wrong-value", what).at(own.span, String::new());
            reading
                .problems
                .push(problem.note("help", "an arm with a `set` of its own is another point"));
        }
    }
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
    if let Some(experiment) = experiment.as_ref().filter(|_| reading.problems.is_empty()) {
        for text in set {
            if let Content::Text(set) = &text.content
                && let Ok(Override { path, .. }) = set.parse()
                && let Some(problem) = overrides::without_effect(experiment, &path)
            {
                let said = "it changes nothing";
                reading.problems.push(problem.at(text.span, said));
            }
        }
    }
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

    /// Says what is wrong with a formula, at its place in the text: after so many letters.
    fn wrong_after(&mut self, path: &[&str], letters: usize, expected: &str) {
        let node = path.iter().try_fold(self.tree, |node, key| node.get(key));
        let mut place = self.tree.locate(path);
        if let Some(Content::Text(text)) = node.map(|node| &node.content)
            // A text with escapes does not stand in its file as it is read: then all of it is shown.
            && let Some(inside) = self.reading.text_at(place).find(text.as_str())
        {
            let rest = text.char_indices().nth(letters);
            let (before, length) = rest.map_or((text.len(), 1), |(at, own)| (at, own.len_utf8()));
            place.start += inside + before;
            place.end = place.start + length;
        }
        self.say(Problem::new("wrong-value", "this is no formula").at(place, expected));
    }

    /// Says that something is missing; gives a stand-in for its text.
    fn missing(&mut self, path: &[&str], what: &str) -> String {
        let place = self.tree.locate_key(path);
        self.say(
            Problem::new("missing", format!("{what} is missing"))
                .at(place, format!("this needs {what}")),
        );
        String::new()
    }

    /// A text that a case must have.
    fn text(&mut self, field: &str, given: Option<&String>) -> String {
        match given {
            Some(text) if text.trim().is_empty() => {
                self.wrong(&[field], format!("`{field}` is empty"));
                String::new()
            }
            Some(text) => text.clone(),
            None => self.missing(&[], &format!("`{field}`")),
        }
    }

    /// What the arms change: an experiment, if there is one, or a kernel.
    fn ground<'f>(
        &mut self,
        runs: Option<Ground<'f>>,
        file: &'f CaseFile,
        kernel_left_out: bool,
        instruments: &dyn Instruments,
    ) -> Ground<'f> {
        match (runs, &file.kernel) {
            (Some(experiment), kernel) => {
                if kernel.is_some() {
                    let both = "a case has an experiment or a kernel, not both";
                    self.wrong(&["kernel"], both);
                }
                if !file.values.is_empty() {
                    self.wrong(&["values"], VALUES_OF_A_KERNEL);
                }
                return experiment;
            }
            (None, Some(kernel)) => match instruments.kernel(kernel) {
                Ok(()) => return Ground::Kernel(kernel, &file.values),
                Err(why) => self.wrong(&["kernel"], why),
            },
            (None, None) if kernel_left_out => {}
            (None, None) => drop(self.missing(&[], "`experiment` or `kernel`")),
        }
        Ground::Unknown(&file.values)
    }

    /// Says which arms are called like one before them: their numbers could not be told apart.
    fn names_alike(&mut self, arms: &[ArmFile]) {
        for (index, arm) in arms.iter().enumerate() {
            let name = |arm: &ArmFile| arm.name.clone().unwrap_or_default();
            if arms[..index].iter().any(|other| name(other) == name(arm)) {
                let place = index.to_string();
                match name(arm).as_str() {
                    "" => self.wrong(&["arms", &place], "only one arm can go without a name"),
                    name => {
                        let alike = format!("another arm is called `{name}`");
                        self.wrong(&["arms", &place, "name"], alike);
                    }
                }
            }
        }
    }

    /// Notes a problem, once: what all arms have in common is wrong in each.
    fn say(&mut self, problem: Problem) {
        let same = |other: &Problem| other.title == problem.title && other.place == problem.place;
        if !self.reading.problems.iter().any(same) {
            self.reading.problems.push(problem);
        }
    }

    /// Asks whether what an arm names is there.
    ///
    /// `places` are those of its measures in the file, where some cannot be read.
    fn ask(
        &mut self,
        index: &str,
        arm: &Arm,
        places: &[usize],
        ground: &Ground,
        instruments: &dyn Instruments,
    ) {
        if let Ground::Kernel(kernel, _) = ground
            && let Err(wrong) = instruments.values(kernel, &arm.values)
        {
            for Wrong { value, why } in wrong {
                let own = ["arms", index, "values", &value];
                let own_value = own.iter().try_fold(self.tree, |node, key| node.get(key));
                let is_given = arm.values.contains_key(&value);
                match (own_value, is_given) {
                    (Some(_), _) => self.wrong(&own, why),
                    (None, true) => self.wrong(&own[2..], why),
                    (None, false) => self.wrong(&own[..2], why),
                }
            }
        }
        for (measure, number) in arm.measures.iter().zip(places) {
            for (field, formula) in [("of", &measure.formula), ("over", &measure.over)] {
                let asked = match (ground, &arm.experiment) {
                    (Ground::Kernel(kernel, _), _) => instruments.result(kernel, formula),
                    (Ground::Experiment(_), Some(experiment)) => {
                        instruments.probe(experiment, formula)
                    }
                    _ => Ok(()),
                };
                if let Err(why) = asked {
                    let number = number.to_string();
                    self.wrong(&["arms", index, "measures", &number, field], why);
                }
            }
        }
    }
}

impl ArmFile {
    /// The arm, and the places of its measures.
    fn build(&self, index: &str, ground: &Ground, told: &mut Told) -> (Arm, Vec<usize>) {
        if self.measures.is_empty() {
            told.missing(&["arms", index], "`measures`");
        }
        let mut values = Values::new();
        let mut experiment = None;
        match ground {
            Ground::Experiment(base) => {
                if !self.values.is_empty() {
                    told.wrong(&["arms", index, "values"], VALUES_OF_A_KERNEL);
                }
                let set = told.tree.items(&["arms", index, "set"]);
                experiment = base
                    .clone()
                    .and_then(|base| changed(base, set, told.reading));
            }
            Ground::Kernel(_, common) | Ground::Unknown(common) => {
                if !self.set.is_empty() {
                    told.wrong(
                        &["arms", index, "set"],
                        "`set` changes an experiment; a kernel has `values`",
                    );
                }
                values.clone_from(common);
                values.extend(self.values.clone());
            }
        }
        self.measures_alike(index, told);
        let measures = self.measures.iter().enumerate();
        let measures = measures.filter_map(|(number, measure)| {
            let path = ["arms", index, "measures", &number.to_string()];
            Some((measure.build(&path, told)?, number))
        });
        let (measures, places) = measures.unzip();
        let arm = Arm {
            name: self.name.clone().unwrap_or_default(),
            quick: self.quick.unwrap_or(true),
            experiment,
            values,
            measures,
        };
        (arm, places)
    }

    /// Says which measures are called like one before them: their numbers could not be told apart.
    fn measures_alike(&self, index: &str, told: &mut Told) {
        for (number, measure) in self.measures.iter().enumerate() {
            let before = &self.measures[..number];
            let written = !measure.what.trim().is_empty();
            if written && before.iter().any(|other| other.what == measure.what) {
                let alike = format!("another measure of this arm is called \"{}\"", measure.what);
                told.wrong(
                    &["arms", index, "measures", &number.to_string(), "what"],
                    alike,
                );
            }
        }
    }
}

impl MeasureFile {
    fn build(&self, path: &[&str], told: &mut Told) -> Option<Measure> {
        let across = self.across.unwrap_or(Across::Mean);
        let own = path.iter().try_fold(told.tree, |node, key| node.get(key));
        // Of what is missing has been told, and something stands in for it.
        let written = |node: &Node| node.span != Span::NOWHERE;
        let is_there = |field: &str| own.and_then(|own| own.get(field)).is_some_and(written);
        let [has_what, has_of, has_reference] = ["what", "of", "reference"].map(is_there);
        if has_what && self.what.trim().is_empty() {
            told.wrong(&[path, &["what"]].concat(), "`what` is empty");
        }
        if !self.reference.is_finite() {
            let finite = "a reference is a finite number";
            told.wrong(&[path, &["reference"]].concat(), finite);
            return None;
        }
        if !has_of || !has_reference {
            return None;
        }
        let bound = self.bound(across, path, told)?;
        if across == Across::Spread && self.over.is_some() {
            let one = "`over` divides means; of a spread there is no such";
            told.wrong(&[path, &["over"]].concat(), one);
        }
        let mut read = |field: &str, text: &str| {
            let read = formula::parse(text);
            if let Err(why) = &read {
                told.wrong_after(&[path, &[field]].concat(), why.at, &why.to_string());
            }
            read.ok()
        };
        let formula = read("of", &self.of);
        let over = match &self.over {
            Some(text) => read("over", text),
            None => Some(Formula::Number(1.0)),
        };
        let formula = formula?;
        if !formula.asks() {
            let nothing = "this measures nothing: a formula has a probe or a result in it";
            told.wrong(&[path, &["of"]].concat(), nothing);
            return None;
        }
        Some(Measure {
            what: self.what.clone(),
            of: self.of.clone(),
            formula,
            over: over?,
            across,
            reference: self.reference,
            bound,
        })
    }

    /// How the measure must stand to its reference.
    fn bound(&self, across: Across, path: &[&str], told: &mut Told) -> Option<Bound> {
        let mut refuse = |field: &[&str], why| {
            told.wrong(&[path, field].concat(), why);
            None
        };
        if self
            .tolerance
            .is_some_and(|own| !own.is_finite() || own < 0.0)
        {
            return refuse(&["tolerance"], "a tolerance is a number from 0 up");
        }
        if self.share.is_some_and(|own| !(0.0..1.0).contains(&own)) {
            let share =
                "a share of the reference is from 0 to below 1: with 1, nothing at all would do";
            return refuse(&["share"], share);
        }
        let share = match (self.tolerance, self.share, self.side) {
            (Some(tolerance), None, None) => return Some(Bound::Within(tolerance)),
            (None, None, Some(Side::AtLeast)) => return Some(Bound::AtLeast),
            (None, None, Some(Side::AtMost)) => return Some(Bound::AtMost),
            (None, Some(share), None) => share,
            (None, None, None) => match across {
                Across::Mean => SHARE_OF_MEAN,
                Across::Spread => SHARE_OF_SPREAD,
            },
            _ => {
                let one = "a measure has one of `tolerance`, `share` and `side` at most";
                return refuse(&[], one);
            }
        };
        if self.reference == 0.0 {
            let none = "a share of 0 is 0: a measure of 0 needs a `tolerance` or a `side`";
            return refuse(&["reference"], none);
        }
        Some(Bound::Within(share * self.reference.abs()))
    }
}

//! Whether a design can be: its ranges, how its points are chosen, and what must hold of them.
//!
//! Whether the experiment can be run with a value is asked where it is put, see [`crate::trial`].

use super::within;
use crate::design::{Block, Law, MOST_DIMENSIONS, Points, Range, Setting, Variable};
use crate::diagnostics::Problem;
use crate::experiment::Experiment;
use crate::fields::{MOST_POINTS, limits};
use crate::formula::{self, Formula};
use crate::nearest;
use crate::node::Node;
use prodos_model::spec::{Change, Scenario, Shock};

/// Checks every block.
pub(super) fn check(blocks: &[Block], tree: &Node, problems: &mut Vec<Problem>) {
    for (index, block) in blocks.iter().enumerate() {
        let place = index.to_string();
        let mut told = Told {
            path: ["design", &place],
            tree,
            problems,
        };
        if blocks.len() > 1 && block.name.trim().is_empty() {
            told.wrong(&[], "of several blocks each needs a `name`");
        } else if blocks[..index].iter().any(|other| other.name == block.name) {
            told.wrong(
                &["name"],
                format!("another block is called `{}`", block.name),
            );
        }
        told.block(block);
    }
}

/// Checks the day on which runs part: that there are such runs, and that their past can be one.
pub(super) fn check_branch(experiment: &Experiment, tree: &Node, problems: &mut Vec<Problem>) {
    let day = experiment.branch_at;
    if day == 0 {
        return;
    }
    let mut wrong = |path: &[&str], what: String| {
        problems.push(Problem::new("wrong-value", what).at(tree.locate(path), String::new()));
    };
    if day >= experiment.days {
        wrong(
            &["branch_at"],
            format!(
                "runs part on a day before the last: they have {} days",
                experiment.days
            ),
        );
    }
    let parts = |block: &Block| !(block.scenarios.is_empty() && block.policies.is_empty());
    if !experiment.design.iter().any(parts) {
        wrong(
            &["branch_at"],
            "no runs part: this needs a design with `scenarios` or `policies`".to_owned(),
        );
    }
    let early = |scenario: &Scenario| -> Vec<Shock> {
        let shocks = scenario.shocks.iter();
        shocks
            .filter(|shock| shock.day < f64::from(day))
            .cloned()
            .collect()
    };
    for (index, block) in experiment.design.iter().enumerate() {
        for (name, scenario) in &block.scenarios {
            if early(scenario) != early(&experiment.scenario) {
                let place = index.to_string();
                wrong(
                    &["design", &place, "scenarios", name],
                    format!(
                        "`{name}` has other shocks before day {day} than the experiment, with which it has its past in common"
                    ),
                );
            }
        }
    }
}

/// Where problems of a block are told.
struct Told<'a> {
    path: [&'a str; 2],
    tree: &'a Node,
    problems: &'a mut Vec<Problem>,
}

impl Told<'_> {
    fn wrong(&mut self, path: &[&str], what: impl Into<String>) {
        let place = self.tree.locate(&[&self.path, path].concat());
        let problem = Problem::new("wrong-value", what).at(place, String::new());
        self.problems.push(problem);
    }

    fn block(&mut self, block: &Block) {
        for (path, variable) in &block.vary {
            self.variable(path, variable);
        }
        let is_list = block.points == Points::List;
        if block.vary.is_empty() && block.list.is_empty() {
            if block.scenarios.is_empty() && block.policies.is_empty() {
                self.wrong(&[], "this design varies nothing: it needs `vary`, `list`, `file`, `scenarios` or `policies`");
            }
        } else if is_list && !block.vary.is_empty() {
            self.wrong(&["vary"], "the points of a `list` have their own values; `vary` is for other ways to choose them");
        } else if !is_list && !block.list.is_empty() {
            self.wrong(
                &["points"],
                "`list` is for points that are chosen one by one: `points: list`",
            );
        }
        self.rows_alike(&block.list);
        self.moot(block);
        self.numbers(block);
        self.conditions(block);
        let points = block.size();
        if points > MOST_POINTS as f64 {
            self.wrong(
                &[],
                format!("these are {points} points, and {MOST_POINTS} is the most"),
            );
        }
    }

    fn variable(&mut self, path: &str, variable: &Variable) {
        let at = |field| ["vary", path, field];
        match variable {
            Variable::Values { values } if values.is_empty() => {
                self.wrong(
                    &at(""),
                    format!("`{path}` needs `values`, or a range: `from` and `to`"),
                );
            }
            Variable::Values { .. } => {}
            Variable::Range(range) => self.range(path, range),
        }
    }

    fn range(&mut self, path: &str, range: &Range) {
        let Range {
            from,
            to,
            law,
            middle,
            deviation,
            step,
        } = *range;
        let at = |field| ["vary", path, field];
        let numbers = [
            ("from", Some(from)),
            ("to", Some(to)),
            ("middle", middle),
            ("deviation", deviation),
            ("step", Some(step)),
        ];
        for (field, value) in numbers {
            let place = [&self.path[..], &at(field)].concat();
            let known = limits("variable", field);
            if let Some(value) = value
                && !within(
                    self.tree,
                    &place,
                    value,
                    known,
                    "of the path",
                    self.problems,
                )
            {
                return;
            }
        }
        if middle.is_some() && !matches!(law, Law::Triangular | Law::Normal) {
            self.wrong(
                &at("middle"),
                "`middle` is of the laws `triangular` and `normal`",
            );
        }
        if deviation.is_some() && law != Law::Normal {
            self.wrong(&at("deviation"), "`deviation` is of the law `normal`");
        }
        if from >= to {
            self.wrong(
                &at("to"),
                format!("the range of `{path}` ends at {to}, and begins at {from}"),
            );
        } else if law == Law::LogUniform && from <= 0.0 {
            self.wrong(
                &at("from"),
                format!("orders of size begin above 0, and `{path}` begins at {from}"),
            );
        } else if law == Law::Triangular
            && middle.is_some_and(|middle| !(from..=to).contains(&middle))
        {
            self.wrong(
                &at("middle"),
                format!("the likeliest number of `{path}` lies outside its range"),
            );
        } else if step > to - from {
            self.wrong(
                &at("step"),
                format!("the step of `{path}` is longer than its range"),
            );
        }
    }

    /// A varied number holds from first to last day, and wins over that of a policy.
    fn moot(&mut self, block: &Block) {
        for (name, policy) in &block.policies {
            for path in block.paths() {
                let (room, own) = path.split_once('.').unwrap_or((path, ""));
                let sets = |change: &Change| {
                    let rooms = serde_json::to_value(&change.parameters).unwrap_or_default();
                    rooms
                        .get(room)
                        .and_then(|room| room.get(own))
                        .is_some_and(|own| !own.is_null())
                };
                if policy.changes.iter().any(sets) {
                    self.wrong(
                        &["policies", name],
                        format!("`{name}` sets `{path}`, which is varied here, and what is varied wins: leave one of the two out"),
                    );
                }
            }
        }
    }

    /// Points of a list name the same paths.
    fn rows_alike(&mut self, list: &[indexmap::IndexMap<String, Setting>]) {
        let Some(first) = list.first() else {
            return;
        };
        for (row, point) in list.iter().enumerate().skip(1) {
            let same =
                point.len() == first.len() && point.keys().all(|path| first.contains_key(path));
            if !same {
                let row = row.to_string();
                self.wrong(&["list", &row], "this point has other paths than the first");
            }
        }
    }

    /// `count` and `levels` where they are needed, and nowhere else.
    fn numbers(&mut self, block: &Block) {
        use Points::{Factorial, List, Morris, OneAtATime, Saltelli, SaltelliSecond, Sobol, Zip};
        let is_range = |own: &Variable| matches!(own, Variable::Range(_));
        let ranges = block.vary.values().filter(|own| is_range(own)).count();
        let way = block.points.text();
        let counted = !matches!(block.points, Factorial | List | Zip | OneAtATime);
        match (counted, block.count) {
            (true, 0) => self.wrong(&["points"], format!("`{way}` needs a `count`")),
            (false, 1..) => self.wrong(
                &["count"],
                format!("`{way}` has as many points as its values make, and no `count`"),
            ),
            _ => {}
        }
        match (block.points == Factorial && ranges > 0, block.levels) {
            (true, 0) => self.wrong(&[], "a range in a `factorial` needs `levels`; samples, such as `latin_hypercube`, need a `count`"),
            (true, 1) => self.wrong(&["levels"], "a range has 2 levels or more"),
            (false, 1..) => self.wrong(&["levels"], "`levels` are of ranges in a `factorial`"),
            _ => {}
        }
        if block.points == Zip {
            let length = |own: &Variable| match own {
                Variable::Values { values } => Some(values.len()),
                Variable::Range(_) => None,
            };
            let mut lengths = block.vary.values().map(length);
            let first = lengths.next().flatten();
            if first.is_none() || lengths.any(|length| length != first) {
                self.wrong(&["vary"], "`zip` takes lists of one length");
            }
        }
        let dimensions = match block.points {
            Sobol => block.vary.len(),
            Saltelli | SaltelliSecond => 2 * block.vary.len(),
            _ => 0,
        };
        if dimensions > MOST_DIMENSIONS {
            self.wrong(
                &["vary"],
                format!(
                    "`{way}` needs {dimensions} dimensions here, and there are {MOST_DIMENSIONS}"
                ),
            );
        }
        if block.vary.is_empty() && counted
            || block.vary.is_empty() && matches!(block.points, Zip | OneAtATime)
        {
            self.wrong(&["points"], format!("`{way}` needs something to `vary`"));
        }
        let in_pairs = matches!(
            block.points,
            Morris | Saltelli | SaltelliSecond | OneAtATime
        );
        if in_pairs && !block.such_that.is_empty() {
            self.wrong(
                &["such_that"],
                format!("`{way}` compares points in pairs, and none can be left out"),
            );
        }
    }

    /// What must hold is a formula of varied numbers.
    fn conditions(&mut self, block: &Block) {
        for (index, text) in block.such_that.iter().enumerate() {
            let index = index.to_string();
            let at = ["such_that", index.as_str()];
            match formula::parse(text) {
                Err(why) => self.wrong(&at, format!("this is no formula: {why}")),
                Ok(formula) => {
                    for name in unknown(&formula, block) {
                        let paths = || block.paths();
                        let near = nearest::question(&name, paths()).unwrap_or_default();
                        self.wrong(
                            &at,
                            format!(
                                "`{name}` is not varied as a number here{}{near}",
                                if near.is_empty() { "" } else { "; " }
                            ),
                        );
                    }
                }
            }
        }
    }
}

/// Names of a formula that are no varied numbers.
fn unknown(formula: &Formula, block: &Block) -> Vec<String> {
    match formula {
        Formula::Number(_) => Vec::new(),
        Formula::Name(name) => {
            let known = block.is_number(name);
            if known {
                Vec::new()
            } else {
                vec![name.clone()]
            }
        }
        Formula::Minus(inside) => unknown(inside, block),
        Formula::Pair(_, left, right) => [unknown(left, block), unknown(right, block)].concat(),
        Formula::Call(name, _) => vec![format!("{name}(…)")],
    }
}

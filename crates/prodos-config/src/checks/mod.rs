//! What no single value shows: whether the experiment as a whole can be.

mod city;
mod date;
pub(crate) mod design;
mod plans;
mod runs;
mod sector;

use crate::diagnostics::Problem;
use crate::experiment::Experiment;
use crate::fields::{LEAST, limits};
use crate::layers::Kind;
use crate::node::{Node, spoken};
use crate::typed::LeftOut;

/// Checks the parts of an experiment that a file of this kind is about.
pub(crate) fn check(
    experiment: &Experiment,
    kind: Kind,
    tree: &Node,
    left_out: &LeftOut,
    sound: bool,
    problems: &mut Vec<Problem>,
) {
    let has_city = tree.get("city").is_some();
    if has_city {
        city::check(&experiment.city, tree, sound, problems);
    }
    if kind != Kind::City {
        let city = has_city.then_some(&experiment.city);
        // Nothing comes after the end of days of which something is wrong.
        let range = limits("experiment", "days");
        let days = f64::from(experiment.days);
        let known = kind == Kind::Experiment
            && !left_out.contains("days")
            && (range.0..=range.1).contains(&days);
        let days = known.then_some(days);
        plans::check_scenario(&experiment.scenario, city, days, tree, left_out, problems);
        plans::check_policy(&experiment.policy, city, days, tree, problems);
    }
    if kind == Kind::Experiment {
        design::check(&experiment.design, tree, problems);
        within(
            tree,
            &["days"],
            f64::from(experiment.days),
            limits("experiment", "days"),
            "days",
            problems,
        );
        design::check_branch(experiment, tree, problems);
        runs::check(experiment, has_city, tree, problems);
        if experiment.name.trim().is_empty() || experiment.name.contains(['/', '\\', '\0']) {
            problems.push(
                Problem::new("wrong-value", "the name cannot name a folder").at(
                    tree.locate(&["name"]),
                    "expected letters, digits, `-` and `_`",
                ),
            );
        }
    }
}

/// Notes a number outside its range, NaN included; says whether it is inside.
fn within(
    tree: &Node,
    path: &[&str],
    value: f64,
    range: (f64, f64),
    unit: &str,
    problems: &mut Vec<Problem>,
) -> bool {
    let inside = (range.0..=range.1).contains(&value);
    if !inside {
        let allowed = match range {
            (low, high) if high >= 1e9 && low == LEAST => "above 0".to_owned(),
            (low, high) if high <= 0.0 - low && high >= 1e9 => "any number".to_owned(),
            (low, high) if high >= 1e9 => format!("{low} or more"),
            (low, high) => format!("{low} to {high}"),
        };
        problems.push(
            Problem::new(
                "out-of-range",
                format!("{} is outside its range", spoken(tree, path)),
            )
            .at(
                tree.locate(path),
                format!("{value}; the range is {allowed} ({unit})"),
            ),
        );
    }
    inside
}

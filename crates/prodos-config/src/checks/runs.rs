//! Whether the runs of an experiment can be: how many there are, what ends them, and what is looked at.

use super::within;
use crate::diagnostics::Problem;
use crate::experiment::{Experiment, Stop, Until};
use crate::fields::limits;
use crate::nearest;
use crate::node::Node;
use prodos_model::outcome;
use prodos_model::rows::CityRow;

/// Checks numbers of replicates, the headline, and conditions.
pub(super) fn check(
    experiment: &Experiment,
    has_city: bool,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    let (first, replicates) = (experiment.first_replicate, experiment.replicates);
    let number = |name, value: u32, unit, problems: &mut Vec<Problem>| {
        let range = limits("experiment", name);
        within(tree, &[name], value.into(), range, unit, problems)
    };
    let sound = number("replicates", replicates, "runs", problems)
        && number("first_replicate", first, "of a replicate", problems);
    let last = u64::from(first) + u64::from(replicates.max(most(experiment)));
    let room = limits("experiment", "replicates").1;
    if sound && last as f64 > room {
        let what = format!(
            "numbers of replicates end at {}, and this reaches {}",
            room - 1.0,
            last - 1
        );
        let place = tree.locate(&["first_replicate"]);
        problems.push(Problem::new("out-of-range", what).at(place, String::new()));
    }
    if has_city {
        known_outcome(
            experiment,
            &experiment.headline,
            &["headline"],
            tree,
            problems,
        );
    }
    if let Some(until) = &experiment.until {
        check_until(experiment, until, has_city, tree, problems);
    }
    if let Some(stop) = &experiment.stop {
        check_stop(stop, tree, problems);
    }
}

fn most(experiment: &Experiment) -> u32 {
    experiment.until.as_ref().map_or(0, |until| until.most)
}

/// Notes what is no column of the summary that is an outcome.
fn known_outcome(
    experiment: &Experiment,
    name: &str,
    path: &[&str],
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    let known = outcome::names(experiment.city.necessities.keys().map(String::as_str));
    let words = || known.iter().map(String::as_str);
    if !words().any(|own| own == name) {
        let near = nearest::question(name, words()).unwrap_or_default();
        problems.push(
            Problem::new("unknown-outcome", format!("there is no outcome `{name}`"))
                .at(tree.locate(path), near)
                .note(
                    "help",
                    "outcomes are columns of summary.csv; `prodos explain output_mean` explains one",
                ),
        );
    }
}

fn check_until(
    experiment: &Experiment,
    until: &Until,
    has_city: bool,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    if until.half_width.is_empty() {
        let what = "`half_width` names no outcome that is to be known so well";
        let place = tree.locate(&["until", "half_width"]);
        let example = "half_width: {\"output_mean\": 0.01}";
        problems.push(
            Problem::new("missing", what)
                .at(place, String::new())
                .note("example", example),
        );
    }
    for (name, half) in &until.half_width {
        let path = ["until", "half_width", name.as_str()];
        let range = limits("until", "half_width");
        within(tree, &path, *half, range, "of the outcome", problems);
        if has_city {
            known_outcome(experiment, name, &path, tree, problems);
        }
    }
    let path = ["until", "most"];
    let range = limits("until", "most");
    if within(tree, &path, until.most.into(), range, "runs", problems)
        && until.most < experiment.replicates
    {
        let what = format!(
            "there are {} replicates at least, which is more than `most`",
            experiment.replicates
        );
        problems.push(Problem::new("wrong-value", what).at(tree.locate(&path), String::new()));
    }
}

fn check_stop(stop: &Stop, tree: &Node, problems: &mut Vec<Problem>) {
    let days = f64::from(stop.days);
    within(
        tree,
        &["stop", "days"],
        days,
        limits("stop", "days"),
        "days",
        problems,
    );
    for (name, value) in [("below", stop.below), ("above", stop.above)] {
        if let Some(value) = value {
            within(
                tree,
                &["stop", name],
                value,
                limits("stop", name),
                "of the probe",
                problems,
            );
        }
    }
    let probes = || CityRow::PROBES.iter().map(|probe| probe.name);
    if !probes().any(|own| own == stop.probe) {
        let near = nearest::question(&stop.probe, probes()).unwrap_or_default();
        let what = format!("the city has no probe `{}`", stop.probe);
        problems.push(
            Problem::new("unknown-probe", what)
                .at(tree.locate(&["stop", "probe"]), near)
                .note("help", "probes of the city are columns of series/city.parquet; `prodos explain margin` explains one"),
        );
    }
    if stop.below.is_some() == stop.above.is_some() {
        let what =
            "a run is stopped by a probe that is `below` a value or `above` one: one of the two";
        problems.push(Problem::new("wrong-value", what).at(tree.locate(&["stop"]), String::new()));
    }
}

//! Whether a scenario and a policy can be: shocks, connectors and dated changes.

use super::city::unknown_connector;
use super::within;
use crate::diagnostics::Problem;
use crate::fill::unknown_sector;
use crate::node::Node;
use indexmap::IndexMap;
use prodos_model::connectors::CONNECTORS;
use prodos_model::spec::{Policy, Scenario, Sector, Shock, ShockKind};

/// The sectors of the city, where one is known.
type Codes<'a> = Option<&'a IndexMap<String, Sector>>;

const LONGEST: f64 = 36500.0;

/// Checks shocks and connector levels.
pub(super) fn check_scenario(
    scenario: &Scenario,
    codes: Codes<'_>,
    days: Option<f64>,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    for (index, shock) in scenario.shocks.iter().enumerate() {
        check_shock(shock, &index.to_string(), codes, days, tree, problems);
    }
    for (name, levels) in &scenario.connectors {
        let base = ["scenario", "connectors", name.as_str()];
        if !CONNECTORS.contains(&name.as_str()) {
            problems.push(unknown_connector(name, &CONNECTORS, tree, &base));
        }
        let mut earlier = f64::NEG_INFINITY;
        for (index, (day, level)) in levels.iter().enumerate() {
            let index = index.to_string();
            let path = |part| [&base[..], &[index.as_str(), part]].concat();
            within(tree, &path("1"), *level, (0.0, 1.0), "a level", problems);
            if check_day(&path("0"), *day, "a connector level", days, tree, problems)
                && *day <= earlier
            {
                problems.push(
                    Problem::new("wrong-order", format!("the days of `{name}` do not ascend")).at(
                        tree.locate(&path("0")),
                        format!("{day} comes after {earlier}"),
                    ),
                );
            }
            earlier = *day;
        }
    }
}

/// Checks dated changes; their parameters have been checked where they stand.
pub(super) fn check_policy(
    policy: &Policy,
    codes: Codes<'_>,
    days: Option<f64>,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    for (index, change) in policy.changes.iter().enumerate() {
        let index = index.to_string();
        let base = ["policy", "changes", index.as_str()];
        let path = |field| [&base[..], &[field]].concat();
        check_day(&path("day"), change.day, "a change", days, tree, problems);
        check_codes(&path("sectors"), &change.sectors, codes, tree, problems);
    }
}

fn check_shock(
    shock: &Shock,
    index: &str,
    codes: Codes<'_>,
    days: Option<f64>,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    let base = ["scenario", "shocks", index];
    let path = |field| [&base[..], &[field]].concat();
    let smallest = if shock.kind == ShockKind::Demand {
        -1.0
    } else {
        0.0
    };
    let numbers = [
        ("size", shock.size, (smallest, 1.0), "a share"),
        ("days", shock.days, (0.0, LONGEST), "days"),
        ("recovery_days", shock.recovery_days, (0.0, LONGEST), "days"),
        (
            "footprint",
            shock.footprint,
            (0.0, 1.0),
            "a share of each patch",
        ),
        (
            "hours",
            shock.hours,
            (0.0, 1e6),
            "hours of repair a machine",
        ),
        (
            "every",
            shock.every,
            (0.0, LONGEST),
            "days between repetitions",
        ),
        ("times", f64::from(shock.times), (1.0, 1e6), "times"),
    ];
    for (field, value, range, unit) in numbers {
        within(tree, &path(field), value, range, unit, problems);
    }
    check_day(&path("day"), shock.day, "a shock", days, tree, problems);
    check_codes(&path("sectors"), &shock.sectors, codes, tree, problems);
    check_codes(&path("users"), &shock.users, codes, tree, problems);
    if shock.times > 1 && shock.every <= 0.0 {
        problems.push(
            Problem::new(
                "wrong-value",
                format!("`{}` comes {} times at once", shock.name, shock.times),
            )
            .at(
                tree.locate(&path("times")),
                "expected `every` above 0, in days",
            ),
        );
    }
    if let Some(operator) = &shock.operator {
        check_operator(operator, &path("operator"), codes, tree, problems);
    }
}

/// A day that lies within the run.
fn check_day(
    path: &[&str],
    day: f64,
    what: &str,
    days: Option<f64>,
    tree: &Node,
    problems: &mut Vec<Problem>,
) -> bool {
    if !within(
        tree,
        path,
        day,
        (0.0, LONGEST),
        "days from the start",
        problems,
    ) {
        return false;
    }
    match days {
        Some(days) if day >= days => {
            problems.push(
                Problem::new(
                    "after-the-end",
                    format!("{what} comes after the end of the run"),
                )
                .at(
                    tree.locate(path),
                    format!("day {day}; the run has {days} days, 0 to {}", days - 1.0),
                ),
            );
            false
        }
        _ => true,
    }
}

fn check_codes(
    path: &[&str],
    listed: &[String],
    codes: Codes<'_>,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    let Some(sectors) = codes else { return };
    for (index, code) in listed.iter().enumerate() {
        if !sectors.contains_key(code) {
            let place = tree.locate(&[path, &[&index.to_string()]].concat());
            problems.push(unknown_sector(code, place, sectors));
        }
    }
}

/// One operator is named `sector/team/post`.
fn check_operator(
    operator: &str,
    path: &[&str],
    codes: Codes<'_>,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    let parts: Vec<&str> = operator.split('/').collect();
    match (parts.as_slice(), codes) {
        ([code, team, post], sectors)
            if team.parse::<u32>().is_ok() && post.parse::<u32>().is_ok() =>
        {
            if let Some(sectors) = sectors.filter(|sectors| !sectors.contains_key(*code)) {
                problems.push(unknown_sector(code, tree.locate(path), sectors));
            }
        }
        _ => problems.push(
            Problem::new("wrong-value", format!("`{operator}` names no operator"))
                .at(tree.locate(path), "expected `sector/team/post`, as `Q/3/0`"),
        ),
    }
}

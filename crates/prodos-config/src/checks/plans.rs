//! Whether a scenario and a policy can be: shocks, connectors and dated changes.

use super::city::unknown_connector;
use super::within;
use crate::diagnostics::Problem;
use crate::fields::limits;
use crate::fill::unknown_sector;
use crate::node::Node;
use crate::typed::LeftOut;
use prodos_model::connectors::{CONNECTORS, LEAST_LEVEL};
use prodos_model::spec::{City, Policy, Scenario, Shock, ShockKind};

/// The city, where one is known.
type Known<'a> = Option<&'a City>;

/// Checks shocks and connector levels.
pub(super) fn check_scenario(
    scenario: &Scenario,
    city: Known<'_>,
    days: Option<f64>,
    tree: &Node,
    left_out: &LeftOut,
    problems: &mut Vec<Problem>,
) {
    for (index, shock) in scenario.shocks.iter().enumerate() {
        let earlier = &scenario.shocks[..index];
        let index = index.to_string();
        if !shock.name.is_empty() && earlier.iter().any(|other| other.name == shock.name) {
            let title = format!("two shocks are called `{}`", shock.name);
            let place = tree.locate(&["scenario", "shocks", &index, "name"]);
            let why =
                "its name decides whom a shock hits; one that returns has `every` and `times`";
            problems.push(Problem::new("twice", title).at(place, why));
        }
        check_shock(shock, &index, city, days, tree, problems);
        // Without its kind nobody knows which fields a shock may have.
        if !left_out.contains(&format!("scenario.shocks.{index}.kind")) {
            let base = ["scenario", "shocks", &index];
            check_own_fields(shock, &base, tree, problems);
        }
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
            let least = if name == "international" {
                0.0
            } else {
                LEAST_LEVEL
            };
            within(tree, &path("1"), *level, (least, 1.0), "a level", problems);
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
    city: Known<'_>,
    days: Option<f64>,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    for (index, change) in policy.changes.iter().enumerate() {
        let index = index.to_string();
        let base = ["policy", "changes", index.as_str()];
        let path = |field| [&base[..], &[field]].concat();
        check_day(&path("day"), change.day, "a change", days, tree, problems);
        check_codes(&path("sectors"), &change.sectors, city, tree, problems);
    }
}

fn check_shock(
    shock: &Shock,
    index: &str,
    city: Known<'_>,
    days: Option<f64>,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    let base = ["scenario", "shocks", index];
    let path = |field| [&base[..], &[field]].concat();
    let numbers = [
        ("size", shock.size, "a share"),
        ("days", shock.days, "days"),
        ("recovery_days", shock.recovery_days, "days"),
        ("footprint", shock.footprint, "a share of each patch"),
        ("hours", shock.hours, "hours of repair a machine"),
        ("every", shock.every, "days between repetitions"),
        ("times", f64::from(shock.times), "times"),
    ];
    for (field, value, unit) in numbers {
        let (low, high) = limits("shock", field);
        // Demand alone can be less than nothing more.
        let low = if field == "size" && shock.kind != ShockKind::Demand {
            0.0
        } else {
            low
        };
        within(tree, &path(field), value, (low, high), unit, problems);
    }
    check_day(&path("day"), shock.day, "a shock", days, tree, problems);
    check_codes(&path("sectors"), &shock.sectors, city, tree, problems);
    check_codes(&path("users"), &shock.users, city, tree, problems);
    if shock.times > 1 && shock.every <= 0.0 {
        problems.push(
            Problem::new(
                "wrong-value",
                format!("{} comes {} times at once", said(shock), shock.times),
            )
            .at(
                tree.locate(&path("times")),
                "expected `every` above 0, in days",
            ),
        );
    }
    if let Some(operator) = &shock.operator {
        check_operator(operator, &path("operator"), city, tree, problems);
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
        limits("shock", "day"),
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
    city: Known<'_>,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    let Some(sectors) = city.map(|city| &city.sectors) else {
        return;
    };
    for (index, code) in listed.iter().enumerate() {
        if !sectors.contains_key(code) {
            let place = tree.locate(&[path, &[&index.to_string()]].concat());
            problems.push(unknown_sector(code, place, sectors));
        }
    }
}

/// A shock by its name, where it has one.
fn said(shock: &Shock) -> String {
    match shock.name.as_str() {
        "" => "a shock".to_owned(),
        name => format!("`{name}`"),
    }
}

/// Fields that belong to one kind of shock, and those that a named operator leaves no room for.
fn check_own_fields(shock: &Shock, base: &[&str], tree: &Node, problems: &mut Vec<Problem>) {
    use ShockKind::{Damage, Demand, Link, Staff};
    let kind = shock.kind;
    let home = |operator: &String| operator.split('/').next().map(str::to_owned);
    let named = shock.operator.as_ref().map(home);
    let elsewhere =
        |home: &Option<String>| shock.sectors.iter().any(|code| Some(code) != home.as_ref());
    let of_kind = |own: ShockKind| {
        let (own, kind) = (own.text(), kind.text());
        format!("only a shock of kind `{own}` has it; this one is of kind `{kind}`")
    };
    let alone = "a shock that names an operator hits that one alone".to_owned();
    let rules = [
        (
            "hours",
            shock.hours != 0.0 && kind != Damage,
            of_kind(Damage),
        ),
        (
            "demand",
            !shock.demand.is_empty() && kind != Demand,
            of_kind(Demand),
        ),
        (
            "users",
            !shock.users.is_empty() && kind != Link,
            of_kind(Link),
        ),
        ("operator", named.is_some() && kind != Staff, of_kind(Staff)),
        (
            "sectors",
            named.as_ref().is_some_and(elsewhere),
            alone.clone(),
        ),
        (
            "footprint",
            named.is_some() && shock.footprint != 1.0,
            alone,
        ),
        (
            "footprint",
            matches!(kind, Demand | Link) && shock.footprint != 1.0,
            format!("a shock of kind `{}` hits sectors whole", kind.text()),
        ),
    ];
    for (field, out_of_place, why) in rules {
        if out_of_place {
            let title = format!("`{field}` has no place in shock `{}`", shock.name);
            let place = tree.locate(&[base, &[field]].concat());
            problems.push(Problem::new("no-effect", title).at(place, why));
        }
    }
}

/// One operator is named `sector/team/post`, and is there whatever sizes of teams are drawn.
fn check_operator(
    operator: &str,
    path: &[&str],
    city: Known<'_>,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    let mut wrong = |label: String| {
        let title = format!("`{operator}` names no operator");
        problems.push(Problem::new("wrong-value", title).at(tree.locate(path), label));
    };
    let parts: Vec<&str> = operator.split('/').collect();
    let [code, team, post] = parts.as_slice() else {
        return wrong("expected `sector/team/post`, as `Q/3/0`".into());
    };
    let (Ok(team), Ok(post)) = (team.parse::<usize>(), post.parse::<usize>()) else {
        return wrong("expected whole numbers for team and post, as `Q/3/0`".into());
    };
    let Some(city) = city else { return };
    let Some(sector) = city.sectors.get(*code) else {
        problems.push(unknown_sector(code, tree.locate(path), &city.sectors));
        return;
    };
    let (teams, posts) = (sector.teams(city.scale), sector.least_team(city.scale));
    if teams == 0 {
        wrong(format!("sector `{code}` has no jobs"));
    } else if team >= teams {
        wrong(format!("sector `{code}` has the teams 0 to {}", teams - 1));
    } else if post >= posts {
        wrong(format!(
            "every team of sector `{code}` has the posts 0 to {}, whatever the seed",
            posts - 1
        ));
    }
}

//! Whether a city can be: its numbers, its names, and whether its sectors can feed each other.

use super::date::is_date;
use super::sector::{self, rounded};
use super::within;
use crate::diagnostics::Problem;
use crate::fields::limits;
use crate::fill::unknown_sector;
use crate::nearest;
use crate::node::Node;
use indexmap::IndexMap;
use prodos_model::connectors::ORGANS;
use prodos_model::parameters::Parameters;
use prodos_model::spec::City;

/// Far above one operator a person of the largest economy that fits the memory of one machine.
const MOST_OPERATORS: f64 = 1e8;
/// A machine takes about thirty bytes.
const MOST_MACHINES: f64 = 3e8;
/// The number of a team has 24 bits in the key of its draws.
const MOST_TEAMS: usize = 1 << 24;
const SECONDS_AN_HOUR: f64 = 3600.0;

/// Checks a city; what compares several values only where each of them is sound.
pub(super) fn check(city: &City, tree: &Node, sound: bool, problems: &mut Vec<Problem>) {
    check_frame(city, tree, problems);
    check_tick(city, tree, problems);
    check_roles(city, tree, problems);
    let before = problems.len();
    for (code, sector) in &city.sectors {
        sector::check(code, sector, city, tree, problems);
    }
    check_lists("organs", &city.organs, city, tree, problems);
    check_lists("necessities", &city.necessities, city, tree, problems);
    if sound && problems.len() == before {
        check_use_of_output(city, tree, problems);
    }
}

fn check_frame(city: &City, tree: &Node, problems: &mut Vec<Problem>) {
    let path = |field| ["city", field];
    within(
        tree,
        &path("scale"),
        city.scale,
        limits("city", "scale"),
        "people an operator stands for",
        problems,
    );
    let burn_in = f64::from(city.burn_in);
    within(
        tree,
        &path("burn_in"),
        burn_in,
        limits("city", "burn_in"),
        "days",
        problems,
    );
    within(
        tree,
        &["city", "lattice", "degree"],
        city.lattice.degree,
        limits("lattice", "degree"),
        "neighbours",
        problems,
    );
    if !is_date(&city.start) {
        problems.push(
            Problem::new("wrong-value", "`city.start` is not a date").at(
                tree.locate(&path("start")),
                "expected a day that exists, as `2019-01-31`",
            ),
        );
    }
    let jobs: f64 = city.sectors.values().map(|sector| sector.jobs).sum();
    if city.sectors.is_empty() || jobs <= 0.0 {
        problems.push(Problem::new("empty-city", "nobody works in this city").at(
            tree.locate_key(&path("sectors")),
            "expected at least one sector with `jobs` above 0",
        ));
    }
    if jobs / city.scale > MOST_OPERATORS {
        problems.push(
            Problem::new("out-of-range", "the city has too many operators").at(
                tree.locate(&path("scale")),
                format!(
                    "{jobs} jobs at scale {}; expected a scale of {} or more",
                    city.scale,
                    (jobs / MOST_OPERATORS).ceil()
                ),
            ),
        );
    }
    check_machines(city, tree, problems);
    for (name, _) in &city.organs {
        if !ORGANS.contains(&name.as_str()) {
            problems.push(unknown_connector(
                name,
                &ORGANS,
                tree,
                &["city", "organs", name],
            ));
        }
    }
}

/// Machines of all sectors, and teams of each, within what a run can hold.
fn check_machines(city: &City, tree: &Node, problems: &mut Vec<Problem>) {
    let mut machines = 0.0;
    for (code, sector) in &city.sectors {
        let mut rules = city.parameters;
        rules.apply(&sector.parameters);
        machines += sector.jobs / city.scale * rules.tools.machines_per_operator.0;
        let teams = sector.jobs / city.scale / f64::from(sector.team_size.0.max(1));
        if teams > MOST_TEAMS as f64 {
            let title = format!("sector `{code}` has too many teams");
            let path = ["city", "sectors", code, "jobs"];
            problems.push(Problem::new("out-of-range", title).at(
                tree.locate(&path),
                format!("{teams:.0} teams; expected {MOST_TEAMS} or fewer"),
            ));
        }
    }
    if machines > MOST_MACHINES {
        problems.push(
            Problem::new("out-of-range", "the city has too many machines").at(
                tree.locate(&["parameters", "tools", "machines_per_operator"]),
                format!("{machines:.0} machines; expected {MOST_MACHINES} or fewer"),
            ),
        );
    }
}

/// A connector that does not exist.
pub(super) fn unknown_connector(
    name: &str,
    allowed: &[&'static str],
    tree: &Node,
    path: &[&str],
) -> Problem {
    Problem::new(
        "unknown-connector",
        format!("there is no connector `{name}`"),
    )
    .at(
        tree.locate_key(path),
        nearest::question(name, allowed.iter().copied())
            .unwrap_or_else(|| "no such connector".to_owned()),
    )
    .note("allowed", nearest::list(allowed.iter().copied()))
}

/// A tick divides a day, and a duty day divides into ticks of whole seconds.
fn check_tick(city: &City, tree: &Node, problems: &mut Vec<Problem>) {
    let ticks = 1.0 / city.tick;
    if !(city.tick > 0.0 && city.tick <= 1.0 && (ticks - ticks.round()).abs() < 1e-9 * ticks) {
        problems.push(
            Problem::new("wrong-tick", "`city.tick` does not divide a day").at(
                tree.locate(&["city", "tick"]),
                format!(
                    "{} days; expected 1 or a divisor of it, as 0.5 or 0.25",
                    city.tick
                ),
            ),
        );
        return;
    }
    let of_sectors = city.sectors.iter().map(|(code, sector)| {
        let mut parameters: Parameters = city.parameters;
        parameters.apply(&sector.parameters);
        (
            format!(" of sector `{code}`"),
            parameters.staff.duty_hours.0,
        )
    });
    let all = [(String::new(), city.parameters.staff.duty_hours.0)]
        .into_iter()
        .chain(of_sectors);
    for (whose, hours) in all {
        let seconds = hours * SECONDS_AN_HOUR / ticks.round();
        if seconds < 1.0 || (seconds - seconds.round()).abs() > 1e-6 {
            problems.push(
                Problem::new("wrong-tick", "a tick holds a fraction of a second of work").at(
                    tree.locate(&["city", "tick"]),
                    format!("a duty of {hours} hours{whose} in {} ticks", ticks.round()),
                ),
            );
            return;
        }
    }
}

/// Roles that a city can have.
const MOST_ROLES: usize = 8;

fn check_roles(city: &City, tree: &Node, problems: &mut Vec<Problem>) {
    if city.roles.len() > MOST_ROLES {
        problems.push(
            Problem::new("out-of-range", "the city has too many roles").at(
                tree.locate_key(&["city", "roles"]),
                format!("{} roles; expected {MOST_ROLES} at most", city.roles.len()),
            ),
        );
    }
    for (name, role) in &city.roles {
        let path = |field| ["city", "roles", name.as_str(), field];
        within(
            tree,
            &path("error"),
            role.error,
            limits("role", "error"),
            "times the base task",
            problems,
        );
        within(
            tree,
            &path("training"),
            role.training,
            limits("role", "training"),
            "times the base role",
            problems,
        );
    }
}

/// Each sector must make at least what the sectors take from it, and say who buys the rest.
fn check_use_of_output(city: &City, tree: &Node, problems: &mut Vec<Problem>) {
    for (code, sector) in &city.sectors {
        let used: f64 = city
            .sectors
            .values()
            .map(|user| user.inputs.get(code).copied().unwrap_or(0.0) * user.output)
            .sum();
        let rest = sector.output - used;
        let shares = sector.households + sector.government + sector.investment + sector.exports;
        if rest < -1e-9 * sector.output {
            problems.push(
                Problem::new(
                    "final-demand",
                    format!("sector `{code}` makes less than the sectors take from it"),
                )
                .at(
                    tree.locate(&["city", "sectors", code, "output"]),
                    format!(
                        "it makes {} and they take {} ({})",
                        sector.output,
                        rounded(used),
                        city.currency
                    ),
                )
                .note(
                    "help",
                    "raise its output, or lower the coefficients of its users",
                ),
            );
        } else if rest > 1e-9 * sector.output && shares <= 0.0 {
            problems.push(
                Problem::new("final-demand", format!("nobody buys the final output of `{code}`")).at(
                    tree.locate_key(&["city", "sectors", code]),
                    "expected one of `households`, `government`, `investment` and `exports` above 0",
                ),
            );
        }
    }
}

fn check_lists(
    field: &str,
    lists: &IndexMap<String, Vec<String>>,
    city: &City,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    for (name, codes) in lists {
        for (index, code) in codes.iter().enumerate() {
            if !city.sectors.contains_key(code) {
                let place = tree.locate(&["city", field, name, &index.to_string()]);
                problems.push(unknown_sector(code, place, &city.sectors));
            }
        }
    }
}

//! Whether a sector can be: its numbers, its suppliers, its teams and posts, and its column.

use super::within;
use crate::diagnostics::Problem;
use crate::fields::limits;
use crate::fill::unknown_sector;
use crate::nearest;
use crate::node::Node;
use prodos_model::spec::{City, Sector};

/// Shares of a whole may miss it by this much.
const WHOLE: f64 = 1e-6;

/// Checks one sector; its column only where all it sums is sound.
pub(super) fn check(
    code: &str,
    sector: &Sector,
    city: &City,
    tree: &Node,
    problems: &mut Vec<Problem>,
) {
    let base = ["city", "sectors", code];
    let money = city.currency.as_str();
    let of_final_demand = "a part of final demand";
    let numbers = [
        ("jobs", sector.jobs, "people"),
        ("output", sector.output, money),
        ("imported_inputs", sector.imported_inputs, money),
        ("taxes", sector.taxes, money),
        ("wages", sector.wages, money),
        ("households", sector.households, of_final_demand),
        ("government", sector.government, of_final_demand),
        ("investment", sector.investment, of_final_demand),
        ("exports", sector.exports, of_final_demand),
        ("input_stock_days", sector.input_stock_days, "days of use"),
    ];
    let mut sound = true;
    for (field, value, unit) in numbers {
        let path = [&base[..], &[field]].concat();
        let range = limits("sector", field);
        sound &= within(tree, &path, value, range, unit, problems);
    }
    for (field, map, unit) in [
        ("inputs", &sector.inputs, "per unit of output"),
        (
            "critical",
            &sector.critical,
            "0 free, 0.5 slows, 1 stops work",
        ),
    ] {
        for (supplier, value) in map {
            let path = [&base[..], &[field, supplier]].concat();
            if city.sectors.contains_key(supplier) {
                let range = limits("sector", field);
                sound &= within(tree, &path, *value, range, unit, problems);
            } else {
                sound = false;
                problems.push(unknown_sector(
                    supplier,
                    tree.locate_key(&path),
                    &city.sectors,
                ));
            }
        }
    }
    check_teams(code, sector, city, tree, problems);
    check_posts(code, sector, city, tree, problems);
    if sound {
        check_buyers(code, sector, tree, problems);
        check_column(code, sector, tree, problems);
    }
}

fn check_teams(code: &str, sector: &Sector, city: &City, tree: &Node, problems: &mut Vec<Problem>) {
    let (smallest, largest) = sector.team_size;
    let (least, most) = limits("sector", "team_size");
    if f64::from(smallest) < least || smallest > largest || f64::from(largest) > most {
        problems.push(
            Problem::new(
                "out-of-range",
                format!("the team size of sector `{code}` cannot be"),
            )
            .at(
                tree.locate(&["city", "sectors", code, "team_size"]),
                format!(
                    "({smallest}, {largest}); expected smallest and largest, {least} to {most}"
                ),
            ),
        );
    }
    if sector.jobs > 0.0 && city.scale > 0.0 && sector.jobs / city.scale < 1.0 {
        problems.push(
            Problem::new(
                "out-of-range",
                format!("sector `{code}` has no operator at this scale"),
            )
            .at(
                tree.locate(&["city", "scale"]),
                format!(
                    "its {} jobs need a scale of {} or less",
                    sector.jobs, sector.jobs
                ),
            ),
        );
    }
}

fn check_posts(code: &str, sector: &Sector, city: &City, tree: &Node, problems: &mut Vec<Problem>) {
    let base = ["city", "sectors", code, "roles"];
    let known = || city.roles.keys().map(String::as_str);
    let mut sound = true;
    for (role, share) in &sector.roles {
        let path = [&base[..], &[role]].concat();
        if city.roles.contains_key(role) {
            let range = limits("sector", "roles");
            sound &= within(tree, &path, *share, range, "share of posts", problems);
        } else {
            sound = false;
            problems.push(
                Problem::new("unknown-role", format!("there is no role `{role}`"))
                    .at(
                        tree.locate_key(&path),
                        nearest::question(role, known())
                            .unwrap_or_else(|| "no such role".to_owned()),
                    )
                    .note("allowed", nearest::list(known())),
            );
        }
    }
    let sum: f64 = sector.roles.values().sum();
    if sound && (sum - 1.0).abs() > WHOLE {
        problems.push(
            Problem::new(
                "wrong-sum",
                format!("the roles of sector `{code}` do not fill its posts"),
            )
            .at(
                tree.locate_key(&base),
                format!("the shares sum to {sum}; expected 1"),
            )
            .note("allowed", nearest::list(known())),
        );
    }
}

/// Teams order inputs and pay for them, so a sector without any takes none.
fn check_buyers(code: &str, sector: &Sector, tree: &Node, problems: &mut Vec<Problem>) {
    if sector.jobs == 0.0 && sector.inputs.values().any(|&share| share > 0.0) {
        let title = format!("sector `{code}` has no jobs and takes inputs");
        problems.push(Problem::new("wrong-value", title).at(
            tree.locate_key(&["city", "sectors", code, "inputs"]),
            "nobody is there to order them; expected `jobs` above 0, or no `inputs`",
        ));
    }
}

/// What one unit of output takes must be worth less than the unit.
fn check_column(code: &str, sector: &Sector, tree: &Node, problems: &mut Vec<Problem>) {
    let domestic: f64 = sector.inputs.values().sum();
    let imported = sector.imported_inputs / sector.output;
    let taxes = sector.taxes / sector.output;
    let sum = domestic + imported + taxes;
    if sum >= 1.0 || domestic >= 1.0 {
        problems.push(
            Problem::new(
                "column-sum",
                format!("sector `{code}` takes in as much as it makes, or more"),
            )
            .at(
                tree.locate_key(&["city", "sectors", code, "inputs"]),
                format!(
                    "one unit of output takes {}; expected less than 1",
                    rounded(sum)
                ),
            )
            .note(
                "sum",
                format!(
                    "{} from sectors, {} imported, {} taxes",
                    rounded(domestic),
                    rounded(imported),
                    rounded(taxes)
                ),
            ),
        );
    }
}

/// A number with at most six decimals.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

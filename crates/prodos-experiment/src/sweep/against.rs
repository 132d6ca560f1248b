//! In a design with several policies, each against the first of its block.

use crate::compare::{Comparison, World, differences};
use crate::design::{Plan, Point};
use crate::sweep::Row;
use prodos_config::Experiment;
use prodos_record::{Error, Table};
use std::collections::BTreeMap;

/// Every policy against the first of its block, under each scenario, over all points and replicates.
pub(super) fn comparisons(
    experiment: &Experiment,
    plan: &Plan,
    summary: &Table,
) -> Result<Vec<Comparison>, Error> {
    let runs = summary.integers("run_id")?.iter();
    let rows: BTreeMap<Row, usize> = runs
        .enumerate()
        .map(|(place, run)| (Row::of(*run), place))
        .collect();
    let mut found: BTreeMap<(usize, Option<usize>, usize), Vec<World>> = BTreeMap::new();
    for (number, point) in plan.points.iter().enumerate() {
        let Some(policy) = point.policy.filter(|policy| *policy > 0) else {
            continue;
        };
        // The policies of a point come one after the other.
        let first = number - policy;
        let of = |point: usize| {
            let (from, to) = (
                Row {
                    point,
                    replicate: 0,
                },
                Row {
                    point,
                    replicate: u32::MAX,
                },
            );
            rows.range(from..=to)
        };
        let world = of(number).filter_map(|(row, place)| {
            let other = Row {
                point: first,
                ..*row
            };
            Some((*rows.get(&other)?, *place))
        });
        let key = (point.block, point.scenario, policy);
        found.entry(key).or_default().push(world.collect());
    }
    found
        .into_iter()
        .map(|((block, scenario, policy), worlds)| {
            let point = Point {
                block,
                scenario,
                policy: Some(policy),
                values: Vec::new(),
            };
            let against = Point {
                policy: Some(0),
                ..point.clone()
            };
            Ok(Comparison {
                policy: named(experiment, &point),
                against: named(experiment, &against),
                differences: differences(summary, summary, &worlds, experiment.seed)?,
            })
        })
        .collect()
}

/// A policy with its scenario and block, where there are several.
fn named(experiment: &Experiment, point: &Point) -> String {
    let block = &experiment.design[point.block];
    let policy = point.policy.and_then(|own| block.policies.get_index(own));
    let scenario = point.scenario.filter(|_| block.scenarios.len() > 1);
    let scenario = scenario.and_then(|own| block.scenarios.get_index(own));
    let several = experiment.design.len() > 1;
    let parts = [
        policy.map(|own| own.0.as_str()),
        scenario.map(|own| own.0.as_str()),
        Some(block.name.as_str()).filter(|_| several),
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    parts.join(", ")
}

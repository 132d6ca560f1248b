//! Trying what a design varies: whether the experiment can be run with each value, alone.

use crate::build;
use crate::layers::{Kind, Reading};
use crate::node::{Content, Node, Span};
use crate::overrides::{self, Options};
use indexmap::IndexMap;

/// Tries every value, scenario and policy of a design, one at a time, in the experiment without it.
pub(crate) fn each_value(bare: &Node, design: &Node, reading: &mut Reading) {
    let Content::List(blocks) = &design.content else {
        return;
    };
    for block in blocks {
        for (path, key, value) in tried(block) {
            let mut tree = bare.clone();
            overrides::put_node(&mut tree, path, key, value.clone(), reading);
            run(tree, Some((path, value)), reading);
        }
        for (part, kind) in [("scenarios", "scenario"), ("policies", "policy")] {
            for (_, entry) in block.get(part).into_iter().flat_map(Node::entries) {
                let mut tree = bare.clone();
                tree.put(kind, entry.clone());
                run(tree, None, reading);
            }
        }
    }
}

/// Checks a changed experiment; of what is wrong elsewhere because of a value, says which value it was.
fn run(tree: Node, value: Option<(&str, &Node)>, reading: &mut Reading) {
    let before = std::mem::take(&mut reading.problems);
    let none = Options::default();
    build(tree, Kind::Experiment, &[], &none, reading);
    let found = std::mem::replace(&mut reading.problems, before);
    for problem in found {
        let problem = match value {
            Some((path, value)) if problem.place.as_ref().is_none_or(|own| own.0 != value.span) => {
                problem.note("with", format!("{path}={}", reading.text_at(value.span)))
            }
            _ => problem,
        };
        let same = |other: &crate::diagnostics::Problem| {
            other.title == problem.title && other.place == problem.place
        };
        if !reading.problems.iter().any(same) {
            reading.problems.push(problem);
        }
    }
}

/// The values of a block that are tried: all that are named, and both ends of ranges and of listed numbers.
fn tried(block: &Node) -> Vec<(&str, Span, &Node)> {
    let mut tried = Vec::new();
    for (path, entry) in block.get("vary").into_iter().flat_map(Node::entries) {
        let named = entry.value.items(&["values"]).iter();
        let ends = ["from", "to"].into_iter();
        let ends = ends.filter_map(|end| entry.value.get(end));
        let values = named.chain(ends);
        tried.extend(values.map(|value| (path.as_str(), entry.key, value)));
    }
    let mut columns: IndexMap<&str, Vec<(Span, &Node)>> = IndexMap::new();
    for row in block.items(&["list"]) {
        for (path, entry) in row.entries() {
            let column = columns.entry(path).or_default();
            column.push((entry.key, &entry.value));
        }
    }
    for (path, column) in columns {
        let ends = ends(&column);
        tried.extend(ends.into_iter().map(|(key, value)| (path, key, value)));
    }
    tried
}

/// The least and the largest number of a column, and each of its words once.
fn ends<'a>(column: &[(Span, &'a Node)]) -> Vec<(Span, &'a Node)> {
    let number = |node: &Node| match node.content {
        Content::Whole(whole) => Some(whole as f64),
        Content::Number(number) => Some(number),
        _ => None,
    };
    let numbers = || column.iter().filter_map(|own| Some((number(own.1)?, *own)));
    let least = numbers().min_by(|one, other| one.0.total_cmp(&other.0));
    let most = numbers().max_by(|one, other| one.0.total_cmp(&other.0));
    let mut ends: Vec<(Span, &Node)> = least.into_iter().chain(most).map(|own| own.1).collect();
    let mut seen = Vec::new();
    for &(key, node) in column {
        let word = match &node.content {
            Content::Text(text) => text.clone(),
            Content::Whole(_) | Content::Number(_) => continue,
            _ => node.describe(),
        };
        if !seen.contains(&word) {
            seen.push(word);
            ends.push((key, node));
        }
    }
    ends
}

//! The page of weakly known numbers is of this program: it has every number, every question and every
//! conclusion. What it found takes minutes to find again; `cargo run --release -p xtask -- screen` does.

use prodos_quantity::Parameter;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn page(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/book/src/model");
    fs::read_to_string(root.join(name)).expect("it is written")
}

#[test]
fn the_table_has_every_weakly_known_number_and_no_other() {
    let table = page("sensitivity.csv");
    let mut columns = table.lines().next().expect("a head").split(',');
    let at = columns.position(|name| name == "number").expect("a column");
    let found: BTreeSet<&str> = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(at).expect("a number"))
        .collect();
    let numbers = xtask::screen::weakly_known();
    let expected: BTreeSet<String> = numbers.iter().map(Parameter::path).collect();
    let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
    assert_eq!(found, expected, "screen again");
    assert!(expected.contains("safety.per_pressure") && !expected.contains("training.decay"));
}

#[test]
fn the_page_has_every_conclusion() {
    let text = page("sensitivity.md");
    for conclusion in xtask::screen::conclusions() {
        assert!(text.contains(conclusion), "screen again: {conclusion}");
    }
}

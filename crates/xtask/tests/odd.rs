//! The description of the model has every element of the protocol, and all that the code declares.

use prodos_experiment::Outcomes;
use prodos_model::connectors::CONNECTORS;
use prodos_model::day::STEPS;
use prodos_model::parameters::Parameters;
use prodos_model::rows::{CityRow, OperatorRow, SectorRow, TeamRow};
use prodos_model::spec::ShockKind;
use prodos_quantity::Choice;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What is committed; another test holds it to what the generator writes.
fn page() -> String {
    fs::read_to_string(root().join("docs/ODD.md")).expect("it can be read")
}

/// What stands under a heading, down to the next of its rank or above.
fn under<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("there is no `{heading}`"));
    let rank = heading.split(' ').next().map_or(0, str::len);
    let ends = (2..=rank).filter_map(|rank| rest.find(&format!("\n{} ", "#".repeat(rank))));
    &rest[..ends.min().unwrap_or(rest.len())]
}

/// Whether a text has a sentence, and not tables and headings alone.
fn says_something(text: &str) -> bool {
    let is_prose = |line: &&str| !line.starts_with(['|', '#', '-', '`', ' ']) && line.len() > 60;
    text.lines().any(|line| is_prose(&line))
}

/// Rows of tables that begin with this cell.
fn row<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let begin = format!("| `{name}` | ");
    text.lines().find(|line| line.starts_with(&begin))
}

#[test]
fn the_seven_elements_and_the_eleven_concepts_are_told_in_order() {
    let page = page();
    let elements = [
        "Purpose and patterns",
        "Entities, state variables and scales",
        "Process overview and scheduling",
        "Design concepts",
        "Initialization",
        "Input data",
        "Submodels",
    ];
    let concepts = [
        "Basic principles",
        "Emergence",
        "Adaptation",
        "Objectives",
        "Learning",
        "Prediction",
        "Sensing",
        "Interaction",
        "Stochasticity",
        "Collectives",
        "Observation",
    ];
    for (k, element) in elements.iter().enumerate() {
        let text = under(&page, &format!("## {}. {element}", k + 1));
        assert!(says_something(text), "nothing is told under {element}");
    }
    for (k, concept) in concepts.iter().enumerate() {
        let text = under(&page, &format!("### 4.{} {concept}", k + 1));
        assert!(says_something(text), "nothing is told under {concept}");
    }
    let headings: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("## "))
        .collect();
    assert_eq!(headings.len(), elements.len(), "{headings:?}");
}

#[test]
fn every_parameter_step_probe_outcome_shock_and_connector_stands_in_its_element() {
    let page = page();
    let submodels = under(&page, "## 7. Submodels");
    for parameter in Parameters::table() {
        let row = row(submodels, &parameter.path());
        let row = row.unwrap_or_else(|| panic!("no row for {}", parameter.path()));
        assert!(row.contains(&parameter.source.replace('|', "\\|")), "{row}");
    }
    let schedule = under(&page, "## 3. Process overview and scheduling");
    for step in &STEPS {
        let begin = format!("| {} | ", step.number);
        let row = schedule.lines().find(|line| line.starts_with(&begin));
        assert!(
            row.is_some_and(|row| row.contains(step.does)),
            "step {}",
            step.number
        );
        for room in step.room.split(", ") {
            assert!(
                submodels.contains(&format!("\nRoom `{room}`, step")),
                "{room}"
            );
        }
    }
    let observed = under(&page, "### 4.11 Observation");
    for table in [
        CityRow::PROBES,
        SectorRow::PROBES,
        TeamRow::PROBES,
        OperatorRow::PROBES,
        Outcomes::PROBES,
    ] {
        for probe in table {
            assert!(
                row(observed, probe.name).is_some(),
                "no row for {}",
                probe.name
            );
        }
    }
    let data = under(&page, "## 6. Input data");
    for name in ShockKind::NAMES
        .iter()
        .map(|(name, _)| *name)
        .chain(CONNECTORS)
    {
        assert!(row(data, name).is_some(), "no row for {name}");
    }
}

/// Lines of a declaration between a line and the first that closes it.
fn declared<'a>(text: &'a str, begin: &str) -> Vec<&'a str> {
    let (_, rest) = text
        .split_once(begin)
        .unwrap_or_else(|| panic!("there is no {begin}"));
    let body = rest.split("\n}").next().unwrap_or("");
    body.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
        .collect()
}

#[test]
fn every_stream_has_a_row() {
    let source = fs::read_to_string(root().join("crates/prodos-model/src/keyed.rs"));
    let source = source.expect("it can be read");
    let page = page();
    let told = under(&page, "### 4.9 Stochasticity");
    let streams = declared(&source, "pub enum Stream {").into_iter();
    let streams: Vec<&str> = streams
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .collect();
    assert!(streams.len() >= 20, "{streams:?}");
    for stream in streams {
        assert!(row(told, stream).is_some(), "no row for Stream::{stream}");
    }
}

/// Read line by line and not by the parser of the generator, which is tried by this.
#[test]
fn every_field_of_every_component_has_a_row_with_a_meaning() {
    let page = page();
    let told = under(&page, "## 2. Entities, state variables and scales");
    let mut fields = 0;
    for file in ["operator", "machine", "team", "sector"] {
        let path = root().join(format!("crates/prodos-model/src/lattice/{file}.rs"));
        let source = fs::read_to_string(path).expect("it can be read");
        for begin in source
            .lines()
            .filter(|line| line.starts_with("pub struct "))
        {
            let name = begin["pub struct ".len()..]
                .split([' ', '('])
                .next()
                .unwrap_or("");
            if told.contains(&format!("\n- `{name}`: ")) {
                continue;
            }
            if !begin.ends_with('{') {
                let line = told.split_once(&format!("\n**`{name}`** ("));
                let (_, line) = line.unwrap_or_else(|| panic!("no line for {name}"));
                assert!(line.split_once("): ").is_some_and(|(_, is)| is.len() > 3));
                fields += 1;
                continue;
            }
            let table = told.split_once(&format!("\n**`{name}`**: "));
            let (_, table) = table.unwrap_or_else(|| panic!("no table for {name}"));
            let table = table.split("\n**`").next().unwrap_or("");
            let lines = declared(&source, begin).into_iter();
            let names = lines.filter_map(|line| line.strip_prefix("pub ")?.split_once(": "));
            for (field, _) in names {
                let row = row(table, field).unwrap_or_else(|| panic!("no row for {name}.{field}"));
                let meaning = row.split(" | ").nth(2).unwrap_or("");
                assert!(meaning.len() > 3, "no meaning: {row}");
                fields += 1;
            }
        }
    }
    assert!(fields > 150, "only {fields} fields");
}

#[test]
fn every_table_has_as_many_cells_in_each_row_as_in_its_head() {
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut head = None;
    for line in page().lines() {
        if line.starts_with('|') {
            let wide = *head.get_or_insert(cells(line));
            assert_eq!(cells(line), wide, "{line}");
        } else {
            head = None;
        }
    }
}

#[test]
fn every_file_test_and_link_that_is_named_is_there() {
    let page = page();
    let mut named = 0;
    for code in page.split('`').skip(1).step_by(2) {
        if !code.starts_with("crates/") && !code.starts_with("configs/") {
            continue;
        }
        named += 1;
        let (file, test) = code.split_once("::").unwrap_or((code, ""));
        let found = root().join(file);
        assert!(found.exists(), "there is no {file}");
        if !test.is_empty() {
            let text = fs::read_to_string(found).expect("it can be read");
            assert!(text.contains(&format!("fn {test}(")), "there is no {code}");
        }
    }
    assert!(named > 10, "only {named} are named");
    for link in page
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        let file = root().join("docs").join(link);
        assert!(file.exists(), "{link} leads nowhere");
    }
}

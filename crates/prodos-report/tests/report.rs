//! What is drawn is what was recorded, the same each time, and says so when something is missing.

mod synthetic;

use prodos_record::{Cell, Column, Draft, Existing, Folder, Manifest, Table};
use prodos_report::{Error, Options, Report, draw};
use std::fs;
use std::path::Path;
use synthetic::{COUNTRY, SHOCK, Shape};

const SMALL: Shape = Shape {
    sectors: 5,
    lattice: (10, 8),
    days: 2000,
    runs: 1,
    declines: true,
};

fn title<'a>(report: &'a Report, name: &str) -> &'a str {
    &report
        .figures
        .iter()
        .find(|figure| figure.name == name)
        .expect("the figure is drawn")
        .title
}

fn drawn(folder: &Folder) -> Report {
    draw(folder, &Options::default()).unwrap()
}

#[test]
fn the_same_folder_gives_the_same_drawings() {
    let outputs = tempfile::tempdir().unwrap();
    let folder = synthetic::folder(outputs.path(), SMALL);
    let first = drawn(&folder);
    let bytes: Vec<_> = first
        .files
        .iter()
        .map(|file| fs::read(file).unwrap())
        .collect();
    let second = drawn(&folder);
    assert_eq!(first.files, second.files);
    for (file, before) in second.files.iter().zip(bytes) {
        assert!(
            fs::read(file).unwrap() == before,
            "{} differs",
            file.display()
        );
    }
    folder.verify().unwrap();
}

#[test]
fn titles_state_the_numbers_of_the_data() {
    let outputs = tempfile::tempdir().unwrap();
    let report = drawn(&synthetic::folder(outputs.path(), SMALL));
    let phases = title(&report, "phases").replace('\u{a0}', " ");
    assert!(
        phases.starts_with(&format!(
            "The city leaves phase 3 on day {SHOCK} (12 Jul 2021)"
        )),
        "{phases}"
    );
    assert!(title(&report, "cascade").contains("Supply shock to manufacturing (shock, C)"));
    assert!(title(&report, "readings").contains("falls below zero"));
    let brief = report.brief.join(" ").replace('\u{a0}', " ");
    assert!(
        brief.contains("In one run of 2,000 days, uk-2019 does not keep running"),
        "{brief}"
    );
    assert!(
        brief.contains(
            "The first cause on record is supply shock to manufacturing (shock, C) on day 923"
        ),
        "{brief}"
    );
}

#[test]
fn a_calm_city_is_called_calm() {
    let outputs = tempfile::tempdir().unwrap();
    let shape = Shape {
        declines: false,
        days: 800,
        ..SMALL
    };
    let report = drawn(&synthetic::folder(outputs.path(), shape));
    assert!(title(&report, "sectors").contains("within 1\u{a0}% of rest throughout"));
    assert!(title(&report, "repair").contains("offered load never exceeds 1"));
    assert!(title(&report, "phases").contains("on every day"));
    assert!(report.left_out.iter().any(|(name, _)| *name == "cascade"));
}

#[test]
fn drawings_hold_no_broken_numbers_and_say_what_they_show() {
    let outputs = tempfile::tempdir().unwrap();
    let folder = synthetic::folder(outputs.path(), Shape { runs: 3, ..SMALL });
    let report = drawn(&folder);
    assert_eq!(report.figures.len(), 10);
    for figure in &report.figures {
        for broken in ["NaN", "inf,", "inf\"", "-2147483648", "2147483647"] {
            assert!(!figure.svg.contains(broken), "{} has {broken}", figure.name);
        }
        assert!(figure.svg.contains("<title id="), "{}", figure.name);
        assert!(figure.svg.contains("<desc id="), "{}", figure.name);
        assert!(
            figure.svg.contains("configuration\u{a0}0badcafe5eed0000"),
            "{}",
            figure.name
        );
    }
    let page = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(page.len() < 5_000_000);
    for address in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(
            !page.contains(address),
            "the page must not reach for the network: {address}"
        );
    }
}

#[test]
fn one_run_of_a_design_is_drawn_beside_the_design() {
    let outputs = tempfile::tempdir().unwrap();
    let folder = synthetic::folder(outputs.path(), Shape { runs: 2, ..SMALL });
    let design = drawn(&folder);
    let bytes = |report: &Report| -> Vec<Vec<u8>> {
        report
            .files
            .iter()
            .map(|file| fs::read(file).unwrap())
            .collect()
    };
    let before = bytes(&design);
    let one = draw(&folder, &Options { run: Some(1) }).unwrap();
    assert_eq!(design.page, folder.path().join("report.html"));
    assert_eq!(one.page, folder.path().join("report-run-1.html"));
    let plots = folder.path().join("plots/run-1");
    assert!(
        one.files
            .iter()
            .all(|file| *file == one.page || file.starts_with(&plots))
    );
    assert!(
        bytes(&design) == before,
        "the page and the plots of the design stay"
    );
    let message = draw(&folder, &Options { run: Some(7) })
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("run 7 is not in") && message.contains("recorded are 0, 1"),
        "{message}"
    );
}

#[test]
fn a_folder_without_series_says_what_is_missing() {
    let outputs = tempfile::tempdir().unwrap();
    let draft = Draft::create(outputs.path(), "bare").unwrap();
    draft.seal(Manifest::default()).unwrap();
    let folder = draft.publish(Existing::Refuse).unwrap();
    let error = draw(&folder, &Options::default()).unwrap_err();
    assert!(matches!(error, Error::NoTable { .. }));
    assert!(
        error.to_string().contains("has no series/city.parquet"),
        "{error}"
    );
}

#[test]
fn what_was_not_recorded_is_left_out_with_a_reason() {
    let outputs = tempfile::tempdir().unwrap();
    let report = drawn(&narrow(outputs.path(), &[0.0, 1.0, 2.0]));
    let names: Vec<_> = report.figures.iter().map(|figure| figure.name).collect();
    assert_eq!(names, ["readings"]);
    assert_eq!(report.left_out.len(), 8, "one run has no spread to show");
    assert!(
        report
            .left_out
            .iter()
            .all(|(_, reason)| reason.ends_with('.'))
    );
}

#[test]
fn odd_tables_are_survived() {
    let outputs = tempfile::tempdir().unwrap();
    for days in [&[][..], &[0.0], &[5.0, 5.0, f64::INFINITY]] {
        let report = drawn(&narrow(outputs.path(), days));
        assert!(
            report
                .figures
                .iter()
                .all(|figure| !figure.svg.contains("NaN"))
        );
    }
}

/// A folder with the city's margin and nothing else.
fn narrow(outputs: &Path, days: &[f64]) -> Folder {
    let mut city = Table::new(vec![
        Column::integer("run_id", "", "Which run."),
        Column::float("day", "days", "Days since the start."),
        Column::float("margin", "index", "The margin."),
    ]);
    for &day in days {
        city.push_row(&[Cell::Integer(0), Cell::Float(day)], [0.5]);
    }
    let draft = Draft::create(outputs, "narrow").unwrap();
    city.write_parquet(&draft.file("series/city.parquet").unwrap())
        .unwrap();
    draft
        .seal(Manifest {
            experiment: "narrow".into(),
            ..Manifest::default()
        })
        .unwrap();
    draft.publish(Existing::Replace).unwrap()
}

#[test]
fn the_country_is_drawn_whole() {
    let outputs = tempfile::tempdir().unwrap();
    let report = drawn(&synthetic::folder(
        outputs.path(),
        Shape {
            days: 1200,
            ..COUNTRY
        },
    ));
    assert_eq!(report.figures.len(), 9);
}

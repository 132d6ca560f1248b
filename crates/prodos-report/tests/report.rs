//! What is drawn is what was recorded, the same each time, and says so when something is missing.

mod synthetic;

use prodos_record::{Cell, Column, Draft, Existing, Folder, Manifest, Table};
use prodos_report::{Error, Options, Report, draw};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use synthetic::{COUNTRY, POLICY, SHOCK, Shape};
use tempfile::TempDir;

const SMALL: Shape = Shape {
    sectors: 5,
    lattice: (10, 8),
    days: 2000,
    every: 1,
    runs: 1,
    declines: |_| true,
    failed: 0,
};

fn title<'a>(report: &'a Report, name: &str) -> &'a str {
    &report
        .figures
        .iter()
        .find(|figure| figure.name == name)
        .expect("the figure is drawn")
        .title
}

/// The small city, drawn once for all tests that only look.
fn small() -> &'static (TempDir, Folder, Report) {
    static DRAWN: OnceLock<(TempDir, Folder, Report)> = OnceLock::new();
    DRAWN.get_or_init(|| {
        let outputs = tempfile::tempdir().unwrap();
        let folder = synthetic::folder(outputs.path(), SMALL);
        let report = drawn(&folder);
        (outputs, folder, report)
    })
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
    let (_, _, report) = small();
    let phases = title(report, "phases").replace('\u{a0}', " ");
    assert!(
        phases.starts_with(&format!(
            "The city leaves phase 3 on day {SHOCK} (12 Jul 2021)"
        )),
        "{phases}"
    );
    assert!(title(report, "cascade").contains("Supply shock to manufacturing (shock, C)"));
    assert!(title(report, "readings").contains("falls below zero"));
    let brief = report.brief.join(" ").replace('\u{a0}', " ");
    assert!(
        brief.contains("In one run of 2,000 days, uk-2019 does not keep running")
            && brief.contains("; one draw, so without an interval."),
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
fn one_run_states_what_its_summary_holds() {
    let (_, _, report) = small();
    let brief = report.brief.join(" ").replace('\u{a0}', " ");
    assert!(
        brief.contains("falls to 43 % of its level at rest at the lowest and stands at 53 %"),
        "{brief}"
    );
    assert!(title(report, "sectors").contains("falls as low as 43\u{a0}%"));
    assert!(title(report, "readings").contains("below zero on day\u{a0}1,480"));
    assert!(title(report, "repair").contains("chronic from day\u{a0}1,390"));
    assert!(title(report, "repair").contains("peaks at 35 days"));
    assert!(
        !brief.contains("median"),
        "one run is no median of runs: {brief}"
    );
}

#[test]
fn a_design_states_medians_of_its_summary_and_dates_nothing_from_sparse_rows() {
    let outputs = tempfile::tempdir().unwrap();
    let shape = Shape {
        runs: 3,
        every: 28,
        ..SMALL
    };
    let report = drawn(&synthetic::folder(outputs.path(), shape));
    let brief = report.brief.join(" ").replace('\u{a0}', " ");
    for words in [
        "In all 3 runs of 2,000 days (100 %, 95 % interval 44 % to 100 %), uk-2019 does not keep running",
        "enters phase 0 (breakdown) on days ",
        "28-day output falls to 44 % of its level at rest at the lowest (median of 3 runs, range ",
        "stands at 54 % at the end (range ",
    ] {
        assert!(brief.contains(words), "{brief}");
    }
    assert!(
        brief.contains("(run 1, whose output is the median)"),
        "{brief}"
    );
    let said = |name: &str, words: &str| {
        let title = title(&report, name).replace('\u{a0}', " ");
        assert!(title.contains(words), "{name}: {title}");
    };
    said("phases", "In all 3 runs the city enters phase 0, on days");
    said("phases", "; it is in phase 3 on");
    said(
        "readings",
        "first falls below zero on days 1,480, 1,481 and 1,482",
    );
    said("repair", "chronic from days 1,390, 1,391 and 1,392 on");
    said(
        "repair",
        "peaks at 36 days; offered load is 0.84 on average (median of 3 runs)",
    );
    said("sectors", "falls as low as 44 % of rest (median of 3 runs)");
    said(
        "replicates",
        "28-day output at the end is 54 % of rest (median of 3 runs)",
    );
    said("hours", "(mean of 3 runs)");
    said("warnings", "(run 1, whose output is the median)");
    said("cascade", "(run 1, whose output is the median)");
    let mut figures = report.figures.iter();
    let readings = figures.find(|figure| figure.name == "readings").unwrap();
    assert!(
        readings.svg.contains("M = −1.50"),
        "the name beside the line says what the title says"
    );
    for name in ["phases", "sectors"] {
        assert!(!title(&report, name).contains("leaves"));
        assert!(!title(&report, name).contains("until"));
    }
}

#[test]
fn a_run_that_breaks_beside_a_median_that_does_not_is_named() {
    let outputs = tempfile::tempdir().unwrap();
    let shape = Shape {
        runs: 5,
        every: 28,
        declines: |run| run == 4,
        ..SMALL
    };
    let report = drawn(&synthetic::folder(outputs.path(), shape));
    let brief = report.brief.join(" ").replace('\u{a0}', " ");
    for words in [
        "In 1 of 5 runs of 2,000 days (20 %, 95 % interval 3.6 % to 62 %)",
        "which does not break down; run 4 does: `prodos report FOLDER --run 4` shows how.",
    ] {
        assert!(brief.contains(words), "{brief}");
    }
    let said = |name: &str, words: &str| {
        let title = title(&report, name).replace('\u{a0}', " ");
        assert!(title.contains(words), "{name}: {title}");
    };
    said(
        "readings",
        "first falls below zero on day 1,484 (24 Jan 2023) in 1 of 5 runs and",
    );
    said(
        "repair",
        "chronic from day 1,394 (26 Oct 2022) on in 1 of 5 runs and peaks",
    );
    let all = synthetic::folder(
        outputs.path(),
        Shape {
            declines: |_| true,
            ..shape
        },
    );
    let brief = drawn(&all).brief.join(" ");
    assert!(!brief.contains("prodos report"), "{brief}");
}

#[test]
fn runs_that_failed_are_told_and_count_for_nothing() {
    let outputs = tempfile::tempdir().unwrap();
    let shape = Shape {
        runs: 5,
        failed: 3,
        every: 28,
        ..SMALL
    };
    let report = drawn(&synthetic::folder(outputs.path(), shape));
    let brief = report.brief.join(" ").replace('\u{a0}', " ");
    assert!(
        brief.contains("In all 2 runs of 2,000 days (100 %, 95 % interval 34 % to 100 %)"),
        "{brief}"
    );
    assert!(
        brief.contains("; 3 more runs failed and are left out."),
        "{brief}"
    );
    let page = fs::read_to_string(&report.page).unwrap();
    assert!(page.contains("Outcomes of 5\u{a0}runs, of which 3 failed"));
}

#[test]
fn leads_are_those_of_the_summary_and_none_of_the_same_day_counts() {
    let (_, _, report) = small();
    let title = title(report, "warnings").replace('\u{a0}', " ");
    assert!(
        title.starts_with("Defect rate warns first, 31 days before the city enters phase 0"),
        "{title}"
    );
    assert!(title.ends_with("; 1 of 4 warn in time"), "{title}");
    let mut figures = report.figures.iter();
    let figure = figures.find(|figure| figure.name == "warnings").unwrap();
    assert!(
        figure
            .reading
            .contains("14 days on end (or what the parameter warnings.lasting says)")
    );
}

#[test]
fn sectors_that_fall_equally_low_are_counted_and_not_named() {
    let outputs = tempfile::tempdir().unwrap();
    let folder = drawn_sectors(outputs.path(), &[0.0, 0.0, 0.0, 0.0, 0.5, 1.0]);
    let report = drawn(&folder);
    assert!(
        title(&report, "sectors").ends_with("; 4 of 6\u{a0}sectors fall to 0\u{a0}%"),
        "{}",
        title(&report, "sectors")
    );
    assert_eq!(
        report.brief[1].replace('\u{a0}', " "),
        "5 of 6 sectors lose more than 2 % of output over 28 days, 4 of them down to 0 %."
    );
    let folder = drawn_sectors(outputs.path(), &[1.0, 0.9]);
    assert_eq!(
        drawn(&folder).brief[1].replace('\u{a0}', " "),
        "1 of 2 sectors loses more than 2 % of output over 28 days: B, to 90.0 %."
    );
}

/// A folder in which each sector makes a share of its output at rest for thirty days.
fn drawn_sectors(outputs: &Path, shares: &[f64]) -> Folder {
    let keys = || {
        vec![
            Column::integer("run_id", "", "Which run."),
            Column::float("day", "days", "Days since the start."),
        ]
    };
    let output = || {
        ["output", "output_at_rest"]
            .map(|name| Column::float(name, "GBP million/day", "Synthetic."))
    };
    let mut city = Table::new(keys().into_iter().chain(output()).collect());
    let sector = Column::text("sector", "Code of the sector.");
    let mut sectors = Table::new(keys().into_iter().chain([sector]).chain(output()).collect());
    for day in 0..30 {
        let keys = [Cell::Integer(0), Cell::Float(f64::from(day))];
        city.push_row(&keys, [1.0, 1.0]);
        for (place, &share) in shares.iter().enumerate() {
            let code = char::from(b'A' + place as u8).to_string();
            let cells = [keys[0], keys[1], Cell::Text(&code)];
            sectors.push_row(&cells, [share, 1.0]);
        }
    }
    let draft = Draft::create(outputs, "sectors").unwrap();
    let file = |name: &str| draft.file(name).unwrap();
    city.write_parquet(&file("series/city.parquet")).unwrap();
    sectors
        .write_parquet(&file("series/sectors.parquet"))
        .unwrap();
    draft.seal(Manifest::default()).unwrap();
    draft.publish(Existing::Replace).unwrap()
}

#[test]
fn a_run_of_less_than_28_days_claims_no_28_day_output() {
    let outputs = tempfile::tempdir().unwrap();
    let shape = Shape { days: 20, ..SMALL };
    let report = drawn(&synthetic::folder(outputs.path(), shape));
    assert!(!report.brief.join(" ").contains("28"), "{:?}", report.brief);
    assert_eq!(title(&report, "sectors"), "Output of 5\u{a0}sectors");
}

#[test]
fn policies_and_shocks_that_last_stand_above_every_time_figure() {
    let (_, _, report) = small();
    for name in ["phases", "readings", "repair", "hours", "warnings"] {
        let mut figures = report.figures.iter();
        let figure = figures.find(|figure| figure.name == name).unwrap();
        assert!(figure.svg.contains(POLICY.1), "{name} names the policy");
        assert!(
            !figure.svg.contains("as ever"),
            "{name}: what holds from the first day is no change"
        );
        assert!(
            figure
                .reading
                .contains("Triangles at the top are shocks, bars how long they last; diamonds are changes of policy."),
            "{}",
            figure.reading
        );
        assert!(
            figure.svg.contains("opacity=\"0.75\""),
            "{name} has a bar for the shock"
        );
    }
}

#[test]
fn the_opening_says_who_is_hit() {
    let (_, _, report) = small();
    let hit = report.brief[1].replace('\u{a0}', " ");
    assert!(
        hit.starts_with("5 of 5 sectors lose more than 2 % of output over 28 days: "),
        "{hit}"
    );
    assert_eq!(hit.matches(" to ").count(), 3, "three are named: {hit}");
    assert!(report.brief.len() <= 4);
}

#[test]
fn outcomes_are_explained_and_hashes_stand_apart() {
    let (_, folder, _) = small();
    let page = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(page.contains("upkeep cost total<small>Paid for upkeep.</small>"));
    assert!(page.contains("<td>GBP million</td>"));
    assert!(page.contains("Peak memory while running"));
    let (outcomes, ids) = page
        .split_once("<summary>Ids, seeds and hashes of 1\u{a0}run</summary>")
        .expect("ids have a table of their own");
    assert!(!outcomes.contains("<th scope=\"row\">seed"));
    assert!(ids.contains("<th title=\"Key.\">seed</th>"));
    assert!(
        !page.contains("min-width: 720px"),
        "a figure fits a narrow page"
    );
}

#[test]
fn phases_of_a_cascade_are_squares_and_other_events_discs() {
    let (_, _, report) = small();
    let mut figures = report.figures.iter();
    let cascade = figures.find(|figure| figure.name == "cascade").unwrap();
    let has = |shape: &str, colour: &str| {
        let mut lines = cascade.svg.lines();
        lines.any(|line| line.starts_with(shape) && line.contains(colour))
    };
    assert!(has("<rect", "#B3360B") && !has("<circle", "#B3360B"));
    assert!(has("<circle", "#E69F00"));
    assert!(cascade.reading.contains("B/0 is team 0 of sector B"));
}

#[test]
fn a_calm_city_is_called_calm() {
    let outputs = tempfile::tempdir().unwrap();
    let shape = Shape {
        declines: |_| false,
        days: 800,
        ..SMALL
    };
    let report = drawn(&synthetic::folder(outputs.path(), shape));
    assert!(
        title(&report, "sectors").contains("within 1\u{a0}% of rest throughout; no sector falls")
    );
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

#[test]
fn a_day_that_no_run_has_is_named() {
    let outputs = tempfile::tempdir().unwrap();
    let folder = narrow(outputs.path(), &[0.0, 1e18]);
    let message = draw(&folder, &Options::default()).unwrap_err().to_string();
    assert!(
        message.contains("series/city.parquet: column 'day' holds 1000000000000000000"),
        "{message}"
    );
}

#[test]
fn a_team_far_from_all_others_is_named() {
    let outputs = tempfile::tempdir().unwrap();
    let drawn = |x, y| {
        let folder = placed(outputs.path(), &[(0, 0), (1, 0), (x, y)]);
        draw(&folder, &Options::default())
    };
    assert!(drawn(2, 1).is_ok());
    for (x, y) in [(-1, 0), (4000, 4000), (0, 1 << 40)] {
        let message = drawn(x, y).unwrap_err().to_string();
        let expected = format!("columns 'x' and 'y' place a team at ({x}, {y}); cells are counted");
        assert!(message.contains(&expected), "{message}");
    }
}

/// A folder of one day with the city's margin and teams on these cells.
fn placed(outputs: &Path, cells: &[(i64, i64)]) -> Folder {
    let mut teams = Table::new(vec![
        Column::integer("run_id", "", "Which run."),
        Column::float("day", "days", "Days since the start."),
        Column::text("sector", "The sector."),
        Column::integer("x", "", "Column of the grid."),
        Column::integer("y", "", "Row of the grid."),
        Column::float("phase", "phase", "The phase."),
    ]);
    for &(x, y) in cells {
        let key = [
            Cell::Integer(0),
            Cell::Float(0.0),
            Cell::Text("A"),
            Cell::Integer(x),
            Cell::Integer(y),
        ];
        teams.push_row(&key, [2.0]);
    }
    let draft = margin(outputs, &[0.0]);
    teams
        .write_parquet(&draft.file("series/teams.parquet").unwrap())
        .unwrap();
    published(draft)
}

/// A folder with the city's margin and nothing else.
fn narrow(outputs: &Path, days: &[f64]) -> Folder {
    published(margin(outputs, days))
}

fn margin(outputs: &Path, days: &[f64]) -> Draft {
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
}

fn published(draft: Draft) -> Folder {
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

/// What stands in a drawing, a line a piece of text, and a checksum of all its lines and colours.
fn words(svg: &str) -> String {
    let mut words: Vec<String> = svg
        .split("<text")
        .skip(1)
        .filter_map(|text| {
            let inside = text.split_once('>')?.1.split("</text>").next()?;
            Some(inside.trim().to_owned())
        })
        .collect();
    words.push(format!(
        "checksum {}",
        blake3::hash(svg.as_bytes()).to_hex()
    ));
    words.join("\n") + "\n"
}

/// Figures of the small city are what they were; `ACCEPT=1` takes a change that is meant.
#[test]
fn figures_are_what_they_were() {
    let accept = std::env::var_os("ACCEPT").is_some();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/figures");
    for figure in small()
        .2
        .figures
        .iter()
        .filter(|figure| !figure.svg.is_empty())
    {
        let file = kept.join(format!("{}.txt", figure.name));
        let found = words(&figure.svg);
        if accept {
            fs::create_dir_all(&kept).unwrap();
            fs::write(&file, &found).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(
            found, expected,
            "{} has changed; look at it, then accept it with ACCEPT=1",
            figure.name
        );
    }
}

//! Designs: how they are written, and that a written experiment is the same design.

use prodos_config::design::{Law, Points, Range, Setting, Variable};
use prodos_config::{Experiment, Options, hash8, load, load_text, to_ron};
use std::fs;
use std::path::Path;

fn harbour(design: &str) -> Experiment {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.ron");
    let city = root.join("cities/harbour.ron");
    let text = format!(
        "(city: \"{}\", days: 100, design: {design})",
        city.display()
    );
    fs::write(&file, text).expect("it can be written");
    fs::write(
        folder.path().join("points.csv"),
        "# points of a study\nwear.scale, maintenance.repair_kind\n200, minimal\n300.5, perfect\n",
    )
    .expect("it can be written");
    fs::write(
        folder.path().join("careful.ron"),
        "(parameters: (hours: (protected_share: 0.9)))",
    )
    .expect("it can be written");
    load(&file, &[], &Options::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn written_and_read(experiment: &Experiment) {
    let written = to_ron(experiment);
    let again = load_text("experiment.ron", &written, &[], &Options::default())
        .unwrap_or_else(|problems| panic!("{problems}\n{written}"));
    assert_eq!(&again, experiment, "{written}");
    assert_eq!(to_ron(&again), written);
}

#[test]
fn a_block_alone_is_a_design() {
    let experiment = harbour(
        "(vary: {\"wear.scale\": (from: 100, to: 400, law: triangular, middle: 250),
                 \"maintenance.repair_kind\": [minimal, perfect],
                 \"city.burn_in\": (values: [10, 20])},
          points: sobol, count: 8, such_that: [\"wear.scale < 390\"],
          policies: {\"as it is\": (), \"careful\": \"careful.ron\"})",
    );
    let block = &experiment.design[0];
    assert_eq!(block.points, Points::Sobol);
    assert_eq!(block.size(), 8.0);
    assert_eq!(block.variants(), 2);
    assert_eq!(
        block.vary["wear.scale"],
        Variable::Range(Range {
            from: 100.0,
            to: 400.0,
            law: Law::Triangular,
            middle: Some(250.0),
            deviation: None,
            step: 0.0,
        })
    );
    assert_eq!(
        block.vary["maintenance.repair_kind"],
        Variable::Values {
            values: ["minimal", "perfect"]
                .map(|word| Setting::Word(word.into()))
                .into(),
        }
    );
    assert_eq!(block.policies["careful"].changes.len(), 1);
    assert!(block.policies["as it is"].changes.is_empty());
    written_and_read(&experiment);
}

#[test]
fn points_of_a_table_are_a_list() {
    let experiment = harbour("[(name: \"table\", file: \"points.csv\")]");
    let block = &experiment.design[0];
    assert_eq!(block.points, Points::List);
    assert_eq!(
        block.list[1]["wear.scale"],
        Setting::Number(300.5),
        "{block:?}"
    );
    assert_eq!(block.list[0]["wear.scale"], Setting::Whole(200));
    assert!(block.is_number("wear.scale") && !block.is_number("maintenance.repair_kind"));
    written_and_read(&experiment);
}

#[test]
fn more_points_and_replicates_belong_to_the_same_design() {
    let design = |count: u32, to: u32| {
        harbour(&format!(
            "(vary: {{\"wear.scale\": (from: 100, to: {to})}}, points: random, count: {count})"
        ))
    };
    let mut more = design(20, 400);
    more.replicates = 7;
    assert_eq!(hash8(&design(10, 400)), hash8(&more));
    assert_ne!(hash8(&design(10, 400)), hash8(&design(10, 500)));
    let plain = Experiment {
        design: Vec::new(),
        ..design(10, 400)
    };
    assert_ne!(hash8(&plain), hash8(&more));
    // Other rows of a list are other points, and no more of the same.
    let list = |rows: &str| harbour(&format!("(points: list, list: [{rows}])"));
    let [two, edited, three] = ["20}, {", "30}, {", "20}, {\"wear.scale\": 40}, {"].map(|rows| {
        hash8(&list(&format!(
            "{{\"wear.scale\": {rows}\"wear.scale\": 60}}"
        )))
    });
    assert!(two != edited && two != three && edited != three);
}

//! Who wins when several files say something.

use prodos_config::{Experiment, Options, Override, load, with_overrides};
use prodos_model::build::Options as ModelOptions;
use prodos_model::parameters::{Parameters, ParametersPatch};
use prodos_model::simulation::{Hashes, Simulation};
use prodos_quantity::Share;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of files for one test, removed afterwards.
struct Files(PathBuf);

impl Files {
    fn new(name: &str, files: &[(&str, &str)]) -> Files {
        let folder = std::env::temp_dir().join(format!("prodos-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        for (file, text) in files {
            fs::write(folder.join(file), text).expect("a file can be written");
        }
        Files(folder)
    }

    fn load(&self, file: &str, overrides: &[&str]) -> Experiment {
        self.try_load(file, overrides)
            .unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn try_load(&self, file: &str, overrides: &[&str]) -> Result<Experiment, String> {
        let overrides: Vec<Override> = overrides
            .iter()
            .map(|text| text.parse().expect("PATH=VALUE"))
            .collect();
        load(&self.0.join(file), &overrides, &Options::default())
            .map_err(|problems| problems.to_string())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const CITY: (&str, &str) = (
    "city.ron",
    "(sectors: {
        \"a\": (jobs: 100, output: 1000, inputs: {\"b\": 0.1}),
        \"b\": (jobs: 50, output: 500, parameters: (wear: (shape: 3))),
    }, parameters: (wear: (scale: 100, delay: 11)))",
);

#[test]
fn later_layers_win() {
    let files = Files::new(
        "later",
        &[
            CITY,
            (
                "scenario.ron",
                "(parameters: (wear: (scale: 200), staff: (absence: 0.05)))",
            ),
            (
                "policy.ron",
                "(parameters: (hours: (protected_share: 0.5), aid: (share: 0.1)))",
            ),
            (
                "e.ron",
                "(city: \"city.ron\", scenario: \"scenario.ron\", policy: \"policy.ron\",
                  parameters: (wear: (scale: 300), hours: (protected_share: 0.6)))",
            ),
        ],
    );
    let experiment = files.load("e.ron", &["hours.protected_share=0.7"]);
    let parameters = experiment.city.parameters;
    assert_eq!(parameters.wear.delay.0, 11.0, "city over default");
    assert_eq!(parameters.staff.absence.0, 0.05, "scenario over default");
    let changes = &experiment.policy.changes;
    assert_eq!(
        changes.len(),
        1,
        "undated levers of a policy take hold together"
    );
    assert_eq!(changes[0].day, 0.0);
    assert_eq!(
        changes[0].parameters.aid.share.map(|share| share.0),
        Some(0.1),
        "policy over default, from day 0"
    );
    assert_eq!(
        changes[0].parameters.hours.protected_share, None,
        "the experiment speaks after the policy"
    );
    assert_eq!(
        parameters.wear.scale.0, 300.0,
        "experiment over scenario over city"
    );
    assert_eq!(
        parameters.hours.protected_share.0, 0.7,
        "command line over experiment"
    );
}

#[test]
fn a_value_for_one_sector_wins_over_the_city_until_it_is_set() {
    let files = Files::new("sector", &[CITY, ("e.ron", "(city: \"city.ron\")")]);
    let shape = |overrides: &[&str]| {
        files.load("e.ron", overrides).city.sectors["b"]
            .parameters
            .wear
            .shape
    };
    assert_eq!(shape(&["wear.shape=4"]).map(|shape| shape.0), Some(3.0));
    assert_eq!(
        shape(&["sectors.b.wear.shape=4"]).map(|shape| shape.0),
        Some(4.0)
    );
    assert_eq!(
        shape(&["city.sectors.b.parameters.wear.shape=5"]).map(|shape| shape.0),
        Some(5.0)
    );
}

#[test]
fn a_policy_reaches_one_sector() {
    let files = Files::new(
        "reach",
        &[
            CITY,
            (
                "e.ron",
                "(city: \"city.ron\", policy: (sectors: {\"a\": (aid: (share: 0.4))}))",
            ),
        ],
    );
    let changes = files.load("e.ron", &[]).policy.changes;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].sectors, ["a"]);
    assert_eq!(
        changes[0].parameters.aid.share.map(|share| share.0),
        Some(0.4)
    );
}

#[test]
fn maps_merge_lists_replace_and_none_takes_back() {
    let files = Files::new(
        "merge",
        &[
            CITY,
            ("larger.ron", "(extends: \"city.ron\", sectors: {\"a\": (jobs: 200), \"c\": (jobs: 1, output: 10)})"),
            (
                "e.ron",
                "(city: \"larger.ron\", days: 100, scenario: (shocks: [
                    (name: \"one\", kind: supply, size: 0.5, day: 1, days: 5),
                    (name: \"two\", kind: supply, size: 0.5, day: 2, days: 5)]))",
            ),
            (
                "f.ron",
                "(extends: \"e.ron\", city: (sectors: {\"c\": None}),
                  scenario: (shocks: [(name: \"three\", kind: supply, size: 0.5, day: 1, days: 5)]))",
            ),
        ],
    );
    let first = files.load("e.ron", &[]);
    assert_eq!(first.city.name, "larger");
    assert_eq!(first.city.sectors["a"].jobs, 200.0);
    assert_eq!(first.city.sectors["a"].inputs["b"], 0.1);
    assert_eq!(first.city.sectors.len(), 3);
    let second = files.load("f.ron", &[]);
    assert_eq!(second.name, "f");
    assert_eq!(second.city.sectors.len(), 2);
    assert_eq!(second.days, 100);
    assert_eq!(second.scenario.shocks.len(), 1);
}

#[test]
fn a_named_city_starts_anew() {
    let files = Files::new(
        "anew",
        &[
            CITY,
            ("other.ron", "(sectors: {\"x\": (jobs: 10, output: 10)})"),
            ("e.ron", "(city: \"city.ron\")"),
            ("f.ron", "(extends: \"e.ron\", city: \"other.ron\")"),
            (
                "g.ron",
                "(extends: \"e.ron\", city: (extends: \"other.ron\", scale: 2))",
            ),
        ],
    );
    assert_eq!(files.load("f.ron", &[]).city.sectors.len(), 1);
    assert_eq!(files.load("g.ron", &[]).city.sectors.len(), 1);
    assert_eq!(files.load("g.ron", &[]).city.scale, 2.0);
}

#[test]
fn any_path_can_be_set_and_a_wrong_one_finds_the_right_one() {
    let shock = "(city: \"city.ron\", days: 90, scenario: (shocks: [
        (name: \"s\", kind: supply, size: 0.5, day: 1, days: 5)]))";
    let files = Files::new("paths", &[CITY, ("e.ron", shock)]);
    let set = |text: &str| files.try_load("e.ron", &[text]);
    assert_eq!(set("days=100").expect("sound").days, 100);
    assert_eq!(
        set("scenario.shocks.0.size=0.25")
            .expect("sound")
            .scenario
            .shocks[0]
            .size,
        0.25
    );
    assert_eq!(set("city.burn_in=10").expect("sound").city.burn_in, 10);
    assert_eq!(
        set("city.lattice.neighbourhood=von_neumann")
            .expect("sound")
            .city
            .lattice
            .neighbourhood
            .text(),
        "von_neumann"
    );
    assert_eq!(
        set("sectors.a.jobs=70").expect("sound").city.sectors["a"].jobs,
        70.0
    );
    assert_eq!(
        set("question=what now?").expect("sound").question,
        "what now?"
    );
    for (wrong, right) in [
        ("wear.scal=3", "did you mean `wear.scale`"),
        ("waer.scale=3", "`wear.scale`"),
        ("dyas=3", "did you mean `days`"),
        ("burn_in=3", "`city.burn_in`"),
        (
            "wear.inspection_interval=3",
            "`maintenance.inspection_interval`",
        ),
        ("sectors.z.wear.scale=3", "`z` is no sector"),
        ("sectors.a.wear.scal=3", "`sectors.a.wear.scale`"),
        ("scenario.shocks.4.size=0.1", "there is no `4` here"),
        ("days=soon", "takes a whole number"),
        ("days=3.5", "takes a whole number"),
        ("wear.scale=NaN", "outside its range"),
    ] {
        let problems = set(wrong).expect_err(wrong);
        assert!(problems.contains(right), "{wrong}: {problems}");
    }
}

#[test]
fn a_value_for_the_city_that_no_sector_takes_is_refused() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/experiments/harbour.ron");
    let set = |codes: &[&str]| {
        let own = |code: &&str| Override::new(format!("sectors.{code}.wear.scale"), 200);
        let mut set: Vec<Override> = codes.iter().map(own).collect();
        set.push(Override::new("wear.scale", 300));
        load(&file, &set, &Options::default()).map_err(|problems| problems.to_string())
    };
    assert!(set(&["port", "works"]).is_ok(), "the town takes it");
    let told = set(&["port", "works", "town"]).expect_err("nobody takes it");
    assert!(
        told.contains("every sector has a value of its own"),
        "{told}"
    );
}

/// Of each number: what a run comes to where the city has another value and every sector its own.
#[test]
fn what_is_refused_as_idle_changes_nothing() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/experiments/harbour.ron");
    let options = Options {
        days: Some(10),
        ..Options::default()
    };
    let load = |set: &[Override]| load(&file, set, &options);
    let hash = |experiment: &Experiment| {
        let mut city = Simulation::new(&experiment.run(), 1, 0, ModelOptions::default());
        city.settle().expect("the ledgers close");
        (0..10).for_each(|_| city.step().expect("the ledgers close"));
        let Hashes { dynamics, reading } = city.hashes();
        (dynamics, reading)
    };
    let mut heard = Vec::new();
    for number in Parameters::table()
        .iter()
        .filter(|own| own.choices.is_empty())
    {
        let path = number.path();
        let prodos_quantity::Value::Number(default) = number.default else {
            panic!("{path} is a number");
        };
        let own = |code: &str| Override::new(format!("sectors.{code}.{path}"), default);
        let mut set: Vec<Override> = ["port", "works", "town"].map(own).into();
        set.push(Override::new("city.burn_in", 0));
        let base = load(&set).unwrap_or_else(|problems| panic!("{problems}"));
        let (low, high) = number.typical;
        let other = if default == high { low } else { high };
        set.push(Override::new(path.clone(), other));
        let refused = match load(&set) {
            Ok(_) => false,
            Err(problems) => problems.to_string().contains("no-effect"),
        };
        let mut changed = base.clone();
        changed.city.parameters.apply(&patch(&path, other));
        let differs = hash(&changed) != hash(&base);
        assert!(
            !(refused && differs),
            "{path} is refused, and changes the run"
        );
        assert_eq!(
            refused,
            !["phases", "warnings"].contains(&number.group),
            "{path}"
        );
        if differs {
            heard.push(path);
        }
    }
    assert!(heard.contains(&"phases.window".to_owned()), "{heard:?}");
}

fn patch(path: &str, value: f64) -> ParametersPatch {
    let (room, name) = path.split_once('.').expect("a room and a name");
    let text = format!("{{\"{room}\": {{\"{name}\": {value:?}}}}}");
    serde_json::from_str(&text).expect("it is one")
}

#[test]
fn a_design_point_changes_only_what_it_names() {
    let files = Files::new("point", &[CITY, ("e.ron", "(city: \"city.ron\")")]);
    let base = files.load("e.ron", &[]);
    let point = with_overrides(&base, &[Override::new("wear.scale", 0.1 + 0.2)]).expect("sound");
    let mut expected = base.clone();
    expected.city.parameters.wear.scale.0 = 0.1 + 0.2;
    assert_eq!(point, expected);
    assert_eq!(with_overrides(&base, &[]).expect("sound"), base);
}

#[test]
fn a_part_is_not_an_experiment_and_says_how_to_become_one() {
    let files = Files::new("part", &[CITY, ("calm.ron", "(shocks: [])")]);
    let problems = files.try_load("city.ron", &[]).expect_err("a city");
    assert!(
        problems.contains("(city: \"city.ron\", days: 365)"),
        "{problems}"
    );
    let problems = files.try_load("calm.ron", &[]).expect_err("a scenario");
    assert!(problems.contains("scenario: \"calm.ron\""), "{problems}");
    let problems = files.try_load("clam.ron", &[]).expect_err("no file");
    assert!(problems.contains("calm.ron"), "{problems}");
    let problems = files.try_load(".", &[]).expect_err("a folder");
    assert!(problems.contains("it is a folder"), "{problems}");
}

#[test]
fn options_stand_for_paths() {
    let files = Files::new("options", &[CITY, ("e.ron", "(city: \"city.ron\")")]);
    let options = Options {
        seed: Some(u64::MAX.into()),
        days: Some(7),
        scale: Some(2.5),
        replicates: Some(3),
    };
    let loaded = load(&files.0.join("e.ron"), &[], &options).expect("sound");
    assert_eq!(
        (loaded.seed, loaded.days, loaded.replicates),
        (u64::MAX, 7, 3)
    );
    assert_eq!(loaded.city.scale, 2.5);
    let again = with_overrides(&loaded, &[]).expect("sound");
    assert_eq!(again, loaded);
}

/// What the command line says of a lever is said later than a dated change of the policy, and wins.
#[test]
fn a_dated_change_leaves_what_the_command_line_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../configs/experiments/uk-maintenance-starved.ron");
    let changed = |overrides: &[Override]| {
        let experiment = load(&file, overrides, &Options::default());
        let experiment = experiment.unwrap_or_else(|problems| panic!("{problems}"));
        let change = &experiment.policy.changes[0];
        assert_eq!(change.day, 300.0);
        change.parameters.hours.protected_share
    };
    assert_eq!(changed(&[]), Some(Share(0.0)));
    let city = Override::new("hours.protected_share", 0.9);
    assert_eq!(changed(&[city]), None);
    let path = "policy.changes.0.parameters.hours.protected_share";
    assert_eq!(changed(&[Override::new(path, 0.4)]), Some(Share(0.4)));
}

//! Runs that share their past, that are repeated until enough is known, that end early, and that come to nothing.

use prodos_config::{Experiment, Options, load};
use prodos_experiment::sweep::{
    Limits, Part, Sweep, Task, Tell, finish, replay, status, to_try_again, whole,
};
use prodos_experiment::{outcomes, sense};
use prodos_record::{Data, Folder, Manifest, Spreadsheets, Stretch, Table};
use std::fs;
use std::path::Path;

/// An experiment of harbour over some weeks, with this after what all have.
fn experiment(rest: &str) -> Experiment {
    let folder = tempfile::tempdir().expect("a folder");
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    let configs = fs::canonicalize(configs).expect("it is shipped");
    let harbour = configs.join("experiments/harbour.ron");
    let file = folder.path().join("worlds.ron");
    let text = format!(
        "(extends: \"{}\", days: 60, city: (burn_in: 10), {rest})",
        harbour.display()
    );
    fs::write(&file, text).expect("it can be written");
    load(&file, &[], &Options::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn run(experiment: &Experiment) -> (tempfile::TempDir, Folder) {
    let outputs = tempfile::tempdir().expect("a folder");
    let folder = whole(experiment, outputs.path(), Manifest::default()).expect("it runs");
    (outputs, folder)
}

fn summary(experiment: &Experiment) -> Table {
    let (_outputs, folder) = run(experiment);
    folder.table("summary.parquet").expect("it is there")
}

fn column(table: &Table, name: &str) -> Vec<u64> {
    let column = table
        .column(name)
        .unwrap_or_else(|| panic!("there is no {name}"));
    match &column.data {
        Data::Float(cells) => cells.iter().map(|cell| cell.to_bits()).collect(),
        Data::Integer(cells) => cells.iter().map(|cell| cell.cast_unsigned()).collect(),
        _ => panic!("{name} is no number"),
    }
}

fn words(table: &Table, name: &str) -> Vec<String> {
    table
        .words(name)
        .expect("it is there")
        .iter()
        .map(str::to_owned)
        .collect()
}

const POLICIES: &str = "policies: {\"as it is\": (), \"less\": (changes: [(day: 20, parameters: (hours: (protected_share: 0.1)))])}";

#[test]
fn runs_that_part_later_are_what_they_would_have_been_from_the_start() {
    let design = |day: u32| {
        experiment(&format!(
            "replicates: 2, branch_at: {day}, record: (rows: summary, city_every: 5),
            design: (vary: {{\"wear.scale\": [150, 300]}}, {POLICIES})"
        ))
    };
    let (_whole, unbroken) = run(&design(0));
    let tables = |folder: &Folder| {
        [
            "summary.parquet",
            "summary.csv",
            "series/city.parquet",
            "differences.csv",
        ]
        .map(|name| fs::read(folder.path().join(name)).expect("it is there"))
    };
    for day in [1, 12, 20] {
        let (_outputs, folder) = run(&design(day));
        assert!(tables(&folder) == tables(&unbroken), "parted on day {day}");
        assert!(folder.manifest().parent.contains(&format!("day {day} ")));
    }
    // The policy does act, and later than its day where runs part later.
    let table = unbroken.table("summary.parquet").expect("it is there");
    let done = table.floats("protected_done_mean").expect("it is there");
    assert!(done[2] < done[0] - 0.2, "{done:?}");
    let later = summary(&design(40));
    let late = later.floats("protected_done_mean").expect("it is there");
    assert!(late[2] > done[2] + 0.1, "{late:?}");
    assert_eq!(
        column(&later, "output_mean")[..2],
        column(&table, "output_mean")[..2]
    );
}

/// A run that parts on its first day is the plain run under that policy, which shares nothing with anybody.
#[test]
fn a_run_that_parts_is_what_it_would_be_alone_under_its_policy() {
    let changes = "changes: [(day: 20, parameters: (hours: (protected_share: 0.1)))]";
    let plain = experiment(&format!("replicates: 1, policy: ({changes})"));
    let plain = outcomes(&plain, 0).expect("it runs").output_mean;
    for day in [0, 1, 12, 20] {
        let rest = format!("replicates: 1, branch_at: {day}, design: ({POLICIES})");
        let table = summary(&experiment(&rest));
        let parted = table.floats("output_mean").expect("it is there")[1];
        assert_eq!(parted.to_bits(), plain.to_bits(), "parted on day {day}");
    }
}

#[test]
fn a_run_that_parted_comes_out_again_alone() {
    let (_outputs, folder) = run(&experiment(&format!(
        "branch_at: 40, design: (vary: {{\"wear.scale\": [150, 300]}}, {POLICIES})"
    )));
    let replay = replay(&folder, 3).expect("there are four");
    let again = summary(&replay.experiment);
    assert_eq!(replay.differs(&again), Vec::<String>::new());
    assert_eq!(again.rows(), 1);
}

#[test]
fn a_policy_that_changes_nothing_differs_by_nothing() {
    let (_outputs, folder) = run(&experiment(
        "replicates: 3, design: (policies: {\"as it is\": (), \"the same\": (changes: [(day: 20, parameters: (hours: (protected_share: 1.0)))])})",
    ));
    let table = folder
        .table("differences.parquet")
        .expect("there are two policies");
    assert!(table.rows() > 50);
    let known = table.floats("pairs").expect("it is there");
    for name in ["mean_difference", "low", "high"] {
        let cells = table.floats(name).expect("it is there");
        let pairs = cells.iter().zip(known);
        assert!(
            pairs
                .clone()
                .all(|(cell, pairs)| *cell == 0.0 || *pairs == 0.0),
            "{name}"
        );
    }
    let none = folder.table("summary.parquet").expect("it is there");
    assert_eq!(
        words(&none, "dynamics_final")[..3],
        words(&none, "dynamics_final")[3..]
    );
}

/// Base stocks that are never used up draw when parts come, and change nothing else.
#[test]
fn a_policy_that_only_draws_more_differs_by_nothing() {
    let mut experiment = experiment(
        "replicates: 3, design: (policies: {
            \"at hand\": (parameters: (maintenance: (spares: unlimited))),
            \"in store\": (parameters: (maintenance: (spares: base_stock))),
        })",
    );
    experiment.city.parameters.maintenance.spare_stock.0 = 100_000.0;
    let table = summary(&experiment);
    let outcomes = table.columns().iter();
    let outcomes = outcomes.filter(|column| sense(&column.name).is_some());
    let mut compared = 0;
    for outcome in outcomes {
        let values = column(&table, &outcome.name);
        assert_eq!(values[..3], values[3..], "{}", outcome.name);
        compared += 1;
    }
    assert!(compared > 50, "{compared}");
}

/// What has no effect where orders come every day alike tells points apart and leaves their runs the same.
#[test]
fn points_share_the_draws_of_a_replicate() {
    let table = summary(&experiment(
        "replicates: 3, design: (points: list, list: [{\"supply.order_size\": 0.01}, {\"supply.order_size\": 0.02}])",
    ));
    let last = words(&table, "dynamics_final");
    assert_eq!(last[..3], last[3..]);
    assert_ne!(last[0], last[1], "replicates differ");
}

#[test]
fn a_policy_that_changes_nothing_is_no_event() {
    let policies = |share: f64| {
        let rest = format!(
            "record: series, replicates: 1, policy: (changes: [(day: 20, parameters: (hours: (protected_share: {share})))])"
        );
        let (_outputs, folder) = run(&experiment(&rest));
        let events = folder.table("events.parquet").expect("they are recorded");
        let kinds = words(&events, "kind");
        kinds.iter().filter(|kind| *kind == "policy").count()
    };
    assert_eq!([1.0, 0.5].map(policies), [0, 1]);
}

#[test]
fn a_sweep_of_which_no_run_came_in_time_can_be_tried_again() {
    let experiment = experiment("replicates: 2, design: (policies: {\"as it is\": ()})");
    let outputs = tempfile::tempdir().expect("a folder");
    let folder = conduct(&experiment, outputs.path(), Task::Missing, Some(0.0));
    assert_eq!(folder.manifest().timed_out.len(), 2);
    assert_eq!(
        folder.table("summary.parquet").expect("it is there").rows(),
        0
    );
    assert_eq!(to_try_again(&folder), [0, 1].into());
}

/// Works on a sweep with a limit of time for each run, and finishes it.
fn conduct(experiment: &Experiment, folder: &Path, task: Task, seconds: Option<f64>) -> Folder {
    let sweep = Sweep::begin(experiment, folder, "this build", false, task).expect("it begins");
    let limits = Limits {
        seconds_a_run: seconds,
        deadline: None,
    };
    let now = || String::new();
    sweep
        .work(Part::WHOLE, limits, Stretch::default(), &now, &Silent)
        .expect("it can be written");
    finish(&sweep, Spreadsheets::default(), Manifest::default()).expect("all is there")
}

/// With `until`, a run is in the tables once however a sweep grew and whatever came late.
#[test]
fn points_are_added_to_worlds_that_were_late_and_those_are_tried_again_whole() {
    let design = |count: u32| {
        experiment(&format!(
            "replicates: 3, until: (half_width: {{\"output_mean\": 0.01}}, most: 6),
            design: (vary: {{\"wear.scale\": (from: 15, to: 30)}}, points: random, count: {count})"
        ))
    };
    let outputs = tempfile::tempdir().expect("a folder");
    let all_late = conduct(&design(2), outputs.path(), Task::Missing, Some(0.0));
    assert_eq!(all_late.manifest().runs, 0);
    let late: Vec<i64> = all_late.manifest().timed_out.keys().copied().collect();
    assert_eq!(late.len(), 12, "{late:?}");
    let grown = conduct(&design(3), outputs.path(), Task::Missing, None);
    let runs = |folder: &Folder| {
        let table = folder.table("summary.parquet").expect("it is there");
        table.integers("run_id").expect("it is there").to_vec()
    };
    assert!(
        runs(&grown).iter().all(|run| *run >= 2_000_000),
        "old runs are untouched"
    );
    assert_eq!(to_try_again(&grown), late.into_iter().collect());
    let again = Task::Again(to_try_again(&grown));
    let whole = conduct(&design(3), outputs.path(), again, None);
    let (_outputs, at_once) = run(&design(3));
    assert_eq!(runs(&whole), runs(&at_once));
    assert_eq!(to_try_again(&whole), [].into());
    let bytes = |folder: &Folder| fs::read(folder.path().join("summary.csv")).expect("it is there");
    assert!(bytes(&whole) == bytes(&at_once));
}

#[test]
fn replicates_are_added_until_enough_is_known() {
    let until = |half: f64, most: u32| {
        experiment(&format!(
            "replicates: 3, until: (half_width: {{\"output_mean\": {half}}}, most: {most}),
            design: (vary: {{\"wear.scale\": [15, 600]}})"
        ))
    };
    let (outputs, folder) = run(&until(0.01, 12));
    let table = folder.table("summary.parquet").expect("it is there");
    let points = table.integers("point_id").expect("it is there");
    let of = |point: i64| points.iter().filter(|own| **own == point).count();
    // Little wear is known at once, much is not.
    assert_eq!((of(0), of(1)), (12, 3));
    let precision = words(&table, "precision");
    assert!(precision[0].starts_with("output_mean 0."), "{precision:?}");
    assert_eq!(precision[12], "met");
    let manifest = folder.manifest();
    assert_eq!(manifest.runs, 15);
    assert_eq!(manifest.imprecise.len(), 1);
    assert!(manifest.imprecise[0].starts_with("point 0: output_mean"));
    // What is said of it is Student's interval of what is there.
    let output = &table.floats("output_mean").expect("it is there")[..12];
    let mean = output.iter().sum::<f64>() / 12.0;
    let squares: f64 = output.iter().map(|own| (own - mean) * (own - mean)).sum();
    let half = 2.200_985_160_1 * (squares / 11.0 / 12.0).sqrt();
    let told: f64 = precision[0]
        .trim_start_matches("output_mean ")
        .parse()
        .expect("a number");
    assert!((told - half).abs() < 1e-4, "{told} {half}");
    // Shards and a second look change nothing.
    assert_eq!(status(folder.path()).expect("it is there").done, 15);
    drop(outputs);
    let wide = summary(&until(10.0, 12));
    assert_eq!(wide.rows(), 6);
    assert!(words(&wide, "precision").iter().all(|own| own == "met"));
    assert_eq!(
        column(&wide, "output_mean")[..3],
        column(&table, "output_mean")[..3]
    );
}

#[test]
fn a_run_ends_where_its_experiment_says_so() {
    let stop = |condition: &str| {
        experiment(&format!(
            "replicates: 2, stop: ({condition}), design: (vary: {{\"wear.scale\": [15, 600]}})"
        ))
    };
    let free = summary(&experiment(
        "replicates: 2, design: (vary: {\"wear.scale\": [15, 600]})",
    ));
    let never = summary(&stop("probe: \"output\", below: 0"));
    let stopped = never.floats("stopped_day").expect("it is there");
    assert!(stopped.iter().all(|day| day.is_nan()));
    assert_eq!(column(&never, "output_mean"), column(&free, "output_mean"));
    let some = summary(&stop("probe: \"phase\", below: 0.5, days: 5"));
    let stopped = some.floats("stopped_day").expect("it is there");
    let first = some.floats("phase_0_first_day").expect("it is there");
    assert!(
        stopped[0] >= first[0] + 4.0 && stopped[0] < 60.0,
        "{stopped:?} {first:?}"
    );
    assert!(stopped[2].is_nan());
    let days = |row: usize| {
        let phase = |phase: u32| {
            some.floats(&format!("city_days_phase_{phase}"))
                .expect("it is there")[row]
        };
        (0..4).map(phase).sum::<f64>()
    };
    assert_eq!(days(0), stopped[0] + 1.0);
    assert_eq!(days(2), 60.0);
}

/// Nobody listens.
struct Silent;

impl Tell for Silent {
    fn committed(&self, _: usize, _: usize) {}
}

#[test]
fn a_run_that_fails_is_a_row_and_one_that_is_late_is_none_and_both_can_be_tried_again() {
    // Each number is sound alone, and together a user of inputs buys more than it makes.
    let experiment = experiment(
        "design: (vary: {\"sectors.port.inputs.works\": [0.2, 0.55], \"sectors.port.inputs.town\": [0.15, 0.5]})",
    );
    let outputs = tempfile::tempdir().expect("a folder");
    let folder = conduct(&experiment, outputs.path(), Task::Missing, Some(0.0));
    let manifest = folder.manifest();
    assert_eq!(
        (
            manifest.runs,
            manifest.timed_out.len(),
            manifest.failures.len()
        ),
        (1, 3, 1)
    );
    assert!(manifest.failures.contains_key(&3_000_000), "{manifest:?}");
    let again = to_try_again(&folder);
    assert_eq!(again, [0, 1_000_000, 2_000_000, 3_000_000].into());
    let folder = conduct(&experiment, outputs.path(), Task::Again(again), None);
    let table = folder.table("summary.parquet").expect("it is there");
    assert_eq!(words(&table, "status"), ["ok", "ok", "ok", "failed"]);
    let error = &words(&table, "error")[3];
    assert!(error.contains("port"), "{error}");
    let own = outcomes(&experiment, 0).expect("it runs");
    assert!(own.output_mean > 0.0);
    assert_eq!(to_try_again(&folder), [3_000_000].into());
}

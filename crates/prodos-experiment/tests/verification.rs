//! The cases of `configs/verification`: published results, met by the whole model with everything else
//! switched off, and missed where the mechanism behind them is taken out.

use indexmap::IndexMap;
use prodos_config::{Bound, Case, Given, Override, load_case, with_overrides};
use prodos_experiment::verification::kernels::{self, Grain, KERNELS};
use prodos_experiment::verification::{Laboratory, Met, Outcome, verify};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/verification")
}

fn case(name: &str) -> Case {
    let file = folder().join(format!("{name}.ron"));
    load_case(&file, &Laboratory).unwrap_or_else(|problems| panic!("{problems}"))
}

fn names() -> Vec<String> {
    let listing = std::fs::read_dir(folder()).expect("the folder is there");
    let files = listing.map(|entry| entry.expect("it can be listed").path());
    let mut names: Vec<String> = files
        .filter(|path| path.is_file())
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

fn tried(case: &Case) -> Vec<Outcome> {
    let mut outcomes = verify(case, false, &|_| {});
    outcomes.retain(|outcome| outcome.met != Met::LeftOut);
    outcomes
}

#[test]
fn every_number_from_1_to_54_has_a_case() {
    let names = names();
    for number in 1..=54 {
        let begin = format!("v{number:02}");
        assert!(names.iter().any(|name| name.starts_with(&begin)), "{begin}");
    }
}

/// A plain `prodos verify` says something of each.
#[test]
fn every_case_has_a_quick_arm() {
    for name in names() {
        assert!(case(&name).arms.iter().any(|arm| arm.quick), "{name}");
    }
}

/// What takes long is tried by `prodos verify --full`.
#[test]
fn every_quick_case_is_met() {
    let mut missed = Vec::new();
    for name in names() {
        let outcomes = tried(&case(&name));
        let not_met = outcomes
            .into_iter()
            .filter(|outcome| outcome.met != Met::Yes);
        missed.extend(not_met.map(|outcome| {
            let Outcome {
                arm,
                measure,
                found,
                error,
                ..
            } = outcome;
            format!(
                "{name}, {arm}: {} is {found} ({error}) for {}",
                measure.what, measure.reference
            )
        }));
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// Each case that the engine runs, with values that take its mechanism out, or make it another.
const TAKEN_OUT: &[(&str, &str)] = &[
    // Crews without number.
    ("v01", "maintenance.machines_per_crew=1"),
    ("v02", "maintenance.repair_hours=10"),
    ("v03", "maintenance.machines_per_crew=10"),
    ("v04", "maintenance.machines_per_crew=1"),
    // Spans of life in continuous time.
    ("v05", "wear.lifetime=continuous"),
    ("v06", "maintenance.machines_per_crew=1"),
    ("v07", "maintenance.machines_per_crew=1"),
    // Orders that are the same every day, and that follow no forecast.
    ("v08", "supply.order_stream=fixed"),
    ("v09", "supply.order_stream=fixed"),
    ("v10", "supply.order_stream=fixed"),
    ("v11", "supply.order_stream=fixed"),
    // Orders that do not wait.
    ("v08", "supply.order_life=1"),
    ("v09", "supply.order_life=1"),
    ("v10", "supply.order_life=5"),
    ("v11", "supply.order_life=10"),
    ("v12", "maintenance.machines_per_crew=1"),
    // Work that varies more.
    ("v13", "maintenance.job_size=exponential"),
    // A repair that leaves the age as it was, and a hazard that does not rise.
    ("v14", "maintenance.repair_kind=minimal"),
    ("v15", "maintenance.preventive=in_turn"),
    ("v16", "maintenance.preventive=in_turn"),
    ("v17", "maintenance.preventive_restores=0.5"),
    ("v18", "maintenance.repair_kind=kijima_one"),
    ("v18", "maintenance.repair_kind=minimal"),
    // Rounds at half the pace.
    ("v19", "maintenance.inspection_interval=20"),
    ("v25", "training.renewal_restores=0"),
    ("v26", "training.newcomer_skill=1"),
    ("v28", "staff.absence=0"),
    ("v29", "staff.hiring_time=30"),
    ("v31", "quality.rework_fails=0"),
    ("v31", "quality.detection=0.5"),
    ("v31", "quality.disposal=rework"),
    // Nobody looks at anybody.
    ("v36", "shortcuts.peer_gain=0"),
    ("v36", "city.lattice.degree=4"),
    ("v37", "shortcuts.own_team=1"),
    ("v37", "shortcuts.seed_block=3"),
    // An output that is not the table's, and one that does not come.
    ("v41", "city.sectors.first.output=26000"),
    ("v41", "city.sectors.second.output=20000"),
    ("v41", "city.sectors.third.output=19000"),
    (
        "v41",
        "scenario.shocks=[(name: \"cut\", kind: supply, sectors: [\"first\"], size: 0.5, day: 9, days: 9)]",
    ),
    ("v43", "supply.rationing=firms_first"),
    ("v43", "city.sectors.second.input_stock_days=3"),
    ("v43", "scenario.shocks.0.days=6"),
    ("v44", "supply.ordering=use_and_gap"),
    ("v45", "maintenance.spares=unlimited"),
    ("v45-lost", "maintenance.machines_per_crew=5"),
    ("v46", "trust.loss=0.02"),
    ("v47-culture", "shortcuts.peer_gain=0"),
    ("v50", "trust.fatigue_time=20"),
    ("v50", "scenario.shocks.0.every=40"),
    ("v53-city", "phases.enter_dwell=13"),
    ("v53-city", "wear.scale=25"),
    // A demand that stays low, and one that comes back.
    ("v54", "scenario.shocks.0.days=36000"),
    ("v54", "scenario.shocks.0.days=0"),
];

/// What holds on every path, whatever the values.
const ALWAYS: [&str; 1] =
    ["v13, as much as Little says: machines down over failures a day times days down"];

/// What a case sets out to check is what makes it pass: each of its quick numbers is missed where one of its
/// values is another.
#[test]
fn every_measure_of_the_engine_is_missed_where_its_mechanism_is_taken_out() {
    let mut still_met = Vec::new();
    let mut engine = names();
    engine.retain(|name| case(name).kernel.is_none());
    for name in &engine {
        let mut left: Option<Vec<String>> = None;
        for (_, taken_out) in TAKEN_OUT.iter().filter(|(own, _)| own == name) {
            let mut case = case(name);
            let other: Override = taken_out.parse().expect("it sets a value");
            let mut changed = false;
            for arm in case.arms.iter_mut().filter(|arm| arm.quick) {
                let before = arm.experiment.take().expect("the engine runs it");
                let after = with_overrides(&before, std::slice::from_ref(&other));
                let after = after.unwrap_or_else(|problems| panic!("{name}: {problems}"));
                changed |= after != before;
                arm.experiment = Some(after);
            }
            assert!(changed, "{name} has {taken_out} already");
            // That there is no number any more says nothing.
            let met = |own: &Outcome| own.met != Met::No || !own.found.is_finite();
            let met: Vec<String> = tried(&case)
                .iter()
                .filter(|own| met(own))
                .map(|own| format!("{name}, {}: {}", own.arm, own.measure.what))
                .collect();
            left = Some(match left {
                Some(before) => before.into_iter().filter(|own| met.contains(own)).collect(),
                None => met,
            });
        }
        still_met.extend(left.unwrap_or_else(|| panic!("{name} has no row")));
    }
    let strange = TAKEN_OUT
        .iter()
        .find(|(own, _)| !engine.iter().any(|name| name == own));
    assert_eq!(strange, None, "each row is of a case that the engine runs");
    still_met.retain(|own| !ALWAYS.contains(&own.as_str()));
    assert!(still_met.is_empty(), "{}", still_met.join("\n"));
}

#[test]
fn every_kernel_is_used_by_a_case() {
    let used: Vec<Option<String>> = names().iter().map(|name| case(name).kernel).collect();
    for kernel in KERNELS {
        let is_used = used.iter().any(|name| name.as_deref() == Some(kernel.name));
        assert!(is_used, "{}", kernel.name);
    }
}

/// What a kernel is given decides what it gives: no measure is met whatever the values.
#[test]
fn every_measure_of_a_kernel_is_missed_where_a_value_is_another() {
    let mut always_met = Vec::new();
    for name in names() {
        let case = case(&name);
        let Some(kernel) = case.kernel.as_deref().and_then(kernels::find) else {
            continue;
        };
        for arm in &case.arms {
            let mut left: Vec<usize> = (0..arm.measures.len()).collect();
            for values in others(kernel, &arm.values) {
                if left.is_empty() {
                    break;
                }
                let mut changed = case.clone();
                changed.arms = vec![arm.clone()];
                changed.arms[0].quick = true;
                changed.arms[0].values = values;
                let outcomes = tried(&changed);
                // What the kernel refuses shows nothing.
                if outcomes.iter().all(|outcome| outcome.runs > 0) {
                    // A number that is gone, such as the middle of three cultures, is another answer as well.
                    left.retain(|&place| outcomes[place].met != Met::No);
                }
            }
            let what = left.iter().map(|&place| &arm.measures[place].what);
            always_met.extend(what.map(|what| format!("{name}, {}: {what}", arm.name)));
        }
    }
    assert!(always_met.is_empty(), "{}", always_met.join("\n"));
}

/// The values with one of them a tenth or a fifth smaller or larger, lists and tables as a whole and then number by
/// number; 0 becomes a tenth or a fifth, and a whole number the next one at least.
fn others(
    kernel: &kernels::Kernel,
    values: &IndexMap<String, Given>,
) -> Vec<IndexMap<String, Given>> {
    let mut whole = Vec::new();
    let mut parts = Vec::new();
    for (name, given) in values {
        let need = kernel.needs.iter().find(|need| need.name == name);
        let grain = need.expect("a case gives what is needed").grain;
        for by in [-0.2, 0.2, -0.1, 0.1] {
            let with = |given: Given| {
                let mut values = values.clone();
                values.insert(name.clone(), given);
                values
            };
            let other = |number: &f64| other(*number, by, grain);
            match given {
                Given::Number(number) => whole.push(with(Given::Number(other(number)))),
                Given::List(list) => {
                    whole.push(with(Given::List(list.iter().map(other).collect())));
                    parts.extend((0..list.len()).map(|place| {
                        let mut list = list.clone();
                        list[place] = other(&list[place]);
                        with(Given::List(list))
                    }));
                }
                Given::Table(rows) => {
                    let rows = rows.iter().map(|row| row.iter().map(other).collect());
                    whole.push(with(Given::Table(rows.collect())));
                }
            }
        }
    }
    whole.extend(parts);
    whole
}

fn other(number: f64, by: f64, grain: Grain) -> f64 {
    let other = if number == 0.0 {
        by
    } else {
        number * (1.0 + by)
    };
    match grain {
        Grain::Any => other,
        Grain::Whole if other.round() == number => number + by.signum(),
        Grain::Whole => other.round(),
    }
}

#[test]
fn runs_that_chance_makes_equal_are_not_taken_for_runs_without_chance() {
    let mut case_34 = case("v34");
    let last = case_34.arms.last_mut().expect("it has arms");
    (last.measures[0].bound, last.measures[0].reference) = (Bound::AtLeast, 0.8);
    let with_chance = tried(&case_34);
    let all_fail = with_chance.last().expect("all fail");
    assert!(all_fail.found == 1.0 && all_fail.error > 0.0);
    assert!(with_chance.iter().all(|outcome| outcome.runs >= 20));
    assert!(tried(&case("v35")).iter().all(|outcome| outcome.runs == 1));
}

#[test]
fn there_are_as_many_runs_as_the_experiment_has_replicates() {
    let mut case = case("v37");
    case.arms.truncate(1);
    for (replicates, runs) in [(1, 20), (25, 25)] {
        let set = [format!("replicates={replicates}"), "days=1".to_owned()];
        let set = set.map(|text| text.parse::<Override>().expect("it sets a value"));
        let before = case.arms[0].experiment.take().expect("the engine runs it");
        let after = with_overrides(&before, &set);
        case.arms[0].experiment = Some(after.unwrap_or_else(|problems| panic!("{problems:?}")));
        assert_eq!(tried(&case)[0].runs, runs);
    }
}

#[test]
fn an_arm_that_cannot_be_tried_does_not_stop_the_others() {
    let mut case = case("v35");
    let shape = case.arms[0].values.get_mut("shape").expect("a shape");
    *shape = Given::Number(0.01);
    let outcomes = tried(&case);
    let measures: usize = case.arms.iter().map(|arm| arm.measures.len()).sum();
    assert_eq!(outcomes.len(), measures);
    for outcome in outcomes {
        if outcome.arm == case.arms[0].name {
            assert_eq!((outcome.met, outcome.runs), (Met::Untried, 0));
            assert!(outcome.why.contains("`shape`"));
        } else {
            assert_eq!(outcome.met, Met::Yes);
        }
    }
}

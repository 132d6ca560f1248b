//! The cases of `configs/verification`: published results, met by the whole model with everything else
//! switched off, and missed where the mechanism behind them is taken out.

use prodos_config::{Case, Override, load_case, with_overrides};
use prodos_experiment::verification::{Met, Outcome, verify};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/verification")
}

fn case(name: &str) -> Case {
    let file = folder().join(format!("{name}.ron"));
    load_case(&file).unwrap_or_else(|problems| panic!("{problems}"))
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
    verify(case, false).unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

#[test]
fn every_number_from_1_to_54_has_a_case() {
    let names = names();
    for number in 1..=54 {
        let begin = format!("v{number:02}");
        assert!(names.iter().any(|name| name.starts_with(&begin)), "{begin}");
    }
}

/// What takes long is tried by `prodos verify --full`.
#[test]
fn every_quick_case_is_met() {
    let mut missed = Vec::new();
    let mut measured = 0;
    for name in names() {
        let outcomes = tried(&case(&name));
        measured += outcomes.len();
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
    assert!(measured > 120, "only {measured} numbers were measured");
}

/// What a case sets out to check is what makes it pass.
#[test]
fn a_case_is_missed_where_its_mechanism_is_taken_out() {
    for (name, taken_out) in [
        // Crews without number.
        ("v01", "maintenance.machines_per_crew=1"),
        ("v03", "maintenance.machines_per_crew=10"),
        // Spans of life in continuous time.
        ("v05", "wear.lifetime=continuous"),
        // Orders that are the same every day, and that follow no forecast.
        ("v09", "supply.order_stream=fixed"),
        ("v44", "supply.ordering=use_and_gap"),
        // A repair that leaves the age as it was, and a hazard that does not rise.
        ("v14", "maintenance.repair_kind=minimal"),
        ("v15", "maintenance.preventive=in_turn"),
        ("v17", "maintenance.preventive_restores=0.5"),
        ("v18", "maintenance.repair_kind=kijima_one"),
        // Rounds at half the pace.
        ("v19", "maintenance.inspection_interval=20"),
        ("v25", "training.renewal_restores=0"),
        ("v26", "training.newcomer_skill=1"),
        ("v29", "staff.hiring_time=30"),
        ("v31", "quality.rework_fails=0"),
        ("v37", "shortcuts.own_team=1"),
        ("v43", "supply.rationing=firms_first"),
        ("v45", "maintenance.spares=unlimited"),
        ("v46", "trust.loss=0.02"),
        ("v53", "phases.enter_dwell=13"),
    ] {
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
        let missed = tried(&case).iter().any(|outcome| outcome.met == Met::No);
        assert!(missed, "{name} with {taken_out}");
        assert!(changed, "{name} has {taken_out} already");
    }
}

//! A run that is saved and goes on is the run that was never broken off.

use prodos_config::{Experiment, Options, load};
use prodos_experiment::saved::{Error, Saved, Saving};
use prodos_experiment::{Conditions, conduct};
use prodos_record::Existing;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const BUILD: &str = "this build";

/// Harbour with a shock, recorded in full, with this after what all have.
fn experiment(rest: &str) -> Experiment {
    let folder = tempfile::tempdir().expect("a folder");
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    let harbour = fs::canonicalize(configs)
        .expect("it is shipped")
        .join("experiments/harbour.ron");
    let file = folder.path().join("saved.ron");
    let text = format!(
        "(extends: \"{}\", days: 120, city: (burn_in: 30),
        scenario: (shocks: [(name: \"strike\", kind: staff, size: 0.4, day: 55, days: 20)]), {rest})",
        harbour.display()
    );
    fs::write(&file, text).expect("it can be written");
    load(&file, &[], &Options::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The tables of a run, by name.
fn tables(experiment: &Experiment, conditions: Conditions) -> BTreeMap<String, Vec<u8>> {
    let outputs = tempfile::tempdir().expect("a folder");
    let conducted =
        conduct(experiment, outputs.path(), conditions, &|_| (), |_, _| ()).expect("it runs");
    let folder = conducted
        .draft
        .publish(Existing::Replace)
        .expect("it has a place");
    let names = folder.manifest().files.keys();
    let read = |name: &String| {
        (
            name.clone(),
            fs::read(folder.path().join(name)).expect("it is there"),
        )
    };
    names.map(read).collect()
}

fn saving(folder: &Path, every: u32) -> Conditions {
    Conditions {
        saving: Some(Saving {
            every,
            folder: folder.to_owned(),
            build: BUILD.to_owned(),
        }),
        ..Conditions::default()
    }
}

fn going_on(file: &Path, experiment: &Experiment) -> (Experiment, Conditions) {
    let saved = Saved::read(file, BUILD).unwrap_or_else(|why| panic!("{why}"));
    let from = saved
        .go_on(experiment)
        .unwrap_or_else(|why| panic!("{why}"));
    let own = from.experiment().clone();
    let conditions = Conditions {
        from: Some(from),
        ..Conditions::default()
    };
    (own, conditions)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("it is there")
        .flatten()
        .map(|own| own.path())
        .collect();
    files.sort();
    files
}

#[test]
fn a_run_goes_on_from_any_saved_day_bit_for_bit_on_any_number_of_threads() {
    let experiment = experiment("");
    let unbroken = tables(&experiment, Conditions::default());
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("harbour.saved");
    assert!(
        tables(&experiment, saving(&place, 37)) == unbroken,
        "saving changes the run"
    );
    let saved = files(&place);
    assert_eq!(saved.len(), 3, "{saved:?}");
    for (file, threads) in saved.iter().zip([1, 2, 7]) {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        let again = pool.install(|| {
            let (own, conditions) = going_on(file, &experiment);
            assert_eq!(own, experiment);
            tables(&own, conditions)
        });
        assert!(again == unbroken, "{} on {threads} threads", file.display());
    }
    // More days than it was to have.
    let longer = Experiment {
        days: 150,
        ..experiment.clone()
    };
    let (own, conditions) = going_on(&place, &longer);
    assert!(
        tables(&own, conditions) == tables(&longer, Conditions::default()),
        "a longer run"
    );
}

#[test]
fn another_policy_takes_over_on_the_saved_day_as_its_design_says_from_the_start() {
    let before = experiment("");
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("harbour.saved");
    tables(&before, saving(&place, 40));
    let after = experiment(
        "policy: (name: \"less\", changes: [(day: 60, parameters: (hours: (protected_share: 0.1)))])",
    );
    let (own, conditions) = going_on(&place.join("day-000040.saved"), &after);
    assert_eq!((own.branch_at, own.design.len()), (40, 1));
    let parted = tables(&own, conditions);
    let outputs = tempfile::tempdir().expect("a folder");
    let manifest = prodos_record::Manifest::default();
    let from_the_start =
        prodos_experiment::sweep::whole(&own, outputs.path(), manifest).expect("it runs");
    for name in [
        "summary.parquet",
        "summary.csv",
        "experiment.ron",
        "series/city.parquet",
        "events.parquet",
    ] {
        let other = fs::read(from_the_start.path().join(name)).expect("it is there");
        assert!(parted[name] == other, "{name}");
    }
    let unchanged = tables(&before, Conditions::default());
    assert!(
        parted["series/city.parquet"] != unchanged["series/city.parquet"],
        "the policy does nothing"
    );
}

#[test]
fn what_cannot_go_on_is_refused_with_why() {
    let own = experiment("");
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("harbour.saved");
    tables(&own, saving(&place, 50));
    let [first, last] = files(&place).try_into().expect("there are two");
    let read = |file: &Path, build| Saved::read(file, build).map(|_| ());
    assert!(matches!(
        read(&first, "another build"),
        Err(Error::Build { .. })
    ));
    let refused = |other: &str| {
        let saved = Saved::read(&first, BUILD).expect("it is whole");
        saved
            .go_on(&experiment(other))
            .map(|_| ())
            .expect_err(other)
            .to_string()
    };
    for (other, named) in [
        ("seed: 2", "seed"),
        ("record: (teams_every: 0)", "record"),
        ("parameters: (wear: (scale: 99))", "city"),
        ("stop: (probe: \"margin\", below: 0)", "stop"),
    ] {
        let why = refused(other);
        assert!(why.contains(&format!("there: {named}:")), "{why}");
    }
    let short = Experiment {
        days: 50,
        ..own.clone()
    };
    let saved = Saved::read(&first, BUILD).expect("it is whole");
    assert!(matches!(saved.go_on(&short), Err(Error::Another { .. })));
    let mut past = own.clone();
    past.scenario.shocks[0].day = 20.0;
    let saved = Saved::read(&first, BUILD).expect("it is whole");
    let why = saved
        .go_on(&past)
        .map(|_| ())
        .expect_err("a shock has been")
        .to_string();
    assert!(why.contains("strike"), "{why}");
    // The newest is damaged: it is named, and of the folder the one before goes on.
    let mut bytes = fs::read(&last).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&last, bytes).expect("it can be written");
    let changed = read(&last, BUILD).expect_err("a byte is another");
    assert!(matches!(changed, Error::Changed { .. }), "{changed}");
    assert_eq!(Saved::read(&place, BUILD).expect("one is whole").day(), 50);
    // Whoever is killed while saving leaves a file without its name.
    fs::write(place.join(".partial-x"), b"half").expect("it can be written");
    assert_eq!(Saved::read(&place, BUILD).expect("one is whole").day(), 50);
    assert!(matches!(
        read(&folder.path().join("none"), BUILD),
        Err(Error::Record(_))
    ));
    fs::write(folder.path().join("text"), b"no saved run").expect("it can be written");
    assert!(matches!(
        read(&folder.path().join("text"), BUILD),
        Err(Error::NotOne { .. })
    ));
}

//! Every file under `configs/` is sound, and what is written of it loads to the same.

use prodos_config::{Checked, Experiment, Kind, Options, check, hash8, load, load_text, to_ron};
use std::path::{Path, PathBuf};

fn configs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs")
}

fn files(folder: &str) -> Vec<PathBuf> {
    let listing = std::fs::read_dir(configs().join(folder)).expect("the folder is there");
    let mut files: Vec<PathBuf> = listing
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ron"))
        .collect();
    files.sort();
    files
}

fn shipped(name: &str) -> Experiment {
    let path = configs().join(format!("experiments/{name}.ron"));
    load(&path, &[], &Options::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn every_experiment_survives_being_written_and_read() {
    for path in files("experiments") {
        let experiment = load(&path, &[], &Options::default())
            .unwrap_or_else(|problems| panic!("{}\n{problems}", path.display()));
        let written = to_ron(&experiment);
        let again = load_text("experiment.ron", &written, &[], &Options::default())
            .unwrap_or_else(|problems| panic!("{}\n{problems}", path.display()));
        assert_eq!(again, experiment, "{}", path.display());
        assert_eq!(hash8(&again), hash8(&experiment));
        assert_eq!(to_ron(&again), written);
        assert_eq!(prodos_config::notices(&experiment), Vec::<String>::new());
    }
}

#[test]
fn every_part_is_known_for_what_it_is() {
    for (folder, kind) in [
        ("cities", Kind::City),
        ("scenarios", Kind::Scenario),
        ("policies", Kind::Policy),
    ] {
        for path in files(folder) {
            match check(&path, &[], &Options::default(), &()) {
                Ok(checked) => assert_eq!(checked, Checked::Part(kind), "{}", path.display()),
                Err(problems) => panic!("{problems}"),
            }
        }
    }
}

#[test]
fn the_written_file_is_also_plain_ron() {
    let experiment = shipped("harbour");
    let again: Experiment = ron::from_str(&to_ron(&experiment)).expect("the RON crate reads it");
    assert_eq!(again, experiment);
}

#[test]
fn every_shipped_file_is_also_plain_ron() {
    for folder in ["cities", "scenarios", "policies", "experiments"] {
        for path in files(folder) {
            let text = std::fs::read_to_string(&path).expect("it can be read");
            assert!(
                ron::from_str::<ron::Value>(&text).is_ok(),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn an_experiment_is_named_for_its_file() {
    assert_eq!(shipped("uk-supply-cutoff").name, "uk-supply-cutoff");
    assert_eq!(shipped("uk-supply-cutoff").city.name, "uk-2019");
    assert_eq!(
        shipped("uk-repeated-shocks").scenario.name,
        "repeated shocks"
    );
}

#[test]
fn the_real_city_has_its_jobs_and_its_output() {
    let city = shipped("uk-baseline").city;
    let jobs: f64 = city.sectors.values().map(|sector| sector.jobs).sum();
    let output: f64 = city.sectors.values().map(|sector| sector.output).sum();
    assert_eq!(jobs, 31_852_996.0);
    assert_eq!(output, 3_824_433.0);
    assert_eq!(city.sectors["A"].inputs["C"], 0.17447);
    assert_eq!(city.sectors["C"].inputs["A"], 0.02274);
}

#[test]
fn replicates_alone_do_not_change_the_hash() {
    let base = shipped("harbour");
    let more = Experiment {
        replicates: 20,
        ..base.clone()
    };
    let other = Experiment {
        seed: 2,
        ..base.clone()
    };
    assert_eq!(hash8(&base), hash8(&more));
    assert_ne!(hash8(&base), hash8(&other));
    assert_eq!(hash8(&base).len(), 8);
}

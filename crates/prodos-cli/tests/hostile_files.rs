//! What once broke a reader of files stays mended, and shipped files meet what is asked of any file.
//!
//! What is asked stands in `fuzz/`, whose programs try it on files that nobody would write.

#[allow(
    unreachable_pub,
    reason = "it is a library where it is at home, and its functions are called by the targets"
)]
#[path = "../../../fuzz/src/lib.rs"]
mod asked;

use prodos_experiment::{Conditions, conduct};
use std::fs;
use std::path::{Path, PathBuf};

/// What is handed to a reader: what it is called in messages, and its bytes.
type Input = (String, Vec<u8>);

fn configs() -> PathBuf {
    root().join("configs")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of a folder; none if it is not there.
fn files(folder: &Path) -> Vec<Input> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Input {
    let name = path.display().to_string();
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    (name, bytes)
}

/// The formulas of the shipped cases, and what is set over their experiments, each on its own.
fn of_cases() -> (Vec<Input>, Vec<Input>) {
    let (mut formulas, mut settings) = (Vec::new(), Vec::new());
    for (name, text) in files(&configs().join("verification")) {
        let case = prodos_config::load_case(Path::new(&name), &());
        let case = case.unwrap_or_else(|problems| panic!("{problems}"));
        let measures = case.arms.into_iter().flat_map(|arm| arm.measures);
        formulas.extend(measures.map(|measure| (name.clone(), measure.of.into_bytes())));
        let text = String::from_utf8_lossy(&text);
        let quoted = text
            .lines()
            .flat_map(|line| line.split('"').skip(1).step_by(2));
        let set = quoted.filter(|words| words.contains('=') && !words.contains(' '));
        settings.extend(set.map(|setting| (name.clone(), setting.as_bytes().to_vec())));
    }
    (formulas, settings)
}

/// The manifest and the tables of three days of harbour.
fn of_a_run() -> (Vec<Input>, Vec<Input>) {
    let file = configs().join("experiments/harbour.ron");
    let harbour = prodos_config::load(&file, &[], &prodos_config::Options::default());
    let mut harbour = harbour.unwrap_or_else(|problems| panic!("{problems}"));
    (harbour.days, harbour.city.burn_in) = (3, 0);
    let outputs = tempfile::tempdir().expect("there is room");
    let conditions = Conditions::default();
    let done = conduct(&harbour, outputs.path(), conditions, &|_| {}, |_, _| {});
    let done = done.unwrap_or_else(|error| panic!("{error}"));
    let folder = done.draft.path();
    let tables = files(&folder.join("series")).into_iter();
    let tables = tables.chain([read(&folder.join("events.parquet"))]);
    (vec![read(&folder.join("manifest.json"))], tables.collect())
}

// One test: all formats share a folder.
#[test]
fn every_format_holds_for_shipped_files_and_for_what_once_broke_it() {
    let (formulas, settings) = of_cases();
    let (manifests, tables) = of_a_run();
    for (format, holds) in asked::FORMATS {
        let shipped = match format {
            "experiment" => files(&configs().join("experiments")),
            "city" => files(&configs().join("cities")),
            "scenario" => files(&configs().join("scenarios")),
            "policy" => files(&configs().join("policies")),
            "case" => files(&configs().join("verification")),
            "formula" => formulas.clone(),
            "settings" => settings.clone(),
            "manifest" => manifests.clone(),
            "table" => tables.clone(),
            "report" => vec![("a folder as it was recorded".to_owned(), Vec::new())],
            _ => Vec::new(),
        };
        assert!(!shipped.is_empty(), "no input of the format {format}");
        let kept = files(&root().join("fuzz/regressions").join(format));
        for (name, bytes) in shipped.into_iter().chain(kept) {
            let held = std::panic::catch_unwind(|| holds(&bytes));
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(100)]);
            assert!(held.is_ok(), "{format}: {name}: {shown}");
        }
    }
}

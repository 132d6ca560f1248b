//! What must hold of every file that is read, whatever stands in it: one function a format.
//!
//! Nothing panics, and a refusal names something. Of what is accepted that is checked which can be checked in
//! a moment: it can be written and read again, and a small city lives for two days with its ledgers closed.
//!
//! The programs in `targets/` hand these functions whatever a fuzzing engine thinks of. A test of `prodos-cli`
//! hands them the shipped files, and what once broke a reader and is kept in `regressions/`.

use prodos_config::formula;
use prodos_config::{
    Across, Arm, Bound, Case, Checked, Diagnostics, Experiment, Measure, Options, Override, Values,
};
use prodos_experiment::verification::{self, Laboratory, Met, kernels};
use prodos_experiment::{Conditions, conduct};
use prodos_model::build;
use prodos_model::keyed::Keys;
use prodos_model::simulation::Simulation;
use prodos_record::{Column, Data, Draft, Folder, Manifest, Table};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Every format by its name, which is that of its target and of its folders.
pub const FORMATS: [(&str, fn(&[u8])); 10] = [
    ("experiment", experiment),
    ("city", city),
    ("scenario", scenario),
    ("policy", policy),
    ("case", case),
    ("formula", formula),
    ("settings", settings),
    ("manifest", manifest),
    ("table", table),
    ("report", report),
];

/// An experiment file, with whatever shipped files it extends and names.
pub fn experiment(bytes: &[u8]) {
    let file = placed("experiments", bytes);
    if let Some(experiment) = sound(prodos_config::load(&file, &[], &Options::default())) {
        survives_writing(&experiment);
        lives(&experiment);
    }
}

/// A city file, alone and as the city of an experiment.
pub fn city(bytes: &[u8]) {
    part(
        "cities",
        bytes,
        r#"(city: "../cities/fuzz.ron", days: 36500)"#,
    );
}

/// A scenario file, alone and as what happens to harbour.
pub fn scenario(bytes: &[u8]) {
    let frame =
        r#"(city: "../cities/harbour.ron", scenario: "../scenarios/fuzz.ron", days: 36500)"#;
    part("scenarios", bytes, frame);
}

/// A policy file, alone and as what is done in harbour.
pub fn policy(bytes: &[u8]) {
    let frame = r#"(city: "../cities/harbour.ron", policy: "../policies/fuzz.ron", days: 36500)"#;
    part("policies", bytes, frame);
}

/// A case; its kernel is called once.
pub fn case(bytes: &[u8]) {
    let file = placed("verification", bytes);
    let Some(case) = sound(prodos_config::load_case(&file, &Laboratory)) else {
        return;
    };
    let kernel = case.kernel.as_deref().and_then(kernels::find);
    for arm in &case.arms {
        if let Some(kernel) = kernel {
            let values = kernel.values(&arm.values).expect("the case was asked");
            told((kernel.run)(&values, Keys::new(1, 0)));
        }
        if let Some(experiment) = &arm.experiment {
            survives_writing(experiment);
        }
    }
}

/// A formula; what was read is measured of two days of harbour, or refused with a word.
pub fn formula(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let formula = match formula::parse(&text) {
        Ok(formula) => formula,
        Err(error) => {
            assert!(error.at <= text.chars().count(), "{error}");
            assert!(error.to_string().contains("expected"), "{error}");
            return;
        }
    };
    let measure = Measure {
        what: "what was written".to_owned(),
        of: text.into_owned(),
        over: formula::Formula::Number(1.0),
        formula,
        across: Across::Mean,
        reference: 0.0,
        bound: Bound::Within(f64::INFINITY),
    };
    for outcome in verification::verify(&measured(measure), true, &|_| {}) {
        if outcome.met == Met::Untried {
            assert!(
                outcome.why.contains(' '),
                "nothing is said: {}",
                outcome.why
            );
        } else {
            assert!(outcome.runs > 0, "it was not measured");
        }
    }
}

/// A case of two days of harbour, of which one thing is measured.
fn measured(measure: Measure) -> Case {
    static HARBOUR: OnceLock<Experiment> = OnceLock::new();
    let harbour = HARBOUR.get_or_init(|| {
        let mut harbour = shipped("harbour");
        (harbour.days, harbour.city.burn_in) = (2, 0);
        harbour
    });
    Case {
        name: "fuzz".to_owned(),
        family: String::new(),
        claim: String::new(),
        source: String::new(),
        kernel: None,
        arms: vec![Arm {
            name: String::new(),
            quick: true,
            experiment: Some(harbour.clone()),
            values: Values::default(),
            measures: vec![measure],
        }],
    }
}

/// Values of the command line, one a line, put over harbour.
pub fn settings(bytes: &[u8]) {
    static HARBOUR: OnceLock<String> = OnceLock::new();
    let harbour = HARBOUR.get_or_init(|| prodos_config::to_ron(&shipped("harbour")));
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().take(20).map(str::parse::<Override>);
    let overrides: Vec<Override> = lines.filter_map(told).collect();
    let options = Options::default();
    let read = prodos_config::load_text("experiment.ron", harbour, &overrides, &options);
    if let Some(experiment) = sound(read) {
        survives_writing(&experiment);
        lives(&experiment);
    }
}

/// A manifest of a result folder.
pub fn manifest(bytes: &[u8]) {
    let folder = scratch().join("result");
    fs::create_dir_all(&folder).expect("it can be made");
    fs::write(folder.join("manifest.json"), bytes).expect("it can be written");
    let Some(folder) = told(Folder::open(&folder)) else {
        return;
    };
    told(folder.verify());
    let draft = Draft::create(scratch(), "again").expect("it can be made");
    let sealed = draft
        .seal(folder.manifest().clone())
        .expect("it can be sealed");
    let again = Folder::open(draft.path()).expect("what was written can be read");
    assert_eq!(again.manifest(), sealed.manifest());
    again.verify().expect("nothing has changed");
}

/// A table of a result folder whose bytes are others than were recorded; nobody tries to make sense of them.
pub fn table(bytes: &[u8]) {
    static SEALED: OnceLock<(Draft, Folder)> = OnceLock::new();
    let (_, folder) = SEALED.get_or_init(|| {
        let (manifest, tables) = recorded();
        sealed("kept", manifest.clone(), tables).expect("it can be written")
    });
    fs::write(folder.path().join("events.parquet"), bytes).expect("it can be written");
    match folder.verify() {
        Ok(()) => drop(folder.table("events.parquet").expect("it is as it was")),
        Err(error) => assert!(
            error.to_string().contains("events.parquet has changed"),
            "{error}"
        ),
    }
}

/// A result folder in which someone has changed numbers and sealed it again; its page is drawn.
///
/// A line changes the folder of a short run of harbour: `events day 3 1e18` a cell, `events day` takes a column
/// away and `events` a table; `manifest start_date "2020-13-01"` changes a field of the manifest.
pub fn report(bytes: &[u8]) {
    let (manifest, mut tables) = recorded().clone();
    let mut manifest = serde_json::to_value(manifest).expect("it can be written");
    for line in String::from_utf8_lossy(bytes).lines().take(20) {
        let words: Vec<&str> = line.split(' ').collect();
        let (Some(name), rest) = (words.first(), &words[1..]) else {
            continue;
        };
        if let ("manifest", [field, ..]) = (*name, rest) {
            if let (Some(old), Ok(new)) = (
                manifest.get_mut(*field),
                serde_json::from_str(&rest[1..].join(" ")),
            ) {
                *old = new;
            }
        } else if rest.is_empty() {
            tables.retain(|(own, _)| own != name);
        } else if let Some((_, table)) = tables.iter_mut().find(|(own, _)| own == name) {
            change(table, rest);
        }
    }
    let Ok(manifest) = serde_json::from_value::<Manifest>(manifest) else {
        return;
    };
    let Some((_draft, folder)) = sealed("drawn", manifest, &tables) else {
        return;
    };
    told(prodos_report::page_of(
        &folder,
        &prodos_report::Options::default(),
    ));
}

/// A part of an experiment, alone and in its frame.
fn part(folder: &str, bytes: &[u8], frame: &str) {
    let file = placed(folder, bytes);
    let alone = sound(prodos_config::check(&file, &[], &Options::default(), &()));
    if let Some(Checked::Part(_)) = alone {
        let frame = placed("experiments", frame.as_bytes());
        if let Some(experiment) = sound(prodos_config::load(&frame, &[], &Options::default())) {
            survives_writing(&experiment);
            lives(&experiment);
        }
    }
}

/// What was accepted; of what was refused, that it is told.
fn sound<T>(read: Result<T, Diagnostics>) -> Option<T> {
    let problems = match read {
        Ok(value) => return Some(value),
        Err(problems) => problems,
    };
    assert!(!problems.is_empty(), "refused without a word");
    let page = problems.render(false);
    assert!(page.starts_with("error["), "{page}");
    for claim in problems.claims() {
        assert!(claim.contains(['`', ':']), "nothing is named: {claim}");
    }
    None
}

/// The same where there is one message.
fn told<T, E: ToString>(read: Result<T, E>) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(error) => {
            let error = error.to_string();
            assert!(error.contains(' '), "nothing is said: {error}");
            None
        }
    }
}

fn survives_writing(experiment: &Experiment) {
    prodos_config::notices(experiment);
    let written = prodos_config::to_ron(experiment);
    let again = prodos_config::load_text("experiment.ron", &written, &[], &Options::default());
    let again = again.unwrap_or_else(|problems| panic!("{problems}\n{written}"));
    assert_eq!(again, *experiment);
    assert_eq!(
        prodos_config::hash8(&again),
        prodos_config::hash8(experiment)
    );
}

/// Two days of a city that is small enough, without its burn-in, every ledger looked at.
fn lives(experiment: &Experiment) {
    let mut run = experiment.run();
    let city = &mut run.city;
    city.burn_in = 0;
    let machines_a_post =
        |rules: prodos_model::parameters::Parameters| rules.tools.machines_per_operator.0;
    let (mut posts, mut machines) = (0.0, 0.0);
    for sector in city.sectors.values() {
        let mut rules = city.parameters;
        rules.apply(&sector.parameters);
        posts += sector.jobs / city.scale;
        machines += sector.jobs / city.scale * machines_a_post(rules);
    }
    let times: f64 = run
        .scenario
        .shocks
        .iter()
        .map(|shock| f64::from(shock.times))
        .sum();
    let small = posts < 500.0
        && machines < 5000.0
        && times < 1000.0
        && city.sectors.len() < 30
        && city.tick > 0.01;
    if !small {
        return;
    }
    let options = build::Options {
        audit: true,
        ..build::Options::default()
    };
    let mut city = Simulation::new(&run, experiment.seed, 0, options);
    assert!(city.posts() > 0, "nobody works in this city");
    while city.day() < 2.0 - 1e-9 {
        city.step().unwrap_or_else(|breach| panic!("{breach}"));
    }
    city.hashes();
}

/// A folder of this process, with the shipped files in it: in the target where a test is run, and else in
/// the folder for such things, where a process has one of its own.
fn scratch() -> &'static Path {
    static SCRATCH: OnceLock<PathBuf> = OnceLock::new();
    SCRATCH.get_or_init(|| {
        let process = format!("prodos-fuzz-{}", std::process::id());
        let scratch = option_env!("CARGO_TARGET_TMPDIR").map_or_else(
            || std::env::temp_dir().join(process),
            |target| Path::new(target).join("hostile-files"),
        );
        copy(&configs(), &scratch);
        scratch
    })
}

fn configs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|above| above.join("configs"))
        .find(|configs| configs.is_dir())
        .expect("the shipped files are above this crate")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("it can be made");
    for entry in fs::read_dir(from).expect("it is there").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).expect("it can be copied");
        }
    }
}

/// Writes a file beside the shipped ones of its kind.
fn placed(folder: &str, bytes: &[u8]) -> PathBuf {
    let file = scratch().join(folder).join("fuzz.ron");
    fs::write(&file, bytes).expect("it can be written");
    file
}

fn shipped(name: &str) -> Experiment {
    let file = scratch().join(format!("experiments/{name}.ron"));
    prodos_config::load(&file, &[], &Options::default())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// Where a table lies in a result folder.
fn path_of(name: &str) -> String {
    match name {
        "events" | "summary" => format!("{name}.parquet"),
        _ => format!("series/{name}.parquet"),
    }
}

/// What a short run of harbour records.
fn recorded() -> &'static (Manifest, Vec<(&'static str, Table)>) {
    static RECORDED: OnceLock<(Manifest, Vec<(&str, Table)>)> = OnceLock::new();
    RECORDED.get_or_init(|| {
        let mut experiment = shipped("harbour");
        (experiment.days, experiment.city.burn_in) = (40, 0);
        let done = conduct(
            &experiment,
            scratch(),
            Conditions::default(),
            &|_| {},
            |_, _| {},
        );
        let folder = done.as_ref().map(|done| &done.folder).expect("it runs");
        let names = ["city", "sectors", "teams", "events", "summary"];
        let tables =
            names.map(|name| (name, folder.table(&path_of(name)).expect("it can be read")));
        (folder.manifest().clone(), tables.into())
    })
}

/// A folder with these tables, where they can be written.
fn sealed(name: &str, manifest: Manifest, tables: &[(&str, Table)]) -> Option<(Draft, Folder)> {
    let draft = Draft::create(scratch(), name).expect("it can be made");
    for (name, table) in tables {
        let file = draft.file(&path_of(name)).expect("it is inside");
        told(table.write_parquet(&file))?;
    }
    let folder = draft.seal(manifest).expect("it can be sealed");
    Some((draft, folder))
}

/// Takes a column away, or changes one of its cells.
fn change(table: &mut Table, words: &[&str]) {
    let name = words[0];
    let [_, row, value, ..] = words else {
        table.columns.retain(|column| column.name != name);
        return;
    };
    let Some(column) = table.columns.iter_mut().find(|column| column.name == name) else {
        return;
    };
    let row: usize = row.parse().unwrap_or(0);
    match &mut column.data {
        Data::Float(cells) => put(cells, row, value.parse().unwrap_or(f64::NAN)),
        Data::Integer(cells) => put(cells, row, value.parse().unwrap_or(0)),
        Data::OptionalInteger(cells) => put(cells, row, value.parse().ok()),
        Data::Text(words) => {
            let mut all: Vec<&str> = words.iter().collect();
            put(&mut all, row, value);
            let all = all.into_iter().collect();
            *column = Column::of(name, "text", "", Data::Text(all));
        }
    }
}

fn put<T>(cells: &mut [T], row: usize, value: T) {
    if let Some(cell) = cells.get_mut(row) {
        *cell = value;
    }
}

//! What the program does at the door: exit codes, what it says, and what it leaves alone.

use assert_cmd::Command;
use prodos_config::{Options, load};
use prodos_model::build;
use prodos_model::simulation::{Hashes, Simulation};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const GOOD: i32 = 0;
const USAGE: i32 = 2;
const CONFIG: i32 = 3;
const RUN: i32 = 4;

/// What came of a command: exit code, standard output, standard error.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    #[track_caller]
    fn ends(self, code: i32, words: &[&str]) -> Said {
        let all = format!("{}\n{}", self.out, self.err);
        assert_eq!(self.code, code, "{all}");
        for word in words {
            assert!(all.contains(word), "`{word}` is not in:\n{all}");
        }
        assert!(!all.contains("panicked"), "{all}");
        self
    }
}

fn prodos(arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_prodos"))
        .args(arguments)
        .output()
        .expect("the program starts");
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn shipped(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = root.join(format!("configs/experiments/{name}.ron"));
    file.display().to_string()
}

/// Runs harbour for thirty days into a folder.
fn harbour(out: &Path, more: &[&str]) -> Said {
    let (file, out) = (shipped("harbour"), out.display().to_string());
    let run = ["run", &file, "--days", "30", "--quiet", "--out", &out];
    prodos(&[&run, more].concat())
}

/// The only result folder in a folder.
fn result(out: &Path) -> PathBuf {
    let entries = fs::read_dir(out).expect("the folder is there");
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    assert_eq!(folders.len(), 1, "{folders:?}");
    folders.remove(0)
}

#[test]
fn a_run_says_what_happened_and_where_the_report_is() {
    let out = TempDir::new().expect("a folder");
    let said = harbour(out.path(), &[]).ends(GOOD, &["1 run of 30 days, 60 operators"]);
    let folder = result(out.path());
    let page = said.out.lines().last().expect("it says something");
    assert_eq!(Path::new(page), folder.join("report.html"));
    for file in [
        "manifest.json",
        "experiment.ron",
        "summary.csv",
        "events.parquet",
        "series/city.parquet",
        "plots/phases.svg",
        "plots/phases.png",
        "report.html",
    ] {
        let length = fs::metadata(folder.join(file)).map_or(0, |data| data.len());
        assert!(length > 0, "{file} is missing or empty");
    }
    assert!(said.err.is_empty(), "quiet: {}", said.err);
}

#[test]
fn the_written_experiment_gives_the_same_numbers() {
    let (first, second) = (TempDir::new(), TempDir::new());
    let (first, second) = (first.expect("a folder"), second.expect("a folder"));
    harbour(first.path(), &["--set", "wear.scale=200", "--seed", "5"]).ends(GOOD, &[]);
    let one = result(first.path());
    let written = one.join("experiment.ron").display().to_string();
    let out = second.path().display().to_string();
    prodos(&["run", &written, "--quiet", "--out", &out]).ends(GOOD, &[]);
    let two = result(second.path());
    assert_eq!(one.file_name(), two.file_name());
    for table in ["summary.csv", "series/city.parquet", "events.parquet"] {
        let [left, right] = [&one, &two].map(|folder| fs::read(folder.join(table)).ok());
        assert!(left.is_some() && left == right, "{table} differs");
    }
}

#[test]
fn a_result_that_stands_is_reused_and_never_overwritten_in_silence() {
    let out = TempDir::new().expect("a folder");
    harbour(out.path(), &[]).ends(GOOD, &[]);
    let page = result(out.path()).join("report.html");
    fs::write(&page, "mine").expect("it can be written");
    harbour(out.path(), &[]).ends(GOOD, &["has run already", "--force"]);
    assert_eq!(fs::read_to_string(&page).expect("it is there"), "mine");
    harbour(out.path(), &["--force"]).ends(GOOD, &["1 run of 30 days"]);
    assert_ne!(fs::read_to_string(&page).expect("it is there"), "mine");
    fs::remove_file(result(out.path()).join("manifest.json")).expect("it was there");
    harbour(out.path(), &[]).ends(USAGE, &["not a whole result folder", "--force"]);
}

#[test]
fn a_finished_design_of_another_size_is_refused_with_what_would_add_to_it() {
    let out = TempDir::new().expect("a folder");
    let two = ["--set", "replicates=2"];
    harbour(out.path(), &two).ends(GOOD, &["2 runs in the tables, 0 failed, 0 timed out"]);
    harbour(out.path(), &two).ends(GOOD, &["has run already", "--force"]);
    let three = ["--set", "replicates=3"];
    let said = harbour(out.path(), &three).ends(USAGE, &["1 point x 2 replicates", "1 x 3"]);
    let help = said
        .err
        .lines()
        .find_map(|line| line.strip_prefix("help: prodos "));
    let help = help.and_then(|line| line.split(" adds to it").next());
    let words: Vec<&str> = help.expect("it says what to do").split(' ').collect();
    prodos(&words).ends(GOOD, &["3 runs in the tables"]);
    harbour(out.path(), &three).ends(GOOD, &["has run already"]);
}

#[test]
fn a_saved_run_goes_on_and_what_it_is_not_for_is_refused() {
    let out = TempDir::new().expect("a folder");
    let whole = out.path().join("whole");
    let parts = out.path().join("parts");
    harbour(&whole, &[]).ends(GOOD, &[]);
    harbour(&parts, &["--save-every", "12"]).ends(GOOD, &[]);
    let folders = |out: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(out).expect("it is there").flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let [result, saved] = folders(&parts)
        .try_into()
        .expect("a folder and what is saved");
    fs::remove_dir_all(&result).expect("it can be removed");
    let from = saved.display().to_string();
    harbour(&parts, &["--from", &from]).ends(GOOD, &["Going on from day 24 of"]);
    for table in ["summary.csv", "series/city.parquet", "events.parquet"] {
        let one = fs::read(folders(&whole)[0].join(table)).expect("it is there");
        assert!(
            one == fs::read(result.join(table)).expect("it is there"),
            "{table}"
        );
    }
    let manifest = fs::read_to_string(result.join("manifest.json")).expect("it is there");
    assert!(manifest.contains("\"parent\": \"day 24 of "), "{manifest}");
    harbour(&parts, &["--from", &from, "--seed", "9"]).ends(USAGE, &["cannot go on there: seed"]);
    harbour(&parts, &["--from", "Cargo.toml"]).ends(USAGE, &["is no saved run", "--save-every"]);
    let design = ["--set", "replicates=2", "--save-every", "10"];
    harbour(&parts, &design).ends(USAGE, &["--save-every is for a single run"]);
    harbour(&parts, &["--shard", "1/2"]).ends(USAGE, &["--shard is for a design"]);
}

#[test]
fn a_place_that_is_no_folder_is_refused_before_anything_runs() {
    let out = TempDir::new().expect("a folder");
    let file = out.path().join("taken");
    fs::write(&file, "mine").expect("it can be written");
    harbour(&file, &[]).ends(USAGE, &["--out", "is not a folder"]);
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "mine");
}

#[test]
fn wrong_values_on_the_command_line_are_answered_like_those_of_a_file() {
    let out = TempDir::new().expect("a folder");
    let file = shipped("harbour");
    let out = out.path().display().to_string();
    let cases: [(&[&str], &[&str]); 7] = [
        (&["--days", "-5"], &["`days` takes a whole number", "-5"]),
        (&["--days", "0"], &["out-of-range", "1 to 36500"]),
        (&["--seed", "-1"], &["seed"]),
        (&["--scale", "-2"], &["scale", "0.001 or more"]),
        (&["--set", "wear.scal=3"], &["did you mean `wear.scale`"]),
        (
            &["--set", "scenario.shocks.0.size=1"],
            &["there are no `shocks` here"],
        ),
        (&["--set", "wear.scale=much"], &["wear.scale"]),
    ];
    for (more, words) in cases {
        let run = ["run", &file, "--quiet", "--out", &out];
        prodos(&[&run, more].concat()).ends(CONFIG, words);
    }
    assert_eq!(fs::read_dir(&out).map_or(0, Iterator::count), 0);
}

#[test]
fn a_command_line_that_is_not_understood_says_what_would_be() {
    prodos(&[]).ends(USAGE, &["example: prodos run"]);
    prodos(&["run"]).ends(USAGE, &["name an experiment file", "example"]);
    prodos(&["fly"]).ends(USAGE, &["unrecognized subcommand"]);
    let file = shipped("harbour");
    prodos(&["run", &file, "--threads", "999"]).ends(USAGE, &["from 1 to 256"]);
    prodos(&["run", &file, "--threads", "0"]).ends(USAGE, &["from 1 to 256"]);
    prodos(&["run", "no/such.ron"]).ends(CONFIG, &["no/such.ron"]);
    prodos(&["--help"]).ends(GOOD, &["Example"]);
    prodos(&["--version"]).ends(GOOD, &["prodos "]);
}

#[test]
fn words_where_numbers_belong_are_answered_in_words() {
    let file = shipped("harbour");
    for (option, words) in [
        ("--seed", "whole number in digits alone"),
        ("--days", "whole number in digits alone"),
        ("--scale", "expected a number"),
        ("--threads", "from 1 to 256"),
    ] {
        let said = prodos(&["run", &file, option, "abc"]).ends(USAGE, &[option, words, "abc"]);
        assert!(!said.err.contains("invalid digit"), "{}", said.err);
    }
}

#[test]
fn what_is_no_text_is_said_to_be_none_and_nothing_else_is_proposed() {
    let folder = TempDir::new().expect("a folder");
    let binary = folder.path().join("a.ron");
    fs::write(&binary, [0xff, 0x00, 0xfe]).expect("it can be written");
    let endless = folder.path().join("b.ron");
    let file = fs::File::create(&endless).expect("it can be made");
    file.set_len(101_000_000).expect("it can be long");
    for (path, words) in [
        (binary.as_path(), ["not-text", "UTF-8"]),
        (endless.as_path(), ["not-readable", "100 megabytes"]),
        (folder.path(), ["not-a-file", "it is a folder"]),
    ] {
        let said = prodos(&["check", &path.display().to_string()]).ends(CONFIG, &words);
        assert!(!said.err.contains("did you mean"), "{}", said.err);
    }
}

#[test]
fn an_audit_is_not_taken_from_a_run_without_one() {
    let out = TempDir::new().expect("a folder");
    harbour(out.path(), &[]).ends(GOOD, &[]);
    harbour(out.path(), &["--audit"]).ends(USAGE, &["without --audit", "--force"]);
    harbour(out.path(), &["--audit", "--force"]).ends(GOOD, &[]);
    harbour(out.path(), &[]).ends(GOOD, &["has run already"]);
}

#[test]
fn check_shows_all_that_is_wrong_and_runs_nothing() {
    let out = TempDir::new().expect("a folder");
    let wrong = out.path().join("wrong.ron");
    fs::write(&wrong, "(city: \"nowhere.ron\", days: \"ten\", sead: 3)").expect("written");
    let good = shipped("uk-repeated-shocks");
    prodos(&["check", &good]).ends(GOOD, &["sound", "1 run of", "operators in"]);
    let wrong = wrong.display().to_string();
    prodos(&["check", &good, &wrong]).ends(
        CONFIG,
        &["sound", "nowhere.ron", "did you mean `seed`", "days"],
    );
    let shock = "scenario.shocks=[(name: \"late\", kind: supply, size: 0.5, day: 25, days: 20)]";
    let file = shipped("harbour");
    prodos(&["check", &file, "--days", "30", "--set", shock]).ends(
        GOOD,
        &["note: shock `late` lasts until day 45, and the run ends on day 29"],
    );
}

#[test]
fn report_redraws_from_tables_alone_and_notices_a_changed_byte() {
    let out = TempDir::new().expect("a folder");
    let here = out.path().display().to_string();
    prodos(&["report", &here]).ends(RUN, &["error"]);
    harbour(out.path(), &[]).ends(GOOD, &[]);
    let folder = result(out.path());
    let (page, plots) = (folder.join("report.html"), folder.join("plots"));
    let before = fs::read(&page).expect("it is there");
    fs::remove_file(&page).expect("it was there");
    fs::remove_dir_all(&plots).expect("it was there");
    let shown = folder.display().to_string();
    prodos(&["report", &shown]).ends(GOOD, &["report.html"]);
    assert!(fs::read(&page).expect("it is back") == before, "same page");
    let manifest = folder.join("manifest.json");
    let told = fs::read_to_string(&manifest).expect("it is there");
    fs::write(&manifest, told.replace("\"town\"", "\"twon\"")).expect("it can be written");
    prodos(&["report", &shown]).ends(RUN, &["manifest.json"]);
    fs::write(&manifest, told).expect("it can be written");
    prodos(&["report", &shown]).ends(GOOD, &[]);
    let table = folder.join("series/city.parquet");
    let mut bytes = fs::read(&table).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&table, bytes).expect("it can be written");
    prodos(&["report", &shown]).ends(RUN, &["series/city.parquet"]);
}

/// The program and a test step the same city to the same bits, whatever features each is built with.
#[test]
fn the_program_ends_in_the_state_that_the_model_alone_ends_in() {
    let out = TempDir::new().expect("a folder");
    harbour(out.path(), &["--seed", "3"]).ends(GOOD, &[]);
    let summary = fs::read_to_string(result(out.path()).join("summary.csv")).expect("it is there");
    let given = Options {
        seed: Some(3),
        ..Options::default()
    };
    let file = PathBuf::from(shipped("harbour"));
    let experiment = load(&file, &[], &given).unwrap_or_else(|problems| panic!("{problems}"));
    let mut city = Simulation::new(&experiment.run(), 3, 0, build::Options::default());
    city.settle().unwrap_or_else(|breach| panic!("{breach}"));
    for _ in 0..30 {
        city.step().unwrap_or_else(|breach| panic!("{breach}"));
    }
    let Hashes { dynamics, reading } = city.hashes();
    let row = summary.lines().last().expect("there is a row");
    assert!(row.contains(&format!("{dynamics},{reading}")), "{row}");
}

#[test]
fn results_are_the_same_on_one_thread_and_on_two() {
    let tables = ["1", "2"].map(|threads| {
        let out = TempDir::new().expect("a folder");
        harbour(out.path(), &["--threads", threads]).ends(GOOD, &[]);
        fs::read(result(out.path()).join("summary.csv")).expect("it is there")
    });
    assert!(tables[0] == tables[1]);
}

/// A reader such as `head` closes its end before all is written.
#[test]
fn nobody_needs_to_read_to_the_end() {
    for arguments in [
        &["completions", "fish"][..],
        &["schema"],
        &["man"],
        &["explain", "tick"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_prodos"))
            .args(arguments)
            .stdout(writer)
            .output()
            .expect("the program starts");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(GOOD) && err.is_empty(),
            "{arguments:?}: {err}"
        );
    }
}

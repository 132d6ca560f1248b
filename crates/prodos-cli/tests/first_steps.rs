//! The first ten minutes: what a newcomer types, what it says, and that it works unedited.

use assert_cmd::Command;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Exit code, standard output and standard error of a command run in a folder.
fn prodos(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_prodos"))
        .args(arguments)
        .current_dir(folder)
        .env("RUST_BACKTRACE", "1")
        .output()
        .expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    (code, text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_first_experiment_runs_as_it_was_written() {
    let folder = TempDir::new().expect("a folder");
    let (code, out, _) = prodos(folder.path(), &["init", "first"]);
    assert_eq!(code, 0);
    assert!(out.contains("prodos run first.ron"), "{out}");
    let (code, out, err) = prodos(folder.path(), &["check", "first.ron"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("1 run of 730 days") && out.contains("on disk"),
        "{out}"
    );
    let (code, out, err) = prodos(folder.path(), &["run", "first.ron", "--quiet"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("report.html"), "{out}");
    let text = fs::read_to_string(folder.path().join("first.ron")).expect("it is there");
    let (code, _, err) = prodos(folder.path(), &["init", "first"]);
    assert_eq!(code, 2);
    assert!(err.contains("exists already"), "{err}");
    let after = fs::read_to_string(folder.path().join("first.ron")).expect("it is there");
    assert_eq!(text, after);
    let (code, _, err) = prodos(folder.path(), &["init", "../first"]);
    assert_eq!(code, 2);
    assert!(err.contains("cannot name an experiment"), "{err}");
}

/// Number before a word in a text such as `about 92 MB of memory`, in bytes.
fn megabytes(text: &str, after: &str) -> f64 {
    let before = text.split(&format!(" MB {after}")).next().unwrap_or("");
    let number = before
        .split_whitespace()
        .last()
        .and_then(|word| word.parse::<f64>().ok());
    number.unwrap_or_else(|| panic!("no MB {after} in: {text}")) * 1e6
}

/// Bytes of all files below a folder.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("it can be listed").flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => size(&entry.path()),
            _ => entry.metadata().map_or(0, |data| data.len()),
        })
        .sum()
}

#[test]
fn what_check_foresees_comes_true_in_bytes() {
    let folder = TempDir::new().expect("a folder");
    prodos(folder.path(), &["init", "first"]);
    let longer = ["first.ron", "--days", "1460"];
    let (code, foreseen, err) = prodos(folder.path(), &[&["check"], &longer[..]].concat());
    assert_eq!(code, 0, "{err}");
    let (code, out, err) = prodos(folder.path(), &[&["run", "--quiet"], &longer[..]].concat());
    assert_eq!(code, 0, "{err}");
    let found = size(&folder.path().join("outputs")) as f64;
    let disk = megabytes(&foreseen, "on disk") / found;
    assert!(
        (1.0 / 1.2..1.2).contains(&disk),
        "{foreseen} came to {found} bytes"
    );
    if foreseen.contains("memory unknown") {
        return;
    }
    let memory = megabytes(&foreseen, "of memory") / megabytes(&out, "at the peak");
    assert!((1.0 / 1.5..1.5).contains(&memory), "{foreseen}{out}");
}

/// On one thread a probe has still two runs, since one alone is recorded whole and a design is not.
#[test]
fn a_design_is_foreseen_alike_on_one_thread_and_on_two() {
    let folder = TempDir::new().expect("a folder");
    prodos(folder.path(), &["init", "first"]);
    let foreseen = |threads: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_prodos"))
            .args("check first.ron --scale 0.005 --set replicates=8".split(' '))
            .current_dir(folder.path())
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .expect("the program starts");
        megabytes(&String::from_utf8_lossy(&output.stdout), "on disk")
    };
    let (one, two) = (foreseen("1"), foreseen("2"));
    assert!(
        (1.0 / 1.25..1.25).contains(&(one / two)),
        "{one} and {two} bytes"
    );
}

#[test]
fn without_a_file_a_complete_example_is_shown() {
    let folder = TempDir::new().expect("a folder");
    let (code, _, err) = prodos(folder.path(), &["run"]);
    assert_eq!(code, 2);
    let examples = err
        .lines()
        .filter(|line| line.contains("prodos run configs/"));
    assert_eq!(examples.count(), 1, "{err}");
}

#[test]
fn a_word_is_explained_and_an_unknown_one_gets_its_neighbours() {
    let folder = TempDir::new().expect("a folder");
    for (word, told) in [
        ("wear.scale", "260"),
        ("inspection_interval", "days"),
        ("tick", "hours are shared by weighted rationing"),
        ("phase 3", "stable"),
        ("offered load", "repair"),
        ("supply", "room"),
    ] {
        let (code, out, err) = prodos(folder.path(), &["explain", word]);
        assert_eq!(code, 0, "{word}: {err}");
        assert!(out.contains(told), "{word}: {out}");
    }
    let (code, _, err) = prodos(folder.path(), &["explain", "inspektion_interval"]);
    assert_eq!(code, 2);
    assert!(err.contains("`inspection_interval`"), "{err}");
}

#[test]
fn every_command_shows_an_example_in_its_help() {
    let folder = TempDir::new().expect("a folder");
    let (code, help, _) = prodos(folder.path(), &["--help"]);
    assert_eq!(code, 0);
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| word.chars().all(|c| c.is_ascii_lowercase()))
        .filter(|&word| word != "help")
        .collect();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in commands {
        let (code, help, _) = prodos(folder.path(), &[command, "--help"]);
        assert_eq!(code, 0, "{command}");
        assert!(help.contains("Example"), "{command}: {help}");
        assert!(
            help.contains(&format!("prodos {command}")),
            "{command}: {help}"
        );
    }
}

#[test]
fn schema_manual_and_completions_are_printed() {
    let folder = TempDir::new().expect("a folder");
    let (code, schema, _) = prodos(folder.path(), &["schema"]);
    assert_eq!(code, 0);
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    assert!(schema["$defs"]["experiment"]["properties"]["days"].is_object());
    let (code, manual, _) = prodos(folder.path(), &["man"]);
    assert_eq!(code, 0);
    assert!(manual.contains("prodos-run") && manual.contains("prodos-explain"));
    for shell in ["bash", "zsh", "fish"] {
        let (code, text, _) = prodos(folder.path(), &["completions", shell]);
        assert_eq!(code, 0, "{shell}");
        assert!(text.contains("explain"), "{shell}");
    }
}

/// What a slip of the pen may leave in a file.
const CRUMBS: [&str; 10] = [
    "(",
    ")",
    ",,",
    "\"",
    "x",
    "-1e9",
    "99999999999999999999",
    "é",
    "\0",
    "NaN",
];

#[test]
fn spoilt_files_get_our_words_and_no_backtrace() {
    let folder = TempDir::new().expect("a folder");
    prodos(folder.path(), &["init", "first"]);
    let sound = fs::read_to_string(folder.path().join("first.ron")).expect("it is there");
    let places: Vec<usize> = sound.char_indices().map(|(at, _)| at).collect();
    let mut refused = Vec::new();
    for number in 0.. {
        let mut text = sound.clone();
        let (from, crumb) = (
            places[number * 7919 % places.len()],
            CRUMBS[number % CRUMBS.len()],
        );
        let until = places
            .iter()
            .copied()
            .find(|&at| at >= from + number % 4)
            .unwrap_or(from);
        text.replace_range(from..until, crumb);
        let name = format!("spoilt-{number}.ron");
        let file = folder.path().join(&name);
        fs::write(&file, text).expect("it can be written");
        if prodos_config::check(&file, &[], &prodos_config::Options::default(), &()).is_err() {
            refused.push(name);
        }
        if refused.len() == 200 {
            break;
        }
    }
    let mut arguments = vec!["check"];
    arguments.extend(refused.iter().map(String::as_str));
    let (code, _, err) = prodos(folder.path(), &arguments);
    assert_eq!(code, 3);
    for foreign in [
        "panicked",
        "stack backtrace",
        "invalid digit",
        "RUST_BACKTRACE",
    ] {
        assert!(!err.contains(foreign), "{foreign}: {err}");
    }
    let placed = refused
        .iter()
        .filter(|name| err.contains(&format!("--> {name}:")));
    assert!(placed.count() > 190, "{err}");
}

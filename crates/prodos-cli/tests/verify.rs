//! Verification from the command line: what is met, what is not, what cannot be tried, and what is written.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Exit code, standard output and standard error of `prodos verify` in a folder.
fn verify(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_prodos"))
        .arg("verify")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    (code, text(&output.stdout), text(&output.stderr))
}

/// A case of a kernel, written beside nothing else.
fn write(folder: &Path, name: &str, kernel: &str, of: &str, reference: f64) -> PathBuf {
    let file = folder.join(format!("{name}.ron"));
    let text = format!(
        "(family: \"calls\", claim: \"Calls are lost as often as Erlang says.\", source: \"Erlang 1917\", kernel: \"{kernel}\",
          arms: [(values: (load: 3, servers: 5),
                  measures: [(what: \"calls lost\", of: \"{of}\", reference: {reference}, tolerance: 0.000001)])])"
    );
    fs::write(&file, text).expect("it can be written");
    file
}

#[test]
fn what_is_met_is_told_and_written() {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "mine", "erlang_loss", "blocked", 0.110_054);
    let (code, out, err) = verify(folder.path(), &["mine.ron"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("met        calls lost: 0.110054 for 0.110054 ±1e-6"),
        "{out}"
    );
    assert!(out.contains("Met: 1 of 1 number in 1 case"), "{out}");
    let page = out.lines().last().expect("it names the page");
    let page = folder.path().join(page);
    let text = fs::read_to_string(&page).expect("it is there");
    assert!(
        text.contains("All 1\u{a0}number of 1\u{a0}case is met"),
        "{text}"
    );
    let rows = page.with_file_name("verification.csv");
    let rows = fs::read_to_string(rows).expect("it is there");
    assert!(
        rows.lines()
            .nth(1)
            .expect("a row")
            .starts_with("mine,calls,calls lost,0.110054,"),
        "{rows}"
    );
}

#[test]
fn what_is_missed_or_cannot_be_tried_ends_with_1() {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "missed", "erlang_loss", "blocked", 0.2);
    write(folder.path(), "unknown", "erlang_los", "blocked", 0.2);
    write(folder.path(), "unnamed", "erlang_loss", "bloked", 0.2);
    for (case, told) in [
        ("missed.ron", "missed     calls lost: 0.110054 for 0.2"),
        (
            "unknown.ron",
            "there is no kernel `erlang_los`; did you mean `erlang_loss`",
        ),
        (
            "unnamed.ron",
            "there is no result `bloked`; did you mean `blocked`",
        ),
    ] {
        let (code, out, err) = verify(folder.path(), &[case]);
        assert_eq!(code, 1, "{case}: {out}{err}");
        assert!(
            out.contains(told) && out.contains("0 of 1 number"),
            "{case}: {out}"
        );
    }
}

#[test]
fn files_that_are_no_cases_are_refused_with_what_they_should_be() {
    let folder = TempDir::new().expect("a folder");
    let (code, _, err) = verify(folder.path(), &[]);
    assert_eq!(code, 2);
    assert!(err.contains("no folder `configs/verification`"), "{err}");
    let (code, _, err) = verify(folder.path(), &["v99"]);
    assert_eq!(code, 3);
    assert!(err.contains("cannot read `v99`"), "{err}");
    let experiment = "(days: 30, city: (sectors: {\"a\": (jobs: 10, output: 10, households: 10)}))";
    fs::write(folder.path().join("run.ron"), experiment).expect("it can be written");
    let (code, _, err) = verify(folder.path(), &["run.ron"]);
    assert_eq!(code, 3);
    assert!(err.contains("a case says what is measured"), "{err}");
    let broken = write(folder.path(), "broken", "erlang_loss", "blocked +", 0.2);
    let text = fs::read_to_string(&broken).expect("it is there");
    fs::write(&broken, text.replace("family", "famly")).expect("it can be written");
    let (code, _, err) = verify(folder.path(), &["broken.ron"]);
    assert_eq!(code, 3);
    for told in [
        "`famly` is not known here",
        "did you mean `family`?",
        "this is no formula",
        "broken.ron:",
    ] {
        assert!(err.contains(told), "{told}: {err}");
    }
}

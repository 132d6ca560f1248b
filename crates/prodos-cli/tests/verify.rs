//! Verification from the command line: what is met, what is not, what cannot be tried, and what is written.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Exit code, standard output and standard error of `prodos verify` in a folder.
fn verify(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    run(folder, &[&["verify"], arguments].concat())
}

/// The same of any command.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_prodos"))
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
        out.contains("met        calls lost: 0.1100543 for 0.110054 ±1e-6"),
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
            .starts_with("mine,calls,erlang_loss,calls lost,0.110054,"),
        "{rows}"
    );
}

#[test]
fn what_is_missed_ends_with_1() {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "missed", "erlang_loss", "blocked", 0.2);
    let (code, out, err) = verify(folder.path(), &["missed.ron"]);
    assert_eq!(code, 1, "{err}");
    for told in ["missed     calls lost: 0.1100543 for 0.2", "0 of 1 number"] {
        assert!(out.contains(told), "{told}: {out}");
    }
}

#[test]
fn what_a_case_names_and_is_not_there_is_told_at_its_place() {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "unknown", "erlang_los", "blocked", 0.2);
    let values = write(folder.path(), "values", "erlang_loss", "bloked + load", 0.2);
    let text = fs::read_to_string(&values).expect("it is there");
    fs::write(&values, text.replace("load: 3", "laod: -3")).expect("it can be written");
    for (case, all_told) in [
        (
            "unknown.ron",
            &[
                "there is no kernel `erlang_los`; did you mean `erlang_loss`",
                "unknown.ron:1:",
            ][..],
        ),
        (
            "values.ron",
            &[
                "there is no result `bloked`; did you mean `blocked`",
                "there is no value `laod`; did you mean `load`",
                "`load` is missing",
                "values.ron:2:",
                "values.ron:3:",
                "3 problems",
            ],
        ),
    ] {
        let (code, out, err) = verify(folder.path(), &[case]);
        assert_eq!((code, out.as_str()), (3, ""), "{case}: {err}");
        let checked = run(folder.path(), &["check", case]);
        assert_eq!((checked.0, checked.2.as_str()), (3, err.as_str()), "{case}");
        for told in all_told {
            assert!(err.contains(told), "{told}: {err}");
        }
    }
}

#[test]
fn a_probe_that_is_not_there_is_told_at_its_place_and_what_arms_share_is_told_once() {
    let folder = TempDir::new().expect("a folder");
    let case = "(family: \"f\", claim: \"c\", source: \"s\",
         experiment: (days: 30, city: (sectors: {\"works\": (jobs: 10, output: 10, households: 10)})),
         arms: [(measures: [(what: \"w\", of: \"mean(works.fill\", reference: 1),
                            (what: \"w\", of: \"mean(works.fil)\", reference: 1)])])";
    fs::write(folder.path().join("probe.ron"), case).expect("it can be written");
    let (code, _, err) = run(folder.path(), &["check", "probe.ron"]);
    assert_eq!(code, 3);
    for told in [
        "this is no formula",
        "probe.ron:3:",
        "no probe `fil`; did you mean `fill`",
        "probe.ron:4:",
    ] {
        assert!(err.contains(told), "{told}: {err}");
    }
    let case = "(family: \"f\", claim: \"c\", source: \"s\", kernel: \"erlang_loss\", values: (load: -3, servers: 5),
         arms: [(name: \"one\", measures: [(what: \"w\", of: \"blocked\", reference: 1)]),
                (name: \"two\", measures: [(what: \"w\", of: \"blocked\", reference: 1)])])";
    fs::write(folder.path().join("shared.ron"), case).expect("it can be written");
    let (code, _, err) = run(folder.path(), &["check", "shared.ron"]);
    assert_eq!((code, err.matches("`load` is -3").count()), (3, 1), "{err}");
}

#[test]
fn runs_go_on_until_a_number_is_decided_and_end_where_it_cannot_be() {
    let folder = TempDir::new().expect("a folder");
    let bundle = |name: &str, fibres: u32, bound: &str| {
        let text = format!(
            "(family: \"f\", claim: \"Most hold.\", source: \"s\", kernel: \"fibre_bundle\",
              values: (fibres: {fibres}, shape: 0, neighbours: 0, load: 0.16),
              arms: [(measures: [(what: \"share that holds\", of: \"survivors\", {bound})])])"
        );
        fs::write(folder.path().join(name), text).expect("it can be written");
        verify(folder.path(), &[name])
    };
    let (code, out, err) = bundle("near.ron", 200, "reference: 0.8, tolerance: 0.009");
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("met ") && out.contains("(150 runs)"), "{out}");
    // No tolerance is narrow enough for what chance moves.
    let (code, out, err) = bundle("edge.ron", 300, "reference: 0.7995, tolerance: 0");
    assert_eq!(code, 1, "{err}");
    for told in [
        "undecided  share that holds",
        "(1135 runs)",
        "Undecided: 1 number",
    ] {
        assert!(out.contains(told), "{told}: {out}");
    }
    let (code, out, _) = bundle("far.ron", 200, "reference: 0.5, tolerance: 0.1");
    assert_eq!(code, 1);
    assert!(
        out.contains("missed ") && out.contains("(20 runs)"),
        "{out}"
    );
    let spread = "reference: 0.5, tolerance: 0.1, across: spread";
    fs::write(
        folder.path().join("one.ron"),
        format!(
            "(family: \"f\", claim: \"c\", source: \"s\", kernel: \"erlang_loss\", values: (load: 3, servers: 5),
              arms: [(measures: [(what: \"w\", of: \"blocked\", {spread})])])"
        ),
    )
    .expect("it can be written");
    let (code, out, _) = verify(folder.path(), &["one.ron"]);
    assert_eq!(code, 1);
    assert!(out.contains("one number alone does not spread"), "{out}");
}

#[test]
fn what_could_not_be_told_apart_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let case = "(family: \"f\", claim: \" \", source: \"s\", kernel: \"erlang_loss\", values: (load: 3, servers: 5),
         arms: [(measures: [(what: \"w\", of: \"blocked\", reference: 1),
                            (what: \"w\", of: \"blocked\", reference: 2),
                            (what: \"\", of: \"blocked\", reference: 2)])])";
    fs::write(folder.path().join("alike.ron"), case).expect("it can be written");
    let (code, _, err) = run(folder.path(), &["check", "alike.ron"]);
    assert_eq!(code, 3);
    for told in [
        "`claim` is empty",
        "another measure of this arm is called \"w\"",
        "alike.ron:3:",
        "`what` is empty",
    ] {
        assert!(err.contains(told), "{told}: {err}");
    }
    write(folder.path(), "one", "erlang_loss", "blocked", 0.110_054);
    let text = fs::read_to_string(folder.path().join("one.ron")).expect("it is there");
    let named = text.replacen('(', "(name: \"one\", ", 1);
    fs::write(folder.path().join("two.ron"), named).expect("it can be written");
    let (code, out, err) = verify(folder.path(), &["one.ron", "two.ron"]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(
        err.contains("one.ron and two.ron are both called `one`"),
        "{err}"
    );
}

#[test]
fn a_check_of_a_case_says_what_each_arm_would_try() {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "mine", "erlang_loss", "blocked", 0.110_054);
    let (code, out, err) = run(folder.path(), &["check", "mine.ron"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("mine.ron: sound. 1 number in 1 arm, of the kernel erlang_loss")
            && out.contains("  1 number of one call, without chance"),
        "{out}"
    );
    let case = "(family: \"f\", claim: \"It holds.\", source: \"s\",
         experiment: (days: 30, city: (burn_in: 7, scale: 1, sectors: {\"works\": (jobs: 10, output: 10, households: 10)})),
         arms: [(name: \"slow\", quick: false, measures: [(what: \"w\", of: \"mean(works.fill)\", reference: 1)])])";
    fs::write(folder.path().join("engine.ron"), case).expect("it can be written");
    let (code, out, err) = run(folder.path(), &["check", "engine.ron"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("slow: 1 number of 20 runs or more, each 30 days after 7 of burn-in, 10 operators, tick 1 d; takes long"),
        "{out}"
    );
}

#[test]
fn what_cannot_be_tried_or_written_ends_before_any_work() {
    let folder = TempDir::new().expect("a folder");
    let cases = folder.path().join("configs/verification");
    fs::create_dir_all(&cases).expect("it can be made");
    let (code, out, err) = verify(folder.path(), &["configs"]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("there are no cases in `configs`"), "{err}");
    write(&cases, "v45", "erlang_loss", "blocked", 0.110_054);
    let (code, out, _) = verify(folder.path(), &["V45", "v45"]);
    assert_eq!(code, 0);
    assert!(out.contains("Met: 1 of 1 number in 1 case"), "{out}");
    fs::write(folder.path().join("taken"), "").expect("it can be written");
    let (code, out, err) = verify(folder.path(), &["v45", "--out", "taken"]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
}

#[test]
fn a_reader_who_has_closed_standard_error_is_not_an_error() {
    let folder = TempDir::new().expect("a folder");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_prodos"))
        .args(["check", "nothing.ron"])
        .current_dir(folder.path())
        .stderr(writer)
        .status()
        .expect("the program starts");
    assert_eq!(status.code(), Some(3));
}

#[test]
fn a_case_is_not_changed_from_the_command_line() {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "mine", "erlang_loss", "blocked", 0.110_054);
    for change in [&["--set", "days=3"], &["--days", "3"]] {
        let (code, _, err) = run(
            folder.path(),
            &[&["check", "mine.ron"], &change[..]].concat(),
        );
        assert_eq!(code, 3);
        assert!(err.contains("its arms say what they `set`"), "{err}");
    }
}

#[test]
fn what_takes_long_is_named_where_it_is_left_out_and_what_is_nothing_says_why() {
    let folder = TempDir::new().expect("a folder");
    let cases = folder.path().join("configs/verification");
    fs::create_dir_all(&cases).expect("it can be made");
    let mine = write(&cases, "mine", "erlang_loss", "blocked / 0", 0.2);
    let text = fs::read_to_string(&mine).expect("it is there");
    let slow = "(name: \"slow\", quick: false, values: (load: 1, servers: 1), measures: [(what: \"half\", of: \"blocked\", reference: 0.5)])";
    let text = text.replace(
        "tolerance: 0.000001)])]",
        &format!("side: at_least)]), {slow}]"),
    );
    fs::write(&mine, text).expect("it can be written");
    let (code, out, err) = verify(folder.path(), &[]);
    assert_eq!(code, 1, "{err}");
    for told in [
        "missed     calls lost: nothing for 0.2 or more: 1 of 1 runs gave an infinite number",
        "Met: 0 of 1 number in 1 case",
        "Left out: 1 number in 1 arm",
    ] {
        assert!(out.contains(told), "{told}: {out}");
    }
    let page = folder
        .path()
        .join(out.lines().last().expect("it names the page"));
    let text = fs::read_to_string(&page).expect("it is there");
    assert!(
        text.contains("<td>left out</td><td>slow: half</td>"),
        "{text}"
    );
    let rows = fs::read_to_string(page.with_file_name("verification.csv")).expect("it is there");
    assert!(rows.contains(",left out,"), "{rows}");
    let (code, out, _) = verify(folder.path(), &["--full"]);
    assert_eq!(code, 1);
    assert!(out.contains("met        slow: half: 0.5 for 0.5"), "{out}");
}

#[test]
fn a_case_that_is_run_is_told_how_it_is_tried() {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "mine", "erlang_loss", "blocked", 0.110_054);
    let (code, _, err) = run(folder.path(), &["run", "mine.ron"]);
    assert_eq!(code, 3);
    assert!(err.contains("prodos verify mine.ron"), "{err}");
}

#[test]
fn files_that_are_no_cases_are_refused_with_what_they_should_be() {
    let folder = TempDir::new().expect("a folder");
    let (code, _, err) = verify(folder.path(), &[]);
    assert_eq!(code, 2);
    assert!(err.contains("no folder `configs/verification`"), "{err}");
    let cases = folder.path().join("configs/verification");
    fs::create_dir_all(&cases).expect("it can be made");
    write(&cases, "v09", "erlang_loss", "blocked", 0.1);
    for (name, told) in [
        ("v9", "did you mean `v09`"),
        ("queues", "there is no case `queues`; cases are files"),
    ] {
        let (code, _, err) = verify(folder.path(), &[name]);
        assert_eq!(code, 2);
        assert!(err.contains(told), "{err}");
    }
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

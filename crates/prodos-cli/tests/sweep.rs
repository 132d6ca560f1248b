//! The life of a sweep from the command line: killed, resumed, shared, added to, replayed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

fn prodos(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prodos"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn output(arguments: &[&str]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = prodos(arguments).output().expect("it can be started");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text");
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// The shipped experiment of harbour.
fn harbour() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/experiments/harbour.ron");
    file.display().to_string()
}

/// An experiment that extends that of harbour.
fn of_harbour(folder: &Path, name: &str, says: &str) -> String {
    let file = folder.join(format!("{name}.ron"));
    let text = format!("(extends: \"{}\", name: \"{name}\", {says})", harbour());
    fs::write(&file, text).expect("it can be written");
    file.display().to_string()
}

/// A design of harbour over a month.
fn design(folder: &Path, count: u32, replicates: u32) -> String {
    let says = format!(
        "question: \"How much wear can harbour bear?\", days: 40, replicates: {replicates},
        city: (burn_in: 10), record: (sectors_every: 0),
        design: [(vary: {{\"wear.scale\": (from: 60, to: 600)}}, points: sobol, count: {count})]"
    );
    of_harbour(folder, "wear", &says)
}

fn only_folder(outputs: &Path) -> PathBuf {
    let mut entries = fs::read_dir(outputs)
        .expect("a list")
        .flatten()
        .map(|entry| entry.path());
    let first = entries.next().expect("there is one");
    assert!(entries.next().is_none(), "there is another");
    first
}

fn tables(folder: &Path) -> BTreeMap<&'static str, Vec<u8>> {
    let names = [
        "summary.parquet",
        "summary.csv",
        "series/city.parquet",
        "experiment.ron",
    ];
    let read = |name| fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    names.into_iter().map(|name| (name, read(name))).collect()
}

/// Kills a command at times that nobody chose for it, and gives it again, until it is done; gives how often it was
/// killed.
fn with_kills(arguments: &[&str], most: u32) -> u32 {
    let start = || -> Child {
        let quiet = [arguments, &["--quiet"]].concat();
        prodos(&quiet)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it can be started")
    };
    let mut child = start();
    let mut kills = 0;
    loop {
        // Spread over what it takes to begin, to run a chunk and to finish.
        let wait = 15 + u64::from(kills * 7919 % 211);
        std::thread::sleep(Duration::from_millis(wait));
        if child
            .try_wait()
            .expect("it can be asked")
            .is_some_and(|status| status.success())
        {
            return kills;
        }
        if kills < most {
            child.kill().expect("it can be killed");
            kills += 1;
        }
        let ended = child.wait().expect("it ends");
        if ended.success() {
            return kills;
        }
        child = start();
    }
}

fn run_with_kills(file: &str, outputs: &Path, most: u32) -> u32 {
    with_kills(
        &["run", file, "--out", &outputs.display().to_string()],
        most,
    )
}

#[test]
fn killed_twenty_times_a_sweep_has_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 64, 4);
    let [whole, killed] = ["whole", "killed"].map(|name| folder.path().join(name));
    let (code, _, err) = output(&[
        "run",
        &file,
        "--out",
        &whole.display().to_string(),
        "--quiet",
    ]);
    assert_eq!(code, 0, "{err}");
    let kills = run_with_kills(&file, &killed, 20);
    assert!(kills >= 10, "it was killed {kills} times alone");
    assert_eq!(tables(&only_folder(&killed)), tables(&only_folder(&whole)));
}

#[test]
fn killed_while_it_grows_a_sweep_has_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let [small, large] = [(8, 2), (48, 4)].map(|(points, replicates)| {
        let name = folder.path().join(points.to_string());
        fs::create_dir(&name).expect("it can be made");
        design(&name, points, replicates)
    });
    let [whole, grown] = ["whole", "grown"].map(|name| folder.path().join(name));
    for (file, place) in [(&large, &whole), (&small, &grown)] {
        let out = place.display().to_string();
        let (code, _, err) = output(&["run", file, "--out", &out, "--quiet"]);
        assert_eq!(code, 0, "{err}");
    }
    // Folders can have another name than they were given.
    let renamed = folder.path().join("of my own");
    fs::rename(only_folder(&grown), &renamed).expect("it can be renamed");
    let own = renamed.display().to_string();
    let top_up = [
        "sweep",
        "top-up",
        &own,
        "--points",
        "48",
        "--replicates",
        "4",
    ];
    let kills = with_kills(&top_up, 20);
    assert!(kills >= 5, "it was killed {kills} times alone");
    assert_eq!(tables(&renamed), tables(&only_folder(&whole)));
    assert!(renamed.join("report.html").exists());
    assert_eq!(fs::read_dir(&grown).expect("a list").count(), 0);
    let (code, said, err) = output(&top_up);
    assert_eq!(code, 0, "{err}");
    assert!(said.contains("as many already"), "{said}");
}

#[test]
fn runs_that_failed_are_told_again_and_a_page_that_is_missing_is_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    // Each number is sound alone, and together a user of inputs buys more than it makes.
    let says = "days: 40, city: (burn_in: 10),
        design: (vary: {\"sectors.port.inputs.works\": [0.2, 0.55], \"sectors.port.inputs.town\": [0.15, 0.5]})";
    let file = of_harbour(folder.path(), "inputs", says);
    let outputs = folder.path().join("outputs");
    let out = outputs.display().to_string();
    let run = ["run", &file, "--out", &out, "--quiet"];
    let (code, _, err) = output(&run);
    assert_eq!(code, 4, "{err}");
    assert!(
        err.contains("error: run 3000000: ") && err.contains("sweep retry"),
        "{err}"
    );
    let sweep = only_folder(&outputs);
    let own = sweep.display().to_string();
    fs::remove_file(sweep.join("report.html")).expect("it is there");
    for command in [
        &run[..],
        &["sweep", "resume", &own],
        &["sweep", "retry", &own],
    ] {
        let (code, _, err) = output(command);
        assert_eq!(code, 4, "{command:?}: {err}");
        assert!(err.contains("error: run 3000000: "), "{command:?}: {err}");
        assert!(sweep.join("report.html").exists(), "{command:?}");
    }
    let (code, said, _) = output(&["sweep", "status", &own]);
    assert_eq!(code, 0);
    assert!(
        said.contains("finished: 4 of 4 runs") && said.contains("failed: 1"),
        "{said}"
    );
    let (code, _, err) = output(&["run", &file, "--out", &out, "--audit"]);
    assert_eq!(code, 2);
    assert!(err.contains("without --audit"), "{err}");
}

#[test]
fn tables_come_as_csv_as_they_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let design = design(folder.path(), 2, 2);
    let harbour = harbour();
    let all = ["city", "sectors", "teams"].map(|name| format!("series/{name}"));
    for (file, series) in [(&harbour, &all[..]), (&design, &all[..1])] {
        let run = |name: &str, format: &[&str]| {
            let out = folder
                .path()
                .join(name)
                .join(Path::new(file).file_name().expect("it has"));
            let to = out.display().to_string();
            let run = ["run", file, "--out", &to, "--quiet", "--days", "60"];
            let (code, _, err) = output(&[&run, format].concat());
            (code, err, out)
        };
        let has = |out: &Path, table: &str| only_folder(out).join(format!("{table}.csv")).exists();
        for (name, format, summary, rest) in [
            ("unsaid", &[][..], true, false),
            ("parquet", &["--format", "parquet"], false, false),
            ("csv", &["--format", "csv"], true, true),
            ("both", &["--format", "both"], true, true),
        ] {
            let (code, err, out) = run(name, format);
            assert_eq!(code, 0, "{name}: {err}");
            assert_eq!(has(&out, "summary"), summary, "{name} of {file}");
            for table in series {
                assert_eq!(has(&out, table), rest, "{name} of {file}: {table}");
            }
        }
        let (code, err, out) = run("unsaid", &["--format", "csv"]);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("not all tables as CSV"), "{err}");
        assert!(!has(&out, &series[0]));
        if file == &design {
            // More of it is written in the forms that are there.
            let own = only_folder(&folder.path().join("csv").join("wear.ron"));
            let own = own.display().to_string();
            let more = |replicates: &str, format: &[&str]| {
                let more = [
                    "sweep",
                    "top-up",
                    &own,
                    "--replicates",
                    replicates,
                    "--quiet",
                ];
                let (code, _, err) = output(&[&more, format].concat());
                assert_eq!(code, 0, "{err}");
                Path::new(&own).join("series/city.csv").exists()
            };
            assert!(more("3", &[]));
            let other = more("4", &["--format", "parquet"]);
            assert!(!other, "rows of before are not left beside those of now");
            continue;
        }
        let city = folder
            .path()
            .join("csv")
            .join(Path::new(file).file_name().expect("it has"));
        let city = fs::read_to_string(only_folder(&city).join("series/city.csv"));
        let city = city.expect("it is there");
        let days = city.lines().skip(1).filter(|line| line.contains(','));
        assert!(
            city.starts_with("run_id,day,") && days.count() == 60,
            "{city}"
        );
    }
}

#[test]
fn points_that_are_not_the_same_are_not_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 2, 2);
    let out = folder.path().join("outputs");
    let run = |name: &str, set: &str| {
        let own = out.join(name);
        let place = own.display().to_string();
        let run = ["run", &file, "--out", &place, "--quiet", "--set", set];
        let (code, _, err) = output(&run);
        assert_eq!(code, 0, "{err}");
        only_folder(&own).display().to_string()
    };
    let other = run(
        "other",
        "design.0.vary={\"wear.scale\": (from: 70, to: 600)}",
    );
    let third = run(
        "third",
        "design.0.vary={\"quality.check_hours\": (from: 0.1, to: 0.3)}",
    );
    let place = out.display().to_string();
    let same = run("same", "days=40");
    for (with, why) in [
        (&other, "`wear.scale` is "),
        (&third, "varies in one of them alone"),
    ] {
        let (code, _, err) = output(&["compare", &same, with, "--out", &place]);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(why) && err.contains("`design`"), "{err}");
    }
    let (code, _, err) = output(&["compare", &same, &same, "--out", &place]);
    assert_eq!(code, 0, "{err}");
}

/// Too long for every change: `.ci/nightly` runs it.
#[test]
#[ignore = "takes about ten minutes"]
fn killed_a_thousand_times_a_sweep_has_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 64, 4);
    let whole = folder.path().join("whole");
    let out = whole.display().to_string();
    assert_eq!(output(&["run", &file, "--out", &out, "--quiet"]).0, 0);
    let expected = tables(&only_folder(&whole));
    let mut kills = 0;
    while kills < 1000 {
        let killed = folder.path().join(format!("killed-{kills}"));
        kills += run_with_kills(&file, &killed, 20 + kills % 17).max(1);
        assert_eq!(
            tables(&only_folder(&killed)),
            expected,
            "after {kills} kills"
        );
    }
}

/// Starts a sweep and waits until some of it is on the disk.
fn begun(file: &str, outputs: &Path) -> Child {
    let out = outputs.display().to_string();
    let mut child = prodos(&["run", file, "--out", &out, "--quiet"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let chunks = |out: &Path| {
        let folder = fs::read_dir(out).ok()?.flatten().next()?.path();
        let mut desks = fs::read_dir(folder.join("work")).ok()?.flatten();
        desks.find_map(|desk| fs::read_dir(desk.path().join("chunks")).ok()?.next())
    };
    for _ in 0..2000 {
        if chunks(outputs).is_some() {
            return child;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    panic!("no chunk came");
}

#[cfg(unix)]
#[test]
fn at_ctrl_c_it_says_what_is_done_and_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 64, 12);
    let [whole, stopped] = ["whole", "stopped"].map(|name| folder.path().join(name));
    let child = begun(&file, &stopped);
    let id = child.id().to_string();
    let asked = std::time::Instant::now();
    let signalled = Command::new("kill")
        .args(["-INT", &id])
        .status()
        .expect("there is kill");
    assert!(signalled.success());
    let ended = child.wait_with_output().expect("it ends");
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(ended.status.code(), Some(5));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let how = said
        .split("Go on with: prodos ")
        .nth(1)
        .expect("it says how to go on")
        .trim();
    assert!(said.contains(" of 768 runs"), "{said}");
    let sweep = only_folder(&stopped).display().to_string();
    let (code, said, _) = output(&["sweep", "status", &sweep]);
    assert_eq!(
        (code, said.starts_with("interrupted: ")),
        (5, true),
        "{said}"
    );
    let words: Vec<&str> = how.split(' ').collect();
    assert_eq!(output(&[&words[..], &["--quiet"]].concat()).0, 0);
    let out = whole.display().to_string();
    assert_eq!(output(&["run", &file, "--out", &out, "--quiet"]).0, 0);
    assert_eq!(tables(&only_folder(&stopped)), tables(&only_folder(&whole)));
    let manifest =
        fs::read_to_string(only_folder(&stopped).join("manifest.json")).expect("it is there");
    assert_eq!(
        manifest.matches("\"skipped\"").count(),
        2,
        "two stretches: {manifest}"
    );
}

#[cfg(unix)]
#[test]
fn at_ctrl_c_a_single_run_says_where_it_was_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let (harbour, out) = (harbour(), folder.path().display().to_string());
    let run = ["run", &harbour, "--out", &out, "--quiet"];
    let long = [
        "--days",
        "36000",
        "--save-every",
        "200",
        "--set",
        "record=summary",
    ];
    let child = prodos(&[&run[..], &long].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let saved = || {
        let mut entries = fs::read_dir(folder.path()).expect("a list").flatten();
        let place =
            entries.find(|entry| entry.file_name().to_string_lossy().ends_with(".saved"))?;
        fs::read_dir(place.path()).ok()?.flatten().next()?;
        Some(place.path().display().to_string())
    };
    let place = (0..2000).find_map(|_| {
        std::thread::sleep(Duration::from_millis(5));
        saved()
    });
    let place = place.expect("it is saved");
    let id = child.id().to_string();
    let signalled = Command::new("kill").args(["-INT", &id]).status();
    assert!(signalled.expect("there is kill").success());
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(5));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains(&format!(" --from {place}")), "{said}");
    let how = said.split("with: prodos ").nth(1);
    let how = how.expect("it says how to go on").trim();
    let words: Vec<&str> = how.split_whitespace().collect();
    let mut child = prodos(&words)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it can be started");
    let mut first = String::new();
    let out = child.stdout.take().expect("it speaks");
    let mut out = std::io::BufReader::new(out);
    std::io::BufRead::read_line(&mut out, &mut first).expect("it speaks");
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    assert!(first.starts_with("Going on from "), "{first}");
}

#[test]
fn a_second_writer_is_refused_and_a_deadline_leaves_the_rest_for_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 64, 12);
    let outputs = folder.path().join("outputs");
    let out = outputs.display().to_string();
    let mut first = begun(&file, &outputs);
    let (code, _, err) = output(&["run", &file, "--out", &out, "--quiet"]);
    assert_eq!(code, 2);
    assert!(err.contains("being worked on by another program"), "{err}");
    first.kill().expect("it can be killed");
    first.wait().expect("it ends");
    let sweep = only_folder(&outputs).display().to_string();
    let limited = [
        "--deadline",
        "0s",
        "--quiet",
        "--shard",
        "2/3",
        "--timeout",
        "60",
        "--format",
        "csv",
    ];
    let (code, _, err) = output(&[&["sweep", "resume", &sweep][..], &limited].concat());
    assert_eq!(code, 5);
    let same = format!("prodos sweep resume {sweep} --shard 2/3 --timeout 60 --format csv");
    assert!(err.contains(&same), "{err}");
    let (code, _, err) = output(&["compare", &file, &file, "--out", &out, "--shard", "1/2"]);
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = output(&["sweep", "retry", &sweep]);
    assert_eq!(code, 2);
    assert!(err.contains("in the middle of a sweep"), "{err}");
    let (code, _, err) = output(&["sweep", "resume", &sweep, "--deadline", "0s", "--quiet"]);
    assert_eq!(code, 5);
    assert!(
        err.contains("deadline") && err.contains(&format!("prodos sweep resume {sweep}")),
        "{err}"
    );
}

/// A run and its own replicates have one folder where the file says what is recorded.
#[test]
fn a_single_run_does_not_take_the_folder_that_a_sweep_works_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let says = "days: 40, record: summary, replicates: 3000, city: (burn_in: 10)";
    let file = of_harbour(folder.path(), "several", says);
    let outputs = folder.path().join("outputs");
    let out = outputs.display().to_string();
    let mut sweep = begun(&file, &outputs);
    let single = [
        "run",
        &file,
        "--out",
        &out,
        "--quiet",
        "--set",
        "replicates=1",
    ];
    for (forced, why) in [(&[][..], "sweep status"), (&["--force"], "being worked on")] {
        let (code, _, err) = output(&[&single, forced].concat());
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(why), "{err}");
    }
    sweep.kill().expect("it can be killed");
    sweep.wait().expect("it ends");
    assert!(only_folder(&outputs).join("work").exists());
    let (code, _, err) = output(&[&single[..], &["--force"]].concat());
    assert_eq!(code, 0, "{err}");
    assert!(!only_folder(&outputs).join("work").exists());
}

#[test]
fn a_changed_byte_of_a_finished_sweep_is_named_by_whoever_reads_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 3, 2);
    let outputs = folder.path().join("outputs");
    let out = outputs.display().to_string();
    assert_eq!(output(&["run", &file, "--out", &out, "--quiet"]).0, 0);
    let sweep = only_folder(&outputs);
    let own = sweep.display().to_string();
    for name in ["summary.parquet", "summary.csv", "series/city.parquet"] {
        let path = sweep.join(name);
        let sound = fs::read(&path).expect("it is there");
        let mut bytes = sound.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).expect("it can be written");
        let commands: [&[&str]; 7] = [
            &["report", &own],
            &["run", &file, "--out", &out],
            &["sweep", "resume", &own],
            &["sweep", "status", &own],
            &["sweep", "retry", &own],
            &["sweep", "top-up", &own, "--replicates", "3"],
            &["sweep", "replay", &own, "--row", "0"],
        ];
        for command in commands {
            let (code, said, err) = output(command);
            assert_ne!(code, 0, "{command:?}: {said}");
            assert!(err.contains(name), "{command:?}: {err}");
        }
        fs::write(&path, sound).expect("it can be written");
    }
    let (code, said, err) = output(&[
        "sweep",
        "top-up",
        &own,
        "--replicates",
        "3",
        "--points",
        "5",
        "--quiet",
    ]);
    assert_eq!(code, 0, "{err}");
    assert!(said.contains("9 runs done here in "), "{said}");
    assert!(said.contains(" s, 6 there before."), "{said}");
    assert!(said.contains("15 runs in the tables"), "{said}");
}

/// The words of a drawing.
fn words(svg: &Path) -> Vec<String> {
    let svg = fs::read_to_string(svg).unwrap_or_else(|error| panic!("{}: {error}", svg.display()));
    let texts = svg.split("<text").skip(1).filter_map(|text| {
        let inside = text.split_once('>')?.1.split_once("</text>")?.0;
        Some(inside.trim().to_owned())
    });
    texts.collect()
}

#[test]
fn the_page_of_a_design_begins_with_the_answer_and_its_axes_have_names_and_units() {
    let folder = tempfile::tempdir().expect("a folder");
    let says = "question: \"Which is better?\", days: 120, replicates: 5, city: (burn_in: 30),
        design: (vary: {\"wear.scale\": [20, 60, 180], \"quality.check_hours\": [0.02, 0.4]},
            policies: {\"as it is\": (), \"no upkeep\": (parameters: (hours: (protected_share: 0)))})";
    let file = of_harbour(folder.path(), "page", says);
    let outputs = folder.path().join("outputs");
    let out = outputs.display().to_string();
    let (code, said, err) = output(&["run", &file, "--out", &out, "--quiet"]);
    assert_eq!(code, 0, "{err}");
    let sweep = only_folder(&outputs);
    let page = fs::read_to_string(sweep.join("report.html")).expect("it is there");
    assert!(page.len() < 5_000_000, "{}", page.len());
    let brief = page
        .split("class=\"brief\"")
        .nth(1)
        .expect("it has a beginning");
    let first = brief.split("<p>").nth(1).expect("it has a sentence");
    let first = first.split("</p>").next().expect("it ends");
    let first = first.replace('\u{a0}', " ");
    for word in [
        "“no upkeep” against “as it is”",
        "output mean",
        "share",
        "95",
        "in 30",
        "pairs of runs",
    ] {
        assert!(first.contains(word), "{word}: {first}");
    }
    let plain = said.replace('\u{a0}', " ");
    assert!(plain.contains("Over 60 runs at 12 points"), "{said}");
    let plots = sweep.join("plots");
    for (figure, axes) in [
        (
            "differences",
            &["output mean (share)", "upkeep cost total (thousand)"][..],
        ),
        (
            "overlay",
            &[
                "Output (share of output at rest)",
                "Margin M (index; red line: zero)",
                "day",
            ],
        ),
        (
            "response",
            &[
                "wear.scale (days)",
                "output mean (share)",
                "Runs that reach phase\u{a0}0 (share)",
            ],
        ),
        (
            "tipping-map",
            &[
                "wear.scale (days)",
                "runs in phase\u{a0}0 (share)",
                "no upkeep",
            ],
        ),
        (
            "heat-map",
            &["wear.scale (days)", "output mean (share)", "as it is"],
        ),
    ] {
        let words = words(&plots.join(format!("{figure}.svg")));
        for axis in axes {
            assert!(
                words.iter().any(|word| word == axis),
                "{figure}: no {axis} in {words:?}"
            );
        }
        assert!(
            page.contains(&format!("<section id=\"{figure}\">")),
            "{figure}"
        );
    }
    let differences = fs::read_to_string(sweep.join("differences.csv")).expect("it is there");
    assert!(differences.starts_with(
        "outcome,unit,policy,against,mean_difference,low,high,probability_better,variance_reduction"
    ));
    let (code, _, err) = output(&["report", &sweep.display().to_string()]);
    assert_eq!(code, 0, "{err}");
    let again = fs::read_to_string(sweep.join("report.html")).expect("it is there");
    assert!(again == page, "a page drawn again is another");
}

#[test]
fn threads_are_those_asked_for_when_a_sweep_goes_on_and_until_decides_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 2, 2);
    let outputs = folder.path().join("outputs");
    let out = outputs.display().to_string();
    let until = "until=(half_width: {\"output_mean\": 9.0}, most: 4)";
    let begin = [
        "run",
        &file,
        "--out",
        &out,
        "--quiet",
        "--set",
        until,
        "--deadline",
        "0s",
    ];
    assert_eq!(output(&begin).0, 5);
    let sweep = only_folder(&outputs).display().to_string();
    let (code, _, err) = output(&["sweep", "resume", &sweep, "--threads", "1", "--quiet"]);
    assert_eq!(code, 0, "{err}");
    let manifest =
        fs::read_to_string(only_folder(&outputs).join("manifest.json")).expect("it is there");
    let threads: Vec<&str> = manifest
        .lines()
        .filter(|line| line.contains("\"threads\""))
        .collect();
    assert!(
        threads.iter().any(|line| line.contains(": 1")),
        "{threads:?}"
    );
    let (code, _, err) = output(&["sweep", "top-up", &sweep, "--replicates", "3"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("`until`") && err.contains("--points"), "{err}");
}

#[test]
fn what_a_sweep_cannot_become_leaves_it_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 3, 2);
    let outputs = folder.path().join("outputs");
    let out = outputs.display().to_string();
    let latin = "design.0.points=latin_hypercube";
    let run = ["run", &file, "--out", &out, "--quiet", "--set", latin];
    assert_eq!(output(&run).0, 0);
    let sweep = only_folder(&outputs);
    let own = sweep.display().to_string();
    for (asked, why) in [
        (["--replicates", "1"], "only grows"),
        (["--points", "4"], "other points"),
    ] {
        let (code, _, err) = output(&["sweep", "top-up", &own, asked[0], asked[1]]);
        assert!(code != 0 && err.contains(why), "{asked:?}: {code}, {err}");
        assert!(!sweep.join("work").exists(), "{asked:?} leaves something");
        assert_eq!(output(&["sweep", "resume", &own]).0, 0, "it is whole");
    }
    let large = ["sweep", "top-up", &own, "--points", "100000000"];
    let (code, _, err) = output(&large);
    assert_eq!(code, 3, "{err}");
    assert!(
        err.contains("is the most") && !sweep.join("work").exists(),
        "{err}"
    );
    let (code, said, err) = output(&["sweep", "top-up", &own]);
    assert_eq!(code, 0, "{err}");
    assert!(said.contains("as many already"), "{said}");
    let levels = fs::read_to_string(&file).expect("it is there");
    let levels = levels.replace("(from: 60, to: 600)", "[60, 600]");
    let levels = levels.replace("sobol, count: 3", "factorial");
    let factorial = folder.path().join("factorial.ron");
    fs::write(&factorial, levels).expect("it can be written");
    let (factorial, place) = (
        factorial.display().to_string(),
        folder.path().join("levels"),
    );
    let to = place.display().to_string();
    let run = ["run", &factorial, "--out", &to, "--quiet"];
    let (code, _, err) = output(&run);
    assert_eq!(code, 0, "{err}");
    let levels = only_folder(&place).display().to_string();
    let (code, _, err) = output(&["sweep", "top-up", &levels, "--points", "4"]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("count"), "{err}");
    assert_eq!(output(&["sweep", "resume", &levels]).0, 0, "it is whole");
    let (code, _, err) = output(&[
        "run",
        &file,
        "--out",
        &out,
        "--set",
        "design.0.such_that=[\"wear.scale < 0\"]",
    ]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("no point is left"), "{err}");
}

#[test]
fn runs_that_are_ended_early_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 2, 2);
    let out = folder.path().join("outputs").display().to_string();
    let stop = "stop=(probe: \"phase\", above: -1, days: 5)";
    let (code, said, err) = output(&["run", &file, "--out", &out, "--quiet", "--set", stop]);
    assert_eq!(code, 0, "{err}");
    assert!(said.contains("4 runs were ended early"), "{said}");
}

#[test]
fn runs_of_other_lengths_are_not_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 2, 2);
    let out = folder.path().join("outputs");
    let [one, other] = [["30", "a"], ["40", "b"]].map(|[days, name]| {
        let own = out.join(name);
        let place = own.display().to_string();
        let run = ["run", &file, "--out", &place, "--quiet", "--days", days];
        assert_eq!(output(&run).0, 0);
        only_folder(&own).display().to_string()
    });
    let place = out.display().to_string();
    let (code, _, err) = output(&["compare", &one, &other, "--out", &place]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("30 days") && err.contains("`days`"), "{err}");
}

#[test]
fn runs_of_which_no_day_was_recorded_have_a_page_from_their_summary() {
    let folder = tempfile::tempdir().expect("a folder");
    let says =
        "days: 40, replicates: 3, city: (burn_in: 10), record: (rows: summary, city_every: 0)";
    let file = of_harbour(folder.path(), "days", says);
    let outputs = folder.path().join("outputs");
    let out = outputs.display().to_string();
    let (code, said, err) = output(&["run", &file, "--out", &out, "--quiet"]);
    assert_eq!(code, 0, "{err}");
    assert!(said.contains("left out: overlay"), "{said}");
    let page = fs::read_to_string(only_folder(&outputs).join("report.html"));
    assert!(
        page.expect("it is there")
            .contains("Outcomes of 3\u{a0}runs")
    );
}

#[test]
fn a_row_comes_out_again_bit_for_bit() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 3, 2);
    let outputs = folder.path().join("outputs");
    let out = outputs.display().to_string();
    assert_eq!(output(&["run", &file, "--out", &out, "--quiet"]).0, 0);
    let sweep = only_folder(&outputs).display().to_string();
    let again = folder.path().join("again").display().to_string();
    for row in ["3", "2000001"] {
        let (code, said, err) = output(&[
            "sweep", "replay", &sweep, "--row", row, "--out", &again, "--quiet",
        ]);
        assert_eq!(code, 0, "{err}");
        assert!(said.contains("bit for bit"), "{said}");
    }
    let (code, _, err) = output(&["sweep", "replay", &sweep, "--row", "6", "--out", &again]);
    assert_eq!(code, 2);
    assert!(
        err.contains("has no run 6") && err.contains("6 rows"),
        "{err}"
    );
}

#[test]
fn parts_are_merged_to_what_one_program_would_have_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = design(folder.path(), 5, 3);
    let [whole, parts] = ["whole", "parts"].map(|name| folder.path().join(name));
    assert_eq!(
        output(&[
            "run",
            &file,
            "--out",
            &whole.display().to_string(),
            "--quiet"
        ])
        .0,
        0
    );
    let out = parts.display().to_string();
    for part in ["2/3", "1/3"] {
        let (code, said, err) = output(&[
            "sweep", "run", &file, "--out", &out, "--shard", part, "--quiet",
        ]);
        assert_eq!(code, 0, "{err}");
        assert!(said.contains("sweep merge"), "{said}");
    }
    let sweep = only_folder(&parts).display().to_string();
    let (code, said, _) = output(&["sweep", "status", &sweep]);
    assert_eq!(code, 5);
    assert!(
        said.starts_with("interrupted: 10 of 15 runs done"),
        "{said}"
    );
    let (code, _, err) = output(&["sweep", "merge", &sweep]);
    assert_eq!(code, 5);
    assert!(
        err.contains("lacks 5 of 15 runs") && err.contains("sweep resume"),
        "{err}"
    );
    assert_eq!(
        output(&[
            "sweep", "run", &file, "--out", &out, "--shard", "3/3", "--quiet"
        ])
        .0,
        0
    );
    let (code, _, err) = output(&["sweep", "merge", &sweep]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(tables(&only_folder(&parts)), tables(&only_folder(&whole)));
    let (code, said, _) = output(&["sweep", "status", &sweep]);
    assert_eq!(
        (code, said.starts_with("finished: 15 of 15 runs")),
        (0, true),
        "{said}"
    );
}

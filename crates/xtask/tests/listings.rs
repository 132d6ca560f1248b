//! What README and book ask a reader to type is understood: every command, every file it names, every
//! value it sets, and every experiment that is printed whole.

use prodos_config::{Options, Override, check};
use prodos_experiment::verification::{Laboratory, Met, verify};
use prodos_guide::{Answer, explain};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An experiment as `prodos init my-question` writes it; the book builds on it.
const BEGUN: &str = include_str!("../../prodos-cli/assets/experiment.ron");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// README and all pages of the book, with their names.
fn pages() -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let mut open = vec![root().join("docs/book/src")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("it can be listed").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.extend(["README.md", "configs/README.md"].map(|name| root().join(name)));
    pages
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("it can be read");
            (path.display().to_string(), text)
        })
        .collect()
}

/// Listings of a language.
fn listings<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let starts: Vec<usize> = text
        .match_indices(&fence)
        .map(|(at, _)| at + fence.len())
        .collect();
    let listing = |start: usize| text[start..].split("\n```").next().unwrap_or("");
    starts.into_iter().map(listing).collect()
}

/// Commands to the program, as its arguments: lines of listings and code in tables and sentences.
fn commands(text: &str) -> Vec<Vec<String>> {
    let listed = listings(text, "sh").into_iter().flat_map(str::lines);
    let inline = text
        .lines()
        .filter(|line| !line.starts_with("```"))
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    let whole = listed
        .chain(inline)
        .flat_map(|line| line.split("&&").collect::<Vec<_>>());
    whole
        .filter_map(|line| {
            let line = line.split(" #").next()?.split('|').next()?.trim();
            let line = line.split(" > ").next()?;
            let rest = line
                .strip_prefix("prodos ")
                .or_else(|| line.strip_prefix("cargo run --release -- "))?;
            let words = shlex::split(rest)?;
            // `prodos report outputs/my-question-HASH`, `prodos run ...`: forms, not commands.
            (!words.iter().any(|word| word == "...")).then_some(words)
        })
        .collect()
}

/// The files that a shell makes of `FOLDER/*.ron`; any other path as it is.
fn matching(file: &Path) -> Vec<PathBuf> {
    if !file.ends_with("*.ron") {
        return vec![file.to_owned()];
    }
    let folder = file.parent().expect("it is in a folder");
    let entries = fs::read_dir(folder).expect("it can be listed").flatten();
    entries.map(|entry| entry.path()).collect()
}

#[test]
fn every_command_is_understood_and_what_it_sets_is_there() {
    let (mut tried, mut checked) = (0, 0);
    for (page, text) in pages() {
        for words in commands(&text) {
            // The name of a command alone speaks of it.
            if let [name] = words.as_slice() {
                let known = xtask::command().find_subcommand(name).is_some();
                assert!(known || name.starts_with("--"), "{page}: prodos {name}");
                continue;
            }
            if let [name, part] = words.as_slice() {
                let commands = xtask::command();
                let known = commands.find_subcommand(name);
                if known.is_some_and(|known| known.find_subcommand(part).is_some()) {
                    continue;
                }
            }
            let line = std::iter::once("prodos".to_owned()).chain(words.clone());
            let matches = match xtask::command().try_get_matches_from(line) {
                Ok(matches) => matches,
                Err(error) => {
                    let shown = error.exit_code() == 0;
                    assert!(shown, "{page}: prodos {}\n{error}", words.join(" "));
                    continue;
                }
            };
            tried += 1;
            let (given, files) = match matches.subcommand() {
                Some(("explain", given)) => {
                    let asked: Vec<&String> =
                        given.get_many("word").into_iter().flatten().collect();
                    let asked: Vec<&str> = asked.into_iter().map(String::as_str).collect();
                    // The form of the command in a list of commands.
                    if asked == ["WORD"] {
                        continue;
                    }
                    let found = explain(&asked.join(" "));
                    assert!(
                        matches!(found, Answer::Found(_)),
                        "{page}: explain {asked:?}"
                    );
                    continue;
                }
                Some(("run", given)) => (given, given.get_many::<PathBuf>("experiment")),
                Some(("check", given)) => (given, given.get_many::<PathBuf>("files")),
                _ => continue,
            };
            let ours = |file: &PathBuf| {
                let shipped = file.starts_with(root().join("configs"));
                shipped && !file.ends_with("my-question.ron")
            };
            let files = files.into_iter().flatten().map(|file| root().join(file));
            let set: Vec<Override> = given
                .get_many("set")
                .into_iter()
                .flatten()
                .cloned()
                .collect();
            let options = Options {
                seed: given.get_one("seed").copied(),
                days: given.get_one("days").copied(),
                scale: given.get_one("scale").copied(),
                ..Options::default()
            };
            for file in files.filter(ours).flat_map(|file| matching(&file)) {
                checked += 1;
                if let Err(problems) = check(&file, &set, &options, &Laboratory) {
                    panic!("{page}: prodos {}\n{problems}", words.join(" "));
                }
            }
        }
    }
    assert!(tried > 40, "only {tried} commands were found");
    assert!(checked > 20, "only {checked} files were checked");
}

#[test]
fn every_experiment_that_is_printed_whole_is_sound() {
    let folder = TempDir::new().expect("a folder");
    for kind in ["cities", "experiments", "policies", "scenarios"] {
        let (from, to) = (root().join("configs").join(kind), folder.path().join(kind));
        fs::create_dir(&to).expect("it can be made");
        for entry in fs::read_dir(from).expect("it can be listed").flatten() {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("it can be copied");
        }
    }
    let experiments = folder.path().join("experiments");
    let begun = BEGUN.replace("NAME-city.ron", "../cities/harbour.ron");
    fs::write(experiments.join("my-question.ron"), begun).expect("it can be written");
    let place = experiments.join("printed.ron");
    let mut tried = 0;
    for (page, text) in pages() {
        let whole = listings(&text, "ron")
            .into_iter()
            .filter(|listing| listing.starts_with("(\n"));
        for listing in whole {
            tried += 1;
            fs::write(&place, listing).expect("it can be written");
            if let Err(problems) = check(&place, &[], &Options::default(), &Laboratory) {
                panic!("{page}:\n{listing}\n{problems}");
            }
        }
    }
    assert!(tried >= 3, "only {tried} experiments were found");
}

#[test]
fn every_case_that_is_printed_is_sound_and_met() {
    let folder = TempDir::new().expect("a folder");
    let ground = folder.path().join("ground");
    fs::create_dir(&ground).expect("it can be made");
    let quiet = root().join("configs/verification/ground/quiet.ron");
    fs::copy(quiet, ground.join("quiet.ron")).expect("it can be copied");
    let place = folder.path().join("printed.ron");
    let mut tried = 0;
    for (page, text) in pages() {
        let cases = listings(&text, "text").into_iter();
        for case in cases.filter(|listing| listing.starts_with("(\n    family")) {
            tried += 1;
            fs::write(&place, case).expect("it can be written");
            let case = prodos_config::load_case(&place, &Laboratory);
            let case = case.unwrap_or_else(|problems| panic!("{page}\n{problems}"));
            let outcomes = verify(&case, true, &|_| {});
            assert!(
                outcomes.iter().all(|outcome| outcome.met == Met::Yes),
                "{outcomes:?}"
            );
        }
    }
    assert_eq!(tried, 2);
}

/// Notes on what changes nothing.
fn idle(experiment: &prodos_config::Experiment) -> Vec<String> {
    let notes = prodos_config::notices(experiment).into_iter();
    notes
        .filter(|note| note.contains("changes nothing"))
        .collect()
}

/// What `prodos explain` shows as an example stands in a file as it is, and does something there.
#[test]
fn every_example_that_is_explained_is_sound() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("example.ron");
    let base = root().join("configs/experiments/uk-baseline.ron");
    let mut tried = 0;
    for entry in prodos_guide::all() {
        let Some(example) = entry.line("in a file") else {
            continue;
        };
        tried += 1;
        let inside = example
            .strip_prefix("(parameters")
            .map(|rest| format!("parameters{}", &rest[..rest.len() - 1]));
        let inside = inside.unwrap_or_else(|| example.to_owned());
        let text = format!(
            "(extends: {:?}, {inside})",
            base.canonicalize().expect("it is there")
        );
        fs::write(&file, text).expect("it can be written");
        let sound = prodos_config::load(&file, &[], &Options::default());
        let sound =
            sound.unwrap_or_else(|problems| panic!("{}: {example}\n{problems}", entry.word));
        let idle = idle(&sound);
        assert!(idle.is_empty(), "{}: {idle:?}", entry.word);
    }
    let nothing = r#"shocks: [(name: "none", kind: supply, size: 0, day: 1, days: 2)]"#;
    fs::write(&file, format!("(extends: {base:?}, scenario: ({nothing}))"))
        .expect("it can be written");
    let sound = prodos_config::load(&file, &[], &Options::default());
    let sound = sound.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(idle(&sound).len(), 1, "what does nothing is told");
    assert!(tried > 150, "only {tried} examples");
}

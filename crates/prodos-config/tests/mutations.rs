//! Files spoilt at random never stop the program, and every message speaks our language.
//!
//! The long form, a hundred thousand files, is a command of its own:
//! `cargo test --release -p prodos-config --test mutations -- --ignored`

use prodos_config::{Options, load_text};
use prodos_model::parameters::Parameters;
use std::path::Path;

/// A small generator of its own: tests need no more.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

const CRUMBS: [&str; 24] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\",
    "//",
    "/*",
    "*/",
    "-",
    "NaN",
    "1e999",
    "None",
    "Some(",
    "r#\"",
    "é",
    "\u{feff}",
    "99999999999999999999999999999999999999999999",
    "\\u{110000}",
    "\0",
];

/// Phrases of libraries that mean nothing to a modeller.
const FOREIGN: [&str; 6] = [
    "invalid digit",
    "Expected",
    "struct ",
    "deserialize",
    "expected u32",
    "expected f64",
];

fn whole_files() -> Vec<String> {
    ["harbour", "uk-repeated-shocks", "uk-maintenance-starved"]
        .iter()
        .map(|name| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/experiments");
            let path = folder.join(format!("{name}.ron"));
            let experiment = prodos_config::load(&path, &[], &Options::default())
                .unwrap_or_else(|problems| panic!("{problems}"));
            prodos_config::to_ron(&experiment)
        })
        .collect()
}

fn spoil(text: &str, dice: &mut Dice) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len());
        match dice.below(4) {
            0 => {
                bytes.remove(at);
            }
            1 => bytes[at] = 32 + dice.below(95) as u8,
            2 => {
                let crumb = CRUMBS[dice.below(CRUMBS.len())].bytes();
                bytes.splice(at..at, crumb);
            }
            _ => {
                let end = (at + dice.below(200)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a spoilt file is refused, and if so whether the worst of its problems has a place in it.
fn sound_or_told(text: &str) -> Option<bool> {
    let problems = load_text("spoilt.ron", text, &[], &Options::default()).err()?;
    let page = problems.render(false);
    assert!(page.contains("error["), "{page}");
    for claim in problems.claims() {
        // What stands between backticks is quoted from the file.
        let ours: String = claim.split('`').step_by(2).collect();
        assert!(
            !FOREIGN.iter().any(|phrase| ours.contains(phrase)),
            "{claim}"
        );
    }
    let worst = problems.claims().next().expect("there is a problem");
    Some(worst.starts_with("spoilt.ron:"))
}

/// Spoils so many files and demands that of those refused nineteen in twenty are shown their place.
fn spoil_many(rounds: usize) {
    let files = whole_files();
    let mut dice = Dice(20_190_101);
    let told: Vec<bool> = (0..rounds)
        .filter_map(|round| sound_or_told(&spoil(&files[round % files.len()], &mut dice)))
        .collect();
    let placed = told.iter().filter(|&&placed| placed).count();
    assert!(told.len() > rounds / 2, "only {} were refused", told.len());
    assert!(
        placed * 20 > told.len() * 19,
        "{placed} of {} refusals have a place",
        told.len()
    );
}

#[test]
fn spoilt_files_never_panic_and_are_shown_where() {
    spoil_many(400);
}

#[test]
#[ignore = "a hundred thousand files: run by its own command"]
fn a_hundred_thousand_spoilt_files_never_panic_and_are_shown_where() {
    spoil_many(100_000);
}

#[test]
fn a_file_cut_at_any_line_is_refused() {
    let text = &whole_files()[0];
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    for end in &ends[..ends.len() - 1] {
        let cut = &text[..*end];
        assert!(
            load_text("cut.ron", cut, &[], &Options::default()).is_err(),
            "{cut}"
        );
    }
}

#[test]
fn deep_nesting_is_refused_kindly() {
    for bracket in ["(", "[", "{\"a\":", "(a:", "Some("] {
        assert!(sound_or_told(&bracket.repeat(100_000)).is_some());
    }
}

#[test]
fn every_parameter_is_guarded_at_both_ends() {
    let city = "city: (sectors: {\"a\": (jobs: 10, output: 10)})";
    for parameter in Parameters::table() {
        let (room, name) = (parameter.group, parameter.name);
        let bad = if parameter.choices.is_empty() {
            let step = 1.0 + parameter.range.1.abs().max(parameter.range.0.abs()) * 1e-3;
            let outside = [parameter.range.0 - step, parameter.range.1 + step];
            outside
                .iter()
                .map(f64::to_string)
                .chain(["NaN", "inf", "\"text\""].map(str::to_owned))
                .collect()
        } else {
            vec!["nonsense".to_owned(), "1".to_owned()]
        };
        for value in bad {
            let text = format!("({city}, parameters: ({room}: ({name}: {value})))");
            let refused = load_text("bad.ron", &text, &[], &Options::default());
            assert!(refused.is_err(), "{room}.{name} = {value}");
        }
    }
}

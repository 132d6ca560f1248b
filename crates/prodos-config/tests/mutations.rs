//! Files spoilt at random never stop the program, and every message speaks our language.
//!
//! The long form, a hundred thousand files, is a command of its own:
//! `cargo test --release -p prodos-config --test mutations -- --ignored`

use prodos_config::{Options, check, load_text};
use prodos_model::parameters::Parameters;
use serde_json::Value;
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
    for text in &whole_files() {
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        for end in &ends[..ends.len() - 1] {
            let cut = &text[..*end];
            assert!(
                load_text("cut.ron", cut, &[], &Options::default()).is_err(),
                "{cut}"
            );
        }
    }
}

/// Every file that is shipped, as it is written: cities, experiments, policies, scenarios, theory cases.
#[test]
fn a_shipped_file_cut_at_any_line_is_refused() {
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    let scratch = tempfile::TempDir::new().expect("a folder");
    let kinds = [
        "cities",
        "experiments",
        "policies",
        "scenarios",
        "verification",
        "verification/ground",
    ];
    let listed = |kind: &str| {
        std::fs::read_dir(configs.join(kind))
            .expect("it is there")
            .flatten()
            .filter(|entry| entry.path().is_file())
    };
    // Beside its neighbours, so that a cut file is refused for being cut.
    for kind in kinds {
        std::fs::create_dir(scratch.path().join(kind)).expect("it can be made");
        for entry in listed(kind) {
            let copy = scratch.path().join(kind).join(entry.file_name());
            std::fs::copy(entry.path(), copy).expect("it can be copied");
        }
    }
    let mut tried = 0;
    for kind in kinds {
        let cut = scratch.path().join(kind).join("cut.ron");
        for entry in listed(kind) {
            let text = std::fs::read_to_string(entry.path()).expect("it can be read");
            std::fs::write(&cut, &text).expect("it can be written");
            let whole = check(&cut, &[], &Options::default(), &());
            assert!(whole.is_ok(), "{}", entry.path().display());
            let last = text.trim_end().rfind('\n').unwrap_or(0);
            for (end, _) in text.match_indices('\n').filter(|(at, _)| *at <= last) {
                tried += 1;
                std::fs::write(&cut, &text[..end]).expect("it can be written");
                let found = check(&cut, &[], &Options::default(), &());
                assert!(
                    found.is_err(),
                    "{}:\n{}",
                    entry.path().display(),
                    &text[..end]
                );
            }
        }
    }
    assert!(tried > 500, "only {tried} cuts");
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

/// A small experiment in which one value of one group is this one.
fn experiment_with(group: &str, name: &str, value: &str) -> String {
    let fields = |own: &str, sound: &[(&str, &str)]| {
        let mut fields: Vec<(&str, &str)> = sound.to_vec();
        if own == group {
            fields.retain(|(other, _)| *other != name);
            fields.push((name, value));
        }
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        format!("({})", fields.join(", "))
    };
    let sector = fields(
        "sector",
        &[("jobs", "10"), ("output", "10"), ("households", "10")],
    );
    let role = fields("role", &[("error", "1"), ("training", "1")]);
    let shock = fields(
        "shock",
        &[
            ("name", "\"s\""),
            ("kind", "supply"),
            ("size", "0.5"),
            ("day", "1"),
            ("days", "2"),
        ],
    );
    let change = fields(
        "change",
        &[
            ("day", "3"),
            ("parameters", "(hours: (protected_share: 0.5))"),
        ],
    );
    let sectors = format!("{{\"a\": {sector}}}");
    let roles = format!("{{\"general\": {role}}}");
    let lattice = fields("lattice", &[]);
    let city = fields(
        "city",
        &[
            ("sectors", &sectors),
            ("roles", &roles),
            ("lattice", &lattice),
        ],
    );
    let scenario = fields("scenario", &[("shocks", &format!("[{shock}]"))]);
    let policy = fields("policy", &[("changes", &format!("[{change}]"))]);
    let record = fields("record", &[]);
    let range = fields("variable", &[("from", "60"), ("to", "600")]);
    let vary = format!("{{\"wear.scale\": {range}}}");
    let design = fields(
        "design",
        &[("vary", &vary), ("points", "sobol"), ("count", "4")],
    );
    let design = format!("[{design}]");
    let until = fields(
        "until",
        &[("half_width", "{\"output_mean\": 0.1}"), ("most", "9")],
    );
    let stop = fields("stop", &[("probe", "\"margin\""), ("below", "0")]);
    let parts = [
        ("city", &*city),
        ("scenario", &scenario),
        ("policy", &policy),
        ("record", &record),
        ("design", &design),
        ("until", &until),
        ("stop", &stop),
        ("days", "30"),
    ];
    fields("experiment", &parts)
}

/// Values that a field of this shape must not take: each number in it below, above, not a number or of
/// another type, in the pair, list or map that it stands in under `key`.
fn refused_by(shape: &Value, key: &str) -> Vec<String> {
    let around = |inner: Vec<String>, form: fn(&str, &str) -> String| -> Vec<String> {
        inner.iter().map(|value| form(value, key)).collect()
    };
    if shape["additionalProperties"].is_object() {
        let inner = refused_by(&shape["additionalProperties"], key);
        return around(inner, |value, key| format!("{{\"{key}\": {value}}}"));
    }
    if let Some([day, level]) = shape["prefixItems"].as_array().map(Vec::as_slice) {
        let mut pairs = around(refused_by(day, key), |day, _| format!("({day}, 0.5)"));
        pairs.extend(around(refused_by(level, key), |level, _| {
            format!("(3, {level})")
        }));
        return pairs;
    }
    if !shape["items"].is_null() {
        let inner = refused_by(&shape["items"], key);
        return if shape["minItems"] == 2 {
            around(inner, |value, _| format!("({value}, {value})"))
        } else {
            around(inner, |value, _| format!("[{value}]"))
        };
    }
    if shape["type"] != "number" && shape["type"] != "integer" {
        return Vec::new();
    }
    let ends = (shape["minimum"].as_f64(), shape["maximum"].as_f64());
    let (Some(low), Some(high)) = ends else {
        panic!("a number without an end: {shape}");
    };
    let whole = shape["type"] == "integer";
    let step = |end: f64| if whole { 1.0 } else { end.abs() * 1e-3 + 1e-12 };
    let mut values = vec![low - step(low), high + step(high)]
        .into_iter()
        .map(|value| format!("{value}"))
        .collect::<Vec<_>>();
    values.extend(["-1e300", "NaN", "inf", "\"text\"", "[1]"].map(str::to_owned));
    if whole {
        values.push(format!("{low}.5"));
    }
    values
}

/// A key that a map of a field may have.
fn key_of(name: &str) -> &'static str {
    match name {
        "roles" => "general",
        "connectors" => "education",
        "half_width" => "output_mean",
        _ => "a",
    }
}

#[test]
fn every_number_of_the_schema_is_guarded_at_both_ends() {
    let schema = prodos_config::schema();
    let groups = schema["$defs"].as_object().expect("it has groups");
    let sound = experiment_with("", "", "");
    load_text("sound.ron", &sound, &[], &Options::default())
        .unwrap_or_else(|problems| panic!("{problems}"));
    // Parameters have a test of their own, and cases are files of their own.
    let other = ["parameters", "case", "arm", "measure"];
    let mut tried = 0;
    for (group, shape) in groups
        .iter()
        .filter(|(group, _)| !other.contains(&group.as_str()))
    {
        for (name, shape) in shape["properties"].as_object().expect("it has fields") {
            for value in refused_by(shape, key_of(name)) {
                tried += 1;
                let text = experiment_with(group, name, &value);
                let Err(problems) = load_text("bad.ron", &text, &[], &Options::default()) else {
                    panic!("{group}.{name} = {value} is taken");
                };
                let page = problems.render(false);
                assert!(
                    (page.contains(name.as_str()) || page.contains(key_of(name)))
                        && page.contains("--> bad.ron:1:"),
                    "{page}"
                );
            }
        }
    }
    assert!(tried > 200, "only {tried} values were tried");
}

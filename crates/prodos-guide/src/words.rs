//! The entries, each kind from its table.

use prodos_config::fields::{Field, GROUPS, Group, Holds};
use prodos_config::with_article;
use prodos_experiment::verification::kernels::{Grain, KERNELS, Kernel, Need, Shape};
use prodos_experiment::verification::{FUNCTIONS, STATISTICS, named};
use prodos_experiment::{KEYS, Key, Outcomes, SHORTAGE_DAYS};
use prodos_model::connectors::{CONNECTORS, ORGANS};
use prodos_model::day::STEPS;
use prodos_model::parameters::Parameters;
use prodos_model::phase::Phases;
use prodos_model::rows::{CityRow, OperatorRow, SectorRow, TeamRow};
use prodos_model::spec::ShockKind;
use prodos_quantity::{Choice, Kind as ProbeKind, Parameter, Probe, Role, Value};
use std::fmt::Write;

/// Which rooms read each parameter, found in the source of the model.
const READERS: &[(&str, &[&str])] = include!(concat!(env!("OUT_DIR"), "/readers.rs"));
/// Rooms with their prose, found in the source of the model.
const ROOMS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rooms.rs"));
const IDEAS: &str = include_str!("../../../docs/seed-map.md");
const GLOSSARY: &str = include_str!("../../../docs/book/src/glossary.md");

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A number or choice that can be set.
    Parameter,
    /// A named value of a file.
    Field,
    /// A column of the recorded series.
    Probe,
    /// A column that says what a row is about.
    Key,
    /// A column of the summary.
    Outcome,
    /// A column of the differences between policies.
    Difference,
    /// The day with all its steps.
    Day,
    /// One step of the day.
    Step,
    /// A room of the model.
    Room,
    /// One of the four phases.
    Phase,
    /// A kind of shock.
    Shock,
    /// Another system of the city.
    Connector,
    /// An idea that the model makes quantitative.
    Idea,
    /// A function or reference process that a verification case can call.
    Kernel,
    /// What a verification case can take of the ticks of a run.
    Statistic,
    /// A word of the glossary.
    Term,
}

impl Kind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Parameter => "parameter",
            Kind::Field => "field",
            Kind::Probe => "probe",
            Kind::Key => "key",
            Kind::Outcome => "outcome",
            Kind::Difference => "column of differences",
            Kind::Day => "day",
            Kind::Step => "step",
            Kind::Room => "room",
            Kind::Phase => "phase",
            Kind::Shock => "shock",
            Kind::Connector => "connector",
            Kind::Idea => "idea",
            Kind::Kernel => "kernel of verification cases",
            Kind::Statistic => "statistic of verification cases",
            Kind::Term => "term",
        }
    }

    /// The page of the book that holds all entries of this kind.
    pub fn page(self) -> &'static str {
        match self {
            Kind::Parameter => "reference/parameters.md",
            Kind::Field => "reference/files.md",
            Kind::Probe | Kind::Key => "reference/probes.md",
            Kind::Outcome | Kind::Difference => "reference/outcomes.md",
            Kind::Day | Kind::Step => "reference/day.md",
            Kind::Room => "reference/rooms.md",
            Kind::Phase | Kind::Shock | Kind::Connector => "reference/phases-shocks-connectors.md",
            Kind::Idea => "reference/ideas.md",
            Kind::Kernel => "reference/kernels.md",
            Kind::Statistic => "start/checking.md",
            Kind::Term => "glossary.md",
        }
    }
}

/// What is known of one word.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The word as it is written.
    pub word: String,
    /// What it is.
    pub kind: Kind,
    /// What it means.
    pub meaning: String,
    /// What else is known, as named lines.
    pub lines: Vec<(&'static str, String)>,
}

impl Entry {
    fn new(kind: Kind, word: impl Into<String>, meaning: impl Into<String>) -> Entry {
        Entry {
            word: word.into(),
            kind,
            meaning: meaning.into().trim().to_owned(),
            lines: Vec::new(),
        }
    }

    /// With one more line; an empty one is left out.
    fn with(mut self, name: &'static str, text: impl Into<String>) -> Entry {
        let text = text.into();
        if !text.is_empty() {
            self.lines.push((name, text));
        }
        self
    }

    /// A line by its name.
    pub fn line(&self, name: &str) -> Option<&str> {
        let mut lines = self.lines.iter();
        lines
            .find(|(own, _)| *own == name)
            .map(|(_, text)| text.as_str())
    }

    /// The entry as text for a terminal.
    pub fn text(&self) -> String {
        let book = ("book", format!("docs/book/src/{}", self.kind.page()));
        let lines = || self.lines.iter().chain([&book]);
        let width = lines().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{} ({})\n  {}",
            self.word,
            self.kind.name(),
            self.meaning
        );
        for (name, line) in lines() {
            let indent = format!("\n  {:width$}  ", "");
            let _ = writeln!(text, "  {name:width$}  {}", line.replace('\n', &indent));
        }
        text
    }
}

/// Every entry, kind by kind, each kind in the order of its table.
pub fn all() -> Vec<Entry> {
    let mut entries = parameters();
    entries.extend(fields());
    entries.extend(probes());
    entries.extend(keys());
    entries.extend(outcomes());
    entries.extend(differences());
    entries.push(day());
    entries.extend(STEPS.iter().map(step));
    entries.extend(rooms());
    entries.extend(phases());
    entries.extend(shocks());
    entries.extend(connectors());
    entries.extend(ideas());
    entries.extend(KERNELS.iter().map(kernel));
    entries.extend(STATISTICS.map(|(form, meaning)| in_a_formula(form, meaning)));
    entries.extend(FUNCTIONS.map(|(form, meaning, _)| in_a_formula(form, meaning)));
    entries.extend(terms());
    entries
}

fn parameters() -> Vec<Entry> {
    Parameters::table().into_iter().map(parameter).collect()
}

fn parameter(own: &'static Parameter) -> Entry {
    let path = own.path();
    let readers = READERS.iter().find(|(other, _)| *other == path);
    let readers = readers.map_or(&[][..], |(_, rooms)| rooms);
    let entry = Entry::new(Kind::Parameter, &path, own.doc);
    let entry = match own.default {
        Value::Number(default) => {
            let ((low, high), (least, most)) = (own.range, own.typical);
            entry
                .with("unit", own.unit)
                .with("default", default.to_string())
                .with("range", format!("{low} to {high}"))
                .with("usual", format!("{least} to {most}"))
        }
        Value::Choice(default) => entry.with("default", default).with(
            "choices",
            own.choices
                .iter()
                .map(|(name, doc)| format!("{name}: {}", doc.trim()))
                .collect::<Vec<_>>()
                .join("\n"),
        ),
    };
    let (role, example) = match own.role {
        Role::Lever => (
            "lever: what we do; a policy, a city or an experiment may set it",
            "policy: (parameters: ",
        ),
        Role::Uncertain => (
            "uncertain: what the world does; a scenario, a city or an experiment may set it",
            "scenario: (parameters: ",
        ),
        Role::Convention => (
            "convention: kept unless the method itself is studied; a city or an experiment may set it",
            "(parameters: ",
        ),
    };
    let default = match own.default {
        Value::Number(default) => default.to_string(),
        Value::Choice(default) => default.to_owned(),
    };
    entry
        .with("role", role)
        .with("source", own.source)
        .with("read by", readers.join(", "))
        .with("set it", format!("--set {path}={default}"))
        .with(
            "in a file",
            format!("{example}({}: ({}: {default})))", own.group, own.name),
        )
}

fn fields() -> Vec<Entry> {
    let entry = |group: &Group, field: &Field| {
        let allowed = match field.holds {
            Holds::Text => "a text in quotes".to_owned(),
            Holds::Truth => "`true` or `false`".to_owned(),
            Holds::Whole(low, u64::MAX) => format!("a whole number, {low} or more"),
            Holds::Whole(low, high) => format!("a whole number, {low} to {high}"),
            Holds::Number(low, high) if high >= 1e15 && low < 0.0 => "a number".to_owned(),
            Holds::Number(low, high) if high >= 1e9 => format!("a number, {low} or more"),
            Holds::Number(low, high) => format!("a number, {low} to {high}"),
            Holds::Word(words) | Holds::Words(words) => words
                .iter()
                .map(|(name, doc)| format!("{name}: {}", doc.trim()))
                .collect::<Vec<_>>()
                .join("\n"),
            Holds::Texts => "a list of texts in quotes".to_owned(),
            Holds::Pair(low, high) => format!("two whole numbers, {low} to {high}, as `(8, 12)`"),
            Holds::One(name) => format!("values of {}, as `(name: value)`", with_article(name)),
            Holds::WordOr(words, name) => {
                let words: Vec<String> = words
                    .iter()
                    .map(|(word, doc)| format!("{word}: {}", doc.trim()))
                    .collect();
                format!(
                    "{}\nor values of {}, as `(name: value)`",
                    words.join("\n"),
                    with_article(name)
                )
            }
            Holds::FileOr(name) => format!(
                "a path to {} file, or its values in place",
                with_article(name)
            ),
            Holds::ListOf(name) => format!("a list of values of {}", with_article(name)),
            Holds::OneOrListOf(name) => format!(
                "values of {}, as `(name: value)`, or a list of them",
                with_article(name)
            ),
            Holds::FilesOr(name) => format!(
                "paths or values of {} by key, as `{{\"key\": \"../policies/NAME.ron\"}}`",
                with_article(name)
            ),
            Holds::Varied(name) => format!(
                "lists, or values of {}, by path, as `{{\"wear.scale\": [200, 300]}}`",
                with_article(name)
            ),
            Holds::Settings => "a list of numbers, words, `true` and `false`".to_owned(),
            Holds::ListOfSettings => {
                "a list of values by path, as `[{\"wear.scale\": 200}, {\"wear.scale\": 300}]`"
                    .to_owned()
            }
            Holds::MapOf(name) => {
                format!(
                    "values of {} by key, as `{{\"key\": (name: value)}}`",
                    with_article(name)
                )
            }
            Holds::Numbers(..) => "numbers by key, as `{\"key\": 0.5}`".to_owned(),
            Holds::Lists => "lists of sectors by key, as `{\"key\": [\"A\", \"B\"]}`".to_owned(),
            Holds::Levels => "lists by connector, as `{\"finance\": [(365, 0.8)]}`".to_owned(),
            Holds::Given => {
                "numbers, lists and tables by name, as `(load: 0.2, list: [1, 2])`".to_owned()
            }
            Holds::Parameters => "parameters by room, as `(wear: (scale: 200))`".to_owned(),
            Holds::BySector => {
                "parameters by sector, as `{\"C\": (wear: (scale: 200))}`".to_owned()
            }
        };
        Entry::new(
            Kind::Field,
            format!("{}.{}", group.name, field.name),
            field.doc,
        )
        .with("stands in", group.doc)
        .with("takes", allowed)
        .with("required", if field.required { "yes" } else { "" })
    };
    GROUPS
        .iter()
        .flat_map(|group| group.fields.iter().map(move |field| entry(group, field)))
        .collect()
}

fn probes() -> Vec<Entry> {
    let tables = [
        ("city", CityRow::PROBES),
        ("sectors", SectorRow::PROBES),
        ("teams", TeamRow::PROBES),
        ("operators", OperatorRow::PROBES),
    ];
    let mut entries: Vec<Entry> = Vec::new();
    for (table, probes) in tables {
        for probe in probes {
            let place = format!("series/{table}.parquet");
            let same =
                |entry: &&mut Entry| entry.word == probe.name && entry.meaning == probe.doc.trim();
            match entries.iter_mut().find(same) {
                Some(entry) => {
                    let tables = entry.lines.iter_mut().find(|(name, _)| *name == "tables");
                    if let Some((_, tables)) = tables {
                        *tables = format!("{tables}, {place}");
                    }
                }
                None => entries.push(probe_entry(probe, &place)),
            }
        }
    }
    merge_alike(entries)
}

/// Probes of one name that mean something else at another zoom become one entry with both meanings.
fn merge_alike(entries: Vec<Entry>) -> Vec<Entry> {
    let mut merged: Vec<Entry> = Vec::new();
    for entry in entries {
        match merged.iter_mut().find(|other| other.word == entry.word) {
            Some(other) => {
                let tables = entry.line("tables").unwrap_or("").to_owned();
                other
                    .lines
                    .push(("elsewhere", format!("{} ({tables})", entry.meaning)));
            }
            None => merged.push(entry),
        }
    }
    merged
}

fn probe_entry(probe: &Probe, place: &str) -> Entry {
    Entry::new(Kind::Probe, probe.name, probe.doc)
        .with("unit", probe.unit)
        .with("kind", kind_of(probe))
        .with("tables", place)
        .with(
            "written by",
            "step 14 and the read-out; nothing in the model reads it",
        )
}

fn kind_of(probe: &Probe) -> &'static str {
    match probe.kind {
        ProbeKind::Flow => "flow: a quantity a day; rows of several days hold the mean",
        ProbeKind::Stock => "stock: a quantity at the end of the day",
        ProbeKind::Level => "level: a ratio, index or mean; rows of several days hold the mean",
        ProbeKind::State => "state: one of a list, by its number",
    }
}

fn keys() -> Vec<Entry> {
    let entry = |key: &Key| {
        Entry::new(Kind::Key, key.name, key.doc)
            .with("unit", key.unit)
            .with("tables", key.tables)
    };
    KEYS.iter().map(entry).collect()
}

fn outcomes() -> Vec<Entry> {
    let entry = |probe: &Probe| {
        Entry::new(Kind::Outcome, probe.name, probe.doc)
            .with("unit", probe.unit)
            .with("tables", "summary.csv, summary.parquet")
    };
    Outcomes::PROBES
        .iter()
        .chain([&SHORTAGE_DAYS])
        .map(entry)
        .collect()
}

fn differences() -> Vec<Entry> {
    let table = prodos_experiment::compare::table(&[]);
    let columns = table.columns().iter();
    let entries = columns.map(|column| {
        Entry::new(Kind::Difference, column.name.as_str(), column.doc.as_str())
            .with("unit", column.unit.as_str())
            .with("tables", "differences.csv, differences.parquet")
    });
    entries.collect()
}

fn day() -> Entry {
    let lines: Vec<String> = STEPS
        .iter()
        .map(|step| {
            format!(
                "{:2}  {:8?}  {} [{}]",
                step.number, step.part, step.does, step.room
            )
        })
        .collect();
    Entry::new(
        Kind::Day,
        "tick",
        "One tick of the model, a day unless the city file says otherwise: fourteen steps, each of which reads only what earlier ones left.",
    )
    .with("steps", lines.join("\n"))
}

fn step(step: &prodos_model::day::Step) -> Entry {
    let reads: Vec<String> = Parameters::table()
        .iter()
        .map(|parameter| parameter.path())
        .filter(|path| {
            let own = READERS.iter().find(|(other, _)| other == path);
            own.is_some_and(|(_, rooms)| step.room.split(", ").any(|room| rooms.contains(&room)))
        })
        .collect();
    Entry::new(Kind::Step, format!("step {}", step.number), step.does)
        .with("part", format!("{:?}", step.part).to_lowercase())
        .with("rooms", step.room)
        .with("parameters", reads.join(", "))
}

fn rooms() -> Vec<Entry> {
    let entry = |(path, prose): &(&str, &str)| {
        let name = path
            .trim_end_matches("/mod")
            .rsplit('/')
            .next()
            .unwrap_or(path);
        let steps: Vec<String> = STEPS
            .iter()
            .filter(|step| step.room.split(", ").any(|room| room == *path))
            .map(|step| format!("{} ({})", step.number, step.does))
            .collect();
        let read: Vec<String> = READERS
            .iter()
            .filter(|(_, rooms)| rooms.contains(path))
            .map(|(path, _)| (*path).to_owned())
            .collect();
        Entry::new(Kind::Room, name, *prose)
            .with("source", format!("crates/prodos-model/src/{path}"))
            .with("steps", steps.join("\n"))
            .with("reads", read.join(", "))
    };
    ROOMS.iter().map(entry).collect()
}

fn phases() -> Vec<Entry> {
    let p = Phases::default();
    let phase = |number: u8, name: &str, is: &str| {
        Entry::new(
            Kind::Phase,
            format!("phase {number}"),
            format!("{name}: {is}"),
        )
    };
    vec![
        phase(0, "breakdown", "more repair work is offered than can be done and the backlog has been old for weeks, or orders are not served.")
            .with("entered", format!(
                "offered load above 1 with a backlog older than {} days, for {} days; or fill below {} for {} days; from any phase",
                p.backlog_normal.0, p.enter_dwell.0, p.fill_broken.0, p.broken_dwell.0))
            .with("left", format!(
                "for phase 1: free repair capacity above {}, backlog falling or younger than {} days, fill of {} or more, for {} days",
                p.leave_free.0, p.stable_backlog.0, p.fill_broken.0, p.leave_dwell.0)),
        phase(1, "repair", "what broke is being mended, and orders are not yet served as they should be.")
            .with("left", format!(
                "for phase 2: backlog younger than {} days, fill above {}, incidents below twice their rate at rest, for {} days",
                p.backlog_normal.0, p.fill_rebuild.0, p.rebuild_dwell.0)),
        phase(2, "rebuild", "delivery works again, and reserves, skill and upkeep are being restored.")
            .with("left", format!(
                "for phase 3: free repair capacity above {}, backlog younger than {} days, fill above {}, protected work done above {}, drift below 1, buffer above 0.5, margin above {}, for {} days; for phase 1: backlog older than {} days or free capacity below {}, for {} days",
                p.stable_free.0, p.stable_backlog.0, p.stable_fill.0, p.stable_protected.0, p.stable_margin.0, p.stable_dwell.0,
                p.backlog_normal.0, p.slip_free.0, p.slip_dwell.0)),
        phase(3, "stable", "delivery, upkeep and reserves hold.")
            .with("left", format!(
                "for phase 2: protected work done below {}, drift above {} or fill below {}, for {} days",
                p.slip_protected.0, p.slip_drift.0, p.slip_fill.0, p.slip_dwell.0)),
    ]
}

fn shocks() -> Vec<Entry> {
    let entry = |(name, doc): &(&str, &str)| {
        let lasts = match *name {
            "damage" => "hours: 36, day: 365",
            "demand" => "demand: [exports], day: 365, days: 30",
            "link" => "sectors: [\"C\"], users: [\"F\"], day: 365, days: 30",
            _ => "day: 365, days: 30",
        };
        Entry::new(Kind::Shock, *name, *doc).with(
            "in a file",
            format!("scenario: (shocks: [(name: \"a name\", kind: {name}, size: 0.3, {lasts})])"),
        )
    };
    ShockKind::NAMES.iter().map(entry).collect()
}

fn connectors() -> Vec<Entry> {
    let entry = |name: &&str| {
        let acts = CONNECTORS.contains(name);
        let meaning = if acts {
            "Another system of the city; a scenario gives it a level between 0 and 1 from a day on, 1 at rest, which scales what it means to production."
        } else {
            "Another system of the city, named in a city file by the sectors that serve it; its level does not act on production yet."
        };
        let example = format!("scenario: (connectors: {{\"{name}\": [(365, 0.8)]}})");
        Entry::new(Kind::Connector, *name, meaning)
            .with("in a file", if acts { example } else { String::new() })
    };
    ORGANS.iter().map(entry).collect()
}

/// Rows of the tables of `docs/seed-map.md`.
fn ideas() -> Vec<Entry> {
    let rows = IDEAS.lines().filter(|line| line.starts_with("| "));
    rows.filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, idea, rooms, seen, shown, state] = cells.as_slice() else {
            return None;
        };
        let named = !id.is_empty() && *id != "id" && !id.starts_with('-');
        named.then(|| {
            Entry::new(Kind::Idea, *id, *idea)
                .with("rooms", *rooms)
                .with("set and see", *seen)
                .with("shown by", *shown)
                .with("state", *state)
        })
    })
    .collect()
}

fn kernel(own: &Kernel) -> Entry {
    let needs: Vec<String> = own.needs.iter().map(need).collect();
    let gives = own.gives.iter().map(|(name, doc)| format!("{name}: {doc}"));
    Entry::new(Kind::Kernel, own.name, own.doc)
        .with("takes", needs.join("\n"))
        .with("gives", gives.collect::<Vec<_>>().join("\n"))
        .with("source", own.source)
}

/// A statistic or function that the formula of a case may ask for.
fn in_a_formula(form: &str, meaning: &str) -> Entry {
    Entry::new(Kind::Statistic, named(form), meaning).with("written", form)
}

fn need(own: &Need) -> String {
    let (low, high) = own.range;
    let whole = if own.grain == Grain::Whole {
        "whole, "
    } else {
        ""
    };
    let shape = match own.shape {
        Shape::Number => String::new(),
        Shape::NumberOr(usual) => format!("; {usual:?} where nothing is said"),
        Shape::List => "; a list".to_owned(),
        Shape::ListOrPlaces => "; a list, 1, 2, 3 and so on where nothing is said".to_owned(),
        Shape::Table => "; a table, row by row".to_owned(),
    };
    format!(
        "{}: {} ({}, {whole}{low:?} to {high:?}{shape})",
        own.name, own.doc, own.unit
    )
}

/// Words of the glossary: `**word**: meaning` at the start of a line.
fn terms() -> Vec<Entry> {
    GLOSSARY
        .lines()
        .filter_map(|line| {
            let (word, meaning) = line.strip_prefix("**")?.split_once("**: ")?;
            Some(Entry::new(Kind::Term, word, meaning))
        })
        .collect()
}

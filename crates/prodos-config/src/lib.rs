//! RON files to a checked experiment: layering, overrides, and messages that point into the file.
//!
//! Five kinds of file: a **city** says what is, a **scenario** what the world does, a **policy** what
//! we do, an **experiment** which of those, when, with which seeds, and what to record, and a **case** which
//! published result an experiment or a kernel must meet. Each but the last may
//! extend another file of its kind and then says only what differs: named maps merge by key, lists
//! replace, and `None` takes back what the layer below said. In an experiment the other three are a
//! path, or an inline value; an inline value without `extends` changes what the experiment below says.
//!
//! Reading goes in steps, a room each:
//! `read` makes a tree that remembers where every value was written, `layers` merges trees,
//! `overrides` puts the command line on top, `parameters` checks every number against its table,
//! `typed` turns the tree into types, `fill` adds the defaults, `checks` looks at the whole.
//! No step stops at the first mistake.

mod case;
mod checks;
pub mod design;
mod diagnostics;
mod experiment;
pub mod fields;
mod files;
mod fill;
pub mod formula;
mod layers;
mod nearest;
mod node;
mod notices;
mod overrides;
mod parameters;
mod read;
mod schema;
mod trial;
mod typed;
mod write;

pub use case::{Across, Arm, Bound, Case, Given, Instruments, Measure, Values, Wrong};
pub use diagnostics::Diagnostics;
pub use experiment::{Experiment, Record, Rows, Stop, Until};
pub use layers::{Kind, a as with_article};
pub use nearest::several as nearest_words;
pub use notices::notices;
pub use overrides::{Options, Override};
pub use schema::schema;
pub use write::{RESULTS_SCHEME, hash8, to_ron};

use diagnostics::Problem;
use layers::Reading;
use node::{Content, Entry, Node};
use parameters::Setter;
use std::path::Path;

/// What a sound file turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Checked {
    /// An experiment, ready to run.
    Experiment(Box<Experiment>),
    /// A case, which is tried and not run.
    Case(Case),
    /// A city, a scenario or a policy, which are parts of experiments.
    Part(Kind),
}

/// Reads an experiment with everything it names, and puts the command line on top.
pub fn load(
    path: &Path,
    overrides: &[Override],
    options: &Options,
) -> Result<Experiment, Diagnostics> {
    let mut reading = Reading::default();
    let experiment = match reading.read_whole(path) {
        Some((tree, Kind::Experiment)) => {
            build(tree, Kind::Experiment, overrides, options, &mut reading)
        }
        Some((tree, kind)) => {
            let title = format!("this is a {}, not an experiment", kind.name());
            let label = match kind {
                Kind::Case => "a case is tried, not run",
                _ => "an experiment says what to do with it",
            };
            reading.problems.push(
                Problem::new("wrong-kind", title)
                    .at(tree.locate_key(&["name"]), label)
                    .note("help", instead_of_running(path, kind)),
            );
            None
        }
        None => None,
    };
    finish(experiment, reading)
}

/// Reads a case with its experiment, and asks whether there is all that it names.
pub fn load_case(path: &Path, instruments: &dyn Instruments) -> Result<Case, Diagnostics> {
    let mut reading = Reading::default();
    let case = match reading.read_whole(path) {
        Some((tree, Kind::Case)) => case::build_case(tree, instruments, &mut reading),
        Some((tree, kind)) => {
            let title = format!("this is a file of another kind: {}, not case", kind.name());
            reading.problems.push(Problem::new("wrong-kind", title).at(
                tree.locate_key(&["name"]),
                "a case says what is measured, in `arms`",
            ));
            None
        }
        None => None,
    };
    finish(case, reading)
}

/// Checks a file of any kind; instruments are for cases.
pub fn check(
    path: &Path,
    overrides: &[Override],
    options: &Options,
    instruments: &dyn Instruments,
) -> Result<Checked, Diagnostics> {
    let mut reading = Reading::default();
    let Some((tree, kind)) = reading.read_whole(path) else {
        return finish(None, reading);
    };
    if kind == Kind::Case {
        if !overrides.is_empty() || *options != Options::default() {
            let title = "a case is checked as it is written: its arms say what they `set`";
            reading.problems.push(Problem::new("wrong-kind", title));
        }
        let case = case::build_case(tree, instruments, &mut reading);
        return finish(case.map(Checked::Case), reading);
    }
    let experiment = build(tree, kind, overrides, options, &mut reading);
    let checked = experiment.map(|experiment| match kind {
        Kind::Experiment => Checked::Experiment(Box::new(experiment)),
        part => Checked::Part(part),
    });
    finish(checked, reading)
}

/// Reads an experiment from a text that names no other files; `name` stands for it in messages.
pub fn load_text(
    name: &str,
    text: &str,
    overrides: &[Override],
    options: &Options,
) -> Result<Experiment, Diagnostics> {
    let mut reading = Reading::default();
    let source = reading.add_source(name.to_owned(), text.to_owned());
    let tree = read::read_file(text, source, &mut reading.problems);
    let experiment = build(tree, Kind::Experiment, overrides, options, &mut reading);
    finish(experiment, reading)
}

/// An experiment with some values changed, checked again: one point of a design.
pub fn with_overrides(
    experiment: &Experiment,
    overrides: &[Override],
) -> Result<Experiment, Diagnostics> {
    load_text(
        "experiment.ron",
        &to_ron(experiment),
        overrides,
        &Options::default(),
    )
}

fn finish<T>(value: Option<T>, reading: Reading) -> Result<T, Diagnostics> {
    match value {
        Some(value) if reading.problems.is_empty() => Ok(value),
        _ => Err(Diagnostics::in_order(reading.sources, reading.problems)),
    }
}

/// From a merged tree to an experiment, noting all that is wrong on the way.
fn build(
    mut tree: Node,
    kind: Kind,
    overrides: &[Override],
    options: &Options,
    reading: &mut Reading,
) -> Option<Experiment> {
    if kind != Kind::Experiment {
        let span = tree.span;
        let mut whole = Node::empty(span);
        whole.put(
            kind.name(),
            Entry {
                key: span,
                value: tree,
            },
        );
        tree = whole;
    }
    overrides::apply(&mut tree, overrides, options, reading);
    name_the_rows(&mut tree);
    node::prune(&mut tree);
    let read_well = reading.problems.is_empty();
    let design = tree.get("design").cloned();
    let bare = design.as_ref().map(|_| {
        let mut bare = tree.clone();
        bare.take("design");
        bare.take("branch_at");
        bare
    });
    check_parameters(&mut tree, &mut reading.problems);
    let mut left_out = typed::LeftOut::new();
    if !read_well || kind != Kind::Experiment {
        left_out.insert("city".to_owned());
    }
    let file = typed::typed(&mut tree, &mut left_out, &mut reading.problems)?;
    let sound = reading.problems.is_empty();
    let mut gaps = Vec::new();
    let experiment = fill::fill(file, &tree, &left_out, &mut gaps);
    if read_well {
        reading.problems.append(&mut gaps);
        checks::check(
            &experiment,
            kind,
            &tree,
            &left_out,
            sound,
            &mut reading.problems,
        );
    }
    if reading.problems.is_empty() {
        let idle = |own: &Override| overrides::without_effect(&experiment, &own.path);
        reading.problems.extend(overrides.iter().filter_map(idle));
    }
    if reading.problems.is_empty()
        && let (Some(bare), Some(design)) = (bare, design)
    {
        trial::each_value(&bare, &design, reading);
    }
    // Of a stand-in it has been said that it is missing.
    let written = |problem: &Problem| {
        problem
            .place
            .as_ref()
            .is_none_or(|(place, _)| *place != node::Span::NOWHERE)
    };
    reading.problems.retain(written);
    Some(experiment)
}

/// A word alone says which rows are recorded.
fn name_the_rows(tree: &mut Node) {
    let Some(record) = tree.get_mut("record") else {
        return;
    };
    if let Content::Text(_) = record.content {
        let span = record.span;
        let value = std::mem::replace(record, Node::empty(span));
        record.put("rows", Entry { key: span, value });
    }
}

/// Checks parameters wherever they may stand.
fn check_parameters(tree: &mut Node, problems: &mut Vec<Problem>) {
    let layers = [
        (&["city"][..], Setter::City),
        (&["scenario"], Setter::Scenario),
        (&["policy"], Setter::Policy),
        (&[], Setter::Experiment),
    ];
    for (path, setter) in layers {
        let Some(layer) = path
            .iter()
            .try_fold(&mut *tree, |node, key| node.get_mut(key))
        else {
            continue;
        };
        if let Some(rooms) = layer.get_mut("parameters") {
            parameters::check(rooms, setter, problems);
        }
        if let Some(sectors) = layer.get_mut("sectors") {
            let codes: Vec<String> = sectors.entries().map(|(code, _)| code.clone()).collect();
            for code in codes {
                let sector = sectors.get_mut(&code);
                let rooms = match setter {
                    Setter::City => sector.and_then(|sector| sector.get_mut("parameters")),
                    _ => sector,
                };
                if let Some(rooms) = rooms {
                    parameters::check(rooms, setter, problems);
                }
            }
        }
        if let Some(changes) = layer
            .get_mut("changes")
            .filter(|_| setter == Setter::Policy)
        {
            for change in changes.items_mut() {
                if let Some(rooms) = change.get_mut("parameters") {
                    parameters::check(rooms, setter, problems);
                }
            }
        }
    }
}

/// What to do with a file that is no experiment.
fn instead_of_running(path: &Path, kind: Kind) -> String {
    let file = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match kind {
        Kind::City => {
            format!("an experiment beside it can be as short as (city: \"{file}\", days: 365)")
        }
        Kind::Case => format!("prodos verify {}", path.display()),
        _ => format!("name it in an experiment: {}: \"{file}\"", kind.name()),
    }
}

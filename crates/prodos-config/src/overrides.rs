//! What the command line says: `--set PATH=VALUE`, and the options that are short for it.
//!
//! A path is a parameter (`wear.scale`), a parameter or field of one sector (`sectors.C.wear.scale`,
//! `sectors.C.jobs`), or any path of the merged experiment (`days`, `city.burn_in`,
//! `scenario.shocks.0.size`).

use crate::diagnostics::Problem;
use crate::experiment::Experiment;
use crate::layers::Reading;
use crate::nearest;
use crate::node::{Content, Entry, Node, Span};
use crate::parameters::room_names;
use crate::read;
use prodos_model::lattice::sector::ROOMS_OF_THE_CITY;
use prodos_model::parameters::Parameters;
use prodos_model::spec::Sector;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// One value put over all layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Where it goes, for example `wear.scale`.
    pub path: String,
    /// The value as written in a file.
    pub value: String,
}

impl Override {
    /// A value for a path.
    pub fn new(path: impl Into<String>, value: impl fmt::Display) -> Override {
        Override {
            path: path.into(),
            value: value.to_string(),
        }
    }
}

impl FromStr for Override {
    type Err = String;

    fn from_str(text: &str) -> Result<Override, String> {
        match text.split_once('=') {
            Some((path, value)) if !path.trim().is_empty() && !value.trim().is_empty() => {
                Ok(Override::new(path.trim(), value.trim()))
            }
            _ => Err(format!(
                "expected PATH=VALUE, for example wear.scale=300; found `{text}`"
            )),
        }
    }
}

/// The options that stand for a path of their own; wide enough for wrong values, which are refused as those
/// of a file are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// Root seed.
    pub seed: Option<i128>,
    /// Days recorded.
    pub days: Option<i64>,
    /// People that one operator stands for.
    pub scale: Option<f64>,
    /// How often it is run.
    pub replicates: Option<u32>,
}

const TOP: [&str; 15] = [
    "name",
    "question",
    "headline",
    "city",
    "scenario",
    "policy",
    "seed",
    "replicates",
    "first_replicate",
    "days",
    "branch_at",
    "until",
    "stop",
    "record",
    "design",
];

const PLAIN_PATHS: [&str; 30] = [
    "name",
    "question",
    "headline",
    "seed",
    "replicates",
    "first_replicate",
    "days",
    "branch_at",
    "until.most",
    "stop.probe",
    "stop.below",
    "stop.above",
    "stop.days",
    "record.rows",
    "record.city_every",
    "record.sectors_every",
    "record.teams_every",
    "record.operators",
    "record.operators_every",
    "record.events",
    "city.name",
    "city.start",
    "city.currency",
    "city.scale",
    "city.tick",
    "city.burn_in",
    "city.lattice.neighbourhood",
    "city.lattice.across_sectors",
    "city.lattice.degree",
    "scenario.name",
];

const SECTOR_FIELDS: [&str; 15] = [
    "name",
    "jobs",
    "output",
    "inputs",
    "critical",
    "imported_inputs",
    "taxes",
    "wages",
    "households",
    "government",
    "investment",
    "exports",
    "input_stock_days",
    "team_size",
    "roles",
];

/// Puts the options and then the overrides over a tree.
pub(crate) fn apply(
    tree: &mut Node,
    overrides: &[Override],
    options: &Options,
    reading: &mut Reading,
) {
    let short = [
        ("--seed", "seed", options.seed.map(|seed| seed.to_string())),
        ("--days", "days", options.days.map(|days| days.to_string())),
        (
            "--scale",
            "city.scale",
            options.scale.map(|scale| scale.to_string()),
        ),
        (
            "--replicates",
            "replicates",
            options.replicates.map(|count| count.to_string()),
        ),
    ];
    for (option, path, value) in short {
        if let Some(value) = value {
            put(tree, path, &value, &format!("{option} "), reading);
        }
    }
    for each in overrides {
        put(
            tree,
            &each.path,
            &each.value,
            &format!("--set {}=", each.path),
            reading,
        );
    }
}

fn put(tree: &mut Node, path: &str, value: &str, before: &str, reading: &mut Reading) {
    let text = format!("{before}{value}");
    let end = text.len();
    let source = reading.add_source("command line".to_owned(), text);
    let option = "--set ".len();
    let start = if before.starts_with("--set") {
        option
    } else {
        0
    };
    let written = Written {
        source,
        path: start..before.len().saturating_sub(1),
        value: before.len()..end,
    };
    put_written(tree, path, &written, reading);
}

/// Puts what a text in a file sets over a tree: `PATH=VALUE`, shown where the text stands.
pub(crate) fn put_text(tree: &mut Node, text: &Node, reading: &mut Reading) {
    let Content::Text(set) = &text.content else {
        return;
    };
    // A text with escapes does not stand in its file as it is read: then it is shown by itself.
    let quoted = reading.text_at(text.span);
    let (source, start) = match quoted.find(set.as_str()) {
        Some(inside) => (text.span.source, text.span.start + inside),
        None => (reading.add_source("set".to_owned(), set.clone()), 0),
    };
    match set.parse::<Override>() {
        Ok(Override { path, .. }) => {
            let equals = start + set.find('=').unwrap_or(0);
            let written = Written {
                source,
                path: start..equals,
                value: equals + 1..start + set.len(),
            };
            put_written(tree, &path, &written, reading);
        }
        Err(why) => reading
            .problems
            .push(Problem::new("wrong-value", why).at(text.span, String::new())),
    }
}

/// What to say of a parameter that was set for the whole city where every sector in which somebody works has a value of
/// its own, which wins, and the city above them has no use for it.
pub(crate) fn without_effect(experiment: &Experiment, path: &str) -> Option<Problem> {
    let steps: Vec<&str> = path.split('.').map(str::trim).collect();
    let ([room, name] | ["city", "parameters", room, name]) = steps.as_slice() else {
        return None;
    };
    if !is_parameter(room, name) || ROOMS_OF_THE_CITY.contains(room) {
        return None;
    }
    let city = &experiment.city;
    let at_work = |sector: &&Sector| sector.posts(city.scale) > 0;
    let sectors = &city.sectors;
    let has_own = |sector: &Sector| {
        let own = serde_json::to_value(&sector.parameters).unwrap_or_default();
        own.get(room)
            .and_then(|room| room.get(name))
            .is_some_and(|own| !own.is_null())
    };
    if !sectors.values().filter(at_work).all(has_own) {
        return None;
    }
    let first = sectors.keys().next()?;
    let title =
        format!("`{room}.{name}` is set, and every sector has a value of its own, which wins");
    let help = format!("set it for each sector: `sectors.{first}.{room}.{name}`");
    Some(Problem::new("no-effect", title).note("help", help))
}

/// Where an override was written: its path and its value, in bytes of a source.
struct Written {
    source: usize,
    path: Range<usize>,
    value: Range<usize>,
}

fn put_written(tree: &mut Node, path: &str, written: &Written, reading: &mut Reading) {
    let span = |range: &Range<usize>| Span {
        source: written.source,
        start: range.start,
        end: range.end,
    };
    let [key, place] = [&written.path, &written.value].map(span);
    let text = &reading.sources[written.source].text[..place.end];
    let value = read::read_value(text, place.start, written.source).unwrap_or(Node {
        span: place,
        content: Content::Text(text[place.start..].trim().to_owned()),
    });
    put_node(tree, path, key, value, reading);
}

/// Puts a value at a path of a tree; the path was written at `key`.
pub(crate) fn put_node(tree: &mut Node, path: &str, key: Span, value: Node, reading: &mut Reading) {
    let outcome = target(tree, path).and_then(|steps| place_value(tree, &steps, key, value));
    if let Err(wrong) = outcome {
        let title = format!("`{path}` leads nowhere");
        reading
            .problems
            .push(Problem::new("unknown-path", title).at(key, wrong).note(
                "help",
                "look into `experiment.ron` of a run, which holds every path",
            ));
    }
}

/// Where in the tree of the files a path lands, or what to say instead.
fn target(tree: &Node, path: &str) -> Result<Vec<String>, String> {
    let steps: Vec<&str> = path.split('.').map(str::trim).collect();
    let landing: Vec<&str> = match steps.as_slice() {
        [room, name] | ["city", "parameters", room, name] if is_parameter(room, name) => {
            vec!["parameters", room, name]
        }
        ["sectors", code, room, name] | ["city", "sectors", code, "parameters", room, name]
            if is_parameter(room, name) =>
        {
            known_sector(tree, code)?;
            vec!["sectors", code, room, name]
        }
        ["sectors", code, field, rest @ ..] | ["city", "sectors", code, field, rest @ ..]
            if SECTOR_FIELDS.contains(field) =>
        {
            known_sector(tree, code)?;
            [&["city", "sectors", code, field], rest].concat()
        }
        ["sectors", code, ..] | ["city", "sectors", code, ..] => {
            known_sector(tree, code)?;
            return Err(suggestion(path, code));
        }
        ["city", "parameters", ..] => return Err(suggestion(path, "")),
        [first, ..] if TOP.contains(first) => steps,
        _ => return Err(suggestion(path, "")),
    };
    Ok(landing.into_iter().map(str::to_owned).collect())
}

fn place_value(tree: &mut Node, steps: &[String], key: Span, value: Node) -> Result<(), String> {
    let Some((last, parents)) = steps.split_last() else {
        return Err("no path".to_owned());
    };
    let mut node = tree;
    for (depth, step) in parents.iter().enumerate() {
        if node.get(step).is_none() {
            if !matches!(node.content, Content::Map(_)) {
                return Err(format!("there is no `{step}` here"));
            }
            let next = &steps[depth + 1];
            if next.parse::<usize>().is_ok() {
                return Err(format!(
                    "there are no `{step}` here, so there is no place {next}"
                ));
            }
            node.put(
                step,
                Entry {
                    key,
                    value: Node::empty(value.span),
                },
            );
        }
        node = node
            .get_mut(step)
            .ok_or_else(|| format!("there is no `{step}` here"))?;
    }
    match &mut node.content {
        Content::Map(map) => {
            map.insert(last.clone(), Entry { key, value });
            Ok(())
        }
        Content::List(list) => {
            let count = list.len();
            let item = last
                .parse::<usize>()
                .ok()
                .and_then(|index| list.get_mut(index));
            *item.ok_or_else(|| match count {
                0 => "the list is empty".to_owned(),
                _ => format!("the list has the places 0 to {}", count - 1),
            })? = value;
            Ok(())
        }
        _ => Err(format!("there is no `{last}` here")),
    }
}

fn is_parameter(room: &str, name: &str) -> bool {
    Parameters::table()
        .iter()
        .any(|p| p.group == room && p.name == name)
}

fn known_sector(tree: &Node, code: &str) -> Result<(), String> {
    let Some(sectors) = tree.get("city").and_then(|city| city.get("sectors")) else {
        return Ok(());
    };
    if sectors.get(code).is_some() {
        return Ok(());
    }
    let codes: Vec<&str> = sectors.entries().map(|(code, _)| code.as_str()).collect();
    Err(nearest::question(code, codes.iter().copied())
        .unwrap_or_else(|| format!("`{code}` is no sector; there are {}", nearest::list(codes))))
}

/// The paths that were probably meant: with the same last word, or spelt alike.
fn suggestion(path: &str, sector: &str) -> String {
    let table = Parameters::table();
    let prefix = if sector.is_empty() {
        String::new()
    } else {
        format!("sectors.{sector}.")
    };
    let parameters = table
        .iter()
        .map(|parameter| format!("{prefix}{}", parameter.path()));
    let candidates: Vec<String> = if sector.is_empty() {
        parameters.chain(PLAIN_PATHS.map(str::to_owned)).collect()
    } else {
        parameters
            .chain(SECTOR_FIELDS.map(|field| format!("{prefix}{field}")))
            .collect()
    };
    let last = path.rsplit('.').next().unwrap_or(path);
    let same_word = candidates
        .iter()
        .filter(|c| c.rsplit('.').next() == Some(last));
    let mut found: Vec<&str> = same_word.map(String::as_str).collect();
    for alike in nearest::several(path, candidates.iter().map(String::as_str), 3) {
        if !found.contains(&alike) {
            found.push(alike);
        }
    }
    found.truncate(4);
    if found.is_empty() {
        let rooms = room_names(&table);
        return format!(
            "expected one of {}, or a room and a parameter of {}",
            nearest::list(TOP),
            nearest::list(rooms)
        );
    }
    format!(
        "did you mean {}?",
        found
            .iter()
            .map(|p| format!("`{p}`"))
            .collect::<Vec<_>>()
            .join(" or ")
    )
}

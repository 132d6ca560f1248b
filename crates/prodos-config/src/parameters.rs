//! Parameters in files: known, of the right kind, within range, and set by who may set them.

use crate::diagnostics::Problem;
use crate::nearest;
use crate::node::{Content, Node};
use prodos_model::parameters::Parameters;
use prodos_quantity::{Parameter, Role, Value};

/// The file, or part of one, in which parameters stand: it decides which may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setter {
    /// What is.
    City,
    /// What the world does.
    Scenario,
    /// What we do.
    Policy,
    /// The experiment and the command line.
    Experiment,
}

/// Checks the parameters under a node, room by room, and takes out of the tree what is wrong.
pub(crate) fn check(rooms: &mut Node, setter: Setter, problems: &mut Vec<Problem>) {
    let table = Parameters::table();
    for name in keys(rooms) {
        if let Some(room) = known_room(rooms, &name, &table, problems) {
            check_room(rooms, room, setter, &table, problems);
        }
    }
}

/// The room that a name stands for, misspelt or not; notes and mends what is wrong with it.
fn known_room(
    rooms: &mut Node,
    name: &str,
    table: &[&'static Parameter],
    problems: &mut Vec<Problem>,
) -> Option<&'static str> {
    let known = room_names(table);
    if let Some(room) = known.iter().find(|room| **room == name) {
        let node = rooms.get(name)?;
        if matches!(node.content, Content::Map(_)) {
            return Some(room);
        }
        let inside = table.iter().filter(|p| p.group == name).map(|p| p.name);
        problems.push(
            Problem::new("wrong-type", format!("`{name}` takes parameters by name"))
                .at(
                    node.span,
                    format!("found {}; expected `(name: value)`", node.describe()),
                )
                .note("allowed", nearest::list(inside)),
        );
        rooms.take(name);
        return None;
    }
    let place = rooms.locate_key(&[name]);
    let guess = nearest::nearest(name, known.iter().copied());
    let label = match (guess, table.iter().find(|parameter| parameter.name == name)) {
        (_, Some(parameter)) => format!(
            "a parameter stands in its room: `{}: ({name}: ...)`",
            parameter.group
        ),
        (Some(guess), None) => format!("did you mean `{guess}`?"),
        (None, None) => "no such room of parameters".to_owned(),
    };
    problems.push(
        Problem::new("unknown-key", format!("`{name}` is not known here"))
            .at(place, label)
            .note("allowed", nearest::list(known.iter().copied())),
    );
    let meant = known.into_iter().find(|room| Some(*room) == guess);
    let is_room = matches!(
        rooms.get(name).map(|node| &node.content),
        Some(Content::Map(_))
    );
    let Some(meant) = meant.filter(|meant| is_room && rooms.get(meant).is_none()) else {
        rooms.take(name);
        return None;
    };
    rooms.rename(name, meant);
    Some(meant)
}

fn check_room(
    rooms: &mut Node,
    room: &'static str,
    setter: Setter,
    table: &[&'static Parameter],
    problems: &mut Vec<Problem>,
) {
    let Some(node) = rooms.get_mut(room) else {
        return;
    };
    for name in keys(node) {
        let parameter = table
            .iter()
            .find(|p| p.group == room && p.name == name)
            .copied();
        let Some(parameter) = parameter else {
            problems.push(unknown_parameter(node, room, &name, table));
            let meant = nearest::nearest(
                &name,
                table.iter().filter(|p| p.group == room).map(|p| p.name),
            );
            match meant.and_then(|meant| table.iter().find(|p| p.group == room && p.name == meant))
            {
                Some(meant) if node.get(meant.name).is_none() => {
                    node.rename(&name, meant.name);
                    check_value(node, meant, setter, problems);
                }
                _ => {
                    node.take(&name);
                }
            }
            continue;
        };
        check_value(node, parameter, setter, problems);
    }
}

fn check_value(
    room: &mut Node,
    parameter: &'static Parameter,
    setter: Setter,
    problems: &mut Vec<Problem>,
) {
    let Some(value) = room.get(parameter.name) else {
        return;
    };
    let wrong = wrong_value(parameter, value);
    let refused = refused_setter(parameter, setter, room.locate_key(&[parameter.name]));
    let good = wrong.is_none() && !matches!(value.content, Content::Nothing);
    problems.extend(wrong.into_iter().chain(refused));
    if !good {
        room.take(parameter.name);
    }
}

fn wrong_value(parameter: &Parameter, value: &Node) -> Option<Problem> {
    let path = parameter.path();
    let meaning = |problem: Problem| problem.note("meaning", parameter.doc.trim());
    let wrong_type = |wanted: String| {
        Some(meaning(
            Problem::new("wrong-type", format!("`{path}` takes {wanted}"))
                .at(value.span, format!("found {}", value.describe())),
        ))
    };
    let is_choice = |text: &str| parameter.choices.iter().any(|(name, _)| *name == text);
    if !parameter.choices.is_empty() {
        let allowed = nearest::list(parameter.choices.iter().map(|(name, _)| *name));
        return match &value.content {
            Content::Nothing => None,
            Content::Text(text) if is_choice(text) => None,
            Content::Text(text) => Some(meaning(
                Problem::new(
                    "unknown-name",
                    format!("`{text}` is no choice for `{path}`"),
                )
                .at(
                    value.span,
                    nearest::question(text, parameter.choices.iter().map(|(name, _)| *name))
                        .unwrap_or_else(|| "no such choice".to_owned()),
                )
                .note("allowed", allowed),
            )),
            _ => wrong_type(format!("one of {allowed}")),
        };
    }
    let number = match value.content {
        Content::Nothing => return None,
        Content::Whole(number) => number as f64,
        Content::Number(number) => number,
        _ => return wrong_type(format!("a number ({})", unit_in_words(parameter.unit))),
    };
    let outside = parameter.check(Value::Number(number)).err()?;
    Some(meaning(
        Problem::new("out-of-range", format!("`{path}` is outside its range")).at(
            value.span,
            format!(
                "{}; the range is {}",
                with_unit(&outside.value.to_string(), outside.unit),
                with_unit(
                    &format!("{} to {}", outside.range.0, outside.range.1),
                    outside.unit
                )
            ),
        ),
    ))
}

/// Levers are for policies, the rest is for the world; an experiment may set anything.
fn refused_setter(
    parameter: &Parameter,
    setter: Setter,
    place: crate::node::Span,
) -> Option<Problem> {
    let path = parameter.path();
    let (title, label) = match (setter, parameter.role) {
        (Setter::Policy, Role::Uncertain) => (
            format!("a policy cannot set `{path}`"),
            "the world decides this; set it in the city, the scenario or the experiment",
        ),
        (Setter::Policy, Role::Convention) => (
            format!("a policy cannot set `{path}`"),
            "this is a convention of the model; set it in the city or the experiment",
        ),
        (Setter::Scenario, Role::Lever) => (
            format!("a scenario cannot set `{path}`"),
            "this is what we decide; set it in a policy or in the experiment",
        ),
        _ => return None,
    };
    Some(
        Problem::new("wrong-role", title)
            .at(place, label)
            .note("meaning", parameter.doc.trim()),
    )
}

fn unknown_parameter(
    room: &Node,
    room_name: &str,
    name: &str,
    table: &[&'static Parameter],
) -> Problem {
    let inside: Vec<&str> = table
        .iter()
        .filter(|p| p.group == room_name)
        .map(|p| p.name)
        .collect();
    let elsewhere: Vec<String> = table
        .iter()
        .filter(|p| p.name == name)
        .map(|p| p.path())
        .collect();
    let label = if elsewhere.is_empty() {
        nearest::question(name, inside.iter().copied())
            .unwrap_or_else(|| "no such parameter".to_owned())
    } else {
        format!(
            "it stands elsewhere: {}",
            nearest::list(elsewhere.iter().map(String::as_str))
        )
    };
    Problem::new(
        "unknown-key",
        format!("`{room_name}.{name}` is not a parameter"),
    )
    .at(room.locate_key(&[name]), label)
    .note("allowed", nearest::list(inside))
}

/// The rooms of the table, in order, each once.
pub(crate) fn room_names(table: &[&'static Parameter]) -> Vec<&'static str> {
    let mut rooms: Vec<&'static str> = table.iter().map(|parameter| parameter.group).collect();
    rooms.dedup();
    rooms
}

fn keys(node: &Node) -> Vec<String> {
    node.entries().map(|(key, _)| key.clone()).collect()
}

fn with_unit(number: &str, unit: &str) -> String {
    match unit {
        "ratio" | "count" | "share" => number.to_owned(),
        _ => format!("{number} {unit}"),
    }
}

fn unit_in_words(unit: &str) -> &str {
    match unit {
        "share" => "a share, usually 0 to 1",
        "ratio" => "without a unit",
        "count" => "a number of things",
        other => other,
    }
}

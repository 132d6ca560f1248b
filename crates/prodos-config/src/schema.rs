//! The JSON schema of all files, from the table of fields and the table of parameters.

use crate::fields::{Field, GROUPS, Group, Holds, LONGEST};
use prodos_model::parameters::Parameters;
use prodos_quantity::Value as Setting;
use serde_json::{Map, Value, json};

/// JSON schema (draft 2020-12) of an experiment, with every other kind of file among its definitions.
///
/// It describes the values of the RON files as JSON has them: `(name: value)` as an object, a bare word
/// as a string.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    for group in GROUPS {
        definitions.insert(group.name.to_owned(), object(group));
    }
    definitions.insert("parameters".to_owned(), parameters());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Production OS: experiment",
        "$ref": "#/$defs/experiment",
        "$defs": definitions,
    })
}

fn object(group: &Group) -> Value {
    let properties: Map<String, Value> = group
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), property(field)))
        .collect();
    let extends = group.fields.iter().any(|field| field.name == "extends");
    let required: Vec<&str> = group
        .fields
        .iter()
        .filter(|field| field.required && !extends)
        .map(|field| field.name)
        .collect();
    json!({
        "type": "object",
        "description": group.doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property(field: &Field) -> Value {
    let mut value = holds(field.holds);
    if let Some(object) = value.as_object_mut() {
        object.insert("description".to_owned(), json!(field.doc));
    }
    value
}

fn setting() -> Value {
    json!({"type": ["number", "string", "boolean"]})
}

fn settings() -> Value {
    json!({"type": "array", "items": setting(), "minItems": 1})
}

fn holds(what: Holds) -> Value {
    let names = |words: &[(&'static str, &'static str)]| -> Vec<&'static str> {
        words.iter().map(|(name, _)| *name).collect()
    };
    let reference = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    match what {
        Holds::Text => json!({"type": "string"}),
        Holds::Truth => json!({"type": "boolean"}),
        Holds::Whole(low, high) => json!({"type": "integer", "minimum": low, "maximum": high}),
        Holds::Number(low, high) => json!({"type": "number", "minimum": low, "maximum": high}),
        Holds::Word(words) => json!({"enum": names(words)}),
        Holds::Words(words) => json!({"type": "array", "items": {"enum": names(words)}}),
        Holds::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Holds::Pair(low, high) => json!({
            "type": "array", "minItems": 2, "maxItems": 2,
            "items": {"type": "integer", "minimum": low, "maximum": high},
        }),
        Holds::One(name) => json!({"allOf": [reference(name)]}),
        Holds::WordOr(words, name) => json!({"anyOf": [{"enum": names(words)}, reference(name)]}),
        Holds::FileOr(name) => json!({"anyOf": [{"type": "string"}, reference(name)]}),
        Holds::ListOf(name) => json!({"type": "array", "items": reference(name)}),
        Holds::OneOrListOf(name) => json!({
            "anyOf": [reference(name), {"type": "array", "items": reference(name)}],
        }),
        Holds::FilesOr(name) => json!({
            "type": "object",
            "additionalProperties": {"anyOf": [{"type": "string"}, reference(name)]},
        }),
        Holds::Varied(name) => json!({
            "type": "object",
            "additionalProperties": {"anyOf": [settings(), reference(name)]},
        }),
        Holds::Settings => settings(),
        Holds::ListOfSettings => json!({
            "type": "array",
            "items": {"type": "object", "additionalProperties": setting()},
        }),
        Holds::MapOf(name) => json!({"type": "object", "additionalProperties": reference(name)}),
        Holds::Numbers(low, high) => json!({
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": low, "maximum": high},
        }),
        Holds::Lists => json!({
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        }),
        Holds::Levels => json!({
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "array", "minItems": 2, "maxItems": 2,
                    "prefixItems": [
                        {"type": "number", "minimum": 0, "maximum": LONGEST},
                        {"type": "number", "minimum": 0, "maximum": 1},
                    ],
                },
            },
        }),
        Holds::Given => {
            let list = json!({"type": "array", "items": {"type": "number"}});
            let table = json!({"type": "array", "items": list});
            json!({
                "type": "object",
                "additionalProperties": {"anyOf": [{"type": "number"}, list, table]},
            })
        }
        Holds::Parameters => json!({"allOf": [reference("parameters")]}),
        Holds::BySector => json!({
            "type": "object",
            "additionalProperties": reference("parameters"),
        }),
    }
}

/// Rooms of parameters, each with its numbers and choices.
fn parameters() -> Value {
    let mut rooms = Map::new();
    for (room, doc) in Parameters::GROUPS {
        let own = Parameters::table()
            .into_iter()
            .filter(|parameter| parameter.group == *room);
        let properties: Map<String, Value> = own
            .map(|parameter| {
                let doc = parameter.doc.trim();
                let value = match parameter.default {
                    Setting::Number(default) => json!({
                        "type": "number",
                        "minimum": parameter.range.0,
                        "maximum": parameter.range.1,
                        "default": default,
                        "description": format!("{doc} Unit: {}.", parameter.unit),
                    }),
                    Setting::Choice(default) => json!({
                        "enum": parameter.choices.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
                        "default": default,
                        "description": doc,
                    }),
                };
                (parameter.name.to_owned(), value)
            })
            .collect();
        rooms.insert(
            (*room).to_owned(),
            json!({
                "type": "object",
                "description": doc.trim(),
                "properties": properties,
                "additionalProperties": false,
            }),
        );
    }
    json!({"type": "object", "properties": rooms, "additionalProperties": false})
}

#[cfg(test)]
mod tests {
    use super::schema;
    use prodos_model::parameters::Parameters;

    #[test]
    fn every_parameter_stands_in_the_schema_with_its_range() {
        let schema = schema();
        let rooms = &schema["$defs"]["parameters"]["properties"];
        for parameter in Parameters::table() {
            let own = &rooms[parameter.group]["properties"][parameter.name];
            assert!(own.is_object(), "{}", parameter.path());
            if parameter.choices.is_empty() {
                assert_eq!(own["minimum"], parameter.range.0, "{}", parameter.path());
                assert_eq!(own["maximum"], parameter.range.1, "{}", parameter.path());
            } else {
                let names = own["enum"].as_array().expect("a list of names");
                assert_eq!(names.len(), parameter.choices.len());
            }
        }
    }

    #[test]
    fn every_reference_has_its_definition() {
        let text = schema().to_string();
        let schema = schema();
        for part in text.split("#/$defs/").skip(1) {
            let name = part.split('"').next().expect("it ends");
            assert!(schema["$defs"][name].is_object(), "{name}");
        }
    }
}

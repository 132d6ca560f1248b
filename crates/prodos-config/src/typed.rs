//! From tree to types, telling every mistake apart.
//!
//! The tree is handed to serde as it stands. The first mistake stops serde; so the mistake is noted,
//! mended in the tree, and the tree is handed over again, until nothing is wrong or too much is. A
//! misspelt word gets the one that was meant, what is missing gets a stand-in of which nothing further
//! is said, anything else is left out.

use crate::diagnostics::Problem;
use crate::layers::PARTS;
use crate::nearest;
use crate::node::{Content, Entry, Node, spoken};
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use std::collections::HashSet;
use std::fmt;

/// Rounds of noting and mending.
const MOST_MISTAKES: usize = 50;

/// What was left out of a tree, by path: what then is missing needs no second message.
pub(crate) type LeftOut = HashSet<String>;

/// Reads a type from a tree; mends the tree where it is wrong and notes what was.
///
/// Nothing is returned only if the tree could not be mended.
pub(crate) fn typed<T: de::DeserializeOwned>(
    tree: &mut Node,
    left_out: &mut LeftOut,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    for _ in 0..MOST_MISTAKES {
        let mistake = match T::deserialize(&*tree) {
            Ok(value) => return Some(value),
            Err(mistake) => mistake,
        };
        let path: Vec<String> = mistake.path.iter().rev().cloned().collect();
        let known_gap = match &mistake.what {
            What::Missing(field) => left_out.contains(&joined(&path, field)),
            _ => tree.at_mut(&path).is_some_and(|node| node.is_stand_in()),
        };
        if !known_gap {
            problems.push(tell(tree, &path, &mistake.what));
        }
        if !mend(tree, &path, &mistake.what, left_out) {
            return None;
        }
    }
    None
}

/// A path with one more step.
pub(crate) fn joined(path: &[String], field: &str) -> String {
    path.iter()
        .map(String::as_str)
        .chain([field])
        .collect::<Vec<_>>()
        .join(".")
}

fn tell(tree: &Node, path: &[String], what: &What) -> Problem {
    let steps: Vec<&str> = path.iter().map(String::as_str).collect();
    let shown = spoken(tree, &steps);
    let last = path.last().map_or("", String::as_str);
    match what {
        What::UnknownKey { allowed } => {
            // Files may extend others; where that stood it has been followed and taken out.
            let extends = matches!(steps.as_slice(), [_] | ["city" | "scenario" | "policy", _]);
            let allowed = || {
                extends
                    .then_some("extends")
                    .into_iter()
                    .chain(allowed.iter().copied())
            };
            Problem::new("unknown-key", format!("`{last}` is not known here"))
                .at(
                    tree.locate_key(&steps),
                    nearest::question(last, allowed()).unwrap_or_else(|| "no such name".to_owned()),
                )
                .note("allowed", nearest::list(allowed()))
        }
        What::UnknownName { found, allowed } => Problem::new(
            "unknown-name",
            format!("`{found}` is no choice for {shown}"),
        )
        .at(
            tree.locate(&steps),
            nearest::question(found, allowed.iter().copied())
                .unwrap_or_else(|| "no such choice".to_owned()),
        )
        .note("allowed", nearest::list(allowed.iter().copied())),
        What::Wrong { wanted, found } => {
            let title = if steps.is_empty() {
                format!("expected {wanted}")
            } else {
                format!("{shown} takes {wanted}")
            };
            let found = steps
                .iter()
                .try_fold(tree, |node, key| node.get(key))
                .map_or_else(|| found.clone(), Node::describe);
            Problem::new("wrong-type", title).at(tree.locate(&steps), format!("found {found}"))
        }
        What::Missing(field) => Problem::new("missing", format!("`{field}` is missing"))
            .at(tree.locate_key(&steps), format!("this needs `{field}`")),
        What::Other(text) => {
            Problem::new("wrong-value", text.clone()).at(tree.locate(&steps), String::new())
        }
    }
}

/// Whether the tree could be changed so that the same mistake does not come back.
fn mend(tree: &mut Node, path: &[String], what: &What, left_out: &mut LeftOut) -> bool {
    if let What::Missing(field) = what {
        let inside = tree
            .at_mut(path)
            .filter(|node| matches!(node.content, Content::Map(_)));
        left_out.insert(joined(path, field));
        return inside.is_some_and(|node| {
            let first = Content::Whole(0);
            node.put(field, Entry::stand_in(first));
            true
        });
    }
    let Some((last, parents)) = path.split_last() else {
        return false;
    };
    if let (What::UnknownName { found, allowed }, Some(node)) = (what, tree.at_mut(path))
        && let Some(other) =
            nearest::nearest(found, allowed.iter().copied()).or(allowed.first().copied())
    {
        node.content = Content::Text(other.to_owned());
        left_out.insert(path.join("."));
        return true;
    }
    if let Some(node) = tree.at_mut(path).filter(|node| node.is_stand_in())
        && matches!(node.content, Content::Whole(_))
    {
        // Not a number, then: a text or a word.
        node.content = Content::Text(String::new());
        return true;
    }
    let Some(parent) = tree.at_mut(parents) else {
        return false;
    };
    if let What::UnknownKey { allowed } = what
        && let Some(meant) = nearest::nearest(last, allowed.iter().copied())
        && parent.get(meant).is_none()
    {
        let is_path = matches!(
            parent.get(last).map(|node| &node.content),
            Some(Content::Text(_))
        );
        if !(is_path && PARTS.iter().any(|(part, _)| *part == meant)) {
            parent.rename(last, meant);
            return true;
        }
        left_out.insert(joined(parents, meant));
    }
    left_out.insert(path.join("."));
    parent.take(last).is_some()
}

/// A mistake with the path to it, innermost step first.
#[derive(Debug)]
pub(crate) struct Mistake {
    path: Vec<String>,
    what: What,
}

#[derive(Debug)]
enum What {
    UnknownKey {
        allowed: &'static [&'static str],
    },
    UnknownName {
        found: String,
        allowed: &'static [&'static str],
    },
    Wrong {
        wanted: String,
        found: String,
    },
    Missing(&'static str),
    Other(String),
}

impl Mistake {
    fn below(mut self, step: &str) -> Mistake {
        self.path.push(step.to_owned());
        self
    }

    fn wrong(wanted: &str, found: &Node) -> Mistake {
        What::Wrong {
            wanted: wanted.to_owned(),
            found: found.describe(),
        }
        .into()
    }
}

impl From<What> for Mistake {
    fn from(what: What) -> Mistake {
        Mistake {
            path: Vec::new(),
            what,
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.what)
    }
}

impl std::error::Error for Mistake {}

impl de::Error for Mistake {
    fn custom<T: fmt::Display>(text: T) -> Mistake {
        What::Other(text.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Mistake {
        What::Wrong {
            wanted: wanted(expected),
            found: found.to_string(),
        }
        .into()
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Mistake {
        What::Wrong {
            wanted: wanted(expected),
            found: found.to_string(),
        }
        .into()
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Mistake {
        What::Wrong {
            wanted: wanted(expected),
            found: format!("a list of {length}"),
        }
        .into()
    }

    fn unknown_variant(found: &str, allowed: &'static [&'static str]) -> Mistake {
        What::UnknownName {
            found: found.to_owned(),
            allowed,
        }
        .into()
    }

    fn unknown_field(_: &str, allowed: &'static [&'static str]) -> Mistake {
        What::UnknownKey { allowed }.into()
    }

    fn missing_field(field: &'static str) -> Mistake {
        What::Missing(field).into()
    }
}

/// What serde expects, in words.
fn wanted(expected: &dyn Expected) -> String {
    let expected = expected.to_string();
    let words = match expected.as_str() {
        "f64" | "f32" => "a number",
        "u64" => "a whole number in digits alone, from 0 to 18446744073709551615",
        "u32" => "a whole number in digits alone, from 0 to 4294967295",
        "a boolean" => "`true` or `false`",
        "a string" => "a text in quotes",
        "a map" => "a map `{\"name\": value}`",
        "a sequence" => "a list `[a, b]`",
        "a tuple of size 2" => "a pair `(a, b)`",
        other if other.starts_with("struct") => "named values `(name: value)`",
        other => other,
    };
    words.to_owned()
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match &self.content {
            Content::Nothing => visitor.visit_none(),
            Content::Truth(truth) => visitor.visit_bool(*truth),
            Content::Whole(number) => match (u64::try_from(*number), i64::try_from(*number)) {
                (Ok(number), _) => visitor.visit_u64(number),
                (_, Ok(number)) => visitor.visit_i64(number),
                _ => visitor.visit_f64(*number as f64),
            },
            Content::Number(number) => visitor.visit_f64(*number),
            Content::Text(text) => visitor.visit_borrowed_str(text),
            Content::List(list) => visitor.visit_seq(Items(list.iter().enumerate())),
            Content::Map(map) => visitor.visit_map(Entries {
                map: map.iter(),
                next: None,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.content {
            Content::Nothing => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        match self.content {
            Content::List(_) => Err(Mistake::wrong("named values `(name: value)`", self)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        match &self.content {
            Content::List(list) if list.len() == length => self.deserialize_any(visitor),
            _ if length == 2 => Err(Mistake::wrong("a pair `(a, b)`", self)),
            _ => Err(Mistake::wrong(&format!("a list of {length}"), self)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        let Content::Text(text) = &self.content else {
            let wanted = format!("one of {}", nearest::list(names.iter().copied()));
            return Err(Mistake::wrong(&wanted, self));
        };
        let name: StrDeserializer<'_, Mistake> = text.as_str().into_deserializer();
        name.deserialize_enum("", names, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple_struct map identifier ignored_any
    }
}

struct Items<'de>(std::iter::Enumerate<std::slice::Iter<'de, Node>>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Mistake> {
        let Some((index, node)) = self.0.next() else {
            return Ok(None);
        };
        seed.deserialize(node)
            .map(Some)
            .map_err(|mistake| mistake.below(&index.to_string()))
    }
}

struct Entries<'de> {
    map: indexmap::map::Iter<'de, String, Entry>,
    next: Option<(&'de str, &'de Node)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Mistake> {
        let Some((key, entry)) = self.map.next() else {
            return Ok(None);
        };
        self.next = Some((key, &entry.value));
        let name: StrDeserializer<'_, Mistake> = key.as_str().into_deserializer();
        seed.deserialize(name)
            .map(Some)
            .map_err(|mistake| mistake.below(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mistake> {
        let Some((key, node)) = self.next.take() else {
            return Err(What::Other("a value without a name".to_owned()).into());
        };
        seed.deserialize(node).map_err(|mistake| mistake.below(key))
    }
}

//! The tree of a file, in which every value remembers the text it came from.
//!
//! Files are layered and overridden as trees, before they get types. So whatever turns out to be
//! wrong later, in any layer, can be shown where it was written.

use indexmap::IndexMap;

/// A piece of text in one of the sources that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Index of the source.
    pub(crate) source: usize,
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
}

impl Span {
    /// The place of what nobody wrote: a stand-in, so that the rest can be read.
    pub(crate) const NOWHERE: Span = Span {
        source: usize::MAX,
        start: 0,
        end: 0,
    };
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where it was written.
    pub(crate) span: Span,
    /// What was written.
    pub(crate) content: Content,
}

/// What may stand as a value.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// `None`: back to what holds when nothing is said.
    Nothing,
    /// `true` or `false`.
    Truth(bool),
    /// A number without a fraction.
    Whole(i128),
    /// Any other number, NaN and infinities included.
    Number(f64),
    /// A text in quotes, or a bare word.
    Text(String),
    /// `[a, b]` or `(a, b)`.
    List(Vec<Node>),
    /// `(name: value)` or `{"name": value}`.
    Map(IndexMap<String, Entry>),
}

/// A value under its key.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Where the key was written.
    pub(crate) key: Span,
    /// The value.
    pub(crate) value: Node,
}

impl Entry {
    /// A value that nobody wrote.
    pub(crate) fn stand_in(content: Content) -> Entry {
        Entry {
            key: Span::NOWHERE,
            value: Node {
                span: Span::NOWHERE,
                content,
            },
        }
    }
}

impl Node {
    /// Whether nobody wrote it.
    pub(crate) fn is_stand_in(&self) -> bool {
        self.span == Span::NOWHERE
    }

    /// An empty map at a place.
    pub(crate) fn empty(span: Span) -> Node {
        Node {
            span,
            content: Content::Map(IndexMap::new()),
        }
    }

    /// The entries of a map; none for anything else.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&String, &Entry)> {
        let map = if let Content::Map(map) = &self.content {
            Some(map)
        } else {
            None
        };
        map.into_iter().flatten()
    }

    /// The items of the list at a path; none for anything else.
    pub(crate) fn items(&self, path: &[&str]) -> &[Node] {
        let node = path.iter().try_fold(self, |node, key| node.get(key));
        match node.map(|node| &node.content) {
            Some(Content::List(list)) => list,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        let list = if let Content::List(list) = &mut self.content {
            Some(list)
        } else {
            None
        };
        list.into_iter().flatten()
    }

    /// The values of the map under a key, to change them; none where there is no map.
    pub(crate) fn values_mut(&mut self, key: &str) -> impl Iterator<Item = &mut Node> {
        let map = match self.get_mut(key).map(|node| &mut node.content) {
            Some(Content::Map(map)) => Some(map),
            _ => None,
        };
        let entries = map.into_iter().flat_map(IndexMap::values_mut);
        entries.map(|entry| &mut entry.value)
    }

    /// The value under a key of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match &self.content {
            Content::Map(map) => map.get(key).map(|entry| &entry.value),
            Content::List(list) => key.parse::<usize>().ok().and_then(|index| list.get(index)),
            _ => None,
        }
    }

    /// The same, to change it.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.content {
            Content::Map(map) => map.get_mut(key).map(|entry| &mut entry.value),
            Content::List(list) => key
                .parse::<usize>()
                .ok()
                .and_then(|index| list.get_mut(index)),
            _ => None,
        }
    }

    /// The value at a path, to change it.
    pub(crate) fn at_mut(&mut self, path: &[String]) -> Option<&mut Node> {
        path.iter().try_fold(self, |node, key| node.get_mut(key))
    }

    /// Puts a value under a key; does nothing if this is not a map.
    pub(crate) fn put(&mut self, key: &str, entry: Entry) {
        if let Content::Map(map) = &mut self.content {
            map.insert(key.to_owned(), entry);
        }
    }

    /// Takes a value out of a map or a list.
    pub(crate) fn take(&mut self, key: &str) -> Option<Node> {
        match &mut self.content {
            Content::Map(map) => map.shift_remove(key).map(|entry| entry.value),
            Content::List(list) => {
                let index = key
                    .parse::<usize>()
                    .ok()
                    .filter(|&index| index < list.len())?;
                Some(list.remove(index))
            }
            _ => None,
        }
    }

    /// Gives a key another name and leaves it in its place.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        if let Content::Map(map) = &mut self.content
            && let Some((index, _, entry)) = map.shift_remove_full(from)
        {
            map.shift_insert(index, to.to_owned(), entry);
        }
    }

    /// Where the value at a path was written, or else the nearest thing around it.
    ///
    /// A value that spans lines is pointed at by its key, so that an excerpt stays short.
    pub(crate) fn locate(&self, path: &[&str]) -> Span {
        let mut node = self;
        let mut place = self.span;
        for key in path {
            let entry_key = match &node.content {
                Content::Map(map) => map.get(*key).map(|entry| entry.key),
                _ => None,
            };
            let Some(next) = node.get(key) else { break };
            let short = !matches!(next.content, Content::Map(_) | Content::List(_));
            place = entry_key.filter(|_| !short).unwrap_or(next.span);
            node = next;
        }
        place
    }

    /// Where the key at a path was written.
    pub(crate) fn locate_key(&self, path: &[&str]) -> Span {
        let Some((last, parents)) = path.split_last() else {
            return self.span;
        };
        let parent = parents.iter().try_fold(self, |node, key| node.get(key));
        match parent.map(|node| &node.content) {
            Some(Content::Map(map)) if map.contains_key(*last) => map[*last].key,
            _ => self.locate(path),
        }
    }

    /// What was written, in words.
    pub(crate) fn describe(&self) -> String {
        match &self.content {
            Content::Nothing => "`None`".to_owned(),
            Content::Truth(truth) => format!("`{truth}`"),
            Content::Whole(number) => format!("the number {number}"),
            Content::Number(number) => format!("the number {number}"),
            Content::Text(text) => format!("the text `{}`", shorten(text)),
            Content::List(list) => format!("a list of {}", list.len()),
            Content::Map(map) if map.is_empty() => "empty brackets".to_owned(),
            Content::Map(_) => "named values".to_owned(),
        }
    }
}

/// The thing at a path, as one speaks of it.
pub(crate) fn spoken(tree: &Node, path: &[&str]) -> String {
    let shock_name = |index: &str| {
        let name = tree
            .get("scenario")?
            .get("shocks")?
            .get(index)?
            .get("name")?;
        match &name.content {
            Content::Text(text) if !text.is_empty() => Some(text.as_str()),
            _ => None,
        }
    };
    match path {
        ["scenario", "shocks", index, field, ..] => match shock_name(index) {
            Some(name) => format!("`{field}` of shock `{name}`"),
            None => format!("`{field}` of a shock"),
        },
        ["scenario", "connectors", name, _, "0"] => format!("a day of connector `{name}`"),
        ["scenario", "connectors", name, _, "1"] => format!("a level of connector `{name}`"),
        ["policy", "changes", _, field, ..] => format!("`{field}` of a change"),
        ["city", "sectors", code, rest @ ..] if !rest.is_empty() => {
            format!("`{}` of sector `{code}`", rest.join("."))
        }
        _ => format!("`{}`", path.join(".")),
    }
}

/// Lays a later layer over an earlier one: maps merge by key, everything else replaces, and `None`
/// takes a key away.
pub(crate) fn lay_over(earlier: &mut Node, later: Node) {
    match (&mut earlier.content, later.content) {
        (Content::Map(base), Content::Map(patch)) => {
            for (key, entry) in patch {
                if matches!(entry.value.content, Content::Nothing) {
                    base.shift_remove(&key);
                } else if let Some(existing) = base.get_mut(&key) {
                    existing.key = entry.key;
                    lay_over(&mut existing.value, entry.value);
                } else {
                    base.insert(key, entry);
                }
            }
        }
        (_, content) => {
            *earlier = Node {
                span: later.span,
                content,
            }
        }
    }
}

/// Takes every `None` out of the maps of a tree: what is not said has its default.
pub(crate) fn prune(node: &mut Node) {
    match &mut node.content {
        Content::Map(map) => {
            map.retain(|_, entry| !matches!(entry.value.content, Content::Nothing));
            map.values_mut().for_each(|entry| prune(&mut entry.value));
        }
        Content::List(list) => list.iter_mut().for_each(prune),
        _ => {}
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    text.chars().take(37).chain("...".chars()).collect()
}

//! Layering: files that extend files, and experiments that name a city, a scenario and a policy.

use crate::diagnostics::{Problem, Source};
use crate::nearest;
use crate::node::{Content, Entry, Node, Span, lay_over};
use crate::read;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// The texts read so far, and what is wrong with them.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) sources: Vec<Source>,
    pub(crate) problems: Vec<Problem>,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What is.
    City,
    /// What the world does.
    Scenario,
    /// What we do.
    Policy,
    /// Which of those, when, which seeds, what to record.
    Experiment,
    /// A published result, and what must meet it.
    Case,
}

impl Kind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::City => "city",
            Kind::Scenario => "scenario",
            Kind::Policy => "policy",
            Kind::Experiment => "experiment",
            Kind::Case => "case",
        }
    }

    /// Its parts that can be files of their own.
    fn parts(self) -> &'static [(&'static str, Kind)] {
        match self {
            Kind::Experiment => &PARTS,
            Kind::Case => &[("experiment", Kind::Experiment)],
            Kind::City | Kind::Scenario | Kind::Policy => &[],
        }
    }
}

/// The parts of an experiment that can be files of their own.
pub(crate) const PARTS: [(&str, Kind); 3] = [
    ("city", Kind::City),
    ("scenario", Kind::Scenario),
    ("policy", Kind::Policy),
];

/// Words that only an experiment has.
const EXPERIMENT_WORDS: [&str; 14] = [
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
/// Words that only a city has.
const CITY_WORDS: [&str; 9] = [
    "start",
    "currency",
    "scale",
    "tick",
    "burn_in",
    "lattice",
    "roles",
    "organs",
    "necessities",
];

/// Words that only a case has.
const CASE_WORDS: [&str; 6] = ["family", "claim", "kernel", "experiment", "values", "arms"];

/// A tree, and whether it starts anew instead of changing the layer below.
struct Layer {
    tree: Node,
    anew: bool,
}

impl Reading {
    /// Adds a text and gives its index.
    pub(crate) fn add_source(&mut self, name: String, text: String) -> usize {
        self.sources.push(Source { name, text });
        self.sources.len() - 1
    }

    /// What stands at a place.
    pub(crate) fn text_at(&self, span: Span) -> &str {
        let source = self.sources.get(span.source);
        source
            .and_then(|source| source.text.get(span.start..span.end))
            .unwrap_or_default()
    }

    /// Reads a file with everything it extends and names; `None` if it cannot be read at all.
    pub(crate) fn read_whole(&mut self, path: &Path) -> Option<(Node, Kind)> {
        let path = tidy(path);
        let tree = self.read_tree(&path, None)?;
        let kind = guess_kind(&tree, &path);
        let mut chain = vec![path.clone()];
        let tree = self.complete(tree, kind, &path, &mut chain);
        Some((tree, kind))
    }

    /// A tree with what it extends below it, its parts in their places, and a name.
    fn complete(&mut self, tree: Node, kind: Kind, file: &Path, chain: &mut Vec<PathBuf>) -> Node {
        let named = tree.get("name").is_some();
        let mut tree = self.resolve(tree, kind, file, chain).tree;
        if !named && let Some(stem) = file.file_stem() {
            let text = Content::Text(stem.to_string_lossy().into_owned());
            let value = Node {
                span: tree.span,
                content: text,
            };
            tree.put(
                "name",
                Entry {
                    key: tree.span,
                    value,
                },
            );
        }
        tree
    }

    fn resolve(
        &mut self,
        mut tree: Node,
        kind: Kind,
        file: &Path,
        chain: &mut Vec<PathBuf>,
    ) -> Layer {
        let below = tree
            .take("extends")
            .and_then(|link| self.follow(&link, kind, file, chain));
        let mut fresh = Vec::new();
        for &(part, part_kind) in kind.parts() {
            let Some(node) = tree.get_mut(part) else {
                continue;
            };
            let owned = std::mem::replace(node, Node::empty(node.span));
            let layer = self.part(owned, part_kind, file, chain);
            if layer.anew {
                fresh.push(part);
            }
            *node = layer.tree;
        }
        if kind == Kind::Experiment
            && let Some(design) = tree.get_mut("design")
        {
            self.design(design, file, chain);
        }
        let Some(mut merged) = below else {
            return Layer { tree, anew: false };
        };
        for part in fresh {
            merged.take(part);
        }
        let span = tree.span;
        lay_over(&mut merged, tree);
        merged.span = span;
        Layer {
            tree: merged,
            anew: true,
        }
    }

    /// A city, scenario or policy as it stands in an experiment: a path, or an inline value.
    fn part(&mut self, node: Node, kind: Kind, file: &Path, chain: &mut Vec<PathBuf>) -> Layer {
        match node.content {
            Content::Text(_) => {
                let span = node.span;
                match self.follow(&node, kind, file, chain) {
                    Some(tree) => Layer { tree, anew: true },
                    // What is wrong has been said; an unknown part is not missing a second time.
                    None => Layer {
                        tree: Node {
                            span,
                            content: Content::Nothing,
                        },
                        anew: true,
                    },
                }
            }
            Content::Map(_) => self.resolve(node, kind, file, chain),
            Content::Nothing => Layer {
                tree: node,
                anew: false,
            },
            _ => {
                let name = kind.name();
                self.problems.push(
                    Problem::new(
                        "wrong-type",
                        format!("`{name}` takes a path or named values"),
                    )
                    .at(node.span, format!("found {}", node.describe()))
                    .note(
                        "example",
                        format!("{name}: \"../{}/NAME.ron\"", folder(kind)),
                    ),
                );
                Layer {
                    tree: Node {
                        span: node.span,
                        content: Content::Nothing,
                    },
                    anew: true,
                }
            }
        }
    }

    /// A design as a list of blocks, with the files they name in their places.
    fn design(&mut self, design: &mut Node, file: &Path, chain: &mut Vec<PathBuf>) {
        if let Content::Map(_) = design.content {
            let only = std::mem::replace(design, Node::empty(design.span));
            design.content = Content::List(vec![only]);
        }
        for block in design.items_mut() {
            for variable in block.values_mut("vary") {
                // A list is short for its values.
                if let Content::List(_) = variable.content {
                    let span = variable.span;
                    let value = std::mem::replace(variable, Node::empty(span));
                    variable.put("values", Entry { key: span, value });
                }
            }
            for (part, kind) in [("scenarios", Kind::Scenario), ("policies", Kind::Policy)] {
                for node in block.values_mut(part) {
                    let owned = std::mem::replace(node, Node::empty(node.span));
                    *node = self.part(owned, kind, file, chain).tree;
                }
            }
            if let Some(link) = block.take("file") {
                let list = self.points_of_a_table(&link, file);
                let key = link.span;
                block.put("list", Entry { key, value: list });
            }
        }
    }

    /// The points of a CSV file: a path at the head of each column, a point a row.
    fn points_of_a_table(&mut self, link: &Node, from: &Path) -> Node {
        let mut rows = Vec::new();
        if let Content::Text(text) = &link.content {
            let path = tidy(&from.parent().unwrap_or(Path::new("")).join(text));
            match std::fs::read_to_string(&path) {
                Ok(table) => rows = self.rows(&path, table),
                Err(error) => {
                    let title = format!("cannot read `{}`", path.display());
                    let problem = Problem::new("missing-file", title);
                    self.problems.push(problem.at(link.span, error.to_string()));
                }
            }
        } else {
            let problem = Problem::new("wrong-type", "`file` takes a path in quotes");
            let found = format!("found {}", link.describe());
            self.problems.push(problem.at(link.span, found));
        }
        Node {
            span: link.span,
            content: Content::List(rows),
        }
    }

    /// The rows of a table, each at its line.
    fn rows(&mut self, path: &Path, table: String) -> Vec<Node> {
        let source = self.add_source(path.display().to_string(), table.clone());
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_reader(table.as_bytes());
        let at = |position: Option<&csv::Position>| {
            let start = position.map_or(0, |position| position.byte() as usize);
            let line = table.get(start..).and_then(|rest| rest.lines().next());
            let end = start + line.map_or(0, str::len);
            Span { source, start, end }
        };
        let heads = reader.headers().cloned().unwrap_or_default();
        let first = at(heads.position());
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let problem = Problem::new("wrong-value", "this is no row of the table");
                    let place = at(error.position());
                    self.problems.push(problem.at(place, unequal(&error)));
                    continue;
                }
            };
            let place = at(record.position());
            let mut row = Node::empty(place);
            for (path, cell) in heads.iter().zip(&record) {
                let text = || Content::Text(cell.to_owned());
                let value = read::read_value(cell, 0, source);
                let content = value.map_or_else(text, |value| value.content);
                let value = Node {
                    span: place,
                    content,
                };
                row.put(path, Entry { key: first, value });
            }
            rows.push(row);
        }
        rows
    }

    /// Reads the file that a link names, whole.
    fn follow(
        &mut self,
        link: &Node,
        kind: Kind,
        from: &Path,
        chain: &mut Vec<PathBuf>,
    ) -> Option<Node> {
        let Content::Text(text) = &link.content else {
            self.problems.push(
                Problem::new("wrong-type", "`extends` takes a path in quotes")
                    .at(link.span, format!("found {}", link.describe())),
            );
            return None;
        };
        let path = tidy(&from.parent().unwrap_or(Path::new("")).join(text));
        if let Some(first) = chain.iter().position(|earlier| same_file(earlier, &path)) {
            let ring: Vec<String> = chain[first..]
                .iter()
                .chain([&path])
                .map(|file| file.display().to_string())
                .collect();
            self.problems.push(
                Problem::new(
                    "cyclic-extends",
                    "these files extend each other in a circle",
                )
                .at(link.span, "this leads back to where it came from")
                .note("chain", ring.join(" -> ")),
            );
            return None;
        }
        let tree = self.read_tree(&path, Some((link.span, chain)))?;
        if let Some(other) = clear_kind(&tree).filter(|&other| other != kind) {
            let (wanted, found) = (kind.name(), other.name());
            self.problems.push(
                Problem::new(
                    "wrong-kind",
                    format!("`{}` is a file of another kind", path.display()),
                )
                .at(
                    link.span,
                    format!("this is {}, where {} belongs", a(found), a(wanted)),
                ),
            );
            return None;
        }
        chain.push(path.clone());
        let tree = self.complete(tree, kind, &path, chain);
        chain.pop();
        Some(tree)
    }

    /// Reads one file into a tree of named values.
    fn read_tree(&mut self, path: &Path, asked: Option<(Span, &[PathBuf])>) -> Option<Node> {
        let text = match read_text(path) {
            Ok(text) => text,
            Err(Unreadable { code, reason }) => {
                let title = format!("cannot read `{}`", path.display());
                let problem = Problem::new(code, title);
                let problem = match asked {
                    Some((span, chain)) => {
                        let names = chain.iter().map(|file| file.display().to_string());
                        let names = names.chain([path.display().to_string()]);
                        problem
                            .at(span, reason)
                            .note("chain", names.collect::<Vec<_>>().join(" -> "))
                    }
                    None => problem.note("reason", reason),
                };
                let other = (code == MISSING).then(|| similar_file(path)).flatten();
                self.problems
                    .push(problem.note("help", other.unwrap_or_default()));
                return None;
            }
        };
        let source = self.add_source(path.display().to_string(), text);
        let tree = read::read_file(&self.sources[source].text, source, &mut self.problems);
        if !matches!(tree.content, Content::Map(_)) {
            self.problems.push(
                Problem::new(
                    "wrong-type",
                    "a file holds named values between `(` and `)`",
                )
                .at(tree.span, format!("found {}", tree.describe())),
            );
            return None;
        }
        Some(tree)
    }
}

const MISSING: &str = "missing-file";
/// Longest file that is read, in bytes: a city of two thousand sectors that all feed each other takes as much.
const LONGEST_FILE: u64 = 100_000_000;

/// Why a file could not be read as text.
struct Unreadable {
    code: &'static str,
    reason: String,
}

fn read_text(path: &Path) -> Result<String, Unreadable> {
    use std::io::ErrorKind;
    let because = |code, reason: String| Unreadable { code, reason };
    if path.is_dir() {
        let inside = path.join("experiment.ron");
        let reason = if inside.is_file() {
            format!("it is a folder; did you mean `{}`?", inside.display())
        } else {
            "it is a folder, not a file".to_owned()
        };
        return Err(because("not-a-file", reason));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path);
    // One byte more than is taken, so that it shows; what never ends, such as a device, is left there.
    let read = file.and_then(|file| file.take(LONGEST_FILE + 1).read_to_end(&mut bytes));
    read.map_err(|error| match error.kind() {
        ErrorKind::NotFound => because(MISSING, "there is no such file".to_owned()),
        ErrorKind::PermissionDenied => {
            because("not-readable", "it may not be read by this user".to_owned())
        }
        _ => because("not-readable", "it cannot be opened".to_owned()),
    })?;
    if bytes.len() as u64 > LONGEST_FILE {
        let reason = format!(
            "it has more than the {} megabytes that are read",
            LONGEST_FILE / 1_000_000
        );
        return Err(because("not-readable", reason));
    }
    String::from_utf8(bytes).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = String::from_utf8_lossy(sound).matches('\n').count() + 1;
        let reason = format!("it is not text in UTF-8: see line {line}");
        because("not-text", reason)
    })
}

/// Why a line of a table is no row of it.
fn unequal(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{len} values, where the table has {expected_len} columns"),
        _ => "not text in UTF-8".to_owned(),
    }
}

/// The file beside a missing one whose name is most like it, apart from its ending.
fn similar_file(path: &Path) -> Option<String> {
    let wanted = path.file_stem()?.to_string_lossy().into_owned();
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let listing = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let files = listing.filter_map(Result::ok).map(|entry| entry.path());
    let mut names: Vec<String> = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "ron"))
        .filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    let found = nearest::nearest(&wanted, names.iter().map(String::as_str))?;
    let found = path.with_file_name(format!("{found}.ron"));
    Some(format!("did you mean `{}`?", found.display()))
}

/// `a city`, `an experiment`.
pub fn a(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {kind}")
}

/// How many words of each kind of file stand in a tree.
fn words_of_kinds(tree: &Node) -> [(usize, Kind); 5] {
    let says = |words: &[&str]| words.iter().filter(|word| tree.get(word).is_some()).count();
    let has_whole_sectors = tree.get("sectors").is_some_and(|sectors| {
        sectors
            .entries()
            .any(|(_, entry)| entry.value.get("jobs").is_some())
    });
    [
        (says(&EXPERIMENT_WORDS), Kind::Experiment),
        (
            says(&CITY_WORDS) + usize::from(has_whole_sectors),
            Kind::City,
        ),
        (says(&["shocks", "connectors"]), Kind::Scenario),
        (says(&["changes"]), Kind::Policy),
        (says(&CASE_WORDS), Kind::Case),
    ]
}

/// What a file is for, where all that stands in it says so.
fn clear_kind(tree: &Node) -> Option<Kind> {
    let words = words_of_kinds(tree);
    let mut said = words.iter().filter(|(number, _)| *number > 0);
    match (said.next(), said.next()) {
        (Some((_, only)), None) => Some(*only),
        _ => None,
    }
}

/// What a file is for, from what stands in it, or else from its folder.
fn guess_kind(tree: &Node, path: &Path) -> Kind {
    let scores = words_of_kinds(tree);
    let best = scores.iter().map(|(score, _)| *score).max();
    let winners: Vec<Kind> = scores
        .iter()
        .filter(|(score, _)| Some(*score) == best)
        .map(|(_, kind)| *kind)
        .collect();
    if let [only] = winners.as_slice() {
        return *only;
    }
    let home = path.parent().and_then(Path::file_name);
    [
        Kind::City,
        Kind::Scenario,
        Kind::Policy,
        Kind::Experiment,
        Kind::Case,
    ]
    .into_iter()
    .find(|kind| home.is_some_and(|name| name == folder(*kind)))
    .unwrap_or(Kind::Experiment)
}

fn folder(kind: Kind) -> &'static str {
    match kind {
        Kind::City => "cities",
        Kind::Scenario => "scenarios",
        Kind::Policy => "policies",
        Kind::Experiment => "experiments",
        Kind::Case => "verification",
    }
}

/// A path without `.` and with `..` worked out where that needs no look at the disk.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(tidied.components().next_back(), Some(Component::Normal(_))) =>
            {
                tidied.pop();
            }
            _ => tidied.push(component),
        }
    }
    if tidied.as_os_str().is_empty() {
        tidied.push(".");
    }
    tidied
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

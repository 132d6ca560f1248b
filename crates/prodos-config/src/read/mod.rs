//! From text to tree: the part of RON that our files use.
//!
//! One mistake does not hide the next: after a mistake the reader notes it, steps over the entry it
//! stands in, and reads on. Words are kept as words, so that names of alternatives survive layering.

mod tokens;

use crate::diagnostics::Problem;
use crate::node::{Content, Entry, Node, Span};
use indexmap::IndexMap;

/// Deepest nesting of brackets; a sound file needs about ten.
const DEEPEST: usize = 64;
/// Mistakes of one file that are worth showing.
const MOST_MISTAKES: usize = 50;

/// Reads a whole file; what cannot be understood is left out and noted.
pub(crate) fn read_file(text: &str, source: usize, problems: &mut Vec<Problem>) -> Node {
    let mut reader = Reader {
        text,
        at: 0,
        source,
        depth: 0,
        problems: Vec::new(),
        ended: false,
    };
    let whole = reader.span(0, first_line_end(text));
    let tree = match reader.file() {
        Ok(tree) => tree,
        Err(problem) => {
            reader.problems.push(problem);
            Node::empty(whole)
        }
    };
    problems.append(&mut reader.problems);
    tree
}

/// Reads a value that stands at an offset in a text, up to its end; nothing if it is not one value.
pub(crate) fn read_value(text: &str, at: usize, source: usize) -> Option<Node> {
    let mut reader = Reader {
        text,
        at,
        source,
        depth: 0,
        problems: Vec::new(),
        ended: false,
    };
    let value = reader.value().ok()?;
    reader.skip_space().ok()?;
    (reader.at == text.len() && reader.problems.is_empty()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    source: usize,
    depth: usize,
    problems: Vec<Problem>,
    /// The text ended inside a bracket: said once, not once a bracket.
    ended: bool,
}

type Read<T> = Result<T, Problem>;

impl<'a> Reader<'a> {
    fn file(&mut self) -> Read<Node> {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        self.skip_space()?;
        while self.rest().starts_with("#![") {
            let end = self
                .rest()
                .find(']')
                .map_or(self.text.len(), |end| self.at + end + 1);
            self.at = end;
            self.skip_space()?;
        }
        if self.rest().is_empty() {
            let place = self.span(0, first_line_end(self.text));
            return Err(Problem::new("syntax", "the file holds nothing")
                .at(place, "expected `(`, named values, and `)`"));
        }
        let tree = self.value()?;
        self.skip_space()?;
        if !self.rest().is_empty() && !self.ended && self.problems.is_empty() {
            let place = self.span(self.at, self.at + self.next_length());
            self.note(
                Problem::new("syntax", "the file goes on after its last bracket")
                    .at(place, "nothing may follow here"),
            );
        }
        Ok(tree)
    }

    fn value(&mut self) -> Read<Node> {
        self.skip_space()?;
        let start = self.at;
        match self.peek() {
            Some('(') => self.round(),
            Some('[') => self.list('[', ']'),
            Some('{') => self.map('{', '}'),
            Some('"') => {
                let text = self.string()?;
                Ok(self.node(start, Content::Text(text)))
            }
            Some(c) if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => self.number(),
            Some('r') if self.raw_string_ahead() => {
                let text = self.raw_string()?;
                Ok(self.node(start, Content::Text(text)))
            }
            Some(c) if c.is_alphabetic() || c == '_' => self.word(),
            Some(_) => {
                let place = self.span(start, start + self.next_length());
                Err(Problem::new("syntax", "a value is missing").at(
                    place,
                    "expected a number, a word, a text in quotes or a bracket",
                ))
            }
            None => Err(self.end_of_text(start)),
        }
    }

    /// `(name: value)`, `(a, b)` or `()`.
    fn round(&mut self) -> Read<Node> {
        let start = self.at;
        self.at += 1;
        self.skip_space()?;
        let named = self.peek() == Some(')') || self.entry_ahead();
        self.at = start;
        if named {
            self.map('(', ')')
        } else {
            self.list('(', ')')
        }
    }

    fn list(&mut self, open: char, close: char) -> Read<Node> {
        let start = self.at;
        let mut items = Vec::new();
        self.bracket(open, close, |reader| {
            items.push(reader.value()?);
            Ok(())
        })?;
        Ok(self.node(start, Content::List(items)))
    }

    fn map(&mut self, open: char, close: char) -> Read<Node> {
        let start = self.at;
        let mut map: IndexMap<String, Entry> = IndexMap::new();
        self.bracket(open, close, |reader| {
            let (name, key) = reader.key()?;
            reader.skip_space()?;
            if reader.peek() != Some(':') {
                let place = reader.span(key.start, key.end);
                let problem = Problem::new("syntax", format!("`{name}` has no value"))
                    .at(place, "expected a colon and a value after this");
                let (dotted, digits) = (
                    reader.peek() == Some('.'),
                    !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()),
                );
                return Err(match (dotted, digits) {
                    (true, _) => problem.note(
                        "help",
                        format!("values are nested: `{name}: (NAME: value)`"),
                    ),
                    (_, true) => problem.note("help", "decimals are written with a point: `0.5`"),
                    _ => problem,
                });
            }
            reader.at += 1;
            let value = reader.value()?;
            if let Some(first) = map.get(&name) {
                let line = reader.text[..first.key.start].matches('\n').count() + 1;
                return Err(Problem::new("twice", format!("`{name}` stands here twice"))
                    .at(key, format!("the first stands in line {line}")));
            }
            map.insert(name, Entry { key, value });
            Ok(())
        })?;
        Ok(self.node(start, Content::Map(map)))
    }

    /// Reads what stands between two brackets, entry by entry.
    fn bracket(
        &mut self,
        open: char,
        close: char,
        mut entry: impl FnMut(&mut Self) -> Read<()>,
    ) -> Read<()> {
        let start = self.at;
        self.depth += 1;
        if self.depth > DEEPEST {
            self.ended = true;
            self.at = self.text.len();
            return Err(Problem::new("syntax", "brackets are nested too deep").at(
                self.span(start, start + 1),
                format!("at most {DEEPEST} levels"),
            ));
        }
        self.at += 1;
        loop {
            self.skip_space()?;
            match self.peek() {
                Some(c) if c == close => {
                    self.at += 1;
                    break;
                }
                None => {
                    let problem = self.unclosed(start, open, close);
                    self.note(problem);
                    break;
                }
                Some(c @ (')' | ']' | '}')) => {
                    let place = self.span(self.at, self.at + 1);
                    let line = self.text[..start].matches('\n').count() + 1;
                    self.note(Problem::new("syntax", format!("`{c}` closes nothing")).at(
                        place,
                        format!("expected `{close}` for the `{open}` of line {line}"),
                    ));
                    self.at += 1;
                    break;
                }
                Some(',') => {
                    let place = self.span(self.at, self.at + 1);
                    self.note(
                        Problem::new("syntax", "an entry is missing")
                            .at(place, "expected an entry before this comma"),
                    );
                    self.at += 1;
                    continue;
                }
                Some(_) => {}
            }
            let before = self.at;
            if let Err(problem) = entry(self) {
                self.note(problem);
                self.step_over_entry(before);
            }
            self.expect_comma(close)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn expect_comma(&mut self, close: char) -> Read<()> {
        let end_of_value = self.at;
        self.skip_space()?;
        match self.peek() {
            Some(',') => self.at += 1,
            Some(')' | ']' | '}') | None => {}
            Some(_) => {
                let start = self.text[..end_of_value].char_indices().next_back();
                let place = self.span(start.map_or(0, |(index, _)| index), end_of_value);
                self.note(
                    Problem::new("syntax", "a comma is missing")
                        .at(place, format!("expected a comma or `{close}` after this")),
                );
                if !self.entry_ahead() {
                    self.step_over_entry(self.at);
                    self.skip_space()?;
                    if self.peek() == Some(',') {
                        self.at += 1;
                    }
                }
            }
        }
        Ok(())
    }

    fn key(&mut self) -> Read<(String, Span)> {
        let start = self.at;
        let name = match self.peek() {
            Some('"') => self.string()?,
            Some('r') if self.rest().starts_with("r#") => {
                self.at += 2;
                self.letters()
            }
            _ => self.letters(),
        };
        if self.at == start {
            let place = self.span(start, start + self.next_length());
            return Err(Problem::new("syntax", "a name is missing")
                .at(place, "expected a name, a colon and a value"));
        }
        Ok((name, self.span(start, self.at)))
    }

    /// Whether a name and a colon come next.
    fn entry_ahead(&self) -> bool {
        let mut ahead = Reader {
            problems: Vec::new(),
            ..*self
        };
        if ahead.skip_space().is_err() || ahead.key().is_err() {
            return false;
        }
        // A path, as the command line has it, is meant as a name too; it is told so where it is read.
        while ahead.peek() == Some('.') {
            ahead.at += 1;
            ahead.letters();
        }
        ahead.skip_space().is_ok() && ahead.peek() == Some(':')
    }

    /// A bare word: a truth, a name of an alternative, `None`, `Some(x)` or a named bracket.
    fn word(&mut self) -> Read<Node> {
        let start = self.at;
        let word = self.letters();
        let content = match word.as_str() {
            "true" => Content::Truth(true),
            "false" => Content::Truth(false),
            "None" => Content::Nothing,
            "NaN" => Content::Number(f64::NAN),
            "inf" => Content::Number(f64::INFINITY),
            _ => {
                let end = self.at;
                self.skip_space()?;
                if self.peek() == Some('(') {
                    let inner = self.round()?;
                    return Ok(if word == "Some" { only(inner) } else { inner });
                }
                self.at = end;
                Content::Text(word)
            }
        };
        Ok(self.node(start, content))
    }

    /// Goes on to the comma or bracket that ends the entry that began at an offset.
    fn step_over_entry(&mut self, start: usize) {
        if self.ended {
            self.at = self.text.len();
            return;
        }
        self.at = start;
        let mut open = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    if self.string().is_err() && self.ended {
                        self.at = self.text.len();
                    }
                    continue;
                }
                '/' if self.rest().starts_with("//") || self.rest().starts_with("/*") => {
                    if self.skip_space().is_err() {
                        self.at = self.text.len();
                    }
                    continue;
                }
                '(' | '[' | '{' => open += 1,
                ')' | ']' | '}' | ',' if open == 0 => return,
                ')' | ']' | '}' => open -= 1,
                _ => {}
            }
            self.at += c.len_utf8();
        }
    }

    fn unclosed(&mut self, start: usize, open: char, close: char) -> Problem {
        self.ended = true;
        Problem::new("syntax", format!("`{open}` is not closed")).at(
            self.span(start, start + 1),
            format!("expected `{close}` before the end of the file"),
        )
    }

    fn end_of_text(&mut self, at: usize) -> Problem {
        self.ended = true;
        Problem::new("syntax", "the text ends where a value is expected").at(
            self.span(at.saturating_sub(1), at),
            "a value is missing after this",
        )
    }

    /// Notes a mistake; once the text has ended inside a bracket, that is said once.
    fn note(&mut self, problem: Problem) {
        let said = self.ended && self.problems.iter().any(ends_early);
        if self.problems.len() < MOST_MISTAKES && !(said && ends_early(&problem)) {
            self.problems.push(problem);
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next_length(&self) -> usize {
        self.peek().map_or(0, char::len_utf8)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span {
            source: self.source,
            start,
            end,
        }
    }

    fn node(&self, start: usize, content: Content) -> Node {
        Node {
            span: self.span(start, self.at),
            content,
        }
    }
}

fn ends_early(problem: &Problem) -> bool {
    ["is not closed", "text ends", "too deep"]
        .iter()
        .any(|part| problem.title.contains(part))
}

/// What stands inside `Some( )`.
fn only(inner: Node) -> Node {
    match inner.content {
        Content::List(mut list) if list.len() == 1 => list.remove(0),
        content => Node {
            span: inner.span,
            content,
        },
    }
}

fn first_line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

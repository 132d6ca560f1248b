//! What is wrong with the files, said to the person who wrote them.
//!
//! Every problem says what is wrong, shows the line with a caret, and says what is allowed.

use crate::node::Span;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, renderer::DecorStyle};
use std::fmt;

/// All problems of the files that were read, in the order of the text.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    pub(crate) sources: Vec<Source>,
    pub(crate) problems: Vec<Problem>,
}

/// A text that was read: a file, or an option of the command line.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) title: String,
    pub(crate) place: Option<(Span, String)>,
    pub(crate) notes: Vec<(&'static str, String)>,
}

impl Problem {
    /// A problem of a kind, with its claim.
    pub(crate) fn new(code: &'static str, title: impl Into<String>) -> Problem {
        Problem {
            code,
            title: title.into(),
            place: None,
            notes: Vec::new(),
        }
    }

    /// How much of a file it takes away: 0 what cannot be read at all, 1 what is not there, 2 what is
    /// not known, 3 what has the wrong shape, 4 what cannot be.
    fn rank(&self) -> u8 {
        match self.code {
            "syntax" | "missing-file" | "not-a-file" | "not-text" | "not-readable"
            | "cyclic-extends" | "wrong-kind" => 0,
            "missing" | "empty-city" => 1,
            code if code.starts_with("unknown-") => 2,
            "wrong-type" => 3,
            _ => 4,
        }
    }

    /// Where it is, and what to say under the caret.
    pub(crate) fn at(mut self, span: Span, label: impl Into<String>) -> Problem {
        self.place = Some((span, label.into()));
        self
    }

    /// What else helps; an empty text is left out.
    pub(crate) fn note(mut self, kind: &'static str, text: impl Into<String>) -> Problem {
        let text = text.into();
        if !text.is_empty() {
            self.notes.push((kind, text));
        }
        self
    }
}

impl Diagnostics {
    /// Problems worst first, and those alike in the order of the text, file by file; those without a
    /// place come first.
    pub(crate) fn in_order(sources: Vec<Source>, mut problems: Vec<Problem>) -> Diagnostics {
        problems.sort_by_key(|problem| {
            let place = problem.place.as_ref();
            (
                problem.rank(),
                place.map(|(span, _)| (span.source, span.start)),
            )
        });
        Diagnostics { sources, problems }
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Number of problems.
    pub fn len(&self) -> usize {
        self.problems.len()
    }

    /// The claims alone, each with its file, line and column if it has them.
    pub fn claims(&self) -> impl Iterator<Item = String> {
        self.problems.iter().map(|problem| {
            let place = problem.place.as_ref().and_then(|(span, _)| {
                let source = self.sources.get(span.source)?;
                let (line, column) = line_and_column(&source.text, span.start);
                Some(format!("{}:{line}:{column}: ", source.name))
            });
            format!("{}{}", place.unwrap_or_default(), problem.title)
        })
    }

    /// All problems with excerpts and carets, and a closing line with their number.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let renderer = renderer.decor_style(DecorStyle::Ascii);
        let mut page = String::new();
        for problem in &self.problems {
            page.push_str(&self.render_one(problem, &renderer));
            page.push_str("\n\n");
        }
        let closing = match self.problems.len() {
            0 => String::new(),
            1 => "1 problem\n".to_owned(),
            count => format!("{count} problems\n"),
        };
        page + &closing
    }

    fn render_one(&self, problem: &Problem, renderer: &Renderer) -> String {
        let mut group = Level::ERROR
            .primary_title(&problem.title)
            .id(problem.code)
            .elements(problem.place.iter().filter_map(|(span, label)| {
                let source = self.sources.get(span.source)?;
                let range = whole_characters(&source.text, span.start, span.end);
                let mut mark = AnnotationKind::Primary.span(range);
                if !label.is_empty() {
                    mark = mark.label(label);
                }
                Some(
                    Snippet::source(&source.text)
                        .path(&source.name)
                        .annotation(mark),
                )
            }));
        for (kind, text) in &problem.notes {
            group = group.element(Level::NOTE.with_name(*kind).message(text));
        }
        renderer.render(&[group])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for Diagnostics {}

/// A range that starts and ends between characters, inside the text, and is not empty if it can.
fn whole_characters(text: &str, start: usize, end: usize) -> std::ops::Range<usize> {
    let mut start = start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

fn line_and_column(text: &str, start: usize) -> (usize, usize) {
    let before = &text[..whole_characters(text, start, start).start];
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |tail| tail.chars().count())
        + 1;
    (line, column)
}

//! One figure: its finding as title, one line on how to read it, the drawing, and where it came from.

use crate::Error;
use crate::colour::MUTED;
use crate::pixels::rasterise;
use crate::sheet::{Sheet, Type, WIDTH, wrap};
use crate::story::Story;

/// Space left and right of everything.
pub(crate) const MARGIN: f64 = 24.0;
/// Where panels with labels on the left begin.
pub(crate) const PANEL_LEFT: f64 = 72.0;

const TITLE: Type = Type::of(20.0).bold();
const READING: Type = Type::of(13.0).colour(MUTED);
const CAPTION: Type = Type::of(11.0).colour(MUTED);

/// A finished figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Name of its files, such as `phases`.
    pub name: &'static str,
    /// What it shows, as a sentence with numbers.
    pub title: String,
    /// How to read it.
    pub reading: String,
    /// The whole drawing with title and caption.
    pub svg: String,
    /// Top and bottom of the drawing without title and caption, in points.
    pub(crate) body: (f64, f64),
    /// A moving picture in place of the still one.
    pub(crate) animation: Option<Vec<u8>>,
    /// What the page needs to move it by hand.
    pub(crate) player: Option<Player>,
}

impl Figure {
    /// The drawing as pixels, `scale` a point: width, height and RGBA.
    pub fn pixels(&self, scale: f64) -> Result<(u32, u32, Vec<u8>), Error> {
        rasterise(self.name, &self.svg, scale)
    }

    /// The moving picture that stands in place of the drawing, as an animated PNG.
    pub fn animation(&self) -> Option<&[u8]> {
        self.animation.as_deref()
    }
}

/// The lattice day by day, for the page.
#[derive(Clone, Debug)]
pub(crate) struct Player {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// Width of the lattice in the drawing of outlines, in points.
    pub(crate) wide: f64,
    pub(crate) outlines: String,
    /// Day in words, share of teams in phase 0, and two cells a letter.
    pub(crate) frames: Vec<(String, f64, String)>,
}

/// Why there is no figure.
pub(crate) enum NoFigure {
    /// There is nothing to draw; the sentence goes into the report.
    Because(String),
    /// Nobody would look for it here.
    Unasked,
    /// Drawing failed.
    Failed(Error),
}

impl From<Error> for NoFigure {
    fn from(error: Error) -> NoFigure {
        NoFigure::Failed(error)
    }
}

/// Nothing to draw, for this reason.
pub(crate) fn because(reason: &str) -> NoFigure {
    NoFigure::Because(reason.into())
}

/// A figure in the making.
pub(crate) struct Draft {
    pub(crate) sheet: Sheet,
    /// Where the drawing begins, below title and reading.
    pub(crate) top: f64,
    name: &'static str,
    title: String,
    reading: String,
}

impl Draft {
    /// Sets title and reading on an empty sheet.
    pub(crate) fn new(name: &'static str, title: String, reading: String) -> Draft {
        let mut sheet = Sheet::new();
        let mut y = MARGIN;
        for line in wrap(&title, TITLE, WIDTH - 2.0 * MARGIN) {
            y += 25.0;
            sheet.text(MARGIN, y - 5.0, &line, TITLE);
        }
        y += 4.0;
        for line in wrap(&reading, READING, WIDTH - 2.0 * MARGIN) {
            y += 18.0;
            sheet.text(MARGIN, y - 2.0, &line, READING);
        }
        Draft {
            sheet,
            top: y + 14.0,
            name,
            title,
            reading,
        }
    }

    /// Adds where the runs came from below `bottom` and closes the sheet.
    pub(crate) fn finish(
        self,
        story: &Story,
        bottom: f64,
        one_run: bool,
    ) -> Result<Figure, NoFigure> {
        Ok(self.finish_with(&caption(story, one_run), bottom)?)
    }

    /// Adds a caption below `bottom` and closes the sheet.
    pub(crate) fn finish_with(mut self, caption: &str, bottom: f64) -> Result<Figure, Error> {
        let mut y = bottom + 18.0;
        for line in wrap(caption, CAPTION, WIDTH - 2.0 * MARGIN) {
            self.sheet.text(MARGIN, y + 8.0, &line, CAPTION);
            y += 15.0;
        }
        let svg = self
            .sheet
            .finish(self.name, y + 12.0, &self.title, &self.reading)?;
        Ok(Figure {
            name: self.name,
            title: self.title,
            reading: self.reading,
            svg,
            body: (self.top - 6.0, bottom + 8.0),
            animation: None,
            player: None,
        })
    }
}

/// Experiment, run, seed and configuration: enough to find the numbers again.
pub(crate) fn caption(story: &Story, one_run: bool) -> String {
    let manifest = &story.manifest;
    let mut parts = vec![manifest.experiment.clone()];
    if !manifest.city.is_empty() {
        parts.push(format!("city {}", manifest.city));
    }
    if story.runs.len() == 1 {
        parts.push(format!("run\u{a0}{}", story.chosen));
    } else if one_run {
        parts.push(format!(
            "run\u{a0}{}, the median of {} by output",
            story.chosen,
            story.runs.len()
        ));
    } else {
        parts.push(format!(
            "median and 5–95\u{a0}% band of {} runs",
            story.runs.len()
        ));
    }
    if let [first, second, ..] = story.days[..]
        && !story.is_daily()
    {
        parts.push(format!(
            "rows {} apart",
            crate::phrase::count(second - first, "day")
        ));
    }
    if let Some(seed) = seed(story) {
        parts.push(format!("seed\u{a0}{seed}"));
    }
    if !manifest.configuration_hash.is_empty() {
        let short: String = manifest.configuration_hash.chars().take(16).collect();
        parts.push(format!("configuration\u{a0}{short}"));
    }
    if !manifest.version.is_empty() {
        parts.push(format!("prodos\u{a0}{}", manifest.version));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// The seed of the chosen run, or the one seed all runs grow from.
fn seed(story: &Story) -> Option<u64> {
    let seeds = &story.manifest.seeds;
    if seeds.len() == 1 {
        seeds.first().copied()
    } else {
        seeds.get(usize::try_from(story.chosen).ok()?).copied()
    }
}

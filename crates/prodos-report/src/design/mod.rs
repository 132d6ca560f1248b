//! A design: many runs at many points, told by their summary and by the days that were recorded of the city.
//!
//! Nothing here grows with the number of runs but a few columns of the summary: of the days, a line holds a stated
//! number of runs at most.

mod answer;
mod course;
mod map;
mod overlay;
mod page;
mod response;

use crate::Error;
use crate::calendar::Calendar;
use crate::contrast::Contrasts;
use crate::figure::{Figure, NoFigure};
use course::Course;
use plotters::style::RGBColor;
use prodos_record::{Data, Folder, Manifest, Table};
use std::collections::HashMap;

const SUMMARY: &str = "summary.parquet";
const DIFFERENCES: &str = "differences.parquet";
const BROKEN: &str = "phase_0_first_day";
const STOPPED: &str = "stopped_day";

/// Colours of policies and scenarios, in their order.
const COLOURS: [RGBColor; 8] = {
    use crate::colour::{BLUE, BROWN, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION};
    [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BROWN, GREY]
};

/// What the runs of a design came to.
pub(crate) struct Trials {
    manifest: Manifest,
    calendar: Option<Calendar>,
    experiment: Option<String>,
    /// Which point each run is of.
    points: Vec<i64>,
    /// Runs that failed, which are in no figure.
    failed: usize,
    /// Runs that were ended early, as the experiment says.
    stopped: usize,
    headline: Outcome,
    /// Whether the city of each run reached phase 0.
    broken: Vec<bool>,
    /// Numbers and words that are varied.
    levers: Vec<Lever>,
    variants: Lines,
    /// Lines of a figure over days: variants, or values of a lever with few.
    lines: Lines,
    course: Course,
    contrasts: Option<Contrasts>,
}

/// An outcome of each run.
struct Outcome {
    name: String,
    unit: String,
    /// NaN where a run has none.
    values: Vec<f64>,
}

/// Something that is varied.
struct Lever {
    path: String,
    unit: String,
    /// What each run has; of words their place among all.
    values: Vec<f64>,
    /// Every word, in the order in which they come; empty of numbers.
    words: Vec<String>,
}

/// Runs by what is drawn in one colour.
struct Lines {
    names: Vec<String>,
    of_run: Vec<usize>,
}

impl Outcome {
    /// How a figure calls it.
    fn named(&self) -> String {
        format!("{} ({})", crate::phrase::kind(&self.name), self.unit)
    }
}

impl Lever {
    /// How an axis calls it.
    fn named(&self) -> String {
        if self.words.is_empty() {
            format!("{} ({})", self.path, self.unit)
        } else {
            self.path.clone()
        }
    }

    /// Every value there is, rising.
    fn levels(&self) -> Vec<f64> {
        let known = self.values.iter().copied();
        let mut levels: Vec<f64> = known.filter(|value| value.is_finite()).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels
    }

    /// A value as words.
    fn told(&self, value: f64) -> String {
        match self.words.get(value as usize) {
            Some(word) => word.clone(),
            None => crate::phrase::short(value),
        }
    }

    fn is_number(&self) -> bool {
        self.words.is_empty()
    }
}

impl Lines {
    /// Places of the runs of a line.
    fn runs(&self, line: usize) -> impl Iterator<Item = usize> + '_ {
        let all = self.of_run.iter().enumerate();
        all.filter(move |(_, own)| **own == line)
            .map(|(run, _)| run)
    }

    fn legend(&self) -> Vec<(String, RGBColor)> {
        let each = self.names.iter().enumerate();
        each.map(|(line, name)| (name.clone(), colour(line)))
            .collect()
    }
}

/// The colour of a line.
fn colour(line: usize) -> RGBColor {
    COLOURS[line % COLOURS.len()]
}

/// Runs of which so many of all came so far.
#[derive(Clone, Copy)]
struct Share {
    of: usize,
    all: usize,
}

impl Share {
    fn of(broken: &[bool], runs: impl Iterator<Item = usize>) -> Share {
        let mut share = Share { of: 0, all: 0 };
        for run in runs {
            share.all += 1;
            share.of += usize::from(broken[run]);
        }
        share
    }

    fn value(self) -> f64 {
        self.of as f64 / self.all as f64
    }

    /// Wilson's interval of a share.
    ///
    /// (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)
    ///
    /// p share · n runs · z quantile of the normal law for 95 %. Source: Wilson 1927.
    fn interval(self) -> (f64, f64) {
        let (p, n, z) = (self.value(), self.all as f64, 1.959_964);
        let middle = p + z * z / (2.0 * n);
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + z * z / n;
        (
            ((middle - half) / whole).max(0.0),
            ((middle + half) / whole).min(1.0),
        )
    }

    /// `12 of 40 runs (30 %, 95 % interval 18 to 45 %)`.
    fn told(self) -> String {
        let (low, high) = self.interval();
        format!(
            "{} of {} ({}, 95\u{a0}% interval {:.0} to {:.0}\u{a0}%)",
            self.of,
            crate::phrase::count(self.all as f64, "run"),
            crate::phrase::percent(self.value()),
            100.0 * low,
            100.0 * high
        )
    }
}

/// A figure of a design: its name, what it is about, and the function that draws it.
type Entry = (
    &'static str,
    &'static str,
    fn(&Trials) -> Result<Figure, NoFigure>,
);

/// Every figure of a design, in the order of the page.
pub(crate) const ALL: [Entry; 5] = [
    ("differences", "Differences", differences),
    ("overlay", "Course of the runs", overlay::draw),
    ("response", "Response", response::draw),
    ("tipping-map", "Tipping map", map::tipping),
    ("heat-map", "Heat map", map::heat),
];

fn differences(trials: &Trials) -> Result<Figure, NoFigure> {
    match &trials.contrasts {
        Some(contrasts) => Ok(contrasts.draw()?),
        None => Err(NoFigure::Unasked),
    }
}

/// Reads what figures need of a design.
pub(crate) fn read(folder: &Folder) -> Result<Trials, Error> {
    let manifest = folder.manifest().clone();
    let wanted = |name: &str| {
        let keys = [
            "run_id", "point_id", "status", "scenario", "policy", BROKEN, STOPPED,
        ];
        keys.contains(&name)
            || name == manifest.headline
            || manifest.varied.iter().any(|own| own == name)
    };
    let summary = folder.columns(SUMMARY, wanted)?;
    let runs = summary.integers("run_id").map_err(Error::table(SUMMARY))?;
    let status = summary.words("status").map_err(Error::table(SUMMARY))?;
    let whole: Vec<usize> = (0..summary.rows())
        .filter(|&row| status.get(row) == "ok")
        .collect();
    let of = |cells: &[f64]| -> Vec<f64> { whole.iter().map(|&row| cells[row]).collect() };
    let broken = of(summary.floats(BROKEN).map_err(Error::table(SUMMARY))?);
    let headline = headline(&manifest, &summary, &of);
    let varied = manifest.varied.iter();
    let levers: Vec<Lever> = varied
        .filter(|name| !matches!(name.as_str(), "block" | "scenario" | "policy"))
        .filter_map(|name| lever(name, &summary, &whole))
        .collect();
    let variants = variants(&summary, &whole);
    let lines = lines(&variants, &levers);
    let runs: Vec<i64> = whole.iter().map(|&row| runs[row]).collect();
    let points = summary
        .integers("point_id")
        .map_err(Error::table(SUMMARY))?;
    let points = whole.iter().map(|&row| points[row]).collect();
    let course = course::read(folder, &runs, &lines)?;
    let mut trials = Trials {
        calendar: Calendar::parse(&manifest.start_date),
        experiment: folder.text("experiment.ron").ok(),
        failed: summary.rows() - whole.len(),
        stopped: summary
            .floats(STOPPED)
            .map_or(0, |days| days.iter().filter(|day| day.is_finite()).count()),
        broken: broken.iter().map(|day| day.is_finite()).collect(),
        points,
        headline,
        levers,
        variants,
        lines,
        course,
        contrasts: None,
        manifest,
    };
    trials.contrasts = contrasts(folder, &trials.headline.name, trials.caption())?;
    Ok(trials)
}

fn headline(manifest: &Manifest, summary: &Table, of: &dyn Fn(&[f64]) -> Vec<f64>) -> Outcome {
    let column = summary.column(&manifest.headline);
    let values = column.map_or_else(Vec::new, |column| match &column.data {
        Data::Float(cells) => of(cells),
        _ => Vec::new(),
    });
    let values = if values.is_empty() {
        of(&vec![f64::NAN; summary.rows()])
    } else {
        values
    };
    Outcome {
        name: manifest.headline.clone(),
        unit: column.map_or_else(String::new, |column| column.unit.clone()),
        values,
    }
}

fn lever(name: &str, summary: &Table, whole: &[usize]) -> Option<Lever> {
    let column = summary.column(name)?;
    let mut words: Vec<String> = Vec::new();
    let values = match &column.data {
        Data::Float(cells) => whole.iter().map(|&row| cells[row]).collect(),
        Data::Text(texts) => {
            let mut place = |word: &str| {
                let known = words.iter().position(|own| own == word);
                known.unwrap_or_else(|| {
                    words.push(word.to_owned());
                    words.len() - 1
                })
            };
            whole
                .iter()
                .map(|&row| place(texts.get(row)) as f64)
                .collect()
        }
        _ => return None,
    };
    Some(Lever {
        path: name.to_owned(),
        unit: column.unit.clone(),
        values,
        words,
    })
}

/// Runs by scenario and policy.
fn variants(summary: &Table, whole: &[usize]) -> Lines {
    let word = |column: &str, row: usize| {
        let words = summary.words(column).ok();
        words.map_or_else(String::new, |words| words.get(row).to_owned())
    };
    sorted(whole.iter().map(|&row| {
        let both = [word("policy", row), word("scenario", row)];
        let named: Vec<&str> = both
            .iter()
            .map(String::as_str)
            .filter(|word| !word.is_empty())
            .collect();
        if named.is_empty() {
            "all runs".to_owned()
        } else {
            named.join(", ")
        }
    }))
}

/// Variants, or values of the first lever that has few, or all runs as one.
fn lines(variants: &Lines, levers: &[Lever]) -> Lines {
    const FEW: usize = 6;
    let few = levers
        .iter()
        .find(|lever| (2..=FEW).contains(&lever.levels().len()));
    match few {
        Some(lever) if variants.names.len() < 2 => {
            let levels = lever.levels();
            let place = |value: &f64| levels.iter().position(|own| own == value);
            Lines {
                names: levels
                    .iter()
                    .map(|own| format!("{} = {}", lever.path, lever.told(*own)))
                    .collect(),
                of_run: lever
                    .values
                    .iter()
                    .map(|own| place(own).unwrap_or(usize::MAX))
                    .collect(),
            }
        }
        _ => Lines {
            names: variants.names.clone(),
            of_run: variants.of_run.clone(),
        },
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Lines {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut lines = Lines {
        names: Vec::new(),
        of_run: Vec::new(),
    };
    for name in names {
        let place = *places.entry(name.clone()).or_insert_with(|| {
            lines.names.push(name);
            lines.names.len() - 1
        });
        lines.of_run.push(place);
    }
    lines
}

fn contrasts(folder: &Folder, headline: &str, caption: String) -> Result<Option<Contrasts>, Error> {
    if !folder.has(DIFFERENCES) {
        return Ok(None);
    }
    let table = folder.table(DIFFERENCES)?;
    let contrasts = Contrasts::of(&table, headline, Vec::new(), caption);
    contrasts.map(Some).map_err(Error::table(DIFFERENCES))
}

pub(crate) use answer::sentences;
pub(crate) use page::compose;

impl Trials {
    /// Name, number of points and runs, and configuration: enough to find the numbers again.
    fn caption(&self) -> String {
        let manifest = &self.manifest;
        let short: String = manifest.configuration_hash.chars().take(16).collect();
        let mut parts = vec![
            manifest.experiment.clone(),
            format!("city {}", manifest.city),
            format!(
                "{} at {}",
                crate::phrase::count(self.points.len() as f64, "run"),
                crate::phrase::count(manifest.points as f64, "point")
            ),
            format!("{} each", crate::phrase::count(manifest.days, "day")),
        ];
        if self.failed > 0 {
            parts.push(format!("{} failed and left out", self.failed));
        }
        if self.stopped > 0 {
            parts.push(format!("{} ended early", self.stopped));
        }
        if let Some(seed) = manifest.seeds.first() {
            parts.push(format!("seed\u{a0}{seed}"));
        }
        parts.push(format!("configuration\u{a0}{short}"));
        parts.push(format!("prodos\u{a0}{}", manifest.version));
        parts.join(" · ")
    }
}

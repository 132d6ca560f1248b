//! Figures and the report page, drawn from recorded tables alone.
//!
//! [`draw`] reads a result folder and writes `plots/*.svg`, `plots/*.png` and `report.html`, or the same
//! for one run beside them. No model is
//! run: what is not in the tables is not in the figures. The title of a figure is its finding, with the
//! numbers computed from the data; a figure for which nothing was recorded is left out and the reason
//! given. The same folder gives the same drawings, byte for byte.
//!
//! The way of a figure: [`Story`](story::Story) holds the tables by run, day and sector; `facts` finds what
//! happened and `findings` what is stated of it; each file of `figures` draws one figure on a `sheet` with the axes of `panel`; `pixels` makes
//! the PNG; `page` puts all of them into one document.

mod brief;
mod calendar;
mod colour;
mod contrast;
mod design;
mod error;
mod explore;
mod facts;
mod figure;
mod figures;
mod findings;
mod marks;
mod page;
mod panel;
mod phrase;
mod pixels;
mod sheet;
mod story;
mod tornado;
mod verdicts;

pub use contrast::{Contrast, Contrasts};
pub use error::Error;
pub use figure::Figure;
pub use phrase::{significant, to_tolerance};
pub use tornado::{Bar, Tornado};
pub use verdicts::{Allowed, Standing, Verdict, write_verdicts};

use design::Trials;
use figure::NoFigure;
use prodos_record::{Folder, write_whole};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use story::Story;

/// What to draw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// This run alone, into `plots/run-<number>/` and `report-run-<number>.html`, so that the figures and
    /// the page of all runs stay; without it, all runs together.
    pub run: Option<i64>,
}

/// What was drawn.
#[derive(Clone, Debug)]
pub struct Report {
    /// The page.
    pub page: PathBuf,
    /// Two to four sentences on what happened.
    pub brief: Vec<String>,
    /// The figures, in the order of the page.
    pub figures: Vec<Figure>,
    /// Figures for which there was nothing to draw: name and reason.
    pub left_out: Vec<(&'static str, String)>,
    /// The files that were written.
    pub files: Vec<PathBuf>,
}

/// Every kind of figure: the name of its files, and what it is about in a word or two.
pub fn figures() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_runs = figures::ALL.iter().map(|(name, words, _)| (*name, *words));
    let of_design = design::ALL.iter().map(|(name, words, _)| (*name, *words));
    of_runs.chain(of_design)
}

/// Draws every figure and the page of a result folder: of a design, or of one run or of several that differ in their
/// draws alone.
pub fn draw(folder: &Folder, options: &Options) -> Result<Report, Error> {
    let told = Told::read(folder, options)?;
    let (plots, page_file) = places(folder.path(), options);
    let drawn: Vec<_> = told
        .names()
        .par_iter()
        .map(|name| (*name, draw_one(&told, name, &plots)))
        .collect();

    let mut report = told.begun(page_file);
    for (name, outcome) in drawn {
        match outcome {
            Ok((figure, files)) => {
                report.figures.push(figure);
                report.files.extend(files);
            }
            Err(NoFigure::Unasked) => forget(&plots, name)?,
            Err(NoFigure::Because(reason)) => {
                forget(&plots, name)?;
                report.left_out.push((name, reason));
            }
            Err(NoFigure::Failed(error)) => return Err(error),
        }
    }
    let page = told.compose(&report, folder)?;
    write_whole(&report.page, |out| out.write_all(page.as_bytes()))?;
    report.files.push(report.page.clone());
    Ok(report)
}

/// The page of a result folder with its figures, as text; nothing is written.
pub fn page_of(folder: &Folder, options: &Options) -> Result<String, Error> {
    let told = Told::read(folder, options)?;
    let mut report = told.begun(places(folder.path(), options).1);
    for name in told.names() {
        match told.draw(name) {
            Ok(figure) => report.figures.push(figure),
            Err(NoFigure::Unasked) => {}
            Err(NoFigure::Because(reason)) => report.left_out.push((name, reason)),
            Err(NoFigure::Failed(error)) => return Err(error),
        }
    }
    told.compose(&report, folder)
}

/// What a folder tells.
enum Told {
    /// One run, or several that differ in their draws alone.
    Runs(Story),
    /// Runs at several points.
    Design(Trials),
}

impl Told {
    fn read(folder: &Folder, options: &Options) -> Result<Told, Error> {
        let manifest = folder.manifest();
        // Of runs at one point without any day nothing can be drawn over time, and their summary still answers.
        let by_summary = manifest.points > 1 || manifest.runs > 1 && !folder.has(story::CITY);
        if options.run.is_none() && by_summary {
            return Ok(Told::Design(design::read(folder)?));
        }
        Ok(Told::Runs(story::read(folder, options)?))
    }

    /// The figures there may be.
    fn names(&self) -> Vec<&'static str> {
        match self {
            Told::Runs(_) => figures::ALL.iter().map(|entry| entry.0).collect(),
            Told::Design(_) => design::ALL.iter().map(|entry| entry.0).collect(),
        }
    }

    fn draw(&self, name: &str) -> Result<Figure, NoFigure> {
        match self {
            Told::Runs(story) => {
                let own = figures::ALL.iter().find(|entry| entry.0 == name);
                own.map_or(Err(NoFigure::Unasked), |entry| (entry.2)(story))
            }
            Told::Design(trials) => {
                let own = design::ALL.iter().find(|entry| entry.0 == name);
                own.map_or(Err(NoFigure::Unasked), |entry| (entry.2)(trials))
            }
        }
    }

    /// A report of which nothing is drawn yet.
    fn begun(&self, page: PathBuf) -> Report {
        Report {
            page,
            brief: match self {
                Told::Runs(story) => brief::sentences(story),
                Told::Design(trials) => design::sentences(trials),
            },
            figures: Vec::new(),
            left_out: Vec::new(),
            files: Vec::new(),
        }
    }

    fn compose(&self, report: &Report, folder: &Folder) -> Result<String, Error> {
        match self {
            Told::Runs(story) => Ok(page::compose(story, report)),
            Told::Design(trials) => design::compose(trials, report, folder),
        }
    }
}

/// Draws one figure and writes its two files.
fn draw_one(
    told: &Told,
    name: &'static str,
    plots: &Path,
) -> Result<(Figure, Vec<PathBuf>), NoFigure> {
    let figure = told.draw(name)?;
    let vector = plots.join(format!("{}.svg", figure.name));
    let raster = plots.join(format!("{}.png", figure.name));
    let pixels = match &figure.animation {
        Some(moving) => moving.clone(),
        None => pixels::figure_png(figure.name, &figure.svg)?,
    };
    let write = |path: &Path, bytes: &[u8]| {
        write_whole(path, |out| out.write_all(bytes)).map_err(Error::from)
    };
    write(&raster, &pixels)?;
    if figure.animation.is_some() {
        return Ok((figure, vec![raster]));
    }
    write(&vector, figure.svg.as_bytes())?;
    Ok((figure, vec![vector, raster]))
}

/// Where figures and page go: those of one run stand beside those of the design.
fn places(folder: &Path, options: &Options) -> (PathBuf, PathBuf) {
    let plots = folder.join("plots");
    match options.run {
        Some(run) => (
            plots.join(format!("run-{run}")),
            folder.join(format!("report-run-{run}.html")),
        ),
        None => (plots, folder.join("report.html")),
    }
}

/// Removes what an earlier drawing left of a figure that is not drawn any more.
fn forget(plots: &Path, name: &str) -> Result<(), Error> {
    for ending in ["svg", "png"] {
        let path = plots.join(format!("{name}.{ending}"));
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(prodos_record::Error::Disk {
                    action: "remove",
                    path,
                    source,
                }
                .into());
            }
            _ => {}
        }
    }
    Ok(())
}

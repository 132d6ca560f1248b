//! The pictures of README and book, and the page that shows one of every kind, drawn from runs of the
//! shipped experiments.

use prodos_config::{Options, Override};
use prodos_experiment::{Conditions, conduct, sweep};
use prodos_record::Manifest;
use prodos_report::Figure;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Where the figures of the book come from.
struct Source {
    /// Begin of the names of its pictures.
    name: &'static str,
    /// Name of the experiment.
    experiment: &'static str,
    /// What is set beside it, as on the command line.
    set: Option<&'static str>,
    /// Figures that the book shows, as files `NAME-FIGURE.png`.
    figures: &'static [&'static str],
}

const SOURCES: [Source; 11] = [
    Source {
        name: "baseline",
        experiment: "uk-baseline",
        set: None,
        figures: &["phases"],
    },
    Source {
        name: "starved",
        experiment: "uk-maintenance-starved",
        set: None,
        figures: &[
            "phases",
            "readings",
            "sectors",
            "hours",
            "warnings",
            "lattice",
            "lattice-animation",
        ],
    },
    Source {
        name: "cutoff",
        experiment: "uk-supply-cutoff",
        set: None,
        figures: &["sectors", "cascade"],
    },
    Source {
        name: "single",
        experiment: "uk-single-shock",
        set: None,
        figures: &["repair"],
    },
    Source {
        name: "repeated",
        experiment: "uk-repeated-shocks",
        set: None,
        figures: &["phases", "sectors"],
    },
    Source {
        name: "harbour",
        experiment: "harbour",
        set: None,
        figures: &["readings"],
    },
    Source {
        name: "harbours",
        experiment: "harbour",
        set: Some("replicates=100"),
        figures: &["replicates"],
    },
    Source {
        name: "protected",
        experiment: "uk-protected-share",
        set: None,
        figures: &["response"],
    },
    Source {
        name: "stock",
        experiment: "uk-stock-days",
        set: None,
        figures: &["overlay"],
    },
    Source {
        name: "diagram",
        experiment: "harbour-phase-diagram",
        set: None,
        figures: &["tipping-map", "heat-map"],
    },
    Source {
        name: "overtime",
        experiment: "harbour-overtime",
        set: None,
        figures: &["differences"],
    },
];

/// Which picture of each figure the gallery shows.
const GALLERY: [(&str, &str); 15] = [
    ("phases", "starved"),
    ("readings", "starved"),
    ("replicates", "harbours"),
    ("sectors", "cutoff"),
    ("repair", "single"),
    ("hours", "starved"),
    ("warnings", "starved"),
    ("cascade", "cutoff"),
    ("lattice", "starved"),
    ("lattice-animation", "starved"),
    ("differences", "overtime"),
    ("overlay", "stock"),
    ("response", "protected"),
    ("tipping-map", "diagram"),
    ("heat-map", "diagram"),
];

/// The picture that README shows.
const README: (&str, &str, &str) = ("starved", "phases", "docs/images/phases.png");

/// Pixels a point of a picture in the book, 1000 points wide.
const SCALE: f64 = 1.2;

/// Runs the experiments and writes pictures and page below the root of the repository.
pub fn write(root: &Path) -> Result<(), String> {
    let book = root.join("docs/book/src");
    let images = book.join("images");
    fs::create_dir_all(&images).map_err(|error| error.to_string())?;
    let mut page = String::from(
        "# Gallery\n\nOne of every kind of figure that a run draws. Titles are findings; they and the lines on how to read a figure are \
         written by the program from the data.\n\nThis page and the pictures of this book are made by `cargo run --release -p xtask -- gallery`; do not edit it.\n",
    );
    let mut entries = Vec::new();
    for source in &SOURCES {
        eprintln!("{}", source.name);
        let figures = draw(root, source)?;
        let wanted = |figure: &&Figure| source.figures.contains(&figure.name);
        let found: Vec<&Figure> = figures.iter().filter(wanted).collect();
        if found.len() < source.figures.len() {
            return Err(format!(
                "{} draws less than {:?}",
                source.experiment, source.figures
            ));
        }
        for figure in found {
            let file = format!("{}-{}.png", source.name, figure.name);
            let picture = picture(figure)?;
            put(&images.join(&file), &picture)?;
            if (source.name, figure.name) == (README.0, README.1) {
                put(&root.join(README.2), &picture)?;
            }
            entries.push((
                figure.name,
                source,
                figure.title.clone(),
                figure.reading.clone(),
            ));
        }
    }
    for (name, words) in prodos_report::figures() {
        let from = GALLERY.iter().find(|(figure, _)| *figure == name);
        let entry = from.and_then(|(_, from)| {
            let mut entries = entries.iter();
            entries.find(|(figure, source, ..)| *figure == name && source.name == *from)
        });
        let Some((_, source, title, reading)) = entry else {
            return Err(format!("the gallery has no picture of {name}"));
        };
        let from = source.name;
        let set = source
            .set
            .map_or_else(String::new, |set| format!(" --set {set}"));
        let _ = write!(
            page,
            "\n## {words}\n\n![{title}](images/{from}-{name}.png)\n\n*{title}.* {reading}\n\n`prodos run configs/experiments/{}.ron{set}` draws it as `plots/{name}`.\n",
            source.experiment
        );
    }
    put(
        &book.join("gallery.md"),
        page.replace('\u{a0}', " ").as_bytes(),
    )
}

/// Writes a file of the book.
pub(crate) fn put(file: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(file, bytes).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

/// The figures of an experiment, run in a folder that is gone afterwards.
fn draw(root: &Path, source: &Source) -> Result<Vec<Figure>, String> {
    let file = root.join(format!("configs/experiments/{}.ron", source.experiment));
    let set: Vec<Override> = source
        .set
        .map(str::parse)
        .transpose()?
        .into_iter()
        .collect();
    let experiment = prodos_config::load(&file, &set, &Options::default())
        .map_err(|problems| problems.to_string())?;
    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").into(),
        ..Manifest::default()
    };
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let options = prodos_report::Options::default();
    let report = if experiment.is_design() {
        let folder = sweep::whole(&experiment, scratch.path(), manifest);
        prodos_report::draw(&folder.map_err(|error| error.to_string())?, &options)
    } else {
        let conditions = Conditions {
            manifest,
            ..Conditions::default()
        };
        let conducted = conduct(&experiment, scratch.path(), conditions, &|_| (), |_, _| ())
            .map_err(|error| error.to_string())?;
        prodos_report::draw(&conducted.folder, &options)
    };
    Ok(report.map_err(|error| error.to_string())?.figures)
}

/// A picture of 256 colours at most, which a repository can keep.
pub(crate) fn picture(figure: &Figure) -> Result<Vec<u8>, String> {
    if let Some(moving) = figure.animation() {
        return Ok(moving.to_vec());
    }
    let (wide, high, rgba) = figure.pixels(SCALE).map_err(|error| error.to_string())?;
    let colours = color_quant::NeuQuant::new(10, 256, &rgba);
    let indices: Vec<u8> = rgba
        .chunks_exact(4)
        .map(|pixel| colours.index_of(pixel) as u8)
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, wide, high);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(colours.color_map_rgb());
    encoder.set_compression(png::Compression::High);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&indices));
    written.map_err(|error| error.to_string())?;
    Ok(bytes)
}

//! Draws the report of a made-up folder, to look at: `cargo run -p prodos-report --example synthetic -- FOLDER`.

#[path = "../tests/synthetic/mod.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod synthetic;

use prodos_report::{Options, draw};
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), prodos_report::Error> {
    let outputs = std::env::args()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let country = synthetic::COUNTRY;
    let shapes = [
        ("country", country),
        (
            "calm",
            synthetic::Shape {
                declines: |_| false,
                ..country
            },
        ),
        (
            "harbour",
            synthetic::Shape {
                sectors: 3,
                lattice: (4, 3),
                days: 1200,
                ..country
            },
        ),
        (
            "replicates",
            synthetic::Shape {
                runs: 8,
                days: 2400,
                lattice: (32, 25),
                ..country
            },
        ),
    ];
    for (name, shape) in shapes {
        let folder = synthetic::folder(&outputs.join(name), shape);
        let start = Instant::now();
        let report = draw(&folder, &Options::default())?;
        eprintln!(
            "{name}: {} figures in {:.2} s, {}",
            report.figures.len(),
            start.elapsed().as_secs_f64(),
            folder.path().display()
        );
        report
            .brief
            .iter()
            .for_each(|sentence| eprintln!("  {sentence}"));
        report
            .figures
            .iter()
            .for_each(|figure| eprintln!("  {:18} {}", figure.name, figure.title));
        report
            .left_out
            .iter()
            .for_each(|(name, reason)| eprintln!("  {name:18} left out: {reason}"));
    }
    Ok(())
}

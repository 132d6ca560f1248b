//! Draws the reports of result folders again: `cargo run -p prodos-report --example redraw -- FOLDER...`.

use prodos_record::Folder;
use prodos_report::{Error, Options, draw};
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Error> {
    for path in std::env::args().skip(1) {
        let start = Instant::now();
        let report = draw(&Folder::open(Path::new(&path))?, &Options::default())?;
        eprintln!("{path}: {:.2} s", start.elapsed().as_secs_f64());
        report
            .brief
            .iter()
            .for_each(|sentence| eprintln!("  {sentence}"));
        for figure in &report.figures {
            eprintln!("  {:18} {}", figure.name, figure.title);
        }
        for (name, reason) in &report.left_out {
            eprintln!("  {name:18} left out: {reason}");
        }
    }
    Ok(())
}

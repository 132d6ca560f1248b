//! Housekeeping of the repository: `cargo run -p xtask -- docs` writes the generated pages of the book
//! and the description of the model, `cargo run --release -p xtask -- gallery` the pictures,
//! `cargo run --release -p xtask -- screen` the page of weakly known numbers.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let done = match std::env::args().nth(1).as_deref() {
        Some("docs") => docs(&root),
        Some("gallery") => xtask::gallery::write(&root),
        Some("screen") => xtask::screen::write(&root),
        _ => {
            eprintln!(
                "error: say what to do\n\nexamples: cargo run -p xtask -- docs, cargo run --release -p xtask -- gallery, cargo run --release -p xtask -- screen"
            );
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(4)
        }
    }
}

/// Writes the pages that come from the tables and the source.
fn docs(root: &Path) -> Result<(), String> {
    for (path, text) in xtask::pages(root)? {
        let file = root.join(path);
        let folder = file.parent().unwrap_or(root);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&file, text))
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    Ok(())
}

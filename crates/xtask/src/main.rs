//! Housekeeping of the repository: `cargo run -p xtask -- docs` writes the generated pages of the book.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some("docs") {
        eprintln!("error: say what to do\n\nexample: cargo run -p xtask -- docs");
        return ExitCode::from(2);
    }
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/book/src");
    for (path, text) in xtask::pages() {
        let file = book.join(path);
        let folder = file.parent().unwrap_or(&book);
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&file, text));
        if let Err(error) = written {
            eprintln!("error: cannot write {}: {error}", file.display());
            return ExitCode::from(4);
        }
    }
    ExitCode::SUCCESS
}

//! What once broke a reader of files stays mended, and shipped files meet what is asked of any file.
//!
//! What is asked stands in `fuzz/`, whose programs try it on files that nobody would write.

#[allow(
    unreachable_pub,
    reason = "it is a library where it is at home, and its functions are called by the targets"
)]
#[path = "../../../fuzz/src/lib.rs"]
mod asked;

use std::fs;
use std::path::{Path, PathBuf};

/// The files of a folder below the root; none if it is not there.
fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let entries = fs::read_dir(root.join(folder)).into_iter().flatten();
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

// One test: all formats share a folder.
#[test]
fn every_format_holds_for_shipped_files_and_for_what_once_broke_it() {
    let mut tried = 0;
    for (format, holds) in asked::FORMATS {
        let shipped = match format {
            "experiment" => files("configs/experiments"),
            "city" => files("configs/cities"),
            "scenario" => files("configs/scenarios"),
            "policy" => files("configs/policies"),
            _ => Vec::new(),
        };
        let kept = files(&format!("fuzz/regressions/{format}"));
        for file in shipped.into_iter().chain(kept) {
            let bytes = fs::read(&file).expect("it can be read");
            let held = std::panic::catch_unwind(|| holds(&bytes));
            assert!(held.is_ok(), "{}", file.display());
            tried += 1;
        }
    }
    assert!(tried > 12, "only {tried} files");
}

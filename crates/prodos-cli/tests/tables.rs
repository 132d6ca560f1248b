//! The tables are read by the libraries that users bring; skipped with a word where Python is missing.

use assert_cmd::Command;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A Python that has what the script needs: `PRODOS_PYTHON`, or the one on the path.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("PRODOS_PYTHON").map_or_else(|| "python3".into(), PathBuf::from);
    let needs = "import duckdb, pandas, polars, pyarrow.parquet";
    let found = std::process::Command::new(&python)
        .args(["-c", needs])
        .output();
    found
        .is_ok_and(|output| output.status.success())
        .then_some(python)
}

#[test]
fn tables_are_read_by_pyarrow_pandas_polars_and_duckdb() {
    let Some(python) = python() else {
        eprintln!(
            "skipped: needs Python with pyarrow, pandas, polars and duckdb (PRODOS_PYTHON names one)"
        );
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = TempDir::new().expect("a folder");
    Command::new(env!("CARGO_BIN_EXE_prodos"))
        .arg("run")
        .arg(root.join("../../configs/experiments/harbour.ron"))
        .args(["--days", "60", "--quiet", "--out"])
        .arg(out.path())
        .assert()
        .success();
    let entries = std::fs::read_dir(out.path()).expect("the folder is there");
    let folder = entries.flatten().next().expect("a result").path();
    Command::new(python)
        .arg(root.join("tests/tables.py"))
        .arg(folder)
        .assert()
        .success();
}

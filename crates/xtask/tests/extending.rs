//! The patches of the developers' chapter, put into a copy of the source, build and pass their tests.

use diffy::Patch;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CHAPTER: &str = include_str!("../../../docs/book/src/developers/extending.md");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Writes a file where it is not there yet with these bytes, so that what is unchanged is not built again.
fn put(file: &Path, bytes: &[u8]) {
    if fs::read(file).ok().as_deref() != Some(bytes) {
        fs::create_dir_all(file.parent().expect("it is in a folder")).expect("it can be made");
        fs::write(file, bytes).expect("it can be written");
    }
}

/// Files of some folders of a tree, as paths below its root.
fn files(root: &Path, folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(root.join(&folder)).into_iter().flatten();
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(path),
                _ => found.push(path),
            }
        }
    }
    found
}

/// Patches of the chapter, each of one file.
fn patches() -> Vec<(PathBuf, String)> {
    let listings = CHAPTER.split("```diff\n").skip(1);
    let listings = listings.filter_map(|rest| rest.split("\n```").next());
    listings
        .flat_map(|listing| {
            let parts = listing.split("--- a/").skip(1);
            parts.map(|part| {
                let file = part.lines().next().unwrap_or("");
                (
                    PathBuf::from(file),
                    format!("--- a/{}\n", part.trim_end_matches('\n')),
                )
            })
        })
        .collect()
}

#[test]
fn every_listing_fits_builds_and_does_what_it_says() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("extended");
    let patches = patches();
    assert!(patches.len() >= 12, "only {} patches", patches.len());
    let mut applied = 0;
    let folders = ["crates", "benches", "configs", "docs"];
    let mut source = files(&root(), &folders);
    for gone in files(&copy, &folders)
        .iter()
        .filter(|file| !source.contains(file))
    {
        fs::remove_file(copy.join(gone)).expect("it can be removed");
    }
    source.extend(["Cargo.toml", "Cargo.lock"].map(PathBuf::from));
    for file in source {
        let mut bytes = fs::read(root().join(&file)).expect("it can be read");
        for (_, patch) in patches.iter().filter(|(patched, _)| *patched == file) {
            let text = String::from_utf8(bytes).expect("source is text");
            let patch = Patch::from_str(patch).unwrap_or_else(|error| panic!("{error}: {patch}"));
            let text = diffy::apply(&text, &patch);
            let text = text.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            bytes = text.into_bytes();
            applied += 1;
        }
        if file == Path::new("Cargo.toml") {
            let text = String::from_utf8(bytes).expect("it is text");
            let (ours, other) = (r#"version = "0.1.0""#, r#"version = "0.1.0-extended""#);
            assert!(
                text.contains(ours),
                "the version of the workspace is elsewhere"
            );
            bytes = text.replacen(ours, other, 1).into_bytes();
        }
        put(&copy.join(&file), &bytes);
    }
    assert_eq!(applied, patches.len(), "a patch is of a file that is gone");
    // What others made is shared with this build; what is ours must not be mistaken for it, and has
    // another version. The tests of the listings themselves, and what guards every parameter and every probe.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("it is in the target");
    for arguments in [
        "test -p prodos-model --test directions --test cascades",
        "test -p prodos-guide --lib",
    ] {
        let out = Command::new(env!("CARGO"))
            .args(arguments.split(' '))
            .arg("--offline")
            .current_dir(&copy)
            .env("CARGO_TARGET_DIR", target)
            .output()
            .expect("cargo starts");
        let [said, told] = [&out.stdout, &out.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        assert!(out.status.success(), "{said}\n{told}");
    }
}

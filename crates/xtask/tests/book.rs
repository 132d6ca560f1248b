//! The book says what the tables say, and every link in it leads somewhere.

use std::fs;
use std::path::{Path, PathBuf};
use xtask::pages;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn book() -> PathBuf {
    root().join("docs/book/src")
}

#[test]
fn generated_pages_are_current() {
    for (path, text) in pages(&root()).expect("the source explains itself") {
        let found = fs::read_to_string(root().join(&path)).unwrap_or_default();
        assert!(
            found == text,
            "{path} is not what the tables say; write it anew with: cargo run -p xtask -- docs"
        );
    }
}

/// Folders of results are named for what decides them: a changed default gives another name.
#[test]
fn folders_of_results_have_the_names_that_runs_give_them() {
    let mut files = Vec::new();
    chapters(&book(), &mut files);
    let mut named = 0;
    for path in files {
        let text = fs::read_to_string(&path).expect("it can be read");
        for part in text.split("outputs/").skip(1) {
            let end = part.find(|c: char| !c.is_alphanumeric() && c != '-');
            let folder = &part[..end.unwrap_or(part.len())];
            let Some((name, hash)) = folder.rsplit_once('-') else {
                continue;
            };
            let file = root().join(format!("configs/experiments/{name}.ron"));
            if hash.len() != 8 || !file.exists() {
                continue;
            }
            let experiment = prodos_config::load(&file, &[], &prodos_config::Options::default());
            let experiment = experiment.expect("it is shipped");
            let expected = prodos_experiment::folder_name(&experiment);
            assert_eq!(folder, expected, "{}", path.display());
            named += 1;
        }
    }
    assert!(named > 5, "only {named} folders are named");
}

/// All Markdown files of the book.
fn chapters(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            chapters(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// Targets of links and pictures in a text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

#[test]
fn every_link_of_the_book_leads_somewhere() {
    let mut found = Vec::new();
    chapters(&book(), &mut found);
    assert!(found.len() > 20, "only {} chapters", found.len());
    for chapter in found {
        let text = fs::read_to_string(&chapter).expect("it can be read");
        let folder = chapter.parent().expect("it is in a folder");
        for link in links(&text).filter(|link| !link.contains("://") && !link.starts_with('#')) {
            // A link out of the book breaks where the book is built.
            let file = folder.join(link.split('#').next().unwrap_or(link));
            let inside =
                |file: PathBuf| file.starts_with(book().canonicalize().expect("it is there"));
            assert!(
                file.canonicalize().is_ok_and(inside),
                "{}: {link} leads nowhere in the book",
                chapter.display()
            );
        }
    }
}

#[test]
fn every_chapter_is_in_the_table_of_contents() {
    let contents = fs::read_to_string(book().join("SUMMARY.md")).expect("it is there");
    let mut found = Vec::new();
    chapters(&book(), &mut found);
    for chapter in found {
        let inside = chapter.strip_prefix(book()).expect("it is in the book");
        let path = inside.to_string_lossy().replace('\\', "/");
        assert!(
            path == "SUMMARY.md" || contents.contains(&format!("({path})")),
            "{path} is not in SUMMARY.md"
        );
    }
}

/// Whether it is current is a matter of runs: `.ci/nightly` draws it again and compares.
#[test]
fn the_gallery_shows_every_kind_of_figure_and_no_picture_lies_unused() {
    let gallery = fs::read_to_string(book().join("gallery.md")).expect("it is there");
    for (name, words) in prodos_report::figures() {
        assert!(gallery.contains(&format!("## {words}\n")), "{words}");
        assert!(gallery.contains(&format!("-{name}.png)")), "{name}");
    }
    let mut found = Vec::new();
    chapters(&book(), &mut found);
    let texts: Vec<String> = found
        .iter()
        .map(|page| fs::read_to_string(page).expect("it can be read"))
        .collect();
    for entry in fs::read_dir(book().join("images"))
        .expect("it is there")
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(
            texts
                .iter()
                .any(|text| text.contains(&format!("images/{name}"))),
            "{name} is unused"
        );
    }
}

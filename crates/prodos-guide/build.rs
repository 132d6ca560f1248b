//! Finds in the source of the model which rooms there are, what each says of itself, and which of them
//! read each parameter: nobody keeps those lists by hand.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let model = Path::new("../prodos-model/src");
    println!("cargo::rerun-if-changed={}", model.display());
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    list(model, &mut files);
    files.sort();
    let texts: Vec<(String, String)> = files
        .iter()
        .filter_map(|file| {
            let text = fs::read_to_string(file).ok()?;
            let room = file.strip_prefix(model).ok()?.with_extension("");
            Some((room.to_string_lossy().replace('\\', "/"), text))
        })
        .collect();
    let mut readers: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (own_room, text) in &texts {
        for (group, names) in declared(text) {
            for name in names {
                let reads = |(room, text): &&(String, String)| {
                    let text = text.split("#[cfg(test)]").next().unwrap_or("");
                    uses(text, &group, &name, room == own_room)
                };
                let rooms = texts.iter().filter(reads).map(|(room, _)| room.clone());
                let rooms = rooms.collect();
                readers.insert((group.clone(), name), rooms);
            }
        }
    }
    let mut table = String::from("&[\n");
    for ((group, name), rooms) in readers {
        let _ = writeln!(table, "    ({:?}, &{rooms:?}),", format!("{group}.{name}"));
    }
    table.push_str("]\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where to write"));
    fs::write(out.join("readers.rs"), table).expect("the table can be written");
    let mut rooms = String::from("&[\n");
    for (room, text) in &texts {
        let prose = prose(text);
        if !prose.is_empty() && room != "lib" {
            let _ = writeln!(rooms, "    ({room:?}, {prose:?}),");
        }
    }
    rooms.push_str("]\n");
    fs::write(out.join("rooms.rs"), rooms).expect("the table can be written");
}

/// What a file says of itself at its top, in one paragraph.
fn prose(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<&str> = lines.map(str::trim).collect();
    lines.join(" ").replace("  ", " ").trim().to_owned()
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Group and names of the parameters that a text declares with `params!`.
fn declared(text: &str) -> Vec<(String, Vec<String>)> {
    text.split("params! {")
        .skip(1)
        .filter_map(|block| {
            let block = block.split("\n}").next()?;
            let group = block.split(" in \"").nth(1)?.split('"').next()?;
            let names = block.lines().filter_map(|line| {
                let (name, rest) = line.trim().split_once(": ")?;
                let plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                (plain && !name.is_empty() && rest.contains(" = ")).then(|| name.to_owned())
            });
            Some((group.to_owned(), names.collect()))
        })
        .collect()
}

/// Whether a text reads a parameter: by its whole path, or by its name where its group is at hand.
fn uses(text: &str, group: &str, name: &str, own: bool) -> bool {
    let flat: String = text.split_whitespace().collect();
    let ends = |from: usize| {
        let next = flat[from..].chars().next();
        next.is_none_or(|c| !(c.is_ascii_alphanumeric() || c == '_'))
    };
    let has = |needle: &str| {
        flat.match_indices(needle)
            .any(|(at, _)| ends(at + needle.len()))
    };
    let group_at_hand = own || has(&format!(".{group}"));
    has(&format!(".{group}.{name}")) || group_at_hand && has(&format!(".{name}"))
}

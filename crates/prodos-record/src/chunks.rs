//! Chunks: parts of the tables of a result folder, each whole or not there.
//!
//! A chunk is a folder of tables that appears under its name by one rename, once all its bytes have reached the
//! disk. Whoever is killed leaves no part of one. Two writers of one chunk write the same bytes, and the second
//! finds it there.

use crate::Error;
use crate::whole_file::sync_folder;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Beside the tables of a chunk: what it says of itself.
const NOTE: &str = "chunk.json";

/// What a chunk says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkNote {
    /// Runs that are not in its tables, and why, by number.
    pub left_out: BTreeMap<i64, String>,
    /// BLAKE3 checksum of every table, by its name.
    pub files: BTreeMap<String, String>,
}

/// The chunks in a folder.
#[derive(Clone, Debug)]
pub struct Chunks {
    folder: PathBuf,
}

impl Chunks {
    /// Those of this folder, which is made when the first is written.
    pub fn of(folder: &Path) -> Chunks {
        Chunks {
            folder: folder.to_owned(),
        }
    }

    /// Names of all that are there, in order.
    pub fn names(&self) -> Result<BTreeSet<String>, Error> {
        let listing = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(BTreeSet::new());
            }
            listing => listing.map_err(Error::disk("read", &self.folder))?,
        };
        let mut names = BTreeSet::new();
        for entry in listing {
            let entry = entry.map_err(Error::disk("read", &self.folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                names.insert(name);
            }
        }
        Ok(names)
    }

    /// The file of a table of a chunk.
    pub fn file(&self, chunk: &str, table: &str) -> PathBuf {
        self.folder.join(chunk).join(table)
    }

    /// Writes a chunk of encoded tables; one of that name that is there already stays.
    pub fn commit(
        &self,
        name: &str,
        tables: &[(&str, Vec<u8>)],
        left_out: BTreeMap<i64, String>,
    ) -> Result<(), Error> {
        /// Tells the chunks of one program apart while they are written.
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let begun = format!(".{name}-{}-{number}", std::process::id());
        let begun = self.folder.join(begun);
        if !self.folder.exists() {
            fs::create_dir_all(&self.folder)
                .map_err(Error::disk("create the folder", &self.folder))?;
            self.folder.parent().map_or(Ok(()), sync_folder)?;
        }
        fs::create_dir_all(&begun).map_err(Error::disk("create the folder", &begun))?;
        let written = write(&begun, tables, left_out).and_then(|()| {
            let place = self.folder.join(name);
            match fs::rename(&begun, &place) {
                Err(_) if place.join(NOTE).is_file() => Ok(()),
                renamed => renamed.map_err(Error::disk("rename", &place)),
            }
        });
        // Nothing is here any more, unless it failed or somebody was faster.
        let _ = fs::remove_dir_all(&begun);
        written?;
        sync_folder(&self.folder)
    }

    /// What a chunk says of itself; the error names a table that has changed since.
    pub fn verify(&self, name: &str) -> Result<ChunkNote, Error> {
        let path = self.folder.join(name).join(NOTE);
        let text = fs::read(&path).map_err(Error::disk("read", &path))?;
        let note: ChunkNote = serde_json::from_slice(&text).map_err(|error| Error::Manifest {
            path: path.clone(),
            reason: format!(
                "it is damaged at line {}, column {}",
                error.line(),
                error.column()
            ),
        })?;
        for (table, expected) in &note.files {
            let path = self.file(name, table);
            let bytes = fs::read(&path).map_err(Error::disk("read", &path))?;
            let found = checksum_of(&bytes);
            if found != *expected {
                return Err(Error::Changed {
                    path,
                    found,
                    expected: expected.clone(),
                });
            }
        }
        Ok(note)
    }

    /// Takes a chunk of elsewhere in, once every table of it has its checksum; one that is here already stays.
    pub fn adopt(&self, from: &Chunks, name: &str) -> Result<(), Error> {
        let note = from.verify(name)?;
        let mut tables = Vec::new();
        for table in note.files.keys() {
            let path = from.file(name, table);
            let bytes = fs::read(&path).map_err(Error::disk("read", &path))?;
            tables.push((table.as_str(), bytes));
        }
        self.commit(name, &tables, note.left_out.clone())
    }
}

/// Writes a chunk where it has not its name yet.
fn write(
    begun: &Path,
    tables: &[(&str, Vec<u8>)],
    left_out: BTreeMap<i64, String>,
) -> Result<(), Error> {
    let mut files = BTreeMap::new();
    for (name, bytes) in tables {
        files.insert((*name).to_owned(), checksum_of(bytes));
        write_and_sync(&begun.join(name), bytes)?;
    }
    let note = ChunkNote { left_out, files };
    let text = serde_json::to_vec_pretty(&note).unwrap_or_default();
    write_and_sync(&begun.join(NOTE), &text)?;
    sync_folder(begun)
}

fn checksum_of(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn write_and_sync(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut file = fs::File::create(path)?;
        std::io::Write::write_all(&mut file, bytes)?;
        file.sync_all()
    };
    write().map_err(Error::disk("write", path))
}

#[cfg(test)]
mod tests {
    use super::Chunks;
    use crate::{Cell, Column, Error, Table};
    use std::collections::BTreeMap;
    use std::fs;

    fn table(rows: i64) -> Table {
        let mut table = Table::new(vec![
            Column::integer("run_id", "id", "Number of the run."),
            Column::float("output_mean", "share", "Mean output."),
        ]);
        for run in 0..rows {
            table.push_row(&[Cell::Integer(run)], [run as f64 / 7.0]);
        }
        table
    }

    #[test]
    fn a_chunk_is_there_whole_and_stays_as_it_was_first_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let chunks = Chunks::of(&folder.path().join("chunks"));
        assert!(chunks.names().expect("none is none").is_empty());
        let left_out: BTreeMap<i64, String> = [(7, "timed out".to_owned())].into();
        let write = |rows| {
            let bytes = table(rows).parquet().expect("it can be encoded");
            chunks.commit("0-00001", &[("summary.parquet", bytes)], left_out.clone())
        };
        write(3).expect("it can be written");
        write(5).expect("it is there already");
        let names: Vec<String> = chunks.names().expect("a list").into_iter().collect();
        assert_eq!(names, ["0-00001"]);
        let note = chunks.verify("0-00001").expect("it is whole");
        assert_eq!(note.left_out, left_out);
        let file = chunks.file("0-00001", "summary.parquet");
        assert_eq!(Table::read_parquet(&file).expect("a table"), table(3));
        let everything = fs::read_dir(folder.path().join("chunks")).expect("a list");
        assert_eq!(everything.count(), 1, "nothing begun is left");
    }

    #[test]
    fn a_changed_byte_is_noticed_and_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let chunks = Chunks::of(folder.path());
        let bytes = table(3).parquet().expect("it can be encoded");
        chunks
            .commit("0-00001", &[("summary.parquet", bytes)], BTreeMap::new())
            .expect("it can be written");
        let file = chunks.file("0-00001", "summary.parquet");
        let mut bytes = fs::read(&file).expect("bytes");
        bytes[20] ^= 1;
        fs::write(&file, bytes).expect("it can be written");
        let error = chunks.verify("0-00001").expect_err("a byte is another");
        assert!(
            matches!(&error, Error::Changed { path, .. } if *path == file),
            "{error}"
        );
    }
}

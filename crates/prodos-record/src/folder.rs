//! Result folders: built beside their place, moved there whole, checked on demand.

use crate::whole_file::sync_folder;
use crate::{Column, Error, Manifest, Table, write_whole};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

const MANIFEST: &str = "manifest.json";
/// What is drawn from the record is not part of it: it can be made again, and carries no checksum. Nor is what a
/// sweep works with until it is finished.
fn is_no_record(name: &str) -> bool {
    matches!(name, PLOTS | "work") || is_page(name)
}

/// Folder of figures.
const PLOTS: &str = "plots";

fn is_page(name: &str) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|own| own == "html") && name.starts_with("report")
}

/// A result folder in the making: `.<name>.partial-<process>` beside the place it will have.
///
/// Dropped before [`Draft::publish`], it disappears, so that a failed run leaves nothing. What a program
/// leaves that is killed is cleared away by the next one that writes to the same place: its lock is free.
#[derive(Debug)]
pub struct Draft {
    place: PathBuf,
    partial: PathBuf,
    lock: fs::File,
}

/// Part of the name of a folder in the making, before the number of the process that makes it.
const PARTIAL: &str = ".partial-";
/// Held for as long as a folder is in the making.
const LOCK: &str = ".lock";

/// Removes folders in the making that nobody makes any more; what cannot be removed stays.
fn clear_leftovers(outputs: &Path) {
    for entry in fs::read_dir(outputs).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let abandoned = || {
            let lock = fs::File::open(entry.path().join(LOCK)).ok()?;
            lock.try_lock().ok()
        };
        if name.starts_with('.') && name.contains(PARTIAL) && abandoned().is_some() {
            let _ = remove(&entry.path());
        }
    }
}

/// What to do with a folder of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Leave it and return [`Error::Exists`].
    Refuse,
    /// Move the new one into its place, then remove it.
    Replace,
}

impl Draft {
    /// Begins the folder `name` inside `outputs`, which is made if need be.
    pub fn create(outputs: &Path, name: &str) -> Result<Draft, Error> {
        if !stays_inside(name) || name.contains(['/', '\\']) {
            return Err(Error::Name { name: name.into() });
        }
        clear_leftovers(outputs);
        let partial = outputs.join(format!(".{name}{PARTIAL}{}", std::process::id()));
        if partial.exists() {
            remove(&partial)?;
        }
        fs::create_dir_all(&partial).map_err(Error::disk("create the folder", &partial))?;
        // Locked before it has its name, so that nobody finds it free.
        let (free, held) = (partial.join(".lock-to-be"), partial.join(LOCK));
        let lock = fs::File::create(&free).map_err(Error::disk("write", &free))?;
        lock.lock().map_err(Error::disk("lock", &free))?;
        fs::rename(&free, &held).map_err(Error::disk("rename", &held))?;
        Ok(Draft {
            place: outputs.join(name),
            partial,
            lock,
        })
    }

    /// Where the folder will be once published.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Where the folder is now.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// The path to write a file to, such as `series/city.parquet`; makes the folders on the way.
    pub fn file(&self, name: &str) -> Result<PathBuf, Error> {
        if !stays_inside(name) {
            return Err(Error::Name { name: name.into() });
        }
        let path = self.partial.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(Error::disk("create the folder", parent))?;
        }
        Ok(path)
    }

    /// Takes the checksum of every recorded file and writes the manifest.
    ///
    /// The folder can be read from here on, for drawing, and is still in its partial place.
    pub fn seal(&self, manifest: Manifest) -> Result<Folder, Error> {
        seal(&self.partial, manifest)
    }

    /// Moves the sealed folder to its place.
    pub fn publish(self, existing: Existing) -> Result<Folder, Error> {
        let manifest = read_manifest(&self.partial)?;
        let held = self.partial.join(LOCK);
        self.lock.unlock().map_err(Error::disk("unlock", &held))?;
        fs::remove_file(&held).map_err(Error::disk("remove", &held))?;
        let aside = self.partial.with_extension("old");
        if self.place.exists() {
            if existing == Existing::Refuse {
                return Err(Error::Exists {
                    path: self.place.clone(),
                });
            }
            remove(&aside)?;
            fs::rename(&self.place, &aside).map_err(Error::disk("rename", &self.place))?;
        }
        fs::rename(&self.partial, &self.place).map_err(Error::disk("rename", &self.place))?;
        if let Some(outputs) = self.place.parent() {
            sync_folder(if outputs.as_os_str().is_empty() {
                Path::new(".")
            } else {
                outputs
            })?;
        }
        remove(&aside)?;
        Ok(Folder {
            path: self.place.clone(),
            manifest,
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After publishing there is nothing here; otherwise a leftover is hidden and named partial.
        let _ = remove(&self.partial);
    }
}

/// A sealed result folder.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    manifest: Manifest,
}

impl Folder {
    /// Opens a folder by its manifest.
    pub fn open(path: &Path) -> Result<Folder, Error> {
        Ok(Folder {
            path: path.to_owned(),
            manifest: read_manifest(path)?,
        })
    }

    /// Takes the checksum of every recorded file of a folder and writes its manifest: it is whole from here on.
    pub fn seal(path: &Path, manifest: Manifest) -> Result<Folder, Error> {
        seal(path, manifest)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether a file of this name was recorded.
    pub fn has(&self, name: &str) -> bool {
        self.manifest.files.contains_key(name)
    }

    /// Reads a recorded Parquet table, such as `series/city.parquet`.
    pub fn table(&self, name: &str) -> Result<Table, Error> {
        Table::read_parquet(&self.recorded(name)?)
    }

    /// Reads the wanted columns of a recorded Parquet table.
    pub fn columns(&self, name: &str, wanted: impl Fn(&str) -> bool) -> Result<Table, Error> {
        Table::read_parquet_columns(&self.recorded(name)?, wanted)
    }

    /// The columns of a recorded Parquet table, in their order, without its rows.
    pub fn columns_of(&self, name: &str) -> Result<Vec<Column>, Error> {
        Table::read_no_rows(&self.recorded(name)?)
    }

    /// Reads a recorded text, such as `experiment.ron`.
    pub fn text(&self, name: &str) -> Result<String, Error> {
        let path = self.recorded(name)?;
        fs::read_to_string(&path).map_err(Error::disk("read", &path))
    }

    /// Compares every recorded file with its checksum; the error names the first that differs.
    pub fn verify(&self) -> Result<(), Error> {
        self.is_sealed_as(&self.manifest.manifest)?;
        for (name, expected) in &self.manifest.files {
            let path = self.recorded(name)?;
            let found = checksum(&path)?;
            if found != *expected {
                return Err(Error::Changed {
                    path,
                    found,
                    expected: expected.clone(),
                });
            }
        }
        Ok(())
    }

    /// Compares the manifest with its checksum.
    pub fn is_sealed_as(&self, expected: &str) -> Result<(), Error> {
        let found = self.manifest.checksum();
        if self.manifest.manifest.is_empty() {
            return Err(Error::Older {
                path: self.path.clone(),
            });
        }
        if found != *expected {
            return Err(Error::Changed {
                path: self.path.join(MANIFEST),
                found,
                expected: expected.to_owned(),
            });
        }
        Ok(())
    }

    fn recorded(&self, name: &str) -> Result<PathBuf, Error> {
        if stays_inside(name) {
            Ok(self.path.join(name))
        } else {
            Err(Error::Name { name: name.into() })
        }
    }
}

fn seal(path: &Path, mut manifest: Manifest) -> Result<Folder, Error> {
    manifest.files = BTreeMap::new();
    list(path, &mut manifest.files)?;
    manifest.manifest = manifest.checksum();
    let file = path.join(MANIFEST);
    write_whole(&file, |out| {
        serde_json::to_writer_pretty(&mut *out, &manifest)?;
        writeln!(out)
    })?;
    Ok(Folder {
        path: path.to_owned(),
        manifest,
    })
}

/// Removes the pages and figures of a folder, which can be drawn again from its tables.
pub fn remove_drawings(folder: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::disk("read", folder))? {
        let entry = entry.map_err(Error::disk("read", folder))?;
        let (name, path) = (entry.file_name(), entry.path());
        let name = name.to_string_lossy();
        if name == PLOTS {
            remove(&path)?;
        } else if is_page(&name) {
            fs::remove_file(&path).map_err(Error::disk("remove", &path))?;
        }
    }
    Ok(())
}

/// Moves every file of a sealed folder into another, over those of the same names, its manifest last. Files that are on
/// record there and not in what comes in their place go.
///
/// Whoever is killed on the way can do it again: what was moved is not there any more.
pub fn move_into(from: &Path, to: &Path) -> Result<(), Error> {
    if let Ok(before) = read_manifest(to) {
        let after = read_manifest(from)?;
        for name in before
            .files
            .keys()
            .filter(|name| !after.files.contains_key(*name))
        {
            let path = to.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                removed => removed.map_err(Error::disk("remove", &path))?,
            }
        }
    }
    let mut folders = BTreeSet::new();
    for name in recorded(from)? {
        let (old, new) = (from.join(&name), to.join(&name));
        let parent = new.parent().unwrap_or(to).to_owned();
        if !parent.exists() {
            fs::create_dir_all(&parent).map_err(Error::disk("create the folder", &parent))?;
        }
        fs::rename(&old, &new).map_err(Error::disk("rename", &new))?;
        folders.insert(parent);
    }
    folders.insert(to.to_owned());
    for folder in &folders {
        sync_folder(folder)?;
    }
    let place = to.join(MANIFEST);
    fs::rename(from.join(MANIFEST), &place).map_err(Error::disk("rename", &place))?;
    sync_folder(to)
}

fn read_manifest(folder: &Path) -> Result<Manifest, Error> {
    let path = folder.join(MANIFEST);
    let text = match fs::read_to_string(&path) {
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            return Err(Error::NotAFolder {
                path: folder.to_owned(),
            });
        }
        text => text.map_err(Error::disk("read", &path))?,
    };
    serde_json::from_str(&text).map_err(|error| Error::Manifest {
        path,
        reason: format!(
            "it is of another build, or damaged at line {}, column {}; `prodos run FILE --force` runs it again",
            error.line(),
            error.column()
        ),
    })
}

/// Names of all recorded files below a folder.
pub(crate) fn recorded(folder: &Path) -> Result<Vec<String>, Error> {
    let mut files = BTreeMap::new();
    names(folder, folder, &mut files)?;
    Ok(files.into_keys().collect())
}

/// Checksums of all recorded files below a folder.
fn list(root: &Path, files: &mut BTreeMap<String, String>) -> Result<(), Error> {
    names(root, root, files)?;
    for (name, own) in files {
        *own = checksum(&root.join(name))?;
    }
    Ok(())
}

/// All recorded files below `at`, named by their path from `root` with forward slashes.
fn names(root: &Path, at: &Path, files: &mut BTreeMap<String, String>) -> Result<(), Error> {
    for entry in fs::read_dir(at).map_err(Error::disk("read", at))? {
        let path = entry.map_err(Error::disk("read", at))?.path();
        let Ok(inside) = path.strip_prefix(root) else {
            continue;
        };
        let parts: Vec<_> = inside
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        let hidden = parts.last().is_some_and(|part| part.starts_with('.'));
        if hidden || parts.len() == 1 && (parts[0] == MANIFEST || is_no_record(&parts[0])) {
            continue;
        }
        if path.is_dir() {
            names(root, &path, files)?;
        } else {
            files.insert(parts.join("/"), String::new());
        }
    }
    Ok(())
}

fn checksum(path: &Path) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    let file = fs::File::open(path).map_err(Error::disk("read", path))?;
    hasher
        .update_reader(file)
        .map_err(Error::disk("read", path))?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// Whether a name is a plain relative path without steps upward.
fn stays_inside(name: &str) -> bool {
    !name.is_empty()
        && Path::new(name)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::disk("remove", folder)(error))
        }
        _ => Ok(()),
    }
}

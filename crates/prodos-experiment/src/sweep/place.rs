//! The workplace of a sweep: `work/` in its result folder, with a note of what is to be done, locks, and a desk.
//!
//! The desk is a folder named by the note, with the chunks, the tables that are put together, and a diary: what was
//! left there by another sweep is not taken for that of this one.
//!
//! A folder is finished in three steps: tables are put together on the desk, their manifest last; they take their
//! places, the manifest last; `work/` goes. Whoever is killed after the first step leaves what can only be finished,
//! and whoever opens the folder next does so.

use crate::sweep::{Error, Sweep, base};
use prodos_record::{Error as Disk, Folder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// All runs that were not asked for before.
    Missing,
    /// Runs that failed or took too long, again.
    Again(BTreeSet<i64>),
}

/// How a sweep was begun, in `work/sweep.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// The whole experiment, as a file.
    pub(super) experiment: String,
    /// Build of the program.
    pub(super) build: String,
    /// Whether ledgers of every team are checked.
    pub(super) audit: bool,
    /// What is to be done.
    pub(super) task: Task,
    /// Checksum of the manifest of what is added to; empty where nothing was there.
    pub(super) base: String,
}

/// A note with its checksum.
#[derive(Serialize, Deserialize)]
struct Sealed {
    note: Note,
    checksum: String,
}

impl Note {
    /// BLAKE3 checksum of what it says.
    fn checksum(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        blake3::hash(text.as_bytes()).to_hex().to_string()
    }

    /// Eight hex digits that tell sweeps apart.
    fn tag(&self) -> String {
        self.checksum()[..8].to_owned()
    }

    /// What is added to, as it was when the sweep was begun.
    pub(super) fn base_in(&self, folder: &Path) -> Result<Option<Folder>, Error> {
        if self.base.is_empty() {
            return Ok(None);
        }
        let base = Folder::open(folder)?;
        base.is_sealed_as(&self.base)?;
        base.verify()?;
        Ok(Some(base))
    }
}

/// Where a sweep works.
#[derive(Clone, Debug)]
pub(super) struct Workplace {
    folder: PathBuf,
    work: PathBuf,
}

/// The lock that whoever works on the whole holds alone, and whoever works on a part together with others.
pub(super) const ALL: &str = "lock";

/// Held while somebody works on a part of a sweep, or puts its tables together.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "dropping it is all it is for")] fs::File);

/// What is left of a workplace begins so until it is removed.
const REMAINS: &str = ".work-";

impl Workplace {
    pub(super) fn of(folder: &Path) -> Workplace {
        Workplace {
            folder: folder.to_owned(),
            work: folder.join("work"),
        }
    }

    fn note_file(&self) -> PathBuf {
        self.work.join("sweep.json")
    }

    fn desk(&self, note: &Note) -> PathBuf {
        self.work.join(note.tag())
    }

    pub(super) fn chunks(&self, note: &Note) -> PathBuf {
        self.desk(note).join("chunks")
    }

    pub(super) fn stretches(&self, note: &Note) -> PathBuf {
        self.desk(note).join("stretches")
    }

    pub(super) fn next(&self, note: &Note) -> PathBuf {
        self.desk(note).join("next")
    }

    /// How the sweep was begun; nothing where none was.
    pub(super) fn note(&self) -> Result<Option<Note>, Error> {
        let path = self.note_file();
        let text = match fs::read(&path) {
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            text => text.map_err(Disk::disk("read", &path))?,
        };
        let damaged = |reason: String| Disk::Manifest {
            path: path.clone(),
            reason: format!("{reason}; begin anew with `prodos run FILE --force`"),
        };
        let sealed: Sealed = serde_json::from_slice(&text).map_err(|error| {
            damaged(format!(
                "it is of another build, or damaged at line {}, column {}",
                error.line(),
                error.column()
            ))
        })?;
        if sealed.note.checksum() != sealed.checksum {
            return Err(damaged("it has changed since it was written".to_owned()).into());
        }
        Ok(Some(sealed.note))
    }

    /// Writes the note: a sweep is begun from there on.
    pub(super) fn begin(&self, note: &Note) -> Result<(), Error> {
        prodos_record::write_whole(&self.note_file(), |out| {
            let (note, checksum) = (note.clone(), note.checksum());
            serde_json::to_writer_pretty(&mut *out, &Sealed { note, checksum })?;
            writeln!(out)
        })?;
        Ok(())
    }

    /// The lock of this name, for one holder or together with others of the same kind.
    pub(super) fn lock(&self, name: &str, together: bool) -> Result<Lock, Error> {
        /// Somebody who only looks holds a lock for less.
        const PATIENCE: [Duration; 5] = [Duration::from_millis(20); 5];
        let path = self.work.join(name);
        let mut options = fs::OpenOptions::new();
        let opened = options.create(true).append(true).open(&path);
        // Whoever may only look can ask for a lock that is there.
        let file = match opened.or_else(|error| fs::File::open(&path).map_err(|_| error)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // Somebody else has ended it.
                Sweep::look(&self.folder)?;
                return Err(Disk::disk("write", &path)(error).into());
            }
            file => file.map_err(Disk::disk("write", &path))?,
        };
        let mut patience = PATIENCE.into_iter();
        loop {
            let held = if together {
                file.try_lock_shared()
            } else {
                file.try_lock()
            };
            match (held, patience.next()) {
                (Ok(()), _) => return Ok(Lock(file)),
                (Err(fs::TryLockError::WouldBlock), Some(pause)) => std::thread::sleep(pause),
                (Err(fs::TryLockError::WouldBlock), None) => {
                    return Err(Error::Busy {
                        path: self.folder.clone(),
                    });
                }
                (Err(fs::TryLockError::Error(error)), _) => {
                    return Err(Disk::disk("lock", &path)(error).into());
                }
            }
        }
    }

    /// Whether all that is left to do is to put tables into their places and to tidy up.
    fn is_done(&self) -> Result<bool, Error> {
        let Some(note) = self.note()? else {
            return Ok(false);
        };
        if self.next(&note).join("manifest.json").is_file() {
            return Ok(true);
        }
        let sealed = Folder::open(&self.folder).ok();
        let another = sealed.filter(|own| own.manifest().manifest != note.base);
        Ok(another.is_some_and(|own| own.is_sealed_as(&own.manifest().manifest).is_ok()))
    }

    /// Puts tables that are ready into their places, and takes the workplace away; what was drawn of tables that were
    /// there before goes with it.
    pub(super) fn put_in_place(&self, note: &Note, alone: Lock) -> Result<(), Error> {
        let next = self.next(note);
        if next.join("manifest.json").is_file() {
            prodos_record::remove_drawings(&self.folder)?;
            prodos_record::move_into(&next, &self.folder)?;
        }
        // Where an open file keeps its folder from being renamed, the lock goes first.
        let _alone = if cfg!(windows) {
            drop(alone);
            None
        } else {
            Some(alone)
        };
        let remains = format!("{REMAINS}{}", std::process::id());
        let remains = self.folder.join(remains);
        match fs::rename(&self.work, &remains) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            renamed => renamed.map_err(Disk::disk("rename", &self.work))?,
        }
        // All is in place; what cannot be removed is removed by whoever comes next.
        let _ = fs::remove_dir_all(&remains);
        Ok(())
    }

    /// Removes what is left of workplaces that are no more; what cannot be removed stays.
    fn clear_remains(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(REMAINS) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// Ends what a program was killed in the midst of when all runs were there.
pub(super) fn settle(folder: &Path) -> Result<(), Error> {
    let place = Workplace::of(folder);
    place.clear_remains();
    if place.is_done()? {
        let alone = match place.lock(ALL, false) {
            Err(Error::Finished { .. }) => return Ok(()),
            alone => alone?,
        };
        // Somebody else may have ended it meanwhile.
        if place.is_done()?
            && let Some(note) = place.note()?
        {
            place.put_in_place(&note, alone)?;
        }
    }
    Ok(())
}

/// A finished folder, to read.
pub fn finished(folder: &Path) -> Result<Folder, Error> {
    settle(folder)?;
    if let Some(finished) = base(folder)? {
        return Ok(finished);
    }
    let path = folder.to_owned();
    Err(match Workplace::of(folder).note()? {
        Some(_) => Error::Unfinished { path },
        None => Disk::NotAFolder { path }.into(),
    })
}

/// A finished folder that nothing is being added to, if it is one.
pub fn at_rest(folder: &Path) -> Result<Option<Folder>, Error> {
    settle(folder)?;
    match Workplace::of(folder).note()? {
        Some(_) => Ok(None),
        None => base(folder),
    }
}

/// Removes a result folder, and what is being done in it. Fails where a program is at work there.
///
/// It goes by one rename, so that nothing of it is taken for a part of what comes in its place.
pub fn remove(folder: &Path) -> Result<(), Error> {
    let place = Workplace::of(folder);
    let alone = if place.work.exists() {
        Some(place.lock(ALL, false)?)
    } else {
        None
    };
    if cfg!(windows) {
        drop(alone);
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let begins = format!(".{name}.removed-");
    let aside = folder.with_file_name(format!("{begins}{}", std::process::id()));
    match fs::rename(folder, &aside) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        renamed => renamed.map_err(Disk::disk("rename", folder))?,
    }
    let beside = folder.parent().filter(|own| !own.as_os_str().is_empty());
    let beside = fs::read_dir(beside.unwrap_or(Path::new(".")));
    for entry in beside.into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(&begins) {
            fs::remove_dir_all(entry.path()).map_err(Disk::disk("remove", &entry.path()))?;
        }
    }
    Ok(())
}

impl Sweep {
    /// That what is to be done is still what it was when this was opened.
    pub(super) fn is_still(&self) -> Result<(), Error> {
        match self.place().note()? {
            Some(note) if note == self.note => Ok(()),
            Some(_) => Err(Error::Begun {
                path: self.folder.clone(),
            }),
            None => Sweep::look(&self.folder).map(|_| ()),
        }
    }
}

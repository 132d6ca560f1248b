//! Runs written down on a day, to be gone on from.
//!
//! A file holds the state of the model, all rows so far, and what is known of outcomes: the run that goes on from it is
//! the run that was never broken off, bit for bit. It appears under its name once all its bytes are on the disk. It
//! is read by the build of the program that wrote it, and by no other, whose model could be another.

use crate::run::{Course, Kept, Written};
use prodos_config::{Experiment, Options, load_text, to_ron};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// The first bytes of a file.
const MAGIC: &[u8] = b"prodos saved run\n";
/// Which form the rest has.
const FORM: u32 = 1;
/// How hard the rest is compressed: the usual level of the library.
const LEVEL: i32 = 3;

/// What can be wrong with a saved run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that cannot be read or written.
    #[error("{0}")]
    Record(#[from] prodos_record::Error),
    /// Another file.
    #[error("{} is no saved run: give a file of a `.saved` folder, which `prodos run --save-every DAYS` writes", path.display())]
    NotOne {
        /// The file.
        path: PathBuf,
    },
    /// A folder without one.
    #[error("{} holds no whole saved run", path.display())]
    None {
        /// The folder.
        path: PathBuf,
    },
    /// Of another version.
    #[error("{} was saved by another build of the program ({theirs}; this is {own}), whose model can be another: run the experiment anew", path.display())]
    Build {
        /// The file.
        path: PathBuf,
        /// The build that wrote it.
        theirs: String,
        /// This one.
        own: String,
    },
    /// Bytes are other than they were written.
    #[error("{} has changed since it was written: its checksum is another. Go on from an earlier day", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// An experiment that cannot go on from it.
    #[error("{} cannot go on there: {}: what may differ are scenario, policy, days and words", path.display(), differs.join(", "))]
    Another {
        /// The file.
        path: PathBuf,
        /// Fields that are other than they were.
        differs: Vec<String>,
    },
    /// An experiment whose past would be another.
    #[error("{} cannot go on there: the shock `{shock}` comes before its day in one of the two, and not in the other", path.display())]
    Past {
        /// The file.
        path: PathBuf,
        /// Name of the shock.
        shock: String,
    },
}

/// What stands before the rest of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Header {
    form: u32,
    build: String,
    day: u32,
    experiment: String,
    /// BLAKE3 checksum of the rest.
    checksum: String,
}

/// Where runs are saved, and how often.
#[derive(Clone, Debug)]
pub struct Saving {
    /// Days between two.
    pub every: u32,
    /// The folder they are put in.
    pub folder: PathBuf,
    /// Build of the program.
    pub build: String,
}

impl Saving {
    /// The file of a day.
    fn file(&self, day: u32) -> PathBuf {
        self.folder.join(format!("day-{day:06}.saved"))
    }

    /// Writes a run down as it is.
    pub(crate) fn save(
        &self,
        course: &mut Course,
        experiment: &Experiment,
        day: u32,
    ) -> Result<(), prodos_record::Error> {
        let path = self.file(day);
        let plain = postcard::to_stdvec(&course.keep().write()).map_err(std::io::Error::other);
        let bytes = plain.and_then(|plain| zstd::encode_all(plain.as_slice(), LEVEL));
        let bytes = bytes.map_err(prodos_record::Error::disk("write", &path))?;
        let header = Header {
            form: FORM,
            build: self.build.clone(),
            day,
            experiment: to_ron(experiment),
            checksum: blake3::hash(&bytes).to_hex().to_string(),
        };
        prodos_record::write_whole(&path, |out| {
            out.write_all(MAGIC)?;
            serde_json::to_writer(&mut *out, &header)?;
            out.write_all(b"\n")?;
            out.write_all(&bytes)
        })
    }
}

/// A saved run.
pub struct Saved {
    path: PathBuf,
    day: u32,
    checksum: String,
    experiment: Experiment,
    kept: Kept,
}

impl Saved {
    /// Reads a file, or the newest whole one of a folder.
    pub fn read(path: &Path, build: &str) -> Result<Saved, Error> {
        if !path.is_dir() {
            return read(path, build);
        }
        let listing = fs::read_dir(path).map_err(prodos_record::Error::disk("read", path))?;
        let mut files: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|own| own == "saved"));
        files.sort();
        let none = || Error::None {
            path: path.to_owned(),
        };
        let mut last = none();
        for file in files.iter().rev() {
            match read(file, build) {
                Ok(saved) => return Ok(saved),
                Err(why) => last = why,
            }
        }
        Err(last)
    }

    /// Days that it had when it was saved.
    pub fn day(&self) -> u32 {
        self.day
    }

    /// Lets it go on as an experiment says: the one it is of, or one that has the same past and parts on this day. Fails
    /// where more is other than scenario and policy, days and words.
    pub fn go_on(self, wanted: &Experiment) -> Result<Resumed, Error> {
        let mut differs = differing(&self.experiment, wanted);
        if wanted.days <= self.day {
            differs.push(format!(
                "days ({}, and this is day {})",
                wanted.days, self.day
            ));
        }
        let another = |differs| Error::Another {
            path: self.path.clone(),
            differs,
        };
        if !differs.is_empty() {
            return Err(another(differs));
        }
        let parent = format!(
            "day {} of {} ({})",
            self.day,
            self.path.display(),
            &self.checksum[..16]
        );
        let run_id = wanted.first_replicate.into();
        let before = &self.experiment;
        let same = (&before.scenario, &before.policy) == (&wanted.scenario, &wanted.policy);
        if same {
            return Ok(Resumed {
                course: Course::again(self.kept, wanted, run_id),
                experiment: wanted.clone(),
                day: self.day,
                parent,
            });
        }
        let course = Course::from(self.kept, wanted, run_id).map_err(|shock| Error::Past {
            path: self.path.clone(),
            shock,
        })?;
        Ok(Resumed {
            course,
            experiment: crate::design::parted(before, wanted, self.day),
            day: self.day,
            parent,
        })
    }
}

/// A saved run that goes on.
pub struct Resumed {
    pub(crate) course: Course,
    pub(crate) day: u32,
    experiment: Experiment,
    parent: String,
}

impl Resumed {
    /// The experiment that the run is of: run from the beginning it gives the same.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Day and file that it goes on from, with the checksum of the file.
    pub fn named(&self) -> String {
        self.parent.clone()
    }
}

fn read(path: &Path, build: &str) -> Result<Saved, Error> {
    let not_one = || Error::NotOne {
        path: path.to_owned(),
    };
    let bytes = fs::read(path).map_err(prodos_record::Error::disk("read", path))?;
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(not_one)?;
    let end = rest
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or_else(not_one)?;
    let (header, rest) = (&rest[..end], &rest[end + 1..]);
    let changed = || Error::Changed {
        path: path.to_owned(),
    };
    let header: Header = serde_json::from_slice(header).map_err(|_| changed())?;
    if header.build != build || header.form != FORM {
        return Err(Error::Build {
            path: path.to_owned(),
            theirs: header.build,
            own: build.to_owned(),
        });
    }
    if blake3::hash(rest).to_hex().as_str() != header.checksum {
        return Err(changed());
    }
    let experiment = load_text(
        "experiment.ron",
        &header.experiment,
        &[],
        &Options::default(),
    );
    let experiment = experiment.map_err(|_| changed())?;
    let plain = zstd::decode_all(rest).map_err(|_| changed())?;
    let written: Written = postcard::from_bytes(&plain).map_err(|_| changed())?;
    Ok(Saved {
        path: path.to_owned(),
        day: header.day,
        checksum: header.checksum,
        kept: Kept::read(written, &experiment),
        experiment,
    })
}

/// Fields of an experiment that decide a run's past, and are other than they were.
fn differing(own: &Experiment, other: &Experiment) -> Vec<String> {
    let fields = |experiment: &Experiment| serde_json::to_value(experiment).unwrap_or_default();
    let (own, other) = (fields(own), fields(other));
    let free = [
        "name",
        "question",
        "headline",
        "scenario",
        "policy",
        "days",
        "branch_at",
    ];
    let names = own
        .as_object()
        .into_iter()
        .chain(other.as_object())
        .flat_map(|own| own.keys());
    let mut differs: Vec<String> = Vec::new();
    for name in names.filter(|name| !free.contains(&name.as_str())) {
        if own.get(name) != other.get(name) && !differs.contains(name) {
            differs.push(name.clone());
        }
    }
    differs
}

//! What can go wrong between a table and the disk.

use std::path::{Path, PathBuf};

/// Every message names the file or column, and what would have been right.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Disk {
        /// What was tried, as a verb: "write", "read", "rename".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The reason the system gave.
        source: std::io::Error,
    },
    /// A Parquet file could not be made or understood.
    #[error("cannot {action} {} as a Parquet table: {reason}", path.display())]
    Parquet {
        /// "write" or "read".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason in the words of the library.
        reason: String,
    },
    /// A manifest could not be understood.
    #[error("{}: not a manifest of a result folder: {reason}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A folder without a manifest.
    #[error("{} is not a finished result folder: it has no manifest.json; give the folder that `prodos run` printed", path.display())]
    NotAFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A result folder stands where a new one should go.
    #[error("{} exists already; it is replaced only on request", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A recorded file has changed since it was written.
    #[error("{} has changed since it was recorded: its checksum is {found}, the manifest says {expected}", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// Checksum of the bytes on disk.
        found: String,
        /// Checksum in the manifest.
        expected: String,
    },
    /// A name that would lead out of the folder.
    #[error(
        "'{name}' cannot name a file inside a result folder; use a relative path such as series/city.parquet"
    )]
    Name {
        /// The name as given.
        name: String,
    },
    /// A table without the column that was asked for.
    #[error("no column '{name}' of {kind} here; there are: {present}")]
    Column {
        /// The column that was asked for.
        name: String,
        /// What kind of column it should have been.
        kind: &'static str,
        /// The columns there are.
        present: String,
    },
    /// Columns of unequal length, or two tables that do not fit together.
    #[error("the table does not fit: {reason}")]
    Shape {
        /// Which columns, and how they differ.
        reason: String,
    },
}

impl Error {
    /// Wraps an error of the operating system: `.map_err(Error::disk("write", path))`.
    pub(crate) fn disk(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
        move |source| Error::Disk {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// Wraps an error of the Parquet library.
    pub(crate) fn parquet<E: std::fmt::Display>(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(E) -> Error {
        move |reason| Error::Parquet {
            action,
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

//! What can go wrong between a table and the disk.

use std::path::{Path, PathBuf};

/// Every message names the file or column, and what would have been right.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {action} {}: {}", path.display(), plain(source))]
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
    #[error("{} cannot be used: {reason}", path.display())]
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
    /// A folder of a build that did not yet seal its manifest.
    #[error("{} was made by an older build, which put no checksum on its manifest; run its experiment.ron again", path.display())]
    Older {
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
    pub fn disk(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
        move |source| Error::Disk {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// Wraps an error of the Parquet library; where the operating system stands behind it, its reason.
    pub(crate) fn parquet<E: std::error::Error + 'static>(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(E) -> Error {
        move |error| {
            let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |cause| {
                cause.source()
            });
            let system = chain.filter_map(|cause| cause.downcast_ref::<std::io::Error>());
            Error::Parquet {
                action,
                path: path.to_owned(),
                reason: system.last().map_or_else(|| error.to_string(), plain),
            }
        }
    }
}

/// Why the operating system refused, in words.
fn plain(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    let words = match error.kind() {
        ErrorKind::PermissionDenied => "this user is not allowed to",
        ErrorKind::NotFound => "there is no such file or folder",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::QuotaExceeded => "the quota of this user is used up",
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        ErrorKind::NotADirectory => "a part of its path is a file, not a folder",
        _ => {
            let text = error.to_string();
            return match text.split_once(" (os error") {
                Some((reason, _)) => reason.to_lowercase(),
                None => text,
            };
        }
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::Error;
    use std::io::{Error as System, ErrorKind};
    use std::path::Path;

    #[test]
    fn the_reason_of_the_system_is_told_in_words_and_without_a_number() {
        let said = |error| Error::disk("write", Path::new("x"))(error).to_string();
        let full = System::from(ErrorKind::StorageFull);
        assert_eq!(said(full), "cannot write x: the disk is full");
        let other = said(System::from_raw_os_error(5));
        assert!(!other.contains("os error"), "{other}");
    }

    #[test]
    fn the_system_speaks_for_the_table_it_refused() {
        let full = System::from(ErrorKind::StorageFull);
        let error = parquet::errors::ParquetError::External(Box::new(full));
        let said = Error::parquet("write", Path::new("x"))(error).to_string();
        assert_eq!(said, "cannot write x as a Parquet table: the disk is full");
    }
}

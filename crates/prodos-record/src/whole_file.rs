//! Files that are either whole or not there.

use crate::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Writes a file under a temporary name in the same folder, then renames it.
///
/// Bytes are on the disk before the name appears, so that a reader sees the old file, or the whole
/// new one, or none.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Error> {
    let file = begin(path)?;
    let mut buffer = BufWriter::new(file);
    write(&mut buffer).map_err(Error::disk("write", path))?;
    let file = buffer
        .into_inner()
        .map_err(|error| Error::disk("write", path)(error.into_error()))?;
    commit(file, path)
}

/// A temporary file beside the place the whole one will have.
pub(crate) fn begin(path: &Path) -> Result<NamedTempFile, Error> {
    let parent = parent(path);
    std::fs::create_dir_all(parent).map_err(Error::disk("create the folder", parent))?;
    tempfile::Builder::new()
        .prefix(".partial-")
        .tempfile_in(parent)
        .map_err(Error::disk("write", path))
}

/// Brings the bytes to the disk and gives the file its name.
pub(crate) fn commit(file: NamedTempFile, path: &Path) -> Result<(), Error> {
    allow_reading(file.as_file()).map_err(Error::disk("write", path))?;
    file.as_file()
        .sync_all()
        .map_err(Error::disk("write", path))?;
    file.persist(path)
        .map_err(|error| Error::disk("rename", path)(error.error))?;
    sync_folder(parent(path))
}

/// Makes a rename in this folder lasting.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Error> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|file| file.sync_all())
            .map_err(Error::disk("write", folder))?;
    }
    Ok(())
}

/// Temporary files are private to their owner; results are for everyone who may see the folder.
#[cfg(unix)]
fn allow_reading(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn allow_reading(_file: &File) -> std::io::Result<()> {
    Ok(())
}

fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

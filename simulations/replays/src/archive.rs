//! Captures that come packed: unpacked by the system's `tar` into a folder that goes with its owner.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum ArchiveError {
    #[error("no folder for what {0} holds can be made: {1}")]
    Folder(PathBuf, io::Error),
    #[error("`tar` cannot be run: {0}; install tar and xz-utils")]
    Tar(io::Error),
    #[error("`tar` does not unpack {0}: is it whole, and is xz installed?")]
    Unreadable(PathBuf),
}

/// Unpacks a `tar.xz`. Only archives of public data come here; `tar` itself refuses names that lead out.
pub fn unpack(archive: &Path) -> Result<TempDir, ArchiveError> {
    let folder = TempDir::new().map_err(|error| ArchiveError::Folder(archive.to_owned(), error))?;
    let status = Command::new("tar")
        .arg("-xJf")
        .arg(archive)
        .arg("-C")
        .arg(folder.path())
        .status()
        .map_err(ArchiveError::Tar)?;
    if status.success() {
        Ok(folder)
    } else {
        Err(ArchiveError::Unreadable(archive.to_owned()))
    }
}

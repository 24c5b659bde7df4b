//! Reading the data folder: numpy archives, tables of text, files of documents.

pub(crate) mod npz;
pub(crate) mod table;

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Bytes of one file that are read.
const FILE_BYTES: u64 = 256 * 1024 * 1024;

#[derive(Debug, Error)]
pub enum SourceError {
    #[error("{}: {why}: point --data at a folder laid out like the public one", path.display())]
    Unreadable { path: PathBuf, why: std::io::Error },
    #[error("{}: {why}", path.display())]
    Malformed { path: PathBuf, why: String },
}

impl SourceError {
    pub(crate) fn malformed(path: &Path, why: impl std::fmt::Display) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            why: why.to_string(),
        }
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, SourceError> {
    let unreadable = |why| SourceError::Unreadable {
        path: path.to_owned(),
        why,
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > FILE_BYTES {
        return Err(SourceError::malformed(
            path,
            format!("{length} bytes are more than {FILE_BYTES}"),
        ));
    }
    std::fs::read(path).map_err(unreadable)
}

/// Files with this ending in a folder, in the order of their names.
pub(crate) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, SourceError> {
    let mut found = entries(folder)?;
    found.retain(|path| path.extension().is_some_and(|has| has == ending));
    Ok(found)
}

/// What a folder holds, in the order of the names.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let unreadable = |why| SourceError::Unreadable {
        path: folder.to_owned(),
        why,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        found.push(entry.map_err(unreadable)?.path());
    }
    found.sort();
    Ok(found)
}

pub(crate) fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

//! The directory of trusted metadata: one file a role, the version floors beside them, one client at a time.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;
use tuf_core::floors::{Floors, FloorsError};
use tuf_core::limits;
use tuf_core::name;
use tuf_core::update::Save;

/// Not called `.json`: whatever is, is metadata.
const FLOORS: &str = "floors";
const LOCK: &str = "lock";
const ROOT: &str = "root";

#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// Held until the end: two clients would overwrite each other's floors.
    _lock: File,
}

#[derive(Debug, Error)]
pub enum DirectoryError {
    #[error("cannot use {0}")]
    Folder(PathBuf, #[source] io::Error),
    #[error("cannot read {0}")]
    Read(PathBuf, #[source] io::Error),
    #[error("cannot save {0}")]
    Save(PathBuf, #[source] io::Error),
    #[error("no root is trusted yet: run init first")]
    NoRoot,
    #[error(transparent)]
    Floors(#[from] FloorsError),
}

impl Directory {
    pub fn open(path: &Path) -> Result<Self, DirectoryError> {
        let unusable = |error| DirectoryError::Folder(path.to_owned(), error);
        fs::create_dir_all(path).map_err(unusable)?;
        let lock = File::create(path.join(LOCK)).map_err(unusable)?;
        lock.lock().map_err(unusable)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    pub fn root(&self) -> Result<Vec<u8>, DirectoryError> {
        self.stored(ROOT)?.ok_or(DirectoryError::NoRoot)
    }

    pub fn stored(&self, role: &str) -> Result<Option<Vec<u8>>, DirectoryError> {
        read(
            &self.path.join(name::file_name(role)),
            limits::TARGETS_BYTES,
        )
    }

    pub fn floors(&self) -> Result<Floors, DirectoryError> {
        let bytes = read(&self.path.join(FLOORS), limits::FLOORS_BYTES)?;
        Ok(bytes.map_or_else(|| Ok(Floors::default()), |bytes| Floors::parse(&bytes))?)
    }

    pub fn save(&self, save: &Save) -> Result<(), DirectoryError> {
        let (path, bytes, durable) = match save {
            Save::Floors(bytes) => (self.path.join(FLOORS), bytes, true),
            // Whatever else is lost in a power cut is fetched again.
            Save::Metadata { role, bytes } => {
                (self.path.join(name::file_name(role)), bytes, role == ROOT)
            }
        };
        self.replace(&path, bytes, durable)
            .map_err(|error| DirectoryError::Save(path, error))
    }

    fn replace(&self, path: &Path, bytes: &[u8], durable: bool) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.path)?;
        file.write_all(bytes)?;
        if durable {
            file.as_file().sync_all()?;
        }
        file.persist(path)?;
        if durable {
            File::open(&self.path)?.sync_all()?;
        }
        Ok(())
    }
}

/// A file of at most `bound` bytes; `None` where there is none.
fn read(path: &Path, bound: usize) -> Result<Option<Vec<u8>>, DirectoryError> {
    let unreadable = |error| DirectoryError::Read(path.to_owned(), error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut bytes = Vec::new();
    let mut bounded = file.take(bound as u64 + 1);
    bounded.read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(Some(bytes))
}

//! A store that was written in the clear becomes a sealed one: copied row by row, verified, and only then put in its place.

use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use protocol::id::Digest;
use thiserror::Error;

use super::super::dump::StateHash;
use super::super::fault::{ChangeError, OpenStoreError, ReadError};
use super::super::key::StoreKey;
use super::super::{Integrity, Store, Writer};

/// Bytes of rows in one transaction of the copy.
const AT_ONCE: usize = 4 * 1024 * 1024;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Converted {
    /// So many rows were copied, and the store hashes to this as before.
    Sealed { rows: u64, state: Digest },
    /// It was sealed already.
    Already,
}

#[derive(Debug, Error)]
pub enum ConvertError {
    #[error(transparent)]
    Open(#[from] OpenStoreError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error("there is no store at {path}", path = .0.display())]
    Missing(PathBuf),
    #[error("the sealed copy hashes to {found}, and the store to {said}: the store is as it was")]
    State { found: Digest, said: Digest },
    #[error("the sealed copy does not check: the store is as it was; is the disk sound?")]
    Copy,
    #[error("cannot {act} {path}: {source}", path = path.display())]
    Io {
        act: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

/// Seals the store at `path`, which nobody else has open. Until the copy is verified the store stays as it is; the
/// clear bytes that it leaves on the disk are the file system's to overwrite.
pub fn convert(path: &Path, key: &StoreKey) -> Result<Converted, ConvertError> {
    if !path.exists() {
        return Err(ConvertError::Missing(path.to_owned()));
    }
    let (plain, _) = Store::open(path, key.clone())?;
    if plain.is_sealed() {
        return Ok(Converted::Already);
    }
    let fresh = beside(path);
    remove(&fresh)?;
    let copied = copied(&plain, &fresh, key);
    let moved = copied.and_then(|done| {
        in_place_of(path, &fresh)?;
        Ok(done)
    });
    if moved.is_err() {
        // What is left is replaced by the next attempt.
        drop(fs::remove_file(&fresh));
    }
    moved
}

/// Where the copy is made.
pub fn beside(path: &Path) -> PathBuf {
    path.with_extension("sealing")
}

/// Makes the file of an empty store in the clear, as former releases did, to compare with.
pub fn in_the_clear(path: &Path) -> io::Result<()> {
    let file = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let made = redb::Builder::new().create_file(file);
    made.map(drop).map_err(io::Error::other)
}

fn copied(plain: &Store, fresh: &Path, key: &StoreKey) -> Result<Converted, ConvertError> {
    let (mut store, _) = Store::open(fresh, key.clone())?;
    let (mut hash, mut rows) = (StateHash::default(), 0);
    let mut batch = Batch::of(store.writer());
    let dumped = plain.reader().dump(|row| {
        hash.add(row.table, row.key, row.value);
        rows += 1;
        batch.add(row.table, row.key, row.value)
    })?;
    dumped?;
    batch.flush()?;
    if store.check()? != Integrity::Sound {
        return Err(ConvertError::Copy);
    }
    drop((batch, store));
    let said = hash.finish();
    let (again, _) = Store::open(fresh, key.clone())?;
    let found = again.reader().state_hash()?;
    match found == said {
        true => Ok(Converted::Sealed { rows, state: found }),
        false => Err(ConvertError::State { found, said }),
    }
}

/// Rows that wait for their transaction.
struct Batch {
    writer: Writer,
    rows: Vec<(&'static str, Vec<u8>, Vec<u8>)>,
    bytes: usize,
}

impl Batch {
    fn of(writer: Writer) -> Self {
        Self {
            writer,
            rows: Vec::new(),
            bytes: 0,
        }
    }

    fn add(&mut self, table: &'static str, key: &[u8], value: &[u8]) -> Result<(), ConvertError> {
        self.bytes += key.len() + value.len();
        self.rows.push((table, key.to_vec(), value.to_vec()));
        match self.bytes < AT_ONCE {
            true => Ok(()),
            false => self.flush(),
        }
    }

    fn flush(&mut self) -> Result<(), ConvertError> {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        Ok(self.writer.write(|changes| -> Result<_, ChangeError> {
            for (table, key, value) in &rows {
                changes.restore_row(table, key, value)?;
            }
            Ok(())
        })?)
    }
}

fn remove(path: &Path) -> Result<(), ConvertError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

fn in_place_of(path: &Path, fresh: &Path) -> Result<(), ConvertError> {
    fs::rename(fresh, path).map_err(failed("rename", fresh))?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(failed("sync", folder))
}

fn failed(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ConvertError {
    let path = path.to_owned();
    move |source| ConvertError::Io { act, path, source }
}

//! The coordinator's memory: one file, one writer, and rows that are read back as they were written.
//!
//! Domain types go in and come out. Nothing here judges: what was signed is stored as it was
//! received, and everything else carries a checksum.

pub mod ballast;
pub mod contacts;
pub mod devices;
pub mod entries;
pub mod fault;
pub mod key;
pub mod meta;
pub mod records;
pub mod samples;
pub mod sightings;
pub mod tokens;

mod batch;
mod cursors;
mod engine;
mod rows;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use protocol::coordinator::save::{Memory, Save};
use redb::{ReadTransaction, StorageBackend, WriteTransaction};

use engine::Engine;
use fault::{CommitError, Fault, OpenStoreError, ReadError};
use key::StoreKey;
use rows::Table;

pub use engine::Integrity;

/// The one that writes what the mesh says.
#[derive(Debug)]
pub struct Store {
    engine: Arc<Engine>,
    integrity: Integrity,
}

/// Reads beside the writer, from as many threads as want to.
#[derive(Debug, Clone)]
pub struct Reader {
    engine: Arc<Engine>,
}

/// Writes what people and programs order, in transactions of their own beside the batches.
#[derive(Debug, Clone)]
pub struct Writer {
    engine: Arc<Engine>,
}

/// One transaction of a [`Writer`]: all of its changes are stored together, or none is.
pub struct Changes<'t> {
    txn: &'t WriteTransaction,
    key: &'t StoreKey,
}

impl fmt::Debug for Changes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens or creates the store, checks all of it, and hands out what the coordinator remembers.
    pub fn open(path: &Path, key: StoreKey) -> Result<(Self, Memory), OpenStoreError> {
        Self::over(Engine::on_file(path, key)?)
    }

    /// The same over any storage. It can be opened once: [`Self::reopen`] finds it in use.
    pub fn with_backend(
        backend: impl StorageBackend,
        key: StoreKey,
    ) -> Result<(Self, Memory), OpenStoreError> {
        Self::over(Engine::on_backend(backend, key)?)
    }

    /// The same over storage that is handed out anew for each opening.
    pub fn with_backends<B: StorageBackend>(
        make: impl FnMut() -> B + Send + 'static,
        key: StoreKey,
    ) -> Result<(Self, Memory), OpenStoreError> {
        Self::over(Engine::on_backends(make, key)?)
    }

    fn over((engine, integrity): (Engine, Integrity)) -> Result<(Self, Memory), OpenStoreError> {
        let store = Self {
            engine: Arc::new(engine),
            integrity,
        };
        let memory = store.engine.read(|txn| remember(txn, &store.engine.key))?;
        Ok((store, memory))
    }

    /// Makes a whole batch durable, or nothing of it. What is stored already is skipped, so a
    /// batch whose fate is unknown may be committed again.
    pub fn commit(&mut self, saves: &[Save]) -> Result<(), CommitError> {
        if !self.engine.has_room() && saves.iter().any(|save| matches!(save, Save::Record(_))) {
            return Err(CommitError::Full);
        }
        self.engine
            .write(|txn| batch::write(txn, &self.engine.key, saves))
            .map_err(|fault: Fault| CommitError::from(fault))
    }

    /// Opens the store anew, as a full disk or a failed write demand; readers and writers follow.
    pub fn reopen(&mut self) -> Result<Integrity, OpenStoreError> {
        self.integrity = self.engine.reopen()?;
        Ok(self.integrity)
    }

    /// Checks every page; readers and writers wait meanwhile.
    pub fn check(&mut self) -> Result<Integrity, ReadError> {
        self.integrity = self.engine.check()?;
        Ok(self.integrity)
    }

    /// What the newest check found.
    pub fn integrity(&self) -> Integrity {
        self.integrity
    }

    /// What the coordinator remembers, as after an opening.
    pub fn memory(&self) -> Result<Memory, ReadError> {
        Ok(self.engine.read(|txn| remember(txn, &self.engine.key))?)
    }

    pub fn reader(&self) -> Reader {
        Reader {
            engine: Arc::clone(&self.engine),
        }
    }

    pub fn writer(&self) -> Writer {
        Writer {
            engine: Arc::clone(&self.engine),
        }
    }
}

fn remember(txn: &ReadTransaction, key: &StoreKey) -> Result<Memory, Fault> {
    let log = entries::all(txn)?;
    Ok(Memory {
        entries: log.entries,
        log_head: log.head,
        devices: devices::remembered(txn, key)?.into_iter().collect(),
        tokens: tokens::all(txn, key)?,
    })
}

/// Every table; all of them exist from the first opening on.
fn tables() -> impl Iterator<Item = &'static Table> {
    let alone = [
        &contacts::CONTACTS,
        &cursors::CURSORS,
        &devices::DEVICES,
        &entries::ENTRIES,
        &entries::LOG_HEAD,
        &meta::META,
        &records::RECORDS,
        &sightings::SIGHTINGS,
        &tokens::TOKENS,
    ];
    let levels = samples::LEVELS.iter().map(|level| &level.table);
    alone.into_iter().chain(levels)
}

//! The coordinator's memory: one file, one writer, and rows that are read back as they were written.
//!
//! Domain types go in and come out. Nothing here judges: what was signed is stored as it was
//! received, and everything else carries a checksum.

pub mod fault;
pub mod key;

pub mod advice;
pub mod alerts;
pub mod bills;
pub mod commands;
pub mod countersigned;
pub mod ddi;
pub mod devices;
pub mod entries;
pub mod evidence;
pub mod gaps;
mod halts;
pub mod jobs;
pub mod latest;
pub mod logs;
pub mod neighbours;
pub mod newest;
pub mod obeyed;
pub mod observations;
mod overheard;
pub mod profiles;
pub mod records;
pub mod released;
pub mod reports;
pub mod repository;
pub mod samples;
pub mod scans;
pub mod sightings;

pub mod api_tokens;
pub mod audit;
pub mod barred;
pub mod federated;
pub mod grants;
pub mod invitations;
pub mod keyed;
pub mod languages;
pub mod operators;
pub mod passkeys;
pub mod second_factors;
pub mod secret_hash;
pub mod sessions;
pub mod setup;
pub mod sink;
pub mod told;

pub mod counts;
pub mod dump;
pub mod erasure;
pub mod meta;
pub mod retention;
pub mod scrub;
pub mod sealed;

mod ballast;
mod batch;
mod contacts;
mod cursors;
mod engine;
mod packed;
mod panics;
mod rollouts;
mod rows;
mod rulings;
mod tokens;
mod trail;
mod votes;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use protocol::coordinator::save::{Memory, Save};
use protocol::id::DeviceId;
use redb::{ReadTransaction, WriteTransaction};

use engine::Engine;
use fault::{ChangeError, CommitError, Fault, OpenStoreError, ReadError};
use key::StoreKey;
use rows::Table;

pub use engine::Integrity;
pub use redb::StorageBackend;

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

impl Reader {
    /// The seed of the key that signs access tokens.
    pub fn token_seed(&self) -> zeroize::Zeroizing<[u8; 32]> {
        self.engine.key.token_seed()
    }

    /// The key of the store, for a backup.
    pub(crate) fn key(&self) -> zeroize::Zeroizing<[u8; 32]> {
        self.engine.key.secret()
    }
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
    /// Devices that are erased with it.
    erased: Vec<DeviceId>,
}

impl fmt::Debug for Changes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens or creates the store, and hands out what the coordinator remembers. All pages are checked where nobody
    /// had closed it, unless it is very large.
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
        let has_records = saves.iter().any(|save| matches!(save, Save::Record(_)));
        if has_records && self.engine.is_short_of_room() {
            return Err(CommitError::Full);
        }
        let stored = self
            .engine
            .write(|txn| batch::write(txn, &self.engine.key, saves))
            .map_err(|fault: Fault| CommitError::from(fault));
        if matches!(stored, Err(CommitError::Full)) {
            self.engine.make_room();
        }
        if stored.is_ok() {
            self.engine.newest.note(saves);
            self.engine.overheard.note(&self.engine, saves);
        }
        stored
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

    /// Whether it was opened after a stop that nobody could prepare for: a cut of power, a kill, a failed write.
    pub fn was_cut_off(&self) -> bool {
        self.engine.was_cut_off()
    }

    /// Whether whoever has the file and not the key can read nothing of it: stores of former releases are not sealed.
    pub fn is_sealed(&self) -> bool {
        self.engine.is_sealed()
    }

    /// Once the whole was looked at for that reason.
    pub fn forget_cut(&self) {
        self.engine.forget_cut();
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

impl Writer {
    /// Stores all that `change` does in one durable transaction, or nothing of it if it fails.
    /// A [`Reader`] is not to be used inside: it would wait for a check that waits for this.
    /// After a failure of the disk the store is opened anew, so that the next attempt can succeed.
    pub fn write<T, E: From<ChangeError>>(
        &self,
        change: impl FnOnce(&mut Changes<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let key = &self.engine.key;
        let written = self.engine.write(|txn| {
            let erased = Vec::new();
            let mut changes = Changes { txn, key, erased };
            let value = change(&mut changes).map_err(Broken::Off)?;
            Ok((value, changes.erased))
        });
        match written {
            Ok((value, erased)) => {
                let newest = &self.engine.newest;
                erased.iter().for_each(|device| newest.forget(device));
                if !erased.is_empty() {
                    self.engine.overheard.forget();
                }
                Ok(value)
            }
            Err(Broken::Off(refused)) => Err(refused),
            Err(Broken::Down(fault)) => Err(self.recovered(fault.into()).into()),
        }
    }

    /// Opens the store anew where that helps, and hands the error on.
    fn recovered(&self, error: ChangeError) -> ChangeError {
        if matches!(error, ChangeError::Full) {
            self.engine.make_room();
        }
        match error {
            ChangeError::Full | ChangeError::Closed(_) => match self.engine.reopen() {
                Ok(_) => error,
                Err(failed) => ChangeError::Closed(failed.to_string()),
            },
            error => error,
        }
    }
}

/// Why a change was not made: it was broken off, or the store failed.
enum Broken<E> {
    Off(E),
    Down(Fault),
}

impl<E> From<Fault> for Broken<E> {
    fn from(fault: Fault) -> Self {
        Self::Down(fault)
    }
}

fn remember(txn: &ReadTransaction, key: &StoreKey) -> Result<Memory, Fault> {
    let log = entries::all(txn)?;
    Ok(Memory {
        entries: log.entries,
        log_head: log.head,
        devices: devices::remembered(txn, key)?.into_iter().collect(),
        tokens: tokens::all(txn, key)?,
        convictions: evidence::all(txn)?
            .into_iter()
            .map(|stored| stored.proof)
            .collect(),
        cosigned: log.cosigned,
        rulings: rulings::all(txn)?,
        halts: halts::all(txn)?,
        rollouts: rollouts::all(txn)?,
        votes: votes::all(txn)?,
        seeds: log.seeds,
    })
}

/// Every table; all of them exist from the first opening on.
fn tables() -> impl Iterator<Item = &'static Table> {
    let alone = [
        &api_tokens::API_TOKENS,
        &audit::AUDIT,
        &audit::AUDIT_HEAD,
        &contacts::CONTACTS,
        &countersigned::COUNTERSIGNED,
        &reports::REPORTS,
        &reports::REPORT_FILES,
        &reports::REPORT_SCHEDULES,
        &cursors::CURSORS,
        &ddi::TARGETS,
        &released::RELEASED,
        &repository::DRAFTS,
        &repository::REPOSITORY,
        &devices::DEVICES,
        &entries::ENTRIES,
        &entries::LOG_HEAD,
        &evidence::EVIDENCE,
        &halts::HALTS,
        &meta::META,
        &neighbours::EARS,
        &neighbours::HAPPENINGS,
        &neighbours::NEIGHBOURS,
        &obeyed::OBEYED,
        &profiles::PROFILES,
        &profiles::HABITS,
        &profiles::WORDS,
        &observations::OBSERVATIONS,
        &operators::OPERATORS,
        &records::RECORDS,
        &sessions::SESSIONS,
        &rollouts::ROLLOUTS,
        &rollouts::ROLLOUT_DEVICES,
        &rulings::RULINGS,
        &setup::SETUP,
        &tokens::TOKENS,
        &trail::WAYPOINTS,
        &votes::VOTES,
        &alerts::ALERTS,
        &alerts::INCIDENTS,
        &alerts::TUNINGS,
        &alerts::LETTERS,
        &logs::LOG_LINES,
        &logs::LOG_KEYS,
        &advice::FEED,
        &advice::DECISIONS,
        &advice::SCORES,
        &advice::VIEWS,
        &bills::BILLS,
        &bills::BILL_OF,
        &scans::SCANS,
        &scans::SCANS_RAW,
        &scans::SEEN,
        &scans::DESCRIBED,
        &jobs::JOBS,
        &jobs::SCHEDULES,
        &barred::BARRED,
        &languages::LANGUAGES,
        &federated::FEDERATED,
        &grants::GRANTS,
        &invitations::INVITATIONS,
        &second_factors::SECOND_FACTORS,
        &passkeys::PASSKEYS,
        &keyed::KEYED,
        &keyed::DEVICE_KEYS,
        &keyed::KEYED_READINGS,
        &commands::COMMANDS,
        &commands::COMMAND_ANSWERS,
        &commands::COMMAND_RESULTS,
    ];
    let levels = samples::LEVELS.iter().map(|level| &level.table);
    alone.into_iter().chain(levels)
}

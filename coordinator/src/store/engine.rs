//! The one open database behind the writer and all readers, and how it is opened again.

use std::fmt;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, StorageBackend};
use redb::{ReadTransaction, ReadableDatabase as _, WriteTransaction};

use super::ballast::Ballast;
use super::fault::{Fault, OpenStoreError};
use super::key::StoreKey;
use super::meta;
use super::newest::Newest;
use super::overheard::Overheard;
use super::panics::caught;
use super::sealed::{Form, Sealed, Shut, UnsealError};

/// Memory for pages, in all: what is read often stays, dirty pages of a batch fit.
const CACHE_BYTES: usize = 48 * 1024 * 1024;

/// Bytes up to which a store is checked when it is opened after an unclean stop: some ten seconds.
const CHECKED_BYTES: u64 = 8 * 1024 * 1024 * 1024;

/// What the check of all pages found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    Sound,
    /// It was closed in order, or is too large to be checked at a start. Every row is checked when it is read, and
    /// everything at night.
    Unchecked,
    /// Something did not check, and the file was put into an order that does: it may lack what
    /// was written last. Compare it with a backup.
    Repaired,
}

type Opener = Box<dyn FnMut(&StoreKey) -> Result<Database, Fault> + Send>;

/// What an opening found out.
#[derive(Debug, Clone, Default)]
struct Told {
    /// Nobody had closed the store.
    cut_off: Arc<AtomicBool>,
    /// Its pages lie on the disk as the engine writes them.
    plain: Arc<AtomicBool>,
    /// Pages that did not open under the key.
    shut: Shut,
}

/// Shared by the store, its readers and its writers.
pub(super) struct Engine {
    /// Held for reading during every transaction, so that whoever holds it for writing is alone.
    database: RwLock<Option<Database>>,
    opener: Mutex<Opener>,
    /// Where the file is, if it is one.
    path: Option<PathBuf>,
    ballast: Option<Mutex<Ballast>>,
    told: Told,
    /// What lists ask of every device.
    pub newest: Newest,
    /// What members say of devices without a node.
    pub overheard: Overheard,
    pub key: StoreKey,
}

impl Engine {
    /// Opens or creates the store in a file that only its owner may read.
    pub fn on_file(path: &Path, key: StoreKey) -> Result<(Self, Integrity), OpenStoreError> {
        let whole = PathBuf::from(path);
        let told = Told::default();
        let tell = told.clone();
        let opener: Opener = Box::new(move |key| {
            create_whole(&whole, key)?;
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(&whole)
                .map_err(DatabaseError::from)?;
            let disk = FileBackend::new(file)?;
            if let Some(torn) = Form::torn(&disk).map_err(DatabaseError::from)? {
                return Err(Fault::Torn(torn));
            }
            opened(disk, key, &tell)
        });
        Self::open(opener, told, Some(path), key)
    }

    /// Opens or creates the store on storage that `make` hands out, once for every opening.
    pub fn on_backends<B: StorageBackend>(
        mut make: impl FnMut() -> B + Send + 'static,
        key: StoreKey,
    ) -> Result<(Self, Integrity), OpenStoreError> {
        let told = Told::default();
        let tell = told.clone();
        let opener: Opener = Box::new(move |key| opened(make(), key, &tell));
        Self::open(opener, told, None, key)
    }

    /// The same on storage that can be handed out only once.
    pub fn on_backend(
        backend: impl StorageBackend,
        key: StoreKey,
    ) -> Result<(Self, Integrity), OpenStoreError> {
        let mut only = Some(backend);
        let told = Told::default();
        let tell = told.clone();
        let opener: Opener = Box::new(move |key| match only.take() {
            Some(backend) => opened(backend, key, &tell),
            None => Err(DatabaseError::DatabaseAlreadyOpen.into()),
        });
        Self::open(opener, told, None, key)
    }

    fn open(
        opener: Opener,
        told: Told,
        path: Option<&Path>,
        key: StoreKey,
    ) -> Result<(Self, Integrity), OpenStoreError> {
        let engine = Self {
            told,
            database: RwLock::new(None),
            opener: Mutex::new(opener),
            path: path.map(PathBuf::from),
            ballast: path.map(|path| Mutex::new(Ballast::beside(path))),
            newest: Newest::default(),
            overheard: Overheard::default(),
            key,
        };
        let integrity = engine.reopen()?;
        Ok((engine, integrity))
    }

    /// Closes what is open and opens it anew; room is made first where the disk is full.
    pub fn reopen(&self) -> Result<Integrity, OpenStoreError> {
        let reopened = match self.try_reopen() {
            Err(OpenStoreError::Full) => {
                self.make_room();
                self.try_reopen()
            }
            other => other,
        };
        self.with_ballast(Ballast::take_aboard);
        reopened
    }

    fn try_reopen(&self) -> Result<Integrity, OpenStoreError> {
        let mut opener = self.opener.lock().unwrap_or_else(PoisonError::into_inner);
        let mut slot = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if slot.is_some() && !self.lets_open() {
            return Err(OpenStoreError::Full);
        }
        close(slot.take());
        self.told.shut.forget();
        let database = self.guarded(|| opener(&self.key))?;
        match self.prepared(database) {
            Ok((database, integrity)) => {
                // What a cut of power tore was never committed.
                self.told.shut.forget();
                *slot = Some(database);
                Ok(integrity)
            }
            Err(OpenStoreError::Damaged(what)) => {
                let pages = self.told.shut.words();
                Err(OpenStoreError::Damaged(pages.unwrap_or(what)))
            }
            Err(refused) => Err(refused),
        }
    }

    /// Runs what may panic over a damaged file; damage is told by the pages that it lies in, where those are known.
    fn guarded<T>(&self, run: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        caught(run).map_err(|fault| match self.told.shut.words() {
            Some(pages) if fault.is_damage() => Fault::Torn(pages),
            _ => fault,
        })
    }

    fn prepared(&self, mut database: Database) -> Result<(Database, Integrity), OpenStoreError> {
        match self.examined(&mut database) {
            Ok(integrity) => Ok((database, integrity)),
            Err(refused) => {
                close(Some(database));
                Err(refused)
            }
        }
    }

    fn examined(&self, database: &mut Database) -> Result<Integrity, OpenStoreError> {
        // A table whose name has rotten looks like one that a former release did not have; to make it anew would hide that.
        let lacks = self.guarded(|| meta::lacks_a_table(database))?;
        let integrity = if (self.was_cut_off() || lacks) && !self.is_large() {
            self.guarded(|| check(database))?
        } else {
            Integrity::Unchecked
        };
        caught(|| meta::prepare(database, &self.key))?;
        Ok(integrity)
    }

    /// Whether an opening since the last [`Self::forget_cut`] found that nobody had closed the store.
    pub fn was_cut_off(&self) -> bool {
        self.told.cut_off.load(Ordering::SeqCst)
    }

    pub fn forget_cut(&self) {
        self.told.cut_off.store(false, Ordering::SeqCst);
    }

    /// Whether whoever has the file and not the key can read nothing of it.
    pub fn is_sealed(&self) -> bool {
        !self.told.plain.load(Ordering::SeqCst)
    }

    /// Checks every page; readers and writers wait meanwhile.
    pub fn check(&self) -> Result<Integrity, Fault> {
        let mut slot = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let database = slot.as_mut().ok_or(Fault::Closed)?;
        self.guarded(|| check(database))
    }

    pub fn read<T>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let slot = self.open_database();
        let database = slot.as_ref().ok_or(Fault::Closed)?;
        self.guarded(|| read(&database.begin_read()?))
    }

    /// One durable transaction; nothing of it stays when `write` fails.
    pub fn write<T, E: From<Fault>>(
        &self,
        write: impl FnOnce(&WriteTransaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let slot = self.open_database();
        let database = slot.as_ref().ok_or(Fault::Closed)?;
        caught(|| {
            let txn = database.begin_write().map_err(Fault::from)?;
            let value = write(&txn)?;
            txn.commit().map_err(Fault::from)?;
            Ok(value)
        })
    }

    /// Gives up the ballast: the next opening and small writes succeed on a full disk.
    pub fn make_room(&self) {
        self.with_ballast(Ballast::give_up);
    }

    /// Whether what is left of the disk is kept for small writes.
    pub fn is_short_of_room(&self) -> bool {
        let mut short = false;
        self.with_ballast(|ballast| {
            if ballast.is_given_up() {
                ballast.take_aboard();
            }
            short = ballast.is_given_up();
        });
        short
    }

    fn is_large(&self) -> bool {
        let file = self.path.as_ref().and_then(|path| path.metadata().ok());
        file.is_some_and(|file| file.len() > CHECKED_BYTES)
    }

    fn open_database(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is open is not closed, and can be read, until there is room to open it again.
    fn lets_open(&self) -> bool {
        let mut lets = true;
        self.with_ballast(|ballast| lets = ballast.lets_open());
        lets
    }

    fn with_ballast(&self, act: impl FnOnce(&mut Ballast)) {
        if let Some(ballast) = &self.ballast {
            act(&mut ballast.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

/// Opens storage as what it is; empty storage becomes a sealed store.
fn opened(disk: impl StorageBackend, key: &StoreKey, told: &Told) -> Result<Database, Fault> {
    let form = Form::of(&disk).map_err(UnsealError::from)?;
    told.plain.store(form == Form::Plain, Ordering::SeqCst);
    let builder = builder_telling(&told.cut_off);
    Ok(match form {
        Form::Empty => builder.create_with_backend(Sealed::create(disk, key)?)?,
        Form::Sealed => builder.create_with_backend(Sealed::open(disk, key, &told.shut)?)?,
        Form::Plain => builder.create_with_backend(disk)?,
    })
}

/// Makes the file of a store that has none: whole under another name, then under its own, so that a
/// power cut never leaves a half-made one behind.
fn create_whole(path: &Path, key: &StoreKey) -> Result<(), Fault> {
    if std::fs::symlink_metadata(path).is_ok() {
        return Ok(());
    }
    let io = DatabaseError::from;
    let fresh = path.with_extension("new");
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)
        .map_err(io)?;
    let sealed = Sealed::create(FileBackend::new(file)?, key)?;
    drop(builder().create_with_backend(sealed)?);
    std::fs::rename(&fresh, path).map_err(io)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = std::fs::File::open(folder.unwrap_or(Path::new("."))).map_err(io)?;
    Ok(folder.sync_all().map_err(io)?)
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// The same, and it says where the engine has to find out by itself what was written last.
fn builder_telling(cut_off: &Arc<AtomicBool>) -> Builder {
    let mut builder = builder();
    let cut_off = Arc::clone(cut_off);
    builder.set_repair_callback(move |_| cut_off.store(true, Ordering::SeqCst));
    builder
}

/// To close a damaged file may panic as well.
impl Drop for Engine {
    fn drop(&mut self) {
        let slot = self.database.get_mut();
        close(slot.unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Closing writes a last time, and panics over a damaged store. What fails there is no news: the opening
/// checks everything.
fn close(database: Option<Database>) {
    let closed = caught(|| {
        drop(database);
        Ok::<(), Fault>(())
    });
    drop(closed);
}

fn check(database: &mut Database) -> Result<Integrity, Fault> {
    let clean = database.check_integrity()?;
    Ok(if clean {
        Integrity::Sound
    } else {
        Integrity::Repaired
    })
}

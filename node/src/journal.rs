//! What must survive a crash: one redb file, one durable transaction for each batch, a checksum on every row.

mod by_device;
mod convictions;
mod custody;
mod entries;
mod error;
mod facts;
mod records;
mod repository;
mod row;

use std::any::Any;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use protocol::id::DeviceId;
use protocol::node::save::{Memory, Save};
use protocol::record::{Position, Record};
use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase as _, WriteTransaction,
};

use by_device::{CONTACTS, WITNESSED};

pub use custody::SUBJECTS as CUSTODY_SUBJECTS;
pub use error::{Fault, JournalError, OpenJournalError, Remedy};
pub use redb::StorageBackend;
pub use row::DamagedRow;

const FORMAT: u32 = 1;
/// The journal is read once, at the start; what is written is not read again soon.
const CACHE_BYTES: usize = 1 << 20;
/// Damaged journals that are kept beside the present one.
const SET_ASIDE: u32 = 100;

type Opener = Box<dyn Fn() -> Result<Database, DatabaseError> + Send>;

/// The journal of a directory.
pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join("journal.redb")
}

/// Every file of a directory that holds a journal: the present one, one that was begun, and those set aside.
pub(crate) fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(b"journal.")
        {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// The only writer of the file.
pub struct Journal {
    /// `None` after a failed [`Journal::reopen`].
    database: Option<Database>,
    opener: Opener,
    place: String,
}

impl Journal {
    /// Opens or begins the journal, checks the whole of it, and reads what a start needs.
    pub fn open(path: &Path) -> Result<(Self, Memory), OpenJournalError> {
        let file = path.to_owned();
        Self::begin(
            Box::new(move || open_file(&file)),
            path.display().to_string(),
        )
    }

    /// As [`Journal::open`], on storage that `backend` makes anew at each opening.
    pub fn create_with_backend<B, F>(backend: F) -> Result<(Self, Memory), OpenJournalError>
    where
        B: StorageBackend,
        F: Fn() -> B + Send + 'static,
    {
        Self::begin(
            Box::new(move || builder().create_with_backend(backend())),
            "the journal".to_owned(),
        )
    }

    /// Moves a damaged journal out of the way and returns its new name.
    pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
        let name = |number| path.with_file_name(format!("journal.damaged-{number}"));
        let free = (1..=SET_ASIDE).map(name).find(|name| !name.exists());
        let free =
            free.ok_or_else(|| io::Error::other("too many damaged journals: remove the oldest"))?;
        fs::rename(path, &free)?;
        Ok(free)
    }

    /// Makes the whole batch durable, or none of it.
    pub fn commit(&mut self, saves: &[Save]) -> Result<(), JournalError> {
        if saves.is_empty() {
            return Ok(());
        }
        let database = self.database()?;
        guarded(|| {
            let transaction = database.begin_write()?;
            saves
                .iter()
                .try_for_each(|save| write(&transaction, save))?;
            Ok(transaction.commit()?)
        })
    }

    /// Own records behind a position, oldest first.
    pub fn backlog(
        &self,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<(Position, Record)>, JournalError> {
        let database = self.database()?;
        guarded(|| records::after(&database.begin_read()?, after, limit))
    }

    /// What the coordinator gave this node to tell somebody outside with, sealed.
    pub fn capability(&self) -> Result<Option<Vec<u8>>, JournalError> {
        let database = self.database()?;
        guarded(|| facts::capability(&database.begin_read()?))
    }

    /// What this custodian keeps of a subject, oldest first.
    pub fn custody(&self, subject: DeviceId) -> Result<Vec<(Position, Record)>, JournalError> {
        let database = self.database()?;
        guarded(|| custody::of(&database.begin_read()?, subject))
    }

    /// Lets go of the file; nothing is written any more.
    pub fn close(&mut self) {
        self.database = None;
    }

    /// Opens the same storage again: the only way on after the disk refused a write.
    pub fn reopen(&mut self) -> Result<(), OpenJournalError> {
        let closed = self.database.take();
        let opened = guarded_open(&self.place, || {
            drop(closed);
            (self.opener)().map_err(|error| error::refused(error, &self.place))
        })?;
        self.database = Some(opened);
        Ok(())
    }

    fn begin(opener: Opener, place: String) -> Result<(Self, Memory), OpenJournalError> {
        let (database, memory) = guarded_open(&place, || {
            let mut database = opener().map_err(|error| error::refused(error, &place))?;
            check(&mut database, &place)?;
            let memory = recall(&database, &place)?;
            Ok((database, memory))
        })?;
        Ok((
            Self {
                database: Some(database),
                opener,
                place,
            },
            memory,
        ))
    }

    fn database(&self) -> Result<&Database, JournalError> {
        self.database.as_ref().ok_or(JournalError::Closed)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Journal({})", self.place)
    }
}

fn open_file(path: &Path) -> Result<Database, DatabaseError> {
    if fs::symlink_metadata(path).is_err() {
        create_whole(path)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    let file = options.custom_flags(OFlag::O_NOFOLLOW.bits()).open(path)?;
    builder().create_file(file)
}

/// Makes the file under another name first, so that a power cut never leaves half a journal behind.
fn create_whole(path: &Path) -> Result<(), DatabaseError> {
    let fresh = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    options.mode(0o600).custom_flags(OFlag::O_NOFOLLOW.bits());
    drop(builder().create_file(options.open(&fresh)?)?);
    fs::rename(&fresh, path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// redb's plain reads do not notice rotten bits; this check of all pages does.
fn check(database: &mut Database, place: &str) -> Result<(), OpenJournalError> {
    match database.check_integrity() {
        Ok(true) => Ok(()),
        Ok(false) => Err(OpenJournalError::Repaired {
            place: place.to_owned(),
        }),
        Err(error) => Err(error::refused(error, place)),
    }
}

fn recall(database: &Database, place: &str) -> Result<Memory, OpenJournalError> {
    let at_open = |error: JournalError| error.at_open(place);
    match read(database, facts::format).map_err(at_open)? {
        Some(FORMAT) => {}
        Some(found) => {
            return Err(OpenJournalError::Format {
                place: place.to_owned(),
                found,
                expected: FORMAT,
            });
        }
        None => create(database).map_err(at_open)?,
    }
    read(database, memory).map_err(at_open)
}

fn create(database: &Database) -> Result<(), JournalError> {
    let transaction = database.begin_write()?;
    facts::save_format(&transaction, FORMAT)?;
    records::create(&transaction)?;
    WITNESSED.create(&transaction)?;
    CONTACTS.create(&transaction)?;
    custody::create(&transaction)?;
    entries::create(&transaction)?;
    repository::create(&transaction)?;
    Ok(transaction.commit()?)
}

fn read<T>(
    database: &Database,
    what: impl FnOnce(&ReadTransaction) -> Result<T, JournalError>,
) -> Result<T, JournalError> {
    what(&database.begin_read()?)
}

fn memory(from: &ReadTransaction) -> Result<Memory, JournalError> {
    Ok(Memory {
        incarnation: facts::incarnation(from)?,
        last: records::newest(from)?,
        acknowledged: facts::acknowledged(from)?,
        waiting: records::waiting(from)?,
        witnessed: WITNESSED.all(from)?,
        contacts: CONTACTS.all(from)?,
        watched: facts::watched(from)?,
        capability: facts::capability(from)?,
        report: facts::report(from)?,
        order: facts::order(from)?,
        appeals: facts::appeals(from)?,
        halts: facts::halts(from)?,
        commands: facts::commands(from)?,
        entries: entries::all(from)?,
        log_head: facts::log_head(from)?,
        convictions: convictions::all(from)?,
        cosigned: facts::cosigned(from)?,
        countersigned: facts::countersigned(from)?,
        seeds: facts::seeds(from)?,
        update: repository::saved(from)?,
    })
}

fn write(to: &WriteTransaction, save: &Save) -> Result<(), JournalError> {
    match save {
        Save::Incarnation(incarnation) => facts::save_incarnation(to, *incarnation),
        Save::Record { position, record } => records::append(to, *position, record),
        Save::Acknowledged(position) => {
            facts::save_acknowledged(to, *position)?;
            records::prune(to, *position)
        }
        Save::GivenUp(position) => records::prune(to, *position),
        Save::Witnessed { subject, head } => WITNESSED.save(to, *subject, head),
        Save::Conviction(proof) => convictions::save(to, proof),
        Save::Seeds(seeds) => facts::save_seeds(to, seeds),
        Save::Cosigned(envelopes) => facts::save_cosigned(to, envelopes),
        Save::Countersigned(head) => facts::save_countersigned(to, head),
        Save::Contact { device, contact } => CONTACTS.save(to, *device, contact),
        Save::Custody {
            subject,
            position,
            record,
        } => custody::keep(to, *subject, *position, record),
        Save::Watched(files) => facts::save_watched(to, files),
        Save::Capability(sealed) => facts::save_capability(to, sealed),
        Save::Order(order) => facts::save_order(to, order),
        Save::Report(report) => facts::save_report(to, report),
        Save::Appeals(appeals) => facts::save_appeals(to, appeals),
        Save::Commands(commands) => facts::save_commands(to, commands),
        Save::Halts(halts) => facts::save_halts(to, halts),
        Save::Update(save) => repository::save(to, save),
        Save::Entries {
            from,
            entries,
            head,
        } => {
            entries::append(to, *from, entries)?;
            facts::save_log_head(to, head)
        }
    }
}

fn guarded<T>(work: impl FnOnce() -> Result<T, JournalError>) -> Result<T, JournalError> {
    caught(work).unwrap_or_else(|words| Err(JournalError::Panicked(words)))
}

fn guarded_open<T>(
    place: &str,
    work: impl FnOnce() -> Result<T, OpenJournalError>,
) -> Result<T, OpenJournalError> {
    caught(work).unwrap_or_else(|what| {
        Err(OpenJournalError::Damaged {
            place: place.to_owned(),
            what,
        })
    })
}

/// Rotten bits make the storage engine panic now and then. It is dropped or opened anew after that,
/// so nothing of it is used in a broken state.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| words_of(panic.as_ref()))
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    words.unwrap_or("no words").to_owned()
}

#[cfg(test)]
mod tests;

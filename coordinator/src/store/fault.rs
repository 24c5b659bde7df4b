//! What can go wrong with the store, told by what the caller has to do.

use std::io;

use language::{Language, Word};
use protocol::text::Name;
use thiserror::Error;

use super::sealed::UnsealError;

/// Why the store does not open.
#[derive(Debug, Error)]
pub enum OpenStoreError {
    #[error("the store is in use: stop the other coordinator first")]
    InUse,
    #[error("the store has file format {0}: open it once with the release before this one")]
    UpgradeRequired(u8),
    #[error("the store has schema {found}, this release knows {known}: install the later release")]
    Newer { found: u32, known: u32 },
    #[error(
        "the store has schema {found}, this release reads {known} only: serve it with the release that wrote it, or make a new mesh with init"
    )]
    Older { found: u32, known: u32 },
    #[error(
        "the key does not open this store: put back the key file that belongs to it; if it is that one, the file's first bytes are damaged: restore a backup"
    )]
    WrongKey,
    #[error(
        "the store is damaged ({0}): put the newest backup into a new folder with palisade-coordinator restore FILE --into FOLDER"
    )]
    Damaged(String),
    #[error("the disk is full: make room, then start again")]
    Full,
    #[error("the store cannot be opened: {0}")]
    Io(#[source] io::Error),
}

/// Why a batch was not stored. None of it was; the same batch may be committed again.
#[derive(Debug, Error)]
pub enum CommitError {
    /// Reopen, and try again when there is room.
    #[error("the disk is full")]
    Full,
    /// A row or a page does not hold what was written: restore a backup.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The handle is of no use any more: reopen, and try again.
    #[error("the store has to be reopened: {0}")]
    Closed(String),
    /// A bug of the caller: the identity log would get a gap, or a second entry in one place.
    #[error("the identity log has {stored} entries, and others were to be stored from {from} on")]
    OutOfOrder { stored: u64, from: u64 },
}

/// Why something was not read.
#[derive(Debug, Error)]
pub enum ReadError {
    #[error("the store is damaged: {0}")]
    Damaged(String),
    #[error("the store is closed: {0}")]
    Closed(String),
}

/// Why a change that a person or a program ordered was not made; nothing of it was.
#[derive(Debug, Error)]
pub enum ChangeError {
    #[error("the disk is full: make room, then try again")]
    Full,
    #[error("the store is damaged: {0}")]
    Damaged(String),
    #[error("the store is being reopened: try again ({0})")]
    Closed(String),
    #[error("there is one already: {0}")]
    Exists(&'static str),
    #[error("the name looks like {0}, who has an account or an invitation: choose another")]
    LooksLike(Name),
    #[error("there is no such {0}")]
    Missing(&'static str),
    #[error("there are too many {0}: remove some first")]
    TooMany(&'static str),
    #[error("nobody else is an admin: make another one first")]
    LastAdmin,
    /// Nothing else would open the account, and why.
    #[error("{}", .0.in_language(Language::English))]
    LastWayIn(Word),
}

/// Everything that a storage operation can run into.
#[derive(Debug)]
pub(super) enum Fault {
    Engine(redb::Error),
    /// A row whose checksum or form is wrong.
    Row(&'static str),
    /// The engine panicked over what it found on the disk.
    Panicked(String),
    /// What of the file is not as it was written, in words.
    Torn(String),
    /// There is no open database.
    Closed,
    /// The file was sealed under another key.
    WrongKey,
    OutOfOrder {
        stored: u64,
        from: u64,
    },
}

impl Fault {
    /// Whether something on the disk is not what was written.
    pub(super) fn is_damage(&self) -> bool {
        use redb::Error as Engine;
        match self {
            Self::Row(_)
            | Self::Panicked(_)
            | Self::Torn(_)
            | Self::Engine(Engine::Corrupted(_)) => true,
            Self::Engine(Engine::Io(error)) => matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
            ),
            _ => false,
        }
    }
}

/// What a fault asks for.
enum Remedy {
    MakeRoom,
    Restore(String),
    Reopen(String),
}

impl Fault {
    fn remedy(self) -> Remedy {
        use redb::Error as Engine;
        match self {
            Self::Engine(Engine::Io(error)) if is_full(&error) => Remedy::MakeRoom,
            Self::Engine(Engine::Io(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Remedy::Restore(error.to_string())
            }
            Self::Engine(
                error @ (Engine::Io(_)
                | Engine::PreviousIo
                | Engine::DatabaseClosed
                | Engine::LockPoisoned(_)),
            ) => Remedy::Reopen(error.to_string()),
            Self::Engine(error) => Remedy::Restore(error.to_string()),
            Self::Row(table) => Remedy::Restore(format!("a row of `{table}` was changed")),
            Self::Panicked(what) => {
                Remedy::Restore(format!("its engine met what it never writes: {what}"))
            }
            Self::Torn(which) => Remedy::Restore(which),
            Self::Closed => Remedy::Reopen("no database is open".to_owned()),
            Self::WrongKey => Remedy::Restore(OpenStoreError::WrongKey.to_string()),
            Self::OutOfOrder { stored, from } => {
                Remedy::Restore(format!("entry {from} after {stored} entries"))
            }
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

impl From<Fault> for OpenStoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Engine(redb::Error::DatabaseAlreadyOpen) => Self::InUse,
            Fault::Engine(redb::Error::UpgradeRequired(version)) => Self::UpgradeRequired(version),
            Fault::WrongKey => Self::WrongKey,
            fault => match fault.remedy() {
                Remedy::MakeRoom => Self::Full,
                Remedy::Restore(what) => Self::Damaged(what),
                Remedy::Reopen(what) => Self::Io(io::Error::other(what)),
            },
        }
    }
}

impl From<Fault> for CommitError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::OutOfOrder { stored, from } => Self::OutOfOrder { stored, from },
            fault => match fault.remedy() {
                Remedy::MakeRoom => Self::Full,
                Remedy::Restore(what) => Self::Damaged(what),
                Remedy::Reopen(what) => Self::Closed(what),
            },
        }
    }
}

impl From<Fault> for ReadError {
    fn from(fault: Fault) -> Self {
        match fault.remedy() {
            Remedy::MakeRoom => Self::Closed("the disk is full".to_owned()),
            Remedy::Restore(what) => Self::Damaged(what),
            Remedy::Reopen(what) => Self::Closed(what),
        }
    }
}

impl From<Fault> for ChangeError {
    fn from(fault: Fault) -> Self {
        match fault.remedy() {
            Remedy::MakeRoom => Self::Full,
            Remedy::Restore(what) => Self::Damaged(what),
            Remedy::Reopen(what) => Self::Closed(what),
        }
    }
}

impl From<UnsealError> for Fault {
    fn from(error: UnsealError) -> Self {
        match error {
            UnsealError::WrongKey => Self::WrongKey,
            UnsealError::Io(error) => Self::Engine(redb::Error::Io(error)),
        }
    }
}

impl From<redb::DatabaseError> for Fault {
    fn from(error: redb::DatabaseError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<redb::TransactionError> for Fault {
    fn from(error: redb::TransactionError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<redb::TableError> for Fault {
    fn from(error: redb::TableError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<redb::StorageError> for Fault {
    fn from(error: redb::StorageError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<redb::CommitError> for Fault {
    fn from(error: redb::CommitError) -> Self {
        Self::Engine(error.into())
    }
}

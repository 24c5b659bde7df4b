//! Why the journal cannot be opened or used, and what the caller can do about it.

use std::fmt;
use std::io;

use thiserror::Error;

use super::row::DamagedRow;

/// Why no journal could be opened.
#[derive(Debug, Error)]
pub enum OpenJournalError {
    #[error("cannot open {place}")]
    File { place: String, source: io::Error },
    #[error(
        "{place} is in use: stop the other palisade-node, or give this one a directory of its own"
    )]
    InUse { place: String },
    #[error(
        "{place} has format {found}, this release reads {expected}: start the release that wrote it"
    )]
    Format {
        place: String,
        found: u32,
        expected: u32,
    },
    /// Opening again goes on from the repaired state, which may lack the last commit.
    #[error("{place} was damaged and is repaired, perhaps to the state before its last commit")]
    Repaired { place: String },
    #[error("{place} is damaged: {what}")]
    Damaged { place: String, what: String },
    #[error("{place} is damaged")]
    Row { place: String, source: DamagedRow },
}

/// Why a batch was not committed, or a page not read.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Nothing of the batch counts. Once the disk takes writes again, [`super::Journal::reopen`]
    /// and commit the same batch anew: its writes can be repeated without harm.
    #[error("the journal is closed until it is opened again: {0}")]
    Storage(#[source] Fault),
    /// What is on the disk is not what was written: do not go on.
    #[error("the journal is damaged: {0}")]
    Corrupt(#[source] Fault),
    /// As `Corrupt`, for one row.
    #[error(transparent)]
    Row(#[from] DamagedRow),
    /// The storage engine gave up; treat it as `Storage`.
    #[error("the journal's storage engine panicked: {0}")]
    Panicked(String),
    /// An earlier [`super::Journal::reopen`] failed.
    #[error("the journal is not open")]
    Closed,
}

/// What the storage engine says.
#[derive(Debug)]
pub struct Fault(Box<redb::Error>);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}

impl JournalError {
    /// Whether [`super::Journal::reopen`] can help.
    pub const fn remedy(&self) -> Remedy {
        match self {
            Self::Storage(_) | Self::Panicked(_) | Self::Closed => Remedy::Reopen,
            Self::Corrupt(_) | Self::Row(_) => Remedy::Stop,
        }
    }

    fn of(error: redb::Error) -> Self {
        let fault = |error| Fault(Box::new(error));
        match error {
            redb::Error::Corrupted(_) => Self::Corrupt(fault(error)),
            _ => Self::Storage(fault(error)),
        }
    }

    pub(super) fn at_open(self, place: &str) -> OpenJournalError {
        let place = place.to_owned();
        match self {
            Self::Row(source) => OpenJournalError::Row { place, source },
            other => OpenJournalError::Damaged {
                place,
                what: other.to_string(),
            },
        }
    }
}

/// What to do about a [`JournalError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    Reopen,
    Stop,
}

impl From<redb::StorageError> for JournalError {
    fn from(error: redb::StorageError) -> Self {
        Self::of(error.into())
    }
}

impl From<redb::TableError> for JournalError {
    fn from(error: redb::TableError) -> Self {
        Self::of(error.into())
    }
}

impl From<redb::TransactionError> for JournalError {
    fn from(error: redb::TransactionError) -> Self {
        Self::of(error.into())
    }
}

impl From<redb::CommitError> for JournalError {
    fn from(error: redb::CommitError) -> Self {
        Self::of(error.into())
    }
}

/// Sorts what the storage engine says at open.
pub(super) fn refused(error: redb::DatabaseError, place: &str) -> OpenJournalError {
    let place = place.to_owned();
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen => OpenJournalError::InUse { place },
        redb::DatabaseError::UpgradeRequired(found) => OpenJournalError::Damaged {
            place,
            what: format!("its storage format {found} is not known"),
        },
        redb::DatabaseError::Storage(redb::StorageError::Io(source)) => {
            OpenJournalError::File { place, source }
        }
        other => OpenJournalError::Damaged {
            place,
            what: other.to_string(),
        },
    }
}

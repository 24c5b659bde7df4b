//! Who did what: an append-only list in which each entry commits to the one before it.

mod search;
mod tree;

use std::ops::{Bound, ControlFlow};

use language::say;
use minicbor::{Decode, Encode};
use protocol::cbor;
use protocol::id::Digest;
use protocol::text::{Line, Name, Path};
use protocol::time::Timestamp;
use redb::ReadableTable;

use super::fault::{ChangeError, Fault, ReadError};
use super::key::StoreKey;
use super::panics::caught;
use super::rows::{Rows, Table, decode};
use super::{Changes, Reader};

pub use search::{Found, Sought};
pub use tree::{Agreement, AuditCheck, Countersignature};

pub(super) static AUDIT: Table = Table::new("audit");
pub(super) static AUDIT_HEAD: Table = Table::new("audit_head");
const HEAD: &[u8] = b"head";

/// Entries that one page carries at most.
pub const AUDIT_PER_PAGE: usize = 1_000;

/// A value before or after a change, in words; secrets are never put into one.
pub type Detail = Line<512>;

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Act {
    #[n(0)]
    pub time: Timestamp,
    /// An operator, an API token's name, or the coordinator itself.
    #[n(1)]
    pub actor: Name,
    #[n(2)]
    pub action: Name,
    #[n(3)]
    pub object: Path,
    #[n(4)]
    pub before: Option<Detail>,
    #[n(5)]
    pub after: Option<Detail>,
    /// From where it was done.
    #[n(6)]
    pub address: Option<Name>,
    /// The request that did it.
    #[n(7)]
    pub request: Option<Name>,
}

/// An act in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub index: u64,
    pub act: Act,
    /// Digest of the entry before it; zero for the first.
    pub previous: Digest,
    /// What the next entry commits to.
    pub digest: Digest,
}

/// What a walk over the whole list found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every entry commits to the one before it, up to the head that only the store's key makes.
    Whole { entries: u64, head: Digest },
    /// The first entry that is not as it was written.
    Broken { index: u64, how: AuditBreak },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditBreak {
    /// The entry is not there, though later ones or the head say it was.
    Missing,
    /// The entry's bytes were changed.
    Changed,
    /// The entry does not commit to the one before it: it, or that one, was replaced.
    Unchained,
    /// The list ends here, and the head does not say so.
    HeadChanged,
}

impl AuditBreak {
    /// As a sentence of a page and of the command line.
    pub fn says(self) -> &'static str {
        match self {
            Self::Missing => say!("It is not there, though later ones are."),
            Self::Changed => say!("Its bytes are not those that were written."),
            Self::Unchained => say!("It, or the entry before it, is not the one that was written."),
            Self::HeadChanged => {
                say!("The list ends there, and the head of the chain says otherwise.")
            }
        }
    }
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    act: Act,
    #[n(1)]
    previous: Digest,
}

/// How long the list is and what its last entry digests to.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Head {
    pub(super) entries: u64,
    pub(super) digest: Option<Digest>,
}

impl Head {
    pub(super) fn row(&self, key: &StoreKey) -> Vec<u8> {
        let digest = self.digest.unwrap_or(Digest::ZERO);
        let said = [&self.entries.to_be_bytes(), digest.as_bytes().as_slice()].concat();
        let mark = key.mark("palisade 2026 audit head", &said);
        [said.as_slice(), &mark].concat()
    }

    fn open(row: &[u8], key: &StoreKey) -> Option<Self> {
        let (entries, rest) = row.split_first_chunk::<8>()?;
        let (digest, _) = rest.split_first_chunk::<32>()?;
        let head = Self {
            entries: u64::from_be_bytes(*entries),
            digest: Some(Digest::from_bytes(*digest)),
        };
        (head.row(key) == row).then_some(head)
    }

    fn read<T>(rows: &Rows<T>, key: &StoreKey) -> Result<Self, Fault>
    where
        T: ReadableTable<&'static [u8], &'static [u8]>,
    {
        let head = rows.read(HEAD, |row| Self::open(row, key))?;
        Ok(head.unwrap_or_default())
    }
}

fn digest(row: &[u8]) -> Digest {
    Digest::of("palisade 2026 audit entry", &[row])
}

fn entry(index: u64, row: &[u8]) -> Option<AuditEntry> {
    let Row { act, previous } = decode(row)?;
    Some(AuditEntry {
        index,
        act,
        previous,
        digest: digest(row),
    })
}

fn index_in(key: &[u8]) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}

impl Changes<'_> {
    /// Appends an act; it is stored together with the other changes of this transaction.
    pub fn audit(&mut self, act: Act) -> Result<u64, ChangeError> {
        let mut heads = AUDIT_HEAD.writable(self.txn)?;
        let head = Head::read(&heads, self.key)?;
        let mut row = cbor::encode(&Row {
            act,
            previous: head.digest.unwrap_or(Digest::ZERO),
        });
        let next = Head {
            entries: head.entries + 1,
            digest: Some(digest(&row)),
        };
        let mut rows = AUDIT.writable(self.txn)?;
        rows.put(&head.entries.to_be_bytes(), &mut row)?;
        heads.put(HEAD, &mut next.row(self.key))?;
        Ok(head.entries)
    }
}

impl Reader {
    /// Entries before an index, or the newest: newest first, [`AUDIT_PER_PAGE`] at most.
    pub fn audit_page(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, ReadError> {
        let limit = limit.min(AUDIT_PER_PAGE);
        let end = before.unwrap_or(u64::MAX).to_be_bytes();
        let range = (Bound::Unbounded, Bound::Excluded(end.as_slice()));
        let page = self.engine.read(|txn| {
            let rows = AUDIT.readable(txn)?;
            let mut page = Vec::new();
            rows.visit_back(range, |key, row| {
                if page.len() == limit {
                    return Ok(ControlFlow::Break(()));
                }
                let found = index_in(key).and_then(|index| entry(index, row));
                page.push(found.ok_or_else(|| rows.malformed())?);
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(page)
        });
        Ok(page?)
    }

    /// Walks the whole list and names the first entry that is not as it was written.
    pub fn audit_verify(&self) -> Result<AuditVerdict, ReadError> {
        let key = &self.engine.key;
        let verdict = self.engine.read(|txn| {
            let rows = AUDIT.readable(txn)?;
            let mut walk = Walk::default();
            let walked = caught(|| rows.visit(.., |key, row| Ok(walk.step(key, row))));
            match walked {
                // Pages are sealed: a bit that was changed on the disk is a page that cannot be read.
                Err(fault) if fault.is_damage() => walk.stop(AuditBreak::Changed),
                walked => walked?,
            }
            let heads = AUDIT_HEAD.readable(txn)?;
            match caught(|| Head::read(&heads, key)) {
                Err(fault) if fault.is_damage() => Ok(walk.verdict(None)),
                head => Ok(walk.verdict(Some(head?))),
            }
        });
        Ok(verdict?)
    }
}

/// A walk along the list from its beginning.
#[derive(Default)]
struct Walk {
    head: Head,
    broken: Option<AuditBreak>,
}

impl Walk {
    fn step(&mut self, key: &[u8], row: &[u8]) -> ControlFlow<()> {
        let found = index_in(key).and_then(|index| entry(index, row));
        let broken = match found {
            None => Some(AuditBreak::Changed),
            Some(entry) if entry.index != self.head.entries => Some(AuditBreak::Missing),
            Some(entry) if entry.previous != self.head.digest.unwrap_or(Digest::ZERO) => {
                Some(AuditBreak::Unchained)
            }
            Some(entry) => {
                self.head = Head {
                    entries: self.head.entries + 1,
                    digest: Some(entry.digest),
                };
                return ControlFlow::Continue(());
            }
        };
        self.broken = broken;
        ControlFlow::Break(())
    }

    fn stop(&mut self, how: AuditBreak) {
        self.broken = Some(how);
    }

    fn verdict(&self, head: Option<Head>) -> AuditVerdict {
        let index = self.head.entries;
        if let Some(how) = self.broken {
            return AuditVerdict::Broken { index, how };
        }
        match head {
            Some(head) if head == self.head => AuditVerdict::Whole {
                entries: index,
                head: head.digest.unwrap_or(Digest::ZERO),
            },
            Some(head) if head.entries > index => AuditVerdict::Broken {
                index,
                how: AuditBreak::Missing,
            },
            Some(_) | None => AuditVerdict::Broken {
                index,
                how: AuditBreak::HeadChanged,
            },
        }
    }
}

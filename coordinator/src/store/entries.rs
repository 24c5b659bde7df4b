//! The identity log: its entries by index, the signed head that covers them, and the gateways' word on it.

use std::ops::ControlFlow;

use minicbor::bytes::ByteVec;
use redb::ReadTransaction;

use super::Reader;
use super::fault::{Fault, ReadError};
use super::rows::{Table, Writable};

pub(super) static ENTRIES: Table = Table::new("entries");
pub(super) static LOG_HEAD: Table = Table::new("log_head");
const HEAD: &[u8] = b"head";
const COSIGNED: &[u8] = b"cosigned";
const SEEDS: &[u8] = b"seeds";

/// The identity log as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdentityLog {
    /// All entries, in order.
    pub entries: Vec<Vec<u8>>,
    /// The envelope of the newest head.
    pub head: Option<Vec<u8>>,
    /// What each gateway had signed last, when enough of them had.
    pub cosigned: Vec<Vec<u8>>,
    /// Dealings and open seeds of the epochs.
    pub seeds: Option<Vec<u8>>,
}

/// Stores entries from an index on; what is there already has to be the same.
pub(super) fn put(
    log: &mut Writable<'_>,
    head_row: &mut Writable<'_>,
    from: u64,
    entries: &[Vec<u8>],
    head: &[u8],
) -> Result<(), Fault> {
    let stored = log.len()?;
    if from > stored {
        return Err(Fault::OutOfOrder { stored, from });
    }
    for (index, entry) in (from..).zip(entries) {
        let key = index.to_be_bytes();
        let same = log.read(&key, |there| Some(there == entry.as_slice()))?;
        match same {
            Some(true) => {}
            Some(false) => return Err(Fault::OutOfOrder { stored, from }),
            None => log.put(&key, &mut entry.clone())?,
        }
    }
    let covered = from + entries.len() as u64;
    if covered >= stored {
        head_row.put(HEAD, &mut head.to_vec())?;
    }
    Ok(())
}

/// The word of the gateways takes the place of what they said before.
pub(super) fn put_cosigned(
    head_row: &mut Writable<'_>,
    envelopes: &[Vec<u8>],
) -> Result<(), Fault> {
    let envelopes: Vec<ByteVec> = envelopes.iter().cloned().map(ByteVec::from).collect();
    head_row.put_encoded(COSIGNED, &envelopes)
}

pub(super) fn put_seeds(head_row: &mut Writable<'_>, seeds: &[u8]) -> Result<(), Fault> {
    head_row.put(SEEDS, &mut seeds.to_vec())
}

pub(super) fn all(txn: &ReadTransaction) -> Result<IdentityLog, Fault> {
    let log = ENTRIES.readable(txn)?;
    let mut entries = Vec::new();
    log.visit(.., |key, entry| {
        if key != (entries.len() as u64).to_be_bytes() {
            return Err(log.malformed());
        }
        entries.push(entry.to_vec());
        Ok(ControlFlow::Continue(()))
    })?;
    let word = LOG_HEAD.readable(txn)?;
    let head = word.read(HEAD, |head| Some(head.to_vec()))?;
    let cosigned: Option<Vec<ByteVec>> = word.decoded(COSIGNED)?;
    let cosigned = cosigned.unwrap_or_default().into_iter();
    Ok(IdentityLog {
        entries,
        head,
        cosigned: cosigned.map(Into::into).collect(),
        seeds: word.read(SEEDS, |seeds| Some(seeds.to_vec()))?,
    })
}

impl Reader {
    pub fn identity_log(&self) -> Result<IdentityLog, ReadError> {
        Ok(self.engine.read(all)?)
    }
}

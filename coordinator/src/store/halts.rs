//! Targets that were halted, or may be gone on with again: of each the newest word.

use protocol::id::Digest;
use protocol::rollout::{Halt, Standing};
use protocol::signed::Unchecked;
use redb::ReadTransaction;

use super::Reader;
use super::fault::{Fault, ReadError};
use super::rows::{Table, Writable};

pub(super) static HALTS: Table = Table::new("halts");

pub(super) fn put(rows: &mut Writable<'_>, target: &Digest, halt: &[u8]) -> Result<(), Fault> {
    rows.put(target.as_bytes(), &mut halt.to_vec())
}

/// The envelopes, as they were signed.
pub(super) fn all(txn: &ReadTransaction) -> Result<Vec<Vec<u8>>, Fault> {
    let rows = HALTS.readable(txn)?;
    let all = rows.all(|_, row| Some(((), row.to_vec())))?;
    Ok(all.into_iter().map(|((), halt)| halt).collect())
}

impl Reader {
    /// Whether the newest word about a target is that nobody goes on with it. It was checked before it was kept.
    pub fn is_halted(&self, target: &Digest) -> Result<bool, ReadError> {
        let read = self.engine.read(|txn| {
            HALTS.readable(txn)?.read(target.as_bytes(), |row| {
                let halt = Unchecked::<Halt>::parse(row).ok()?;
                Some(halt.claim().standing == Standing::Halted)
            })
        });
        Ok(read?.unwrap_or(false))
    }
}

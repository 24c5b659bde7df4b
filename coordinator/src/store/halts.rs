//! Targets that were halted, or may be gone on with again: of each the newest word.

use protocol::id::Digest;
use redb::ReadTransaction;

use super::fault::Fault;
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

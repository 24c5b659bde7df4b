//! Every proof that has shut somebody out for good, by its own hash.

use protocol::proof::Proof;
use redb::{ReadTransaction, ReadableTable, TableDefinition, TableError, WriteTransaction};

use super::error::JournalError;
use super::row::Family;

const TABLE: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("convictions");
const FAMILY: Family = Family::new("convictions", "palisade 2026 journal conviction");

pub(super) fn save(to: &WriteTransaction, proof: &[u8]) -> Result<(), JournalError> {
    let digest = Proof::digest_of(proof);
    let row = FAMILY.seal(digest.as_bytes(), proof);
    to.open_table(TABLE)?
        .insert(digest.as_bytes(), row.as_slice())?;
    Ok(())
}

/// A journal that was begun before there were proofs has no such table.
pub(super) fn all(from: &ReadTransaction) -> Result<Vec<Vec<u8>>, JournalError> {
    let table = match from.open_table(TABLE) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        opened => opened?,
    };
    let mut proofs = Vec::new();
    for row in table.iter()? {
        let (digest, row) = row?;
        proofs.push(FAMILY.open(digest.value(), row.value())?.to_vec());
    }
    Ok(proofs)
}

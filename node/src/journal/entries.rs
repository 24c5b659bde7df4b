//! The identity log as it was received, one row an entry.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::error::JournalError;
use super::row::Family;

const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
const FAMILY: Family = Family::new("entries", "palisade 2026 journal entry");

pub(super) fn create(to: &WriteTransaction) -> Result<(), JournalError> {
    to.open_table(TABLE)?;
    Ok(())
}

pub(super) fn append(
    to: &WriteTransaction,
    from: u64,
    entries: &[Vec<u8>],
) -> Result<(), JournalError> {
    let mut table = to.open_table(TABLE)?;
    for (index, entry) in (from..).zip(entries) {
        let row = FAMILY.seal(&index.to_be_bytes(), entry);
        table.insert(index, row.as_slice())?;
    }
    Ok(())
}

/// Every entry in order; a log with a gap is none.
pub(super) fn all(from: &ReadTransaction) -> Result<Vec<Vec<u8>>, JournalError> {
    let table = from.open_table(TABLE)?;
    let mut entries = Vec::new();
    for (expected, row) in (0_u64..).zip(table.iter()?) {
        let (index, row) = row?;
        if index.value() != expected {
            return Err(FAMILY
                .damaged(&expected.to_be_bytes(), &"it is missing")
                .into());
        }
        entries.push(FAMILY.open(&expected.to_be_bytes(), row.value())?.to_vec());
    }
    Ok(entries)
}

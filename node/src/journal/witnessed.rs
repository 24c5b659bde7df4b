//! The newest head that this witness has checked of each subject.

use std::collections::BTreeMap;

use protocol::id::DeviceId;
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::error::JournalError;
use super::row::Family;

const TABLE: TableDefinition<'_, &[u8; DeviceId::BYTES], &[u8]> = TableDefinition::new("witnessed");
const FAMILY: Family = Family::new("witnessed", "palisade 2026 journal witnessed head");

pub(super) fn create(to: &WriteTransaction) -> Result<(), JournalError> {
    to.open_table(TABLE)?;
    Ok(())
}

pub(super) fn save(
    to: &WriteTransaction,
    subject: DeviceId,
    head: &[u8],
) -> Result<(), JournalError> {
    let row = FAMILY.seal(subject.as_bytes(), head);
    to.open_table(TABLE)?
        .insert(subject.as_bytes(), row.as_slice())?;
    Ok(())
}

pub(super) fn all(from: &ReadTransaction) -> Result<BTreeMap<DeviceId, Vec<u8>>, JournalError> {
    let table = from.open_table(TABLE)?;
    let mut heads = BTreeMap::new();
    for row in table.iter()? {
        let (subject, row) = row?;
        let subject = subject.value();
        heads.insert(
            DeviceId::from_bytes(*subject),
            FAMILY.open(subject, row.value())?.to_vec(),
        );
    }
    Ok(heads)
}

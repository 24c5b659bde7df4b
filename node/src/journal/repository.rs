//! What is written down of updates, and the repository's files by role.

use protocol::library::{self, Held};
use protocol::updater::{Save, Saved};
use redb::{ReadTransaction, ReadableTable as _, TableDefinition, WriteTransaction};

use super::error::JournalError;
use super::facts;
use super::row::Family;

const TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("repository");
const FAMILY: Family = Family::new("repository", "palisade 2026 journal repository file");
const VERSION_BYTES: usize = 8;

pub(super) fn create(to: &WriteTransaction) -> Result<(), JournalError> {
    to.open_table(TABLE)?;
    Ok(())
}

pub(super) fn save(to: &WriteTransaction, save: &Save) -> Result<(), JournalError> {
    match save {
        Save::Memory(memory) => facts::save_updates(to, memory),
        Save::Library(library::Save::Floors(floors)) => facts::save_floors(to, floors),
        Save::Library(library::Save::File(file)) => {
            let content = [&file.version.to_be_bytes()[..], &file.bytes].concat();
            let row = FAMILY.seal(file.role.as_bytes(), &content);
            to.open_table(TABLE)?
                .insert(file.role.as_str(), row.as_slice())?;
            Ok(())
        }
    }
}

pub(super) fn saved(from: &ReadTransaction) -> Result<Saved, JournalError> {
    Ok(Saved {
        memory: facts::updates(from)?,
        floors: facts::floors(from)?,
        files: files(from)?,
    })
}

/// A journal of before there were updates has no such table.
fn files(from: &ReadTransaction) -> Result<Vec<Held>, JournalError> {
    let table = match from.open_table(TABLE) {
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        table => table?,
    };
    let mut files = Vec::new();
    for row in table.iter()? {
        let (role, row) = row?;
        let role = role.value();
        let content = FAMILY.open(role.as_bytes(), row.value())?;
        let (version, bytes) = content
            .split_first_chunk::<VERSION_BYTES>()
            .ok_or_else(|| FAMILY.damaged(role.as_bytes(), &"it has no version"))?;
        files.push(Held {
            role: role.to_owned(),
            version: u64::from_be_bytes(*version),
            bytes: bytes.to_vec(),
        });
    }
    Ok(files)
}

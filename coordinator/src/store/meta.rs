//! What the store says of itself: its schema, a proof of its key, and small values by name.

use std::cmp::Ordering;

use redb::{Database, ReadableDatabase as _};

use super::fault::{ChangeError, Fault, OpenStoreError, ReadError};
use super::key::StoreKey;
use super::rows::Table;
use super::{Changes, Reader};

/// The version of the tables and of the forms of their rows.
pub const SCHEMA: u32 = 6;

pub(super) static META: Table = Table::new("meta");
const SCHEMA_ROW: &[u8] = b"\0schema";
const KEY_ROW: &[u8] = b"\0key";
const KEY_PROOF: &[u8] = b"this key belongs to this store";

/// Makes the tables of a new store, or makes sure that an old one can be understood.
pub(super) fn prepare(database: &Database, key: &StoreKey) -> Result<(), OpenStoreError> {
    let read = database.begin_read().map_err(Fault::from)?;
    let is_new = read.list_tables().map_err(Fault::from)?.next().is_none();
    if is_new {
        drop(read);
        return Ok(create(database, key)?);
    }
    let meta = META.readable(&read)?;
    let found = meta
        .read(SCHEMA_ROW, |value| {
            value.try_into().ok().map(u32::from_be_bytes)
        })?
        .ok_or(Fault::Row("meta"))?;
    match found.cmp(&SCHEMA) {
        Ordering::Equal => {}
        Ordering::Greater => {
            let known = SCHEMA;
            return Err(OpenStoreError::Newer { found, known });
        }
        Ordering::Less => {
            let known = SCHEMA;
            return Err(OpenStoreError::Older { found, known });
        }
    }
    let proof = meta
        .read(KEY_ROW, |sealed| Some(key.open(&META, KEY_ROW, sealed)))?
        .ok_or(Fault::Row("meta"))?;
    proof.map(|_| ()).ok_or(OpenStoreError::WrongKey)?;
    drop((meta, read));
    Ok(complete(database)?)
}

/// Makes the tables that a store of the same schema lacks, because the release that wrote it did not have them.
fn complete(database: &Database) -> Result<(), Fault> {
    let missing = missing(database)?;
    if missing.is_empty() {
        return Ok(());
    }
    let txn = database.begin_write()?;
    for table in missing {
        table.writable(&txn)?;
    }
    Ok(txn.commit()?)
}

/// Whether a store that is not new lacks a table.
pub(super) fn lacks_a_table(database: &Database) -> Result<bool, Fault> {
    let is_new = database.begin_read()?.list_tables()?.next().is_none();
    Ok(!is_new && !missing(database)?.is_empty())
}

fn missing(database: &Database) -> Result<Vec<&'static Table>, Fault> {
    let read = database.begin_read()?;
    let known: Vec<String> = read
        .list_tables()?
        .map(|table| redb::TableHandle::name(&table).to_owned())
        .collect();
    let tables = super::tables();
    let missing = tables.filter(|table| !known.iter().any(|known| known == table.name()));
    Ok(missing.collect())
}

fn create(database: &Database, key: &StoreKey) -> Result<(), Fault> {
    let txn = database.begin_write()?;
    for table in super::tables() {
        table.writable(&txn)?;
    }
    {
        let mut meta = META.writable(&txn)?;
        meta.put(SCHEMA_ROW, &mut SCHEMA.to_be_bytes().to_vec())?;
        meta.put(KEY_ROW, &mut key.seal(&META, KEY_ROW, KEY_PROOF))?;
    }
    Ok(txn.commit()?)
}

impl Reader {
    /// A small value that somebody keeps in the store under a name.
    pub fn meta(&self, name: &'static str) -> Result<Option<Vec<u8>>, ReadError> {
        let value = self.engine.read(|txn| {
            META.readable(txn)?
                .read(name.as_bytes(), |value| Some(value.to_vec()))
        });
        Ok(value?)
    }
}

impl Changes<'_> {
    pub fn set_meta(&mut self, name: &'static str, value: &[u8]) -> Result<(), ChangeError> {
        let mut meta = META.writable(self.txn)?;
        Ok(meta.put(name.as_bytes(), &mut value.to_vec())?)
    }
}

//! Tables of rows that carry a checksum: no row is read back but as it was written.

use std::fmt;
use std::ops::{ControlFlow, RangeBounds};
use std::sync::OnceLock;

use minicbor::{Decode, Encode};
use protocol::cbor;
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable};
use redb::{TableDefinition, WriteTransaction};

use super::fault::Fault;

/// Bytes of the checksum at the end of each row: a keyed BLAKE3 of the key and the value.
const CHECKSUM: usize = 8;
/// Bytes of one row at most, for the rows that are decoded from CBOR.
const ROW_BYTES: usize = 16 * 1024;

type Bytes = &'static [u8];

/// One table: its name, and the checksum key that follows from the name.
pub(super) struct Table {
    name: &'static str,
    mark: OnceLock<[u8; 32]>,
}

/// An open table and the way to its rows.
pub(super) struct Rows<T> {
    rows: T,
    table: &'static Table,
}

pub(super) type Writable<'t> = Rows<redb::Table<'t, Bytes, Bytes>>;
pub(super) type Readable = Rows<ReadOnlyTable<Bytes, Bytes>>;

impl Table {
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            mark: OnceLock::new(),
        }
    }

    pub const fn name(&self) -> &'static str {
        self.name
    }

    pub fn writable<'t>(&'static self, txn: &'t WriteTransaction) -> Result<Writable<'t>, Fault> {
        let rows = txn.open_table(TableDefinition::<Bytes, Bytes>::new(self.name))?;
        Ok(Rows { rows, table: self })
    }

    pub fn readable(&'static self, txn: &ReadTransaction) -> Result<Readable, Fault> {
        let rows = txn.open_table(TableDefinition::<Bytes, Bytes>::new(self.name))?;
        Ok(Rows { rows, table: self })
    }

    fn checksum(&self, key: &[u8], value: &[u8]) -> [u8; CHECKSUM] {
        let mark = self
            .mark
            .get_or_init(|| blake3::derive_key("palisade 2026 store row", self.name.as_bytes()));
        let mut hasher = blake3::Hasher::new_keyed(mark);
        hasher.update(&(key.len() as u64).to_le_bytes());
        hasher.update(key);
        hasher.update(value);
        let mut checksum = [0; CHECKSUM];
        checksum.copy_from_slice(&hasher.finalize().as_bytes()[..CHECKSUM]);
        checksum
    }

    fn checked<'v>(&self, key: &[u8], row: &'v [u8]) -> Result<&'v [u8], Fault> {
        let (value, checksum) = row
            .split_last_chunk::<CHECKSUM>()
            .ok_or(Fault::Row(self.name))?;
        if self.checksum(key, value) == *checksum {
            Ok(value)
        } else {
            Err(Fault::Row(self.name))
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({})", self.name)
    }
}

impl<T: ReadableTable<Bytes, Bytes>> Rows<T> {
    /// The fault of a row that cannot be understood.
    pub fn malformed(&self) -> Fault {
        Fault::Row(self.table.name)
    }

    pub fn read<R>(
        &self,
        key: &[u8],
        read: impl FnOnce(&[u8]) -> Option<R>,
    ) -> Result<Option<R>, Fault> {
        let Some(row) = self.rows.get(key)? else {
            return Ok(None);
        };
        let value = self.table.checked(key, row.value())?;
        read(value).map(Some).ok_or_else(|| self.malformed())
    }

    pub fn decoded<V>(&self, key: &[u8]) -> Result<Option<V>, Fault>
    where
        V: for<'b> Decode<'b, ()> + Encode<()>,
    {
        self.read(key, decode)
    }

    pub fn contains(&self, key: &[u8]) -> Result<bool, Fault> {
        Ok(self.rows.get(key)?.is_some())
    }

    /// Visits rows in the order of their keys until told to stop.
    pub fn visit<'k>(
        &self,
        range: impl RangeBounds<&'k [u8]> + 'k,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<(), Fault> {
        for row in self.rows.range::<&[u8]>(range)? {
            let (key, row) = row?;
            let value = self.table.checked(key.value(), row.value())?;
            if visit(key.value(), value)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Visits rows from the last key backwards until told to stop.
    pub fn visit_back<'k>(
        &self,
        range: impl RangeBounds<&'k [u8]> + 'k,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<(), Fault> {
        for row in self.rows.range::<&[u8]>(range)?.rev() {
            let (key, row) = row?;
            let value = self.table.checked(key.value(), row.value())?;
            if visit(key.value(), value)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// All rows, understood; for tables that are bounded.
    pub fn all<K, V>(
        &self,
        mut read: impl FnMut(&[u8], &[u8]) -> Option<(K, V)>,
    ) -> Result<Vec<(K, V)>, Fault> {
        let mut all = Vec::new();
        self.visit(.., |key, value| {
            all.push(read(key, value).ok_or_else(|| self.malformed())?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(all)
    }

    pub fn len(&self) -> Result<u64, Fault> {
        Ok(self.rows.len()?)
    }

    pub fn first_key(&self) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.rows.first()?.map(|(key, _)| key.value().to_vec()))
    }
}

impl Writable<'_> {
    /// Stores what `row` holds, and leaves the checksum at its end.
    pub fn put(&mut self, key: &[u8], row: &mut Vec<u8>) -> Result<(), Fault> {
        let checksum = self.table.checksum(key, row);
        row.extend_from_slice(&checksum);
        self.rows.insert(key, row.as_slice())?;
        Ok(())
    }

    pub fn put_encoded<V: Encode<()>>(&mut self, key: &[u8], value: &V) -> Result<(), Fault> {
        self.put(key, &mut cbor::encode(value))
    }

    pub fn remove(&mut self, key: &[u8]) -> Result<bool, Fault> {
        Ok(self.rows.remove(key)?.is_some())
    }

    /// Removes rows below `end` that `goes` names, from the front, `budget` of them at most;
    /// hands out their keys.
    pub fn remove_before(
        &mut self,
        end: &[u8],
        budget: usize,
        goes: impl Fn(&[u8]) -> bool,
    ) -> Result<Vec<Vec<u8>>, Fault> {
        let removed = self.rows.extract_from_if(..end, |key, _| goes(key))?;
        removed
            .take(budget)
            .map(|row| Ok(row?.0.value().to_vec()))
            .collect()
    }
}

pub(super) fn decode<V>(bytes: &[u8]) -> Option<V>
where
    V: for<'b> Decode<'b, ()> + Encode<()>,
{
    cbor::decode("row", ROW_BYTES, bytes).ok()
}

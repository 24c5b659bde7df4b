//! Who was enrolled when, and each device's data key, sealed.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use protocol::coordinator::save::Remembered;
use protocol::id::DeviceId;
use protocol::message::Last;
use protocol::seal::DataKey;
use protocol::time::Timestamp;
use redb::{ReadTransaction, WriteTransaction};

use super::Reader;
use super::contacts::CONTACTS;
use super::cursors::{self, CURSORS};
use super::fault::{Fault, ReadError};
use super::key::StoreKey;
use super::obeyed::{self, OBEYED};
use super::rows::{Rows, Table, Writable, decode};

pub(super) static DEVICES: Table = Table::new("devices");

/// A device and where its records end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredDevice {
    pub device: DeviceId,
    pub enrolled: Timestamp,
    pub last: Option<Last>,
    /// When the newest record arrived.
    pub received: Option<Timestamp>,
    pub records: u64,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    enrolled: Timestamp,
    #[n(1)]
    data_key: ByteVec,
    /// When its last statement came, if it was ordered to wipe itself.
    #[n(2)]
    retired: Option<Timestamp>,
}

pub(super) fn put(
    devices: &mut Writable<'_>,
    key: &StoreKey,
    device: &DeviceId,
    data_key: &DataKey,
    at: Timestamp,
) -> Result<(), Fault> {
    let sealed = key.seal(&DEVICES, device.as_bytes(), data_key.as_bytes());
    let row = Row {
        enrolled: at,
        data_key: sealed.into(),
        retired: None,
    };
    devices.put_encoded(device.as_bytes(), &row)
}

/// Notes when a device's last statement came; one that is not known stays unknown.
pub(super) fn put_retired(
    devices: &mut Writable<'_>,
    device: &DeviceId,
    at: Timestamp,
) -> Result<(), Fault> {
    let Some(row) = devices.decoded::<Row>(device.as_bytes())? else {
        return Ok(());
    };
    let retired = Some(at);
    devices.put_encoded(device.as_bytes(), &Row { retired, ..row })
}

/// What the coordinator finds again of every device.
pub(super) fn remembered(
    txn: &ReadTransaction,
    key: &StoreKey,
) -> Result<Vec<(DeviceId, Remembered)>, Fault> {
    let cursors = CURSORS.readable(txn)?;
    let contacts = CONTACTS.readable(txn)?;
    let obeyed_rows = OBEYED.readable(txn)?;
    let mut all = Vec::new();
    for (device, row) in rows(txn)? {
        let cursor = cursors::of(&cursors, &device)?;
        let remembered = Remembered {
            data_key: remembered_key(&device, &row, key)?,
            enrolled: row.enrolled,
            last: cursor.map(|cursor| cursor.last()),
            received: cursor.map(|cursor| cursor.received),
            contact: contacts.read(device.as_bytes(), |contact| Some(contact.to_vec()))?,
            retired: row.retired,
            obeyed: obeyed::of(&obeyed_rows, &device)?,
        };
        all.push((device, remembered));
    }
    Ok(all)
}

pub(super) fn data_key(
    txn: &ReadTransaction,
    key: &StoreKey,
    device: &DeviceId,
) -> Result<Option<DataKey>, Fault> {
    let rows = DEVICES.readable(txn)?;
    let row = rows.decoded::<Row>(device.as_bytes())?;
    let Some(row) = row.filter(|row| !row.is_erased()) else {
        return Ok(None);
    };
    let opened = open(device, &row, key).ok_or_else(|| rows.malformed())?;
    Ok(Some(opened))
}

/// Destroys the data key of a device; tells whether there was one.
pub(super) fn destroy_key(txn: &WriteTransaction, device: &DeviceId) -> Result<bool, Fault> {
    let mut devices = DEVICES.writable(txn)?;
    let Some(row) = devices.decoded::<Row>(device.as_bytes())? else {
        return Ok(false);
    };
    if row.is_erased() {
        return Ok(false);
    }
    let data_key = ByteVec::from(Vec::new());
    devices.put_encoded(device.as_bytes(), &Row { data_key, ..row })?;
    Ok(true)
}

pub(super) fn is_erased(txn: &ReadTransaction, device: &DeviceId) -> Result<bool, Fault> {
    let row = DEVICES.readable(txn)?.decoded::<Row>(device.as_bytes())?;
    Ok(row.is_some_and(|row| row.is_erased()))
}

impl Row {
    /// An erased device has no key any more.
    fn is_erased(&self) -> bool {
        self.data_key.is_empty()
    }
}

pub(super) fn device_in(key: &[u8]) -> Option<DeviceId> {
    key.try_into().ok().map(DeviceId::from_bytes)
}

fn rows(txn: &ReadTransaction) -> Result<Vec<(DeviceId, Row)>, Fault> {
    let rows = DEVICES.readable(txn)?;
    Rows::all(&rows, |key, row| Some((device_in(key)?, decode(row)?)))
}

/// Of an erased device a key that opens nothing: who was retired stays known.
fn remembered_key(device: &DeviceId, row: &Row, key: &StoreKey) -> Result<DataKey, Fault> {
    if row.is_erased() {
        return Ok(DataKey::from_bytes([0; 32]));
    }
    open(device, row, key).ok_or(Fault::Row("devices"))
}

fn open(device: &DeviceId, row: &Row, key: &StoreKey) -> Option<DataKey> {
    let plain = key.open_key(&DEVICES, device.as_bytes(), &row.data_key)?;
    Some(DataKey::from_bytes(*plain))
}

impl Reader {
    /// Every device that was ever enrolled, in the order of their ids.
    pub fn devices(&self) -> Result<Vec<StoredDevice>, ReadError> {
        let read = self.engine.read(|txn| {
            let cursors = CURSORS.readable(txn)?;
            let known = rows(txn)?.into_iter().map(|(device, row)| {
                let cursor = cursors::of(&cursors, &device)?;
                Ok(StoredDevice {
                    device,
                    enrolled: row.enrolled,
                    last: cursor.map(|cursor| cursor.last()),
                    received: cursor.map(|cursor| cursor.received),
                    records: cursor.map_or(0, |cursor| cursor.count),
                })
            });
            known.collect()
        });
        Ok(read?)
    }

    /// The key that opens a device's records.
    pub fn data_key(&self, device: &DeviceId) -> Result<Option<DataKey>, ReadError> {
        let read = self
            .engine
            .read(|txn| data_key(txn, &self.engine.key, device));
        Ok(read?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Story: the field came later, and a store of schema 2 may hold rows without it.
    #[test]
    fn a_row_without_a_last_statement_is_the_row_of_before() {
        let row = Row {
            enrolled: Timestamp::from_millis(5),
            data_key: vec![1, 2].into(),
            retired: None,
        };
        let bytes = protocol::cbor::encode(&row);
        assert_eq!(bytes, [0x82, 0x05, 0x42, 1, 2]);
        let read: Row = decode(&bytes).expect("it can be read");
        assert_eq!(read.retired, None);
    }
}

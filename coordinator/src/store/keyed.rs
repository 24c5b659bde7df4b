//! Devices that run no node and speak with a key of their own: who they are, when they were heard, what they said.

use std::ops::ControlFlow;

use minicbor::{Decode, Encode};
use protocol::id::DeviceId;
use protocol::text::Name;
use protocol::time::Timestamp;

use super::fault::{ChangeError, ReadError};
use super::rows::{Rows, Table, decode};
use super::secret_hash::SecretHash;
use super::{Changes, Reader};

pub(super) static KEYED: Table = Table::new("keyed_devices");
pub(super) static DEVICE_KEYS: Table = Table::new("device_keys");
pub(super) static KEYED_READINGS: Table = Table::new("keyed_readings");

/// Devices that may have a key.
pub const KEYED_AT_MOST: u64 = 5_000;
/// Readings that are kept of one device; the oldest go.
pub const READINGS_PER_DEVICE: u64 = 1_000;

/// One device with a key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Keyed {
    #[n(0)]
    pub name: Name,
    #[n(1)]
    pub class: Name,
    /// Of the key that is good.
    #[n(2)]
    pub key: SecretHash,
    #[n(3)]
    pub created: Timestamp,
    #[n(4)]
    pub by: Name,
    /// When the key was made.
    #[n(5)]
    pub keyed: Timestamp,
    /// When it last said anything.
    #[n(6)]
    pub heard: Option<Timestamp>,
    #[n(7)]
    pub address: Option<Name>,
    /// How long it says that it runs, in seconds.
    #[n(8)]
    pub uptime_s: Option<u64>,
}

/// What a device said of itself at one moment: nobody else vouches for it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Told {
    #[n(0)]
    pub received: Timestamp,
    /// Names with thousandths of a unit.
    #[n(1)]
    pub values: Vec<(Name, i64)>,
}

/// What came with a word of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub at: Timestamp,
    pub address: Option<Name>,
    pub uptime_s: Option<u64>,
}

impl Reader {
    /// All devices with a key.
    pub fn keyed_devices(&self) -> Result<Vec<(DeviceId, Keyed)>, ReadError> {
        let all = self.engine.read(|txn| {
            let rows = KEYED.readable(txn)?;
            Rows::all(&rows, |key, row| Some((device_in(key)?, decode(row)?)))
        });
        Ok(all?)
    }

    pub fn keyed_device(&self, device: &DeviceId) -> Result<Option<Keyed>, ReadError> {
        let read = self
            .engine
            .read(|txn| KEYED.readable(txn)?.decoded(device.as_bytes()));
        Ok(read?)
    }

    /// Whose key it is.
    pub fn device_of_key(&self, key: &SecretHash) -> Result<Option<DeviceId>, ReadError> {
        let read = self
            .engine
            .read(|txn| DEVICE_KEYS.readable(txn)?.read(key.as_bytes(), device_in));
        Ok(read?)
    }

    /// What a device told, the newest first.
    pub fn keyed_readings(&self, device: &DeviceId, limit: usize) -> Result<Vec<Told>, ReadError> {
        let (first, last) = (place(device, 0), place(device, u64::MAX));
        let page = self.engine.read(|txn| {
            let rows = KEYED_READINGS.readable(txn)?;
            let mut page = Vec::new();
            rows.visit_back(first.as_slice()..=last.as_slice(), |_, row| {
                if page.len() == limit {
                    return Ok(ControlFlow::Break(()));
                }
                page.push(decode(row).ok_or_else(|| rows.malformed())?);
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(page)
        });
        Ok(page?)
    }
}

impl Changes<'_> {
    pub fn add_keyed(&mut self, device: &DeviceId, keyed: &Keyed) -> Result<(), ChangeError> {
        let mut rows = KEYED.writable(self.txn)?;
        let all = rows.all(|_, row| Some(((), decode::<Keyed>(row)?)))?;
        if all.iter().any(|(_, other)| other.name == keyed.name) {
            return Err(ChangeError::Exists("a device of this name"));
        }
        if rows.len()? >= KEYED_AT_MOST {
            return Err(ChangeError::TooMany("devices with a key"));
        }
        rows.put_encoded(device.as_bytes(), keyed)?;
        let mut keys = DEVICE_KEYS.writable(self.txn)?;
        Ok(keys.put(keyed.key.as_bytes(), &mut device.as_bytes().to_vec())?)
    }

    /// Gives a device another key; the one before opens nothing any more.
    pub fn rekey(
        &mut self,
        device: &DeviceId,
        key: &SecretHash,
        at: Timestamp,
    ) -> Result<Keyed, ChangeError> {
        let mut keyed = self.keyed(device)?;
        let mut keys = DEVICE_KEYS.writable(self.txn)?;
        keys.remove(keyed.key.as_bytes())?;
        keys.put(key.as_bytes(), &mut device.as_bytes().to_vec())?;
        (keyed.key, keyed.keyed) = (*key, at);
        let mut rows = KEYED.writable(self.txn)?;
        rows.put_encoded(device.as_bytes(), &keyed)?;
        Ok(keyed)
    }

    /// Forgets a device, its key and what it told.
    pub fn remove_keyed(&mut self, device: &DeviceId) -> Result<Keyed, ChangeError> {
        let keyed = self.keyed(device)?;
        DEVICE_KEYS
            .writable(self.txn)?
            .remove(keyed.key.as_bytes())?;
        KEYED.writable(self.txn)?.remove(device.as_bytes())?;
        let numbers = self.numbers(device)?;
        let mut readings = KEYED_READINGS.writable(self.txn)?;
        for number in numbers {
            readings.remove(&place(device, number))?;
        }
        Ok(keyed)
    }

    /// Notes that a device has spoken.
    pub fn hear_keyed(&mut self, device: &DeviceId, heard: Heard) -> Result<(), ChangeError> {
        let mut keyed = self.keyed(device)?;
        keyed.heard = keyed.heard.max(Some(heard.at));
        keyed.address = heard.address;
        keyed.uptime_s = heard.uptime_s.or(keyed.uptime_s);
        let mut rows = KEYED.writable(self.txn)?;
        Ok(rows.put_encoded(device.as_bytes(), &keyed)?)
    }

    /// Keeps what a device told, and lets its oldest go.
    pub fn add_keyed_reading(&mut self, device: &DeviceId, told: &Told) -> Result<(), ChangeError> {
        let numbers = self.numbers(device)?;
        let mut rows = KEYED_READINGS.writable(self.txn)?;
        let next = numbers.last().map_or(0, |last| last + 1);
        rows.put_encoded(&place(device, next), told)?;
        let first = (next + 1).saturating_sub(READINGS_PER_DEVICE);
        for number in numbers.into_iter().take_while(|number| *number < first) {
            rows.remove(&place(device, number))?;
        }
        Ok(())
    }

    fn keyed(&self, device: &DeviceId) -> Result<Keyed, ChangeError> {
        let rows = KEYED.writable(self.txn)?;
        let keyed = rows.decoded(device.as_bytes())?;
        keyed.ok_or(ChangeError::Missing("device with a key"))
    }

    fn numbers(&self, device: &DeviceId) -> Result<Vec<u64>, ChangeError> {
        let (first, last) = (place(device, 0), place(device, u64::MAX));
        let rows = KEYED_READINGS.writable(self.txn)?;
        let mut numbers = Vec::new();
        rows.visit(first.as_slice()..=last.as_slice(), |key, _| {
            numbers.extend(key.last_chunk().copied().map(u64::from_be_bytes));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(numbers)
    }
}

fn place(device: &DeviceId, number: u64) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(device.as_bytes());
    key[8..].copy_from_slice(&number.to_be_bytes());
    key
}

fn device_in(bytes: &[u8]) -> Option<DeviceId> {
    bytes.try_into().ok().map(DeviceId::from_bytes)
}

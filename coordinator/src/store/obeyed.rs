//! What each device obeys of what administrators have signed: its own newest word about it.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use protocol::cbor;
use protocol::coordinator::save::Collected;
use protocol::id::DeviceId;
use protocol::settings::Obeyed;
use protocol::time::Timestamp;

use super::Reader;
use super::fault::{Fault, ReadError};
use super::rows::{Readable, Table, Writable};

pub(super) static OBEYED: Table = Table::new("obeyed");

/// Bytes of a row, and room for fields of later versions.
const ROW: usize = 256;

/// A device's word, and when it said so by its own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Said {
    #[n(0)]
    pub at: Timestamp,
    #[n(1)]
    pub obeyed: Obeyed,
}

impl Reader {
    /// Of every device that has ever obeyed anything but the usual.
    pub fn obeyed(&self) -> Result<BTreeMap<DeviceId, Said>, ReadError> {
        let said = self.engine.read(|txn| {
            OBEYED.readable(txn)?.all(|key, row| {
                let device = DeviceId::from_bytes(key.try_into().ok()?);
                let said = cbor::decode("what is obeyed", ROW, row).ok()?;
                Some((device, said))
            })
        });
        Ok(said?.into_iter().collect())
    }
}

pub(super) fn of(rows: &Readable, device: &DeviceId) -> Result<Option<Obeyed>, Fault> {
    let said: Option<Said> = rows.read(device.as_bytes(), |row| {
        cbor::decode("what is obeyed", ROW, row).ok()
    })?;
    Ok(said.map(|said| said.obeyed))
}

/// A device that begins anew says so again if what it holds is stale.
pub(super) fn begun(rows: &mut Writable<'_>, device: &DeviceId) -> Result<(), Fault> {
    let said: Option<Said> = rows.read(device.as_bytes(), |row| {
        cbor::decode("what is obeyed", ROW, row).ok()
    })?;
    match said {
        Some(mut said) if said.obeyed.stale.is_some() => {
            said.obeyed.stale = None;
            rows.put_encoded(device.as_bytes(), &said)
        }
        _ => Ok(()),
    }
}

/// Records come in the order of the log, so a later one takes the place of the one before.
pub(super) fn put(
    rows: &mut Writable<'_>,
    record: &Collected,
    obeyed: Obeyed,
) -> Result<(), Fault> {
    let said = Said {
        at: record.time,
        obeyed,
    };
    rows.put_encoded(record.device.as_bytes(), &said)
}

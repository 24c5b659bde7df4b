//! What each witness says in its newest reading of whom it heard.

use std::time::Duration;

use minicbor::{Decode, Encode};
use protocol::id::DeviceId;
use protocol::statement::host::{Evidence, Sighting};
use protocol::time::Timestamp;

use super::Reader;
use super::devices::device_in;
use super::fault::{Fault, ReadError};
use super::rows::{Rows, Table, Writable, decode};

pub(super) static SIGHTINGS: Table = Table::new("sightings");

/// One witness's word on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub witness: DeviceId,
    /// When the witness heard the device, by the witness's clock.
    pub at: Timestamp,
    /// When the witness said so.
    pub said: Timestamp,
    pub evidence: Evidence,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    said: Timestamp,
    #[n(1)]
    heard: Vec<Sighting>,
}

pub(super) fn put(
    sightings: &mut Writable<'_>,
    witness: &DeviceId,
    said: Timestamp,
    heard: &[Sighting],
) -> Result<(), Fault> {
    let row = Row {
        said,
        heard: heard.to_vec(),
    };
    sightings.put_encoded(witness.as_bytes(), &row)
}

impl Reader {
    /// What witnesses last said of a device, seated or not: the newest sign of life first.
    pub fn sightings_of(&self, device: &DeviceId) -> Result<Vec<Seen>, ReadError> {
        let all = self.engine.read(|txn| {
            let rows = SIGHTINGS.readable(txn)?;
            Rows::all(&rows, |witness, row| {
                let row: Row = decode(row)?;
                let of_device = row.heard.iter().find(|heard| heard.subject == *device);
                let seen = of_device.copied().map(|heard| (row.said, heard));
                Some((device_in(witness)?, seen))
            })
        })?;
        let mut seen: Vec<Seen> = all
            .into_iter()
            .filter_map(|(witness, seen)| seen.map(|(said, heard)| word(witness, said, heard)))
            .collect();
        seen.sort_by_key(|seen| (std::cmp::Reverse(seen.at), seen.witness));
        Ok(seen)
    }
}

fn word(witness: DeviceId, said: Timestamp, heard: Sighting) -> Seen {
    Seen {
        witness,
        at: said.saturating_sub(Duration::from_millis(u64::from(heard.age_ms))),
        said,
        evidence: heard.evidence,
    }
}

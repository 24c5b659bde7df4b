//! Links whose two ends do not agree on what crossed them: of each direction the newest observation.

use minicbor::{Decode, Encode};
use protocol::accounts::{Difference, Observation, Total};
use protocol::id::DeviceId;
use protocol::limits;
use protocol::time::Timestamp;
use redb::ReadTransaction;

use super::Reader;
use super::fault::{Fault, ReadError};
use super::rows::{Table, Writable, decode};

pub(super) static OBSERVATIONS: Table = Table::new("observations");

/// What was seen of one direction of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub newest: Observation,
    pub first: Timestamp,
    /// How many periods did not agree so far.
    pub times: u32,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    first: Timestamp,
    #[n(1)]
    at: Timestamp,
    #[n(2)]
    times: u32,
    #[n(3)]
    difference: Difference,
    #[n(4)]
    said: Total,
    #[n(5)]
    counted: Total,
}

/// Stores what was seen last; where there are too many links the one that was seen longest ago goes.
pub(super) fn put(rows: &mut Writable<'_>, seen: &Observation) -> Result<(), Fault> {
    let key = key(seen);
    let before: Option<Row> = rows.decoded(&key)?;
    if before.as_ref().is_some_and(|before| before.at == seen.at) {
        return Ok(());
    }
    if before.is_none() && rows.len()? >= limits::OBSERVATIONS as u64 {
        forget_oldest(rows)?;
    }
    let row = Row {
        first: before.as_ref().map_or(seen.at, |before| before.first),
        at: seen.at,
        times: before.map_or(1, |before| before.times.saturating_add(1)),
        difference: seen.difference,
        said: seen.said,
        counted: seen.counted,
    };
    rows.put_encoded(&key, &row)
}

fn forget_oldest(rows: &mut Writable<'_>) -> Result<(), Fault> {
    let all = rows.all(|key, row| Some((decode::<Row>(row)?.at, key.to_vec())))?;
    if let Some((_, oldest)) = all.into_iter().min() {
        rows.remove(&oldest)?;
    }
    Ok(())
}

fn key(seen: &Observation) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(seen.sender.as_bytes());
    key[8..].copy_from_slice(seen.receiver.as_bytes());
    key
}

fn all(txn: &ReadTransaction) -> Result<Vec<Seen>, Fault> {
    let rows = OBSERVATIONS.readable(txn)?;
    let all = rows.all(|key, row| {
        let (sender, receiver) = key.split_first_chunk::<8>()?;
        let row: Row = decode(row)?;
        let newest = Observation {
            sender: DeviceId::from_bytes(*sender),
            receiver: DeviceId::from_bytes(receiver.try_into().ok()?),
            difference: row.difference,
            said: row.said,
            counted: row.counted,
            at: row.at,
        };
        let (first, times) = (row.first, row.times);
        Some((
            std::cmp::Reverse(row.at),
            Seen {
                newest,
                first,
                times,
            },
        ))
    });
    let mut all = all?;
    all.sort_by_key(|(at, seen)| (*at, key(&seen.newest)));
    Ok(all.into_iter().map(|(_, seen)| seen).collect())
}

impl Reader {
    /// Every observation, the newest first.
    pub fn observations(&self) -> Result<Vec<Seen>, ReadError> {
        Ok(self.engine.read(all)?)
    }

    /// Those in which a device is one of the two ends.
    pub fn observations_of(&self, device: &DeviceId) -> Result<Vec<Seen>, ReadError> {
        let mut all = self.observations()?;
        all.retain(|seen| [seen.newest.sender, seen.newest.receiver].contains(device));
        Ok(all)
    }
}

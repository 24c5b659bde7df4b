//! Where each device's records end, and which of them hold the newest word on each topic.

use protocol::id::{DeviceId, Digest};
use protocol::message::Last;
use protocol::record::{Incarnation, Position};
use protocol::statement::Statement;
use protocol::time::Timestamp;

use super::Reader;
use super::fault::{Fault, ReadError};
use super::rows::{Rows, Table, Writable};

pub(super) static CURSORS: Table = Table::new("cursors");

/// What a record can be the newest word on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Start,
    Reading,
    Processes,
    Ports,
    /// The lists before the newest one follow it, the nearest first.
    Files,
}

/// Lists of watched files that are remembered: a device sends one when something has changed.
const FILE_LISTS: usize = 8;
/// Alerts that are remembered; more do not fit into the mask.
const ALERTS: usize = 4;
const ALERTS_FROM: usize = Topic::Files as usize + FILE_LISTS;
const TOPICS: usize = ALERTS_FROM + ALERTS;
const SPOT: usize = 12;
const BYTES: usize = SPOT + 32 + 8 + 8 + 8 + 4 + 2 + SPOT * TOPICS;

/// Where a record lies: its place in its device's log, and the tick in which it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Spot {
    pub position: Position,
    pub tick: u32,
}

/// One device's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    pub newest: Spot,
    pub digest: Digest,
    /// When the newest record arrived.
    pub received: Timestamp,
    /// Records in the store.
    pub count: u64,
    /// Records before this one went with their time, but for the newest word on a topic.
    pub floor: Position,
    /// Records since the newest waypoint.
    pub run: u32,
    words: [Option<Spot>; TOPICS],
}

impl Cursor {
    /// Before the first record of a device, which is known.
    pub fn before(first: Spot) -> Self {
        Self {
            newest: first,
            digest: Digest::ZERO,
            received: Timestamp::default(),
            count: 0,
            floor: Position::first(first.position.incarnation),
            run: 0,
            words: [None; TOPICS],
        }
    }

    pub fn last(&self) -> Last {
        Last {
            position: self.newest.position,
            digest: self.digest,
        }
    }

    /// Where the newest word on a topic is.
    pub fn word(&self, topic: Topic) -> Option<Spot> {
        self.words[topic as usize]
    }

    /// Where the newest lists of watched files are, the newest first.
    pub fn file_lists(&self) -> impl Iterator<Item = Spot> {
        self.words[Topic::Files as usize..ALERTS_FROM]
            .iter()
            .copied()
            .flatten()
    }

    /// Where the newest alerts are, the newest first.
    pub fn alerts(&self) -> impl Iterator<Item = Spot> {
        self.words[ALERTS_FROM..].iter().copied().flatten()
    }

    /// The records that are still somebody's newest word.
    pub fn held(&self) -> impl Iterator<Item = Spot> {
        self.words.iter().copied().flatten()
    }

    pub fn note(&mut self, spot: Spot, statement: &Statement) {
        if matches!(statement, Statement::Reading(reading) if reading.files.is_some()) {
            self.words[Topic::Files as usize..ALERTS_FROM].rotate_right(1);
        }
        if matches!(statement, Statement::Alert(_)) {
            self.words[ALERTS_FROM..].rotate_right(1);
            self.words[ALERTS_FROM] = Some(spot);
        }
        let mut say = |topic, said: bool| {
            if said {
                self.words[topic as usize] = Some(spot);
            }
        };
        match statement {
            Statement::Start(_) => say(Topic::Start, true),
            Statement::Reading(reading) => {
                say(Topic::Reading, true);
                say(Topic::Processes, reading.processes.is_some());
                say(Topic::Ports, reading.ports.is_some());
                say(Topic::Files, reading.files.is_some());
            }
            Statement::Goodbye(_)
            | Statement::Present
            | Statement::Alert(_)
            | Statement::Accounts(_)
            | Statement::Install(_)
            | Statement::Settings(_)
            | Statement::Heard(_)
            | Statement::Scan(_)
            | Statement::Command(_)
            | Statement::Flows(_)
            | Statement::Countersigned(_)
            | Statement::Unknown { .. } => {}
        }
    }

    pub fn put(
        &self,
        device: &DeviceId,
        cursors: &mut Writable<'_>,
        row: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        row.clear();
        row.reserve(BYTES + 8);
        row.extend_from_slice(&spot_bytes(self.newest));
        row.extend_from_slice(self.digest.as_bytes());
        row.extend_from_slice(&self.received.as_millis().to_be_bytes());
        row.extend_from_slice(&self.count.to_be_bytes());
        row.extend_from_slice(&position_bytes(self.floor));
        row.extend_from_slice(&self.run.to_be_bytes());
        let known = (0..TOPICS).filter(|&topic| self.words[topic].is_some());
        let mask = known.fold(0_u16, |mask, topic| mask | (1 << topic));
        row.extend_from_slice(&mask.to_be_bytes());
        for word in self.words {
            row.extend_from_slice(&spot_bytes(word.unwrap_or_default()));
        }
        cursors.put(device.as_bytes(), row)
    }

    pub fn decode(row: &[u8]) -> Option<Self> {
        let (newest, row) = row.split_first_chunk::<SPOT>()?;
        let (&digest, row) = row.split_first_chunk::<32>()?;
        let (&received, row) = row.split_first_chunk::<8>()?;
        let (&count, row) = row.split_first_chunk::<8>()?;
        let (&floor, row) = row.split_first_chunk::<8>()?;
        let (&run, row) = row.split_first_chunk::<4>()?;
        let (&mask, row) = row.split_first_chunk::<2>()?;
        let mask = u16::from_be_bytes(mask);
        let (spots, []) = row.as_chunks::<SPOT>() else {
            return None;
        };
        let mut words = [None; TOPICS];
        for (topic, bytes) in spots.iter().enumerate().take(TOPICS) {
            words[topic] = (mask & (1 << topic) != 0).then(|| spot_of(bytes));
        }
        Some(Self {
            newest: spot_of(newest),
            digest: Digest::from_bytes(digest),
            received: Timestamp::from_millis(u64::from_be_bytes(received)),
            count: u64::from_be_bytes(count),
            floor: position_of(floor),
            run: u32::from_be_bytes(run),
            words,
        })
    }
}

pub(super) fn of<T>(rows: &Rows<T>, device: &DeviceId) -> Result<Option<Cursor>, Fault>
where
    T: redb::ReadableTable<&'static [u8], &'static [u8]>,
{
    rows.read(device.as_bytes(), Cursor::decode)
}

pub(super) fn position_bytes(position: Position) -> [u8; 8] {
    let high = u64::from(position.incarnation.0) << 32;
    (high | u64::from(position.sequence)).to_be_bytes()
}

pub(super) fn position_of(bytes: [u8; 8]) -> Position {
    let [a, b, c, d, e, f, g, h] = bytes;
    Position {
        incarnation: Incarnation(u32::from_be_bytes([a, b, c, d])),
        sequence: u32::from_be_bytes([e, f, g, h]),
    }
}

fn spot_bytes(spot: Spot) -> [u8; SPOT] {
    let mut bytes = [0; SPOT];
    bytes[..8].copy_from_slice(&position_bytes(spot.position));
    bytes[8..].copy_from_slice(&spot.tick.to_be_bytes());
    bytes
}

fn spot_of(bytes: &[u8; SPOT]) -> Spot {
    let [a, b, c, d, e, f, g, h, tick @ ..] = *bytes;
    Spot {
        position: position_of([a, b, c, d, e, f, g, h]),
        tick: u32::from_be_bytes(tick),
    }
}

impl Reader {
    /// How many records of a device the store holds.
    pub fn record_count(&self, device: &DeviceId) -> Result<u64, ReadError> {
        let cursor = self
            .engine
            .read(|txn| of(&CURSORS.readable(txn)?, device))?;
        Ok(cursor.map_or(0, |cursor| cursor.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_keeps_its_order_as_bytes() {
        let at = |incarnation, sequence| Position {
            incarnation: Incarnation(incarnation),
            sequence,
        };
        let mut places = [at(2, 0), at(0, 256), at(0, 1), at(1, u32::MAX)];
        places.sort_by_key(|place| position_bytes(*place));
        assert_eq!(places, [at(0, 1), at(0, 256), at(1, u32::MAX), at(2, 0)]);
        assert_eq!(position_of(position_bytes(at(7, 9))), at(7, 9));
    }
}

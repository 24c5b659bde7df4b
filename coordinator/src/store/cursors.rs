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
    Files,
}

const TOPICS: usize = 5;
const BYTES: usize = 8 + 32 + 8 + 8 + 8 + 1 + 8 * TOPICS;

/// One device's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    pub last: Last,
    /// When the newest record arrived.
    pub received: Timestamp,
    /// Records in the store.
    pub count: u64,
    /// Records before this one went with their time, but for the newest word on a topic.
    pub floor: Position,
    newest: [Option<Position>; TOPICS],
}

impl Cursor {
    pub fn first(last: Last, received: Timestamp) -> Self {
        Self {
            last,
            received,
            count: 0,
            floor: Position::first(last.position.incarnation),
            newest: [None; TOPICS],
        }
    }

    pub fn newest(&self, topic: Topic) -> Option<Position> {
        self.newest[topic as usize]
    }

    /// Whether the record at `position` is still somebody's newest word.
    pub fn holds(&self, position: Position) -> bool {
        self.newest.contains(&Some(position))
    }

    pub fn note(&mut self, position: Position, statement: &Statement) {
        match statement {
            Statement::Start(_) => self.newest[Topic::Start as usize] = Some(position),
            Statement::Reading(reading) => {
                let lists = [
                    (Topic::Reading, true),
                    (Topic::Processes, reading.processes.is_some()),
                    (Topic::Ports, reading.ports.is_some()),
                    (Topic::Files, reading.files.is_some()),
                ];
                for (topic, _) in lists.into_iter().filter(|(_, said)| *said) {
                    self.newest[topic as usize] = Some(position);
                }
            }
            Statement::Goodbye(_) | Statement::Unknown { .. } => {}
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
        row.extend_from_slice(&position_bytes(self.last.position));
        row.extend_from_slice(self.last.digest.as_bytes());
        row.extend_from_slice(&self.received.as_millis().to_be_bytes());
        row.extend_from_slice(&self.count.to_be_bytes());
        row.extend_from_slice(&position_bytes(self.floor));
        let known = (0..TOPICS).filter(|&topic| self.newest[topic].is_some());
        row.push(known.fold(0, |mask, topic| mask | (1 << topic)));
        for newest in self.newest {
            row.extend_from_slice(&position_bytes(newest.unwrap_or_default()));
        }
        cursors.put(device.as_bytes(), row)
    }

    fn decode(row: &[u8]) -> Option<Self> {
        let (&position, row) = row.split_first_chunk::<8>()?;
        let (&digest, row) = row.split_first_chunk::<32>()?;
        let (&received, row) = row.split_first_chunk::<8>()?;
        let (&count, row) = row.split_first_chunk::<8>()?;
        let (&floor, row) = row.split_first_chunk::<8>()?;
        let (mask, row) = row.split_first()?;
        let (positions, []) = row.as_chunks::<8>() else {
            return None;
        };
        let mut newest = [None; TOPICS];
        for (topic, bytes) in positions.iter().enumerate().take(TOPICS) {
            newest[topic] = (mask & (1 << topic) != 0).then(|| position_of(*bytes));
        }
        Some(Self {
            last: Last {
                position: position_of(position),
                digest: Digest::from_bytes(digest),
            },
            received: Timestamp::from_millis(u64::from_be_bytes(received)),
            count: u64::from_be_bytes(count),
            floor: position_of(floor),
            newest,
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

//! Every record of every device as it was received.

use std::ops::ControlFlow;

use protocol::coordinator::save::{Collected, Link};
use protocol::id::DeviceId;
use protocol::record::{Flags, Position, Record};
use protocol::time::Timestamp;

use super::Reader;
use super::cursors::Spot;
use super::fault::{Fault, ReadError};
use super::rows::{Readable, Table};
use super::trail::{self, Trail};

pub(super) static RECORDS: Table = Table::new("records");

/// Records that one page carries at most.
pub const RECORDS_PER_PAGE: usize = 1_000;

/// A record as it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    pub position: Position,
    /// The device's time.
    pub time: Timestamp,
    /// The coordinator's time.
    pub received: Timestamp,
    pub flags: Flags,
    pub link: Link,
    pub record: Record,
}

/// Fills `row` with a record's row: its two times, its flags, how it joins the one before, and
/// the record as it was received.
pub(super) fn encode(collected: &Collected, row: &mut Vec<u8>) {
    row.clear();
    row.extend_from_slice(&collected.time.as_millis().to_be_bytes());
    row.extend_from_slice(&collected.received.as_millis().to_be_bytes());
    row.extend_from_slice(&flag_bits(collected.flags).to_be_bytes());
    row.push(link_code(collected.link));
    minicbor::encode(&collected.record, row).expect("writing into a Vec cannot fail");
}

fn decode(position: Position, row: &[u8]) -> Option<StoredRecord> {
    let (time, row) = row.split_first_chunk::<8>()?;
    let (received, row) = row.split_first_chunk::<8>()?;
    let (flags, row) = row.split_first_chunk::<2>()?;
    let (link, record) = row.split_first()?;
    Some(StoredRecord {
        position,
        time: Timestamp::from_millis(u64::from_be_bytes(*time)),
        received: Timestamp::from_millis(u64::from_be_bytes(*received)),
        flags: flags_of(u16::from_be_bytes(*flags)),
        link: link_of(*link)?,
        record: minicbor::decode(record).ok()?,
    })
}

/// How a stored record joins the one before it, without decoding the rest.
pub(super) fn link_in(row: &[u8]) -> Option<Link> {
    row.get(18).copied().and_then(link_of)
}

const FLAGS: [Flags; 3] = [Flags::UNLINKED, Flags::GOODBYE, Flags::CLOCK_DOUBTED];

fn flag_bits(flags: Flags) -> u16 {
    let set = (0..FLAGS.len()).filter(|&bit| flags.has(FLAGS[bit]));
    set.fold(0, |bits, bit| bits | (1 << bit))
}

fn flags_of(bits: u16) -> Flags {
    let set = (0..FLAGS.len()).filter(|bit| bits & (1 << bit) != 0);
    set.fold(Flags::NONE, |flags, bit| flags.with(FLAGS[bit]))
}

const fn link_code(link: Link) -> u8 {
    match link {
        Link::Chained => 0,
        Link::First => 1,
        Link::Gap => 2,
    }
}

const fn link_of(code: u8) -> Option<Link> {
    match code {
        0 => Some(Link::Chained),
        1 => Some(Link::First),
        2 => Some(Link::Gap),
        _ => None,
    }
}

pub(super) fn get(
    rows: &Readable,
    device: &DeviceId,
    spot: Spot,
) -> Result<Option<StoredRecord>, Fault> {
    rows.read(&trail::key(device, spot), |row| decode(spot.position, row))
}

impl Reader {
    /// Records of a device after a position, oldest first, [`RECORDS_PER_PAGE`] at most.
    pub fn records(
        &self,
        device: &DeviceId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, ReadError> {
        let page = self.engine.read(|txn| {
            let mut page = Page::of(limit);
            if let Some((trail, _)) = Trail::of(txn, device)? {
                let from = after.unwrap_or_default();
                trail.forward(from, &mut |position, row| match after {
                    Some(after) if position == after => Ok(ControlFlow::Continue(())),
                    _ => page.take(position, row),
                })?;
            }
            Ok(page.records)
        });
        Ok(page?)
    }

    /// Records of a device before a position, newest first, [`RECORDS_PER_PAGE`] at most.
    pub fn records_back(
        &self,
        device: &DeviceId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, ReadError> {
        let page = self.engine.read(|txn| {
            let mut page = Page::of(limit);
            if let Some((trail, cursor)) = Trail::of(txn, device)? {
                let to = before.unwrap_or(cursor.newest.position);
                trail.backward(to, &mut |position, row| match before {
                    Some(before) if position == before => Ok(ControlFlow::Continue(())),
                    _ => page.take(position, row),
                })?;
            }
            Ok(page.records)
        });
        Ok(page?)
    }

    /// One record.
    pub fn record(
        &self,
        device: &DeviceId,
        position: Position,
    ) -> Result<Option<StoredRecord>, ReadError> {
        let found = self.engine.read(|txn| {
            let mut page = Page::of(1);
            if let Some((trail, _)) = Trail::of(txn, device)? {
                trail.forward(position, &mut |found, row| page.take(found, row))?;
            }
            Ok(page.records.pop())
        })?;
        Ok(found.filter(|found| found.position == position))
    }
}

/// Records on their way to a reader.
struct Page {
    limit: usize,
    records: Vec<StoredRecord>,
}

impl Page {
    fn of(limit: usize) -> Self {
        Self {
            limit: limit.clamp(1, RECORDS_PER_PAGE),
            records: Vec::new(),
        }
    }

    fn take(&mut self, position: Position, row: &[u8]) -> Result<ControlFlow<()>, Fault> {
        let record = decode(position, row).ok_or(Fault::Row(RECORDS.name()))?;
        self.records.push(record);
        Ok(if self.records.len() < self.limit {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        })
    }
}

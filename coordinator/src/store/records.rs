//! Every record of every device as it was received, in the order of its device's log.

use std::ops::{Bound, ControlFlow, RangeInclusive};

use protocol::coordinator::save::{Collected, Link};
use protocol::id::DeviceId;
use protocol::record::{Flags, Position, Record};
use protocol::time::Timestamp;

use super::Reader;
use super::cursors::{self, CURSORS, position_bytes, position_of};
use super::fault::{Fault, ReadError};
use super::rows::{Readable, Rows, Table};

pub(super) static RECORDS: Table = Table::new("records");

/// Records that one page carries at most.
pub const RECORDS_PER_PAGE: usize = 1_000;
/// Holes and unlinked starts that one scan lists at most; they are counted beyond that.
pub const GAPS_LISTED: usize = 1_000;

/// Bytes before the record itself: its two times, its flags, and how it joins the one before.
const HEADER: usize = 8 + 8 + 2 + 1;

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

/// What a walk over all records of a device found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scan {
    pub records: u64,
    /// Positions that are not there, in all.
    pub missing: u64,
    /// The holes, the first [`GAPS_LISTED`] of them.
    pub gaps: Vec<Gap>,
    /// Records whose predecessor was never collected, the first [`GAPS_LISTED`] of them.
    pub unlinked: Vec<Position>,
}

/// Sequence numbers of one incarnation that are not in the store, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub first: Position,
    pub last: Position,
}

pub(super) fn key(device: &DeviceId, position: Position) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(device.as_bytes());
    key[8..].copy_from_slice(&position_bytes(position));
    key
}

pub(super) fn position_in(key: &[u8]) -> Option<Position> {
    key.last_chunk().copied().map(position_of)
}

/// The keys of one device after a position, or from the beginning.
pub(super) struct Span {
    first: [u8; 16],
    last: [u8; 16],
}

impl Span {
    pub fn of(device: &DeviceId, after: Option<Position>) -> Self {
        let number = |position| u64::from_be_bytes(position_bytes(position));
        let first = after.map_or(0, |after| number(after).saturating_add(1));
        Self {
            first: key(device, position_of(first.to_be_bytes())),
            last: key(device, position_of(u64::MAX.to_be_bytes())),
        }
    }

    pub fn range(&self) -> RangeInclusive<&[u8]> {
        self.first.as_slice()..=self.last.as_slice()
    }
}

/// Fills `row` with a record's row.
pub(super) fn encode(collected: &Collected, row: &mut Vec<u8>) {
    row.clear();
    row.extend_from_slice(&collected.time.as_millis().to_be_bytes());
    row.extend_from_slice(&collected.received.as_millis().to_be_bytes());
    row.extend_from_slice(&flag_bits(collected.flags).to_be_bytes());
    row.push(link_code(collected.link));
    minicbor::encode(&collected.record, row).expect("writing into a Vec cannot fail");
}

pub(super) fn decode(position: Position, row: &[u8]) -> Option<StoredRecord> {
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

/// When a stored record arrived, without decoding the rest of it.
pub(super) fn received(row: &[u8]) -> Option<Timestamp> {
    let bytes = row.get(8..16)?.try_into().ok()?;
    Some(Timestamp::from_millis(u64::from_be_bytes(bytes)))
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
    position: Position,
) -> Result<Option<StoredRecord>, Fault> {
    rows.read(&key(device, position), |row| decode(position, row))
}

impl Reader {
    /// Records of a device after a position, oldest first, [`RECORDS_PER_PAGE`] at most.
    pub fn records(
        &self,
        device: &DeviceId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, ReadError> {
        let span = Span::of(device, after);
        self.page(limit, |rows, visit| rows.visit(span.range(), visit))
    }

    /// The newest records of a device before a position, newest first.
    pub fn records_back(
        &self,
        device: &DeviceId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, ReadError> {
        let span = Span::of(device, None);
        let before = before.map(|before| key(device, before));
        let end = before
            .as_ref()
            .map_or(Bound::Included(span.last.as_slice()), |before| {
                Bound::Excluded(before.as_slice())
            });
        let range = (Bound::Included(span.first.as_slice()), end);
        self.page(limit, |rows, visit| rows.visit_back(range, visit))
    }

    /// One record.
    pub fn record(
        &self,
        device: &DeviceId,
        position: Position,
    ) -> Result<Option<StoredRecord>, ReadError> {
        let read = self
            .engine
            .read(|txn| get(&RECORDS.readable(txn)?, device, position));
        Ok(read?)
    }

    /// Walks all records of a device: is every sequence number there?
    pub fn scan_gaps(&self, device: &DeviceId) -> Result<Scan, ReadError> {
        let span = Span::of(device, None);
        let scan = self.engine.read(|txn| {
            let Some(cursor) = cursors::of(&CURSORS.readable(txn)?, device)? else {
                return Ok(Scan::default());
            };
            let mut walk = Walk::from(cursor.floor);
            let rows = RECORDS.readable(txn)?;
            rows.visit(span.range(), |key, row| {
                let position = position_in(key).ok_or_else(|| rows.malformed())?;
                let link = row.get(HEADER - 1).copied().and_then(link_of);
                walk.step(position, link.ok_or_else(|| rows.malformed())?);
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(walk.end(cursor.last.position))
        });
        Ok(scan?)
    }

    fn page(
        &self,
        limit: usize,
        walk: impl FnOnce(
            &Readable,
            &mut dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, Fault>,
        ) -> Result<(), Fault>,
    ) -> Result<Vec<StoredRecord>, ReadError> {
        let limit = limit.min(RECORDS_PER_PAGE);
        let page = self.engine.read(|txn| {
            let rows = RECORDS.readable(txn)?;
            let mut page = Vec::new();
            if limit == 0 {
                return Ok(page);
            }
            walk(&rows, &mut |key, row| {
                let record = position_in(key).and_then(|position| decode(position, row));
                page.push(record.ok_or_else(|| Rows::malformed(&rows))?);
                Ok(if page.len() < limit {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                })
            })?;
            Ok(page)
        });
        Ok(page?)
    }
}

/// A walk along one device's positions.
struct Walk {
    floor: Position,
    expected: Position,
    scan: Scan,
}

impl Walk {
    fn from(floor: Position) -> Self {
        Self {
            floor,
            expected: floor,
            scan: Scan::default(),
        }
    }

    fn step(&mut self, position: Position, link: Link) {
        self.scan.records += 1;
        if link == Link::Gap && self.scan.unlinked.len() < GAPS_LISTED {
            self.scan.unlinked.push(position);
        }
        if position < self.floor {
            return;
        }
        if position.incarnation != self.expected.incarnation {
            self.expected = Position::first(position.incarnation);
        }
        self.miss_until(position);
        self.expected = position.next();
    }

    /// The newest record has to be there as well.
    fn end(mut self, newest: Position) -> Scan {
        if self.expected.incarnation == newest.incarnation && self.expected <= newest {
            self.miss_until(newest.next());
        } else if self.expected.incarnation < newest.incarnation {
            self.expected = Position::first(newest.incarnation);
            self.miss_until(newest.next());
        }
        self.scan
    }

    fn miss_until(&mut self, position: Position) {
        if self.expected.sequence >= position.sequence {
            return;
        }
        self.scan.missing += u64::from(position.sequence - self.expected.sequence);
        let last = Position {
            sequence: position.sequence - 1,
            ..position
        };
        if self.scan.gaps.len() < GAPS_LISTED {
            self.scan.gaps.push(Gap {
                first: self.expected,
                last,
            });
        }
    }
}

//! How a device's records are found again.
//!
//! Records lie in the order of their arrival, by ticks of ten seconds, and within a tick by device:
//! so a batch fills a few pages from end to end instead of touching one page for every device, and
//! what is old lies in front. Waypoints, one for every [`STRIDE`] records of a device and one after
//! every long pause, tell in which ticks to look for its positions.

use std::ops::{ControlFlow, RangeInclusive};

use protocol::id::DeviceId;
use protocol::record::Position;
use protocol::time::Timestamp;
use redb::ReadTransaction;

use super::cursors::{self, CURSORS, Cursor, Spot, position_bytes, position_of};
use super::fault::Fault;
use super::records::RECORDS;
use super::rows::{Readable, Table, Writable};

pub(super) static WAYPOINTS: Table = Table::new("waypoints");

const TICK_MS: u64 = 10_000;
/// Records of one device between two waypoints.
const STRIDE: u32 = 64;
/// Ticks without a record of a device after which its next one gets a waypoint: an hour.
const PAUSE: u32 = 360;

/// The last position there can be.
const END: Position = Position {
    incarnation: protocol::record::Incarnation(u32::MAX),
    sequence: u32::MAX,
};

pub(super) fn tick(received: Timestamp) -> u32 {
    u32::try_from(received.as_millis() / TICK_MS).unwrap_or(u32::MAX)
}

pub(super) fn key(device: &DeviceId, spot: Spot) -> [u8; 20] {
    let mut key = [0; 20];
    key[..4].copy_from_slice(&spot.tick.to_be_bytes());
    key[4..12].copy_from_slice(device.as_bytes());
    key[12..].copy_from_slice(&position_bytes(spot.position));
    key
}

/// What a record's key says.
pub(super) fn parts(key: &[u8]) -> Option<(DeviceId, Position)> {
    let (_, rest) = key.split_first_chunk::<4>()?;
    let (device, position) = rest.split_first_chunk::<8>()?;
    let position = position.try_into().ok().map(position_of)?;
    Some((DeviceId::from_bytes(*device), position))
}

/// A device's records from `first` on came in from `tick` on; those before it, until `before`.
#[derive(Debug, Clone, Copy)]
struct Waypoint {
    first: Position,
    tick: u32,
    before: u32,
}

fn waypoint_key(device: &DeviceId, position: Position) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(device.as_bytes());
    key[8..].copy_from_slice(&position_bytes(position));
    key
}

impl Waypoint {
    fn read(key: &[u8], row: &[u8]) -> Option<Self> {
        let (tick, before) = row.split_first_chunk::<4>()?;
        Some(Self {
            first: position_of(*key.last_chunk()?),
            tick: u32::from_be_bytes(*tick),
            before: u32::from_be_bytes(before.try_into().ok()?),
        })
    }
}

/// Moves a cursor on to its device's next record, and sets a waypoint where one is due.
pub(super) fn advance(
    cursor: &mut Cursor,
    device: &DeviceId,
    to: Spot,
    waypoints: &mut Writable<'_>,
) -> Result<(), Fault> {
    let before = cursor.newest.tick;
    let within = (before..=before.saturating_add(PAUSE)).contains(&to.tick);
    if cursor.count == 0 || cursor.run >= STRIDE || !within {
        let mut row = [to.tick.to_be_bytes(), before.to_be_bytes()].concat();
        waypoints.put(&waypoint_key(device, to.position), &mut row)?;
        cursor.run = 0;
    }
    cursor.run += 1;
    cursor.newest = to;
    Ok(())
}

/// Removes the waypoints that lead only to what is gone.
pub(super) fn forget_before(
    waypoints: &mut Writable<'_>,
    device: &DeviceId,
    floor: Position,
) -> Result<(), Fault> {
    let first = waypoint_key(device, Position::default());
    let last = waypoint_key(device, floor);
    let mut old = Vec::new();
    waypoints.visit(first.as_slice()..=last.as_slice(), |key, _| {
        old.push(key.to_vec());
        Ok(ControlFlow::Continue(()))
    })?;
    // The last one leads to the floor itself.
    old.pop();
    for key in old {
        waypoints.remove(&key)?;
    }
    Ok(())
}

/// Positions of a device that came in during a stretch of ticks.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    first: Position,
    last: Position,
    ticks: (u32, u32),
}

impl Stretch {
    fn between(from: Waypoint, to: Option<Waypoint>, newest: Spot) -> Self {
        let last = to.map_or(END, |to| before(to.first));
        let until = to.map_or(newest.tick, |to| to.before);
        Self {
            first: from.first,
            last,
            ticks: (from.tick, until),
        }
    }

    fn bounds(&self, device: &DeviceId, tick: u32) -> RangeInclusive<[u8; 20]> {
        let at = |position| key(device, Spot { position, tick });
        at(self.first)..=at(self.last)
    }
}

fn before(position: Position) -> Position {
    let number = u64::from_be_bytes(position_bytes(position));
    position_of(number.saturating_sub(1).to_be_bytes())
}

/// The way along one device's records.
pub(super) struct Trail {
    device: DeviceId,
    newest: Spot,
    waypoints: Readable,
    records: Readable,
}

type Visit<'v> = &'v mut dyn FnMut(Position, &[u8]) -> Result<ControlFlow<()>, Fault>;

impl Trail {
    /// `None` for a device without records.
    pub fn of(txn: &ReadTransaction, device: &DeviceId) -> Result<Option<(Self, Cursor)>, Fault> {
        let Some(cursor) = cursors::of(&CURSORS.readable(txn)?, device)? else {
            return Ok(None);
        };
        let trail = Self {
            device: *device,
            newest: cursor.newest,
            waypoints: WAYPOINTS.readable(txn)?,
            records: RECORDS.readable(txn)?,
        };
        Ok(Some((trail, cursor)))
    }

    /// Visits records from a position on, oldest first.
    pub fn forward(&self, from: Position, visit: Visit<'_>) -> Result<(), Fault> {
        for mut stretch in self.stretches()? {
            if stretch.last < from {
                continue;
            }
            stretch.first = stretch.first.max(from);
            for tick in stretch.ticks.0..=stretch.ticks.1 {
                if self.visit_tick(&stretch, tick, visit)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Visits records up to a position, newest first.
    pub fn backward(&self, to: Position, visit: Visit<'_>) -> Result<(), Fault> {
        for mut stretch in self.stretches()?.into_iter().rev() {
            if stretch.first > to {
                continue;
            }
            stretch.last = stretch.last.min(to);
            for tick in (stretch.ticks.0..=stretch.ticks.1).rev() {
                if self.visit_tick_back(&stretch, tick, visit)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// A device has one waypoint for some ten minutes: two thousand for two weeks.
    fn stretches(&self) -> Result<Vec<Stretch>, Fault> {
        let first = waypoint_key(&self.device, Position::default());
        let last = waypoint_key(&self.device, END);
        let mut waypoints = Vec::new();
        self.waypoints
            .visit(first.as_slice()..=last.as_slice(), |key, row| {
                let waypoint = Waypoint::read(key, row);
                waypoints.push(waypoint.ok_or_else(|| self.waypoints.malformed())?);
                Ok(ControlFlow::Continue(()))
            })?;
        let following = waypoints.iter().copied().skip(1).map(Some).chain([None]);
        let stretches = waypoints.iter().zip(following);
        Ok(stretches
            .map(|(from, to)| Stretch::between(*from, to, self.newest))
            .collect())
    }

    fn visit_tick(
        &self,
        stretch: &Stretch,
        tick: u32,
        visit: Visit<'_>,
    ) -> Result<ControlFlow<()>, Fault> {
        let bounds = stretch.bounds(&self.device, tick);
        let range = bounds.start().as_slice()..=bounds.end().as_slice();
        let mut flow = ControlFlow::Continue(());
        self.records.visit(range, |key, row| {
            flow = self.step(key, row, visit)?;
            Ok(flow)
        })?;
        Ok(flow)
    }

    fn visit_tick_back(
        &self,
        stretch: &Stretch,
        tick: u32,
        visit: Visit<'_>,
    ) -> Result<ControlFlow<()>, Fault> {
        let bounds = stretch.bounds(&self.device, tick);
        let range = bounds.start().as_slice()..=bounds.end().as_slice();
        let mut flow = ControlFlow::Continue(());
        self.records.visit_back(range, |key, row| {
            flow = self.step(key, row, visit)?;
            Ok(flow)
        })?;
        Ok(flow)
    }

    fn step(&self, key: &[u8], row: &[u8], visit: Visit<'_>) -> Result<ControlFlow<()>, Fault> {
        let (_, position) = parts(key).ok_or_else(|| self.records.malformed())?;
        visit(position, row)
    }
}

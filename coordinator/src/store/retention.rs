//! What goes with time, in steps that a running coordinator does not notice.

use std::ops::{Bound, ControlFlow};
use std::time::Duration;

use protocol::id::DeviceId;
use protocol::record::Position;
use protocol::time::Timestamp;
use redb::WriteTransaction;

use super::Store;
use super::cursors::{self, CURSORS, Cursor};
use super::devices::device_in;
use super::fault::{CommitError, Fault};
use super::records::{self, RECORDS};
use super::rows::Writable;
use super::samples::{LEVELS, edge};
use super::sessions::{self, SESSIONS};

/// How long things are kept. The identity log and the audit log are kept for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Records as they were received, but for each device's newest word on a topic.
    pub records: Duration,
    /// Figures every ten seconds.
    pub raw: Duration,
    pub five_minutes: Duration,
    pub hours: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        Self {
            records: days(14),
            raw: days(2),
            five_minutes: days(40),
            hours: days(400),
        }
    }
}

/// What one step removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    pub rows: usize,
    pub progress: Progress,
}

/// Whether another step finds something to do at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Done,
    More,
}

impl Store {
    /// Removes what is too old, in one transaction of `budget` rows at most.
    pub fn prune(
        &mut self,
        now: Timestamp,
        retention: &Retention,
        budget: usize,
    ) -> Result<Pruned, CommitError> {
        let from = self.prune_from;
        let (left, next) = self.engine.write(|txn| {
            let left = prune_figures(txn, now, retention, budget)?;
            let left = left - sessions::prune(&mut SESSIONS.writable(txn)?, now, left)?;
            let before = now.saturating_sub(retention.records);
            Round::open(txn, before, left)?.run(from)
        })?;
        self.prune_from = next;
        Ok(Pruned {
            rows: budget - left,
            progress: if next.is_some() || left == 0 {
                Progress::More
            } else {
                Progress::Done
            },
        })
    }
}

/// Removes buckets that are too old; tells what is left of the budget.
fn prune_figures(
    txn: &WriteTransaction,
    now: Timestamp,
    retention: &Retention,
    budget: usize,
) -> Result<usize, Fault> {
    let kept = [retention.raw, retention.five_minutes, retention.hours];
    let mut left = budget;
    for (level, kept) in LEVELS.iter().zip(kept) {
        let end = edge(now.saturating_sub(kept));
        left -= level.table.writable(txn)?.remove_before(&end, left)?;
    }
    Ok(left)
}

/// One walk over the devices, as far as the budget reaches.
struct Round<'t> {
    records: Writable<'t>,
    cursors: Writable<'t>,
    before: Timestamp,
    left: usize,
}

/// What is old of one device.
#[derive(Default)]
struct Old {
    gone: Vec<Position>,
    floor: Option<Position>,
}

impl<'t> Round<'t> {
    fn open(txn: &'t WriteTransaction, before: Timestamp, left: usize) -> Result<Self, Fault> {
        Ok(Self {
            records: RECORDS.writable(txn)?,
            cursors: CURSORS.writable(txn)?,
            before,
            left,
        })
    }

    /// Goes on from a device; tells what is left of the budget, and where to go on next time.
    fn run(mut self, from: Option<DeviceId>) -> Result<(usize, Option<DeviceId>), Fault> {
        let mut next = None;
        for device in self.devices(from)? {
            if self.left == 0 {
                next = Some(device);
                break;
            }
            self.prune_device(&device)?;
        }
        Ok((self.left, next))
    }

    fn devices(&self, from: Option<DeviceId>) -> Result<Vec<DeviceId>, Fault> {
        let mut devices = Vec::new();
        let first = from.as_ref().map_or(Bound::Unbounded, |device| {
            Bound::Included(device.as_bytes().as_slice())
        });
        self.cursors.visit((first, Bound::Unbounded), |key, _| {
            devices.push(device_in(key).ok_or_else(|| self.cursors.malformed())?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(devices)
    }

    fn prune_device(&mut self, device: &DeviceId) -> Result<(), Fault> {
        let Some(mut cursor) = cursors::of(&self.cursors, device)? else {
            return Ok(());
        };
        let old = self.old_of(device, &cursor)?;
        if old.gone.is_empty() {
            return Ok(());
        }
        for position in &old.gone {
            self.records.remove(&records::key(device, *position))?;
        }
        self.left -= old.gone.len();
        cursor.count = cursor.count.saturating_sub(old.gone.len() as u64);
        cursor.floor = old.floor.unwrap_or(cursor.floor).max(cursor.floor);
        cursor.put(device, &mut self.cursors, &mut Vec::new())
    }

    /// Old records from the front on. What is still somebody's newest word stays.
    fn old_of(&self, device: &DeviceId, cursor: &Cursor) -> Result<Old, Fault> {
        let span = records::Span::of(device, None);
        let mut old = Old::default();
        self.records.visit(span.range(), |key, row| {
            let malformed = || self.records.malformed();
            let position = records::position_in(key).ok_or_else(malformed)?;
            let received = records::received(row).ok_or_else(malformed)?;
            if received >= self.before || old.gone.len() == self.left {
                old.floor = Some(position);
                return Ok(ControlFlow::Break(()));
            }
            old.floor = Some(position.next());
            if !cursor.holds(position) {
                old.gone.push(position);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(old)
    }
}

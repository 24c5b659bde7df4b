//! What goes with time, in steps that a running coordinator does not notice.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::Duration;

use protocol::id::DeviceId;
use protocol::record::Position;
use protocol::time::Timestamp;
use redb::WriteTransaction;

use super::Store;
use super::cursors::{self, CURSORS, Cursor};
use super::devices::device_in;
use super::fault::{CommitError, Fault};
use super::records::RECORDS;
use super::rows::Writable;
use super::samples::{LEVELS, edge};
use super::sessions::{self, SESSIONS};
use super::trail::{self, WAYPOINTS};

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
        let left = self.engine.write(|txn| {
            let left = prune_figures(txn, now, retention, budget)?;
            let left = left - sessions::prune(&mut SESSIONS.writable(txn)?, now, left)?;
            let before = now.saturating_sub(retention.records);
            Ok::<_, Fault>(left - prune_records(txn, before, left)?)
        })?;
        Ok(Pruned {
            rows: budget - left,
            progress: if left == 0 {
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
        let mut table = level.table.writable(txn)?;
        left -= table.remove_before(&end, left, |_| true)?.len();
    }
    Ok(left)
}

/// Removes records that came in before a time, oldest first; tells how many.
fn prune_records(txn: &WriteTransaction, before: Timestamp, budget: usize) -> Result<usize, Fault> {
    let mut cursors = CURSORS.writable(txn)?;
    let held = held(&cursors)?;
    let end = trail::tick(before).to_be_bytes();
    let gone = RECORDS.writable(txn)?.remove_before(&end, budget, |key| {
        trail::parts(key).is_some_and(|record| !held.contains(&record))
    })?;
    let mut tally: BTreeMap<DeviceId, (u64, Position)> = BTreeMap::new();
    for (device, position) in gone.iter().filter_map(|key| trail::parts(key)) {
        let (count, newest) = tally.entry(device).or_default();
        *count += 1;
        *newest = position.max(*newest);
    }
    let mut waypoints = WAYPOINTS.writable(txn)?;
    for (device, (count, newest)) in tally {
        let Some(mut cursor) = cursors::of(&cursors, &device)? else {
            continue;
        };
        cursor.count = cursor.count.saturating_sub(count);
        cursor.floor = cursor.floor.max(newest.next());
        cursor.put(&device, &mut cursors, &mut Vec::new())?;
        trail::forget_before(&mut waypoints, &device, cursor.floor)?;
    }
    Ok(gone.len())
}

/// The records that are still some device's newest word.
fn held(cursors: &Writable<'_>) -> Result<BTreeSet<(DeviceId, Position)>, Fault> {
    let mut held = BTreeSet::new();
    cursors.visit(.., |key, row| {
        let device = device_in(key).ok_or_else(|| cursors.malformed())?;
        let cursor = Cursor::decode(row).ok_or_else(|| cursors.malformed())?;
        held.extend(cursor.held().map(|spot| (device, spot.position)));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(held)
}

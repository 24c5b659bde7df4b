//! A device's figure over a stretch of time, read at the level that fits the stretch.

use detect::summary::Summary;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use redb::ReadTransaction;

use super::metric::Metric;
use super::{LEVELS, Level, bucket, key, seconds};
use crate::store::Reader;
use crate::store::fault::{Fault, ReadError};

/// Points that one series has at most.
pub const POINTS: usize = 2_000;
/// Buckets that one series looks up before a coarser level is taken.
const LOOKUPS: u32 = 3_000;
/// Buckets that even the coarsest level looks up at most: more than a year of hours.
const LOOKUPS_AT_MOST: u32 = 10_000;

/// What a figure was in one bucket, or in several that lie beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When the first bucket begins.
    pub time: Timestamp,
    pub min: i64,
    pub max: i64,
    /// Rounded down.
    pub mean: i64,
}

impl Reader {
    /// A device's figure from one time to another, in `max_points` points at most.
    pub fn series(
        &self,
        device: &DeviceId,
        metric: Metric,
        from: Timestamp,
        to: Timestamp,
        max_points: usize,
    ) -> Result<Vec<Point>, ReadError> {
        let (from, to) = (seconds(from), seconds(to));
        let max_points = max_points.clamp(1, POINTS);
        let series = self.engine.read(|txn| {
            let level = fitting(txn, from, to)?;
            let found = lookup(txn, level, device, metric, from, to)?;
            Ok(thinned(&found, max_points))
        });
        Ok(series?)
    }
}

/// The finest level that is not too fine for the stretch and still reaches back to its beginning.
fn fitting(txn: &ReadTransaction, from: u32, to: u32) -> Result<&'static Level, Fault> {
    let mut chosen = None;
    for level in &LEVELS {
        if to.saturating_sub(from) / level.width_s > LOOKUPS {
            continue;
        }
        let begins = begins(txn, level)?;
        match chosen {
            None => chosen = Some((level, begins)),
            Some((_, earliest)) if earliest > from && begins < earliest => {
                chosen = Some((level, begins));
            }
            Some(_) => {}
        }
    }
    Ok(chosen.map_or(&LEVELS[LEVELS.len() - 1], |(level, _)| level))
}

/// The start of the oldest bucket of a level, in whole buckets of the coarsest.
fn begins(txn: &ReadTransaction, level: &'static Level) -> Result<u32, Fault> {
    let first = level.table.readable(txn)?.first_key()?;
    let start = first.as_deref().and_then(<[u8]>::first_chunk);
    let coarsest = LEVELS[LEVELS.len() - 1].width_s;
    Ok(start.map_or(u32::MAX, |start| {
        let start = u32::from_be_bytes(*start);
        start - start % coarsest
    }))
}

fn lookup(
    txn: &ReadTransaction,
    level: &'static Level,
    device: &DeviceId,
    metric: Metric,
    from: u32,
    to: u32,
) -> Result<Vec<(u32, Summary)>, Fault> {
    let table = level.table.readable(txn)?;
    let width = level.width_s;
    let first = from - from % width;
    let last = to.min(first.saturating_add(width.saturating_mul(LOOKUPS_AT_MOST)));
    let mut found = Vec::new();
    for start in (first..=last).step_by(width as usize) {
        let summary = table.read(&key(start, device), |row| {
            bucket::decode_one(row, metric as usize)
        })?;
        found.extend(summary.flatten().map(|summary| (start, summary)));
    }
    Ok(found)
}

/// Neighbouring buckets become one point until there are few enough.
fn thinned(found: &[(u32, Summary)], max_points: usize) -> Vec<Point> {
    let together = found.len().div_ceil(max_points).max(1);
    found.chunks(together).filter_map(point).collect()
}

fn point(buckets: &[(u32, Summary)]) -> Option<Point> {
    let merged = Summary::merged(buckets.iter().map(|(_, summary)| *summary))?;
    Some(Point {
        time: Timestamp::from_millis(u64::from(buckets[0].0) * 1000),
        min: merged.min(),
        max: merged.max(),
        mean: merged.mean(),
    })
}

/// A device's busy share at one level, whatever its stretch.
#[cfg(test)]
pub(in crate::store) fn lookup_level(
    reader: &Reader,
    level: usize,
    device: &DeviceId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Point>, ReadError> {
    let (level, from, to) = (&LEVELS[level], seconds(from), seconds(to));
    let found = reader
        .engine
        .read(|txn| lookup(txn, level, device, Metric::CpuPermille, from, to))?;
    Ok(thinned(&found, usize::MAX))
}

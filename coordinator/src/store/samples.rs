//! Figures over time at three levels: as they came, by five minutes, by the hour.
//!
//! A row is one device's bucket with all its metrics. The bucket stands before the device in the
//! key: what comes in at one time lies together, and what has to go lies in front.

pub mod metric;
pub mod series;

mod bucket;

use std::time::Duration;

use detect::summary::Summary;
use protocol::coordinator::save::Collected;
use protocol::id::DeviceId;
use protocol::limits;
use protocol::record::Flags;
use protocol::statement::host::Reading;
use protocol::time::Timestamp;
use redb::WriteTransaction;

use super::fault::Fault;
use super::rows::{Table, Writable};
use bucket::Bucket;
use metric::{METRICS, Metric};

/// One level of detail.
#[derive(Debug)]
pub(super) struct Level {
    pub table: Table,
    pub width_s: u32,
}

/// From fine to coarse.
pub(super) static LEVELS: [Level; 3] = [
    Level {
        table: Table::new("samples_10s"),
        width_s: 10,
    },
    Level {
        table: Table::new("samples_5min"),
        width_s: 300,
    },
    Level {
        table: Table::new("samples_1h"),
        width_s: 3600,
    },
];

/// A device's time is believed so far back: what is older was signed by a clock that was never set.
const BELIEVED: Duration = Duration::from_secs(400 * 86_400);

/// The figures of one batch of records.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    samples: Vec<Sample>,
}

#[derive(Debug)]
struct Sample {
    device: DeviceId,
    second: u32,
    figures: [Option<i64>; METRICS],
}

impl Gathered {
    pub fn add(&mut self, record: &Collected, reading: &Reading) {
        self.samples.push(Sample {
            device: record.device,
            second: second_of(record),
            figures: metric::figures(reading),
        });
    }

    /// Merges the samples into every level, each bucket read and written once.
    pub fn write(&self, txn: &WriteTransaction, row: &mut Vec<u8>) -> Result<(), Fault> {
        let mut order: Vec<(u32, DeviceId, usize)> = Vec::with_capacity(self.samples.len());
        for level in &LEVELS {
            order.clear();
            order.extend((0..).zip(&self.samples).map(|(index, sample)| {
                let start = sample.second - sample.second % level.width_s;
                (start, sample.device, index)
            }));
            order.sort_unstable();
            let mut table = level.table.writable(txn)?;
            for same in order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
                self.merge(&mut table, same, row)?;
            }
        }
        Ok(())
    }

    fn merge(
        &self,
        table: &mut Writable<'_>,
        same: &[(u32, DeviceId, usize)],
        row: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let (start, device, _) = same[0];
        let key = key(start, &device);
        let mut bucket = table.read(&key, Bucket::decode)?.unwrap_or_default();
        for &(_, _, index) in same {
            bucket.push(&self.samples[index].figures);
        }
        row.clear();
        bucket.encode(row);
        table.put(&key, row)
    }
}

pub(super) fn key(start: u32, device: &DeviceId) -> [u8; 12] {
    let mut key = [0; 12];
    key[..4].copy_from_slice(&start.to_be_bytes());
    key[4..].copy_from_slice(device.as_bytes());
    key
}

/// When a bucket begins, and whose it is.
pub(super) fn place(key: &[u8]) -> Option<(u32, DeviceId)> {
    let (start, device) = key.split_first_chunk()?;
    let device = DeviceId::from_bytes(device.try_into().ok()?);
    Some((u32::from_be_bytes(*start), device))
}

/// One figure of an encoded bucket.
pub(super) fn one(row: &[u8], metric: Metric) -> Option<Option<Summary>> {
    bucket::decode_one(row, metric as usize)
}

/// The second that a record's figures lie at.
pub(super) fn second_of(record: &Collected) -> u32 {
    seconds(believed(record))
}

/// The first key that is not before a time.
pub(super) fn edge(time: Timestamp) -> [u8; 4] {
    seconds(time).to_be_bytes()
}

pub(super) fn seconds(time: Timestamp) -> u32 {
    u32::try_from(time.as_millis() / 1000).unwrap_or(u32::MAX)
}

/// The device's time where it can be true, the coordinator's otherwise.
fn believed(record: &Collected) -> Timestamp {
    let ahead = record.time > record.received.saturating_add(limits::CLOCK_AHEAD);
    let ancient = record.received.since(record.time) > BELIEVED;
    if ahead || ancient || record.flags.has(Flags::CLOCK_DOUBTED) {
        record.received
    } else {
        record.time
    }
}

//! Charts: thirty days of one device's readings in a real store, asked for as a page asks.

use std::path::Path;
use std::time::{Duration, Instant as Clock};

use coordinator::store::Store;
use coordinator::store::key::StoreKey;
use coordinator::store::retention::{Progress, Retention};
use coordinator::store::samples::metric::Metric;
use protocol::coordinator::save::{Collected, Link, Save};
use protocol::id::DeviceId;
use protocol::record::{Flags, Incarnation, Position};
use protocol::statement::Statement;
use protocol::statement::host::Reading;
use protocol::time::Timestamp;

use crate::fleet::BEGINNING;
use crate::power::records::{self, Made};

/// Readings of one device in a day, at the default period.
const READINGS_PER_DAY: u64 = 8640;
/// Points that a chart draws.
const POINTS: usize = 300;
/// Times that each chart is asked for.
const ASKED: usize = 40;
const BATCH: u64 = 2000;

/// What the bench measured.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub days: u64,
    pub devices: u64,
    pub query_ms_p95: f64,
    pub bytes_per_device_day: u64,
}

/// Fills a store with `days` of `devices`, lets time take what is too old, and asks.
pub fn measure(dir: &Path, days: u64, devices: u64) -> anyhow::Result<Measured> {
    let path = dir.join("coordinator.redb");
    let (mut store, _) = Store::open(&path, StoreKey::from_bytes([3; 32]))?;
    let ids: Vec<DeviceId> = (0..devices)
        .map(|n| DeviceId::from_bytes(n.to_be_bytes()))
        .collect();
    let enrolled = |device: &DeviceId| Save::Enrolled {
        device: *device,
        data_key: records::data_key(),
        at: BEGINNING,
    };
    store.commit(&ids.iter().map(enrolled).collect::<Vec<_>>())?;
    for day in 0..days {
        fill(&mut store, &ids, day)?;
        forget(&mut store, end_of(day))?;
    }
    let query_ms_p95 = ask(&store, ids[0], end_of(days - 1), days)?;
    drop(store);
    let bytes = std::fs::metadata(&path)?.len();
    Ok(Measured {
        days,
        devices,
        query_ms_p95,
        bytes_per_device_day: bytes / (days * devices),
    })
}

fn fill(store: &mut Store, ids: &[DeviceId], day: u64) -> anyhow::Result<()> {
    let first = day * READINGS_PER_DAY;
    for from in (first..first + READINGS_PER_DAY).step_by(usize::try_from(BATCH)?) {
        let to = (from + BATCH).min(first + READINGS_PER_DAY);
        let saves: Vec<Save> = (from..to)
            .flat_map(|number| ids.iter().map(move |device| save(*device, number)))
            .collect();
        store.commit(&saves)?;
    }
    Ok(())
}

fn forget(store: &mut Store, now: Timestamp) -> anyhow::Result<()> {
    while store.prune(now, &Retention::default(), 50_000)?.progress == Progress::More {}
    Ok(())
}

fn ask(store: &Store, device: DeviceId, now: Timestamp, days: u64) -> anyhow::Result<f64> {
    let from = now.saturating_sub(Duration::from_secs(days * 86_400));
    let reader = store.reader();
    let mut times = Vec::with_capacity(ASKED);
    for _ in 0..ASKED {
        let clock = Clock::now();
        let points = reader.series(&device, Metric::CpuPermille, from, now, POINTS)?;
        times.push(clock.elapsed().as_secs_f64() * 1000.0);
        anyhow::ensure!(
            points.len() > POINTS / 4,
            "only {} points for {days} days",
            points.len()
        );
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() * 95 / 100])
}

/// Real sealed records with other places and times: the store does not verify, so their order is all that counts.
fn save(device: DeviceId, number: u64) -> Save {
    let made: &Made = records::numbered(number % records::POOL).expect("within the pool");
    let time = Timestamp::from_millis(BEGINNING.as_millis() + number * 10_000);
    let reading = Reading {
        cpu_permille: u16::try_from(number % 997).expect("below a thousand"),
        memory_used_kib: 100_000 + number % 5000,
        memory_total_kib: 512_000,
        temperature_mc: Some(40_000),
        ..Reading::default()
    };
    Save::Record(Box::new(Collected {
        device,
        position: Position {
            incarnation: Incarnation(0),
            sequence: u32::try_from(number).expect("thirty days of readings are few"),
        },
        time,
        received: time,
        digest: made.digest,
        flags: Flags::NONE,
        link: Link::Chained,
        record: made.record.clone(),
        statement: Some(Statement::Reading(reading)),
    }))
}

fn end_of(day: u64) -> Timestamp {
    BEGINNING.saturating_add(Duration::from_secs((day + 1) * 86_400))
}

//! A coordinator's folder as a large fleet leaves it after a week: everybody admitted by the coordinator's own machine,
//! the last day's readings one a minute, and roll-ups of the days before.
//!
//! Readings are real sealed records with other places and times: signing eight million would take longer than the rest,
//! and the store does not verify.

use std::path::Path;
use std::time::{Duration, Instant as Clock};

use coordinator::store::Store;
use coordinator::store::retention::{Progress, Retention};
use protocol::coordinator::save::{Collected, Link, Save};
use protocol::dice::Dice;
use protocol::id::{DeviceId, Digest};
use protocol::key::SecretKey;
use protocol::record::{Body, Flags, Incarnation, Position, Record};
use protocol::signed::Signed;
use protocol::statement::Statement;
use protocol::statement::host::{Disk, Interface, Reading, Start};
use protocol::text::Name;
use protocol::time::Timestamp;

use crate::demo::Wish;
use crate::demo::people::{self, Login};
use crate::demo::site::Site;
use crate::power::records;

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);
/// Between two readings of the days of which only roll-ups stay.
const EARLIER: Duration = Duration::from_secs(300);
/// Readings that differ, before they repeat.
const POOL: usize = 512;
/// Of so many devices of a site one runs no node, and is left out here.
const STRANGER_OF: usize = 4;

/// What was made.
#[derive(Debug)]
pub struct Filled {
    pub devices: usize,
    pub records: u64,
    pub bytes: u64,
    pub took_s: f64,
    pub login: Login,
}

/// One sealed record and what it says.
struct Made {
    digest: Digest,
    record: Record,
    statement: Statement,
}

/// Fills a folder that does not exist yet; `now` is when the last day ends.
pub fn fill(dir: &Path, devices: usize, days: u64, now: Timestamp) -> anyhow::Result<Filled> {
    anyhow::ensure!(devices > 0, "--devices must be more than zero");
    anyhow::ensure!((1..=40).contains(&days), "choose 1 to 40 --days");
    let clock = Clock::now();
    let wish = Wish {
        devices: devices * STRANGER_OF / (STRANGER_OF - 1),
        days,
        seed: 1,
    };
    let start = now.saturating_sub(DAY * u32::try_from(days)?);
    let mut site = Site::found(dir, &wish, (start, now))?;
    let login = people::arrive(&site.store.writer(), start)?;
    for seat in &mut site.seats {
        seat.data_key = records::data_key();
    }
    site.enrol_all()?;
    let ids: Vec<DeviceId> = site.seats.iter().map(|seat| seat.device).collect();
    let last_day = now.saturating_sub(DAY);
    let mut writing = Writing::new(&mut site.store, &ids, start)?;
    writing.pass(start, last_day, EARLIER)?;
    writing.forget(last_day)?;
    writing.pass(last_day, now, MINUTE)?;
    let (path, records) = (site.paths.store(), site.store.reader().counts()?.records);
    drop(site);
    Ok(Filled {
        devices: ids.len(),
        records,
        bytes: std::fs::metadata(path)?.len(),
        took_s: clock.elapsed().as_secs_f64(),
        login,
    })
}

struct Writing<'s> {
    store: &'s mut Store,
    ids: &'s [DeviceId],
    pool: Vec<Made>,
    sequence: u32,
}

impl<'s> Writing<'s> {
    /// Everybody says what it is.
    fn new(store: &'s mut Store, ids: &'s [DeviceId], at: Timestamp) -> anyhow::Result<Self> {
        let mut dice = Dice::from_seed([9; 32]);
        let readings = (0..POOL).map(|number| made(reading(number, &mut dice), &mut dice));
        let pool = readings.collect::<anyhow::Result<_>>()?;
        let mut writing = Self {
            store,
            ids,
            pool,
            sequence: 0,
        };
        let first = made(opening(), &mut dice)?;
        writing.say(at, |_| &first)?;
        Ok(writing)
    }

    fn pass(&mut self, from: Timestamp, to: Timestamp, every: Duration) -> anyhow::Result<()> {
        let pool = std::mem::take(&mut self.pool);
        let mut at = from.saturating_add(every);
        while at < to {
            let moment = self.sequence as usize;
            self.say(at, |place| &pool[(place * 7 + moment) % POOL])?;
            at = at.saturating_add(every);
        }
        self.pool = pool;
        Ok(())
    }

    /// One record of everybody, made durable together.
    fn say<'m>(&mut self, at: Timestamp, said: impl Fn(usize) -> &'m Made) -> anyhow::Result<()> {
        let position = Position {
            incarnation: Incarnation(0),
            sequence: self.sequence,
        };
        self.sequence += 1;
        let one = |(place, device): (usize, &DeviceId)| {
            let made = said(place);
            Save::Record(Box::new(Collected {
                device: *device,
                position,
                time: at,
                received: at,
                digest: made.digest,
                flags: Flags::NONE,
                link: Link::Chained,
                record: made.record.clone(),
                statement: Some(made.statement.clone()),
            }))
        };
        let saves: Vec<Save> = self.ids.iter().enumerate().map(one).collect();
        Ok(self.store.commit(&saves)?)
    }

    /// Of what came before only roll-ups stay.
    fn forget(&mut self, before: Timestamp) -> anyhow::Result<()> {
        let retention = Retention {
            records: Duration::ZERO,
            raw: Duration::ZERO,
            ..Retention::default()
        };
        while self.store.prune(before, &retention, 200_000)?.progress == Progress::More {}
        Ok(())
    }
}

fn made(statement: Statement, dice: &mut Dice) -> anyhow::Result<Made> {
    let body = Body::seal(&statement, &records::data_key(), dice)?;
    let head = records::head(
        records::device(),
        0,
        Timestamp::default(),
        Digest::ZERO,
        &body,
    );
    let head = Signed::seal(head, &SecretKey::from_seed(&[7; 32]));
    Ok(Made {
        digest: head.digest(),
        record: Record::new(&head, body),
        statement,
    })
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a short word is a name")
}

fn opening() -> Statement {
    Statement::Start(Start {
        agent: name("0.1.0"),
        host: name("device"),
        system: name("Debian GNU/Linux 12"),
        kernel: name("6.1.0-18-arm64"),
        architecture: name("aarch64"),
        model: None,
        cores: 4,
        product: None,
    })
}

/// All seven figures, as most hosts have them.
fn reading(number: usize, dice: &mut Dice) -> Statement {
    Statement::Reading(Reading {
        cpu_permille: u16::try_from(number % 997).expect("below a thousand"),
        memory_used_kib: 200_000 + dice.below(90_000),
        memory_total_kib: 512_000,
        uptime_s: dice.below(4_000_000),
        temperature_mc: Some(41_000 + i32::try_from(dice.below(9_000)).expect("small")),
        disks: vec![Disk {
            mount: name("/"),
            used_mib: 2_000 + dice.below(100),
            total_mib: 16_000,
        }],
        interfaces: vec![Interface {
            name: name("eth0"),
            received: dice.below(90_000),
            sent: dice.below(40_000),
        }],
        ..Reading::default()
    })
}

#[cfg(test)]
mod tests {
    use coordinator::offices;
    use coordinator::store::key::StoreKey;
    use coordinator::store::samples::metric::Metric;

    use super::*;

    /// Small, but as the large one: a day raw, days before it rolled up, and everybody can be read.
    #[test]
    fn a_filled_folder_holds_a_day_of_readings_and_roll_ups_before_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let into = dir.path().join("mesh");
        let now = Timestamp::from_millis(1_790_000_000_000);
        let filled = fill(&into, 3, 2, now).expect("it is filled");
        assert_eq!(filled.devices, 3);
        assert_eq!(
            filled.records,
            3 * (1 + 1_439 + 1),
            "the starts and the newest of before stay"
        );
        let paths = offices::Paths::new(&into);
        let certified = offices::load(&paths).expect("a mesh");
        let key = StoreKey::from_bytes(*certified.store_key.bytes());
        let (store, memory) = Store::open(&paths.store(), key).expect("a store");
        assert_eq!(memory.devices.len(), 3);
        let (device, _) = memory.devices.iter().next().expect("a device");
        let reader = store.reader();
        let latest = reader.latest(device).expect("it is read");
        assert!(latest.start.is_some() && latest.reading.is_some());
        let from = now.saturating_sub(DAY * 2);
        let series = reader.series(device, Metric::CpuPermille, from, now, 2_000);
        let series = series.expect("a series");
        let first = series.first().expect("a point");
        assert!(first.time < from.saturating_add(Duration::from_secs(600)));
    }
}

//! What lists ask of every device at once, in memory beside the tables that it follows from: the newest busy share, and
//! whether a device has said anew what it is or where.
//!
//! The store says nothing here that its tables do not: what was committed is noted, what was erased is forgotten, and
//! the shares of the last hour are read once.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::coordinator::save::Save;
use protocol::id::DeviceId;
use protocol::statement::Statement;
use protocol::time::Timestamp;
use redb::ReadTransaction;

use super::Reader;
use super::fault::{Fault, ReadError};
use super::samples::metric::Metric;
use super::samples::{self, LEVELS};

/// The level that the shares are read from, once: few rows, and none older than is asked for by more than its width.
const READ_FROM: usize = 1;

/// One entry for each device that spoke since the start, so no more than were ever admitted.
#[derive(Debug, Default)]
pub(super) struct Newest(Mutex<Board>);

#[derive(Debug, Default)]
struct Board {
    /// What was stored before the start is in it too.
    is_whole: bool,
    shares: BTreeMap<DeviceId, Share>,
    /// How often each device has said anew what it is or where it can be reached.
    told: BTreeMap<DeviceId, u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Share {
    second: u32,
    permille: i64,
}

impl Newest {
    /// Notes what a committed batch says.
    pub fn note(&self, saves: &[Save]) {
        let mut board = self.board();
        for save in saves {
            match save {
                Save::Contact { device, .. } => board.tell(*device),
                Save::Record(record) => match &record.statement {
                    Some(Statement::Start(_)) => board.tell(record.device),
                    Some(Statement::Reading(reading)) => {
                        let share = Share {
                            second: samples::second_of(record),
                            permille: i64::from(reading.cpu_permille),
                        };
                        board.share(record.device, share);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// Forgets what an erased device said.
    pub fn forget(&self, device: &DeviceId) {
        let mut board = self.board();
        board.shares.remove(device);
        board.tell(*device);
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Board {
    fn tell(&mut self, device: DeviceId) {
        *self.told.entry(device).or_default() += 1;
    }

    /// Takes a share that is not older than the one it knows.
    fn share(&mut self, device: DeviceId, share: Share) {
        let known = self.shares.entry(device).or_insert(share);
        if share.second >= known.second {
            *known = share;
        }
    }

    fn fill(&mut self, stored: Vec<(DeviceId, Share)>) {
        for (device, share) in stored {
            self.share(device, share);
        }
        self.is_whole = true;
    }
}

impl Reader {
    /// The newest busy share of every device that measured one since then, in thousandths.
    pub fn busy_shares(&self, since: Timestamp) -> Result<BTreeMap<DeviceId, i64>, ReadError> {
        let width = LEVELS[READ_FROM].width_s;
        let since = samples::seconds(since);
        let since = since - since % width;
        let mut board = self.engine.newest.board();
        if !board.is_whole {
            let stored = self.engine.read(|txn| stored(txn, since))?;
            board.fill(stored);
        }
        board.shares.retain(|_, share| share.second >= since);
        let shares = board.shares.iter();
        Ok(shares.map(|(id, share)| (*id, share.permille)).collect())
    }

    /// A number that changes when a device says anew what it is or where it can be reached.
    pub fn told_so_far(&self, device: &DeviceId) -> u64 {
        let board = self.engine.newest.board();
        board.told.get(device).copied().unwrap_or_default()
    }
}

fn stored(txn: &ReadTransaction, since: u32) -> Result<Vec<(DeviceId, Share)>, Fault> {
    let rows = LEVELS[READ_FROM].table.readable(txn)?;
    let mut found = Vec::new();
    rows.visit(since.to_be_bytes().as_slice().., |key, row| {
        let (second, device) = samples::place(key).ok_or_else(|| rows.malformed())?;
        let summary = samples::one(row, Metric::CpuPermille).ok_or_else(|| rows.malformed())?;
        if let Some(summary) = summary {
            let permille = summary.last();
            found.push((device, Share { second, permille }));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::store::fault::ChangeError;
    use crate::store::tests::rig::{
        Disk, act, at, collected, device, enrolled, position, reading, readings, saved, start,
    };

    fn shares(store: &Store, since: u64) -> Vec<(DeviceId, i64)> {
        let shares = store.reader().busy_shares(at(since));
        shares.expect("they are read").into_iter().collect()
    }

    /// Device 1 has said 29 last, and device 2 59 after the start.
    fn filled(disk: &Disk) -> Store {
        let (mut store, _) = disk.open();
        let saves = [enrolled(1), enrolled(2)];
        store.commit(&saves).expect("they are stored");
        store.commit(&readings(1, 0..30)).expect("they are stored");
        store
    }

    #[test]
    fn the_newest_share_is_known_of_what_was_stored_before_the_start_and_since() {
        let disk = Disk::default();
        drop(filled(&disk));
        let (mut store, _) = disk.open();
        assert_eq!(shares(&store, 0), [(device(1), 29)]);
        store.commit(&readings(2, 0..60)).expect("they are stored");
        let both = [(device(1), 29), (device(2), 59)];
        assert_eq!(shares(&store, 0), both);
        let late = collected(2, position(0, 60), at(5_000), reading(700));
        store.commit(&[saved(late)]).expect("it is stored");
        assert_eq!(shares(&store, 0), both, "what came late is not the newest");
    }

    #[test]
    fn what_is_read_once_says_what_the_tables_say() {
        let disk = Disk::default();
        let mut store = filled(&disk);
        store.commit(&readings(2, 0..60)).expect("they are stored");
        let noted = shares(&store, 0);
        drop(store);
        assert_eq!(shares(&disk.open().0, 0), noted);
    }

    #[test]
    fn a_share_that_is_older_than_asked_for_is_none() {
        let disk = Disk::default();
        let mut store = filled(&disk);
        store.commit(&readings(2, 0..60)).expect("they are stored");
        assert_eq!(shares(&store, 400_000), [(device(2), 59)]);
    }

    #[test]
    fn an_erased_device_has_no_share_and_has_to_be_asked_again() {
        let disk = Disk::default();
        let store = filled(&disk);
        let before = store.reader().told_so_far(&device(1));
        let erased = store.writer().write(|changes| {
            changes.erase_device(&device(1))?;
            changes.audit(act("device.erase"))?;
            Ok::<_, ChangeError>(())
        });
        erased.expect("it is erased");
        assert_eq!(shares(&store, 0), []);
        assert_ne!(store.reader().told_so_far(&device(1)), before);
    }

    #[test]
    fn whoever_says_anew_what_it_is_or_where_is_to_be_asked_again() {
        let disk = Disk::default();
        let mut store = filled(&disk);
        let told = |store: &Store| store.reader().told_so_far(&device(1));
        let before = told(&store);
        let more = collected(1, position(0, 30), at(300_000), reading(1));
        store.commit(&[saved(more)]).expect("it is stored");
        assert_eq!(told(&store), before, "a reading says neither");
        let said = collected(1, position(1, 0), at(310_000), start());
        store.commit(&[saved(said)]).expect("it is stored");
        let moved = Save::Contact {
            device: device(1),
            contact: vec![1],
        };
        let after = told(&store);
        assert_ne!(after, before);
        store.commit(&[moved]).expect("it is stored");
        assert_ne!(told(&store), after);
        assert_eq!(store.reader().told_so_far(&device(2)), 0);
    }
}

//! The coordinator's real tables as the subject of power cuts.

use coordinator::store::key::StoreKey;
use coordinator::store::{Integrity, Store};
use protocol::coordinator::save::{Collected, Link, Memory, Save};
use protocol::record::Flags;
use protocol::time::Timestamp;

use super::disk::Disk;
use super::{Subject, Verdict, records};

/// Records in one batch.
const BATCH: u64 = 4;

/// A store and what it remembered when it was opened.
#[derive(Debug)]
pub struct StoreSubject {
    store: Store,
    memory: Memory,
}

impl Subject for StoreSubject {
    fn open(disk: &Disk) -> Result<Self, String> {
        let disk = disk.clone();
        let opened = Store::with_backends(move || disk.clone(), StoreKey::from_bytes([3; 32]));
        opened
            .map(|(store, memory)| Self { store, memory })
            .map_err(|error| error.to_string())
    }

    fn commit(&mut self, index: u64) -> Result<(), String> {
        let saves = batch(index).ok_or("the pool is used up")?;
        self.store.commit(&saves).map_err(|error| error.to_string())
    }

    fn check(&self, acknowledged: u64) -> Verdict {
        let last = self
            .memory
            .devices
            .get(&records::device())
            .and_then(|device| device.last);
        let stored = last.map_or(0, |last| u64::from(last.position.sequence) + 1);
        if stored < acknowledged * BATCH {
            return Verdict::Lost(format!(
                "{} records were acknowledged, {stored} are there",
                acknowledged * BATCH
            ));
        }
        if stored > (acknowledged + 1) * BATCH || !stored.is_multiple_of(BATCH) {
            return Verdict::Wrong(format!(
                "{stored} records after {acknowledged} batches of {BATCH}"
            ));
        }
        self.check_rows(stored)
    }
}

impl StoreSubject {
    /// Whether neither the opening nor the check of every page, which comes each night, finds anything.
    pub fn is_sound(&mut self) -> bool {
        let repaired = self.store.integrity() == Integrity::Repaired;
        !repaired && matches!(self.store.check(), Ok(Integrity::Sound))
    }

    fn check_rows(&self, stored: u64) -> Verdict {
        let rows = match self
            .store
            .reader()
            .records(&records::device(), None, usize::MAX)
        {
            Ok(rows) => rows,
            Err(error) => return Verdict::Unopenable(error.to_string()),
        };
        let same = rows.len() as u64 == stored
            && rows.iter().enumerate().all(|(index, row)| {
                records::numbered(index as u64).is_some_and(|made| row.record == made.record)
            });
        if same {
            Verdict::Kept
        } else {
            Verdict::Wrong(format!("{} rows where {stored} were written", rows.len()))
        }
    }
}

fn batch(index: u64) -> Option<Vec<Save>> {
    let device = records::device();
    let mut saves = Vec::new();
    if index == 0 {
        saves.push(Save::Enrolled {
            device,
            data_key: records::data_key(),
            at: Timestamp::from_millis(1),
        });
    }
    for number in index * BATCH..(index + 1) * BATCH {
        let made = records::numbered(number)?;
        saves.push(Save::Record(Box::new(Collected {
            device,
            position: made.position,
            time: made.time,
            received: made.time,
            digest: made.digest,
            flags: Flags::NONE,
            link: if number == 0 {
                Link::First
            } else {
                Link::Chained
            },
            record: made.record.clone(),
            statement: Some(made.statement.clone()),
        })));
    }
    Some(saves)
}

//! The node's journal as the subject of power cuts.

use node::journal::Journal;
use protocol::id::DeviceId;
use protocol::node::save::{Memory, Save};
use protocol::record::{Incarnation, Position};

use super::disk::Disk;
use super::{Subject, Verdict, records};

/// Every so many batches the coordinator has acknowledged everything but the last few.
const ACKNOWLEDGE_EVERY: u64 = 8;
const KEPT_BACK: u64 = 3;

/// A journal and what it remembered when it was opened.
#[derive(Debug)]
pub struct JournalSubject {
    journal: Journal,
    memory: Memory,
}

impl Subject for JournalSubject {
    fn open(disk: &Disk) -> Result<Self, String> {
        let disk = disk.clone();
        let opened = Journal::create_with_backend(move || disk.clone());
        opened
            .map(|(journal, memory)| Self { journal, memory })
            .map_err(|error| error.to_string())
    }

    fn commit(&mut self, index: u64) -> Result<(), String> {
        let saves = batch(index).ok_or("the pool is used up")?;
        self.journal
            .commit(&saves)
            .map_err(|error| error.to_string())
    }

    fn check(&self, acknowledged: u64) -> Verdict {
        let last = self.memory.last.as_ref().map(|(position, _)| *position);
        let (least, most) = (newest(acknowledged), newest(acknowledged + 1));
        if acknowledged > 0 && self.memory.incarnation.is_none() {
            return Verdict::Lost("the incarnation is forgotten".to_owned());
        }
        if last < least {
            return Verdict::Lost(format!(
                "{least:?} was acknowledged, the newest is {last:?}"
            ));
        }
        if last > most && records::numbered(acknowledged).is_some() {
            return Verdict::Wrong(format!("{last:?} was never written"));
        }
        let count = last.map_or(0, |last| u64::from(last.sequence) + 1);
        self.check_content(count)
    }
}

impl JournalSubject {
    fn check_content(&self, count: u64) -> Verdict {
        let expected_ack = acknowledged_by(count);
        if self.memory.acknowledged != expected_ack {
            return Verdict::Wrong(format!(
                "acknowledged up to {:?}, not {expected_ack:?}",
                self.memory.acknowledged
            ));
        }
        let backlog = match self.journal.backlog(expected_ack, usize::MAX) {
            Ok(backlog) => backlog,
            Err(error) => return Verdict::Unopenable(error.to_string()),
        };
        let from = expected_ack.map_or(0, |position| u64::from(position.sequence) + 1);
        let expected: Vec<_> = (from..count).filter_map(records::numbered).collect();
        let same = backlog.len() == expected.len()
            && backlog
                .iter()
                .zip(&expected)
                .all(|((position, record), made)| {
                    *position == made.position && *record == made.record
                });
        if same {
            Verdict::Kept
        } else {
            Verdict::Wrong(format!(
                "{} rows where {} were written",
                backlog.len(),
                expected.len()
            ))
        }
    }
}

/// Batch number `index`: one own record, a witnessed head, now and then an acknowledgement.
fn batch(index: u64) -> Option<Vec<Save>> {
    let made = records::numbered(index)?;
    let mut saves = vec![
        Save::Witnessed {
            subject: DeviceId::from_bytes([9; 8]),
            head: made.record.head.to_vec(),
        },
        Save::Record {
            position: made.position,
            record: made.record.clone(),
        },
    ];
    if index == 0 {
        saves.insert(0, Save::Incarnation(Incarnation(0)));
    }
    if let Some(position) = acknowledged_with(index) {
        saves.push(Save::Acknowledged(position));
    }
    Some(saves)
}

fn acknowledged_with(index: u64) -> Option<Position> {
    let due = index % ACKNOWLEDGE_EVERY == ACKNOWLEDGE_EVERY - 1;
    due.then(|| records::numbered(index - KEPT_BACK))
        .flatten()
        .map(|made| made.position)
}

/// What the coordinator had acknowledged after `count` batches.
fn acknowledged_by(count: u64) -> Option<Position> {
    (0..count).rev().find_map(acknowledged_with)
}

fn newest(batches: u64) -> Option<Position> {
    batches
        .checked_sub(1)
        .and_then(records::numbered)
        .map(|made| made.position)
}

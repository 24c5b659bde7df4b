//! What a journal has to hold, kept in maps.

use std::collections::BTreeMap;

use protocol::dice::Dice;
use protocol::id::{DeviceId, Digest, Epoch};
use protocol::key::SecretKey;
use protocol::node::save::{Memory, Save};
use protocol::record::{Body, Flags, Head, Incarnation, Position, Record};
use protocol::seal::DataKey;
use protocol::signed::Signed;
use protocol::statement::{Farewell, Statement};
use protocol::time::Timestamp;

use super::Journal;

#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    memory: Memory,
    records: BTreeMap<Position, Record>,
    custody: BTreeMap<DeviceId, BTreeMap<Position, Record>>,
}

impl Model {
    pub(super) fn apply(&mut self, saves: &[Save]) {
        for save in saves.iter().cloned() {
            match save {
                Save::Incarnation(incarnation) => self.memory.incarnation = Some(incarnation),
                Save::Record { position, record } => drop(self.records.insert(position, record)),
                Save::Acknowledged(acknowledged) => {
                    self.memory.acknowledged = Some(acknowledged);
                    let newest = self.records.keys().next_back().copied();
                    self.records.retain(|position, _| {
                        *position > acknowledged || Some(*position) == newest
                    });
                }
                Save::GivenUp(last) => {
                    let newest = self.records.keys().next_back().copied();
                    self.records
                        .retain(|position, _| *position > last || Some(*position) == newest);
                }
                Save::Conviction(proof) => self.memory.convictions.push(proof),
                Save::Seeds(seeds) => self.memory.seeds = Some(seeds),
                Save::Countersigned(head) => self.memory.countersigned = Some(head),
                Save::Cosigned(envelopes) => self.memory.cosigned = envelopes,
                Save::Contact { device, contact } => {
                    drop(self.memory.contacts.insert(device, contact));
                }
                Save::Witnessed { subject, head } => {
                    drop(self.memory.witnessed.insert(subject, head));
                }
                Save::Watched(files) => self.memory.watched = Some(files),
                Save::Capability(sealed) => self.memory.capability = Some(sealed),
                Save::Order(order) => self.memory.order = Some(order),
                Save::Report(report) => self.memory.report = Some(report),
                Save::Appeals(appeals) => self.memory.appeals = Some(appeals),
                Save::Commands(commands) => self.memory.commands = Some(commands),
                Save::Halts(halts) => self.memory.halts = Some(halts),
                Save::Update(save) => self.memory.update.take(save),
                Save::Custody {
                    subject,
                    position,
                    record,
                } => {
                    self.custody
                        .entry(subject)
                        .or_default()
                        .insert(position, record);
                }
                Save::Entries { entries, head, .. } => {
                    self.memory.entries.extend(entries);
                    self.memory.log_head = Some(head);
                }
            }
        }
    }

    pub(super) fn memory(&self) -> Memory {
        let last = self
            .records
            .last_key_value()
            .map(|(position, record)| (*position, record.clone()));
        Memory {
            last,
            waiting: self.records.keys().copied().collect(),
            ..self.memory.clone()
        }
    }

    pub(super) fn backlog(&self) -> Vec<(Position, Record)> {
        self.records
            .iter()
            .map(|(position, record)| (*position, record.clone()))
            .collect()
    }

    pub(super) fn assert_is(&self, journal: &Journal) {
        assert_eq!(
            journal.backlog(None, usize::MAX).expect("the disk is fine"),
            self.backlog()
        );
        for (subject, records) in &self.custody {
            let kept = journal.custody(*subject).expect("the disk is fine");
            assert!(
                kept.iter()
                    .map(|(position, record)| (position, record))
                    .eq(records)
            );
        }
    }
}

/// A batch as a node could make it.
pub(super) fn batch(dice: &mut Dice, model: &Model) -> Vec<Save> {
    let mut model = model.clone();
    let mut saves = Vec::new();
    for _ in 0..=dice.below(4) {
        let save = save(dice, &model);
        model.apply(std::slice::from_ref(&save));
        saves.push(save);
    }
    saves
}

fn save(dice: &mut Dice, model: &Model) -> Save {
    let newest = model.records.keys().next_back().copied();
    let incarnation = model.memory.incarnation.unwrap_or_default();
    let subject = device(dice.below(3) as u8);
    match dice.below(9) {
        0 => Save::Incarnation(incarnation.next()),
        1 => Save::Acknowledged(newest.unwrap_or_default()),
        2 => Save::Witnessed {
            subject,
            head: dice.bytes::<300>().to_vec(),
        },
        3 => {
            let kept = model
                .custody
                .get(&subject)
                .and_then(|records| records.keys().next_back());
            let position = kept.map_or_else(Position::default, |position| position.next());
            Save::Custody {
                subject,
                position,
                record: record(position),
            }
        }
        4 => Save::Entries {
            from: model.memory.entries.len() as u64,
            entries: (0..=dice.below(3))
                .map(|_| dice.bytes::<400>().to_vec())
                .collect(),
            head: dice.bytes::<100>().to_vec(),
        },
        5 => {
            let oldest = model.records.keys().nth(dice.below(2) as usize);
            Save::GivenUp(oldest.copied().unwrap_or_default())
        }
        _ => {
            let next = newest.map_or(Position::first(incarnation), Position::next);
            let position = next.max(Position::first(incarnation));
            Save::Record {
                position,
                record: record(position),
            }
        }
    }
}

pub(super) fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 8])
}

pub(super) fn position(incarnation: u32, sequence: u32) -> Position {
    Position {
        incarnation: Incarnation(incarnation),
        sequence,
    }
}

pub(super) fn record(position: Position) -> Record {
    let mut dice = Dice::from_seed([position.sequence as u8; 32]);
    let statement = Statement::Goodbye(Farewell::Stopped);
    let body =
        Body::seal(&statement, &DataKey::from_bytes([7; 32]), &mut dice).expect("it is short");
    let head = Head {
        device: device(9),
        position,
        time: Timestamp::from_millis(1),
        previous: Digest::ZERO,
        body: body.digest(),
        epoch: Epoch::FROZEN,
        entangled: None,
        flags: Flags::NONE,
        ring_mask: 0,
        attachment: None,
        checkpoint: None,
    };
    Record::new(&Signed::seal(head, &SecretKey::from_seed(&[9; 32])), body)
}

//! The coordinator's store in memory: batches are durable when committed, and a crash forgets the rest.

use std::collections::BTreeMap;

use protocol::coordinator::save::{Collected, KeptRollout, Memory, Remembered, Save, Token};
use protocol::enrolment::TokenId;
use protocol::heard::Heard;
use protocol::id::DeviceId;
use protocol::message::Last;
use protocol::record::Position;
use protocol::rollout::RolloutId;
use protocol::seal::DataKey;
use protocol::statement::Statement;
use protocol::time::Timestamp;

use crate::truth::{Mark, Print};

/// A record that arrives this much later than it was made is late.
const LATE_MS: u64 = 60_000;

/// What is on purpose wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StoreFlaw {
    #[default]
    None,
    /// Acknowledgements leave before the batch is durable.
    AcknowledgesFirst,
    /// The cursor of a device is not written with its records, and is one record behind after a start.
    ForgetsCursor,
}

/// Everything the coordinator has written down.
#[derive(Debug, Clone, Default)]
pub struct Store {
    entries: Vec<Vec<u8>>,
    log_head: Option<Vec<u8>>,
    devices: BTreeMap<DeviceId, Row>,
    tokens: BTreeMap<TokenId, Token>,
    convictions: Vec<Vec<u8>>,
    cosigned: Vec<Vec<u8>>,
    rulings: Vec<Vec<u8>>,
    halts: Vec<Vec<u8>>,
    rollouts: BTreeMap<RolloutId, KeptRollout>,
    votes: Vec<Vec<u8>>,
    seeds: Option<Vec<u8>>,
    /// What members said of devices without a node, in the order in which it was taken.
    heard: Vec<(DeviceId, Position, Heard)>,
    pending: Vec<Save>,
    violations: Violations,
    records: u64,
    late: u64,
}

/// What no order of faults may ever lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Violations {
    pub duplicated: u64,
    pub out_of_order: u64,
    /// A record of a device that nobody enrolled.
    pub unknown: u64,
}

/// One device. Of its records only place and print are kept.
#[derive(Debug, Clone)]
struct Row {
    data_key: DataKey,
    enrolled: Timestamp,
    last: Option<Last>,
    before_last: Option<Last>,
    received: Option<Timestamp>,
    contact: Option<Vec<u8>>,
    retired: Option<Timestamp>,
    marks: Vec<Mark>,
    newest: Option<Position>,
}

impl Store {
    /// Takes one write; it is not durable before the next commit.
    pub fn write(&mut self, save: Save) {
        self.pending.push(save);
    }

    pub fn is_clean(&self) -> bool {
        self.pending.is_empty()
    }

    /// Whether the next commit makes a record durable.
    pub fn holds_records(&self) -> bool {
        let is_record = |save: &Save| matches!(save, Save::Record(_));
        self.pending.iter().any(is_record)
    }

    pub fn commit(&mut self) {
        for save in std::mem::take(&mut self.pending) {
            self.apply(save);
        }
    }

    /// What was not committed is gone.
    pub fn crash(&mut self) {
        self.pending.clear();
    }

    pub fn memory(&self, flaw: StoreFlaw) -> Memory {
        let devices = self
            .devices
            .iter()
            .map(|(device, row)| (*device, row.remembered(flaw)));
        Memory {
            entries: self.entries.clone(),
            log_head: self.log_head.clone(),
            devices: devices.collect(),
            tokens: self.tokens.values().cloned().collect(),
            convictions: self.convictions.clone(),
            cosigned: self.cosigned.clone(),
            rulings: self.rulings.clone(),
            halts: self.halts.clone(),
            rollouts: self.rollouts.clone(),
            votes: self.votes.clone(),
            seeds: self.seeds.clone(),
        }
    }

    /// Every proof that was committed.
    pub fn convictions(&self) -> &[Vec<u8>] {
        &self.convictions
    }

    /// The identity log as it was committed.
    pub fn log(&self) -> (&[Vec<u8>], Option<&[u8]>) {
        (&self.entries, self.log_head.as_deref())
    }

    /// The records of one device in the order in which they were taken.
    pub fn marks(&self, device: &DeviceId) -> &[Mark] {
        self.devices.get(device).map_or(&[], |row| &row.marks)
    }

    /// Every page about devices without a node: by whom, and where in its log.
    pub fn heard(&self) -> &[(DeviceId, Position, Heard)] {
        &self.heard
    }

    pub fn records(&self) -> u64 {
        self.records
    }

    pub fn late(&self) -> u64 {
        self.late
    }

    pub fn violations(&self) -> Violations {
        self.violations
    }

    fn apply(&mut self, save: Save) {
        match save {
            Save::Record(collected) => self.take(&collected),
            Save::Entries {
                from,
                entries,
                head,
            } => {
                self.entries
                    .truncate(usize::try_from(from).unwrap_or(usize::MAX));
                self.entries.extend(entries);
                self.log_head = Some(head);
            }
            Save::Enrolled {
                device,
                data_key,
                at,
            } => {
                self.devices.insert(device, Row::new(data_key, at));
            }
            Save::Token(token) => {
                self.tokens.insert(token.id, token);
            }
            Save::Observation(_) => {}
            Save::Retired { device, at } => {
                if let Some(row) = self.devices.get_mut(&device) {
                    row.retired = Some(at);
                }
            }
            Save::Ruling { ruling, .. } => self.rulings.push(ruling),
            Save::Halt { halt, .. } => self.halts.push(halt),
            Save::Rollout { id, course } => self.rollouts.entry(id).or_default().course = course,
            Save::RolloutDevice { id, device, entry } => {
                let kept = self.rollouts.entry(id).or_default();
                kept.entries.insert(device, entry);
            }
            Save::RolloutGone { id } => drop(self.rollouts.remove(&id)),
            Save::Vote { vote, .. } => self.votes.push(vote),
            Save::Conviction { proof, .. } => self.convictions.push(proof.bytes().to_vec()),
            Save::Seeds(seeds) => self.seeds = Some(seeds),
            Save::Cosigned(envelopes) => self.cosigned = envelopes,
            Save::Contact { device, contact } => {
                if let Some(row) = self.devices.get_mut(&device) {
                    row.contact = Some(contact);
                }
            }
        }
    }

    fn take(&mut self, collected: &Collected) {
        let Some(row) = self.devices.get_mut(&collected.device) else {
            self.violations.unknown += 1;
            return;
        };
        self.records += 1;
        self.late +=
            u64::from(collected.received.as_millis() > collected.time.as_millis() + LATE_MS);
        if row
            .newest
            .is_some_and(|newest| collected.position <= newest)
        {
            let twice = row
                .marks
                .iter()
                .any(|(position, _)| *position == collected.position);
            self.violations.duplicated += u64::from(twice);
            self.violations.out_of_order += u64::from(!twice);
        }
        row.take(collected);
        if let Some(Statement::Heard(heard)) = &collected.statement {
            let page = (collected.device, collected.position, heard.clone());
            self.heard.push(page);
        }
    }
}

impl Row {
    fn new(data_key: DataKey, enrolled: Timestamp) -> Self {
        Self {
            data_key,
            enrolled,
            last: None,
            before_last: None,
            received: None,
            contact: None,
            retired: None,
            marks: Vec::new(),
            newest: None,
        }
    }

    fn take(&mut self, collected: &Collected) {
        self.marks
            .push((collected.position, Print::of(&collected.record.head)));
        self.newest = self.newest.max(Some(collected.position));
        self.before_last = self.last;
        self.last = Some(Last {
            position: collected.position,
            digest: collected.digest,
        });
        self.received = Some(collected.received);
    }

    fn remembered(&self, flaw: StoreFlaw) -> Remembered {
        Remembered {
            data_key: self.data_key.clone(),
            enrolled: self.enrolled,
            last: if flaw == StoreFlaw::ForgetsCursor {
                self.before_last
            } else {
                self.last
            },
            received: self.received,
            contact: self.contact.clone(),
            retired: self.retired,
            obeyed: None,
        }
    }
}

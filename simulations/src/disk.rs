//! A node's journal on a disk that forgets at a crash what was not committed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use protocol::id::DeviceId;
use protocol::node::save::{Memory, Save};
use protocol::record::{Incarnation, Position, Record};
use protocol::roster::Roster;
use protocol::statement::host::WatchedFile;
use protocol::updater::Saved;

use crate::truth::{Mark, Print};

/// What is on purpose wrong with a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JournalFlaw {
    #[default]
    None,
    /// A start drops every record that the coordinator has not acknowledged.
    ForgetsUnacknowledged,
    /// Only so many unacknowledged records are kept; older ones are overwritten.
    KeepsFew(usize),
    /// A start knows of no command that came before.
    ForgetsCommands,
}

/// What breaks a disk on purpose, to see that the checks bite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Honesty {
    #[default]
    Honest,
    /// Says that it synced, and did not.
    LiesAboutSync,
}

/// What is on purpose wrong while a device installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InstallFlaw {
    #[default]
    None,
    /// Nobody waits for the bytes of a file.
    FilesUnsynced,
    /// Nobody waits for the names in a directory.
    NamesUnsynced,
    /// The floor rises when a version is switched to, not when it is committed.
    FloorAtSwitch,
}

/// Everything durable on one device. Bodies kept for others are only counted, to save memory.
#[derive(Debug, Clone)]
pub struct Disk {
    incarnation: Option<Incarnation>,
    /// The newest own record, whether or not it is acknowledged.
    last: Option<(Position, Record)>,
    unacknowledged: VecDeque<(Position, Record)>,
    acknowledged: Option<Position>,
    witnessed: BTreeMap<DeviceId, Vec<u8>>,
    contacts: BTreeMap<DeviceId, Vec<u8>>,
    watched: Option<Vec<WatchedFile>>,
    capability: Option<Vec<u8>>,
    report: Option<Vec<u8>>,
    order: Option<Vec<u8>>,
    appeals: Option<Vec<u8>>,
    halts: Option<Vec<u8>>,
    commands: Option<Vec<u8>>,
    update: Saved,
    roster: Arc<Roster>,
    convictions: Vec<Vec<u8>>,
    cosigned: Vec<Vec<u8>>,
    countersigned: Option<Vec<u8>>,
    seeds: Option<Vec<u8>>,
    custody: u64,
    flaw: JournalFlaw,
}

impl Disk {
    pub fn new(roster: Arc<Roster>, flaw: JournalFlaw) -> Self {
        Self {
            incarnation: None,
            last: None,
            unacknowledged: VecDeque::new(),
            acknowledged: None,
            witnessed: BTreeMap::new(),
            contacts: BTreeMap::new(),
            watched: None,
            capability: None,
            report: None,
            order: None,
            appeals: None,
            halts: None,
            commands: None,
            update: Saved::default(),
            roster,
            convictions: Vec::new(),
            cosigned: Vec::new(),
            countersigned: None,
            seeds: None,
            custody: 0,
            flaw,
        }
    }

    /// One transaction: all of it or nothing. Returns the marks of own records that it made durable.
    pub fn commit(&mut self, saves: Vec<Save>, roster: Option<&Arc<Roster>>) -> Vec<Mark> {
        let mut appended = Vec::new();
        for save in saves {
            match save {
                Save::Incarnation(incarnation) => self.incarnation = Some(incarnation),
                Save::Record { position, record } => {
                    appended.push((position, Print::of(&record.head)));
                    self.append(position, record);
                }
                Save::Acknowledged(position) => {
                    self.acknowledged = Some(position);
                    self.prune(position);
                }
                Save::GivenUp(position) => self.prune(position),
                Save::Witnessed { subject, head } => {
                    self.witnessed.insert(subject, head);
                }
                Save::Conviction(proof) => self.convictions.push(proof),
                Save::Seeds(seeds) => self.seeds = Some(seeds),
                Save::Cosigned(envelopes) => self.cosigned = envelopes,
                Save::Countersigned(head) => self.countersigned = Some(head),
                Save::Contact { device, contact } => {
                    self.contacts.insert(device, contact);
                }
                Save::Watched(files) => self.watched = Some(files),
                Save::Capability(sealed) => self.capability = Some(sealed),
                Save::Order(order) => self.order = Some(order),
                Save::Report(report) => self.report = Some(report),
                Save::Appeals(appeals) => self.appeals = Some(appeals),
                Save::Halts(halts) => self.halts = Some(halts),
                Save::Commands(_) if self.flaw == JournalFlaw::ForgetsCommands => {}
                Save::Commands(commands) => self.commands = Some(commands),
                Save::Update(save) => self.update.take(save),
                Save::Custody { .. } => self.custody += 1,
                // The shared snapshot stands for the entries: 5,000 copies of a log would not fit.
                Save::Entries { .. } => self.roster = Arc::clone(roster.unwrap_or(&self.roster)),
            }
        }
        appended
    }

    /// Own records that the coordinator is not known to have.
    pub fn kept_up_to(&self, last: Position) -> impl Iterator<Item = Mark> {
        let kept = self.unacknowledged.iter();
        kept.take_while(move |(position, _)| *position <= last)
            .map(|(position, record)| (*position, Print::of(&record.head)))
    }

    /// What a start finds; the flawed journals forget here.
    pub fn memory(&mut self) -> Memory {
        if self.flaw == JournalFlaw::ForgetsUnacknowledged {
            self.unacknowledged.clear();
        }
        Memory {
            incarnation: self.incarnation,
            last: self.last.clone(),
            acknowledged: self.acknowledged,
            waiting: self
                .unacknowledged
                .iter()
                .map(|(position, _)| *position)
                .collect(),
            witnessed: self.witnessed.clone(),
            contacts: self.contacts.clone(),
            watched: self.watched.clone(),
            capability: self.capability.clone(),
            report: self.report.clone(),
            order: self.order.clone(),
            appeals: self.appeals.clone(),
            halts: self.halts.clone(),
            commands: self.commands.clone(),
            update: self.update.clone(),
            entries: Vec::new(),
            log_head: None,
            convictions: self.convictions.clone(),
            cosigned: self.cosigned.clone(),
            countersigned: self.countersigned.clone(),
            seeds: self.seeds.clone(),
        }
    }

    pub fn roster(&self) -> &Arc<Roster> {
        &self.roster
    }

    /// Own records after a position. What was acknowledged may be pruned, so it is never found.
    pub fn read(&self, after: Option<Position>, limit: usize) -> Vec<(Position, Record)> {
        let start = self
            .unacknowledged
            .partition_point(|(position, _)| after.is_some_and(|after| *position <= after));
        self.unacknowledged
            .range(start..)
            .take(limit)
            .cloned()
            .collect()
    }

    pub fn unacknowledged(&self) -> usize {
        self.unacknowledged.len()
    }

    /// The newest head of another that this device holds as its witness.
    pub fn witnessed(&self, subject: &DeviceId) -> Option<&[u8]> {
        self.witnessed.get(subject).map(Vec::as_slice)
    }

    /// Bodies kept for others since the device was new.
    pub fn custody(&self) -> u64 {
        self.custody
    }

    fn append(&mut self, position: Position, record: Record) {
        self.last = Some((position, record.clone()));
        self.unacknowledged.push_back((position, record));
        if let JournalFlaw::KeepsFew(few) = self.flaw {
            while self.unacknowledged.len() > few {
                self.unacknowledged.pop_front();
            }
        }
    }

    fn prune(&mut self, up_to: Position) {
        while self
            .unacknowledged
            .front()
            .is_some_and(|(position, _)| *position <= up_to)
        {
            self.unacknowledged.pop_front();
        }
    }
}

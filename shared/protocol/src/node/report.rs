//! The node's own log: seal, save, push to witnesses, and hand everything to the coordinator once.

mod delivery;

use std::time::Duration;

use minicbor::bytes::ByteVec;

use super::save::{Memory, Save};
use super::waiting::Waiting;
use super::watch::millis;
use super::{Deadline, Linked, Node, Output};
use crate::id::{Digest, Epoch};
use crate::limits;
use crate::merkle::Tree;
use crate::message::{Last, Message};
use crate::record::{Body, Flags, Head, Incarnation, Position, Record};
use crate::signed::Signed;
use crate::statement::host::Reading;
use crate::statement::{Farewell, Statement};
use crate::time::{Now, Timestamp};

/// A checkpoint commits to this many heads.
const CHECKPOINT: usize = 256;

/// A clock that falls by less is waited for; one that falls by more was set.
const CLOCK_STEP: Duration = Duration::from_secs(60);

/// How long a reading may take before a beat speaks in its place.
const SAMPLING: Duration = Duration::from_secs(1);

/// Where the own log stands, and how far the coordinator has taken it.
#[derive(Debug)]
pub(super) struct Report {
    next: Option<Position>,
    newest: Option<Position>,
    previous: Digest,
    flags: Flags,
    /// How the present incarnation began.
    linked: Linked,
    /// The newest own head as it was signed in this life, and the time it carries.
    head: Option<ByteVec>,
    signed_at: Option<Timestamp>,
    attachment: Option<[u8; 8]>,
    entangled: Option<[u8; 8]>,
    /// The most by which a deadline was missed since the last reading.
    late: Option<Duration>,
    /// Rings whose witness this device has refuted more than once.
    ring_mask: u16,
    since_checkpoint: Tree,
    acknowledged: Option<Position>,
    /// The newest record sent over the present link to the coordinator.
    sent: Option<Position>,
    /// The newest record when the journal was last asked.
    asked: Option<Position>,
    collector: Collector,
    in_flight: usize,
    waiting: Waiting,
}

/// The present link to the coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Collector {
    Away,
    /// It has not said what it holds.
    Greeting,
    /// Records are sent as they are made.
    Following,
    /// Older records are being read from the journal.
    Loading,
}

impl Report {
    pub(super) fn new(memory: &Memory) -> Self {
        Self {
            next: None,
            newest: memory.last.as_ref().map(|(position, _)| *position),
            previous: Digest::ZERO,
            flags: Flags::NONE,
            linked: Linked::Fresh,
            head: None,
            signed_at: None,
            attachment: None,
            entangled: None,
            late: None,
            ring_mask: 0,
            since_checkpoint: Tree::default(),
            acknowledged: memory.acknowledged,
            sent: None,
            asked: None,
            collector: Collector::Away,
            in_flight: 0,
            waiting: not_stored(memory),
        }
        .chained_to(memory)
    }

    fn chained_to(mut self, memory: &Memory) -> Self {
        let last = memory.last.as_ref();
        let parsed =
            last.and_then(|(_, record)| crate::signed::Unchecked::<Head>::parse(&record.head).ok());
        if let Some(head) = parsed {
            self.previous = head.digest();
        }
        self
    }

    /// Opens an incarnation behind the newest head that anybody knows.
    pub(super) fn begin(
        &mut self,
        incarnation: Incarnation,
        newest: Option<Last>,
        genesis: Digest,
        linked: Linked,
    ) {
        self.next = Some(Position::first(incarnation));
        (self.linked, self.signed_at) = (linked, None);
        self.since_checkpoint = Tree::default();
        if let Some(last) = newest.filter(|last| self.newest.is_none_or(|own| own < last.position))
        {
            self.previous = last.digest;
        }
        if self.previous == Digest::ZERO {
            self.previous = genesis;
        }
        self.flags = if linked == Linked::Unlinked {
            Flags::UNLINKED
        } else {
            Flags::NONE
        };
    }

    pub(super) fn attach(&mut self, hint: Option<[u8; 8]>) {
        self.attachment = hint;
    }

    /// Whether this life has begun, and its records have a place.
    pub(super) fn may_sign(&self) -> bool {
        self.next.is_some()
    }

    pub(super) fn linked(&self) -> Linked {
        self.linked
    }

    /// The newest head that was signed in this life.
    pub(super) fn head_of_this_life(&self) -> Option<&ByteVec> {
        self.head.as_ref()
    }

    /// Whether the clock lies so far before what was signed that it must have been set.
    fn is_set_back(&self, now: Timestamp) -> bool {
        self.signed_at
            .is_some_and(|signed| now.saturating_add(CLOCK_STEP) < signed)
    }

    /// From here on the witnesses of these rings have no vote on this device.
    pub(super) fn mask(&mut self, rings: &[usize]) {
        self.ring_mask |= rings.iter().fold(0, |mask, ring| mask | 1 << ring);
    }

    /// This node has missed a deadline of its own: the next reading says by how much.
    pub(super) fn was_late(&mut self, late: Duration) {
        self.late = self.late.max(Some(late));
    }

    pub(super) fn entangle(&mut self, foreign: Digest) {
        self.entangled = Some(foreign.short());
    }

    pub(super) fn progress(&self) -> (Option<Position>, Option<Position>) {
        (self.newest, self.acknowledged)
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.records()
    }

    /// Whether something was sent over the present link to the coordinator that it has not acknowledged.
    pub(super) fn awaits_receipt(&self) -> bool {
        self.sent
            .is_some_and(|sent| self.acknowledged.is_none_or(|stored| stored < sent))
    }

    /// The newest own position, which a beat repeats.
    pub(super) fn newest(&self) -> Option<Position> {
        self.newest
    }

    pub(super) fn collector_away(&mut self) {
        self.collector = Collector::Away;
    }

    pub(super) fn collector_greets(&mut self) {
        self.collector = Collector::Greeting;
    }

    fn head(
        &mut self,
        node: crate::id::DeviceId,
        position: Position,
        body: &Body,
        flags: Flags,
        now: Now,
    ) -> Head {
        let checkpoint = (self.since_checkpoint.size() as usize == CHECKPOINT).then(|| {
            let root = Digest::from_bytes(self.since_checkpoint.root());
            self.since_checkpoint = Tree::default();
            root
        });
        Head {
            device: node,
            position,
            time: self
                .signed_at
                .map_or(now.wall, |signed| signed.max(now.wall)),
            previous: self.previous,
            body: body.digest(),
            epoch: Epoch::FROZEN,
            entangled: self.entangled.take(),
            flags: self.flags.with(flags),
            ring_mask: self.ring_mask,
            attachment: self.attachment,
            checkpoint,
        }
    }

    fn appended(&mut self, head: &Signed<Head>) {
        self.previous = head.digest();
        self.newest = Some(head.position);
        self.head = Some(head.bytes().to_vec().into());
        self.signed_at = Some(head.time);
        self.next = Some(head.position.next());
        self.flags = Flags::NONE;
        self.since_checkpoint.push(*head.digest().as_bytes());
        self.waiting.push(head.position);
    }
}

impl Node {
    pub(super) fn telemetry_due(&mut self, now: Now, out: &mut Vec<Output>) {
        self.deadlines
            .set(Deadline::Telemetry, now.monotonic + self.config.telemetry);
        // The record that follows is a sign of life itself: a beat just before it would be wasted.
        self.deadlines.set(Deadline::Push, now.monotonic + SAMPLING);
        out.push(Output::Sample);
    }

    pub(super) fn record_reading(&mut self, mut reading: Reading, now: Now, out: &mut Vec<Output>) {
        if self.report.is_set_back(now.wall) {
            self.begin_at_another_time(now, out);
        }
        reading.heard = self.watch.sightings(self.silence.down(), now.monotonic);
        reading.late_ms = self.report.late.take().map(millis);
        if let Some(foreign) = self.watch.newest_digest() {
            self.report.entangle(foreign);
        }
        self.watch.save_changed(out);
        self.check_integrity(reading.files.as_ref(), now, out);
        self.compare_ports(reading.ports.as_ref(), now, out);
        self.record(Statement::Reading(reading), Flags::NONE, now, out);
        self.compare_in_turn(out);
    }

    pub(super) fn say_goodbye(&mut self, farewell: Farewell, now: Now, out: &mut Vec<Output>) {
        self.watch.save_changed(out);
        self.record(Statement::Goodbye(farewell), Flags::GOODBYE, now, out);
        self.deadlines.clear(Deadline::Telemetry);
        self.deadlines.clear(Deadline::Push);
    }

    /// Appends one statement: sealed, saved, then pushed.
    pub(super) fn record(
        &mut self,
        statement: Statement,
        flags: Flags,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Option<Record> {
        let position = self.report.next.filter(|_| !self.has_said_the_last())?;
        let Ok(body) = Body::seal(&statement, &self.identity.data_key, &mut self.dice) else {
            return self.record_shortened(statement, flags, now, out);
        };
        let head = self
            .report
            .head(self.identity.device, position, &body, flags, now);
        let head = Signed::seal(head, self.identity.signer.as_ref());
        let record = Record::new(&head, body);
        self.report.appended(&head);
        out.push(Output::Save(Save::Record {
            position,
            record: record.clone(),
        }));
        self.give_up_oldest(out);
        self.push_record(&record, out);
        self.deadlines
            .set(Deadline::Push, now.monotonic + self.config.beat);
        Some(record)
    }

    /// A reading that does not fit is cut down until it does.
    fn record_shortened(
        &mut self,
        statement: Statement,
        flags: Flags,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Option<Record> {
        let Statement::Reading(reading) = statement else {
            return None;
        };
        let shorter = shortened(reading)?;
        self.record(Statement::Reading(shorter), flags, now, out)
    }

    fn push_record(&mut self, record: &Record, out: &mut Vec<Output>) {
        for (ring, witness) in self.witness_peers().into_iter().enumerate() {
            if !self.links.is_up(witness) {
                continue;
            }
            let message = if ring < limits::CUSTODIANS {
                Message::Record {
                    record: record.clone(),
                }
            } else {
                Message::Head {
                    head: record.head.clone(),
                }
            };
            self.links.spoke(witness);
            out.push(Output::Send {
                to: witness,
                message,
            });
        }
        self.follow(record, out);
    }
}

/// The newest record stays in the journal when it is stored, but it does not wait.
fn not_stored(memory: &Memory) -> Waiting {
    let mut waiting = memory.waiting.clone();
    if let Some(position) = memory.acknowledged {
        waiting.remove_up_to(position);
    }
    waiting
}

/// First without the lists that seldom change, then with its figures and sightings alone, which always fit.
fn shortened(reading: Reading) -> Option<Reading> {
    let lists = reading.processes.is_some() || reading.ports.is_some() || reading.files.is_some();
    if lists {
        return Some(Reading {
            processes: None,
            ports: None,
            files: None,
            ..reading
        });
    }
    let parts = !reading.disks.is_empty() || !reading.interfaces.is_empty();
    parts.then(|| Reading {
        disks: Vec::new(),
        interfaces: Vec::new(),
        ..reading
    })
}

//! From silence to an accusation: a quiet subject is probed, then named to its other witnesses, who vouch or agree.
//!
//! Each witness has its own connection to the subject, so their votes are independent paths already; an
//! accusation asks the others for what SWIM calls an indirect probe, and is the vote itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use minicbor::bytes::ByteVec;

use super::{Deadline, Node, Output};
use crate::accusation::{Accusation, Silent};
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::record::{Flags, Incarnation, Position};
use crate::signed::{Signed, Unchecked};
use crate::statement::Statement;
use crate::time::{Instant, Now};

/// Beats, in tenths, after which a subject is probed.
const PROBE_AFTER: u32 = 17;
/// Beats, in tenths, after which a subject whom others accuse is probed at once.
const AGREE_AFTER: u32 = 11;
/// How long a probed subject may take.
const PROBE: Duration = Duration::from_millis(2_400);
/// Accusations that come close together are made once.
const GATHER: Duration = Duration::from_millis(150);
/// Between two accusations of one witness at least.
const PAUSE: Duration = Duration::from_secs(4);
/// How long a link to a co-witness is kept after its last use.
const POOLED: Duration = Duration::from_secs(60);
/// Between two signed answers to challenges at least.
const ANSWER_PAUSE: Duration = Duration::from_secs(2);
/// A deadline missed by so much says that this node itself was not there.
const LATE: Duration = Duration::from_secs(1);
/// How far a doubt that others refuted puts off the next one, at most.
const PATIENCE: u32 = 4;

/// How far a witness's doubt about one of its subjects has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It was quiet, and is asked for a sign of life.
    Probed,
    /// It did not answer: this witness signs that it is silent.
    Accused,
}

/// The doubts of one witness.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// Probes that run, by subject, with the moment at which they are over.
    probing: BTreeMap<DeviceId, Instant>,
    /// What the newest accusation says, and what the next one will.
    accused: BTreeMap<DeviceId, Option<Position>>,
    /// Subjects whom others vouched for: the path is broken, not the device.
    refuted: BTreeMap<DeviceId, u32>,
    /// Co-witnesses that wait for a fresh head of a subject.
    vouching: BTreeMap<DeviceId, BTreeSet<PeerKey>>,
    /// Co-witnesses who know the newest accusation.
    told: BTreeSet<PeerKey>,
    /// Co-witnesses to whom links are wanted for a while.
    pool: BTreeMap<PeerKey, Instant>,
    number: Option<Position>,
    spoke: Option<Instant>,
    answered: Option<Instant>,
    /// How often each witness has accused this very device, which was there.
    false_accusers: BTreeMap<DeviceId, u32>,
}

impl Doubts {
    /// Co-witnesses to whom a link is wanted.
    pub(super) fn pooled(&self) -> impl Iterator<Item = PeerKey> + '_ {
        self.pool.keys().copied()
    }

    fn pool(&mut self, peer: PeerKey, now: Instant) {
        if self.pool.len() < limits::POOLED_LINKS || self.pool.contains_key(&peer) {
            self.pool.insert(peer, now + POOLED);
        }
    }

    /// Counts another false accusation by this witness; says how many there were before.
    pub(super) fn falsely_accused(&mut self, by: DeviceId) -> u32 {
        let times = self.false_accusers.entry(by).or_default();
        *times = times.saturating_add(1);
        *times - 1
    }

    /// Every doubt this witness has of its own.
    pub(super) fn held(&self) -> impl Iterator<Item = (DeviceId, Doubt)> + '_ {
        let probed = self.probing.keys().map(|subject| (*subject, Doubt::Probed));
        let accused = self.accused.keys();
        probed.chain(accused.map(|subject| (*subject, Doubt::Accused)))
    }

    fn is_doubted(&self, subject: &DeviceId) -> bool {
        self.probing.contains_key(subject) || self.accused.contains_key(subject)
    }

    fn next_number(&mut self, incarnation: Incarnation) -> Position {
        let next = match self.number {
            Some(number) if number.incarnation == incarnation => number.next(),
            _ => Position::first(incarnation),
        };
        self.number = Some(next);
        next
    }

    /// A quiet time after which this subject is probed.
    fn patience(&self, subject: &DeviceId, beat: Duration) -> Duration {
        let longer = self.refuted.get(subject).copied().unwrap_or_default();
        beat * PROBE_AFTER * (1 + longer.min(PATIENCE)) / 10
    }
}

impl Node {
    /// Looks at every subject; probes the quiet ones, accuses those who did not answer.
    pub(super) fn doubts_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let beat = self.config.beat;
        let mut next = now.monotonic + beat;
        for (subject, heard) in self.watch.last_heard() {
            if self.doubts.accused.contains_key(&subject) {
                continue;
            }
            let over = match self.doubts.probing.get(&subject) {
                Some(&over) => over,
                None => heard + self.doubts.patience(&subject, beat),
            };
            if over > now.monotonic {
                next = next.min(over);
            } else if self.doubts.probing.contains_key(&subject) {
                self.give_up(subject, now);
            } else {
                self.probe(subject, now, out);
                next = next.min(now.monotonic + PROBE);
            }
        }
        self.doubts.pool.retain(|_, until| *until > now.monotonic);
        self.deadlines.set(Deadline::Doubts, next);
    }

    /// A witness that slept through its own deadlines has not listened: nobody is doubted for that time.
    pub(super) fn own_up_to_lateness(&mut self, now: Now) {
        let due = self.deadlines.next();
        let late = due.map_or(Duration::ZERO, |due| now.monotonic.since(due));
        if late >= LATE {
            self.watch.excuse_all(now.monotonic);
            self.doubts.probing.clear();
        }
    }

    /// A subject spoke: whatever was held against it is over.
    pub(super) fn doubt_no_more(&mut self, subject: &DeviceId, now: Now) {
        self.doubts.probing.remove(subject);
        if self.doubts.accused.remove(subject).is_some() {
            self.doubts.refuted.remove(subject);
            self.accuse_soon(now);
        }
    }

    /// Keeps doubts about those only whom this node still watches.
    pub(super) fn doubt_only(&mut self, subjects: &[DeviceId], now: Now) {
        let doubts = &mut self.doubts;
        doubts.probing.retain(|device, _| subjects.contains(device));
        doubts.refuted.retain(|device, _| subjects.contains(device));
        doubts
            .vouching
            .retain(|device, _| subjects.contains(device));
        let before = doubts.accused.len();
        // Whoever is down stays named until those who have the seat have looked.
        let silence = &self.silence;
        let named = |device: &DeviceId| subjects.contains(device) || silence.is_inherited(device);
        doubts.accused.retain(|device, _| named(device));
        if doubts.accused.len() < before {
            self.accuse_soon(now);
        }
    }

    /// Signs what this witness holds against its subjects, and tells their other witnesses.
    pub(super) fn accusation_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let Some(incarnation) = self.report.newest().map(|newest| newest.incarnation) else {
            return;
        };
        let silent = self.doubts.accused.iter();
        let silent: Vec<Silent> = silent
            .map(|(&subject, &last)| Silent { subject, last })
            .take(limits::ACCUSED)
            .collect();
        let accusation = Accusation {
            witness: self.identity.device,
            number: self.doubts.next_number(incarnation),
            epoch: self.epoch(),
            log_size: self.ledger.roster().size(),
            time: now.wall,
            silent,
        };
        self.doubts.spoke = Some(now.monotonic);
        let signed = Signed::seal(accusation, self.identity.signer.as_ref());
        let mut peers = self.co_witnesses(&signed);
        // Whoever was told an accusation is told that it is over.
        if let Some(before) = self.silence.accusation(&self.identity.device) {
            peers.extend(self.co_witnesses(before));
        }
        self.doubts.told.clear();
        self.tell_co_witnesses(peers, &signed, now, out);
        self.accused_by(signed, now, out);
    }

    fn tell_co_witnesses(
        &mut self,
        peers: BTreeSet<PeerKey>,
        signed: &Signed<Accusation>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        for peer in peers {
            self.doubts.pool(peer, now.monotonic);
            if self.links.is_up(peer) {
                self.doubts.told.insert(peer);
                out.push(accuse(peer, signed));
            }
        }
        self.deadlines.hasten(Deadline::Links, now.monotonic);
    }

    /// Seats have passed on: whoever holds one now hears what those before it were told.
    pub(super) fn tell_successors(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.doubts.accused.is_empty() {
            return;
        }
        let own = self.silence.accusation(&self.identity.device).cloned();
        let Some(own) = own else { return };
        let mut peers = self.co_witnesses(&own);
        peers.retain(|peer| !self.doubts.told.contains(peer));
        if !peers.is_empty() {
            self.tell_co_witnesses(peers, &own, now, out);
        }
    }

    /// A link to a co-witness stands: it hears what it would have been told.
    pub(super) fn repeat_accusation(&mut self, peer: PeerKey, out: &mut Vec<Output>) {
        let own = self.silence.accusation(&self.identity.device);
        if let Some(own) = own.filter(|own| self.co_witnesses(own).contains(&peer)) {
            out.push(accuse(peer, own));
            self.doubts.told.insert(peer);
        }
    }

    fn co_witnesses(&self, accusation: &Accusation) -> BTreeSet<PeerKey> {
        let rings = self.ledger.roster().rings();
        let seats = accusation
            .silent
            .iter()
            .flat_map(|silent| rings.seats(&silent.subject, self.silence.down()));
        seats
            .filter(|seat| *seat != self.identity.device)
            .filter_map(|seat| self.peer(&seat))
            .collect()
    }

    /// A co-witness accuses: whoever is heard here is challenged, whoever is not is probed at once.
    pub(super) fn accused_before(
        &mut self,
        from: PeerKey,
        bytes: &[u8],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(accusation) = self.open_accusation(bytes) else {
            return self.misbehaved(from, "an accusation that does not check", out);
        };
        self.doubts.pool(from, now.monotonic);
        for silent in accusation.silent.clone() {
            self.answer_accusation(from, silent, now, out);
        }
        self.accused_by(accusation, now, out);
    }

    fn answer_accusation(
        &mut self,
        from: PeerKey,
        silent: Silent,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if !self.watch.watches(&silent.subject) {
            return;
        }
        let heard = self.watch.heard(&silent.subject);
        let quiet = heard.map(|heard| now.monotonic.since(heard));
        if quiet.is_none_or(|quiet| quiet >= self.config.beat * AGREE_AFTER / 10) {
            self.watch.expect(&silent.subject, now.monotonic);
            if !self.doubts.is_doubted(&silent.subject) {
                self.probe(silent.subject, now, out);
                self.deadlines
                    .hasten(Deadline::Doubts, now.monotonic + PROBE);
            }
            return;
        }
        match self.watch.head(&silent.subject) {
            Some(head) if Some(head.position) > silent.last => {
                out.push(vouch(from, head.bytes()));
            }
            _ => {
                let waiting = self.doubts.vouching.entry(silent.subject).or_default();
                waiting.insert(from);
                self.ask(silent.subject, Message::Challenge, out);
            }
        }
    }

    /// A fresh head came: those who waited for it get it.
    pub(super) fn vouch_for(&mut self, subject: &DeviceId, head: &[u8], out: &mut Vec<Output>) {
        for waiting in self.doubts.vouching.remove(subject).unwrap_or_default() {
            if self.links.is_up(waiting) {
                out.push(vouch(waiting, head));
            }
        }
    }

    /// A co-witness shows heads of those whom this witness does not hear.
    pub(super) fn vouched(
        &mut self,
        from: PeerKey,
        heads: &[ByteVec],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        for bytes in heads {
            let Some(head) = self.open_any_head(bytes) else {
                return self.misbehaved(from, "vouches with a head that does not check", out);
            };
            self.compare(&head, now, out);
            let subject = head.device;
            let accused = self.doubts.accused.get(&subject).copied();
            let fresh = accused.is_some_and(|last| Some(head.position) > last);
            if fresh {
                *self.doubts.refuted.entry(subject).or_default() += 1;
                self.doubts.accused.remove(&subject);
                self.watch.excuse(&subject, now.monotonic);
                self.accuse_soon(now);
            }
            self.refuted_by(head, now, out);
        }
    }

    /// A witness asks for a sign of life.
    pub(super) fn probed(&mut self, from: PeerKey, out: &mut Vec<Output>) {
        if let Some(position) = self.report.newest() {
            out.push(Output::Send {
                to: from,
                message: Message::Beat { position },
            });
        }
    }

    /// A witness asks for a fresh head: everybody who watches gets it, so one answer serves all for a while.
    pub(super) fn challenged(&mut self, now: Now, out: &mut Vec<Output>) {
        let answered = self.doubts.answered;
        if answered.is_some_and(|at| now.monotonic.since(at) < ANSWER_PAUSE) {
            return;
        }
        self.doubts.answered = Some(now.monotonic);
        self.record(Statement::Present, Flags::NONE, now, out);
    }

    fn probe(&mut self, subject: DeviceId, now: Now, out: &mut Vec<Output>) {
        self.doubts.probing.insert(subject, now.monotonic + PROBE);
        self.ask(subject, Message::Probe, out);
    }

    fn give_up(&mut self, subject: DeviceId, now: Now) {
        self.doubts.probing.remove(&subject);
        let last = self.watch.head(&subject).map(|head| head.position);
        self.doubts.accused.insert(subject, last);
        self.accuse_soon(now);
    }

    fn ask(&self, subject: DeviceId, message: Message, out: &mut Vec<Output>) {
        if let Some(to) = self.peer(&subject).filter(|peer| self.links.is_up(*peer)) {
            out.push(Output::Send { to, message });
        }
    }

    fn accuse_soon(&mut self, now: Now) {
        let pause = self.doubts.spoke.map(|spoke| spoke + PAUSE);
        let soon = now.monotonic + GATHER;
        let at = pause.map_or(soon, |pause| pause.max(soon));
        self.deadlines.hasten(Deadline::Accusation, at);
    }

    pub(super) fn open_accusation(&self, bytes: &[u8]) -> Option<Signed<Accusation>> {
        let unchecked = Unchecked::<Accusation>::parse(bytes).ok()?;
        let roster = self.ledger.roster();
        let key = &roster.member(&unchecked.claim().witness)?.membership.key;
        if !unchecked.claim().is_well_formed() {
            return None;
        }
        unchecked.check(key, self.identity.verifier.as_ref()).ok()
    }
}

fn accuse(to: PeerKey, accusation: &Signed<Accusation>) -> Output {
    let accusation = accusation.bytes().to_vec().into();
    Output::Send {
        to,
        message: Message::Accuse { accusation },
    }
}

fn vouch(to: PeerKey, head: &[u8]) -> Output {
    let heads = vec![head.to_vec().into()];
    Output::Send {
        to,
        message: Message::Vouch { heads },
    }
}

//! The witness: what this node has heard of its subjects by itself, and what it keeps for them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::save::{Memory, Save};
use super::{Deadline, Node, Notice, Output};
use crate::heads::{Heads, Judged, Shown, ShownOf};
use crate::id::{DeviceId, Digest};
use crate::key::{PeerKey, Verifier};
use crate::limits;
use crate::message::Message;
use crate::record::{Flags, Head, Position, Record};
use crate::rings::Down;
use crate::roster::Roster;
use crate::signed::{Signed, Unchecked};
use crate::silence::Changes;
use crate::statement::host::{EvidenceKind, Sighting};
use crate::suspicion::Ground;
use crate::time::{Instant, Now};

/// How long subjects may take to come back after this node's own start, as after a power cut for all.
const RETURN: Duration = Duration::from_secs(30);

/// How long a subject may take to find the one who has taken over a dead witness's seat.
const DIAL: Duration = Duration::from_secs(4);

/// Everything this node knows as a witness.
#[derive(Debug, Default)]
pub(super) struct Watch {
    subjects: BTreeMap<DeviceId, Subject>,
    changed: BTreeSet<DeviceId>,
    newest: Option<Digest>,
    /// The co-witness with whom it was last compared what both were shown.
    pub(super) compared_with: Option<PeerKey>,
}

#[derive(Debug, Default)]
struct Subject {
    heads: Heads,
    /// `None` until the subject was heard in this incarnation.
    heard: Option<Instant>,
    /// From when on silence counts, where nothing was heard: only those are doubted who once were there.
    expected: Option<Instant>,
}

/// From whom a witness may have its new seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inheritance {
    /// The roster has changed: subjects come when they hear of it.
    FromTheRoster,
    FromTheDead,
}

impl Subject {
    fn expect_since(&mut self, since: Instant) {
        if self.heard.is_none() {
            self.expected = Some(self.expected.map_or(since, |expected| expected.min(since)));
        }
    }
}

impl Watch {
    pub(super) fn new(
        memory: &Memory,
        roster: &Roster,
        verifier: &dyn Verifier,
        now: Instant,
    ) -> Self {
        let mut watch = Self::default();
        for (device, bytes) in &memory.witnessed {
            let Some(member) = roster.member(device) else {
                continue;
            };
            if let Ok(head) = Signed::<Head>::open(bytes, &member.membership.key, verifier) {
                let subject = watch.subjects.entry(*device).or_default();
                subject.heads.keep(head);
                subject.expected = Some(now + RETURN);
            }
        }
        watch
    }

    /// Keeps only those subjects that the rings assign to this witness. Of one that others accuse it wants
    /// to know at once; one whose witness died has to dial it soon, unless it died with all its witnesses.
    pub(super) fn assign(
        &mut self,
        subjects: &[DeviceId],
        is_accused: impl Fn(&DeviceId) -> bool,
        inheritance: Inheritance,
        now: Instant,
    ) {
        self.subjects.retain(|device, _| subjects.contains(device));
        self.changed.retain(|device| subjects.contains(device));
        for device in subjects {
            let expected = (inheritance == Inheritance::FromTheDead).then_some(now + DIAL);
            let subject = self.subjects.entry(*device).or_insert(Subject {
                expected,
                ..Subject::default()
            });
            if is_accused(device) {
                subject.expect_since(now - RETURN);
            }
        }
    }

    /// Every subject with the moment from which its silence counts; whoever said goodbye may be silent.
    pub(super) fn last_heard(&self) -> Vec<(DeviceId, Instant)> {
        let since = |subject: &Subject| subject.heard.max(subject.expected);
        let subjects = self.subjects.iter().filter(|(_, subject)| {
            let head = subject.heads.newest();
            !head.is_some_and(|head| head.flags.has(Flags::GOODBYE))
        });
        subjects
            .filter_map(|(device, subject)| Some((*device, since(subject)?)))
            .collect()
    }

    pub(super) fn subjects(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.subjects.keys().copied()
    }

    pub(super) fn watches(&self, device: &DeviceId) -> bool {
        self.subjects.contains_key(device)
    }

    /// When a subject was last heard in this incarnation.
    pub(super) fn heard(&self, device: &DeviceId) -> Option<Instant> {
        self.subjects.get(device)?.heard
    }

    /// A subject that was never heard here is missed by others.
    pub(super) fn expect(&mut self, device: &DeviceId, now: Instant) {
        if let Some(subject) = self.subjects.get_mut(device) {
            subject.expect_since(now - RETURN);
        }
    }

    /// Puts off the doubt about a subject that somebody else has heard.
    pub(super) fn excuse(&mut self, device: &DeviceId, now: Instant) {
        if let Some(subject) = self.subjects.get_mut(device) {
            subject.expected = Some(now);
        }
    }

    /// Puts off all doubts.
    pub(super) fn excuse_all(&mut self, now: Instant) {
        for subject in self.subjects.values_mut() {
            if subject.heard.is_some() || subject.expected.is_some() {
                subject.expected = subject.expected.max(Some(now));
            }
        }
    }

    /// When each subject was last heard. Of those who are down the newest head was told before.
    pub(super) fn sightings(&self, down: &Down, now: Instant) -> Vec<Sighting> {
        let heard = self
            .subjects
            .iter()
            .filter_map(|(device, subject)| Some((*device, subject, subject.heard?)));
        let sighting = |(device, subject, at): (DeviceId, &Subject, Instant)| Sighting {
            subject: device,
            age_ms: millis(now.since(at)),
            evidence: EvidenceKind::ReceivedTraffic,
            shown: (subject.heads.newest())
                .filter(|_| !down.contains(&device))
                .map(Shown::of),
        };
        heard.map(sighting).take(limits::SIGHTINGS).collect()
    }

    /// The digest of the head that came last, to be entangled with the own log.
    pub(super) fn newest_digest(&mut self) -> Option<Digest> {
        self.newest.take()
    }

    /// Saves the heads that came since the last call: a witness writes down what it says it saw.
    pub(super) fn save_changed(&mut self, out: &mut Vec<Output>) {
        for subject in std::mem::take(&mut self.changed) {
            if let Some(head) = self.head(&subject) {
                out.push(Output::Save(Save::Witnessed {
                    subject,
                    head: head.bytes().to_vec(),
                }));
            }
        }
    }

    fn hear(&mut self, device: &DeviceId, now: Instant) {
        if let Some(subject) = self.subjects.get_mut(device) {
            subject.heard = Some(now);
        }
    }

    fn judge(&self, head: &Signed<Head>) -> Judged {
        let known = self.subjects.get(&head.device);
        known.map_or(Judged::Newer, |known| known.heads.judge(head))
    }

    fn keep(&mut self, head: Signed<Head>) {
        if let Some(subject) = self.subjects.get_mut(&head.device) {
            self.newest = Some(head.digest());
            self.changed.insert(head.device);
            subject.heads.keep(head);
        }
    }

    /// Keeps a head behind newer ones: only to be compared.
    fn keep_late(&mut self, head: Signed<Head>) {
        if let Some(subject) = self.subjects.get_mut(&head.device) {
            subject.heads.keep(head);
        }
    }

    /// The newest head of a subject.
    pub(super) fn head(&self, device: &DeviceId) -> Option<&Signed<Head>> {
        self.subjects.get(device)?.heads.newest()
    }

    /// All heads that are kept of a subject.
    pub(super) fn heads(&self, device: &DeviceId) -> impl Iterator<Item = &Signed<Head>> {
        let subject = self.subjects.get(device);
        subject.into_iter().flat_map(|subject| subject.heads.iter())
    }

    /// The kept head beside which another cannot be honest.
    pub(super) fn contradiction(&self, head: &Signed<Head>) -> Option<Signed<Head>> {
        match self.judge(head) {
            Judged::Contradicts(kept) => Some(*kept),
            Judged::Newer | Judged::Known | Judged::Late => None,
        }
    }

    /// What this witness was shown of each of its subjects.
    pub(super) fn shown(&self) -> Vec<ShownOf> {
        let newest = |(subject, known): (&DeviceId, &Subject)| {
            let head = Shown::of(known.heads.newest()?);
            Some(ShownOf {
                subject: *subject,
                head,
            })
        };
        self.subjects.iter().filter_map(newest).collect()
    }

    /// Whether somebody else was shown another history of a subject.
    pub(super) fn clashes(&self, shown: &ShownOf) -> bool {
        let known = self.subjects.get(&shown.subject);
        known.is_some_and(|known| known.heads.clash_with(&shown.head))
    }
}

impl Node {
    /// The beat: a sign of life to every witness and to the coordinator between two heads.
    pub(super) fn push_due(&mut self, now: Now, out: &mut Vec<Output>) {
        self.deadlines
            .set(Deadline::Push, now.monotonic + self.config.beat);
        let Some(position) = self.report.newest() else {
            return;
        };
        let mut listeners = self.witness_peers();
        listeners.push(self.coordinator());
        for listener in listeners {
            if self.links.is_up(listener) {
                self.links.spoke(listener);
                out.push(Output::Send {
                    to: listener,
                    message: Message::Beat { position },
                });
            }
        }
    }

    pub(super) fn witness_peers(&self) -> Vec<PeerKey> {
        let rings = self.ledger.roster().rings();
        let seats = rings.seats(&self.identity.device, self.silence.down());
        seats
            .iter()
            .filter_map(|device| self.peer(device))
            .collect()
    }

    pub(super) fn beaten(&mut self, from: PeerKey, _position: Position, now: Now) {
        if let Some(device) = self.device(from) {
            self.subject_heard(&device, now);
        }
    }

    pub(super) fn head_pushed(
        &mut self,
        from: PeerKey,
        bytes: &[u8],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        self.take_head(from, bytes, now, out);
    }

    /// A custodian keeps the body beside the head.
    pub(super) fn record_pushed(
        &mut self,
        from: PeerKey,
        record: &Record,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some((subject, position, body)) = self.take_head(from, &record.head, now, out) else {
            return;
        };
        if body != record.body.digest() {
            return self.misbehaved(from, "a body that its head does not commit to", out);
        }
        let witnesses = self.ledger.roster().rings().witnesses(&subject);
        if witnesses
            .iter()
            .take(limits::CUSTODIANS)
            .any(|custodian| *custodian == self.identity.device)
        {
            out.push(Output::Save(Save::Custody {
                subject,
                position,
                record: record.clone(),
            }));
        }
    }

    fn subject_heard(&mut self, subject: &DeviceId, now: Now) {
        self.watch.hear(subject, now.monotonic);
        self.doubt_no_more(subject, now);
    }

    /// Somebody went down or came back; only those change their seats and links who are near.
    pub(super) fn reseat_after(&mut self, changes: &Changes, now: Now, out: &mut Vec<Output>) {
        let rings = self.ledger.roster().rings();
        let (me, down) = (&self.identity.device, self.silence.down());
        let near = rings.near(me, down);
        let changed = changes.went_down.iter().chain(&changes.came_back);
        let concerns = |device: &DeviceId| {
            let peer = self.peer(device);
            near.contains(device) || peer.is_some_and(|peer| self.links.is_up(peer))
        };
        if changed.into_iter().any(concerns) {
            self.reseat(now);
        }
        self.tell_successors(now, out);
    }

    /// Seats and links follow the roster and those who are down.
    pub(super) fn reseat(&mut self, now: Now) {
        self.seat(now);
        self.meet_neighbours(now);
        self.deadlines.hasten(Deadline::Doubts, now.monotonic);
        self.deadlines.hasten(Deadline::Links, now.monotonic);
    }

    /// Takes the seats that this node holds while those are down who are.
    pub(super) fn seat(&mut self, now: Now) {
        let rings = self.ledger.roster().rings();
        let mut charges = rings.charges(&self.identity.device, self.silence.down());
        charges.retain(|device| !self.ledger.roster().is_convicted(device));
        let silence = &self.silence;
        let is_accused = |device: &DeviceId| silence.is_accused(device);
        let inheritance = if silence.down().is_empty() {
            Inheritance::FromTheRoster
        } else {
            Inheritance::FromTheDead
        };
        self.watch
            .assign(&charges, is_accused, inheritance, now.monotonic);
        self.doubt_only(&charges, now);
    }

    /// Checks a head that its own device pushes; nobody pushes for another.
    fn take_head(
        &mut self,
        from: PeerKey,
        bytes: &[u8],
        now: Now,
        out: &mut Vec<Output>,
    ) -> Option<(DeviceId, Position, Digest)> {
        let subject = self.device(from)?;
        let Some(head) = self.open_head(subject, bytes) else {
            self.head_refused(from, subject, bytes, out);
            return None;
        };
        let taken = (subject, head.position, head.body);
        self.tried_by_head(&subject, head.position, now);
        match self.watch.judge(&head) {
            Judged::Newer => {
                self.subject_heard(&subject, now);
                self.vouch_for(&subject, head.bytes(), out);
                self.watch.keep(head);
            }
            Judged::Known => return None,
            Judged::Late => {
                self.watch.keep_late(head);
                self.sighted(subject, Ground::Replay, now);
                return None;
            }
            Judged::Contradicts(kept) => {
                self.contradicted(&kept, &head, now, out);
                return None;
            }
        }
        Some(taken)
    }

    /// Nobody pushes for another. Whoever plays back what others signed is not listened to, but keeps its link:
    /// a handshake for each replay would cost its neighbours ten times what the replay costs.
    fn head_refused(&self, from: PeerKey, subject: DeviceId, bytes: &[u8], out: &mut Vec<Output>) {
        let claimed = Unchecked::<Head>::parse(bytes).map(|head| head.claim().device);
        if claimed.is_ok_and(|claimed| claimed != subject) {
            let what = "the head of another device";
            return out.push(Output::Notice(Notice::Misbehaviour { peer: from, what }));
        }
        self.misbehaved(from, "a head that does not check", out);
    }

    fn open_head(&self, subject: DeviceId, bytes: &[u8]) -> Option<Signed<Head>> {
        let key = &self.ledger.roster().member(&subject)?.membership.key;
        let unchecked = Unchecked::<Head>::parse(bytes).ok()?;
        if unchecked.claim().device != subject {
            return None;
        }
        unchecked.check(key, self.identity.verifier.as_ref()).ok()
    }

    pub(super) fn head_requested(&self, from: PeerKey, out: &mut Vec<Output>) {
        let head = self
            .device(from)
            .and_then(|device| self.watch.head(&device));
        let head = head.map(|head| head.bytes().to_vec().into());
        out.push(Output::Send {
            to: from,
            message: Message::HeadAnswer { head },
        });
    }
}

pub(super) fn millis(age: Duration) -> u32 {
    u32::try_from(age.as_millis()).unwrap_or(u32::MAX)
}

//! The witness: what this node has heard of its subjects by itself, and what it keeps for them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::save::{Memory, Save};
use super::{Deadline, Node, Notice, Output};
use crate::id::{DeviceId, Digest};
use crate::key::{PeerKey, Verifier};
use crate::limits;
use crate::message::Message;
use crate::record::{Flags, Head, Position, Record};
use crate::roster::Roster;
use crate::signed::{Signed, Unchecked};
use crate::silence::Changes;
use crate::statement::host::{EvidenceKind, Sighting};
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
}

#[derive(Debug)]
struct Subject {
    head: Option<Signed<Head>>,
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

/// What a checked head is, compared with the one before it.
enum Judged {
    Newer,
    /// Seen before, or older: harmless.
    Stale,
    /// Two contents for one place.
    Equivocation,
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
                watch.subjects.insert(
                    *device,
                    Subject {
                        head: Some(head),
                        heard: None,
                        expected: Some(now + RETURN),
                    },
                );
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
                head: None,
                heard: None,
                expected,
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
            let head = subject.head.as_ref();
            !head.is_some_and(|head| head.flags.has(Flags::GOODBYE))
        });
        subjects
            .filter_map(|(device, subject)| Some((*device, since(subject)?)))
            .collect()
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

    /// When each subject was last heard.
    pub(super) fn sightings(&self, now: Instant) -> Vec<Sighting> {
        let heard = self
            .subjects
            .iter()
            .filter_map(|(device, subject)| Some((*device, subject.heard?)));
        let sighting = |(subject, at): (DeviceId, Instant)| Sighting {
            subject,
            age_ms: millis(now.since(at)),
            evidence: EvidenceKind::ReceivedTraffic,
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
            let head = self
                .subjects
                .get(&subject)
                .and_then(|known| known.head.as_ref());
            if let Some(head) = head {
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
        let known = self
            .subjects
            .get(&head.device)
            .and_then(|subject| subject.head.as_ref());
        match known {
            None => Judged::Newer,
            Some(known) if known.position < head.position => Judged::Newer,
            Some(known) if known.position == head.position && known.digest() != head.digest() => {
                Judged::Equivocation
            }
            Some(_) => Judged::Stale,
        }
    }

    fn keep(&mut self, head: Signed<Head>) {
        if let Some(subject) = self.subjects.get_mut(&head.device) {
            self.newest = Some(head.digest());
            self.changed.insert(head.device);
            subject.head = Some(head);
        }
    }

    pub(super) fn head(&self, device: &DeviceId) -> Option<&Signed<Head>> {
        self.subjects.get(device)?.head.as_ref()
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
        let charges = rings.charges(&self.identity.device, self.silence.down());
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
        let head = self.open_head(subject, bytes);
        let Some(head) = head else {
            self.misbehaved(from, "a head that does not check", out);
            return None;
        };
        let taken = (subject, head.position, head.body);
        match self.watch.judge(&head) {
            Judged::Newer => {
                self.subject_heard(&subject, now);
                self.vouch_for(&subject, head.bytes(), out);
                self.watch.keep(head);
            }
            Judged::Stale => return None,
            Judged::Equivocation => {
                out.push(Output::Notice(Notice::Equivocation {
                    subject,
                    position: head.position,
                }));
                return None;
            }
        }
        Some(taken)
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

fn millis(age: Duration) -> u32 {
    u32::try_from(age.as_millis()).unwrap_or(u32::MAX)
}

//! From silence to an accusation: a quiet subject is probed, then named to its other witnesses, who vouch or agree.
//!
//! Each witness has its own connection to the subject, so their votes are independent paths already; an
//! accusation asks the others for what SWIM calls an indirect probe, and is the vote itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::credit::Credit;
use super::storm::Weather;
use super::{Deadline, Node, Output};
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::quorum;
use crate::record::{Incarnation, Position};
use crate::time::{Instant, Now};

/// Beats, in tenths, after which a subject is probed.
const PROBE_AFTER: u32 = 17;
/// Beats, in tenths, after which a subject whom others accuse is probed at once.
pub(super) const AGREE_AFTER: u32 = 11;
/// How long a probed subject may take.
pub(super) const PROBE: Duration = Duration::from_millis(2_400);
/// After so long a witness by the roster who is not linked to a successor counts as gone.
const REACH: Duration = Duration::from_secs(15);
/// How long each of them who is not needed yet leaves it to those before it.
const TURN: Duration = Duration::from_millis(1_500);
/// How long a link to a co-witness is kept after its last use.
const POOLED: Duration = Duration::from_secs(60);
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
    pub(super) probing: BTreeMap<DeviceId, Instant>,
    /// What the newest accusation says, and what the next one will.
    pub(super) accused: BTreeMap<DeviceId, Option<Position>>,
    /// Subjects whom others vouched for: the path is broken, not the device.
    pub(super) refuted: BTreeMap<DeviceId, u32>,
    /// Co-witnesses that wait for a fresh head of a subject.
    pub(super) vouching: BTreeMap<DeviceId, BTreeSet<PeerKey>>,
    /// Co-witnesses who know the newest accusation.
    pub(super) told: BTreeSet<PeerKey>,
    /// Co-witnesses to whom links are wanted for a while.
    pub(super) pool: BTreeMap<PeerKey, Instant>,
    pub(super) number: Option<Position>,
    pub(super) spoke: Option<Instant>,
    /// Since when an accusation waits for company.
    pub(super) gathering: Option<Instant>,
    pub(super) weather: Weather,
    pub(super) answered: Option<Instant>,
    pub(super) credit: Credit,
    /// When this device last answered those who accuse it.
    pub(super) refuted_at: Option<Instant>,
    /// How often each witness has accused this very device, which was there.
    pub(super) false_accusers: BTreeMap<DeviceId, u32>,
}

impl Doubts {
    /// Co-witnesses to whom a link is wanted.
    pub(super) fn pooled(&self) -> impl Iterator<Item = PeerKey> + '_ {
        self.pool.keys().copied()
    }

    pub(super) fn pool(&mut self, peer: PeerKey, now: Instant) {
        if self.pool.len() < limits::POOLED_LINKS || self.pool.contains_key(&peer) {
            self.pool.insert(peer, now + POOLED);
        }
    }

    /// A link ends: a co-witness who knows what this node has to say is not dialled again for that.
    pub(super) fn parted(&mut self, peer: &PeerKey) {
        if self.told.contains(peer) {
            self.pool.remove(peer);
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

    pub(super) fn is_doubted(&self, subject: &DeviceId) -> bool {
        self.probing.contains_key(subject) || self.accused.contains_key(subject)
    }

    pub(super) fn next_number(&mut self, incarnation: Incarnation) -> Position {
        let next = match self.number {
            Some(number) if number.incarnation == incarnation => number.next(),
            _ => Position::first(incarnation),
        };
        self.number = Some(next);
        next
    }

    /// A quiet time after which this subject is probed.
    pub(super) fn patience(&self, subject: &DeviceId, beat: Duration) -> Duration {
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
            if self.doubts.accused.contains_key(&subject)
                || self.leaves_to_others(&subject, heard, now)
            {
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
        self.look_at_the_sky(now);
        self.repeat_if_unheard(now, out);
        self.notice_a_cut(now.monotonic);
    }

    /// A successor that never heard a subject may only be one that the subject cannot find: it leaves the doubt
    /// to the witnesses by the roster, until half of those that are there share it and are not enough.
    fn leaves_to_others(&mut self, subject: &DeviceId, since: Instant, now: Now) -> bool {
        let rings = self.ledger.roster().rings();
        let seated = rings.witnesses(subject);
        if self.watch.heard(subject).is_some() || seated.contains(&self.identity.device) {
            return false;
        }
        if self.silence.down().contains(subject) {
            return true;
        }
        let accusers = self.silence.accusers(subject, rings);
        let overdue = now.monotonic.since(since) >= REACH;
        let there: Vec<PeerKey> = seated
            .iter()
            .filter(|witness| !self.silence.down().contains(witness))
            .filter(|witness| !self.silence.is_accused(witness))
            .filter_map(|witness| self.peer(witness))
            .collect();
        let answering = there
            .iter()
            .filter(|peer| !overdue || self.links.is_up(**peer));
        let is_shared = 2 * accusers.len() >= answering.count();
        if !is_shared && now.monotonic.since(since) >= REACH / 2 {
            for peer in there {
                self.doubts.pool(peer, now.monotonic);
            }
        }
        !is_shared || self.is_spare_heir(subject, now)
    }

    /// Of those who took over seats from the dead only so many speak at once as are needed beside the witnesses that
    /// are left; the others speak one after the other, where that was not enough.
    fn is_spare_heir(&self, subject: &DeviceId, now: Now) -> bool {
        let rings = self.ledger.roster().rings();
        let (seated, down) = (rings.witnesses(subject), self.silence.down());
        let heirs = rings.seats(subject, down).into_iter();
        let mut heirs = heirs.filter(|heir| !seated.contains(heir));
        let rank = heirs.position(|heir| heir == self.identity.device);
        let living = seated.iter().filter(|seat| !down.contains(seat)).count();
        let jury = rings.jury(subject);
        let needed = match living {
            0 => quorum::liveness_quorum(jury),
            _ => quorum::reduced_liveness_quorum(jury, living),
        };
        let behind = rank
            .zip(needed)
            .and_then(|(rank, needed)| (rank + 1 + living).checked_sub(needed));
        let Some(behind) = behind else { return false };
        let turn = TURN * u32::try_from(behind).unwrap_or(u32::MAX);
        let since = self.silence.doubted_since(subject);
        since.is_none_or(|since| now.monotonic.since(since) < turn)
    }

    /// A witness that slept through its own deadlines has not listened: nobody is doubted for that time.
    pub(super) fn own_up_to_lateness(&mut self, now: Now) {
        let due = self.deadlines.next();
        let late = due.map_or(Duration::ZERO, |due| now.monotonic.since(due));
        if late >= LATE {
            self.report.was_late(late);
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

    /// A subject is there, and is not listened to before this moment.
    pub(super) fn doubt_later(&mut self, subject: &DeviceId, until: Instant) {
        self.doubts.probing.remove(subject);
        self.watch.excuse(subject, until);
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

    pub(super) fn probe(&mut self, subject: DeviceId, now: Now, out: &mut Vec<Output>) {
        self.doubts.probing.insert(subject, now.monotonic + PROBE);
        self.ask(subject, Message::Probe, out);
        // Who took over a seat may be one whom the subject has not found.
        if let Some(peer) = self.peer(&subject).filter(|peer| !self.links.is_up(*peer)) {
            self.doubts.pool(peer, now.monotonic);
            self.deadlines.hasten(Deadline::Links, now.monotonic);
        }
    }

    pub(super) fn give_up(&mut self, subject: DeviceId, now: Now) {
        self.doubts.probing.remove(&subject);
        let last = self.watch.head(&subject).map(|head| head.position);
        self.doubts.accused.insert(subject, last);
        self.accuse_soon(now);
    }

    pub(super) fn ask(&self, subject: DeviceId, message: Message, out: &mut Vec<Output>) {
        if let Some(to) = self.peer(&subject).filter(|peer| self.links.is_up(*peer)) {
            out.push(Output::Send { to, message });
        }
    }
}

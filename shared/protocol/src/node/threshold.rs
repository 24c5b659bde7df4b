//! The return from a cut: whoever comes back waits until this node has compared its copy of the identity log with two
//! of them, because the first who comes may be the one whose revocation it has missed.
//!
//! On the threshold only the log is talked about, and what proves itself; everything else a peer sends is kept, and
//! taken when it is let in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::evidence::Form;
use super::{Deadline, Node, Output, Parting};
use crate::evidence::Evidence;
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::refusal::Refusal;
use crate::rings::Down;
use crate::time::{Instant, Now};

/// A node that had lost a good part of its neighbours for this long was cut off.
const APART: Duration = Duration::from_secs(10);
/// A coordinator that was heard this lately would have shown a longer log.
const IN_TOUCH: Duration = Duration::from_secs(30);
/// Nobody waits longer than this, and twice as long where more of the log was shown and does not come: where only one
/// comes back, there is nobody to compare with.
const PATIENCE: Duration = Duration::from_secs(10);
/// How soon it is looked again whether a page has come.
const PAGE: Duration = Duration::from_secs(1);
/// So many of those who come back have to show their heads; the coordinator's is enough.
const VOICES: usize = 2;
/// Of so many neighbours one may be lost without a cut.
const PART: usize = 3;

/// Whom this node has lost since when, and who waits.
#[derive(Debug, Default)]
pub(super) struct Threshold {
    apart_since: Option<Instant>,
    beyond: BTreeSet<PeerKey>,
    waiting: BTreeMap<PeerKey, Guest>,
}

/// A link that stands, and that nobody uses for the time being.
#[derive(Debug)]
struct Guest {
    origin: Origin,
    kept: Vec<Message>,
    has_shown: bool,
    until: Instant,
}

/// Where somebody comes from, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// It was missed.
    Beyond,
    /// It may have been on this side all the time.
    Unknown,
}

impl Threshold {
    pub(super) fn holds(&self, peer: PeerKey) -> bool {
        self.waiting.contains_key(&peer)
    }

    pub(super) fn leaves(&mut self, peer: PeerKey) -> bool {
        self.waiting.remove(&peer).is_some()
    }

    pub(super) fn guests(&self) -> impl Iterator<Item = PeerKey> + '_ {
        self.waiting.keys().copied()
    }

    /// A guest has shown which log it holds.
    pub(super) fn shows(&mut self, peer: PeerKey) {
        if let Some(guest) = self.waiting.get_mut(&peer) {
            guest.has_shown = true;
        }
    }

    fn is_apart(&self, now: Instant) -> bool {
        self.apart_since
            .is_some_and(|since| now.since(since) >= APART)
    }

    fn voices(&self) -> usize {
        let is_voice = |guest: &&Guest| guest.has_shown && guest.origin == Origin::Beyond;
        self.waiting.values().filter(is_voice).count()
    }
}

impl Node {
    /// Whether this node is cut off from a good part of the mesh. A cut takes the coordinator too, or it would show
    /// a longer log.
    fn is_cut_off(&self, now: Instant) -> bool {
        self.threshold.is_apart(now) && !self.is_in_touch(now, IN_TOUCH)
    }

    /// Whether the coordinator was heard so lately.
    fn is_in_touch(&self, now: Instant, lately: Duration) -> bool {
        let heard = self.links.last_heard(self.coordinator());
        heard.is_some_and(|heard| now.since(heard) < lately)
    }

    /// Whoever was cut off cannot tell a new neighbour on this side from somebody who comes from beyond.
    pub(super) fn has_to_wait(&self, peer: PeerKey, now: Instant) -> bool {
        !self.is_coordinator(peer) && self.is_cut_off(now)
    }

    /// Whether a link that stood all the time leads to somebody who comes back from beyond a cut. Whoever was heard
    /// on it meanwhile was here, whatever others say.
    pub(super) fn is_back(&self, peer: PeerKey, now: Instant) -> bool {
        let heard = self.links.last_heard(peer);
        let was_away = heard.is_some_and(|heard| now.since(heard) >= APART);
        was_away && self.is_cut_off(now) && self.origin(peer) == Origin::Beyond
    }

    fn origin(&self, peer: PeerKey) -> Origin {
        let is_missed = |device: DeviceId| self.silence.is_accused(&device);
        if self.threshold.beyond.contains(&peer) || self.device(peer).is_some_and(is_missed) {
            Origin::Beyond
        } else {
            Origin::Unknown
        }
    }

    /// Whether a link to a peer stands, in use or on the threshold.
    pub(super) fn is_linked(&self, peer: PeerKey) -> bool {
        self.links.is_up(peer) || self.threshold.holds(peer)
    }

    /// Counts the neighbours that are lost, and those of whom anybody on this side says so.
    pub(super) fn notice_a_cut(&mut self, now: Instant) {
        if self.threshold.waiting.is_empty() && self.is_in_touch(now, IN_TOUCH / 2) {
            self.threshold.apart_since = None;
            return self.threshold.beyond.clear();
        }
        let (lost, near) = self.neighbours_lost();
        let members = self.ledger.roster().rings().watched();
        let threshold = &mut self.threshold;
        if is_part(lost.len(), near) || is_part(self.silence.accused(), members) {
            threshold.apart_since.get_or_insert(now);
            threshold.beyond.extend(lost);
        } else if threshold.waiting.is_empty() {
            threshold.apart_since = None;
            threshold.beyond.clear();
        }
    }

    /// Those neighbours of whom nothing is heard, and of how many that can be said: of the charges, and of whoever
    /// has no link though a seat asks for it. Witnesses whose links stand say too little.
    fn neighbours_lost(&self) -> (BTreeSet<PeerKey>, usize) {
        let (roster, me) = (self.ledger.roster(), &self.identity.device);
        let (rings, nobody) = (roster.rings(), Down::new());
        let charges: Down = self.watch.subjects().collect();
        let mut asked: Down = rings.seats(me, &nobody).into_iter().collect();
        asked.extend(rings.overlay(me, &nobody));
        let silent = |device: &DeviceId| {
            self.silence.down().contains(device) || self.doubts.is_doubted(device)
        };
        let unlinked = asked.difference(&charges).filter_map(|device| {
            let peer = self.peer(device)?;
            (silent(device) || !self.links.is_up(peer)).then_some(peer)
        });
        let mut lost: BTreeSet<PeerKey> = unlinked.collect();
        let near = lost.len() + charges.len();
        let quiet = charges.iter().filter(|device| silent(device));
        lost.extend(quiet.filter_map(|device| self.peer(device)));
        (lost, near)
    }

    /// Whoever comes over a new link says first which log it holds.
    pub(super) fn wait_outside(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        self.keep_outside(peer, now);
        out.push(Output::Send {
            to: peer,
            message: self.hello(),
        });
    }

    /// A link that stood through the cut carries frames again. The other side has said its first word long ago: it is
    /// asked for the head.
    pub(super) fn step_outside(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        self.link_down(peer, now, out);
        self.keep_outside(peer, now);
        let log_size = self.ledger.roster().size();
        out.push(Output::Send {
            to: peer,
            message: Message::Hello {
                log_size,
                head: None,
            },
        });
    }

    fn keep_outside(&mut self, peer: PeerKey, now: Now) {
        let until = now.monotonic + PATIENCE;
        let guest = Guest {
            origin: self.origin(peer),
            kept: Vec::new(),
            has_shown: false,
            until,
        };
        self.threshold.waiting.insert(peer, guest);
        if let Some(device) = self.device(peer) {
            self.doubt_later(&device, until);
        }
        self.deadlines.hasten(Deadline::Threshold, until);
        self.dial_again_soon(now);
    }

    /// What a guest says: of the log at once, everything else when it is let in.
    pub(super) fn heard_outside(
        &mut self,
        from: PeerKey,
        message: Message,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        match message {
            Message::LogGrown { .. } => {
                self.threshold.shows(from);
                self.route(from, message, now, out);
            }
            Message::Hello { .. } | Message::LogRequest { .. } | Message::LogEntries { .. } => {
                self.route(from, message, now, out);
            }
            Message::Gossip { evidence } => self.proofs_outside(from, evidence, now, out),
            message => self.keep_for_later(from, message, out),
        }
        self.let_in_if_compared(from, now, out);
    }

    /// A proof is as good from a guest as from anybody, and may be of the log itself.
    fn proofs_outside(
        &mut self,
        from: PeerKey,
        evidence: Vec<Evidence>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let is_proof = |piece: &Evidence| matches!(piece, Evidence::Proof(_));
        let (proofs, evidence): (Vec<_>, Vec<_>) = evidence.into_iter().partition(is_proof);
        if !proofs.is_empty() {
            self.gossip_received(from, proofs, Form::AsSigned, now, out);
        }
        if !evidence.is_empty() {
            self.keep_for_later(from, Message::Gossip { evidence }, out);
        }
    }

    /// After each head that was shown, and each page that came.
    pub(super) fn let_in_if_compared(&mut self, by: PeerKey, now: Now, out: &mut Vec<Output>) {
        let waits = !self.threshold.waiting.is_empty();
        let compared = self.is_coordinator(by) || self.threshold.voices() >= VOICES;
        if waits && compared && !self.ledger.is_behind() {
            self.deadlines.clear(Deadline::Threshold);
            let Threshold { waiting, .. } = std::mem::take(&mut self.threshold);
            self.let_in_all(waiting, now, out);
        }
    }

    fn keep_for_later(&mut self, from: PeerKey, message: Message, out: &mut Vec<Output>) {
        let Some(guest) = self.threshold.waiting.get_mut(&from) else {
            return;
        };
        if guest.kept.len() < limits::FRAMES_OUTSIDE {
            guest.kept.push(message);
        } else {
            let why = Parting::Quiet;
            out.push(Output::Disconnect { peer: from, why });
        }
    }

    /// Those who have waited long enough, unless more of the log is on its way.
    pub(super) fn threshold_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let first = self.next_let_in();
        let is_patient = first.is_some_and(|first| now.monotonic < first + PATIENCE);
        if self.ledger.is_behind() && is_patient {
            let later = now.monotonic + PAGE;
            return self.deadlines.set(Deadline::Threshold, later);
        }
        let waiting = std::mem::take(&mut self.threshold.waiting);
        let (due, waiting) = waiting
            .into_iter()
            .partition(|(_, guest)| guest.until <= now.monotonic);
        self.threshold.waiting = waiting;
        self.let_in_all(due, now, out);
        if let Some(next) = self.next_let_in() {
            self.deadlines.set(Deadline::Threshold, next);
        }
    }

    fn next_let_in(&self) -> Option<Instant> {
        let waiting = self.threshold.waiting.values();
        waiting.map(|guest| guest.until).min()
    }

    /// Lets everybody in whom the log, as it is known by now, does not shut out.
    fn let_in_all(&mut self, guests: BTreeMap<PeerKey, Guest>, now: Now, out: &mut Vec<Output>) {
        for (peer, guest) in guests {
            if self.is_withdrawn(peer, now) {
                let why = Parting::Refused(Refusal::Revoked);
                out.push(Output::Disconnect { peer, why });
                continue;
            }
            self.let_in(peer, now, out);
            for message in guest.kept {
                self.taken(peer, message, now, out);
            }
        }
    }
}

fn is_part(lost: usize, all: usize) -> bool {
    lost >= VOICES && lost * PART >= all
}

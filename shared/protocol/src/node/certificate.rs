//! From accusations to certificates: what a witness's word adds, whom enough of them hold down, and the answer.

use std::collections::BTreeSet;
use std::time::Duration;

use super::evidence::Worth;
use super::{Deadline, Node, Notice, Output};
use crate::accusation::Accusation;
use crate::evidence::{Evidence, EvidenceId, Slot};
use crate::id::DeviceId;
use crate::quorum;
use crate::record::{Flags, Head, Position};
use crate::signed::{Signed, Unchecked};
use crate::silence::{self, Changes, Heard};
use crate::statement::Statement;
use crate::time::Now;

/// Between two answers to accusations of this very device at least.
const ANSWER_AGAIN: Duration = Duration::from_secs(1);
/// A word of this age that is not taken back came from where nobody hears this device, as from beyond a cut.
const STANDING: Duration = Duration::from_secs(10);

impl Node {
    /// Takes an accusation from a co-witness, or this node's own. What is only added is told when it certifies
    /// somebody; what takes back a word that was spread is told at once.
    pub(super) fn accused_by(
        &mut self,
        accusation: Signed<Accusation>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let witness = accusation.witness;
        let taken_back = self.taken_back(&accusation);
        let piece = Evidence::from(&accusation);
        // Seats have changed: everybody needs the word of the new witnesses.
        let named = accusation.silent.iter();
        let mut inherited = named.filter(|silent| self.silence.is_inherited(&silent.subject));
        let inherits = witness == self.identity.device && inherited.next().is_some();
        if self.silence.accuse(accusation, now.monotonic) == Heard::Stale {
            return;
        }
        if inherits {
            self.spread(vec![piece.clone()], None, now, out);
        }
        if !taken_back.is_empty() {
            if witness == self.identity.device {
                self.spread(vec![piece], None, now, out);
            } else {
                self.name(vec![piece], now);
            }
            self.stand_in_for(&taken_back, now, out);
        }
        self.judge_silence(now, out);
    }

    /// Whom a witness named before everybody, and names no more.
    fn taken_back(&self, accusation: &Accusation) -> Vec<DeviceId> {
        let Some(Evidence::Accusation(told)) = self.gossip.told(&Slot::WordOf(accusation.witness))
        else {
            return Vec::new();
        };
        let told = Unchecked::<Accusation>::parse(told).expect("what is told was checked");
        let named = told.claim().silent.iter();
        named
            .map(|silent| silent.subject)
            .filter(|subject| accusation.of(subject).is_none())
            // A witness whose seat another has now takes nothing back.
            .filter(|subject| !self.silence.is_inherited(subject))
            .collect()
    }

    /// A vote that was spread is gone: this witness's own, which was not needed, may be now.
    fn stand_in_for(&mut self, taken_back: &[DeviceId], now: Now, out: &mut Vec<Output>) {
        self.speak_for(taken_back, now);
        let me = self.identity.device;
        let Some(own) = self.silence.accusation(&me) else {
            return;
        };
        let concerns =
            |device: &DeviceId| self.silence.down().contains(device) && own.of(device).is_some();
        if taken_back.iter().any(concerns) {
            let piece = Evidence::from(own);
            self.spread(vec![piece], None, now, out);
        }
    }

    /// A head of somebody who is accused, from wherever it came.
    pub(super) fn refuted_by(&mut self, head: Signed<Head>, now: Now, out: &mut Vec<Output>) {
        let (device, piece) = (head.device, Evidence::from(&head));
        if !self.silence.refute(head) {
            return;
        }
        if self.silence.down().contains(&device) || device == self.identity.device {
            self.spread(vec![piece], None, now, out);
        }
        self.judge_silence(now, out);
    }

    pub(super) fn judgement_due(&mut self, now: Now, out: &mut Vec<Output>) {
        self.judge_silence(now, out);
        self.pass_on_what_waited(now, out);
    }

    /// A witness's word, as it came along the tree.
    pub(super) fn weigh(
        &mut self,
        accusation: Signed<Accusation>,
        piece: Evidence,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Worth {
        let taken_back = self.taken_back(&accusation);
        let since = now.monotonic - silence::WEAKER_AFTER;
        if self.silence.accuse(accusation, since) == Heard::Stale {
            return Worth::Vote(piece);
        }
        if taken_back.is_empty() {
            return Worth::Vote(piece);
        }
        self.stand_in_for(&taken_back, now, out);
        Worth::Sure(piece)
    }

    /// A head as it came along the tree. Where it brings somebody back it is passed on; where nobody is held down,
    /// others behind may hold its device down, and it is passed on after ever longer pauses.
    pub(super) fn weigh_refutation(
        &mut self,
        head: Signed<Head>,
        piece: Evidence,
        now: Now,
    ) -> Option<Worth> {
        let (device, position) = (head.device, head.position);
        let was_down = self.silence.down().contains(&device);
        let refutes = self.silence.refute(head);
        if refutes && was_down {
            return Some(Worth::Sure(piece));
        }
        let told = self
            .gossip
            .told(&Slot::HeadOf(device))
            .and_then(position_of);
        let is_newer = told.is_none_or(|told| told < position);
        if is_newer && self.doubts.credit.passes_refutation(device, now.monotonic) {
            return Some(Worth::Sure(piece));
        }
        self.gossip.see(piece.id());
        None
    }

    /// Whether an accusation is this witness's newest, and helps to certify somebody who is not held down yet: the
    /// votes of others are enough for the rest.
    pub(super) fn adds_a_vote(&mut self, piece: &Evidence, now: Now) -> bool {
        let Some(word) = self.newest_word(piece) else {
            return false;
        };
        let (witness, rings) = (word.witness, self.ledger.roster().rings());
        let stormy = self.doubts.weather.is_stormy(now.monotonic);
        let helps = self.silence.supports(word, rings) || stormy && self.tells_in_a_storm(word);
        helps && self.doubts.credit.passes_on(witness, now.monotonic)
    }

    /// Whether a witness's newest word names only those whom the words of others hold down already.
    pub(super) fn is_needless(&self, piece: &Evidence) -> bool {
        let word = self.newest_word(piece);
        word.is_some_and(|word| self.names_only_the_silent(word))
    }

    /// Whether a word names somebody, and nobody who is not held down.
    pub(super) fn names_only_the_silent(&self, word: &Accusation) -> bool {
        let mut named = word.silent.iter();
        !word.silent.is_empty() && named.all(|silent| self.silence.down().contains(&silent.subject))
    }

    /// The accusation that a piece is, if its witness has said nothing newer.
    fn newest_word(&self, piece: &Evidence) -> Option<&Signed<Accusation>> {
        let Evidence::Accusation(bytes) = piece else {
            return None;
        };
        let word = self.silence.accusation(&piece.slot()?.device())?;
        (word.bytes() == bytes.as_slice()).then_some(word)
    }

    /// Draws the conclusions: seats move, certificates are passed on, whoever is wrongly held down answers.
    pub(super) fn judge_silence(&mut self, now: Now, out: &mut Vec<Output>) {
        let roster = std::sync::Arc::clone(self.ledger.roster());
        let changes = self.silence.judge(roster.rings(), now.monotonic);
        match self.silence.next_judgement() {
            Some(at) => self.deadlines.set(Deadline::Judgement, at),
            None => self.deadlines.clear(Deadline::Judgement),
        }
        if !changes.is_empty() {
            for device in &changes.went_down {
                self.gossip.came(&EvidenceId::of_silence(device));
            }
            self.weigh_accusers(&changes, now);
            self.count_the_fallen(changes.went_down.len(), now);
            self.speak_for(&changes.came_back, now);
            self.release(&changes, now, out);
            self.announce_changes(&changes, out);
            self.reseat_after(&changes, now, out);
        }
        if self.may_be_held_down(now) {
            self.mask_accusers();
            self.answer_accusers(now, out);
        } else if self.is_named_for_long(now) {
            self.answer_accusers(now, out);
        }
    }

    /// What certifies somebody is everybody's business, the coordinator's too. Each witness pushes its own word,
    /// and whoever had one along the tree pushes it on; to co-witnesses it came by another way, and they name it.
    fn release(&mut self, changes: &Changes, now: Now, out: &mut Vec<Output>) {
        let rings = self.ledger.roster().rings();
        let mut certifying: BTreeSet<DeviceId> = BTreeSet::new();
        for device in &changes.went_down {
            certifying.extend(self.silence.accusers(device, rings));
        }
        let accusations = certifying
            .iter()
            .filter_map(|witness| self.silence.accusation(witness));
        let (mut own, mut passed, mut named) = (Vec::new(), Vec::new(), Vec::new());
        for accusation in accusations {
            let piece = Evidence::from(accusation);
            if accusation.witness == self.identity.device {
                own.push(piece);
            } else if self.gossip.knows(&piece.id()) {
                passed.push(piece);
            } else {
                named.push(piece);
            }
        }
        self.spread(own, None, now, out);
        self.relay(passed, None, now, out);
        self.name(named, now);
    }

    fn announce_changes(&self, changes: &Changes, out: &mut Vec<Output>) {
        let rings = self.ledger.roster().rings();
        for &device in &changes.went_down {
            out.push(Output::Notice(Notice::Down {
                device,
                votes: self.silence.accusers(&device, rings).len(),
                seats: rings.jury(&device),
            }));
        }
        for &device in &changes.came_back {
            out.push(Output::Notice(Notice::Back { device }));
        }
    }

    /// Whether so many name this very device that somebody may hold it down, who counts others among those that
    /// answer. It answers before it holds itself down, at intervals.
    fn may_be_held_down(&mut self, now: Now) -> bool {
        let me = &self.identity.device;
        let rings = self.ledger.roster().rings();
        let least = quorum::reduced_liveness_quorum(rings.jury(me), 0);
        let votes = self.silence.accusers(me, rings).len();
        if least.is_none_or(|least| votes < least) {
            return false;
        }
        let again = self.doubts.refuted_at.map(|at| at + ANSWER_AGAIN);
        if let Some(again) = again.filter(|again| *again > now.monotonic) {
            self.deadlines.hasten(Deadline::Judgement, again);
            return false;
        }
        self.doubts.refuted_at = Some(now.monotonic);
        true
    }

    /// Whether words too few for a certificate stand against this very device although it is heard here: they were
    /// made beyond a cut, and would certify it once seats have passed on or others like them arrive.
    fn is_named_for_long(&mut self, now: Now) -> bool {
        let me = self.identity.device;
        let accusers = self.silence.unanswered(&me).into_iter();
        let words = accusers.filter_map(|accuser| self.silence.accusation(&accuser));
        let ages = words.map(|word| now.wall.since(word.time));
        let Some(oldest) = ages.max() else {
            return false;
        };
        if oldest < STANDING {
            let due = now.monotonic + (STANDING - oldest);
            self.deadlines.hasten(Deadline::Judgement, due);
            return false;
        }
        self.doubts.credit.passes_refutation(me, now.monotonic)
    }

    fn mask_accusers(&mut self) {
        let rings = self.ledger.roster().rings();
        let accusers = self.silence.accusers(&self.identity.device, rings);
        let masked = self.masked(&accusers);
        self.report.mask(&masked);
    }

    /// Accusations of this very device: a fresh head refutes them everywhere.
    fn answer_accusers(&mut self, now: Now, out: &mut Vec<Output>) {
        let Some(record) = self.record(Statement::Present, Flags::NONE, now, out) else {
            return;
        };
        if let Some(head) = self.open_any_head(&record.head) {
            self.refuted_by(head, now, out);
        }
    }

    /// Rings of those whose accusation was refuted before, or names a record that this device never made.
    fn masked(&mut self, accusers: &[DeviceId]) -> Vec<usize> {
        let seats = self
            .ledger
            .roster()
            .rings()
            .witnesses(&self.identity.device);
        let mut rings = Vec::new();
        for accuser in accusers {
            let before = self.doubts.falsely_accused(*accuser);
            let ring = seats.iter().position(|seat| seat == accuser);
            rings.extend(ring.filter(|_| before > 0 || self.is_invented_by(accuser)));
        }
        rings
    }

    /// Whether a witness claims to have seen a record of this device that does not exist: no head refutes that.
    fn is_invented_by(&self, accuser: &DeviceId) -> bool {
        let accusation = self.silence.accusation(accuser);
        let claim = accusation.and_then(|accusation| accusation.of(&self.identity.device));
        let (claimed, newest) = (claim.and_then(|silent| silent.last), self.report.newest());
        newest.is_some_and(|newest| claimed > Some(newest))
    }
}

fn position_of(piece: &Evidence) -> Option<Position> {
    let Evidence::Head(bytes) = piece else {
        return None;
    };
    let head = Unchecked::<Head>::parse(bytes).ok()?;
    Some(head.claim().position)
}

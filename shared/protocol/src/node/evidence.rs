//! The evidence plane of a node: every piece is checked, judged, and passed on only where it tells something.

use std::collections::BTreeSet;

use super::convict::Known;
use super::{Deadline, Node, Notice, Output};
use crate::accusation::Accusation;
use crate::evidence::{Evidence, EvidenceId};
use crate::gossip::{self, Post};
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::record::{Flags, Head};
use crate::signed::{Signed, Unchecked};
use crate::silence::{self, Changes, Heard};
use crate::statement::Statement;
use crate::time::Now;

impl Node {
    /// A neighbour pushes evidence.
    pub(super) fn gossip_received(
        &mut self,
        from: PeerKey,
        evidence: Vec<Evidence>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let (known, mut fresh): (Vec<_>, Vec<_>) = evidence
            .into_iter()
            .partition(|piece| self.gossip.holds(&piece.id()));
        if fresh.is_empty() && !known.is_empty() {
            out.extend(self.gossip.repeated(from).map(send));
            return;
        }
        if known.is_empty() {
            self.gossip.delivered(from);
        } else if known.len() > fresh.len() {
            out.extend(self.gossip.repeated(from).map(send));
        }
        // Who may pass the rest on can follow from what gateways have signed, and a secret needs its dealing.
        fresh.sort_by_key(|piece| match piece {
            Evidence::Cosigned(_) => 0,
            Evidence::Dealing(_) => 1,
            Evidence::Secret(_) => 2,
            _ => 3,
        });
        let mut told = Vec::new();
        for piece in fresh {
            if !self.may_bring(from, &piece) {
                continue;
            }
            self.gossip.came(&piece.id());
            match self.judge_evidence(piece, now, out) {
                Ok(worth) => told.extend(worth),
                Err(what) => return self.misbehaved(from, what, out),
            }
        }
        // An accusation may tell something only beside others of the same frame.
        told.retain(|piece| self.is_worth_telling(piece));
        self.spread(told, Some(from), now, out);
        self.judge_silence(now, out);
    }

    /// A neighbour names what it holds. The coordinator does so late: what is missing then was kept back.
    pub(super) fn named(
        &mut self,
        from: PeerKey,
        ids: &[EvidenceId],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if self.is_coordinator(from) {
            let missing = ids.iter().copied().filter(|id| !self.gossip.holds(id));
            let ids: Vec<EvidenceId> = missing.collect();
            if !ids.is_empty() {
                let message = Message::Want { ids };
                out.push(Output::Send { to: from, message });
            }
            return;
        }
        self.gossip.named(from, ids, now.monotonic);
        self.plan_gossip();
    }

    pub(super) fn wanted_from_here(
        &mut self,
        from: PeerKey,
        ids: &[EvidenceId],
        out: &mut Vec<Output>,
    ) {
        out.extend(self.gossip.asked(from, ids).into_iter().map(send));
    }

    pub(super) fn gossip_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let posts = self.gossip.due(now.monotonic);
        out.extend(posts.into_iter().map(send));
        self.plan_gossip();
    }

    /// The overlay's links are those on which evidence spreads.
    pub(super) fn meet_neighbours(&mut self, now: Now) {
        let neighbours: BTreeSet<PeerKey> = self
            .links
            .up()
            .filter(|peer| self.is_neighbour(*peer))
            .collect();
        self.gossip.neighbours(&neighbours, now.monotonic);
        self.plan_gossip();
    }

    /// The coordinator is back: it asks for what it does not hold.
    pub(super) fn name_evidence(&self, coordinator: PeerKey, out: &mut Vec<Output>) {
        let names = self.gossip.names();
        out.extend(names.chunks(limits::EVIDENCE_IDS_PER_FRAME).map(|ids| {
            let message = Message::Have { ids: ids.to_vec() };
            let to = coordinator;
            Output::Send { to, message }
        }));
    }

    /// Takes an accusation from a co-witness, or this node's own.
    pub(super) fn accused_by(
        &mut self,
        accusation: Signed<Accusation>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let before = self.silence.accusation(&accusation.witness).cloned();
        let (replaced, piece) = (
            self.spread_before(&accusation.witness),
            Evidence::Accusation(accusation.bytes().to_vec().into()),
        );
        // What is only added is told when it certifies somebody; what is taken back is told at once.
        let takes_back = before.is_some_and(|before| {
            let silent = before.silent.iter();
            silent.map(|silent| silent.subject).any(|subject| {
                // A witness whose seat another has now takes nothing back.
                self.silence.down().contains(&subject)
                    && !self.silence.is_inherited(&subject)
                    && accusation.of(&subject).is_none()
            })
        });
        // Seats have changed: everybody needs the word of the new witnesses.
        let inherits = accusation.witness == self.identity.device
            && accusation
                .silent
                .iter()
                .any(|silent| self.silence.is_inherited(&silent.subject));
        if self.silence.accuse(accusation, now.monotonic) == Heard::Stale {
            return;
        }
        if inherits {
            self.spread(vec![piece.clone()], None, now, out);
        }
        if let Some(replaced) = replaced {
            self.gossip.forget(&replaced);
            if takes_back {
                self.spread(vec![piece], None, now, out);
            }
        }
        self.judge_silence(now, out);
    }

    /// A head of somebody who is accused, from wherever it came.
    pub(super) fn refuted_by(&mut self, head: Signed<Head>, now: Now, out: &mut Vec<Output>) {
        let (device, piece) = (head.device, refutation(&head));
        let before = self.silence.refutation(&device).map(refutation);
        if !self.silence.refute(head) {
            return;
        }
        if let Some(before) = before {
            self.gossip.forget(&before.id());
        }
        if self.silence.down().contains(&device) {
            self.spread(vec![piece], None, now, out);
        }
        self.judge_silence(now, out);
    }

    pub(super) fn judgement_due(&mut self, now: Now, out: &mut Vec<Output>) {
        self.judge_silence(now, out);
    }

    pub(super) fn open_any_head(&self, bytes: &[u8]) -> Option<Signed<Head>> {
        let unchecked = Unchecked::<Head>::parse(bytes).ok()?;
        let roster = self.ledger.roster();
        let key = &roster.member(&unchecked.claim().device)?.membership.key;
        unchecked.check(key, self.identity.verifier.as_ref()).ok()
    }

    /// Checks one piece; what is returned may be passed on if it tells something.
    fn judge_evidence(
        &mut self,
        piece: Evidence,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Option<Evidence>, &'static str> {
        if self.is_held_author(&piece, now) {
            return Ok(None);
        }
        match &piece {
            Evidence::Accusation(bytes) => {
                // A newcomer may be unknown here while the log is still on its way.
                let Some(accusation) = self.open_accusation(bytes) else {
                    return self.unless_stranger(witness_of(bytes), "accusation");
                };
                let before = self.spread_before(&accusation.witness);
                let since = now.monotonic - silence::WEAKER_AFTER;
                if self.silence.accuse(accusation, since) == Heard::Stale {
                    return Ok(None);
                }
                if let Some(before) = before {
                    self.gossip.forget(&before);
                }
                Ok(Some(piece))
            }
            Evidence::Head(bytes) => {
                let Some(head) = self.open_any_head(bytes) else {
                    return self.unless_stranger(device_of(bytes), "head");
                };
                self.compare(&head, now, out);
                let before = self.silence.refutation(&head.device).map(refutation);
                if !self.silence.refute(head) {
                    return Ok(None);
                }
                if let Some(before) = before {
                    self.gossip.forget(&before.id());
                }
                Ok(Some(piece))
            }
            Evidence::Alert(_) => self.take_alert(piece, now, out),
            Evidence::Delivery(_) => self.take_delivery(piece, out),
            Evidence::Report(_) => self.take_report(piece, now, out),
            Evidence::Cosigned(_) => self.take_cosigned(piece, now, out),
            Evidence::Ruling(_) => self.take_ruling(piece, now, out),
            Evidence::Dealing(_) | Evidence::Share(_) | Evidence::Secret(_) => {
                self.take_seed_piece(piece, now, out)
            }
            Evidence::Proof(bytes) => {
                let known = self.proof_shown(bytes, now, out)?;
                Ok((known == Known::New).then_some(piece))
            }
        }
    }

    fn unless_stranger(
        &self,
        author: Option<DeviceId>,
        what: &'static str,
    ) -> Result<Option<Evidence>, &'static str> {
        let known = author.is_some_and(|author| self.ledger.roster().member(&author).is_some());
        match (known, what) {
            (false, _) => Ok(None),
            (true, "head") => Err("a refutation that does not check"),
            (true, _) => Err("an accusation that does not check"),
        }
    }

    fn is_worth_telling(&self, piece: &Evidence) -> bool {
        match piece {
            Evidence::Accusation(bytes) => {
                let Ok(accusation) = Unchecked::<Accusation>::parse(bytes) else {
                    return false;
                };
                let rings = self.ledger.roster().rings();
                accusation.claim().silent.is_empty()
                    || self.silence.supports(accusation.claim(), rings)
            }
            Evidence::Head(_) | Evidence::Proof(_) | Evidence::Alert(_) => true,
            Evidence::Delivery(_) | Evidence::Report(_) | Evidence::Cosigned(_) => true,
            Evidence::Ruling(_) => true,
            Evidence::Dealing(_) | Evidence::Share(_) | Evidence::Secret(_) => true,
        }
    }

    /// Draws the conclusions: seats move, certificates are passed on, whoever is wrongly held down answers.
    fn judge_silence(&mut self, now: Now, out: &mut Vec<Output>) {
        let roster = std::sync::Arc::clone(self.ledger.roster());
        let changes = self.silence.judge(roster.rings(), now.monotonic);
        match self.silence.next_judgement() {
            Some(at) => self.deadlines.set(Deadline::Judgement, at),
            None => self.deadlines.clear(Deadline::Judgement),
        }
        if changes.is_empty() {
            return;
        }
        self.weigh_accusers(&changes, now);
        self.release(&changes, now, out);
        self.announce_changes(&changes, out);
        self.reseat_after(&changes, now, out);
        if changes.went_down.contains(&self.identity.device) {
            self.answer_certificate(now, out);
        }
    }

    /// What certifies somebody is everybody's business, the coordinator's too.
    fn release(&mut self, changes: &Changes, now: Now, out: &mut Vec<Output>) {
        let rings = self.ledger.roster().rings();
        let mut certifying: BTreeSet<DeviceId> = BTreeSet::new();
        for device in &changes.went_down {
            certifying.extend(self.silence.accusers(device, rings));
        }
        let accusations = certifying
            .iter()
            .filter_map(|witness| self.silence.accusation(witness));
        let pieces: Vec<Evidence> = accusations
            .map(|accusation| Evidence::Accusation(accusation.bytes().to_vec().into()))
            .filter(|piece| !self.gossip.holds(&piece.id()))
            .collect();
        self.spread(pieces, None, now, out);
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

    /// A certificate against this very device: a fresh head refutes it everywhere.
    fn answer_certificate(&mut self, now: Now, out: &mut Vec<Output>) {
        let accusers = self
            .silence
            .accusers(&self.identity.device, self.ledger.roster().rings());
        let masked = self.masked(&accusers);
        self.report.mask(&masked);
        let Some(record) = self.record(Statement::Present, Flags::NONE, now, out) else {
            return;
        };
        if let Some(head) = self.open_any_head(&record.head) {
            self.refuted_by(head, now, out);
        }
    }

    /// Rings of those whose accusation was refuted before.
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
            rings.extend(ring.filter(|_| before > 0));
        }
        rings
    }

    pub(super) fn spread(
        &mut self,
        pieces: Vec<Evidence>,
        from: Option<PeerKey>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if pieces.is_empty() {
            return;
        }
        let coordinator = self.coordinator();
        // Whoever brings something up tells the coordinator; those who pass it on need not.
        if from.is_none() && self.links.is_up(coordinator) {
            let posts = gossip::frames(coordinator, pieces.iter().cloned());
            out.extend(posts.into_iter().map(send));
        }
        if from.is_some() && !self.ledger.roster().is_seated(&self.identity.device) {
            return self.gossip.hold(pieces);
        }
        let posts = self.gossip.spread(pieces, from, now.monotonic);
        out.extend(posts.into_iter().map(send));
        self.plan_gossip();
    }

    /// The name under which this witness's word is held at the moment, if it was spread.
    fn spread_before(&self, witness: &DeviceId) -> Option<EvidenceId> {
        let before = self.silence.accusation(witness)?;
        let id = Evidence::Accusation(before.bytes().to_vec().into()).id();
        self.gossip.holds(&id).then_some(id)
    }

    pub(super) fn plan_gossip(&mut self) {
        match self.gossip.next_deadline() {
            Some(at) => self.deadlines.set(Deadline::Gossip, at),
            None => self.deadlines.clear(Deadline::Gossip),
        }
    }
}

pub(super) fn send(post: Post) -> Output {
    Output::Send {
        to: post.to,
        message: post.message,
    }
}

fn refutation(head: &Signed<Head>) -> Evidence {
    Evidence::Head(head.bytes().to_vec().into())
}

fn witness_of(bytes: &[u8]) -> Option<DeviceId> {
    let unchecked = Unchecked::<Accusation>::parse(bytes).ok()?;
    Some(unchecked.claim().witness)
}

fn device_of(bytes: &[u8]) -> Option<DeviceId> {
    let unchecked = Unchecked::<Head>::parse(bytes).ok()?;
    Some(unchecked.claim().device)
}

//! The evidence plane of a node: every piece is checked, judged, and passed on only where it tells something.

use std::collections::BTreeSet;

use super::convict::Known;
use super::{Deadline, Node, Output};
use crate::brief::Brief;
use crate::evidence::{Evidence, EvidenceId, Slot};
use crate::gossip::{self, Post};
use crate::key::PeerKey;
use crate::message::Message;
use crate::name::{Name, ShortIds};
use crate::reconcile::{self, Part};
use crate::record::Head;
use crate::signed::{Signed, Unchecked};
use crate::time::Now;

/// An edge of the tree is given up when one piece of so many that it brings was known.
const PRUNED_AT: usize = 4;

/// In which form a piece came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    AsSigned,
    /// Put together here: where it does not check, the two logs may differ.
    Restored,
}

/// What a checked piece is worth to others.
#[derive(Debug)]
pub(super) enum Worth {
    /// They need it, whatever else comes.
    Sure(Evidence),
    /// It may help to certify somebody.
    Vote(Evidence),
}

impl Node {
    /// A neighbour pushes evidence.
    pub(super) fn gossip_received(
        &mut self,
        from: PeerKey,
        evidence: Vec<Evidence>,
        form: Form,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let names: Vec<Name> = evidence.iter().map(Name::of).collect();
        self.gossip.has(from, &names);
        let (known, fresh): (Vec<_>, Vec<_>) = evidence
            .into_iter()
            .partition(|piece| self.gossip.knows(&piece.id()));
        if known.is_empty() {
            self.gossip.delivered(from);
        } else if known.len() * PRUNED_AT >= fresh.len() {
            out.extend(self.gossip.repeated(from).map(send));
        }
        if !fresh.is_empty() {
            self.take_fresh(from, fresh, form, now, out);
        }
    }

    /// The same in its shorter form.
    pub(super) fn words_received(
        &mut self,
        from: PeerKey,
        brief: &Brief,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let evidence = brief.evidence(self.ledger.roster());
        self.gossip_received(from, evidence, Form::Restored, now, out);
    }

    /// Judges what a neighbour pushed, and passes on what tells others something.
    fn take_fresh(
        &mut self,
        from: PeerKey,
        mut fresh: Vec<Evidence>,
        form: Form,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        // Who may pass the rest on can follow from what gateways have signed, and a secret needs its dealing.
        fresh.sort_by_key(|piece| match piece {
            Evidence::Cosigned(_) => 0,
            Evidence::Dealing(_) => 1,
            Evidence::Secret(_) => 2,
            // A vote is on somebody whom reports made suspected.
            Evidence::Vote(_) => 4,
            _ => 3,
        });
        let mut worths = Vec::new();
        for piece in fresh {
            if !self.may_bring(from, &piece) {
                continue;
            }
            self.gossip.came(&piece.id());
            match self.judge_evidence(piece, now, out) {
                Ok(worth) => worths.extend(worth),
                Err(_) if form == Form::Restored => {}
                Err(what) => return self.misbehaved(from, what, out),
            }
        }
        let mut told = Vec::new();
        for worth in worths {
            match worth {
                Worth::Sure(piece) => told.push(piece),
                // It may tell something only beside others of the same frame.
                Worth::Vote(piece) if self.adds_a_vote(&piece, now) => told.push(piece),
                // Where others hold what is not needed here, the two would differ for ever.
                Worth::Vote(piece) if self.is_needless(&piece) => self.gossip.hold(vec![piece]),
                Worth::Vote(piece) => self.gossip.see(piece.id()),
            }
        }
        self.spread(told, Some(from), now, out);
        self.judge_silence(now, out);
    }

    /// A neighbour names what it holds. The coordinator does so late: what is missing then was kept back.
    pub(super) fn named(
        &mut self,
        from: PeerKey,
        (ids, words): (&[EvidenceId], &ShortIds),
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if self.is_coordinator(from) {
            let missing = ids.iter().copied().filter(|id| !self.gossip.holds(id));
            let ids: Vec<EvidenceId> = missing.collect();
            if !ids.is_empty() {
                let words = ShortIds::default();
                let message = Message::Want { ids, words };
                out.push(Output::Send { to: from, message });
            }
            return;
        }
        let news = self.without_known_silence(ids);
        let names = Name::list(&news, words);
        self.gossip.named(from, &names, now.monotonic);
        self.plan_gossip();
    }

    /// A neighbour says what it holds, range by range: it is answered until either knows what it lacks.
    pub(super) fn compared(
        &mut self,
        from: PeerKey,
        parts: &[Part],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if !reconcile::are_in_order(parts) {
            return self.misbehaved(from, "ranges of names out of order", out);
        }
        let names = self.names_to_compare();
        let posts = self.gossip.compared(from, parts, &names, now.monotonic);
        self.post(posts, out);
        self.plan_gossip();
    }

    pub(super) fn wanted_from_here(
        &mut self,
        from: PeerKey,
        (ids, words): (&[EvidenceId], &ShortIds),
        out: &mut Vec<Output>,
    ) {
        let posts = self.gossip.asked(from, &Name::list(ids, words));
        self.post(posts, out);
        self.show_silence(from, ids, out);
    }

    pub(super) fn gossip_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let compares = self.gossip.compares(now.monotonic);
        let names = compares.then(|| self.names_to_compare());
        let posts = self.gossip.due(&names.unwrap_or_default(), now.monotonic);
        // What waited for the coordinator may have outlived the link.
        let posts = posts.into_iter().filter(|post| self.links.is_up(post.to));
        self.post(posts.collect(), out);
        self.plan_gossip();
    }

    /// The overlay's links are those on which evidence spreads.
    pub(super) fn meet_neighbours(&mut self, now: Now) {
        let neighbours: BTreeSet<PeerKey> = self.neighbours_among(self.links.up()).collect();
        let me = self.identity.signer.public().peer();
        self.gossip.neighbours(&neighbours, me, now.monotonic);
        self.plan_gossip();
    }

    /// The coordinator is back: it asks for what it does not hold.
    pub(super) fn name_evidence(&self, coordinator: PeerKey, out: &mut Vec<Output>) {
        let names: Vec<EvidenceId> = self.gossip.names().into_iter().collect();
        let posts = gossip::have_whole(coordinator, &names).into_iter();
        out.extend(posts.map(send));
    }

    pub(super) fn open_any_head(&self, bytes: &[u8]) -> Option<Signed<Head>> {
        let unchecked = Unchecked::<Head>::parse(bytes).ok()?;
        let roster = self.ledger.roster();
        let key = &roster.member(&unchecked.claim().device)?.membership.key;
        unchecked.check(key, self.identity.verifier.as_ref()).ok()
    }

    /// Checks one piece; what is returned may be passed on.
    fn judge_evidence(
        &mut self,
        piece: Evidence,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Option<Worth>, &'static str> {
        if self.is_held_author(&piece, now) {
            return Ok(None);
        }
        match &piece {
            Evidence::Accusation(bytes) => {
                // A newcomer may be unknown here while the log is still on its way.
                let Some(accusation) = self.open_accusation(bytes) else {
                    return self.unless_stranger(&piece, "an accusation that does not check");
                };
                Ok(Some(self.weigh(accusation, piece, now, out)))
            }
            Evidence::Head(bytes) => {
                let Some(head) = self.open_any_head(bytes) else {
                    return self.unless_stranger(&piece, "a refutation that does not check");
                };
                self.compare(&head, now, out);
                Ok(self.weigh_refutation(head, piece, now))
            }
            Evidence::Alert(_) => Ok(self.take_alert(piece, now, out)?.map(Worth::Sure)),
            Evidence::Delivery(_) => Ok(self.take_delivery(piece, out)?.map(Worth::Sure)),
            Evidence::Report(_) => Ok(self.take_report(piece, now, out)?.map(Worth::Sure)),
            Evidence::Cosigned(_) => Ok(self.take_cosigned(piece, now, out)?.map(Worth::Sure)),
            Evidence::Ruling(_) => Ok(self.take_ruling(piece, now, out)?.map(Worth::Sure)),
            Evidence::Vote(_) => Ok(self.take_vote(piece, now, out)?.map(Worth::Sure)),
            Evidence::Halt(_) => Ok(self.take_halt(piece, now, out)?.map(Worth::Sure)),
            Evidence::Errand(_) => Ok(self.take_errand(piece, now, out)?.map(Worth::Sure)),
            Evidence::Dealing(_) | Evidence::Share(_) | Evidence::Secret(_) => {
                Ok(self.take_seed_piece(piece, now, out)?.map(Worth::Sure))
            }
            Evidence::Proof(bytes) => {
                let known = self.proof_shown(bytes, now, out)?;
                Ok((known == Known::New).then_some(Worth::Sure(piece)))
            }
        }
    }

    /// What does not check is held against its sender where this node could have checked it.
    fn unless_stranger(
        &self,
        piece: &Evidence,
        what: &'static str,
    ) -> Result<Option<Worth>, &'static str> {
        let author = piece.slot().map(Slot::device);
        let member = author.and_then(|author| self.ledger.roster().member(&author));
        member.map_or(Ok(None), |_| Err(what))
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
        // Whoever brings something up tells the coordinator; those who pass it on need not.
        let coordinator = self.coordinator();
        if from.is_none() && self.links.is_up(coordinator) {
            let fresh = pieces
                .iter()
                .filter(|piece| !self.gossip.holds(&piece.id()));
            let posts = gossip::frames(coordinator, fresh.cloned());
            out.extend(posts.into_iter().map(send));
        }
        self.relay(pieces, from, now, out);
    }

    pub(super) fn relay(
        &mut self,
        pieces: Vec<Evidence>,
        from: Option<PeerKey>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if from.is_some() && !self.ledger.roster().is_seated(&self.identity.device) {
            return self.gossip.hold(pieces);
        }
        let posts = self.gossip.spread(pieces, from, now.monotonic);
        self.post(posts, out);
        self.plan_gossip();
    }

    /// Holds evidence for whomever its author does not reach, the coordinator among them.
    pub(super) fn name(&mut self, pieces: Vec<Evidence>, now: Now) {
        let coordinator = Some(self.coordinator()).filter(|peer| self.links.is_up(*peer));
        self.gossip.name(pieces, coordinator, now.monotonic);
        self.plan_gossip();
    }

    /// Sends what is about silence in its shorter form; the coordinator gets it as it was signed.
    pub(super) fn post(&self, posts: Vec<Post>, out: &mut Vec<Output>) {
        for post in posts {
            match post.message {
                Message::Gossip { evidence } if !self.is_coordinator(post.to) => {
                    let to = post.to;
                    let (briefs, evidence) = Brief::of(evidence, self.ledger.roster());
                    let briefs = briefs.into_iter().map(|brief| Message::Words { brief });
                    let rest = (!evidence.is_empty()).then_some(Message::Gossip { evidence });
                    out.extend(
                        briefs
                            .chain(rest)
                            .map(|message| Output::Send { to, message }),
                    );
                }
                _ => out.push(send(post)),
            }
        }
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

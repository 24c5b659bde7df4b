//! Convictions at the coordinator: it compares what all witnesses were shown, and keeps what convicts.

use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use minicbor::bytes::ByteVec;

use super::save::{Brought, Memory, Save};
use super::{Coordinator, Deadline, Device, Event, LogState, Output};
use crate::evidence::Evidence;
use crate::heads::{Judged, Shown};
use crate::id::DeviceId;
use crate::key::Verifier;
use crate::ledger;
use crate::message::Message;
use crate::proof::Proof;
use crate::record::{Head, Position};
use crate::refusal::Refusal;
use crate::roster::Roster;
use crate::signed::{Signed, Unchecked};
use crate::time::{Instant, Now};

/// Between two questions to one witness about one subject.
const ASK_PAUSE: Duration = Duration::from_secs(5);
/// Convictions that come close together make the identity log grow once: the proofs are faster anyway.
const GATHER: Duration = Duration::from_secs(1);
/// Nodes that hear of a proof from the coordinator; the others from them.
const HERALDS: usize = 8;

/// The roster together with the convictions that the store holds.
pub(super) fn recalled(roster: Roster, memory: &Memory, verifier: &dyn Verifier) -> Roster {
    memory.convictions.iter().fold(roster, |roster, bytes| {
        let proof = roster.open_proof(bytes, verifier).ok();
        let grown = proof.and_then(|proof| roster.with_conviction(proof));
        grown.unwrap_or(roster)
    })
}

impl Coordinator {
    /// A witness says what it was shown; where that may be another history, the heads themselves are asked for.
    pub(super) fn compare_shown(
        &mut self,
        subject: DeviceId,
        witness: DeviceId,
        shown: Shown,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(known) = self.devices.get(&subject) else {
            return;
        };
        let others = known.presence.witnesses().iter();
        let mut doubtful: Vec<DeviceId> = others
            .filter(|(_, heard)| heard.shown.is_some_and(|other| other.differs_from(&shown)))
            .map(|(other, _)| *other)
            .collect();
        let clash = known.heads.clash_with(&shown);
        if clash || !doubtful.is_empty() || self.is_ahead(known, subject, shown.position) {
            doubtful.push(witness);
        }
        for witness in doubtful {
            self.ask_for_heads(subject, witness, now.monotonic, out);
        }
    }

    /// Witnesses know a later start of a device that is here with its earlier one.
    fn is_ahead(&self, known: &Device, subject: DeviceId, position: Position) -> bool {
        let newest = known.heads.newest().map(|head| head.position.incarnation);
        newest.is_some_and(|newest| newest < position.incarnation) && self.is_linked(&subject)
    }

    fn ask_for_heads(
        &mut self,
        subject: DeviceId,
        witness: DeviceId,
        now: Instant,
        out: &mut Vec<Output>,
    ) {
        let Some(to) = self.peer(&witness).filter(|peer| self.links.contains(peer)) else {
            return;
        };
        let Some(known) = self.devices.get_mut(&subject) else {
            return;
        };
        known.asked.retain(|_, at| now.since(*at) < ASK_PAUSE);
        if let Entry::Vacant(asked) = known.asked.entry(witness) {
            asked.insert(now);
            let devices = vec![subject];
            out.push(Output::Send {
                to,
                message: Message::HeadsWanted { devices },
            });
        }
    }

    /// A witness shows heads that it took from its subjects.
    pub(super) fn take_vouched(
        &mut self,
        heads: &[ByteVec],
        brought: Brought,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        for bytes in heads {
            if let Some(head) = self.open_head(bytes) {
                self.take_head(&head, brought, now, out);
            }
        }
    }

    /// Compares a checked head with those that were shown before; says whether it contradicts one.
    pub(super) fn take_head(
        &mut self,
        head: &Signed<Head>,
        brought: Brought,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Harmony {
        let Some(known) = self.devices.get_mut(&head.device) else {
            return Harmony::Good;
        };
        match known.heads.judge(head) {
            Judged::Contradicts(kept) => {
                self.contradicted(&kept, head, brought, now, out);
                Harmony::Broken
            }
            Judged::Newer | Judged::Known | Judged::Late => {
                known.heads.keep(head.clone());
                Harmony::Good
            }
        }
    }

    /// A head that belongs beside a record of long ago: only the store can say what stands there.
    pub(super) fn recall(
        &mut self,
        head: &Signed<Head>,
        position: Position,
        out: &mut Vec<Output>,
    ) {
        let Some(known) = self.devices.get_mut(&head.device) else {
            return;
        };
        let device = head.device;
        if known.recalling.is_none() {
            known.recalling = Some(head.clone());
            out.push(Output::Recall { device, position });
        }
    }

    /// The store's answer.
    pub(super) fn recalled(
        &mut self,
        device: DeviceId,
        stored: Option<Vec<u8>>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let known = self.devices.get_mut(&device);
        let Some(shown) = known.and_then(|known| known.recalling.take()) else {
            return;
        };
        if let Some(stored) = stored.and_then(|bytes| self.open_head(&bytes)) {
            self.contradicted(&stored, &shown, Brought::Found, now, out);
        }
    }

    fn contradicted(
        &mut self,
        one: &Signed<Head>,
        other: &Signed<Head>,
        brought: Brought,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let member = self.roster.member(&one.device);
        let proof = member.and_then(|member| Proof::of_heads(&member.membership, one, other));
        if let Some(proof) = proof {
            self.proven(&proof, brought, now, out);
        }
    }

    /// A proof that was found here: some hear of it from here, the others from them.
    pub(super) fn proven(
        &mut self,
        proof: &Proof,
        brought: Brought,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let piece = Evidence::from(proof);
        if self.convict(proof, brought, now, out) {
            self.herald(&piece, out);
        }
    }

    /// Somebody shows a proof.
    pub(super) fn take_proof(
        &mut self,
        bytes: &[u8],
        brought: Brought,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let roster = Arc::clone(&self.roster);
        if Proof::claims(bytes).is_some_and(|device| roster.is_convicted(&device)) {
            return;
        }
        match roster.open_proof(bytes, self.offices.verifier.as_ref()) {
            Ok(proof) => {
                self.convict(&proof, brought, now, out);
            }
            Err(_) => out.push(Output::Event(Event::Misbehaviour {
                device: brought.by(),
                what: "a proof that proves nothing",
            })),
        }
    }

    /// Shuts a device out for good; says whether it was in.
    fn convict(
        &mut self,
        proof: &Proof,
        brought: Brought,
        now: Now,
        out: &mut Vec<Output>,
    ) -> bool {
        let Some(roster) = self.roster.with_conviction(proof.clone()) else {
            return false;
        };
        self.roster = Arc::new(roster);
        out.push(Output::Save(Save::Conviction {
            proof: Box::new(proof.clone()),
            brought,
            at: now.wall,
        }));
        out.push(Output::Roster(Arc::clone(&self.roster)));
        if let Some(device) = proof.convicts() {
            self.silence.bury(device);
            self.suspicion.retain(|witness| *witness != device);
            self.log_convictions(now, out);
            let peer = self.peer(&device);
            if let Some(peer) = peer.filter(|peer| self.links.contains(peer)) {
                let why = Refusal::Revoked;
                out.push(Output::Disconnect { peer, why });
            }
        }
        out.push(Output::Event(Event::Proven {
            device: proof.convicts(),
            contradiction: proof.contradiction(),
            brought,
        }));
        true
    }

    /// Writes down who is convicted, as soon as the identity log may be appended to.
    pub(super) fn log_convictions(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.log_state() != LogState::Open {
            return;
        }
        let unlogged = self.roster.unlogged();
        let entries: Vec<_> = unlogged
            .map(|proof| ledger::Entry::conviction(proof))
            .collect();
        if !entries.is_empty() {
            self.append_all(&entries, now, out);
            self.deadlines
                .hasten(Deadline::Announce, now.monotonic + GATHER);
        }
    }

    pub(super) fn herald(&self, piece: &Evidence, out: &mut Vec<Output>) {
        for to in self.audience().take(HERALDS) {
            let evidence = vec![piece.clone()];
            out.push(Output::Send {
                to,
                message: Message::Gossip { evidence },
            });
        }
    }

    fn open_head(&self, bytes: &[u8]) -> Option<Signed<Head>> {
        let unchecked = Unchecked::<Head>::parse(bytes).ok()?;
        let key = self
            .roster
            .member(&unchecked.claim().device)?
            .membership
            .key;
        unchecked.check(&key, self.offices.verifier.as_ref()).ok()
    }
}

/// Whether a head fits what was shown before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Harmony {
    Good,
    Broken,
}

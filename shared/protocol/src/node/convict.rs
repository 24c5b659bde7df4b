//! Convictions at a node: a proof that is found or received shuts its device out at once and for good.

use std::sync::Arc;

use super::save::{Memory, Save};
use super::{Node, Notice, Output};
use crate::evidence::Evidence;
use crate::heads::ShownOf;
use crate::id::DeviceId;
use crate::key::{PeerKey, Verifier};
use crate::limits;
use crate::message::Message;
use crate::proof::{Proof, ProofError};
use crate::record::Head;
use crate::roster::Roster;
use crate::signed::Signed;
use crate::time::Now;

/// The roster together with the convictions that the journal holds.
pub(super) fn recalled(
    roster: Arc<Roster>,
    memory: &Memory,
    verifier: &dyn Verifier,
) -> Arc<Roster> {
    let convict = |roster: Arc<Roster>, bytes: &Vec<u8>| {
        let proof = roster.open_proof(bytes, verifier).ok();
        let grown = proof.and_then(|proof| roster.with_conviction(proof));
        grown.map_or(roster, Arc::new)
    };
    memory.convictions.iter().fold(roster, convict)
}

impl Node {
    /// What was proven before this start is passed on as if it had just been found.
    pub(super) fn recall_convictions(&mut self, now: Now, out: &mut Vec<Output>) {
        let roster = Arc::clone(self.ledger.roster());
        for device in roster.convictions().filter_map(|proof| proof.convicts()) {
            self.silence.bury(device);
        }
        let held = roster
            .convictions()
            .chain(roster.alarms())
            .map(|proof| piece(proof));
        self.spread(held.collect(), None, now, out);
    }

    /// Two heads of one device contradict each other: whoever sees that tells everybody.
    pub(super) fn contradicted(
        &mut self,
        one: &Signed<Head>,
        other: &Signed<Head>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let member = self.ledger.roster().member(&one.device);
        let proof = member.and_then(|member| Proof::of_heads(&member.membership, one, other));
        if let Some(proof) = proof {
            let found = piece(&proof);
            if self.convict(proof, now, out) == Known::New {
                self.spread(vec![found], None, now, out);
            }
        }
    }

    /// Somebody shows a proof; it is worth passing on if it convicts somebody who was not convicted.
    pub(super) fn proof_shown(
        &mut self,
        bytes: &[u8],
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Known, &'static str> {
        let roster = self.ledger.roster();
        if Proof::claims(bytes).is_some_and(|device| roster.is_convicted(&device)) {
            return Ok(Known::Before);
        }
        match roster.open_proof(bytes, self.identity.verifier.as_ref()) {
            Ok(proof) => Ok(self.convict(proof, now, out)),
            // An admission key of which this node has not heard yet may have signed the membership.
            Err(ProofError::Membership(_)) if self.ledger.is_behind() => Ok(Known::Before),
            Err(_) => Err("a proof that proves nothing"),
        }
    }

    pub(super) fn convict(&mut self, proof: Proof, now: Now, out: &mut Vec<Output>) -> Known {
        let (convicts, contradiction) = (proof.convicts(), proof.contradiction());
        let save = Save::Conviction(proof.bytes().to_vec());
        let Some(roster) = self.ledger.roster().with_conviction(proof) else {
            return Known::Before;
        };
        out.push(Output::Save(save));
        self.ledger.convicted(Arc::new(roster));
        out.push(Output::Roster(Arc::clone(self.ledger.roster())));
        out.push(Output::Notice(Notice::Proven {
            device: convicts,
            contradiction,
        }));
        if let Some(device) = convicts {
            self.silence.bury(device);
            self.suspicion.retain(|witness| *witness != device);
            self.reseat(now);
            self.end_withdrawn_links(now, out);
        }
        Known::New
    }

    /// A head of a subject that its own device did not push here: it is compared, and no sign of life.
    pub(super) fn compare(&mut self, head: &Signed<Head>, now: Now, out: &mut Vec<Output>) {
        if let Some(kept) = self.watch.contradiction(head) {
            self.contradicted(&kept, head, now, out);
        }
    }

    /// The coordinator or a co-witness asks for all that this witness was shown of some subjects.
    pub(super) fn shown_requested(
        &self,
        from: PeerKey,
        devices: &[DeviceId],
        out: &mut Vec<Output>,
    ) {
        let entitled = |subject: &&DeviceId| {
            let asks = self.device(from);
            self.is_coordinator(from) || asks.is_some_and(|asks| self.is_seated(&asks, subject))
        };
        for subject in devices.iter().filter(entitled) {
            self.show(from, subject, out);
        }
    }

    /// A co-witness says what it was shown; where that is another history, it gets to see this one.
    pub(super) fn shown_by(&self, from: PeerKey, shown: &[ShownOf], out: &mut Vec<Output>) {
        for shown in shown {
            if self.watch.clashes(shown) {
                self.show(from, &shown.subject, out);
            }
        }
    }

    /// Says to one co-witness with whom there is a link, in turn, what this one was shown of the subjects of both.
    pub(super) fn compare_in_turn(&mut self, out: &mut Vec<Output>) {
        let shown = self.watch.shown();
        let after = self.watch.compared_with;
        let next = self.links.up().filter(|peer| Some(*peer) > after);
        let again = self.links.up().filter(|peer| Some(*peer) <= after);
        let in_turn: Vec<PeerKey> = next.chain(again).collect();
        for peer in in_turn {
            let Some(device) = self.device(peer) else {
                continue;
            };
            let both = shown
                .iter()
                .filter(|shown| self.is_seated(&device, &shown.subject));
            let heads: Vec<ShownOf> = both.copied().take(limits::SIGHTINGS).collect();
            if !heads.is_empty() {
                self.watch.compared_with = Some(peer);
                self.links.spoke(peer);
                out.push(Output::Send {
                    to: peer,
                    message: Message::Shown { heads },
                });
                return;
            }
        }
    }

    fn show(&self, to: PeerKey, subject: &DeviceId, out: &mut Vec<Output>) {
        let heads: Vec<_> = self
            .watch
            .heads(subject)
            .map(|head| head.bytes().to_vec().into())
            .collect();
        if !heads.is_empty() {
            out.push(Output::Send {
                to,
                message: Message::Vouch { heads },
            });
        }
    }

    fn is_seated(&self, witness: &DeviceId, subject: &DeviceId) -> bool {
        let rings = self.ledger.roster().rings();
        rings.seats(subject, self.silence.down()).contains(witness)
    }
}

/// Whether a proof said anything new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    New,
    Before,
}

pub(super) fn piece(proof: &Proof) -> Evidence {
    Evidence::from(proof)
}

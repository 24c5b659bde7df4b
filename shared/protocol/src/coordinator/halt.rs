//! Halts at the coordinator: signed when a rollout stops, told to everybody, and told again to who was away.

use super::save::Save;
use super::{Coordinator, Event, Output};
use crate::evidence::Evidence;
use crate::id::Digest;
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::rollout::{Halt, Halts, RolloutId, Standing};
use crate::signed::Signed;
use crate::time::Now;

impl Coordinator {
    /// The newest word about each target.
    pub fn halts(&self) -> &Halts {
        &self.halts
    }

    /// Signs and spreads that nobody goes on with a target, or that one may again.
    pub(super) fn order_halt(
        &mut self,
        target: Digest,
        rollout: RolloutId,
        standing: Standing,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let before = self.halts.newest(&target);
        let after = before.map_or(0, |before| before.sequence.saturating_add(1));
        let halt = Halt {
            mesh: self.roster.charter().mesh,
            target,
            rollout,
            sequence: after.max(now.wall.as_millis()),
            standing,
        };
        let halt = Signed::seal(halt, self.offices.admission.as_ref());
        let piece = Evidence::from(&halt);
        if !self.halt(halt, out) {
            return;
        }
        self.herald(&piece, out);
    }

    /// Somebody brings a halt that a restored store has forgotten.
    pub(super) fn take_halt(&mut self, bytes: &[u8], out: &mut Vec<Output>) {
        let opened = Halt::open(bytes, &self.roster, self.offices.verifier.as_ref());
        if let Ok(halt) = opened {
            self.halt(halt, out);
        }
    }

    /// Whoever was away hears what was halted meanwhile.
    pub(super) fn tell_halts(&self, to: PeerKey, out: &mut Vec<Output>) {
        let evidence: Vec<Evidence> = self.halts.all().map(Evidence::from).collect();
        for evidence in evidence.chunks(limits::EVIDENCE_PER_FRAME) {
            let evidence = evidence.to_vec();
            out.push(Output::Send {
                to,
                message: Message::Gossip { evidence },
            });
        }
    }

    pub(super) fn recall_halts(&mut self, halts: &[Vec<u8>]) {
        for bytes in halts {
            let opened = Halt::recall(bytes, &self.roster, self.offices.verifier.as_ref());
            if let Ok(halt) = opened {
                // Of two of one target the newer one is kept, in whatever order they lie in the store.
                drop(self.halts.take(halt));
            }
        }
    }

    /// The admission key was replaced: what stands is signed anew, for whoever knows the new key alone.
    pub(super) fn renew_halts(&mut self, now: Now, out: &mut Vec<Output>) {
        let verifier = self.offices.verifier.as_ref();
        let is_old =
            |halt: &&Signed<Halt>| Halt::open(halt.bytes(), &self.roster, verifier).is_err();
        let old = self.halts.all().filter(is_old);
        let old: Vec<Halt> = old.map(|halt| (**halt).clone()).collect();
        for halt in old {
            self.order_halt(halt.target, halt.rollout, halt.standing, now, out);
        }
    }

    fn halt(&mut self, halt: Signed<Halt>, out: &mut Vec<Output>) -> bool {
        let (target, rollout, standing) = (halt.target, halt.rollout, halt.standing);
        let bytes = halt.bytes().to_vec();
        if self.halts.take(halt).is_err() {
            return false;
        }
        out.push(Output::Save(Save::Halt {
            target,
            halt: bytes,
        }));
        out.push(Output::Event(Event::Halted {
            target,
            rollout,
            standing,
        }));
        true
    }
}

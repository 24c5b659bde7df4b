//! Halts at a node: checked, kept through restarts, passed on, and told to the update that is on its way.

use minicbor::bytes::ByteVec;

use super::save::{Memory, Save};
use super::{Node, Notice, Output};
use crate::cbor;
use crate::evidence::Evidence;
use crate::id::Digest;
use crate::limits;
use crate::rollout::{Halt, HaltError, Halts, Standing};
use crate::signed::Signed;
use crate::time::Now;

impl Node {
    /// Whether nobody goes on with this target.
    pub fn halted(&self, target: &Digest) -> bool {
        self.halts.stands(target)
    }

    /// The newest word about each target.
    pub fn halts(&self) -> &Halts {
        &self.halts
    }

    /// What was halted before this start is told to whoever asks.
    pub(super) fn recall_halts(&mut self, memory: &Memory) {
        let bytes = memory.halts.as_deref().unwrap_or_default();
        let kept: Vec<ByteVec> =
            cbor::decode("kept halts", limits::FRAME_BYTES, bytes).unwrap_or_default();
        let (roster, verifier) = (self.ledger.roster(), self.identity.verifier.as_ref());
        let halts = kept
            .iter()
            .filter_map(|bytes| Halt::recall(bytes, roster, verifier).ok());
        for halt in halts {
            // Of one target there is one, so none is stale.
            drop(self.halts.take(halt));
        }
        let held = self.halts.all().map(Evidence::from);
        self.gossip.hold(held.collect());
    }

    /// Checks a halt; what is returned is news that may be passed on.
    pub(super) fn take_halt(
        &mut self,
        piece: Evidence,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Option<Evidence>, &'static str> {
        let Evidence::Halt(bytes) = &piece else {
            return Ok(None);
        };
        match Halt::open(bytes, self.ledger.roster(), self.identity.verifier.as_ref()) {
            Ok(halt) => Ok(self.halt(halt, now, out).then_some(piece)),
            // Here or there the news of the key's replacement is still on its way.
            Err(HaltError::Former | HaltError::NoRight) => Ok(None),
            Err(_) => Err("a halt that does not check"),
        }
    }

    fn halt(&mut self, halt: Signed<Halt>, now: Now, out: &mut Vec<Output>) -> bool {
        let (target, rollout, standing) = (halt.target, halt.rollout, halt.standing);
        let Ok(gone) = self.halts.take(halt) else {
            return false;
        };
        for halt in gone {
            self.gossip.forget(&Evidence::from(&halt).id());
        }
        let kept = self.halts.all().map(|halt| halt.bytes().to_vec().into());
        let kept: Vec<ByteVec> = kept.collect();
        out.push(Output::Save(Save::Halts(cbor::encode(&kept))));
        out.push(Output::Notice(Notice::Halted {
            target,
            rollout,
            standing,
        }));
        if standing == Standing::Halted {
            self.update_halts(&target, now, out);
        }
        true
    }
}

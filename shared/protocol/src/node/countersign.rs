//! The audit log at a gateway: it countersigns what goes on from what it holds, and says aloud what does not.

use std::time::Duration;

use super::save::{Memory, Save};
use super::{Node, Notice, Output};
use crate::cbor;
use crate::countersign::{AuditHead, AuditWord, Countersigned, Look};
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::record::Flags;
use crate::statement::Statement;
use crate::time::{Instant, Now};

/// One log after another that does not go on is refused, but not each of them in a record of its own.
const REFUSALS_APART: Duration = Duration::from_secs(60);

/// What this gateway has countersigned.
#[derive(Debug, Default)]
pub(super) struct Countersignature {
    held: Option<AuditHead>,
    refused: Option<(AuditHead, Instant)>,
}

impl Countersignature {
    pub(super) fn recall(memory: &Memory) -> Self {
        let bytes = memory.countersigned.as_deref();
        let held = bytes.and_then(|bytes| {
            cbor::decode("countersigned head", limits::AUDIT_HEAD_BYTES, bytes).ok()
        });
        Self {
            held,
            refused: None,
        }
    }
}

impl Node {
    /// The audit log of the coordinator as this gateway has countersigned it.
    pub fn countersigned(&self) -> Option<AuditHead> {
        self.countersignature.held
    }

    pub(super) fn audit_said(
        &mut self,
        from: PeerKey,
        word: AuditWord,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let AuditWord::Shown { head, since, proof } = word else {
            return self.misbehaved(from, "only the coordinator is told what is held", out);
        };
        if !self.is_coordinator(from) {
            return self.misbehaved(from, "only the coordinator has an audit log", out);
        }
        let own = self.identity.signer.public();
        // Other gateways may have been named, and a start has to be complete before anything is signed.
        if !self.ledger.roster().charter().gateways.contains(&own) || !self.report.may_sign() {
            return;
        }
        match AuditHead::judge(self.countersignature.held.as_ref(), &head, since, &proof) {
            Ok(Look::Same) => {}
            Ok(Look::Further) => self.countersign(head, now, out),
            Ok(Look::Elsewhere) => self.say_what_is_held(from, out),
            Err(_) => self.refuse_audit(head, now, out),
        }
    }

    fn countersign(&mut self, held: AuditHead, now: Now, out: &mut Vec<Output>) {
        self.countersignature.held = Some(held);
        out.push(Output::Save(Save::Countersigned(cbor::encode(&held))));
        let word = Countersigned {
            held,
            refused: None,
        };
        self.record(Statement::Countersigned(word), Flags::NONE, now, out);
    }

    fn say_what_is_held(&self, to: PeerKey, out: &mut Vec<Output>) {
        let held = self.countersignature.held;
        out.extend(held.map(|head| Output::Send {
            to,
            message: Message::Audit {
                word: AuditWord::Held { head },
            },
        }));
    }

    /// What was countersigned is not taken back, and whoever rewrote the log is told so in a log that is not theirs.
    fn refuse_audit(&mut self, shown: AuditHead, now: Now, out: &mut Vec<Output>) {
        let Some(held) = self.countersignature.held else {
            return;
        };
        let said = self.countersignature.refused;
        if said.is_some_and(|(_, at)| now.monotonic < at + REFUSALS_APART) {
            return;
        }
        self.countersignature.refused = Some((shown, now.monotonic));
        out.push(Output::Notice(Notice::AuditRewritten { held, shown }));
        let word = Countersigned {
            held,
            refused: Some(shown),
        };
        self.record(Statement::Countersigned(word), Flags::NONE, now, out);
    }
}

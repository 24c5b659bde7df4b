//! Quarantine at the coordinator: ordered by a person, signed, told to everybody, and told again to who was away.

use super::save::Save;
use super::{Coordinator, Event, Output};
use crate::evidence::Evidence;
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::message::Message;
use crate::ruling::{Decision, HoldError, Ruling, Rulings, lasts};
use crate::signed::Signed;
use crate::text::Name;
use crate::time::{Now, Timestamp};

impl Coordinator {
    /// The rulings that are known, those of gateways' consoles among them.
    pub fn rulings(&self) -> &Rulings {
        &self.rulings
    }

    /// Whether a device may be put into quarantine now.
    pub fn judge_hold(&self, device: &DeviceId, now: Timestamp) -> Result<(), HoldError> {
        self.rulings.may_hold(device, &self.roster, now)
    }

    /// Signs and spreads what a person has ordered.
    pub(super) fn order_ruling(
        &mut self,
        device: DeviceId,
        decision: Decision,
        reason: Name,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let may = decision == Decision::Release || self.judge_hold(&device, now.wall).is_ok();
        if self.roster.member(&device).is_none() || !may {
            return;
        }
        let ruling = Ruling {
            mesh: self.roster.charter().mesh,
            device,
            decision,
            gateway: None,
            time: now.wall,
            until: now.wall.saturating_add(lasts()),
            reason,
        };
        let ruling = Signed::seal(ruling, self.offices.admission.as_ref());
        let piece = Evidence::Ruling(ruling.bytes().to_vec().into());
        if !self.rule(ruling, now, out) {
            return;
        }
        self.herald(&piece, out);
    }

    /// Somebody brings a ruling: a gateway's, or one that a restored store has forgotten.
    pub(super) fn take_ruling(&mut self, bytes: &[u8], now: Now, out: &mut Vec<Output>) {
        let opened = Ruling::open(bytes, &self.roster, self.offices.verifier.as_ref());
        if let Ok(ruling) = opened.map_err(drop)
            && now.wall < ruling.until
        {
            self.rule(ruling, now, out);
        }
    }

    /// Whoever was away hears what was ruled meanwhile.
    pub(super) fn tell_rulings(&self, to: PeerKey, now: Now, out: &mut Vec<Output>) {
        let standing = self.rulings.all().filter(|ruling| now.wall < ruling.until);
        let pieces: Vec<Evidence> = standing
            .map(|ruling| Evidence::Ruling(ruling.bytes().to_vec().into()))
            .take(crate::limits::EVIDENCE_PER_FRAME)
            .collect();
        if !pieces.is_empty() {
            tell(to, pieces, out);
        }
    }

    pub(super) fn recall_rulings(&mut self, rulings: &[Vec<u8>]) {
        for bytes in rulings {
            let opened = Ruling::open(bytes, &self.roster, self.offices.verifier.as_ref());
            if let Ok(ruling) = opened {
                // Of two of one author the newer one is kept, in whatever order they lie in the store.
                drop(self.rulings.take(ruling));
            }
        }
    }

    fn rule(&mut self, ruling: Signed<Ruling>, now: Now, out: &mut Vec<Output>) -> bool {
        self.rulings.retain(&self.roster, now.wall);
        let (device, decision) = (ruling.device, ruling.decision);
        let (gateway, bytes) = (ruling.gateway, ruling.bytes().to_vec());
        if self.rulings.take(ruling).is_err() {
            return false;
        }
        out.push(Output::Save(Save::Ruling {
            device,
            gateway,
            ruling: bytes,
        }));
        self.ruled_on(&device, out);
        out.push(Output::Event(Event::Ruled {
            device,
            decision,
            gateway,
        }));
        true
    }
}

fn tell(to: PeerKey, evidence: Vec<Evidence>, out: &mut Vec<Output>) {
    out.push(Output::Send {
        to,
        message: Message::Gossip { evidence },
    });
}

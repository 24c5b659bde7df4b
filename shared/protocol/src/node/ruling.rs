//! Quarantine at a node: what is ordered, what is taken from a device that is held, and a gateway's own word.

use super::{Node, Notice, Output};
use crate::accusation::Accusation;
use crate::alert::Alert;
use crate::appeal::{Effect, Vote};
use crate::evidence::Evidence;
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::message::Message;
use crate::ruling::{Decision, Ruling, RulingError, Rulings};
use crate::signed::{Signed, Unchecked};
use crate::suspicion::Report;
use crate::time::Now;

impl Node {
    /// The rulings that this node knows.
    pub fn rulings(&self) -> &Rulings {
        &self.rulings
    }

    /// What is taken from a peer: of one in quarantine its signs of life, its own log and its own alerts, and
    /// that it catches up with the identity log, by which it is renewed.
    pub(super) fn taken_from(&self, from: PeerKey, message: Message, now: Now) -> Option<Message> {
        let device = self.device(from);
        let Some(device) = device.filter(|device| self.is_held(device, now)) else {
            return Some(message);
        };
        match message {
            Message::Beat { .. }
            | Message::Head { .. }
            | Message::Record { .. }
            | Message::Hello { .. }
            | Message::HeadRequest
            | Message::LogRequest { .. }
            | Message::Mark { .. }
            | Message::Have { .. }
            | Message::Want { .. }
            | Message::Compare { .. }
            | Message::Prune => Some(message),
            Message::Gossip { mut evidence } => {
                evidence.retain(|piece| is_alert_of(piece, &device));
                (!evidence.is_empty()).then_some(Message::Gossip { evidence })
            }
            _ => None,
        }
    }

    /// Whether the author of a word is in quarantine: it has none meanwhile, whoever brings it.
    pub(super) fn is_held_author(&self, piece: &Evidence, now: Now) -> bool {
        if self.rulings.all().next().is_none() && self.effect() == &Effect::default() {
            return false;
        }
        let author = match piece {
            Evidence::Accusation(bytes) => Unchecked::<Accusation>::parse(bytes)
                .ok()
                .map(|unchecked| unchecked.claim().witness),
            Evidence::Report(bytes) => Unchecked::<Report>::parse(bytes)
                .ok()
                .map(|unchecked| unchecked.claim().witness),
            Evidence::Vote(bytes) => Unchecked::<Vote>::parse(bytes)
                .ok()
                .map(|unchecked| unchecked.claim().member),
            _ => None,
        };
        author.is_some_and(|author| self.is_held(&author, now))
    }

    /// Checks a ruling; what is returned is news that may be passed on.
    pub(super) fn take_ruling(
        &mut self,
        piece: Evidence,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Option<Evidence>, &'static str> {
        let Evidence::Ruling(bytes) = &piece else {
            return Ok(None);
        };
        let opened = Ruling::open(bytes, self.ledger.roster(), self.identity.verifier.as_ref());
        match opened {
            Ok(ruling) => Ok(self.rule(ruling, now, out).then_some(piece)),
            // A newcomer may be unknown here while the log is still on its way.
            Err(RulingError::Foreign) => Ok(None),
            Err(_) => Err("a ruling that does not check"),
        }
    }

    /// Somebody on a gateway's console releases a device.
    pub(super) fn ruled_here(&mut self, ruling: &[u8], now: Now, out: &mut Vec<Output>) {
        let piece = Evidence::Ruling(ruling.to_vec().into());
        match self.take_ruling(piece, now, out) {
            Ok(Some(piece)) => self.spread(vec![piece], None, now, out),
            Ok(None) => {}
            Err(what) => out.push(Output::Notice(Notice::Misbehaviour {
                peer: self.identity.signer.public().peer(),
                what,
            })),
        }
    }

    fn rule(&mut self, ruling: Signed<Ruling>, now: Now, out: &mut Vec<Output>) -> bool {
        let roster = std::sync::Arc::clone(self.ledger.roster());
        for over in self.rulings.retain(&roster, now.wall) {
            self.gossip.forget(&piece(&over).id());
        }
        let (device, decision) = (ruling.device, ruling.decision);
        if now.wall >= ruling.until {
            return false;
        }
        let Ok(before) = self.rulings.take(ruling) else {
            return false;
        };
        if let Some(before) = before {
            self.gossip.forget(&piece(&before).id());
        }
        match decision {
            Decision::Release => self.cleared_by_ruling(&device, now, out),
            Decision::Hold => self.weigh_sentences(now, out),
        }
        out.push(Output::Notice(Notice::Ruled { device, decision }));
        true
    }

    pub(super) fn is_held(&self, device: &DeviceId, now: Now) -> bool {
        let ruled = self.rulings.newest(device, now.wall);
        let held = ruled.is_some_and(|ruling| ruling.decision == Decision::Hold);
        let by_ruling = held
            && self
                .rulings
                .held(self.ledger.roster(), now.wall)
                .contains(device);
        by_ruling || self.effect().holds(device, now.wall)
    }
}

fn piece(ruling: &Signed<Ruling>) -> Evidence {
    Evidence::Ruling(ruling.bytes().to_vec().into())
}

fn is_alert_of(piece: &Evidence, device: &DeviceId) -> bool {
    let Evidence::Alert(bytes) = piece else {
        return false;
    };
    Unchecked::<Alert>::parse(bytes).is_ok_and(|alert| alert.claim().device == *device)
}

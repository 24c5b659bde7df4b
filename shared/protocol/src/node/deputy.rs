//! The deputy: while the coordinator is gone, a few chosen nodes tell somebody outside of alerts.
//!
//! The first in line delivers, the second stands by for its receipt; both use the alert's own name as
//! the idempotency key, so that somebody who is told twice can tell.

use std::collections::BTreeMap;
use std::time::Duration;

use super::save::Save;
use super::{Deadline, Node, Notice, Output};
use crate::alert::Delivery;
use crate::deputies;
use crate::evidence::{Evidence, EvidenceId};
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::limits;
use crate::signed::{Signed, Unchecked};
use crate::time::{Instant, Now};

/// The first in line looks for the coordinator, and for the receipt of a deputy behind a cut that has just healed,
/// this long before it speaks: two neighbours who must be asked take so long.
const FIRST: Duration = Duration::from_secs(3);
/// Each further one gives those before it this long.
const NEXT: Duration = Duration::from_secs(5);
/// Deputies that answer for one alert.
const LINE: usize = 2;
/// A coordinator that was not heard for so long is gone, though its link may stand.
const GONE: Duration = Duration::from_secs(25);
/// Between two attempts.
const AGAIN: Duration = Duration::from_secs(10);

/// Alerts for which this node may have to speak.
#[derive(Debug, Default)]
pub(super) struct Deputy {
    /// Whether the coordinator has given this node the means.
    means: Means,
    open: BTreeMap<EvidenceId, Open>,
    /// Receipts, and who signed them, for alerts that are still on their way.
    early: BTreeMap<EvidenceId, (DeviceId, Evidence)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Means {
    #[default]
    None,
    Given,
}

impl Means {
    /// Nothing sealed takes back what was given before.
    const fn of(sealed: &[u8]) -> Self {
        if sealed.is_empty() {
            Self::None
        } else {
            Self::Given
        }
    }
}

#[derive(Debug)]
struct Open {
    alert: Vec<u8>,
    came: Instant,
    due: Instant,
}

impl Deputy {
    pub(super) fn new(capability: Option<&Vec<u8>>) -> Self {
        Self {
            means: Means::of(capability.map_or(&[], Vec::as_slice)),
            open: BTreeMap::new(),
            early: BTreeMap::new(),
        }
    }

    /// Keeps a receipt until its alert comes, while there is room.
    fn keep_early(&mut self, alert: EvidenceId, deputy: DeviceId, receipt: Evidence) {
        if self.early.len() < limits::RECEIPTS_EARLY {
            self.early.insert(alert, (deputy, receipt));
        }
    }
}

impl Node {
    /// The coordinator hands over the means to tell somebody outside, or takes them back; only this node
    /// can open them.
    pub(super) fn take_capability(&mut self, from: PeerKey, sealed: &[u8], out: &mut Vec<Output>) {
        if !self.is_coordinator(from) {
            return self.misbehaved(from, "only the coordinator appoints deputies", out);
        }
        let before = std::mem::replace(&mut self.deputy.means, Means::of(sealed));
        if before == Means::None && self.deputy.means == Means::None {
            return;
        }
        if self.deputy.means == Means::None {
            self.deputy.open.clear();
            self.plan_deputy();
        }
        out.push(Output::Save(Save::Capability(sealed.to_vec())));
    }

    /// A new alert: if this node stands in line for it, it will look after it.
    pub(super) fn answer_for(
        &mut self,
        id: EvidenceId,
        about: DeviceId,
        alert: &[u8],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if let Some((deputy, receipt)) = self.deputy.early.remove(&id) {
            out.push(Output::Notice(Notice::Delivered { deputy, alert: id }));
            return self.spread(vec![receipt], None, now, out);
        }
        if self.deputy.means == Means::None || self.deputy.open.len() >= limits::ALERTS_OPEN {
            return;
        }
        let candidates = deputies::candidates(self.ledger.roster());
        let line = deputies::order(&candidates, &id, &about, self.silence.down());
        let place = line
            .iter()
            .take(LINE)
            .position(|device| *device == self.identity.device);
        let Some(place) = place else { return };
        let due = now.monotonic + FIRST + NEXT * u32::try_from(place).unwrap_or(u32::MAX);
        let alert = alert.to_vec();
        let came = now.monotonic;
        self.deputy.open.insert(id, Open { alert, came, due });
        self.deadlines.hasten(Deadline::Deputy, due);
    }

    pub(super) fn deputy_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let heard = self.links.last_heard(self.coordinator());
        let gone = heard.is_none_or(|heard| now.monotonic.since(heard) >= GONE);
        let again = now.monotonic + AGAIN;
        // A coordinator that speaks after an alert has come has it, or collects it.
        let is_there = |open: &Open| heard.is_some_and(|heard| heard >= open.came + FIRST);
        self.deputy.open.retain(|_, open| gone || !is_there(open));
        for (id, open) in &mut self.deputy.open {
            if open.due > now.monotonic {
                continue;
            }
            open.due = again;
            if gone {
                out.push(Output::Deliver {
                    id: *id,
                    alert: open.alert.clone(),
                });
            }
        }
        self.plan_deputy();
    }

    /// The shell says how it went; what was told is told everybody, and to the coordinator when it is back.
    pub(super) fn delivered(&mut self, id: EvidenceId, now: Now, out: &mut Vec<Output>) {
        if self.deputy.open.remove(&id).is_none() {
            return;
        }
        let delivery = Delivery {
            deputy: self.identity.device,
            alert: id,
            time: now.wall,
        };
        let signed = Signed::seal(delivery, self.identity.signer.as_ref());
        out.push(Output::Notice(Notice::Delivered {
            deputy: self.identity.device,
            alert: id,
        }));
        let piece = Evidence::Delivery(signed.bytes().to_vec().into());
        self.spread(vec![piece], None, now, out);
        self.plan_deputy();
    }

    /// Another deputy has delivered: this one need not.
    pub(super) fn take_delivery(
        &mut self,
        piece: Evidence,
        out: &mut Vec<Output>,
    ) -> Result<Option<Evidence>, &'static str> {
        let Evidence::Delivery(bytes) = &piece else {
            return Ok(None);
        };
        let Ok(unchecked) = Unchecked::<Delivery>::parse(bytes) else {
            return Err("a receipt that cannot be read");
        };
        let roster = self.ledger.roster();
        let Some(member) = roster.member(&unchecked.claim().deputy) else {
            return Ok(None);
        };
        let key = &member.membership.key;
        let Ok(delivery) = unchecked.check(key, self.identity.verifier.as_ref()) else {
            return Err("a receipt that does not check");
        };
        let entitled = deputies::candidates(roster).contains(&delivery.deputy);
        if !entitled {
            return Ok(None);
        }
        if !self.gossip.holds(&delivery.alert) {
            let (alert, deputy) = (delivery.alert, delivery.deputy);
            self.deputy.keep_early(alert, deputy, piece);
            return Ok(None);
        }
        self.deputy.open.remove(&delivery.alert);
        out.push(Output::Notice(Notice::Delivered {
            deputy: delivery.deputy,
            alert: delivery.alert,
        }));
        Ok(Some(piece))
    }

    fn plan_deputy(&mut self) {
        match self.deputy.open.values().map(|open| open.due).min() {
            Some(at) => self.deadlines.set(Deadline::Deputy, at),
            None => self.deadlines.clear(Deadline::Deputy),
        }
    }
}

//! Alerts at the coordinator: heard at once by gossip, or found in the records of whoever could not be heard.

use std::collections::{BTreeMap, BTreeSet};

use super::{Coordinator, Event, Output};
use crate::alert::{Alarm, Alert, Delivery};
use crate::deputies;
use crate::evidence::{Evidence, EvidenceId};
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::record::{Head, Position};
use crate::signed::Unchecked;
use crate::time::Now;

/// Alerts that were announced, the newest of each device.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    heard: BTreeMap<DeviceId, BTreeMap<Position, EvidenceId>>,
    /// Receipts of deputies, by the name under which they spread.
    receipts: BTreeSet<EvidenceId>,
    /// What deputies may use, sealed to each of them.
    capabilities: BTreeMap<DeviceId, Vec<u8>>,
}

impl Alerts {
    fn is_news(&self, device: &DeviceId, position: Position) -> bool {
        self.heard
            .get(device)
            .is_none_or(|known| !known.contains_key(&position))
    }

    fn note(&mut self, device: DeviceId, position: Position, id: EvidenceId) {
        let known = self.heard.entry(device).or_default();
        known.insert(position, id);
        if known.len() > limits::ALERTS_PER_DEVICE {
            known.pop_first();
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = EvidenceId> + '_ {
        let heard = self.heard.values();
        heard
            .flat_map(|known| known.values().copied())
            .chain(self.receipts.iter().copied())
    }

    /// Notes a receipt; of very many the order of their names decides which are remembered.
    fn is_new_receipt(&mut self, id: EvidenceId) -> bool {
        let new = self.receipts.insert(id);
        if self.receipts.len() > limits::RECEIPTS {
            self.receipts.pop_first();
        }
        new
    }
}

impl Coordinator {
    /// What was collected as a record is no news when it arrives by gossip.
    pub(super) fn take_alert(&mut self, bytes: &[u8], now: Now, out: &mut Vec<Output>) {
        let Ok(unchecked) = Unchecked::<Alert>::parse(bytes) else {
            return;
        };
        let Some(member) = self.roster.member(&unchecked.claim().device) else {
            return;
        };
        let key = &member.membership.key;
        let Ok(alert) = unchecked.check(key, self.offices.verifier.as_ref()) else {
            return;
        };
        let (device, position) = (alert.device, alert.position);
        let last = self.devices.get(&device).and_then(|known| known.last);
        let collected = last.is_some_and(|last| position <= last.position);
        if !self.alerts.is_news(&device, position) {
            return;
        }
        let id = Evidence::Alert(bytes.to_vec().into()).id();
        self.alerts.note(device, position, id);
        self.echo(id, bytes, now);
        self.wrong_chunk_said(&alert, now, out);
        if !collected {
            out.push(Output::Event(Event::Alert((*alert).clone())));
        }
    }

    /// An alert in a record of which nobody has brought the envelope.
    pub(super) fn alert_collected(&mut self, head: &Head, alarm: &Alarm, out: &mut Vec<Output>) {
        if self.alerts.is_news(&head.device, head.position) {
            out.push(Output::Event(Event::Alert(Alert {
                device: head.device,
                position: head.position,
                time: head.time,
                alarm: alarm.clone(),
            })));
        }
    }

    /// A deputy spoke to the outside in the coordinator's place.
    pub(super) fn take_delivery(&mut self, bytes: &[u8], out: &mut Vec<Output>) {
        let Ok(unchecked) = Unchecked::<Delivery>::parse(bytes) else {
            return;
        };
        let Some(member) = self.roster.member(&unchecked.claim().deputy) else {
            return;
        };
        let key = &member.membership.key;
        let Ok(delivery) = unchecked.check(key, self.offices.verifier.as_ref()) else {
            return;
        };
        let entitled = deputies::candidates(&self.roster).contains(&delivery.deputy);
        let id = Evidence::Delivery(bytes.to_vec().into()).id();
        if entitled && self.alerts.is_new_receipt(id) {
            out.push(Output::Event(Event::Delivered((*delivery).clone())));
        }
    }

    /// Gives the deputies what they need, sealed to each by the shell; who is none any more gives it back.
    pub(super) fn appoint(
        &mut self,
        mut capabilities: BTreeMap<DeviceId, Vec<u8>>,
        out: &mut Vec<Output>,
    ) {
        let before = std::mem::take(&mut self.alerts.capabilities);
        for device in before.into_keys() {
            capabilities.entry(device).or_default();
        }
        self.alerts.capabilities = capabilities;
        let linked: Vec<PeerKey> = self.audience().collect();
        for peer in linked {
            self.hand_over(peer, out);
        }
    }

    pub(super) fn hand_over(&self, to: PeerKey, out: &mut Vec<Output>) {
        let device = self.roster.device(to);
        let sealed = device.and_then(|device| self.alerts.capabilities.get(&device));
        if let Some(sealed) = sealed {
            let sealed = sealed.clone().into();
            let message = Message::Capability { sealed };
            out.push(Output::Send { to, message });
        }
    }
}

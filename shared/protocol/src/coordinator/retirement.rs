//! Retirement at the coordinator: the device that is to wipe itself keeps its link a little longer than everybody
//! else lets it, to hear of the order and to say its last word. Nothing else is taken from it.

use std::time::Duration;

use super::save::Save;
use super::{Coordinator, Deadline, Event, Output};
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::message::Message;
use crate::record::{Flags, Head};
use crate::refusal::Refusal;
use crate::time::{Now, Timestamp};

/// How long a link stands to a device that has an order to retire; after that it may come again.
const LAST_WORD: Duration = Duration::from_secs(60);

impl Coordinator {
    /// When a device's last statement came, which confirms that it wipes itself.
    pub fn retired(&self, device: &DeviceId) -> Option<Timestamp> {
        self.devices.get(device)?.retired
    }

    /// The device hears of the order as everybody does, and may say that it obeys.
    pub(super) fn hand_over_order(&mut self, device: DeviceId, now: Now, out: &mut Vec<Output>) {
        self.announce(out);
        if let Some(peer) = self.peer(&device).filter(|peer| self.links.contains(peer)) {
            self.await_last_word(peer, now);
        }
        out.push(Output::Event(Event::Withdrawn { device }));
    }

    pub(super) fn await_last_word(&mut self, peer: PeerKey, now: Now) {
        let until = now.monotonic + LAST_WORD;
        self.retiring.insert(peer, until);
        self.deadlines.hasten(Deadline::LastWords, until);
    }

    pub(super) fn is_ordered_to_retire(&self, device: &DeviceId) -> bool {
        let member = self.roster.member(device);
        member.is_some_and(|member| member.order_to_retire().is_some())
    }

    /// Whether a device may say this: one that is out for good hands over what it has recorded, and is heard on
    /// nothing else.
    pub(super) fn may_say(&self, device: &DeviceId, message: &Message) -> bool {
        let last_words = matches!(
            message,
            Message::Record { .. } | Message::LogRequest { .. } | Message::Beat { .. }
        );
        last_words || !self.is_ordered_to_retire(device)
    }

    /// Everybody with a link but those who are let in for their last word.
    pub(super) fn audience(&self) -> impl Iterator<Item = PeerKey> + '_ {
        let links = self.links.iter().copied();
        links.filter(|peer| !self.retiring.contains_key(peer))
    }

    /// Whether a head says that it is the last one of a device that was ordered to retire. It counts behind the
    /// order alone: without one, a stolen key could say it as well.
    pub(super) fn is_last_word(&self, head: &Head) -> bool {
        head.flags.has(Flags::RETIRED) && self.is_ordered_to_retire(&head.device)
    }

    pub(super) fn take_last_word(&mut self, head: &Head, now: Now, out: &mut Vec<Output>) {
        if !self.is_last_word(head) {
            return;
        }
        let (device, at) = (head.device, now.wall);
        let Some(known) = self.devices.get_mut(&device) else {
            return;
        };
        if known.retired.is_none() {
            known.retired = Some(at);
            out.push(Output::Save(Save::Retired { device, at }));
            out.push(Output::Event(Event::Retired { device }));
        }
    }

    pub(super) fn last_words_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let why = Refusal::Revoked;
        for (&peer, _) in self
            .retiring
            .iter()
            .filter(|(_, until)| **until <= now.monotonic)
        {
            out.push(Output::Disconnect { peer, why });
        }
        self.retiring.retain(|_, until| *until > now.monotonic);
        if let Some(&next) = self.retiring.values().min() {
            self.deadlines.set(Deadline::LastWords, next);
        }
    }
}

//! The doors of a world: dials, the two judgements that a link needs, and frames through links that stand.

use std::rc::Rc;

use protocol::coordinator;
use protocol::key::{PeerKey, PublicKey};
use protocol::message::Message;
use protocol::node;
use protocol::roster::Credentials;
use protocol::text::Path;

use super::World;
use super::event::Event;
use crate::host::HostId;
use crate::model::Faith;
use crate::network::Dialled;

/// Encodes each message once, though a record goes to eight witnesses.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    last: Option<(Message, Rc<[u8]>)>,
}

impl Encoder {
    fn encode(&mut self, message: Message) -> Rc<[u8]> {
        if let Some((known, frame)) = &self.last
            && *known == message
        {
            return Rc::clone(frame);
        }
        let frame: Rc<[u8]> = message.encode().into();
        self.last = Some((message, Rc::clone(&frame)));
        frame
    }
}

impl World {
    pub(super) fn key(&self, host: HostId) -> PublicKey {
        match host.seat() {
            Some(seat) => self.fleet.members[self.seats[seat].member].key,
            None => self.fleet.charter.coordinator,
        }
    }

    pub(super) fn send(
        &mut self,
        from: HostId,
        to: PeerKey,
        message: Message,
        encoder: &mut Encoder,
    ) {
        if let Some(message) = self.sabotage.censored(message) {
            self.carry(from, to, message, encoder);
        }
    }

    /// Whoever has the coordinator's keys says something over its links, whatever its machine would say.
    pub fn impersonate(&mut self, seat: usize, message: Message) {
        let to = self.fleet.members[self.seats[seat].member].key.peer();
        if self.model.is_honest(HostId::COORDINATOR) {
            let (role, since_ms) = ("thief", self.now_ms);
            let faith = Faith::Liar { role, since_ms };
            self.model.turned(HostId::COORDINATOR, faith);
        }
        self.carry(HostId::COORDINATOR, to, message, &mut Encoder::default());
    }

    fn carry(&mut self, from: HostId, to: PeerKey, message: Message, encoder: &mut Encoder) {
        let word = message.word();
        let frame = encoder.encode(message);
        self.trace.bytes(&frame);
        let Some(to) = self.host_of(from, to) else {
            return;
        };
        let before = self.network.sent_bytes(from);
        if let Some(arrival) = self.network.send(from, to, &frame, self.now_ms) {
            self.expect(arrival);
        }
        if from != HostId::COORDINATOR {
            let sent = self.network.sent_bytes(from) - before;
            *self.traffic.entry(word).or_default() += sent;
            *self.frames.entry(word).or_default() += u64::from(sent > 0);
        }
    }

    pub(super) fn dial(&mut self, from: HostId, peer: PeerKey, addresses: &[Path]) {
        self.trace.bytes(&peer.0);
        let Some(to) = addresses
            .iter()
            .find_map(HostId::at)
            .filter(|to| self.holds(*to, peer))
        else {
            return;
        };
        let life = self.life(from);
        let Some(dialled) = self.network.dial(from, to, self.now_ms) else {
            return;
        };
        self.counts.dials += 1;
        let (at_ms, answered) = match dialled {
            Dialled::Answered { at_ms } => (at_ms, true),
            Dialled::Unanswered { at_ms } => (at_ms, false),
        };
        self.queue.push(
            at_ms,
            Event::Dialled {
                from,
                to,
                life,
                answered,
            },
        );
    }

    /// A dial ends: both doors judge, and a link stands on both sides or on neither.
    pub(super) fn dialled(&mut self, from: HostId, to: HostId, life: u32, answered: bool) {
        // A process that has ended dials nobody: the link would stand, and its next life would never dial.
        if life != self.life(from) || !self.is_running(from) {
            return;
        }
        // Its system takes the call, but nobody answers before it goes on.
        if let Some(at_ms) = self.wakes_at(from).max(self.wakes_at(to)) {
            let dialled = Event::Dialled {
                from,
                to,
                life,
                answered,
            };
            return self.queue.push(at_ms, dialled);
        }
        let stands = self.network.stands(from, to);
        let open = self.network.end_dial(from, to) && answered && self.is_running(to);
        if stands {
            return;
        }
        if !open {
            return self.link_down(from, to);
        }
        if !self.both_admit(from, to) {
            self.turned_away(to, from);
            return self.show_order(from, to);
        }
        self.part_from_twin(from, to);
        self.part_from_twin(to, from);
        if let Some(replaced) = self.network.join(from, to) {
            self.arrived(replaced);
        }
        self.link_up(from, to);
        self.link_up(to, from);
    }

    /// A host has one link for each key: that to a copy of the other end is replaced.
    fn part_from_twin(&mut self, host: HostId, peer: HostId) {
        let Some(twin) = self.twin_of(peer, host) else {
            return;
        };
        if let Some(arrival) = self.network.close(host, twin, self.now_ms) {
            self.expect(arrival);
            self.link_down(host, twin);
        }
    }

    /// Ends a link from one side; that side's machine is told at once.
    pub(super) fn hang_up(&mut self, host: HostId, peer: PeerKey) -> Option<HostId> {
        let peer = self.host_of(host, peer)?;
        let arrival = self.network.close(host, peer, self.now_ms)?;
        self.expect(arrival);
        Some(peer)
    }

    pub(super) fn frame(&mut self, to: HostId, from: HostId, frame: &[u8]) {
        self.counts.frames += 1;
        let Ok(message) = Message::decode(frame) else {
            self.counts.malformed += 1;
            return;
        };
        let from = self.key(from).peer();
        match to.seat() {
            Some(seat) => self.tell_node(seat, node::Input::Frame { from, message }),
            None => self.tell_coordinator(coordinator::Input::Frame { from, message }),
        }
    }

    pub(super) fn link_down(&mut self, host: HostId, peer: HostId) {
        let peer = self.key(peer).peer();
        match host.seat() {
            Some(seat) => self.tell_node(seat, node::Input::LinkDown { peer }),
            None => self.tell_coordinator(coordinator::Input::LinkDown { peer }),
        }
    }

    fn link_up(&mut self, host: HostId, peer: HostId) {
        let peer = self.key(peer).peer();
        match host.seat() {
            Some(seat) => self.tell_node(seat, node::Input::LinkUp { peer }),
            None => self.tell_coordinator(coordinator::Input::LinkUp { peer }),
        }
    }

    fn both_admit(&mut self, one: HostId, other: HostId) -> bool {
        let both = self.admits(one, other) && self.admits(other, one);
        self.counts.refusals += u64::from(!both);
        both
    }

    /// Whether the door of `host` lets `peer` in, by what the peer shows.
    fn admits(&mut self, host: HostId, peer: HostId) -> bool {
        let shown = self.credentials(peer);
        let wall = self.now_of(host).wall;
        let gate = match host.seat() {
            Some(seat) => &self.seats[seat].gate,
            None => &self.centre.gate,
        };
        let (key, verifier) = (self.key(peer).peer(), self.fleet.verifier.as_ref());
        let judged = match host.seat() {
            Some(_) => gate.admit_peer(key, &shown, wall, verifier),
            None => gate.admit_at_coordinator(key, &shown, wall, verifier),
        };
        judged.is_ok()
    }

    /// A dial that a door has ended.
    fn turned_away(&mut self, host: HostId, from: HostId) {
        match self.order_for(host, from) {
            Some(_) => self.show_order(host, from),
            None => self.link_down(from, host),
        }
    }

    /// Whoever turned a device away shows it the order that it has.
    fn show_order(&mut self, host: HostId, peer: HostId) {
        let by = self.key(host).peer();
        if let (Some(seat), Some(order)) = (peer.seat(), self.order_for(host, peer)) {
            self.tell_node(seat, node::Input::Ordered { by, order });
        }
    }

    fn order_for(&self, host: HostId, peer: HostId) -> Option<Vec<u8>> {
        let gate = match host.seat() {
            Some(seat) => &self.seats[seat].gate,
            None => &self.centre.gate,
        };
        let order = gate.order_for(self.key(peer).peer())?;
        Some(order.encode())
    }

    fn credentials(&mut self, host: HostId) -> Rc<[u8]> {
        let Some(seat) = host.seat() else {
            return Credentials::Coordinator.encode().into();
        };
        let seat = &mut self.seats[seat];
        let device = self.fleet.members[seat.member].device;
        let fresh = || {
            seat.gate
                .credentials(&device)
                .map(|shown| shown.encode())
                .unwrap_or_default()
                .into()
        };
        Rc::clone(seat.credentials.get_or_insert_with(fresh))
    }

    pub(super) fn is_running(&self, host: HostId) -> bool {
        match host.seat() {
            Some(seat) => self.seats[seat].machine.is_some(),
            None => self.centre.machine.is_some(),
        }
    }

    fn life(&self, host: HostId) -> u32 {
        match host.seat() {
            Some(seat) => self.seats[seat].life,
            None => self.centre.life,
        }
    }

    fn now_of(&self, host: HostId) -> protocol::time::Now {
        match host.seat() {
            Some(seat) => self.clocks(self.seats[seat].since_ms, self.seats[seat].skew_ms),
            None => self.clocks(self.centre.since_ms, self.centre.skew_ms),
        }
    }
}

//! Copied hosts: two machines with the keys of one, at addresses of their own.

use std::sync::Arc;

use protocol::key::PeerKey;

use super::World;
use super::seat::Seat;
use crate::disk::JournalFlaw;
use crate::host::HostId;

impl World {
    /// A second host starts with a copy of this one's disk and keys.
    pub(super) fn copy(&mut self, original: usize) {
        let place = self.seats.len();
        let roster = Arc::clone(self.seats[original].disk.roster());
        let mut seat = Seat::new(self.seed, place, roster, JournalFlaw::None);
        seat.member = self.seats[original].member;
        seat.disk = self.seats[original].disk.clone();
        self.seats.push(seat);
        self.network.add_host();
        self.truth.add_seat();
        self.model.copied(HostId::node(original), self.now_ms);
        let key = self.key(HostId::node(original)).peer();
        self.copies
            .entry(key)
            .or_default()
            .push(HostId::node(place));
        self.network.come_up(HostId::node(place), self.now_ms);
        self.start_node(place);
    }

    /// Of several hosts with one key, the one to which this host has a link; else the first.
    pub(super) fn host_of(&self, from: HostId, peer: PeerKey) -> Option<HostId> {
        if peer == self.fleet.charter.coordinator.peer() {
            return Some(HostId::COORDINATOR);
        }
        let first = self.by_key.get(&peer).copied();
        if self.copies.is_empty() {
            return first;
        }
        let copies = self.copies.get(&peer).into_iter().flatten();
        let linked = copies
            .copied()
            .find(|copy| self.network.stands(from, *copy));
        linked.or(first)
    }

    /// Whether a host holds this key.
    pub(super) fn holds(&self, host: HostId, peer: PeerKey) -> bool {
        let known = host.seat().is_none_or(|seat| seat < self.seats.len());
        known && self.key(host).peer() == peer
    }

    /// A host cannot have links to two machines of one key: the new one replaces the other.
    pub(super) fn twin_of(&self, host: HostId, at: HostId) -> Option<HostId> {
        if self.copies.is_empty() {
            return None;
        }
        let peer = self.key(host).peer();
        let first = self.by_key.get(&peer).copied();
        let copies = self.copies.get(&peer).into_iter().flatten().copied();
        copies
            .chain(first)
            .find(|twin| *twin != host && self.network.stands(at, *twin))
    }
}

//! What anybody may see of a world from outside.

use std::collections::BTreeMap;

use protocol::command::{CommandId, Kind};
use protocol::coordinator::Coordinator;
use protocol::evidence::EvidenceId;
use protocol::id::DeviceId;
use protocol::node::Node;
use protocol::time::Timestamp;

use super::{Counts, World};
use crate::disk::Disk;
use crate::fleet::{Fleet, Ground};
use crate::host::HostId;
use crate::model::Model;
use crate::network::Conditions;
use crate::slots::Slots;
use crate::store::Store;
use crate::trace::Trace;
use crate::truth::{Difference, Truth};

impl World {
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// The time of day, by a clock that is right.
    pub fn wall(&self) -> Timestamp {
        self.clocks(0, 0).wall
    }

    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    pub fn ground(&self) -> Ground {
        self.fleet.blueprint.ground
    }

    pub fn node(&self, seat: usize) -> Option<&Node> {
        self.seats[seat].machine.as_ref()
    }

    pub fn coordinator(&self) -> Option<&Coordinator> {
        self.centre.machine.as_ref()
    }

    pub fn disk(&self, seat: usize) -> &Disk {
        &self.seats[seat].disk
    }

    /// From here on these conditions hold on every link.
    pub fn set_conditions(&mut self, conditions: Conditions) {
        self.network.set_conditions(conditions);
    }

    /// What commands have had a device do, in all its lives.
    pub fn commanded(&self, seat: usize) -> &[(CommandId, Kind)] {
        &self.seats[seat].commanded
    }

    pub fn slots(&self, seat: usize) -> &Slots {
        &self.seats[seat].slots
    }

    pub fn store(&self) -> &Store {
        &self.centre.store
    }

    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// Who is really there.
    pub fn model(&self) -> &Model {
        &self.model
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What deputies told somebody outside: at which millisecond, who, and under which name.
    pub fn told_outside(&self) -> &[(u64, HostId, EvidenceId)] {
        &self.outside
    }

    /// When the host of a seat first showed somebody another history than it showed others.
    pub fn contradicted_ms(&self, seat: usize) -> Option<u64> {
        self.seats[seat].lied_ms
    }

    pub fn device(&self, seat: usize) -> DeviceId {
        self.fleet.members[self.seats[seat].member].device
    }

    /// By how much the clock of a seat's host is off.
    pub fn skew_ms(&self, seat: usize) -> i64 {
        self.seats[seat].skew_ms
    }

    /// The first host of a device.
    pub fn seat_of(&self, device: DeviceId) -> Option<usize> {
        self.by_device.get(&device).copied()
    }

    /// Members of the fleet, copies left out.
    pub fn size(&self) -> usize {
        self.fleet.members.len()
    }

    pub fn sent_bytes(&self, host: HostId) -> u64 {
        self.network.sent_bytes(host)
    }

    /// Bytes that all nodes have sent, the coordinator's left out.
    pub fn sent_by_nodes(&self) -> u64 {
        (0..self.seats.len())
            .map(|seat| self.network.sent_bytes(HostId::node(seat)))
            .sum()
    }

    /// Of these bytes, those of bare acknowledgements.
    pub fn acknowledged_by_nodes(&self) -> u64 {
        (0..self.seats.len())
            .map(|seat| self.network.acknowledgement_bytes(HostId::node(seat)))
            .sum()
    }

    /// Of these bytes, those of each kind of message; the rest are acknowledgements and handshakes.
    pub fn traffic(&self) -> &BTreeMap<&'static str, u64> {
        &self.traffic
    }

    /// How many frames of each kind nodes have sent.
    pub fn frames(&self) -> &BTreeMap<&'static str, u64> {
        &self.frames
    }

    /// What the store shows against what the journals promised.
    pub fn difference(&self) -> Difference {
        (0..self.size())
            .map(|seat| self.difference_of(seat))
            .fold(Difference::default(), std::ops::Add::add)
    }

    /// The same for one device.
    pub fn difference_of(&self, seat: usize) -> Difference {
        let marks = self.centre.store.marks(&self.device(seat));
        self.truth.compare(seat, marks)
    }

    pub fn into_trace(self) -> Trace {
        self.trace
    }
}

//! Decoys of simulated hosts, and whom their shells keep away.

use std::collections::BTreeMap;

use protocol::address::Address;
use protocol::node::Input;
use protocol::tripwire::Touched;

use super::World;

/// Whom a host keeps away, and until when.
#[derive(Debug, Default)]
pub(super) struct Filter(BTreeMap<Address, u64>);

impl Filter {
    pub(super) fn set(&mut self, source: Address, until_ms: u64) {
        self.0.insert(source, until_ms);
    }
}

impl World {
    /// Somebody touches a decoy of this host.
    pub fn touch(&mut self, seat: usize, touched: Touched) {
        self.tell_node(seat, Input::Touched(touched));
    }

    /// Whether this host takes no packet from a source, beyond those of the mesh.
    pub fn keeps_away(&self, seat: usize, source: &Address) -> bool {
        let until_ms = self.seats[seat].filter.0.get(source);
        until_ms.is_some_and(|until_ms| *until_ms > self.now_ms)
    }
}

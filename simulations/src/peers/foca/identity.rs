//! By what name a member of a foca cluster goes: an address, and a life that rises when it has to come back.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::host::HostId;

/// The network that all hosts are in.
const NETWORK: u32 = 10 << 24;

/// As lean as foca advises: five bytes on the wire, because the whole cluster uses one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    address: Ipv4Addr,
    life: u16,
}

impl Identity {
    pub(super) fn of(seat: usize) -> Self {
        let host = u32::try_from(HostId::node(seat).index()).expect("a host's number has 32 bits");
        Self {
            address: Ipv4Addr::from_bits(NETWORK | host),
            life: 0,
        }
    }

    pub(super) fn seat(self) -> usize {
        (self.address.to_bits() & !NETWORK) as usize - HostId::node(0).index()
    }
}

/// Comes back at once after a false verdict, as in foca's own example.
impl foca::Identity for Identity {
    type Addr = Ipv4Addr;

    fn renew(&self) -> Option<Self> {
        Some(Self {
            life: self.life.wrapping_add(1),
            ..*self
        })
    }

    fn addr(&self) -> Ipv4Addr {
        self.address
    }

    fn win_addr_conflict(&self, adversary: &Self) -> bool {
        self.life > adversary.life
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_found_behind_its_identity() {
        for seat in [0, 255, 70_000] {
            assert_eq!(Identity::of(seat).seat(), seat);
        }
    }
}

//! Whose traffic it is, and which address belongs to which hardware.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::IpAddr;

use hearing::frame::{ArpOperation, Frame, Net};
use hearing::mac::Mac;

use crate::limits::OWNERS;

/// A device, by the best that is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// The host that looks.
    Own,
    /// A device on a segment of the host.
    Mac(Mac),
    /// Somebody behind a router, or told of by an exporter.
    Address(IpAddr),
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str("own"),
            Self::Mac(mac) => write!(f, "mac:{mac}"),
            Self::Address(address) => write!(f, "ip:{address}"),
        }
    }
}

/// Hardware behind addresses, by what ARP says: a frame's sender may be a router. At most [`OWNERS`] of them.
#[derive(Debug, Clone, Default)]
pub struct Owners {
    own: Vec<IpAddr>,
    macs: BTreeMap<IpAddr, Mac>,
    order: VecDeque<IpAddr>,
}

impl Owners {
    /// The addresses of the host itself.
    pub const fn of(own: Vec<IpAddr>) -> Self {
        Self {
            own,
            macs: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }

    pub fn set_own(&mut self, own: Vec<IpAddr>) {
        self.own = own;
    }

    pub fn hear(&mut self, frame: &Frame<'_>) {
        if let Net::Arp(arp) = &frame.net
            && matches!(arp.operation, ArpOperation::Request | ArpOperation::Reply)
            && !arp.sender_address.is_unspecified()
        {
            self.learn(arp.sender_address.into(), arp.sender);
        }
    }

    /// What somebody else knows of an address: the neighbour table of a kernel, or a lease.
    pub fn learn(&mut self, address: IpAddr, mac: Mac) {
        if self.macs.insert(address, mac).is_some() {
            return;
        }
        self.order.push_back(address);
        if self.order.len() > OWNERS
            && let Some(oldest) = self.order.pop_front()
        {
            self.macs.remove(&oldest);
        }
    }

    pub fn whose(&self, address: IpAddr) -> Whose {
        if self.own.contains(&address) {
            return Whose::Own;
        }
        self.macs
            .get(&address)
            .map_or(Whose::Address(address), |mac| Whose::Mac(*mac))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_the_host_to_hardware_or_to_itself() {
        let (own, camera, far) = (
            IpAddr::from([10, 0, 0, 1]),
            IpAddr::from([10, 0, 0, 7]),
            IpAddr::from([10, 9, 0, 1]),
        );
        let mut owners = Owners::of(vec![own]);
        owners.learn(camera, Mac([2, 0, 0, 0, 0, 7]));
        assert_eq!(owners.whose(own), Whose::Own);
        assert_eq!(owners.whose(camera).to_string(), "mac:02:00:00:00:00:07");
        assert_eq!(owners.whose(far).to_string(), "ip:10.9.0.1");
    }

    #[test]
    fn a_flood_of_addresses_is_bounded() {
        let mut owners = Owners::default();
        for number in 0..3 * OWNERS as u32 {
            owners.learn(number.to_be_bytes().into(), Mac([2; 6]));
        }
        assert_eq!(owners.macs.len(), OWNERS);
        assert_eq!(owners.order.len(), OWNERS);
    }
}

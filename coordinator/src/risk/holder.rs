//! Who has a finding: a member of the mesh, or a device without a node by what is known of it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use findings::scan::{Host, Mac};
use protocol::id::DeviceId;
use thiserror::Error;

/// It prints as a device's id, as `mac:b8:27:eb:00:00:01`, or as `ip:10.0.0.7` where no more is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    Member(DeviceId),
    Mac(Mac),
    Address(IpAddr),
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no device: write its id, mac:B8:27:EB:00:00:01 or ip:10.0.0.7")]
pub struct HolderError(String);

impl Holder {
    /// How a host that is no member is called.
    pub fn of_host(host: &Host) -> Option<Self> {
        let by_mac = host.mac.map(Self::Mac);
        by_mac.or_else(|| host.addresses.first().copied().map(Self::Address))
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(device) => device.fmt(f),
            Self::Mac(mac) => write!(f, "mac:{mac}"),
            Self::Address(address) => write!(f, "ip:{address}"),
        }
    }
}

impl FromStr for Holder {
    type Err = HolderError;

    fn from_str(text: &str) -> Result<Self, HolderError> {
        let found = match text.split_once(':') {
            Some(("mac", mac)) => Mac::parse(mac).map(Self::Mac),
            Some(("ip", address)) => address.parse().ok().map(Self::Address),
            _ => text.parse().ok().map(Self::Member),
        };
        found.ok_or_else(|| HolderError(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_holder_reads_back_as_it_prints() {
        let member = Holder::Member(DeviceId::from_bytes([7; 8]));
        let mac = Holder::Mac(Mac([0xb8, 0x27, 0xeb, 0, 0, 1]));
        let address = Holder::Address("fe80::1".parse().expect("an address"));
        for holder in [member, mac, address] {
            assert_eq!(holder.to_string().parse(), Ok(holder));
        }
        assert_eq!("MAC:1".parse::<Holder>().ok(), None);
        assert!("mac:zz".parse::<Holder>().is_err());
    }
}

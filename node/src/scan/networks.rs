//! Which networks this host is on, and whether a target lies in one of them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;

/// Addresses of the largest network that is scanned at once.
const LARGEST: u8 = 32 - 12;

/// A network of IP version 4; larger address spaces are not scanned one address after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: Ipv4Addr,
    prefix: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkError;

impl Network {
    /// Whether the other one lies in it.
    pub fn holds(&self, other: &Self) -> bool {
        other.prefix >= self.prefix
            && mask(other.address, self.prefix) == mask(self.address, self.prefix)
    }

    fn of(address: Ipv4Addr, netmask: Ipv4Addr) -> Self {
        let prefix = u32::from(netmask).leading_ones();
        Self {
            address,
            prefix: u8::try_from(prefix).unwrap_or(32),
        }
    }
}

fn mask(address: Ipv4Addr, prefix: u8) -> u32 {
    let bits = u32::from(address);
    match prefix {
        0 => 0,
        prefix => bits >> (32 - u32::from(prefix.min(32))),
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix {
            32 => write!(f, "{}", self.address),
            prefix => write!(f, "{}/{prefix}", self.address),
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, prefix.parse().map_err(|_| NetworkError)?),
            None => (text, 32),
        };
        let Ok(IpAddr::V4(address)) = address.parse() else {
            return Err(NetworkError);
        };
        match (LARGEST..=32).contains(&prefix) {
            true => Ok(Self { address, prefix }),
            false => Err(NetworkError),
        }
    }
}

/// The networks of all interfaces but loopback and links to a single other end.
pub fn own() -> Vec<Network> {
    let Ok(interfaces) = getifaddrs() else {
        return Vec::new();
    };
    let outward = interfaces.filter(|interface| {
        let apart = InterfaceFlags::IFF_LOOPBACK | InterfaceFlags::IFF_POINTOPOINT;
        interface.flags.contains(InterfaceFlags::IFF_UP) && !interface.flags.intersects(apart)
    });
    let networks = outward.filter_map(|interface| {
        let address = interface.address?.as_sockaddr_in()?.ip();
        let netmask = interface.netmask?.as_sockaddr_in()?.ip();
        (!address.is_loopback()).then(|| Network::of(address, netmask))
    });
    networks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_lies_in_a_network_or_does_not() {
        let own = Network::of(Ipv4Addr::new(10, 0, 3, 7), Ipv4Addr::new(255, 255, 255, 0));
        for (text, expected) in [
            ("10.0.3.0/24", true),
            ("10.0.3.128/25", true),
            ("10.0.3.9", true),
            ("10.0.4.9", false),
            ("10.0.2.0/23", false),
            ("127.0.0.1", false),
        ] {
            let target: Network = text.parse().expect("a network");
            assert_eq!(own.holds(&target), expected, "{text}");
            assert_eq!(target.to_string(), text);
        }
        for nonsense in [
            "",
            "10.0.0.0/8",
            "-oN/etc/x",
            "10.0.0.1 10.0.0.2",
            "fe80::1",
            "10.0.0.0/33",
        ] {
            assert_eq!(nonsense.parse::<Network>(), Err(NetworkError), "{nonsense}");
        }
    }
}

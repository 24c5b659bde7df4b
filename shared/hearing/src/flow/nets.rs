//! Which addresses are local.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

use crate::limits::LOCAL_NETS;

use super::Direction;

/// Addresses with the same first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Net {
    address: IpAddr,
    bits: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NetError {
    #[error("a network is an address and the number of its fixed bits: write 192.168.1.0/24")]
    Malformed,
    #[error("an IPv4 address has 32 bits, an IPv6 address 128")]
    TooManyBits,
}

impl Net {
    pub const fn new(address: IpAddr, bits: u8) -> Result<Self, NetError> {
        let most = match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        if bits > most {
            return Err(NetError::TooManyBits);
        }
        Ok(Self { address, bits })
    }

    pub fn holds(&self, address: IpAddr) -> bool {
        let differ = match (self.address, address) {
            (IpAddr::V4(net), IpAddr::V4(other)) => {
                (net.to_bits() ^ other.to_bits()).leading_zeros()
            }
            (IpAddr::V6(net), IpAddr::V6(other)) => {
                (net.to_bits() ^ other.to_bits()).leading_zeros()
            }
            _ => return false,
        };
        differ >= u32::from(self.bits)
    }
}

/// As it is read: the address with nothing behind its fixed bits.
impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address: IpAddr = match self.address {
            IpAddr::V4(four) => {
                let rest = u32::MAX.checked_shr(self.bits.into()).unwrap_or(0);
                Ipv4Addr::from_bits(four.to_bits() & !rest).into()
            }
            IpAddr::V6(six) => {
                let rest = u128::MAX.checked_shr(self.bits.into()).unwrap_or(0);
                Ipv6Addr::from_bits(six.to_bits() & !rest).into()
            }
        };
        write!(f, "{address}/{}", self.bits)
    }
}

impl FromStr for Net {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let (address, bits) = text.split_once('/').ok_or(NetError::Malformed)?;
        let address = address.parse().map_err(|_| NetError::Malformed)?;
        let bits = bits.parse().map_err(|_| NetError::Malformed)?;
        Self::new(address, bits)
    }
}

/// The networks that are ours.
#[derive(Debug, Clone)]
pub struct Nets(Vec<Net>);

impl Nets {
    /// At most [`LOCAL_NETS`] of them.
    pub fn new(nets: impl IntoIterator<Item = Net>) -> Self {
        Self(nets.into_iter().take(LOCAL_NETS).collect())
    }

    /// What nobody routes on the internet (RFC 1918, RFC 3927, RFC 4193, RFC 4291): the guess where none are named.
    pub fn private() -> Self {
        let four = |a, b, bits| Net {
            address: Ipv4Addr::new(a, b, 0, 0).into(),
            bits,
        };
        let six = |first, bits| Net {
            address: Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 0).into(),
            bits,
        };
        Self(vec![
            four(10, 0, 8),
            four(172, 16, 12),
            four(192, 168, 16),
            four(169, 254, 16),
            six(0xfc00, 7),
            six(0xfe80, 10),
        ])
    }

    /// A group or everybody is inside: what is sent there does not leave.
    pub fn hold(&self, address: IpAddr) -> bool {
        let to_many = match address {
            IpAddr::V4(four) => four.is_multicast() || four.is_broadcast() || four.is_unspecified(),
            IpAddr::V6(six) => six.is_multicast() || six.is_unspecified(),
        };
        to_many || self.0.iter().any(|net| net.holds(address))
    }

    pub fn direction(&self, initiator: IpAddr, responder: IpAddr) -> Direction {
        match (self.hold(initiator), self.hold(responder)) {
            (true, true) => Direction::Inside,
            (true, false) => Direction::Out,
            (false, true) => Direction::In,
            (false, false) => Direction::Through,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_net_holds_what_shares_its_bits() {
        let net: Net = "192.168.4.0/22".parse().expect("it is sound");
        assert!(net.holds([192, 168, 7, 255].into()));
        assert!(!net.holds([192, 168, 8, 0].into()));
        assert!(!net.holds(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        let all: Net = "::/0".parse().expect("it is sound");
        assert!(all.holds(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        assert_eq!("10.0.0.0/33".parse::<Net>(), Err(NetError::TooManyBits));
        assert_eq!("10.0.0.0".parse::<Net>(), Err(NetError::Malformed));
    }

    #[test]
    fn directions_are_seen_from_the_local_nets() {
        let nets = Nets::private();
        let (inner, outer) = (
            IpAddr::from([10, 0, 0, 7]),
            IpAddr::from([93, 184, 216, 34]),
        );
        assert_eq!(nets.direction(inner, outer), Direction::Out);
        assert_eq!(nets.direction(outer, inner), Direction::In);
        assert_eq!(
            nets.direction(inner, [224, 0, 0, 251].into()),
            Direction::Inside
        );
        assert_eq!(nets.direction(outer, outer), Direction::Through);
    }
}

//! An address of the internet protocol, in the one encoding that it has here.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};

/// Four or sixteen bytes; an IPv4 address in IPv6's clothes (RFC 4291, section 2.5.5.2) is the IPv4 address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(IpAddr);

impl Address {
    pub const fn ip(self) -> IpAddr {
        self.0
    }

    /// Whether it can be somebody else's: not this host, not nobody, and not everybody.
    pub fn is_of_a_host(self) -> bool {
        let ip = self.0;
        let all = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
        !(ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || all)
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        Self(ip.to_canonical())
    }
}

impl From<[u8; 4]> for Address {
    fn from(octets: [u8; 4]) -> Self {
        Self(octets.into())
    }
}

impl From<[u8; 16]> for Address {
    fn from(octets: [u8; 16]) -> Self {
        IpAddr::from(octets).into()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<C> Encode<C> for Address {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match self.0 {
            IpAddr::V4(ip) => e.bytes(&ip.octets())?.ok(),
            IpAddr::V6(ip) => e.bytes(&ip.octets())?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Address {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let bytes = d.bytes()?;
        if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
            return Ok(Self(IpAddr::from(octets)));
        }
        let octets = <[u8; 16]>::try_from(bytes)
            .map_err(|_| decode::Error::message("an address has four bytes or sixteen"))?;
        let ip = Ipv6Addr::from(octets);
        match ip.to_ipv4_mapped() {
            None => Ok(Self(IpAddr::V6(ip))),
            Some(_) => Err(decode::Error::message("an IPv4 address has four bytes")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor;

    #[test]
    fn addresses_of_both_lengths_come_back() {
        for text in ["192.0.2.7", "fe80::1", "::ffff:192.0.2.7"] {
            let address = Address::from(text.parse::<IpAddr>().expect("an address"));
            let bytes = cbor::encode(&address);
            assert_eq!(cbor::decode::<Address>("address", 17, &bytes), Ok(address));
        }
    }

    #[test]
    fn other_lengths_and_the_second_form_of_an_ipv4_address_are_refused() {
        cbor::decode::<Address>("address", 17, &[0x45, 1, 2, 3, 4, 5])
            .expect_err("five bytes are no address");
        let mapped = [&[0x50][..], &[0; 10], &[0xff; 2], &[192, 0, 2, 7]].concat();
        cbor::decode::<Address>("address", 17, &mapped).expect_err("it has a shorter form");
    }
}

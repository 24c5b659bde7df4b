//! Addresses of devices that run no node: of their hardware, and on the network.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};
use thiserror::Error;

/// A hardware address: a claim, since whoever sends a frame chooses what stands in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Mac(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 6]);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a hardware address is six pairs of hexadecimal digits with colons between them")]
pub struct MacError;

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Mac {
    type Err = MacError;

    fn from_str(text: &str) -> Result<Self, MacError> {
        let mut mac = [0; 6];
        let mut pairs = text.split(':');
        for byte in &mut mac {
            let pair = pairs.next().filter(|pair| is_pair(pair)).ok_or(MacError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| MacError)?;
        }
        pairs.next().is_none().then_some(Self(mac)).ok_or(MacError)
    }
}

/// `from_str_radix` alone would take a sign.
fn is_pair(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// An IPv4 or IPv6 address: its four or sixteen bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub IpAddr);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<C> Encode<C> for Address {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match self.0 {
            IpAddr::V4(address) => e.bytes(&address.octets())?.ok(),
            IpAddr::V6(address) => e.bytes(&address.octets())?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Address {
    fn decode(d: &mut Decoder<'b>, _ctx: &mut C) -> Result<Self, decode::Error> {
        let bytes = d.bytes()?;
        let four: Result<[u8; 4], _> = bytes.try_into();
        let sixteen: Result<[u8; 16], _> = bytes.try_into();
        match (four, sixteen) {
            (Ok(four), _) => Ok(Self(four.into())),
            (_, Ok(sixteen)) => Ok(Self(sixteen.into())),
            _ => Err(decode::Error::message(
                "an address is four or sixteen bytes",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor;

    #[test]
    fn a_hardware_address_reads_what_it_writes_and_nothing_else() {
        let mac = Mac([0, 0x17, 0x88, 1, 2, 0xfe]);
        assert_eq!(mac.to_string().parse(), Ok(mac));
        for text in [
            "",
            "00:17:88:01:02",
            "00:17:88:01:02:03:04",
            "00:17:88:01:02:+f",
        ] {
            assert_eq!(text.parse::<Mac>(), Err(MacError), "{text}");
        }
    }

    #[test]
    fn addresses_of_both_lengths_come_back_and_no_others_are_read() {
        for text in ["192.0.2.7", "fe80::1", "::ffff:192.0.2.7"] {
            let address = Address(text.parse().expect("an address"));
            let bytes = cbor::encode(&address);
            assert_eq!(cbor::decode::<Address>("address", 17, &bytes), Ok(address));
        }
        cbor::decode::<Address>("address", 17, &[0x45, 1, 2, 3, 4, 5])
            .expect_err("five bytes are no address");
    }
}

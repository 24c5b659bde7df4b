//! The hardware addresses of devices that run no node.

use std::fmt;
use std::str::FromStr;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}

//! Hardware addresses (IEEE 802), the names that a segment knows its devices by.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

/// A text that is no hardware address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a hardware address is six pairs of hexadecimal digits: write 00:17:88:01:02:03")]
pub struct MacError;

impl Mac {
    pub const BROADCAST: Self = Self([0xff; 6]);
    pub const ZERO: Self = Self([0; 6]);

    /// Whether one device can have it: neither nothing nor a group.
    pub const fn is_device(self) -> bool {
        self.0[0] & 1 == 0 && !matches!(self.0, [0, 0, 0, 0, 0, 0])
    }

    /// Whether whoever has it chose it itself, as phones do for privacy: no vendor can be read from it.
    pub const fn is_own_choice(self) -> bool {
        self.0[0] & 2 != 0
    }

    /// The three bytes that the IEEE gives to vendors.
    pub const fn vendor_part(self) -> [u8; 3] {
        [self.0[0], self.0[1], self.0[2]]
    }
}

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

    /// With colons or dashes between the pairs.
    fn from_str(text: &str) -> Result<Self, MacError> {
        let mut mac = [0; 6];
        let mut pairs = text.split([':', '-']);
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
    fn it_reads_what_it_writes_and_nothing_else() {
        let mac = Mac([0, 0x17, 0x88, 1, 2, 0xfe]);
        assert_eq!(mac.to_string().parse(), Ok(mac));
        assert_eq!("00-17-88-01-02-FE".parse(), Ok(mac));
        for text in [
            "",
            "00:17:88:01:02",
            "00:17:88:01:02:03:04",
            "0:1:2:3:4:5",
            "00:17:88:01:02:+f",
        ] {
            assert_eq!(text.parse::<Mac>(), Err(MacError), "{text}");
        }
    }

    #[test]
    fn groups_and_nothing_are_no_devices() {
        assert!(!Mac::BROADCAST.is_device());
        assert!(!Mac::ZERO.is_device());
        assert!(!Mac([0x01, 0, 0x5e, 0, 0, 1]).is_device());
        assert!(Mac([0x02, 0, 0, 0, 0, 1]).is_own_choice());
    }
}

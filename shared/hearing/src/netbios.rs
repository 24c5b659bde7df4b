//! NetBIOS names (RFC 1001, RFC 1002): what Windows and small file servers call themselves.

use crate::bytes::Reader;
use crate::limits::NETBIOS_NAMES;
use crate::mac::Mac;
use crate::text::plain;

/// The name service's port; its messages have the form of [`crate::dns::Message`].
pub const PORT: u16 = 137;

/// A name with the byte that says for what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetBiosName {
    pub text: String,
    /// 0x00 workstation, 0x20 file server, 0x1b and 0x1c domain controller, 0x1d and 0x1e browser.
    pub suffix: u8,
}

/// What a node says about itself when it is asked for its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub names: Vec<(NetBiosName, Scope)>,
    pub mac: Option<Mac>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Unique,
    Group,
}

impl NetBiosName {
    /// Decodes the first label of a DNS name: each byte is two letters from A to P (RFC 1001 §14.1).
    pub fn decode(dns_name: &str) -> Option<Self> {
        let label = dns_name.split('.').next()?.as_bytes();
        if label.len() != 32 {
            return None;
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(label.chunks_exact(2)) {
            let (high, low) = (nibble(pair[0])?, nibble(pair[1])?);
            *byte = high << 4 | low;
        }
        Some(Self::of(&bytes))
    }

    fn of(bytes: &[u8; 16]) -> Self {
        Self {
            text: plain(bytes[..15].trim_ascii_end()),
            suffix: bytes[15],
        }
    }

    /// Whether it names the machine itself.
    pub const fn is_machine(&self) -> bool {
        matches!(self.suffix, 0x00 | 0x20)
    }
}

fn nibble(letter: u8) -> Option<u8> {
    letter.checked_sub(b'A').filter(|nibble| *nibble < 16)
}

impl Status {
    /// The data of a status record (RFC 1002 §4.2.18); names that are cut off are left out.
    pub fn read(data: &[u8]) -> Option<Self> {
        let mut rest = Reader(data);
        let count = rest.byte()?;
        let mut names = Vec::new();
        for _ in 0..usize::from(count).min(NETBIOS_NAMES) {
            let (Some(name), Some(flags)) = (rest.array::<16>(), rest.short()) else {
                break;
            };
            let scope = if flags & 0x8000 == 0 {
                Scope::Unique
            } else {
                Scope::Group
            };
            names.push((NetBiosName::of(&name), scope));
        }
        let mac = rest.array().map(Mac).filter(|mac| mac.is_device());
        Some(Self { names, mac })
    }

    /// What the machine calls itself.
    pub fn machine(&self) -> Option<&str> {
        let named =
            |(name, scope): &&(NetBiosName, Scope)| name.is_machine() && *scope == Scope::Unique;
        self.names
            .iter()
            .find(named)
            .map(|(name, _)| name.text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_standard_is_decoded() {
        let name = NetBiosName::decode("EGFCEFEECACACACACACACACACACACACA.NETBIOS.COM");
        assert_eq!(name.map(|name| name.text), Some("FRED".to_owned()));
        assert_eq!(NetBiosName::decode("EGFCEFEE"), None);
        assert_eq!(
            NetBiosName::decode("egfcefeecacacacacacacacacacacaca"),
            None
        );
    }

    #[test]
    fn a_status_names_the_machine_and_not_its_group() {
        let mut data = vec![2];
        data.extend(b"WORKGROUP      \0\x80\0");
        data.extend(b"NAS-1          \x20\x04\0");
        data.extend([0, 0x11, 0x32, 1, 2, 3]);
        let status = Status::read(&data).expect("it is sound");
        assert_eq!(status.machine(), Some("NAS-1"));
        assert_eq!(status.mac, Some(Mac([0, 0x11, 0x32, 1, 2, 3])));
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(data in proptest::collection::vec(any::<u8>(), 0..200), name in ".*") {
            let _any = Status::read(&data);
            let _any = NetBiosName::decode(&name);
        }
    }
}

//! DHCP for IPv4 (RFC 2131): how a device introduces itself, and what a server gives it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use thiserror::Error;

use crate::bytes::Reader;
use crate::limits::{DHCP_OPTION_BYTES, DNS_LABELS};
use crate::mac::Mac;
use crate::text::plain;

pub const SERVER_PORT: u16 = 67;
pub const CLIENT_PORT: u16 = 68;

/// Options (RFC 2132; 81 is RFC 4702).
mod option {
    pub const PAD: u8 = 0;
    pub const ROUTER: u8 = 3;
    pub const HOST_NAME: u8 = 12;
    pub const REQUESTED: u8 = 50;
    pub const LEASE: u8 = 51;
    pub const OVERLOAD: u8 = 52;
    pub const KIND: u8 = 53;
    pub const SERVER: u8 = 54;
    pub const PARAMETERS: u8 = 55;
    pub const VENDOR_CLASS: u8 = 60;
    pub const CLIENT: u8 = 61;
    pub const FULL_NAME: u8 = 81;
    pub const END: u8 = 255;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub kind: Kind,
    pub transaction: u32,
    /// Whom the message is about, also when a relay sends it.
    pub client: Mac,
    /// The address that the client has already.
    pub client_address: Option<Ipv4Addr>,
    /// The address that the server gives.
    pub your_address: Option<Ipv4Addr>,
    /// The relay between the two.
    pub relay: Option<Ipv4Addr>,
    pub requested: Option<Ipv4Addr>,
    pub server: Option<Ipv4Addr>,
    pub router: Option<Ipv4Addr>,
    pub lease_secs: Option<u32>,
    pub host_name: Option<String>,
    pub full_name: Option<String>,
    pub vendor_class: Option<String>,
    pub client_id: Option<Vec<u8>>,
    /// What the client asks for, in its order: the list tells its software.
    pub parameters: Vec<u8>,
}

/// Option 53.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Discover,
    Offer,
    Request,
    Decline,
    Ack,
    Nak,
    Release,
    Inform,
}

impl Kind {
    const fn of(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Discover,
            2 => Self::Offer,
            3 => Self::Request,
            4 => Self::Decline,
            5 => Self::Ack,
            6 => Self::Nak,
            7 => Self::Release,
            8 => Self::Inform,
            _ => return None,
        })
    }

    /// Whether a server says it.
    pub const fn is_servers(self) -> bool {
        matches!(self, Self::Offer | Self::Ack | Self::Nak)
    }
}

/// Why bytes are no DHCP message about an Ethernet device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DhcpError {
    #[error("the message ends within its fixed part")]
    CutOff,
    #[error("the magic cookie 63 82 53 63 is missing: this is BOOTP, or something else")]
    NoCookie,
    #[error("the client's hardware is not Ethernet")]
    Hardware,
    #[error("option 53, the kind of the message, is missing or unknown")]
    Kind,
}

const COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];

impl Message {
    pub fn read(bytes: &[u8]) -> Result<Self, DhcpError> {
        let mut rest = Reader(bytes);
        let fixed: [u8; 236] = rest.array().ok_or(DhcpError::CutOff)?;
        if fixed[1] != 1 || fixed[2] != 6 {
            return Err(DhcpError::Hardware);
        }
        if rest.array() != Some(COOKIE) {
            return Err(DhcpError::NoCookie);
        }
        let options = all_options(rest.0, &fixed);
        let kind = options
            .get(&option::KIND)
            .and_then(|value| Kind::of(*value.first()?));
        let four = |at: usize| address(&fixed[at..at + 4]);
        let listed = |code: u8| {
            options
                .get(&code)
                .and_then(|value| address(value.get(..4)?))
        };
        let text = |code: u8| {
            let text = plain(options.get(&code)?);
            Some(text).filter(|text| !text.is_empty())
        };
        Ok(Self {
            kind: kind.ok_or(DhcpError::Kind)?,
            transaction: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            client: Mac([
                fixed[28], fixed[29], fixed[30], fixed[31], fixed[32], fixed[33],
            ]),
            client_address: four(12),
            your_address: four(16),
            relay: four(24),
            requested: listed(option::REQUESTED),
            server: listed(option::SERVER),
            router: listed(option::ROUTER),
            lease_secs: options
                .get(&option::LEASE)
                .and_then(|value| Reader(value).long()),
            host_name: text(option::HOST_NAME),
            full_name: options
                .get(&option::FULL_NAME)
                .and_then(|value| full_name(value)),
            vendor_class: text(option::VENDOR_CLASS),
            client_id: options.get(&option::CLIENT).cloned(),
            parameters: options
                .get(&option::PARAMETERS)
                .cloned()
                .unwrap_or_default(),
        })
    }
}

fn address(bytes: &[u8]) -> Option<Ipv4Addr> {
    let four = <[u8; 4]>::try_from(bytes).ok().map(Ipv4Addr::from);
    four.filter(|address| !address.is_unspecified())
}

/// The options, those in the fields for file and server name too where option 52 says so (RFC 2131 §4.1).
fn all_options(main: &[u8], fixed: &[u8; 236]) -> BTreeMap<u8, Vec<u8>> {
    let mut options = BTreeMap::new();
    gather(&mut options, main);
    let overload = options
        .get(&option::OVERLOAD)
        .and_then(|value| value.first().copied());
    let overload = overload.unwrap_or(0);
    if overload & 1 != 0 {
        gather(&mut options, &fixed[108..236]);
    }
    if overload & 2 != 0 {
        gather(&mut options, &fixed[44..108]);
    }
    options
}

/// An option that comes in parts is put together (RFC 3396).
fn gather(options: &mut BTreeMap<u8, Vec<u8>>, bytes: &[u8]) {
    let mut rest = Reader(bytes);
    while let Some(code) = rest.byte() {
        match code {
            option::PAD => continue,
            option::END => return,
            _ => {}
        }
        let Some(part) = rest.counted8() else { return };
        let value = options.entry(code).or_default();
        let room = DHCP_OPTION_BYTES.saturating_sub(value.len());
        value.extend(&part[..part.len().min(room)]);
    }
}

/// Flags and two old codes, then the name as text or, with flag E, as DNS labels without pointers (RFC 4702 §2).
fn full_name(value: &[u8]) -> Option<String> {
    const LABELS: u8 = 0x04;
    let mut rest = Reader(value);
    let [flags, _, _] = rest.array()?;
    let name = if flags & LABELS == 0 {
        plain(rest.0)
    } else {
        let labels = std::iter::from_fn(|| rest.counted8().filter(|label| !label.is_empty()));
        let labels: Vec<_> = labels.take(DNS_LABELS).map(plain).collect();
        plain(labels.join(".").as_bytes())
    };
    Some(name).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests;

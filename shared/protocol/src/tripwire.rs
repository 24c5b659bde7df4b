//! Decoys: listeners that nobody legitimate touches, and what one touch leads to.
//!
//! Whoever touches one is named to everybody at once. One voice keeps the source away for a minute, a second from
//! another device for longer: a worm touches many, and one liar gains little. The mesh itself is never closed to
//! anybody by this: its links stand on keys, and who is shut out of it is a matter of proofs.

mod blocks;

use minicbor::{Decode, Encode};

use crate::address::Address;
use crate::text::Line;

pub use blocks::{Block, Blocks};

/// What a stranger said to a decoy, in words for people; passwords are not in it.
pub type Words = Line<96>;

/// One touch of a decoy.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Touched {
    /// Who touched it: completed a TCP handshake, so that the address can be answered.
    #[n(0)]
    pub source: Address,
    #[n(1)]
    pub service: Service,
    #[n(2)]
    pub port: u16,
    /// Names with passwords that were tried.
    #[n(3)]
    pub credentials: u8,
    #[n(4)]
    pub said: Option<Words>,
}

/// What a decoy pretends to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Service {
    #[n(0)]
    Telnet,
    #[n(1)]
    Ssh,
    #[n(2)]
    Http,
    #[n(3)]
    Mqtt,
    #[n(4)]
    Modbus,
}

impl Service {
    pub const ALL: [Self; 5] = [
        Self::Telnet,
        Self::Ssh,
        Self::Http,
        Self::Mqtt,
        Self::Modbus,
    ];

    /// The stable word used in settings, logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Telnet => "telnet",
            Self::Ssh => "ssh",
            Self::Http => "http",
            Self::Mqtt => "mqtt",
            Self::Modbus => "modbus",
        }
    }
}

//! Who talks with whom: flows from frames, in one form with those that logs and exporters tell of.

mod names;
mod nets;
mod table;

use std::net::IpAddr;

use crate::frame::TcpFlags;
use crate::mac::Mac;
use crate::moment::Moment;

pub use self::names::Names;
pub use self::nets::{Net, NetError, Nets};
pub use self::table::{Change, End, Flows};

/// Protocols by their number (IANA).
pub mod protocol {
    pub const ICMP: u8 = 1;
    pub const TCP: u8 = 6;
    pub const UDP: u8 = 17;
    pub const ICMP6: u8 = 58;
}

/// Two ends that talk, and who began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub initiator: Endpoint,
    pub responder: Endpoint,
    pub protocol: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    pub address: IpAddr,
    /// 0 where the protocol has no ports.
    pub port: u16,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub packets: u64,
    pub bytes: u64,
}

impl Count {
    pub fn add(&mut self, bytes: u64) {
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// What came of the first packet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Answer {
    /// The source does not tell.
    #[default]
    Unknown,
    Nothing,
    /// A reset, or an ICMP message that nobody is there.
    Refused,
    Given,
}

/// Seen from the local networks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// Between two local ends.
    Inside,
    Out,
    In,
    /// Neither end is local.
    #[default]
    Through,
}

/// Where the name of a peer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameOrigin {
    /// The last DNS answer that had its address.
    Dns,
    /// What the client's hello asked for.
    Tls,
    Log,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerName {
    pub text: String,
    pub origin: NameOrigin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    pub key: Key,
    pub first: Moment,
    pub last: Moment,
    /// From the initiator.
    pub forward: Count,
    pub back: Count,
    /// All TCP flags of each side together.
    pub forward_flags: TcpFlags,
    pub back_flags: TcpFlags,
    pub answer: Answer,
    pub direction: Direction,
    /// What the responder is called.
    pub name: Option<PeerName>,
    /// The hardware address that the first packet came from.
    pub mac: Option<Mac>,
}

impl Flow {
    /// Whether it was going on already when it was first heard: nobody has seen who opened it.
    pub const fn is_joined(&self) -> bool {
        self.key.protocol == protocol::TCP
            && !self.forward_flags.has(TcpFlags::SYN)
            && !self.back_flags.has(TcpFlags::SYN)
    }

    pub(crate) const fn new(key: Key, at: Moment) -> Self {
        const NONE: Count = Count {
            packets: 0,
            bytes: 0,
        };
        Self {
            key,
            first: at,
            last: at,
            forward: NONE,
            back: NONE,
            forward_flags: TcpFlags(0),
            back_flags: TcpFlags(0),
            answer: Answer::Unknown,
            direction: Direction::Through,
            name: None,
            mac: None,
        }
    }
}

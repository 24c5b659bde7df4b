//! What a node says in its own log of devices that run none: who they are, how they are watched, what changed.
//!
//! A description is what one node heard, and a guess is a guess: nothing here is proof. Together the lines that
//! guardians write of one device are its dossier ([`Watched`]).

mod hardware;

use minicbor::{Decode, Encode};

pub use crate::address::Address;
use crate::class::{Classified, DataClass, DeviceClass};
use crate::id::DeviceId;
use crate::limits;
use crate::record::Position;
use crate::text::Name;
use crate::time::Timestamp;
pub use hardware::{Mac, MacError};

/// One page of a node's log about those it hears.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Heard {
    /// Since when this life of the node has listened.
    #[n(0)]
    pub since: Timestamp,
    /// Devices that are new to it, or of which it knows something else than before.
    #[n(1)]
    pub devices: Vec<Device>,
    /// Lines of the dossiers of devices that it guards.
    #[n(2)]
    pub watched: Vec<Watched>,
    #[n(3)]
    pub events: Vec<Happening>,
    /// With what it listens: when it begins to, and when that becomes another.
    #[n(4)]
    pub ears: Option<Ears>,
}

impl Heard {
    /// Whether it holds more than one record may: its maker is at fault.
    pub fn is_oversize(&self) -> bool {
        self.devices.len() > limits::HEARD_PER_RECORD
            || self.watched.len() > limits::WATCHED_PER_RECORD
            || self.events.len() > limits::HAPPENINGS_PER_RECORD
            || self.devices.iter().any(Device::is_oversize)
            || self.ears.as_ref().is_some_and(Ears::is_oversize)
    }
}

impl Classified for Heard {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("since", DataClass::Internal),
        ("devices", DataClass::Sensitive),
        ("watched", DataClass::Internal),
        ("events", DataClass::Internal),
        ("ears", DataClass::Internal),
    ];
}

/// A device as one node hears it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Device {
    #[n(0)]
    pub mac: Mac,
    /// The ones heard last come first.
    #[n(1)]
    pub addresses: Vec<Address>,
    /// What it calls itself, best first.
    #[n(2)]
    pub names: Vec<Name>,
    /// Who made it, by its hardware address.
    #[n(3)]
    pub vendor: Option<Name>,
    /// What it probably is.
    #[n(4)]
    pub class: DeviceClass,
    /// How much more speaks for this class than for the next best, at most 100.
    #[n(5)]
    pub confidence: u8,
    /// Why, in words for people, the weightiest first.
    #[n(6)]
    pub reasons: Vec<Name>,
    /// Ports on which it was heard to accept connections, or to offer services.
    #[n(7)]
    pub ports: Vec<u16>,
    #[n(8)]
    pub first: Timestamp,
    #[n(9)]
    pub last: Timestamp,
}

impl Device {
    fn is_oversize(&self) -> bool {
        self.addresses.len() > limits::HEARD_ADDRESSES
            || self.names.len() > limits::HEARD_NAMES
            || self.reasons.len() > limits::HEARD_REASONS
            || self.ports.len() > limits::HEARD_PORTS
    }

    /// Whether the other description says the same, whenever it was heard.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let undated = |device: &Self| Self {
            first: Timestamp::default(),
            last: Timestamp::default(),
            ..device.clone()
        };
        undated(self) == undated(other)
    }
}

/// By what a guardian knows that a device is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Means {
    /// It spoke of its own accord.
    #[n(0)]
    Heard,
    /// It answered an ARP request.
    #[n(1)]
    Arp,
    /// It answered an ICMP echo request.
    #[n(2)]
    Icmp,
    /// It accepted or refused a TCP connection to a port on which it was heard to listen.
    #[n(3)]
    Tcp,
}

impl Means {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Heard => "heard",
            Self::Arp => "arp",
            Self::Icmp => "icmp",
            Self::Tcp => "tcp",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Presence {
    #[n(0)]
    There,
    /// It neither spoke nor answered.
    #[n(1)]
    Gone,
    /// The guardian has not met it yet: it took over a moment ago.
    #[n(2)]
    Unmet,
}

impl Presence {
    pub const fn word(self) -> &'static str {
        match self {
            Self::There => "there",
            Self::Gone => "gone",
            Self::Unmet => "unmet",
        }
    }
}

/// One line of a device's dossier: a guardian answers for a span of time. Lines of one guardian follow each other
/// without a hole while it stays one; a hole between lines of different guardians can be seen by their times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Watched {
    #[n(0)]
    pub mac: Mac,
    /// Since when; where the guardian took over, it may be when it last heard the device itself before that.
    #[n(1)]
    pub from: Timestamp,
    #[n(2)]
    pub until: Timestamp,
    #[n(3)]
    pub presence: Presence,
    /// When and how the guardian met it last.
    #[n(4)]
    pub met: Option<Met>,
    /// The newest line of another guardian that this one knows of; of its own, where there is no other.
    #[n(5)]
    pub cites: Option<Cite>,
}

/// A sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Met {
    #[n(0)]
    pub at: Timestamp,
    #[n(1)]
    pub means: Means,
}

/// A line of a dossier, by the record that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Cite {
    #[n(0)]
    pub guardian: DeviceId,
    #[n(1)]
    pub position: Position,
}

/// Something that changed on a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Happening {
    #[n(0)]
    pub at: Timestamp,
    #[n(1)]
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum What {
    /// A device that this life of the node has not heard before.
    #[n(0)]
    New {
        #[n(0)]
        mac: Mac,
    },
    /// An address went to another device, when the first had not spoken for it lately.
    #[n(1)]
    AddressMoved {
        #[n(0)]
        address: Address,
        #[n(1)]
        from: Mac,
        #[n(2)]
        to: Mac,
    },
    /// Two devices claim one address at the same time: one of them is wrong, or lies.
    #[n(2)]
    ClaimedTwice {
        #[n(0)]
        address: Address,
        #[n(1)]
        first: Mac,
        #[n(2)]
        second: Mac,
    },
    /// A device is heard on another interface or VLAN than before.
    #[n(3)]
    Moved {
        #[n(0)]
        mac: Mac,
    },
    /// Somebody gives out addresses who was not heard to do so before.
    #[n(4)]
    DhcpServer {
        #[n(0)]
        mac: Mac,
    },
    /// A guardian finds that a device neither speaks nor answers.
    #[n(5)]
    Gone {
        #[n(0)]
        mac: Mac,
    },
    #[n(6)]
    Back {
        #[n(0)]
        mac: Mac,
    },
    /// More happened at once than is told one by one.
    #[n(7)]
    Unsaid {
        #[n(0)]
        events: u32,
    },
}

impl What {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::New { .. } => "new",
            Self::AddressMoved { .. } => "address_moved",
            Self::ClaimedTwice { .. } => "claimed_twice",
            Self::Moved { .. } => "moved",
            Self::DhcpServer { .. } => "dhcp_server",
            Self::Gone { .. } => "gone",
            Self::Back { .. } => "back",
            Self::Unsaid { .. } => "unsaid",
        }
    }

    /// The device that it is about, and another that has a part in it.
    pub const fn about(&self) -> (Option<Mac>, Option<Mac>) {
        match self {
            Self::New { mac }
            | Self::Moved { mac }
            | Self::DhcpServer { mac }
            | Self::Gone { mac }
            | Self::Back { mac } => (Some(*mac), None),
            Self::AddressMoved { from, to, .. } => (Some(*to), Some(*from)),
            Self::ClaimedTwice { first, second, .. } => (Some(*second), Some(*first)),
            Self::Unsaid { .. } => (None, None),
        }
    }
}

/// With what a node listens, and what it cannot hear.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Ears {
    /// Its own hardware addresses: they are no devices without a node.
    #[n(0)]
    pub own: Vec<Mac>,
    #[n(1)]
    pub interfaces: Vec<Name>,
    #[n(2)]
    pub missing: Vec<Missing>,
}

impl Ears {
    fn is_oversize(&self) -> bool {
        self.own.len() > limits::OWN_MACS
            || self.interfaces.len() > limits::OWN_MACS
            || self.missing.len() > Missing::ALL.len()
    }
}

/// What a node cannot hear or do for lack of rights, or because somebody else holds a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Missing {
    /// No frames (it needs `CAP_NET_RAW`): no DHCP, no ARP of others, no devices with which this host has no traffic.
    #[n(0)]
    Frames,
    #[n(1)]
    Mdns,
    #[n(2)]
    Ssdp,
    #[n(3)]
    Llmnr,
    /// No ARP requests of its own.
    #[n(4)]
    Arp,
    /// No echo requests.
    #[n(5)]
    Icmp,
}

impl Missing {
    pub const ALL: [Self; 6] = [
        Self::Frames,
        Self::Mdns,
        Self::Ssdp,
        Self::Llmnr,
        Self::Arp,
        Self::Icmp,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Mdns => "mdns",
            Self::Ssdp => "ssdp",
            Self::Llmnr => "llmnr",
            Self::Arp => "arp",
            Self::Icmp => "icmp",
        }
    }

    /// What is not heard or done, and what to do about it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Frames => {
                "hears no frames: devices that only use DHCP, ARP or unicast stay unknown until this host talks with \
                 them; give the node CAP_NET_RAW"
            }
            Self::Mdns => "hears no mDNS: another program holds UDP port 5353 for itself",
            Self::Ssdp => "hears no SSDP: another program holds UDP port 1900 for itself",
            Self::Llmnr => "hears no LLMNR: another program holds UDP port 5355 for itself",
            Self::Arp => {
                "sends no ARP requests, so that controllers and medical devices are only listened to; give the node \
                 CAP_NET_RAW"
            }
            Self::Icmp => {
                "sends no echo requests: give the node CAP_NET_RAW, or its group a place in net.ipv4.ping_group_range"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Incarnation;
    use crate::statement::Statement;

    fn longest() -> Name {
        Name::new("x".repeat(64)).expect("it fits")
    }

    #[test]
    fn the_longest_description_fits_into_one_record() {
        let device = Device {
            mac: Mac([0xff; 6]),
            addresses: vec![Address::from([0xff; 16]); limits::HEARD_ADDRESSES],
            names: vec![longest(); limits::HEARD_NAMES],
            vendor: Some(longest()),
            class: DeviceClass::Other,
            confidence: 100,
            reasons: vec![longest(); limits::HEARD_REASONS],
            ports: vec![u16::MAX; limits::HEARD_PORTS],
            first: Timestamp::from_millis(u64::MAX),
            last: Timestamp::from_millis(u64::MAX),
        };
        let heard = Heard {
            since: Timestamp::from_millis(u64::MAX),
            devices: vec![device],
            ..Heard::default()
        };
        assert!(!heard.is_oversize());
        let bytes = Statement::Heard(heard).encode();
        assert!(bytes.len() <= limits::BODY_BYTES, "{}", bytes.len());
    }

    #[test]
    fn full_lines_of_dossiers_and_full_events_fit_into_one_record() {
        let time = Timestamp::from_millis(u64::MAX);
        let position = Position {
            incarnation: Incarnation(u32::MAX),
            sequence: u32::MAX,
        };
        let line = Watched {
            mac: Mac([0xff; 6]),
            from: time,
            until: time,
            presence: Presence::There,
            met: Some(Met {
                at: time,
                means: Means::Tcp,
            }),
            cites: Some(Cite {
                guardian: DeviceId::from_bytes([0xff; 8]),
                position,
            }),
        };
        let happening = Happening {
            at: time,
            what: What::ClaimedTwice {
                address: Address::from([0xff; 16]),
                first: Mac([0xff; 6]),
                second: Mac([0xff; 6]),
            },
        };
        let lines = Heard {
            since: time,
            watched: vec![line; limits::WATCHED_PER_RECORD],
            ..Heard::default()
        };
        let ears = Ears {
            own: vec![Mac([0xff; 6]); limits::OWN_MACS],
            interfaces: vec![Name::new("x".repeat(15)).expect("it fits"); limits::OWN_MACS],
            missing: Missing::ALL.to_vec(),
        };
        let events = Heard {
            since: time,
            events: vec![happening; limits::HAPPENINGS_PER_RECORD],
            ears: Some(ears),
            ..Heard::default()
        };
        for heard in [lines, events] {
            assert!(!heard.is_oversize());
            let bytes = Statement::Heard(heard).encode();
            assert!(bytes.len() <= limits::BODY_BYTES, "{}", bytes.len());
        }
    }
}

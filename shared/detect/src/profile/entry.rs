//! One habit: which way, which protocol, with whom, on which port. A flow is turned into the habit it shows.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::domain::Suffix;

/// Who speaks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The device asks.
    Out,
    /// The device is asked.
    In,
}

/// Ports from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    pub first: u16,
    pub last: u16,
}

/// The first of the ports that are handed out for a moment: where Linux begins, below the 49,152 of RFC 6335 §6.
const DYNAMIC: u16 = 32_768;

impl Span {
    pub const ANY: Self = Self {
        first: 0,
        last: u16::MAX,
    };

    pub const fn one(port: u16) -> Self {
        Self {
            first: port,
            last: port,
        }
    }

    /// The class of a service's port: itself, or all that are handed out for a moment.
    pub const fn class(port: u16) -> Self {
        if port < DYNAMIC {
            Self::one(port)
        } else {
            Self {
                first: DYNAMIC,
                last: u16::MAX,
            }
        }
    }

    pub const fn holds(&self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }

    pub const fn covers(&self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

/// What is spoken to: a port on the other side or on the device, or a kind of ICMP message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Service {
    Any,
    Ports { remote: Span, local: Span },
    Icmp { kind: u8, code: u8 },
}

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "(IpAddr, u8)", into = "(IpAddr, u8)")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{1} bits are more than the address {0} has, or bits are set behind them")]
pub struct NetworkError(IpAddr, u8);

/// A part that another host plays for the device (RFC 8520 §3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Role {
    /// A class of hosts named by a URI, such as the gateway or the resolver.
    Controller(String),
    MyController,
    SameManufacturer,
    Manufacturer(String),
}

/// With whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Peer {
    Any,
    Domain(Suffix),
    /// The device's own networks.
    Local,
    Role(Role),
    Network(Network),
}

/// A habit; the order of its fields is the order in which profiles list them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub direction: Direction,
    /// The number of the protocol over IP; any without.
    pub protocol: Option<u8>,
    pub peer: Peer,
    pub service: Service,
}

/// One flow as the device's side sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow<'a> {
    pub direction: Direction,
    pub protocol: u8,
    pub address: IpAddr,
    /// The name that the address was asked for by, where it is known.
    pub name: Option<&'a str>,
    /// Whether the address belongs to the device's own networks.
    pub local: bool,
    /// The parts that the other host plays.
    pub roles: &'a [Role],
    /// For ICMP the kind of message.
    pub remote_port: u16,
    /// For ICMP the code.
    pub local_port: u16,
}

const ICMP: [u8; 2] = [1, 58];
const TCP: u8 = 6;
const UDP: u8 = 17;

impl Entry {
    /// The habit that a flow shows: a name's owner rather than the host, a role rather than an address, the service's
    /// port and not the asker's.
    pub fn of(flow: &Flow<'_>) -> Self {
        let service = if ICMP.contains(&flow.protocol) {
            Service::Icmp {
                kind: flow.remote_port as u8,
                code: flow.local_port as u8,
            }
        } else if flow.protocol != TCP && flow.protocol != UDP {
            Service::Any
        } else if flow.direction == Direction::Out {
            Service::Ports {
                remote: Span::class(flow.remote_port),
                local: Span::ANY,
            }
        } else {
            Service::Ports {
                remote: Span::ANY,
                local: Span::class(flow.local_port),
            }
        };
        Self {
            direction: flow.direction,
            protocol: Some(flow.protocol),
            peer: Peer::of(flow),
            service,
        }
    }

    pub fn allows(&self, flow: &Flow<'_>) -> bool {
        self.direction == flow.direction
            && self
                .protocol
                .is_none_or(|protocol| protocol == flow.protocol)
            && self.peer.includes(flow)
            && self.service.includes(flow)
    }

    /// Whether every flow that the other entry allows is allowed by this one.
    pub fn covers(&self, other: &Self) -> bool {
        self.direction == other.direction
            && (self.protocol.is_none() || self.protocol == other.protocol)
            && self.peer.covers(&other.peer)
            && self.service.covers(other.service)
    }

    /// The same habit as it would have been learnt: names become their owners, ports their classes.
    #[must_use]
    pub fn generalised(&self) -> Self {
        let peer = match &self.peer {
            Peer::Domain(name) => Peer::Domain(name.owner()),
            other => other.clone(),
        };
        let class = |span: Span| {
            if span.first == span.last {
                Span::class(span.first)
            } else {
                span
            }
        };
        let service = match self.service {
            Service::Ports { remote, local } => Service::Ports {
                remote: class(remote),
                local: class(local),
            },
            other => other,
        };
        Self {
            peer,
            service,
            ..self.clone()
        }
    }
}

impl Peer {
    fn of(flow: &Flow<'_>) -> Self {
        let named = flow.name.and_then(|name| Suffix::of(name).ok());
        let named = named.filter(|suffix| !suffix.is_shared());
        let alone = Self::Network(Network::host(flow.address));
        match (named, flow.roles.first()) {
            _ if is_for_all(flow.address) => alone,
            (_, Some(role)) => Self::Role(role.clone()),
            (Some(suffix), None) => Self::Domain(suffix),
            (None, None) if flow.local => Self::Local,
            (None, None) => alone,
        }
    }

    fn includes(&self, flow: &Flow<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Domain(suffix) => flow.name.is_some_and(|name| suffix.covers(name)),
            Self::Local => flow.local,
            Self::Role(role) => flow.roles.contains(role),
            Self::Network(network) => network.holds(flow.address),
        }
    }

    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Domain(suffix), Self::Domain(name)) => suffix.covers(name.as_str()),
            (Self::Network(network), Self::Network(part)) => {
                network.bits <= part.bits && network.holds(part.address)
            }
            (one, other) => one == other,
        }
    }
}

/// Multicast and broadcast addresses are services, not hosts.
fn is_for_all(address: IpAddr) -> bool {
    address.is_multicast() || matches!(address, IpAddr::V4(address) if address.is_broadcast())
}

impl Service {
    fn includes(self, flow: &Flow<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Ports { remote, local } => {
                !ICMP.contains(&flow.protocol)
                    && remote.holds(flow.remote_port)
                    && local.holds(flow.local_port)
            }
            Self::Icmp { kind, code } => {
                u16::from(kind) == flow.remote_port && u16::from(code) == flow.local_port
            }
        }
    }

    fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (
                Self::Ports { remote, local },
                Self::Ports {
                    remote: other_remote,
                    local: other_local,
                },
            ) => remote.covers(other_remote) && local.covers(other_local),
            (one, other) => one == other,
        }
    }
}

impl Network {
    pub fn new(address: IpAddr, bits: u8) -> Result<Self, NetworkError> {
        let refused = Err(NetworkError(address, bits));
        let behind = match address {
            IpAddr::V4(v4) if bits <= 32 => u128::from(v4.to_bits()) << 96,
            IpAddr::V6(v6) if bits <= 128 => v6.to_bits(),
            _ => return refused,
        };
        if behind.checked_shl(bits.into()).unwrap_or(0) != 0 {
            refused
        } else {
            Ok(Self { address, bits })
        }
    }

    pub const fn host(address: IpAddr) -> Self {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        Self { address, bits }
    }

    /// Whether no router carries its addresses to another site: private, link-local, multicast, broadcast.
    pub fn is_within_a_site(&self) -> bool {
        match self.address {
            IpAddr::V4(v4) => {
                let group = v4.is_multicast() && self.bits >= 4;
                group
                    || (v4.is_private() || v4.is_link_local()) && self.bits >= 16
                    || v4.is_broadcast()
            }
            IpAddr::V6(v6) => {
                let group = v6.is_multicast() && self.bits >= 8;
                group
                    || v6.is_unicast_link_local() && self.bits >= 10
                    || v6.is_unique_local() && self.bits >= 7
            }
        }
    }

    pub fn holds(&self, address: IpAddr) -> bool {
        let (one, other) = match (self.address, address) {
            (IpAddr::V4(one), IpAddr::V4(other)) => (
                u128::from(one.to_bits()) << 96,
                u128::from(other.to_bits()) << 96,
            ),
            (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits()),
            _ => return false,
        };
        (one ^ other).leading_zeros() >= u32::from(self.bits)
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.address, self.bits)
    }
}

impl TryFrom<(IpAddr, u8)> for Network {
    type Error = NetworkError;

    fn try_from((address, bits): (IpAddr, u8)) -> Result<Self, NetworkError> {
        Self::new(address, bits)
    }
}

impl From<Network> for (IpAddr, u8) {
    fn from(network: Network) -> Self {
        (network.address, network.bits)
    }
}

impl Network {
    pub const fn is_v4(&self) -> bool {
        self.address.is_ipv4()
    }

    /// Whether it is one host and not a group.
    pub fn is_host(&self) -> bool {
        *self == Self::host(self.address) && !is_for_all(self.address)
    }
}

/// Entries and their standings as a list of pairs: JSON has no keys but text.
pub(super) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use super::super::Standing;
    use super::Entry;

    pub(in super::super) fn serialize<S: Serializer>(
        entries: &BTreeMap<Entry, Standing>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(entries)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Entry, Standing>, D::Error> {
        let pairs = Vec::<(Entry, Standing)>::deserialize(deserializer)?;
        let count = pairs.len();
        let entries: BTreeMap<_, _> = pairs.into_iter().collect();
        if entries.len() == count {
            Ok(entries)
        } else {
            Err(D::Error::custom("an entry stands there twice"))
        }
    }
}

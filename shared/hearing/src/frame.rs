//! One captured packet as headers: who sent it to whom, and the bytes that a program wrote.
//!
//! Ethernet with VLAN tags (IEEE 802.1Q), Linux cooked captures, ARP (RFC 826), IPv4, IPv6, TCP, UDP, ICMP and
//! IGMP through `etherparse`, leniently: captures often hold the first bytes of a packet only.

mod cooked;

use std::net::{IpAddr, Ipv4Addr};

use etherparse::{
    ArpPacketSlice, EtherType, LaxNetSlice, LaxSlicedPacket, LinkSlice, TcpSlice, TransportSlice,
};
use thiserror::Error;

use crate::capture::{Link, Packet};
use crate::mac::Mac;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<'a> {
    /// `None` where the capture has no hardware addresses.
    pub source: Option<Mac>,
    pub destination: Option<Mac>,
    /// The outermost VLAN.
    pub vlan: Option<u16>,
    pub net: Net<'a>,
    pub wire_bytes: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Net<'a> {
    Arp(Arp),
    Ip(Ip<'a>),
    /// Another protocol, or a header that does not have its form.
    Other,
}

/// An ARP packet about IPv4 over Ethernet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arp {
    pub operation: ArpOperation,
    pub sender: Mac,
    pub sender_address: Ipv4Addr,
    pub target: Mac,
    pub target_address: Ipv4Addr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArpOperation {
    Request,
    Reply,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ip<'a> {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub hops_left: u8,
    /// The number of the protocol above, as IANA has it.
    pub protocol: u8,
    pub transport: Transport<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport<'a> {
    Tcp(Tcp<'a>),
    Udp(Udp<'a>),
    Icmp(Icmp<'a>),
    /// The whole IGMP message.
    Igmp(&'a [u8]),
    /// A later fragment, another protocol, or a header that is cut off.
    Other,
}

impl Transport<'_> {
    /// The port that it goes to; nothing where the protocol has none.
    pub const fn destination_port(&self) -> Option<u16> {
        match self {
            Self::Tcp(tcp) => Some(tcp.destination),
            Self::Udp(udp) => Some(udp.destination),
            Self::Icmp(_) | Self::Igmp(_) | Self::Other => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tcp<'a> {
    pub source: u16,
    pub destination: u16,
    pub flags: TcpFlags,
    pub window: u16,
    /// How long the options are.
    pub options_bytes: u8,
    pub payload: &'a [u8],
}

/// The flags of TCP segments, one or many together (RFC 9293 §3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    pub const FIN: Self = Self(0x01);
    pub const SYN: Self = Self(0x02);
    pub const RST: Self = Self(0x04);
    pub const PSH: Self = Self(0x08);
    pub const ACK: Self = Self(0x10);

    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The first segment of a connection, from the one who opens it.
    pub const fn opens(self) -> bool {
        self.has(Self::SYN) && !self.has(Self::ACK)
    }

    /// The first segment back: somebody listens.
    pub const fn accepts(self) -> bool {
        self.has(Self::SYN) && self.has(Self::ACK)
    }

    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Udp<'a> {
    pub source: u16,
    pub destination: u16,
    pub payload: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Icmp<'a> {
    pub version: IcmpVersion,
    pub kind: u8,
    pub code: u8,
    /// What follows the checksum.
    pub rest: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IcmpVersion {
    /// RFC 792, below IPv4.
    Four,
    /// RFC 4443, below IPv6.
    Six,
}

impl Icmp<'_> {
    /// "Are you there": what a ping sends.
    pub const fn asks_echo(&self) -> bool {
        matches!(
            (self.version, self.kind),
            (IcmpVersion::Four, 8) | (IcmpVersion::Six, 128)
        )
    }

    /// "I am": what a ping gets back.
    pub const fn answers_echo(&self) -> bool {
        matches!(
            (self.version, self.kind),
            (IcmpVersion::Four, 0) | (IcmpVersion::Six, 129)
        )
    }
}

/// Why a packet has no frame at all. What is damaged further in is `Other` there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    #[error("the packet ends within its link header, after {0} bytes")]
    TooShort(usize),
    #[error("the link type {0} is not read: capture on an Ethernet interface or on `any`")]
    UnknownLink(u32),
}

impl<'a> Frame<'a> {
    /// The headers of a packet from a capture file.
    pub fn of(packet: &Packet<'a>) -> Result<Self, FrameError> {
        let frame = Self::read(packet.link, packet.bytes)?;
        Ok(Self {
            wire_bytes: packet.wire_bytes,
            ..frame
        })
    }

    /// The headers of bytes that begin as `link` says; they count as whole.
    pub fn read(link: Link, bytes: &'a [u8]) -> Result<Self, FrameError> {
        let short = FrameError::TooShort(bytes.len());
        let mut frame = match link {
            Link::Ethernet => {
                let sliced = LaxSlicedPacket::from_ethernet(bytes).map_err(|_| short)?;
                Self::sliced(&sliced)
            }
            Link::Cooked => cooked::first(bytes).ok_or(short)?,
            Link::Cooked2 => cooked::second(bytes).ok_or(short)?,
            Link::RawIp => Self::ip(bytes),
            Link::Loopback => Self::ip(bytes.get(4..).ok_or(short)?),
            Link::Other(number) => return Err(FrameError::UnknownLink(number)),
        };
        frame.wire_bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Ok(frame)
    }

    /// Who sent it, unless a group or nobody is named as its sender.
    pub fn device(&self) -> Option<Mac> {
        self.source.filter(|mac| mac.is_device())
    }

    pub const fn as_ip(&self) -> Option<&Ip<'a>> {
        match &self.net {
            Net::Ip(ip) => Some(ip),
            _ => None,
        }
    }

    fn ip(bytes: &'a [u8]) -> Self {
        match LaxSlicedPacket::from_ip(bytes) {
            Ok(sliced) => Self::sliced(&sliced),
            Err(_) => Self::bare(Net::Other),
        }
    }

    /// What follows an ether type without an Ethernet header before it.
    fn below(ether_type: u16, bytes: &'a [u8]) -> Self {
        let sliced = LaxSlicedPacket::from_ether_type(EtherType(ether_type), bytes);
        Self::sliced(&sliced)
    }

    const fn bare(net: Net<'a>) -> Self {
        Self {
            source: None,
            destination: None,
            vlan: None,
            net,
            wire_bytes: 0,
        }
    }

    fn sliced(sliced: &LaxSlicedPacket<'a>) -> Self {
        let mut frame = Self::bare(net(sliced));
        if let Some(LinkSlice::Ethernet2(ethernet)) = &sliced.link {
            frame.source = Some(Mac(ethernet.source()));
            frame.destination = Some(Mac(ethernet.destination()));
        }
        frame.vlan = sliced.vlan_ids().first().map(|vlan| vlan.value());
        frame
    }
}

fn net<'a>(sliced: &LaxSlicedPacket<'a>) -> Net<'a> {
    match &sliced.net {
        Some(LaxNetSlice::Arp(arp)) => arp_of(arp).map_or(Net::Other, Net::Arp),
        Some(LaxNetSlice::Ipv4(ip)) => Net::Ip(Ip {
            source: ip.header().source_addr().into(),
            destination: ip.header().destination_addr().into(),
            hops_left: ip.header().ttl(),
            protocol: ip.payload_ip_number().0,
            transport: transport(sliced),
        }),
        Some(LaxNetSlice::Ipv6(ip)) => Net::Ip(Ip {
            source: ip.header().source_addr().into(),
            destination: ip.header().destination_addr().into(),
            hops_left: ip.header().hop_limit(),
            protocol: ip.payload().ip_number.0,
            transport: transport(sliced),
        }),
        None => Net::Other,
    }
}

fn arp_of(arp: &ArpPacketSlice<'_>) -> Option<Arp> {
    let four = |bytes: &[u8]| <[u8; 4]>::try_from(bytes).ok().map(Ipv4Addr::from);
    let six = |bytes: &[u8]| <[u8; 6]>::try_from(bytes).ok().map(Mac);
    Some(Arp {
        operation: match arp.operation().0 {
            1 => ArpOperation::Request,
            2 => ArpOperation::Reply,
            _ => return None,
        },
        sender: six(arp.sender_hw_addr())?,
        sender_address: four(arp.sender_protocol_addr())?,
        target: six(arp.target_hw_addr())?,
        target_address: four(arp.target_protocol_addr())?,
    })
}

fn transport<'a>(sliced: &LaxSlicedPacket<'a>) -> Transport<'a> {
    match &sliced.transport {
        Some(TransportSlice::Tcp(tcp)) => Transport::Tcp(tcp_of(tcp)),
        Some(TransportSlice::Udp(udp)) => Transport::Udp(Udp {
            source: udp.source_port(),
            destination: udp.destination_port(),
            payload: udp.payload(),
        }),
        Some(TransportSlice::Icmpv4(icmp)) => icmp_of(IcmpVersion::Four, icmp.slice()),
        Some(TransportSlice::Icmpv6(icmp)) => icmp_of(IcmpVersion::Six, icmp.slice()),
        Some(TransportSlice::Igmp(igmp)) => Transport::Igmp(igmp.slice()),
        None => Transport::Other,
    }
}

fn tcp_of<'a>(tcp: &TcpSlice<'a>) -> Tcp<'a> {
    let flags = [
        (tcp.fin(), TcpFlags::FIN),
        (tcp.syn(), TcpFlags::SYN),
        (tcp.rst(), TcpFlags::RST),
        (tcp.psh(), TcpFlags::PSH),
        (tcp.ack(), TcpFlags::ACK),
    ];
    Tcp {
        source: tcp.source_port(),
        destination: tcp.destination_port(),
        flags: flags
            .into_iter()
            .filter(|(set, _)| *set)
            .fold(TcpFlags::default(), |all, (_, flag)| all.with(flag)),
        window: tcp.window_size(),
        options_bytes: u8::try_from(tcp.options().len()).unwrap_or(u8::MAX),
        payload: tcp.payload(),
    }
}

fn icmp_of(version: IcmpVersion, message: &[u8]) -> Transport<'_> {
    match message {
        [kind, code, _, _, rest @ ..] => Transport::Icmp(Icmp {
            version,
            kind: *kind,
            code: *code,
            rest,
        }),
        _ => Transport::Other,
    }
}

#[cfg(test)]
mod tests;

//! The multicast groups in which devices announce themselves: joined, so that cards and switches let them through, and
//! read from sockets where there are no frames to read.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd as _;

use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, bind, setsockopt, socket, sockopt,
};
use protocol::heard::Missing;

use super::cards::Card;

/// mDNS (RFC 6762 §3), SSDP (UPnP Device Architecture 2.0 §1.1), LLMNR (RFC 4795 §2).
const GROUPS: [(Ipv4Addr, u16, Missing); 3] = [
    (Ipv4Addr::new(224, 0, 0, 251), 5353, Missing::Mdns),
    (Ipv4Addr::new(239, 255, 255, 250), 1900, Missing::Ssdp),
    (Ipv4Addr::new(224, 0, 0, 252), 5355, Missing::Llmnr),
];

#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Each socket with its port.
    pub(super) sockets: Vec<(UdpSocket, u16)>,
    pub(super) missing: Vec<Missing>,
    /// Nothing is read from it: it only keeps the memberships.
    _member: Option<UdpSocket>,
}

impl Groups {
    /// Only joins them: what they say is read from frames.
    pub(super) fn joined(cards: &[Card]) -> Self {
        let member = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok();
        if let Some(member) = &member {
            for (group, ..) in GROUPS {
                join(member, group, cards);
            }
        }
        Self {
            _member: member,
            ..Self::default()
        }
    }

    /// Joins and reads them.
    pub(super) fn read(cards: &[Card]) -> Self {
        let mut groups = Self::default();
        for (group, port, missing) in GROUPS {
            match shared(port) {
                Ok(socket) => {
                    join(&socket, group, cards);
                    groups.sockets.push((socket, port));
                }
                Err(_) => groups.missing.push(missing),
            }
        }
        groups
    }
}

/// An interface that lets nobody join is none on which anything is announced.
fn join(socket: &UdpSocket, group: Ipv4Addr, cards: &[Card]) {
    for subnet in cards.iter().flat_map(|card| &card.subnets) {
        socket.join_multicast_v4(&group, &subnet.own()).ok();
    }
}

/// A socket on a port that other programs of this host listen on as well.
fn shared(port: u16) -> io::Result<UdpSocket> {
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let socket = socket(AddressFamily::Inet, SockType::Datagram, flags, None)?;
    setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    setsockopt(&socket, sockopt::ReusePort, &true)?;
    bind(socket.as_raw_fd(), &SockaddrIn::new(0, 0, 0, 0, port))?;
    Ok(UdpSocket::from(socket))
}

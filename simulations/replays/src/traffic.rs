//! Made-up traffic: flows, as a kernel's table tells of them, and bare packets.

use std::net::{IpAddr, Ipv4Addr};

use hearing::flow::{Answer, Count, Endpoint, Flow, Key, NameOrigin, Nets, PeerName, protocol};
use hearing::frame::TcpFlags;
use hearing::moment::Moment;

/// A connection that was answered, and what it sent; a quarter as much came back.
#[derive(Debug, Clone)]
pub struct Made {
    pub from: (IpAddr, u16),
    pub to: (IpAddr, u16),
    pub protocol: u8,
    pub name: Option<String>,
    pub sent: u64,
    pub at: Moment,
}

impl Default for Made {
    fn default() -> Self {
        let nobody = (IpAddr::from([0, 0, 0, 0]), 0);
        Self {
            from: nobody,
            to: nobody,
            protocol: protocol::TCP,
            name: None,
            sent: 0,
            at: Moment::default(),
        }
    }
}

pub fn made(made: &Made) -> Flow {
    let end = |(address, port)| Endpoint { address, port };
    let count = |bytes: u64| Count {
        packets: 1 + bytes / 1_000,
        bytes,
    };
    Flow {
        key: Key {
            initiator: end(made.from),
            responder: end(made.to),
            protocol: made.protocol,
        },
        first: made.at,
        last: made.at,
        forward: count(made.sent),
        back: count(made.sent / 4),
        forward_flags: TcpFlags::SYN,
        back_flags: TcpFlags::SYN.with(TcpFlags::ACK),
        answer: Answer::Given,
        direction: Nets::private().direction(made.from.0, made.to.0),
        name: made.name.clone().map(|text| PeerName {
            text,
            origin: NameOrigin::Dns,
        }),
        mac: None,
    }
}

/// A bare IPv4 packet with a TCP segment without payload.
pub fn segment(
    source: impl Into<Ipv4Addr>,
    destination: impl Into<Ipv4Addr>,
    ports: (u16, u16),
    flags: u8,
) -> Vec<u8> {
    let mut bytes = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, protocol::TCP, 0, 0];
    bytes.extend(source.into().octets());
    bytes.extend(destination.into().octets());
    bytes.extend(ports.0.to_be_bytes());
    bytes.extend(ports.1.to_be_bytes());
    bytes.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    bytes
}

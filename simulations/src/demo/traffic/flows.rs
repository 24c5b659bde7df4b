//! Flows as a kernel's table would tell them.

use std::net::{IpAddr, Ipv4Addr};

use hearing::flow::{Answer, Count, Flow, NameOrigin, PeerName, protocol};
use hearing::frame::TcpFlags;
use hearing::moment::Moment;
use replays::traffic::{Made, made};

use super::habits::{Talk, Transport, With};

/// What a full packet carries.
const PACKET: u64 = 1_400;
/// Doors at which whoever was captured knocks.
const DOORS: u8 = 14;

/// One turn of a habit; `share` is how much of the usual amount, in percent.
pub fn of(device: IpAddr, talk: &Talk, begin_s: u64, share: u64) -> Flow {
    let (other, name) = match talk.with {
        With::Cloud(name) => (cloud(name), Some(name)),
        With::Neighbour(end) | With::AskedBy(end) => (beside(device, end), None),
    };
    let (sent, received) = (talk.sent * share / 100, talk.received * share / 100);
    let protocol = match talk.transport {
        Transport::Tcp => protocol::TCP,
        Transport::Udp => protocol::UDP,
    };
    let ends = match talk.with {
        With::AskedBy(_) => (other, device),
        _ => (device, other),
    };
    let bytes = match talk.with {
        With::AskedBy(_) => (received, sent),
        _ => (sent, received),
    };
    let flow = between(ends, (protocol, talk.port), begin_s, bytes);
    Flow {
        name: name.map(|name| PeerName {
            text: name.to_owned(),
            origin: NameOrigin::Dns,
        }),
        ..flow
    }
}

/// Telnet at the neighbours', one after the other; nobody answers.
pub fn knocks(device: IpAddr, at_s: u64) -> Vec<Flow> {
    let doors = (30..30 + DOORS).enumerate();
    let knock = |(number, end): (usize, u8)| {
        let flow = between(
            (device, beside(device, end)),
            (protocol::TCP, 23),
            at_s,
            (60, 0),
        );
        let at = Moment::from_millis(at_s * 1_000 + number as u64 * 120);
        Flow {
            first: at,
            last: at,
            back: Count::default(),
            back_flags: TcpFlags(0),
            answer: Answer::Nothing,
            ..flow
        }
    };
    doors.map(knock).collect()
}

/// Far more than a camera ever sends.
pub fn carried(device: IpAddr, to: IpAddr, at_s: u64) -> Flow {
    between(
        (device, to),
        (protocol::TCP, 8_443),
        at_s,
        (48_000_000, 90_000),
    )
}

fn between(
    (from, to): (IpAddr, IpAddr),
    (protocol, port): (u8, u16),
    at_s: u64,
    (forward, back): (u64, u64),
) -> Flow {
    let flow = made(&Made {
        from: (from, 40_000 + (at_s % 20_000) as u16),
        to: (to, port),
        protocol,
        sent: forward,
        at: Moment::from_secs(at_s),
        ..Made::default()
    });
    Flow {
        back: Count {
            packets: 1 + back / PACKET,
            bytes: back,
        },
        ..flow
    }
}

/// Another host of the same hall.
fn beside(device: IpAddr, end: u8) -> IpAddr {
    match device {
        IpAddr::V4(four) => {
            let [a, b, c, _] = four.octets();
            Ipv4Addr::new(a, b, c, end).into()
        }
        six @ IpAddr::V6(_) => six,
    }
}

/// An address of the documentation's own network for each name.
fn cloud(name: &str) -> IpAddr {
    let sum: u32 = name.bytes().map(u32::from).sum();
    Ipv4Addr::new(203, 0, 113, (sum % 250) as u8 + 1).into()
}

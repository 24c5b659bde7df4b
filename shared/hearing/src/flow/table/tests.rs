use std::net::Ipv4Addr;
use std::time::Duration;

use super::*;
use crate::flow::{Direction, protocol};
use crate::frame::{Icmp, IcmpVersion, Net, Tcp, Udp};
use crate::mac::Mac;

const DEVICE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 7);
const SERVER: Ipv4Addr = Ipv4Addr::new(93, 184, 216, 34);

fn at(secs: u64) -> Moment {
    Moment::from_secs(1_000 + secs)
}

fn flows() -> Flows {
    Flows::new(Nets::private())
}

fn tcp(from: (Ipv4Addr, u16), to: (Ipv4Addr, u16), flags: TcpFlags) -> Frame<'static> {
    packet(
        from.0,
        to.0,
        protocol::TCP,
        Transport::Tcp(Tcp {
            source: from.1,
            destination: to.1,
            flags,
            window: 0,
            options_bytes: 0,
            payload: b"",
        }),
    )
}

fn packet(
    source: Ipv4Addr,
    destination: Ipv4Addr,
    protocol: u8,
    transport: Transport<'_>,
) -> Frame<'_> {
    Frame {
        source: Some(Mac([0, 0, 1, 0, 0, 1])),
        destination: None,
        vlan: None,
        net: Net::Ip(Ip {
            source: source.into(),
            destination: destination.into(),
            hops_left: 64,
            protocol,
            transport,
        }),
        wire_bytes: 60,
    }
}

#[test]
fn of_a_connection_that_was_joined_midway_the_greater_port_has_asked() {
    let mut flows = flows();
    let ack = TcpFlags::ACK.with(TcpFlags::FIN);
    let frame = tcp((SERVER, 3478), (DEVICE, 4990), ack);
    let changes = flows.hear(at(0), &frame);
    let [Change::Opened(flow), Change::Answered(_)] = &changes[..] else {
        panic!("{changes:?}")
    };
    assert_eq!(flow.key.initiator.address, IpAddr::V4(DEVICE));
    assert!(flow.is_joined());
    let opened = tcp((DEVICE, 80), (SERVER, 5000), TcpFlags::SYN);
    let changes = flows.hear(at(1), &opened);
    let [Change::Opened(flow)] = &changes[..] else {
        panic!("{changes:?}")
    };
    assert_eq!(flow.key.initiator.port, 80, "who asks is known by the SYN");
    assert!(!flow.is_joined());
}

fn accepts() -> TcpFlags {
    TcpFlags::SYN.with(TcpFlags::ACK)
}

#[test]
fn a_connection_is_told_when_it_opens_is_answered_and_closes() {
    let mut flows = flows();
    let (here, there) = ((DEVICE, 40_000), (SERVER, 443));
    let opened = flows.hear(at(0), &tcp(here, there, TcpFlags::SYN));
    assert!(matches!(&opened[..], [Change::Opened(flow)] if flow.direction == Direction::Out));
    let answered = flows.hear(at(0), &tcp(there, here, accepts()));
    assert!(matches!(&answered[..], [Change::Answered(flow)] if flow.answer == Answer::Given));
    let fin = TcpFlags::FIN.with(TcpFlags::ACK);
    flows.hear(at(0), &tcp(here, there, fin));
    assert_eq!(flows.hear(at(0), &tcp(there, here, fin)), []);
    assert_eq!(flows.hear(at(0), &tcp(here, there, TcpFlags::ACK)), []);
    let ended = flows.tick(at(1));
    let [Change::Ended(flow, End::Closed)] = &ended[..] else {
        panic!("{ended:?}")
    };
    assert_eq!((flow.forward.packets, flow.back.packets), (3, 2));
    assert_eq!(flow.forward.bytes, 180);
    assert!(flows.is_empty());
}

#[test]
fn an_answer_that_is_heard_first_shows_who_began() {
    let mut flows = flows();
    let opened = flows.hear(at(0), &tcp((SERVER, 443), (DEVICE, 40_000), accepts()));
    let Some(Change::Opened(flow)) = opened.first() else {
        panic!("{opened:?}")
    };
    assert_eq!(flow.key.responder.port, 443);
    assert_eq!(flow.direction, Direction::Out);
}

#[test]
fn a_reset_is_a_refusal_and_the_end() {
    let mut flows = flows();
    flows.hear(at(0), &tcp((DEVICE, 1), (SERVER, 23), TcpFlags::SYN));
    let reset = tcp((SERVER, 23), (DEVICE, 1), TcpFlags::RST);
    let changes = flows.hear(at(0), &reset);
    assert!(matches!(&changes[..], [Change::Answered(flow)] if flow.answer == Answer::Refused));
    let again = flows.hear(at(0), &tcp((DEVICE, 1), (SERVER, 23), TcpFlags::SYN));
    assert!(matches!(
        &again[..],
        [Change::Ended(_, End::Closed), Change::Opened(_)]
    ));
}

#[test]
fn silence_ends_a_flow_and_length_parts_it() {
    let mut flows = flows();
    flows.hear(at(0), &tcp((DEVICE, 1), (SERVER, 23), TcpFlags::SYN));
    assert_eq!(flows.next_deadline(), Some(at(1)));
    assert_eq!(flows.tick(at(59)), []);
    let changes = flows.tick(at(60));
    assert!(
        matches!(&changes[..], [Change::Ended(flow, End::Idle)] if flow.answer == Answer::Nothing)
    );
    assert_eq!(flows.next_deadline(), None);
    let mut parts = 0;
    for secs in (100..1_000).step_by(30) {
        let changes = flows.hear(at(secs), &tcp((DEVICE, 1), (SERVER, 23), TcpFlags::ACK));
        parts += changes
            .iter()
            .filter(|change| matches!(change, Change::Ended(_, End::Active)))
            .count();
    }
    assert_eq!(parts, 2);
}

#[test]
fn peers_have_the_names_that_dns_gave() {
    let mut flows = flows();
    let mut answer = vec![0, 1, 0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0];
    answer.extend(b"\x03api\x07example\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04");
    answer.extend(SERVER.octets());
    let udp = Udp {
        source: 53,
        destination: 5_000,
        payload: &answer,
    };
    let router = Ipv4Addr::new(10, 0, 0, 1);
    flows.hear(
        at(0),
        &packet(router, DEVICE, protocol::UDP, Transport::Udp(udp)),
    );
    let opened = flows.hear(at(1), &tcp((DEVICE, 1), (SERVER, 443), TcpFlags::SYN));
    let Some(Change::Opened(flow)) = opened.first() else {
        panic!("{opened:?}")
    };
    assert_eq!(
        flow.name.as_ref().map(|name| name.text.as_str()),
        Some("api.example")
    );
}

#[test]
fn a_flood_stays_within_its_bound_and_spares_what_lasts() {
    let mut flows = flows();
    let (here, there) = ((DEVICE, 40_000), (SERVER, 443));
    flows.hear(at(0), &tcp(here, there, TcpFlags::SYN));
    flows.hear(at(0), &tcp(there, here, accepts()));
    flows.hear(at(3), &tcp(here, there, TcpFlags::ACK));
    let mut crowded = 0;
    for number in 0..100_000u32 {
        let now = at(4).after(Duration::from_micros(u64::from(number) * 10));
        let victim = Ipv4Addr::from_bits(0x0a01_0000 | number);
        let changes = flows.hear(now, &tcp((LIAR, 1), (victim, 23), TcpFlags::SYN));
        assert!(changes.len() <= 3);
        crowded += changes
            .iter()
            .filter(|change| matches!(change, Change::Ended(_, End::Crowded)))
            .count();
    }
    assert_eq!(flows.len(), FRESH_FLOWS + 1);
    assert_eq!(crowded, 100_000 - FRESH_FLOWS);
    assert!(
        flows.order.len() <= FRESH_FLOWS + 2,
        "{}",
        flows.order.len()
    );
    let fin = TcpFlags::FIN.with(TcpFlags::ACK);
    flows.hear(at(6), &tcp(here, there, fin));
    flows.hear(at(6), &tcp(there, here, fin));
    let ended = flows.tick(at(7));
    assert!(matches!(&ended[..], [Change::Ended(flow, End::Closed)] if flow.first == at(0)));
}

const LIAR: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 66);

/// Each neighbour that was looked for with IPv6 was somebody new whom the device spoke with.
#[test]
fn how_a_network_is_kept_is_no_flow_and_an_echo_is() {
    let kinds = [
        (IcmpVersion::Four, 8, 1),
        (IcmpVersion::Four, 3, 0),
        (IcmpVersion::Four, 9, 0),
        (IcmpVersion::Six, 128, 1),
        (IcmpVersion::Six, 1, 0),
        (IcmpVersion::Six, 135, 0),
        (IcmpVersion::Six, 136, 0),
        (IcmpVersion::Six, 143, 0),
    ];
    for (version, kind, expected) in kinds {
        let mut flows = flows();
        let number = match version {
            IcmpVersion::Four => protocol::ICMP,
            IcmpVersion::Six => protocol::ICMP6,
        };
        let icmp = Icmp {
            version,
            kind,
            code: 0,
            rest: b"",
        };
        let frame = packet(DEVICE, SERVER, number, Transport::Icmp(icmp));
        flows.hear(at(0), &frame);
        assert_eq!(flows.len(), expected, "{version:?} {kind}");
    }
}

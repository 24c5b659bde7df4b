use std::net::Ipv4Addr;
use std::time::Duration;

use etherparse::PacketBuilder;

use super::*;
use crate::capture::Link;
use crate::class::Class;
use crate::frame::{Arp, ArpOperation, Net};
use crate::limits::{KNOWN_DEVICES, STRANGERS};

const CAMERA: Mac = Mac([0xb8, 0xa4, 0x4f, 1, 2, 3]);
const ROUTER: Mac = Mac([0x24, 0xa4, 0x3c, 0, 0, 1]);
const LIAR: Mac = Mac([0x02, 0, 0, 0, 0, 0x66]);
const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

fn segment() -> Segment {
    Segment::new(Vendors::well_known())
}

fn at(secs: u64) -> Moment {
    Moment::from_secs(1_000 + secs)
}

fn arp(mac: Mac, address: Ipv4Addr) -> Frame<'static> {
    Frame {
        source: Some(mac),
        destination: Some(Mac::BROADCAST),
        vlan: None,
        net: Net::Arp(Arp {
            operation: ArpOperation::Reply,
            sender: mac,
            sender_address: address,
            target: Mac::ZERO,
            target_address: address,
        }),
        wire_bytes: 60,
    }
}

fn udp(mac: Mac, from: ([u8; 4], u16), to: ([u8; 4], u16), payload: &[u8]) -> Vec<u8> {
    let builder = PacketBuilder::ethernet2(mac.0, Mac::BROADCAST.0)
        .ipv4(from.0, to.0, 1)
        .udp(from.1, to.1);
    let mut bytes = Vec::new();
    builder.write(&mut bytes, payload).expect("memory takes it");
    bytes
}

fn hear(segment: &mut Segment, now: Moment, bytes: &[u8]) -> Vec<Event> {
    let frame = Frame::read(Link::Ethernet, bytes).expect("it is a frame");
    segment.hear(now, 0, &frame)
}

fn dhcp_request(mac: Mac, options: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 236];
    bytes[..3].copy_from_slice(&[1, 1, 6]);
    bytes[28..34].copy_from_slice(&mac.0);
    bytes.extend([0x63, 0x82, 0x53, 0x63]);
    bytes.extend(options);
    bytes
}

#[test]
fn a_camera_is_heard_named_and_classed_with_reasons() {
    let mut segment = segment();
    let request = dhcp_request(CAMERA, b"\x35\x01\x03\x0c\x0baxis-camera\x3c\x04axis\xff");
    let bytes = udp(CAMERA, ([0; 4], 68), ([255; 4], 67), &request);
    assert_eq!(
        hear(&mut segment, at(0), &bytes),
        [Event::NewDevice(CAMERA)]
    );
    assert_eq!(
        segment.hear(at(1), 0, &arp(CAMERA, Ipv4Addr::new(10, 0, 0, 7))),
        []
    );
    let search =
        b"NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\nSERVER: Linux UPnP/1.0 NetworkCamera/2\r\n\r\n";
    let bytes = udp(
        CAMERA,
        ([10, 0, 0, 7], 1900),
        ([239, 255, 255, 250], 1900),
        search,
    );
    assert_eq!(hear(&mut segment, at(2), &bytes), []);
    let heard = segment.neighbour(CAMERA).expect("it was heard");
    assert_eq!(heard.best_name(), Some("axis-camera"));
    assert_eq!(heard.vendor.as_deref(), Some("Axis Communications"));
    let guess = heard.class();
    assert_eq!((guess.class, guess.confidence), (Class::Camera, 100));
    assert_eq!(guess.reasons.len(), 4, "{guess:?}");
    assert_eq!(heard.sighting.last, at(2));
    assert!(heard.ways.contains(&Way::Dhcp) && heard.ways.contains(&Way::Ssdp));
}

#[test]
fn a_service_over_mdns_names_its_device() {
    let mut segment = segment();
    let mut answer = vec![0, 0, 0x84, 0, 0, 0, 0, 2, 0, 0, 0, 0];
    answer.extend(b"\x03Lab\x04_ipp\x04_tcp\x05local\0\0\x21\0\x01\0\0\0\x78\0\x0c\0\0\0\0\x02\x77\x03prt\xc0\x1a");
    answer.extend(b"\x03prt\x05local\0\0\x01\0\x01\0\0\0\x78\0\x04\x0a\0\0\x09");
    let bytes = udp(
        CAMERA,
        ([10, 0, 0, 9], 5353),
        ([224, 0, 0, 251], 5353),
        &answer,
    );
    hear(&mut segment, at(0), &bytes);
    let heard = segment.neighbour(CAMERA).expect("it was heard");
    assert_eq!(heard.class().class, Class::Printer);
    assert_eq!(heard.best_name(), Some("Lab"));
    assert!(heard.names.iter().any(|name| name.text == "prt.local"));
    assert!(heard.ports.contains_key(&631));
}

#[test]
fn a_datagram_is_placed_by_what_the_neighbour_table_says() {
    let mut segment = segment();
    let from = (IpAddr::from([10, 0, 0, 9]), 1900);
    let alive = b"NOTIFY * HTTP/1.1\r\nNT: urn:x:device:InternetGatewayDevice:1\r\n\r\n";
    assert_eq!(segment.hear_datagram(at(0), from, 1900, alive), []);
    assert_eq!(segment.neighbours().count(), 0);
    segment.hear_neighbour(at(1), 2, ROUTER, from.0);
    segment.hear_datagram(at(2), from, 1900, alive);
    let heard = segment.neighbour(ROUTER).expect("it was heard");
    assert_eq!(heard.class().class, Class::Gateway);
}

#[test]
fn an_address_that_two_claim_at_once_is_said_once_and_stays_with_the_first() {
    let mut segment = segment();
    segment.hear(at(0), 0, &arp(ROUTER, GATEWAY));
    let events = segment.hear(at(5), 0, &arp(LIAR, GATEWAY));
    let twice = Event::ClaimedTwice {
        address: GATEWAY.into(),
        first: ROUTER,
        second: LIAR,
    };
    assert_eq!(events, [Event::NewDevice(LIAR), twice]);
    for second in 6..50 {
        assert_eq!(segment.hear(at(second), 0, &arp(LIAR, GATEWAY)), []);
        assert_eq!(segment.hear(at(second), 0, &arp(ROUTER, GATEWAY)), []);
    }
    assert_eq!(segment.holder(GATEWAY.into()), Some(ROUTER));
}

#[test]
fn an_address_that_fell_silent_moves() {
    let mut segment = segment();
    segment.hear(at(0), 0, &arp(ROUTER, GATEWAY));
    let events = segment.hear(at(61), 0, &arp(CAMERA, GATEWAY));
    let moved = Event::AddressMoved {
        address: GATEWAY.into(),
        from: ROUTER,
        to: CAMERA,
    };
    assert_eq!(events, [Event::NewDevice(CAMERA), moved]);
}

#[test]
fn a_device_that_turns_up_on_another_vlan_has_moved() {
    let mut segment = segment();
    segment.hear(at(0), 0, &arp(CAMERA, GATEWAY));
    let elsewhere = Frame {
        vlan: Some(7),
        ..arp(CAMERA, GATEWAY)
    };
    let place = |vlan| Place { interface: 0, vlan };
    let moved = Event::DeviceMoved {
        mac: CAMERA,
        from: place(None),
        to: place(Some(7)),
    };
    assert_eq!(segment.hear(at(1), 0, &elsewhere), [moved]);
}

#[test]
fn a_second_dhcp_server_is_an_event() {
    let mut segment = segment();
    let offer = dhcp_request(CAMERA, b"\x35\x01\x02\x36\x04\x0a\x00\x00\x01\xff");
    for (mac, events) in [(ROUTER, 2), (ROUTER, 0), (LIAR, 2)] {
        let bytes = udp(mac, ([10, 0, 0, 1], 67), ([255; 4], 68), &offer);
        let heard = hear(&mut segment, at(0), &bytes);
        assert_eq!(heard.len(), events, "{heard:?}");
        assert!(
            events == 0
                || matches!(heard[1], Event::NewDhcpServer { mac: server, address: Some(GATEWAY) } if server == mac)
        );
    }
}

#[test]
fn what_a_router_passes_on_says_nothing_about_the_router() {
    let mut segment = segment();
    let builder = PacketBuilder::ethernet2(ROUTER.0, CAMERA.0)
        .ipv4([93, 184, 216, 34], [10, 0, 0, 7], 60)
        .tcp(502, 40_000, 1, 1)
        .syn()
        .ack(1);
    let mut bytes = Vec::new();
    builder.write(&mut bytes, b"").expect("memory takes it");
    hear(&mut segment, at(0), &bytes);
    let heard = segment.neighbour(ROUTER).expect("it was heard");
    assert!(heard.ports.is_empty() && heard.addresses.is_empty());
}

#[test]
fn a_flood_of_invented_addresses_pushes_out_nobody_known() {
    let mut segment = segment();
    segment.hear(at(0), 0, &arp(CAMERA, Ipv4Addr::new(10, 0, 0, 7)));
    segment.hear(at(20), 0, &arp(CAMERA, Ipv4Addr::new(10, 0, 0, 7)));
    let mut told = 0;
    for number in 0..20_000u32 {
        let [_, a, b, c] = number.to_be_bytes();
        let mac = Mac([0x02, 0, 1, a, b, c]);
        let address = Ipv4Addr::new(10, 1 + a, b, c);
        told += segment.hear(at(30), 0, &arp(mac, address)).len();
    }
    assert!(told as u32 <= EVENTS_PER_WINDOW, "{told}");
    assert_eq!(segment.neighbours().count(), STRANGERS + 1);
    let camera = segment.neighbour(CAMERA).expect("it is known");
    assert_eq!(camera.sighting.first, at(0));
    let events = segment.hear(at(60), 0, &arp(CAMERA, Ipv4Addr::new(10, 0, 0, 7)));
    assert!(
        matches!(events[..], [Event::Unsaid { events: 19_936.. }]),
        "{events:?}"
    );
}

#[test]
fn when_all_places_are_taken_only_the_long_silent_give_theirs() {
    let mut segment = segment();
    for number in 0..=KNOWN_DEVICES as u32 {
        let [_, a, b, c] = number.to_be_bytes();
        let mac = Mac([0, 0, 1, a, b, c]);
        let now = at(u64::from(number) * 20);
        for later in [0, 15] {
            segment.hear(now.after(Duration::from_secs(later)), 0, &arp(mac, GATEWAY));
        }
    }
    let last = Mac([0, 0, 1, 0, 8, 0]);
    assert!(segment.neighbour(last).is_some());
    assert!(segment.neighbour(Mac([0, 0, 1, 0, 0, 0])).is_some());
    assert_eq!(segment.neighbours().count(), KNOWN_DEVICES + 1);
    segment.hear(at(40 * 24 * 3600), 0, &arp(last, GATEWAY));
    assert!(segment.neighbour(Mac([0, 0, 1, 0, 0, 0])).is_none());
    assert_eq!(segment.neighbours().count(), KNOWN_DEVICES);
}

use etherparse::PacketBuilder;
use proptest::prelude::*;

use super::*;

const CAMERA: [u8; 6] = [0xb8, 0xa4, 0x4f, 1, 2, 3];
const ROUTER: [u8; 6] = [0x02, 0, 0, 0, 0, 1];

fn syn(builder: etherparse::PacketBuilderStep<etherparse::IpHeaders>) -> Vec<u8> {
    let builder = builder.tcp(40_000, 502, 7, 64_240).syn();
    let mut bytes = Vec::new();
    builder.write(&mut bytes, b"").expect("memory takes it");
    bytes
}

fn on_ethernet() -> Vec<u8> {
    syn(PacketBuilder::ethernet2(CAMERA, ROUTER).ipv4([10, 0, 0, 7], [10, 0, 0, 1], 64))
}

#[test]
fn a_segment_on_ethernet_names_both_ends() {
    let bytes = on_ethernet();
    let frame = Frame::read(Link::Ethernet, &bytes).expect("it is a frame");
    assert_eq!(frame.source, Some(Mac(CAMERA)));
    assert_eq!(frame.destination, Some(Mac(ROUTER)));
    let ip = frame.as_ip().expect("it is IP");
    assert_eq!(ip.source, IpAddr::from([10, 0, 0, 7]));
    let Transport::Tcp(tcp) = ip.transport else {
        panic!("it is TCP")
    };
    assert_eq!((tcp.source, tcp.destination), (40_000, 502));
    assert!(tcp.flags.opens() && !tcp.flags.accepts());
}

#[test]
fn vlans_are_seen_and_looked_through() {
    let builder = PacketBuilder::ethernet2(CAMERA, ROUTER)
        .double_vlan(
            7u16.try_into().expect("twelve bits"),
            9u16.try_into().expect("twelve bits"),
        )
        .ipv6([0xfd; 16], [0xfe; 16], 3)
        .udp(1, 2);
    let mut bytes = Vec::new();
    builder.write(&mut bytes, b"abc").expect("memory takes it");
    let frame = Frame::read(Link::Ethernet, &bytes).expect("it is a frame");
    assert_eq!(frame.vlan, Some(7));
    let ip = frame.as_ip().expect("it is IP");
    assert!(matches!(ip.transport, Transport::Udp(udp) if udp.payload == b"abc"));
}

#[test]
fn a_cooked_capture_keeps_the_sender_and_loses_the_receiver() {
    let ip = &on_ethernet()[14..];
    let first = [&[0, 0, 0, 1, 0, 6][..], &CAMERA, &[0, 0, 0x08, 0x00], ip].concat();
    let second = [
        &[0x08, 0x00, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6][..],
        &CAMERA,
        &[0, 0],
        ip,
    ]
    .concat();
    for (link, bytes) in [(Link::Cooked, first), (Link::Cooked2, second)] {
        let frame = Frame::read(link, &bytes).expect("it is a frame");
        assert_eq!(frame.source, Some(Mac(CAMERA)), "{link:?}");
        assert_eq!(frame.destination, None);
        assert!(matches!(
            frame.as_ip().map(|ip| &ip.transport),
            Some(Transport::Tcp(_))
        ));
    }
}

#[test]
fn bare_ip_has_no_hardware_address() {
    let bytes = on_ethernet();
    let frame = Frame::read(Link::RawIp, &bytes[14..]).expect("it is a frame");
    assert_eq!(frame.device(), None);
    assert!(frame.as_ip().is_some());
    let looped = [&[2, 0, 0, 0], &bytes[14..]].concat();
    let frame = Frame::read(Link::Loopback, &looped).expect("it is a frame");
    assert!(frame.as_ip().is_some());
}

#[test]
fn an_arp_request_is_read_field_by_field() {
    let mut bytes = [&[0xff; 6][..], &CAMERA, &[0x08, 0x06]].concat();
    bytes.extend([0, 1, 8, 0, 6, 4, 0, 1]);
    bytes.extend(CAMERA);
    bytes.extend([10, 0, 0, 7]);
    bytes.extend([0; 6]);
    bytes.extend([10, 0, 0, 1]);
    let frame = Frame::read(Link::Ethernet, &bytes).expect("it is a frame");
    let Net::Arp(arp) = frame.net else {
        panic!("it is ARP")
    };
    assert_eq!(arp.operation, ArpOperation::Request);
    assert_eq!(arp.sender, Mac(CAMERA));
    assert_eq!(arp.sender_address, Ipv4Addr::new(10, 0, 0, 7));
    assert_eq!(arp.target_address, Ipv4Addr::new(10, 0, 0, 1));
}

#[test]
fn headers_that_are_cut_off_leave_what_came_before() {
    let bytes = on_ethernet();
    let frame = Frame::read(Link::Ethernet, &bytes[..36]).expect("it is a frame");
    let ip = frame.as_ip().expect("the IP header is whole");
    assert_eq!(ip.protocol, 6);
    assert_eq!(ip.transport, Transport::Other);
    assert_eq!(
        Frame::read(Link::Ethernet, &bytes[..13]),
        Err(FrameError::TooShort(13))
    );
}

proptest! {
    #[test]
    fn no_bytes_break_it(link in 0u8..6, bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let link = [Link::Ethernet, Link::Cooked, Link::Cooked2, Link::RawIp, Link::Loopback, Link::Other(9)][link as usize];
        let _any = Frame::read(link, &bytes);
    }

    #[test]
    fn no_change_of_a_good_frame_breaks_it(at in 0usize..54, to in any::<u8>(), keep in 0usize..=54) {
        let mut bytes = on_ethernet();
        bytes[at] = to;
        let _any = Frame::read(Link::Ethernet, &bytes[..keep]);
    }
}

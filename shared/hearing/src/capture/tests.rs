use proptest::prelude::*;

use super::*;

/// A number in the order of the file.
fn word(big: bool, value: u32) -> [u8; 4] {
    match big {
        true => value.to_be_bytes(),
        false => value.to_le_bytes(),
    }
}

fn pcap(magic: u32, big: bool, link: u32) -> Vec<u8> {
    let word = |value| word(big, value);
    let half = |value: u16| {
        if big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let mut file = word(magic).to_vec();
    file.extend(half(2));
    file.extend(half(4));
    file.extend([0; 8]);
    file.extend(word(65_535));
    file.extend(word(link));
    for (secs, part, data) in [(10, 500, &b"abc"[..]), (11, 999_999, b"defgh")] {
        file.extend(word(secs));
        file.extend(word(part));
        file.extend(word(data.len() as u32));
        file.extend(word(60));
        file.extend(data);
    }
    file
}

fn block(big: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let word = |value| word(big, value);
    let padded = body.len().div_ceil(4) * 4;
    let length = word(padded as u32 + 12);
    let mut block = [&word(kind)[..], &length, body].concat();
    block.resize(8 + padded, 0);
    block.extend(length);
    block
}

/// A section with two interfaces, one in milliseconds with an offset and one in 2^-10 seconds.
fn pcapng(big: bool) -> Vec<u8> {
    let word = |value| word(big, value);
    let half = |value: u16| {
        if big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let long = |value: u64| {
        if big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let section = [&word(0x1a2b_3c4d)[..], &half(1), &half(0), &[0xff; 8]].concat();
    let millis = [
        &half(1)[..],
        &half(0),
        &word(0),
        &half(9),
        &half(1),
        &[3, 0, 0, 0],
        &half(14),
        &half(8),
        &long(100),
        &half(0),
        &half(0),
    ]
    .concat();
    let binary = [
        &half(101)[..],
        &half(0),
        &word(0),
        &half(9),
        &half(1),
        &[0x80 | 10, 0, 0, 0],
        &half(0),
        &half(0),
    ]
    .concat();
    let packet = |interface: u32, ticks: u32, data: &[u8]| {
        let head = [
            word(interface),
            word(0),
            word(ticks),
            word(data.len() as u32),
            word(60),
        ]
        .concat();
        block(big, 6, &[&head, data].concat())
    };
    [
        block(big, 0x0a0d_0d0a, &section),
        block(big, 1, &millis),
        block(big, 1, &binary),
        packet(0, 1_500, b"abc"),
        packet(1, 1_536, b"defgh"),
        block(big, 0x0bad, b"whatever"),
        block(big, 3, &[&word(4)[..], b"wxyz"].concat()),
    ]
    .concat()
}

fn packets(file: &[u8]) -> Vec<Packet<'_>> {
    let capture = Capture::open(file).expect("it is a capture");
    capture.map(|packet| packet.expect("it is sound")).collect()
}

#[test]
fn all_four_forms_of_pcap_say_the_same() {
    for (magic, big) in [
        (0xa1b2_c3d4, false),
        (0xa1b2_c3d4, true),
        (0xa1b2_3c4d, false),
        (0xa1b2_3c4d, true),
    ] {
        let file = pcap(magic, big, 113);
        let packets = packets(&file);
        assert_eq!(packets.len(), 2, "{magic:x} {big}");
        let part = if magic == 0xa1b2_3c4d { 0 } else { 500 };
        assert_eq!(packets[0].at, Moment::from_micros(10_000_000 + part));
        assert_eq!(packets[0].bytes, b"abc");
        assert_eq!(packets[1].bytes, b"defgh");
        assert_eq!(packets[1].wire_bytes, 60);
        assert_eq!(packets[1].link, Link::Cooked);
    }
}

#[test]
fn pcapng_of_either_order_keeps_units_offsets_and_links() {
    for big in [false, true] {
        let file = pcapng(big);
        let packets = packets(&file);
        assert_eq!(packets.len(), 3, "{big}");
        assert_eq!(packets[0].at, Moment::from_millis(101_500), "{big}");
        assert_eq!(
            (packets[0].link, packets[0].bytes),
            (Link::Ethernet, &b"abc"[..])
        );
        assert_eq!(packets[1].at, Moment::from_millis(1_500));
        assert_eq!(
            (packets[1].link, packets[1].bytes),
            (Link::RawIp, &b"defgh"[..])
        );
        assert_eq!(packets[2].bytes, b"wxyz");
    }
}

#[test]
fn a_file_that_was_cut_off_gives_what_it_has_and_says_so() {
    let file = pcap(0xa1b2_c3d4, false, 1);
    let mut capture = Capture::open(&file[..file.len() - 2]).expect("it is a capture");
    assert!(matches!(capture.next(), Some(Ok(_))));
    assert_eq!(capture.next(), Some(Err(CaptureError::CutOff(19))));
    assert_eq!(capture.next(), None);
    let file = pcapng(true);
    let packets: Vec<_> = Capture::open(&file[..file.len() - 2])
        .expect("it is a capture")
        .collect();
    assert!(
        matches!(packets.last(), Some(Err(CaptureError::CutOff(_)))),
        "{packets:?}"
    );
}

#[test]
fn what_is_no_capture_is_refused() {
    for file in [
        &b""[..],
        b"PK\x03\x04 and so on and so on and on",
        b"\n\r\r",
    ] {
        assert_eq!(
            Capture::open(file).map(|_| ()),
            Err(CaptureError::NoCapture)
        );
    }
}

#[test]
fn a_packet_of_an_interface_that_nobody_described_is_refused() {
    let mut file = block(
        false,
        0x0a0d_0d0a,
        &[
            &0x1a2b_3c4d_u32.to_le_bytes()[..],
            &[1, 0, 0, 0],
            &[0xff; 8],
        ]
        .concat(),
    );
    file.extend(block(
        false,
        6,
        &[[5, 0, 0, 0], [0; 4], [0; 4], [0; 4], [0; 4]].concat(),
    ));
    let packets: Vec<_> = Capture::open(&file).expect("it is a capture").collect();
    assert_eq!(packets, [Err(CaptureError::UnknownInterface(5))]);
}

proptest! {
    #[test]
    fn no_bytes_break_it(form in 0u8..4, at in 0usize..300, to in any::<u8>(), tail in proptest::collection::vec(any::<u8>(), 0..64)) {
        let mut file = match form {
            0 => pcap(0xa1b2_c3d4, false, 1),
            1 => pcapng(false),
            2 => pcapng(true),
            _ => vec![0x0a, 0x0d, 0x0d, 0x0a],
        };
        let at = at % file.len();
        file[at] = to;
        file.extend(tail);
        if let Ok(capture) = Capture::open(&file) {
            prop_assert!(capture.take(file.len()).count() < file.len());
        }
    }
}

/// Story: a block of a rare kind said that it is four bytes long, and the library subtracted twelve from that.
#[test]
fn a_block_that_is_shorter_than_its_own_frame_is_damage() {
    for kind in [1_u32, 3, 4, 5, 6, 9, 10, 0x8000_0001, 0xffff_0000] {
        for length in [0_u32, 4, 8, 11] {
            for big in [false, true] {
                let word = |value| word(big, value);
                let head = [&word(0x1a2b_3c4d)[..], &word(0), &[0xff; 8]].concat();
                let mut file = block(big, 0x0a0d_0d0a, &head);
                file.extend(word(kind));
                file.extend(word(length));
                file.extend([0; 40]);
                let capture = Capture::open(&file).expect("its head is whole");
                let read: Vec<_> = capture.collect();
                assert!(
                    matches!(read[..], [Err(CaptureError::Damaged)]),
                    "{kind} {length} {big}"
                );
            }
        }
    }
}

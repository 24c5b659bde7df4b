use proptest::prelude::*;

use super::*;

/// An mDNS answer: a printer's service, where it is, what it says of itself, and its address.
fn announcement() -> Vec<u8> {
    let mut bytes = vec![0, 0, 0x84, 0, 0, 0, 0, 4, 0, 0, 0, 0];
    // 12: _ipp._tcp.local
    bytes.extend(b"\x04_ipp\x04_tcp\x05local\0");
    bytes.extend([0, 12, 0x80, 1, 0, 0, 0x11, 0x94, 0, 10]);
    // 39: Lab. 2 _ipp...
    let instance = bytes.len();
    bytes.extend(b"\x07Lab. 2a");
    bytes.extend([0xc0, 12]);
    bytes.extend([
        0xc0,
        instance as u8,
        0,
        33,
        0x80,
        1,
        0,
        0,
        0,
        120,
        0,
        12,
        0,
        0,
        0,
        0,
        0x02,
        0x77,
    ]);
    let host = bytes.len();
    bytes.extend(b"\x03prt");
    bytes.extend([0xc0, 22]);
    bytes.extend([0xc0, instance as u8, 0, 16, 0x80, 1, 0, 0, 0, 120, 0, 7]);
    bytes.extend(b"\x06ty=MFP");
    bytes.extend([
        0xc0, host as u8, 0, 1, 0x80, 1, 0, 0, 0, 120, 0, 4, 10, 0, 0, 9,
    ]);
    bytes
}

fn message(questions: u16, body: &[u8]) -> Vec<u8> {
    [&[0, 7, 1, 0][..], &questions.to_be_bytes(), &[0; 6], body].concat()
}

#[test]
fn an_announcement_gives_service_host_text_and_address() {
    let read = Message::read(&announcement()).expect("it is sound");
    assert_eq!(read.direction, Direction::Response);
    let data: Vec<_> = read
        .records
        .iter()
        .map(|record| record.data.clone())
        .collect();
    assert_eq!(
        data,
        [
            Data::Name(r"Lab\. 2a._ipp._tcp.local".into()),
            Data::Service {
                port: 631,
                host: "prt.local".into()
            },
            Data::Text(vec!["ty=MFP".into()]),
            Data::Address([10, 0, 0, 9].into()),
        ]
    );
    assert_eq!(read.records[0].name, "_ipp._tcp.local");
    assert_eq!(read.records[0].ttl_secs, 4500);
}

#[test]
fn a_question_is_read_with_its_kind() {
    let read = Message::read(&message(1, b"\x03api\x04yeti\x07example\0\0\x1c\0\x01"));
    let read = read.expect("it is sound");
    assert_eq!(read.direction, Direction::Query);
    assert_eq!(
        read.questions,
        [Question {
            name: "api.yeti.example".into(),
            kind: kind::AAAA
        }]
    );
}

#[test]
fn pointers_that_lead_nowhere_or_round_are_refused() {
    for body in [
        // At itself, at each other, forward, and into its own labels.
        &[0xc0, 12, 0, 1, 0, 1][..],
        &[0xc0, 14, 0xc0, 12, 0, 1, 0, 1],
        &[0xc0, 40, 0, 1, 0, 1],
        &[1, b'a', 0xc0, 12, 0, 1, 0, 1],
        &[0x80, 1, 0, 1, 0, 1],
    ] {
        assert_eq!(
            Message::read(&message(1, body)),
            Err(DnsError::Name),
            "{body:?}"
        );
    }
    assert_eq!(
        Message::read(&message(1, &[5, b'a'])),
        Err(DnsError::CutOff("name"))
    );
    assert_eq!(
        Message::read(&message(1, &[0, 0])),
        Err(DnsError::CutOff("question"))
    );
    assert_eq!(Message::read(&[0; 11]), Err(DnsError::CutOff("header")));
}

#[test]
fn a_name_of_more_than_255_bytes_is_refused() {
    let long = [b"\x3f".as_slice(), &[b'a'; 63]].concat().repeat(4);
    let body = [&long[..], &[0, 0, 1, 0, 1]].concat();
    assert_eq!(Message::read(&message(1, &body)), Err(DnsError::Name));
}

#[test]
fn counts_that_promise_more_than_comes_are_refused_without_memory() {
    let bytes = [
        [0, 7, 0x80, 0],
        [0, 0, 0xff, 0xff],
        [0xff, 0xff, 0xff, 0xff],
    ]
    .concat();
    assert_eq!(Message::read(&bytes), Err(DnsError::CutOff("name")));
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _any = Message::read(&bytes);
    }

    #[test]
    fn no_change_breaks_it(at in 0usize..140, to in any::<u8>(), keep in 0usize..140) {
        let mut bytes = announcement();
        let at = at % bytes.len();
        bytes[at] = to;
        bytes.truncate(keep);
        if let Ok(read) = Message::read(&bytes) {
            prop_assert!(read.records.iter().all(|record| record.name.len() <= 4 * DNS_NAME_BYTES_SHOWN));
        }
    }
}

/// Each byte may become a replacement character of three bytes.
const DNS_NAME_BYTES_SHOWN: usize = crate::limits::DNS_NAME_BYTES;

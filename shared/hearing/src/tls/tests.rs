use proptest::prelude::*;

use super::*;

fn counted(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

fn wire(numbers: &[u16]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect()
}

const CIPHERS: [u16; 16] = [
    0x8a8a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
    0x009c, 0x009d, 0x002f, 0x0035,
];
const SIGNATURES: [u16; 8] = [
    0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601,
];

/// The hello behind the example of the JA4 description.
fn browser() -> Vec<u8> {
    let name = counted(&[&[0][..], &counted(b"Portal.Example")].concat());
    let mut extensions = Vec::new();
    for (kind, data) in [
        (0x1a1a, vec![]),
        (0x001b, vec![]),
        (0x0000, name),
        (0x0033, vec![1, 2, 3]),
        (0x0010, counted(b"\x02h2\x08http/1.1")),
        (0x4469, vec![]),
        (0x0017, vec![]),
        (0x002d, vec![]),
        (0x000d, counted(&wire(&SIGNATURES))),
        (0x0005, vec![]),
        (0x0023, vec![]),
        (0x0012, vec![]),
        (0x002b, vec![6, 0x2a, 0x2a, 3, 4, 3, 3]),
        (0xff01, vec![]),
        (0x000b, vec![]),
        (0x000a, vec![]),
        (0x0015, vec![]),
    ] {
        extensions.extend(u16::to_be_bytes(kind));
        extensions.extend(counted(&data));
    }
    let body = [
        &[3, 3][..],
        &[7; 32],
        &[0],
        &counted(&wire(&CIPHERS)),
        &[1, 0],
        &counted(&extensions),
    ]
    .concat();
    let handshake = [&[1, 0][..], &counted(&body)].concat();
    [&[0x16, 3, 1][..], &counted(&handshake)].concat()
}

#[test]
fn a_hello_names_the_server_and_the_protocols() {
    let hello = Hello::read(&browser()).expect("it is sound");
    assert_eq!(hello.server_name.as_deref(), Some("portal.example"));
    assert_eq!(hello.protocols, ["h2", "http/1.1"]);
    assert_eq!(hello.version, 0x0304);
    assert_eq!(hello.ciphers.len(), 15);
}

#[test]
fn the_published_example_has_its_published_word() {
    let hello = Hello::read(&browser()).expect("it is sound");
    assert_eq!(hello.fingerprint(), "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

#[test]
fn what_is_cut_off_or_something_else_is_told_apart() {
    let bytes = browser();
    assert_eq!(Hello::read(&bytes[..60]), Err(TlsError::CutOff));
    assert_eq!(Hello::read(b"GET / HTTP/1.1\r\n"), Err(TlsError::NoHello));
    assert_eq!(Hello::read(&[]), Err(TlsError::NoHello));
}

proptest! {
    #[test]
    fn no_change_breaks_it(at in 0usize..400, to in any::<u8>(), keep in 0usize..400) {
        let mut bytes = browser();
        let at = at % bytes.len();
        bytes[at] = to;
        bytes.truncate(keep);
        if let Ok(hello) = Hello::read(&bytes) {
            prop_assert_eq!(hello.fingerprint().len(), 36);
        }
    }
}

use proptest::prelude::*;

use super::*;

const CAMERA: Mac = Mac([0xb8, 0xa4, 0x4f, 1, 2, 3]);

fn message(options: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 236];
    bytes[..4].copy_from_slice(&[1, 1, 6, 0]);
    bytes[4..8].copy_from_slice(&[0, 0, 0, 9]);
    bytes[16..20].copy_from_slice(&[10, 0, 0, 7]);
    bytes[28..34].copy_from_slice(&CAMERA.0);
    bytes.extend(COOKIE);
    bytes.extend(options);
    bytes
}

const REQUEST: &[u8] = b"\x35\x01\x03\x0c\x07axis-01\x37\x04\x01\x03\x06\x0f\x3c\x0budhcp 1.2.3\
    \x32\x04\x0a\x00\x00\x07\x3d\x07\x01\xb8\xa4\x4f\x01\x02\x03\x51\x0b\x04\x00\x00\x03cam\x02xy\x00\xff";

#[test]
fn a_request_introduces_the_device() {
    let read = Message::read(&message(REQUEST)).expect("it is sound");
    assert_eq!(read.kind, Kind::Request);
    assert_eq!(read.client, CAMERA);
    assert_eq!(read.host_name.as_deref(), Some("axis-01"));
    assert_eq!(read.full_name.as_deref(), Some("cam.xy"));
    assert_eq!(read.vendor_class.as_deref(), Some("udhcp 1.2.3"));
    assert_eq!(read.parameters, [1, 3, 6, 15]);
    assert_eq!(read.requested, Some(Ipv4Addr::new(10, 0, 0, 7)));
    assert_eq!(read.client_id.map(|id| id.len()), Some(7));
}

#[test]
fn an_answer_names_its_server() {
    let options =
        b"\x35\x01\x05\x36\x04\x0a\x00\x00\x01\x33\x04\x00\x00\x0e\x10\x03\x04\x0a\x00\x00\x01\xff";
    let read = Message::read(&message(options)).expect("it is sound");
    assert!(read.kind.is_servers());
    assert_eq!(read.server, Some(Ipv4Addr::new(10, 0, 0, 1)));
    assert_eq!(read.your_address, Some(Ipv4Addr::new(10, 0, 0, 7)));
    assert_eq!(read.lease_secs, Some(3600));
}

#[test]
fn options_in_parts_and_in_other_fields_are_put_together() {
    let mut bytes = message(b"\x35\x01\x01\x0c\x02ab\x00\x0c\x02cd\x34\x01\x03\xff");
    bytes[44..50].copy_from_slice(b"\x3c\x03abc\xff");
    bytes[108..113].copy_from_slice(b"\x0c\x01e\xff\x0c");
    let read = Message::read(&bytes).expect("it is sound");
    assert_eq!(read.host_name.as_deref(), Some("abcde"));
    assert_eq!(read.vendor_class.as_deref(), Some("abc"));
}

#[test]
fn what_is_no_dhcp_is_refused() {
    assert_eq!(Message::read(&[1; 100]), Err(DhcpError::CutOff));
    assert_eq!(Message::read(&message(b"\xff")), Err(DhcpError::Kind));
    let mut bytes = message(REQUEST);
    bytes[238] = 0;
    assert_eq!(Message::read(&bytes), Err(DhcpError::NoCookie));
    bytes[1] = 6;
    assert_eq!(Message::read(&bytes), Err(DhcpError::Hardware));
}

proptest! {
    #[test]
    fn no_options_break_it(options in proptest::collection::vec(any::<u8>(), 0..600), overload in any::<u8>()) {
        let head = [&[53, 1, 1, 52, 1, overload][..], &options].concat();
        if let Ok(read) = Message::read(&message(&head)) {
            prop_assert!(read.parameters.len() <= DHCP_OPTION_BYTES);
            prop_assert!(read.full_name.is_none_or(|name| name.len() <= crate::limits::TEXT_BYTES));
        }
    }
}

//! Join strings there and back, and every way in which copying damages them.

use super::*;

const SYMBOLS: &str = "0123456789abcdefghjkmnpqrstvwxyz";

#[test]
fn a_join_string_comes_back_from_its_text() {
    for addresses in [
        vec!["192.0.2.7:7443"],
        vec![
            "coordinator.example:1",
            "[2001:db8::7]:65535",
            "[fe80::1%eth0]:7443",
            "a_b-c.local:80",
        ],
    ] {
        let join = joining(&addresses);
        let text = join.to_string();
        let back = JoinString::parse(&text).unwrap();
        assert_eq!(back.addresses(), addresses);
        assert_eq!((back.mesh(), back.pin()), (&[1; 32], &[2; 32]));
        assert_eq!((back.token_id(), back.secret()), (&[3; 8], &SECRET));
        assert_eq!(back.to_string(), text);
    }
}

#[test]
fn the_text_is_one_short_word() {
    let text = joining(&["192.0.2.7:7443"]).to_string();
    assert!(
        text.starts_with("plsd1_")
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    );
    assert!(text.len() < 190, "{}", text.len());
    let longest = "a".repeat(ADDRESS_BYTES - 5) + ":7443";
    assert!(joining(&[longest.as_str(); ADDRESSES]).to_string().len() < TEXT_BYTES / 2);
}

#[test]
fn white_space_capitals_and_look_alikes_do_no_harm() {
    let text = joining(&["192.0.2.7:7443"]).to_string();
    let (start, end) = text.split_at(80);
    let look_alikes = text[6..].replace('0', "O").replace('1', "l");
    for copied in [
        format!("  {text}\r\n"),
        format!("\t{start}\n    {end}"),
        text.to_uppercase(),
        format!("plsd1_{look_alikes}"),
    ] {
        assert_eq!(JoinString::parse(&copied).unwrap().to_string(), text);
    }
}

#[test]
fn every_wrong_character_is_found() {
    let text = joining(&["192.0.2.7:7443", "[2001:db8::7]:7443"]).to_string();
    for position in 0..text.len() {
        let right = &text[position..=position];
        let others = SYMBOLS
            .split("")
            .chain(["_", "-", "é", "u", " ", "\0"])
            .filter(|other| *other != right);
        for other in others {
            let damaged = format!("{}{other}{}", &text[..position], &text[position + 1..]);
            let error = JoinString::parse(&damaged).expect_err("the damage is found");
            if position < 4 {
                assert_eq!(error, JoinError::WrongPrefix, "{damaged}");
            }
        }
    }
}

#[test]
fn every_neighbours_exchanged_and_every_character_doubled_is_found() {
    let text = joining(&["192.0.2.7:7443"]).to_string();
    for position in 6..text.len() - 1 {
        let (one, two) = (
            &text[position..=position],
            &text[position + 1..position + 2],
        );
        let (before, after) = (&text[..position], &text[position + 2..]);
        if one != two {
            assert!(JoinString::parse(&format!("{before}{two}{one}{after}")).is_err());
        }
        assert!(JoinString::parse(&format!("{before}{one}{one}{two}{after}")).is_err());
    }
}

#[test]
fn a_string_that_ends_too_early_says_so() {
    let text = joining(&["192.0.2.7:7443"]).to_string();
    for length in 0..6 {
        assert_eq!(
            JoinString::parse(&text[..length]).unwrap_err(),
            JoinError::WrongPrefix
        );
    }
    for length in 6..text.len() {
        assert_eq!(
            JoinString::parse(&text[..length]).unwrap_err(),
            JoinError::Truncated,
            "{length}"
        );
    }
    assert!(JoinString::parse(&format!("{text}0")).is_err());
}

#[test]
fn a_version_to_come_is_named() {
    let text = joining(&["192.0.2.7:7443"]).to_string();
    let later = text.replacen("plsd1_", "plsd12_", 1);
    assert_eq!(
        JoinString::parse(&later).unwrap_err(),
        JoinError::UnknownVersion(12)
    );
    for wrong in [
        "plsd_",
        "plsd0_",
        "plsd01_",
        "plsd99999999999_",
        "plsx1_",
        "_",
        "plsd1",
        "",
    ] {
        assert_eq!(
            JoinString::parse(&text.replacen("plsd1_", wrong, 1)).unwrap_err(),
            JoinError::WrongPrefix
        );
    }
    let mut content = joining(&["192.0.2.7:7443"]).content();
    content[0] = 2;
    assert_eq!(
        JoinString::parse(&with_checksum(&content)).unwrap_err(),
        JoinError::UnknownVersion(2)
    );
}

#[test]
fn content_that_no_coordinator_writes_is_refused() {
    let content = joining(&["192.0.2.7:7443"]).content();
    let longer = [content.as_slice(), &[0]].concat();
    assert_eq!(
        JoinString::parse(&with_checksum(&longer)).unwrap_err(),
        JoinError::Damaged
    );
    let mut nowhere = content.to_vec();
    nowhere.truncate(90);
    nowhere[89] = 0;
    assert_eq!(
        JoinString::parse(&with_checksum(&nowhere)).unwrap_err(),
        JoinError::AddressCount(0)
    );
    let mut spaced = content.to_vec();
    spaced[95] = b' ';
    assert!(matches!(
        JoinString::parse(&with_checksum(&spaced)),
        Err(JoinError::BadAddress(_))
    ));
    assert_eq!(
        JoinString::parse(&"0".repeat(TEXT_BYTES + 1)).unwrap_err(),
        JoinError::TooLong
    );
}

#[test]
fn an_address_is_a_host_and_a_port() {
    let long = "a".repeat(ADDRESS_BYTES) + ":1";
    for bad in [
        "",
        ":",
        "host",
        "host:",
        ":7443",
        "host:0",
        "host:65536",
        "host:+1",
        "host: 1",
        "ho st:1",
        "::1:7443",
        "[::1]",
        "[::1:7443",
        "[::g]:1",
        "[]:1",
        "[::1%]:1",
        "[::1%a b]:1",
        "ho\u{e4}:1",
        "a/b:1",
        "a;b:1",
        "$(x):1",
        &long,
    ] {
        let refused = JoinString::new(
            vec![bad.to_owned()],
            [0; 32],
            [0; 32],
            [0; 8],
            Zeroizing::new([0; 16]),
        );
        assert!(matches!(refused, Err(JoinError::BadAddress(_))), "{bad}");
    }
    let many = vec!["host:1".to_owned(); ADDRESSES + 1];
    let refused = JoinString::new(many, [0; 32], [0; 32], [0; 8], Zeroizing::new([0; 16]));
    assert_eq!(refused.unwrap_err(), JoinError::AddressCount(5));
}

#[test]
fn the_key_of_the_handshake_is_hkdf_of_the_secret() {
    let psk = joining(&["192.0.2.7:7443"]).psk();
    assert_eq!(
        HEXLOWER.encode(psk.as_slice()),
        "d7ea88ed62a76dce498c7841b6265e9825a9076466ccf34373c7b6766d0c3e8a"
    );
    assert_eq!(pin_of(&[0; 32])[..4], [0x66, 0x68, 0x7a, 0xad]);
}

#[test]
fn debugging_never_prints_the_secret() {
    let printed = format!("{:?}", joining(&["192.0.2.7:7443"]));
    assert!(
        !printed.contains(&HEXLOWER.encode(&SECRET))
            && !printed.contains("0, 1, 2")
            && printed.contains("..")
    );
    assert!(printed.contains("192.0.2.7:7443"));
}

#[test]
fn no_bytes_make_the_parser_panic() {
    let text = joining(&["192.0.2.7:7443"]).to_string();
    let mut dice = 1_u64;
    for _ in 0..20_000 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..4 {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = (dice >> 33) as usize % bytes.len();
            bytes[at] = (dice >> 24) as u8;
            bytes.truncate(bytes.len() - (dice >> 60) as usize / 8);
        }
        let parsed = JoinString::parse(&String::from_utf8_lossy(&bytes));
        assert!(parsed.is_err() || parsed.is_ok_and(|join| join.to_string() == text));
    }
}

const SECRET: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

fn joining(addresses: &[&str]) -> JoinString {
    let addresses = addresses
        .iter()
        .map(|address| (*address).to_owned())
        .collect();
    JoinString::new(addresses, [1; 32], [2; 32], [3; 8], Zeroizing::new(SECRET)).unwrap()
}

fn with_checksum(content: &[u8]) -> String {
    let bytes = [content, &crc::crc32(content).to_be_bytes()].concat();
    format!("{PREFIX}{}", BASE32.encode(&bytes))
}

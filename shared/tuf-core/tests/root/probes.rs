//! Attacks on roots and on what root keys endorse, all refused.

use data_encoding::HEXLOWER;
use tuf_core::canonical::JsonError;
use tuf_core::draft::{DraftError, RootDraft, Signers};
use tuf_core::envelope::EnvelopeError;
use tuf_core::key::KeyError;
use tuf_core::limits;
use tuf_core::role::{RoleError, RoleName, ThresholdError};
use tuf_core::root::{EndorsementError, Root, RootError};

use crate::forge::{EXPIRES, draft, enveloped, listed, public, root, sign, signed_text, written};

#[test]
fn probe_an_endorsement_by_one_key_twice_by_a_stranger_or_of_other_bytes_is_refused() {
    let root = root(1, 2, &[1, 2, 3], &[1, 2]);
    let message = b"palisade/roster/v1 ...";
    let short = Err(EndorsementError::Threshold(ThresholdError {
        valid: 1,
        needed: 2,
    }));
    assert_eq!(
        root.verify_threshold(message, &[sign(2, message), sign(2, message)]),
        short
    );
    assert_eq!(
        root.verify_threshold(message, &[sign(2, message), sign(7, message)]),
        short
    );
    assert_eq!(
        root.verify_threshold(message, &[sign(2, message), sign(3, b"other")]),
        short
    );
    let stolen = (public(3), sign(2, message).1);
    assert_eq!(
        root.verify_threshold(message, &[sign(2, message), stolen]),
        short
    );
    let many = vec![sign(2, message); limits::SIGNATURES + 1];
    assert_eq!(
        root.verify_threshold(message, &many),
        Err(EndorsementError::TooManySignatures)
    );
}

#[test]
fn probe_an_endorsement_by_a_key_of_another_role_is_refused() {
    let mut draft = draft(1, 1, &[1]);
    draft.others.insert(
        RoleName::Timestamp,
        Signers {
            threshold: 1,
            keys: vec![public(9)],
        },
    );
    let payload = draft.payload().unwrap();
    let root = Root::open(&draft.assemble(&[sign(1, &payload)]).unwrap()).unwrap();
    assert!(
        root.verify_threshold(b"roster", &[sign(9, b"roster")])
            .is_err()
    );
    assert!(Root::open(&draft.assemble(&[sign(9, &payload)]).unwrap()).is_err());
}

#[test]
fn probe_one_key_under_two_ids_is_one_signer() {
    let signed = signed_text(1, 2, &[("a", 1), ("b", 1)]);
    let one_of_two = ThresholdError {
        valid: 1,
        needed: 2,
    };
    assert_eq!(
        Root::open(&enveloped(&signed, &[("a", 1), ("b", 1)])).err(),
        Some(RootError::OwnKeys(one_of_two))
    );
    let other = signed_text(1, 2, &[("a", 1), ("b", 2)]);
    assert!(
        Root::open(&enveloped(&other, &[("a", 1), ("b", 2)])).is_ok(),
        "key ids are opaque"
    );
}

#[test]
fn probe_one_key_id_signing_twice_is_refused() {
    let signed = signed_text(1, 2, &[("a", 1), ("b", 2)]);
    let refused = RootError::Envelope(EnvelopeError::DuplicateSignature);
    assert_eq!(
        Root::open(&enveloped(&signed, &[("a", 1), ("a", 1)])).err(),
        Some(refused)
    );
}

#[test]
fn probe_one_key_id_listed_twice_is_refused() {
    let signed = signed_text(1, 2, &[("a", 1)]).replace(r#"["a"]"#, r#"["a","a"]"#);
    let refused = RootError::Role(RoleError::DuplicateKeyId);
    assert_eq!(
        Root::open(&enveloped(&signed, &[("a", 1)])).err(),
        Some(refused)
    );
}

#[test]
fn probe_a_weak_key_is_refused() {
    let weak = format!("01{}", "0".repeat(62));
    let signed = signed_text(1, 1, &[("a", 1)]).replace(&HEXLOWER.encode(&public(1)), &weak);
    let refused = RootError::Key {
        id: "a".to_owned(),
        source: KeyError::Weak,
    };
    assert_eq!(
        Root::open(&enveloped(&signed, &[("a", 1)])).err(),
        Some(refused)
    );
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(
        RootDraft::new(1, EXPIRES, 1, vec![identity]).payload(),
        Err(DraftError::Key(KeyError::Weak))
    );
}

#[test]
fn probe_a_key_that_no_role_lists_does_not_count() {
    let signed = signed_text(1, 1, &[("a", 1), ("b", 2)]).replace(r#"["a","b"]"#, r#"["a"]"#);
    assert!(Root::open(&enveloped(&signed, &[("b", 2)])).is_err());
    assert!(Root::open(&enveloped(&signed, &[("a", 1)])).is_ok());
}

#[test]
fn probe_a_key_of_an_unknown_scheme_does_not_count() {
    let signed =
        signed_text(1, 1, &[("a", 1)]).replace(r#""scheme":"ed25519""#, r#""scheme":"none""#);
    assert!(matches!(
        Root::open(&enveloped(&signed, &[("a", 1)])),
        Err(RootError::OwnKeys(_))
    ));
}

#[test]
fn probe_a_threshold_of_nothing_is_refused() {
    for threshold in ["0", "-1", "4294967296", "true", "\"1\"", "1.0"] {
        let signed = signed_text(1, 1, &[("a", 1)])
            .replace("\"threshold\":1", &format!("\"threshold\":{threshold}"));
        let bytes = format!(r#"{{"signatures":[],"signed":{signed}}}"#);
        assert!(Root::open(bytes.as_bytes()).is_err(), "{threshold}");
    }
    let unsigned = format!(
        r#"{{"signatures":[],"signed":{}}}"#,
        signed_text(1, 1, &[("a", 1)])
    );
    assert!(matches!(
        Root::open(unsigned.as_bytes()),
        Err(RootError::OwnKeys(_))
    ));
}

#[test]
fn probe_a_version_that_is_not_the_next_is_refused() {
    let trusted = root(3, 1, &[1], &[1]);
    for version in [1, 2, 3, 5, u64::MAX] {
        let refused = RootError::NotTheNext {
            trusted: 3,
            found: version,
        };
        assert_eq!(
            trusted.successor(&written(version, 1, &[1], &[1])).err(),
            Some(refused)
        );
    }
    assert!(trusted.successor(&written(4, 1, &[1], &[1])).is_ok());
    let last = root(u64::MAX, 1, &[1], &[1]);
    assert!(last.successor(&written(1, 1, &[1], &[1])).is_err());
}

#[test]
fn probe_a_changed_byte_anywhere_in_the_signed_part_is_refused() {
    let bytes = written(1, 1, &[1], &[1]);
    let start = bytes
        .windows(8)
        .position(|window| window == b"\"signed\"")
        .unwrap()
        + 9;
    for position in start..bytes.len() {
        for change in [1, 2, 0x10] {
            let mut forged = bytes.clone();
            forged[position] ^= change;
            assert!(Root::open(&forged).is_err(), "byte {position}");
        }
    }
}

#[test]
fn probe_a_field_named_twice_is_refused() {
    let bytes = String::from_utf8(written(1, 1, &[1], &[1])).unwrap();
    let forged = bytes.replace("\"version\":1", "\"version\":9,\"version\":1");
    let refused = RootError::Envelope(EnvelopeError::Json(JsonError::DuplicateName));
    assert_eq!(Root::open(forged.as_bytes()).err(), Some(refused));
}

#[test]
fn probe_floats_depth_and_size_are_refused() {
    let with = |custom: &str| {
        let signed = signed_text(1, 1, &[("a", 1)])
            .replace("\"version\":1", &format!("\"version\":1,\"x\":{custom}"));
        Root::open(format!(r#"{{"signatures":[],"signed":{signed}}}"#).as_bytes()).err()
    };
    let json = |error| Some(RootError::Envelope(EnvelopeError::Json(error)));
    assert_eq!(with("1.5"), json(JsonError::NotAnInteger));
    assert_eq!(
        with(&format!("{}{}", "[".repeat(64), "]".repeat(64))),
        json(JsonError::TooDeep(limits::DEPTH))
    );
    assert_eq!(
        with(&format!("\"{}\"", "a".repeat(limits::ROOT_BYTES))),
        json(JsonError::TooLarge(limits::ROOT_BYTES))
    );
}

#[test]
fn probe_more_keys_or_signatures_than_the_bound_are_refused() {
    let ids: Vec<_> = (0..=limits::KEYS)
        .map(|number| format!("k{number}"))
        .collect();
    let keys: Vec<_> = ids.iter().map(|id| (id.as_str(), 1)).collect();
    let none = signed_text(1, 1, &keys).replace(&listed(&keys), r#"["k0"]"#);
    assert_eq!(
        Root::open(&enveloped(&none, &[("k0", 1)])).err(),
        Some(RootError::TooManyKeys)
    );
    let signed = signed_text(1, 1, &keys[..1]);
    let refused = RootError::Envelope(EnvelopeError::TooManySignatures);
    assert_eq!(Root::open(&enveloped(&signed, &keys)).err(), Some(refused));
    let long = "k".repeat(limits::KEY_ID_BYTES + 1);
    let signed = signed_text(1, 1, &[(&long, 1)]);
    assert_eq!(
        Root::open(&enveloped(&signed, &[(&long, 1)])).err(),
        Some(RootError::LongKeyId)
    );
}

#[test]
fn probe_a_document_of_another_kind_is_no_root() {
    let good = signed_text(1, 1, &[("a", 1)]);
    let open = |signed: &str| Root::open(&enveloped(signed, &[("a", 1)])).err();
    assert_eq!(open(&good), None);
    assert_eq!(
        open(&good.replace(r#""_type":"root""#, r#""_type":"targets""#)),
        Some(RootError::NotARoot)
    );
    for spec_version in ["2.0.0", "1", "1.x", "1.", "1.0.0.0", "", "-1.0"] {
        assert_eq!(
            open(&good.replace("1.0.31", spec_version)),
            Some(RootError::SpecVersion),
            "{spec_version}"
        );
    }
    assert_eq!(
        open(&good.replace("\"snapshot\":", "\"snapshots\":")),
        Some(RootError::RoleNames)
    );
    assert_eq!(
        open(&good.replace("T00:00:00Z", " 00:00:00Z")),
        Some(RootError::Expires)
    );
    for version in ["0", "-1", "18446744073709551615.0", "null"] {
        let signed = good.replace("\"version\":1", &format!("\"version\":{version}"));
        let bytes = format!(r#"{{"signatures":[],"signed":{signed}}}"#);
        assert!(Root::open(bytes.as_bytes()).is_err(), "{version}");
    }
}

#[test]
fn probe_a_fifth_role_is_refused() {
    let role = r#""mirrors":{"keyids":[],"threshold":1},"snapshot":"#;
    let signed = signed_text(1, 1, &[("a", 1)]).replace("\"snapshot\":", role);
    let refused = RootError::RoleNames;
    assert_eq!(
        Root::open(&enveloped(&signed, &[("a", 1)])).err(),
        Some(refused)
    );
}

#[test]
fn probe_more_key_ids_or_longer_signatures_than_the_bound_are_refused() {
    let many: Vec<_> = (0..=limits::KEY_IDS_PER_ROLE)
        .map(|number| format!("\"k{number}\""))
        .collect();
    let signed =
        signed_text(1, 1, &[("a", 1)]).replace("\"a\"]", &format!("\"a\",{}]", many.join(",")));
    let refused = RootError::Role(RoleError::TooManyKeyIds);
    assert_eq!(
        Root::open(&enveloped(&signed, &[("a", 1)])).err(),
        Some(refused)
    );
    let long = "00".repeat(limits::SIGNATURE_BYTES + 1);
    let bytes = format!(r#"{{"signatures":[{{"keyid":"a","sig":"{long}"}}],"signed":{{}}}}"#);
    let refused = RootError::Envelope(EnvelopeError::BadSignature);
    assert_eq!(Root::open(bytes.as_bytes()).err(), Some(refused));
}

#[test]
fn probe_a_root_that_the_keys_before_it_have_not_signed_is_refused() {
    let trusted = root(1, 2, &[1, 2], &[1, 2]);
    for signers in [&[3, 4][..], &[1, 3, 4]] {
        assert!(matches!(
            trusted.successor(&written(2, 2, &[3, 4], signers)),
            Err(RootError::FormerKeys(_))
        ));
    }
    assert!(
        trusted
            .successor(&written(2, 2, &[3, 4], &[1, 2, 3, 4]))
            .is_ok()
    );
}

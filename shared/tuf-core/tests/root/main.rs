//! Stories of roots: written, signed apart, opened and followed.

mod forge;
mod probes;

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use tuf_core::canonical::Json;
use tuf_core::draft::{DraftError, RootDraft, Signers};
use tuf_core::limits;
use tuf_core::role::{RoleName, ThresholdError};
use tuf_core::root::{Root, RootError};

use crate::forge::{EXPIRES, draft, public, root, sign, written};

/// Written by python-tuf 7.0.1; the signing seeds are 32 times the byte 1, 2 or 3.
const FIRST: &[u8] = include_bytes!("../python-tuf/1.root.json");
const SECOND: &[u8] = include_bytes!("../python-tuf/2.root.json");

#[test]
fn a_root_of_python_tuf_is_opened_and_followed() {
    let first = Root::open(FIRST).unwrap();
    assert_eq!((first.version(), first.threshold(RoleName::Root)), (1, 2));
    assert_eq!(first.expires_unix_s(), 1_930_089_599);
    assert_eq!(
        HEXLOWER.encode(&first.digest()),
        "82bf0ded713b9df362ca0bf9133903596ed852df7012807bf85dda07282ea061"
    );
    let second = first.successor(SECOND).unwrap();
    assert_eq!((second.version(), second.threshold(RoleName::Root)), (2, 1));
}

#[test]
fn the_canonical_form_is_the_one_of_python_tuf() {
    let Json::Object(document) = Json::parse(FIRST, limits::ROOT_BYTES).unwrap() else {
        panic!("an object")
    };
    assert_eq!(
        document["signed"].to_canonical(),
        include_bytes!("../python-tuf/1.root.signed")
    );
}

#[test]
fn a_draft_gives_the_bytes_that_python_tuf_signs() {
    let first = Root::open(FIRST).unwrap();
    let mut draft = draft(1, 2, &[1, 2]);
    draft.expires_unix_s = first.expires_unix_s();
    for role in [RoleName::Snapshot, RoleName::Timestamp] {
        draft.others.insert(
            role,
            Signers {
                threshold: 1,
                keys: vec![public(3)],
            },
        );
    }
    draft
        .custom
        .insert("x-mesh".to_owned(), first.field("x-mesh").unwrap().clone());
    assert_eq!(
        draft.payload().unwrap(),
        include_bytes!("../python-tuf/1.root.signed")
    );
}

#[test]
fn a_root_is_drafted_signed_apart_and_opened() {
    let mut draft = draft(1, 2, &[1, 2, 3]);
    draft.others.insert(
        RoleName::Timestamp,
        Signers {
            threshold: 1,
            keys: vec![public(9)],
        },
    );
    draft
        .custom
        .insert("mesh".to_owned(), Json::Text("works".to_owned()));
    let payload = draft.payload().unwrap();
    let bytes = draft
        .assemble(&[sign(3, &payload), sign(1, &payload)])
        .unwrap();
    let root = Root::open(&bytes).unwrap();
    assert_eq!(root.as_bytes(), bytes);
    assert_eq!(root.keys(RoleName::Root).len(), 3);
    assert_eq!(
        root.keys(RoleName::Timestamp)
            .iter()
            .map(|key| *key.as_bytes())
            .collect::<Vec<_>>(),
        [public(9)]
    );
    assert_eq!(root.field("mesh"), Some(&Json::Text("works".to_owned())));
    assert!(root.consistent_snapshot());
    assert!(!root.expired(EXPIRES - 1) && root.expired(EXPIRES));
}

#[test]
fn signatures_are_collected_one_by_one() {
    let draft = draft(1, 2, &[1, 2]);
    let payload = draft.payload().unwrap();
    let half = draft.assemble(&[sign(1, &payload)]).unwrap();
    let missing = ThresholdError {
        valid: 1,
        needed: 2,
    };
    assert_eq!(Root::open(&half).err(), Some(RootError::OwnKeys(missing)));
    assert_eq!(
        draft.assemble(&[sign(1, b"other")]),
        Err(DraftError::BadSignature { key: public(1) })
    );
    let twice = [sign(1, &payload), sign(1, &payload)];
    assert_eq!(
        draft.assemble(&twice),
        Err(DraftError::DuplicateSignature { key: public(1) })
    );
}

#[test]
fn the_keys_are_handed_over_when_old_and_new_sign() {
    let first = root(1, 1, &[1], &[1]);
    let second = first
        .successor(&written(2, 2, &[2, 3], &[1, 2, 3]))
        .unwrap();
    assert_eq!(second.version(), 2);
    assert!(
        first.successor(&written(2, 2, &[2, 3], &[2, 3])).is_err(),
        "the old key did not sign"
    );
    assert!(
        first.successor(&written(2, 2, &[2, 3], &[1, 2])).is_err(),
        "one new key did not sign"
    );
}

#[test]
fn other_documents_are_endorsed_by_the_root_keys() {
    let root = root(1, 2, &[1, 2, 3], &[1, 2]);
    let message = b"palisade/roster/v1 ...";
    assert_eq!(
        root.verify_threshold(message, &[sign(2, message), sign(3, message)]),
        Ok(())
    );
}

#[test]
fn a_draft_that_could_never_be_opened_is_refused() {
    let threshold = Err(DraftError::Threshold {
        role: "root".to_owned(),
    });
    assert_eq!(draft(1, 0, &[1]).payload(), threshold);
    assert_eq!(draft(1, 2, &[1]).payload(), threshold);
    assert_eq!(draft(0, 1, &[1]).payload(), Err(DraftError::Version));
    assert_eq!(
        draft(1, 1, &[1, 1]).payload(),
        Err(DraftError::DuplicateKey {
            role: "root".to_owned()
        })
    );
    assert_eq!(
        RootDraft::new(1, u64::MAX, 1, vec![public(1)]).payload(),
        Err(DraftError::Expires)
    );
    let mut reserved = draft(1, 1, &[1]);
    reserved.custom = BTreeMap::from([("version".to_owned(), Json::Integer(2))]);
    assert_eq!(
        reserved.payload(),
        Err(DraftError::ReservedName("version".to_owned()))
    );
    let mut unreadable = draft(1, 1, &[1]);
    unreadable.custom = BTreeMap::from([("x".to_owned(), Json::Text("\u{1}".to_owned()))]);
    assert!(matches!(
        unreadable.assemble(&[]),
        Err(DraftError::Unreadable(_))
    ));
}

//! What holds for every document, not only for those that a test thought of.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use tuf_core::canonical::Json;
use tuf_core::draft::RootDraft;
use tuf_core::draft::online::{Listed, SnapshotDraft, TimestampDraft};
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::{HeaderDraft, Unsigned};
use tuf_core::floors::Floors;
use tuf_core::schemes::Ed25519Only;
use tuf_core::search::Lookup;
use tuf_core::trusted::Trusted;

const NOW: u64 = 1_800_000_000;

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(|number| Json::Integer(number.into())),
        any::<u64>().prop_map(|number| Json::Integer(number.into())),
        text().prop_map(Json::Text),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Json::List),
            btree_map(text(), inner, 0..6).prop_map(Json::Object),
        ]
    })
}

/// Control characters stand in the canonical form as they are, so that it is not JSON then.
fn text() -> impl Strategy<Value = String> {
    "[^\\x00-\\x1f]{0,12}"
}

fn sign(unsigned: &Unsigned) -> Vec<u8> {
    let key = SigningKey::from_bytes(&[7; 32]);
    let signature = key.sign(&unsigned.payload()).to_bytes();
    unsigned
        .assemble(&[(*key.verifying_key().as_bytes(), signature)])
        .expect("the signature is good")
}

/// Trusts targets and what they delegate to, all signed with one key.
fn trusting(targets: &TargetsDraft, delegated: &[(String, TargetsDraft)]) -> Trusted {
    let key = *SigningKey::from_bytes(&[7; 32]).verifying_key().as_bytes();
    let root = RootDraft::new(1, NOW + 1, 1, vec![key]);
    let payload = root.payload().expect("the draft is sound");
    let signature = SigningKey::from_bytes(&[7; 32]).sign(&payload).to_bytes();
    let root = root.assemble(&[(key, signature)]).expect("it is signed");
    let header = HeaderDraft {
        version: 1,
        expires_unix_s: NOW + 1,
    };
    let all = delegated.iter().map(|(role, draft)| (role.as_str(), draft));
    let documents: Vec<_> = std::iter::once(("targets", targets))
        .chain(all)
        .map(|(role, draft)| (role, sign(&draft.unsigned().expect("the draft is sound"))))
        .collect();
    let roles = documents
        .iter()
        .map(|(role, document)| ((*role).to_owned(), Listed::of(1, document)))
        .collect();
    let snapshot = SnapshotDraft { header, roles }.unsigned();
    let snapshot = sign(&snapshot.expect("the draft is sound"));
    let promise = Listed::of(1, &snapshot);
    let timestamp = TimestampDraft {
        header,
        snapshot: promise,
    };
    let timestamp = sign(&timestamp.unsigned().expect("the draft is sound"));
    let mut trusted = Trusted::open(&root, Floors::default(), &Ed25519Only).expect("it is good");
    trusted
        .update_timestamp(&timestamp, NOW)
        .expect("it is good");
    trusted.update_snapshot(&snapshot, NOW).expect("it is good");
    for (role, document) in &documents {
        let delegator = if *role == "targets" {
            "root"
        } else {
            "targets"
        };
        trusted
            .update_targets(role, delegator, document, NOW)
            .expect("it is good");
    }
    trusted
}

fn listing(paths: &BTreeMap<String, Vec<u8>>) -> TargetsDraft {
    let mut draft = TargetsDraft::new(1, NOW + 1);
    let targets = paths.iter();
    draft.targets = targets
        .map(|(path, content)| (path.clone(), TargetDraft::of(content)))
        .collect();
    draft
}

fn paths() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    btree_map(
        "[a-c]{1,2}(/[a-c]{1,2}){0,2}",
        vec(any::<u8>(), 0..40),
        0..8,
    )
}

/// Shell patterns of one segment by their definition, however long that takes.
fn covers(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|taken| covers(rest, &text[taken..])),
        ([b'?', rest @ ..], [_, after @ ..]) => covers(rest, after),
        ([wanted, rest @ ..], [found, after @ ..]) if wanted == found => covers(rest, after),
        _ => false,
    }
}

fn covers_path(pattern: &str, path: &str) -> bool {
    let (patterns, segments): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), path.split('/').collect());
    patterns.len() == segments.len()
        && patterns
            .iter()
            .zip(&segments)
            .all(|(pattern, segment)| covers(pattern.as_bytes(), segment.as_bytes()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_canonical_form_is_read_as_what_it_was_made_of(json in json()) {
        let canonical = json.to_canonical();
        let again = Json::parse(&canonical, 1 << 20).expect("the canonical form is JSON");
        prop_assert_eq!(&again.to_canonical(), &canonical);
        prop_assert_eq!(again, json);
    }

    #[test]
    fn floors_come_back(
        versions in any::<[u64; 5]>(),
        roles in btree_map(text(), any::<u64>(), 0..6),
    ) {
        let [root, timestamp, promised, snapshot, seen_unix_s] = versions;
        let floors = Floors { root, timestamp, promised, snapshot, roles, seen_unix_s };
        prop_assert_eq!(Floors::parse(&floors.to_bytes()), Ok(floors));
    }

    #[test]
    fn what_a_draft_lists_is_found_and_nothing_else(paths in paths(), other in "[a-d]{1,3}") {
        let trusted = trusting(&listing(&paths), &[]);
        for (path, content) in &paths {
            let Lookup::Found(target) = trusted.find_target(path).expect("no delegations") else {
                panic!("{path} is listed")
            };
            let mut check = target.check().expect("it has a hash");
            check.take(content).expect("it is as long as promised");
            check.finish().expect("it is what was promised");
        }
        if !paths.contains_key(&other) {
            prop_assert_eq!(trusted.find_target(&other), Ok(Lookup::Absent));
        }
    }

    #[test]
    fn a_delegate_is_asked_exactly_for_the_paths_that_its_pattern_covers(
        pattern in "[ab*?]{1,4}(/[ab*?]{1,4}){0,2}",
        path in "[ab]{1,4}(/[ab]{1,4}){0,2}",
    ) {
        let key = *SigningKey::from_bytes(&[7; 32]).verifying_key().as_bytes();
        let mut targets = TargetsDraft::new(1, NOW + 1);
        targets.delegations.push(DelegationDraft {
            role: "delegate".to_owned(),
            signers: tuf_core::draft::Signers { threshold: 1, keys: vec![key] },
            paths: vec![pattern.clone()],
            terminating: false,
        });
        let listed = BTreeMap::from([(path.clone(), vec![1])]);
        let trusted = trusting(&targets, &[("delegate".to_owned(), listing(&listed))]);
        let found = matches!(trusted.find_target(&path), Ok(Lookup::Found(_)));
        prop_assert_eq!(found, covers_path(&pattern, &path));
    }
}

//! Attacks by and on those who are delegated to, and on the files that targets promise.

use std::collections::BTreeMap;

use tuf_core::document::ReadError;
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::file::FileError;
use tuf_core::limits;
use tuf_core::search::SearchError;
use tuf_core::trusted::TrustError;
use tuf_core::update::UpdateError;

use crate::rig::{
    Device, FAR, FIRMWARE, IMAGE, NOW, Repository, STRANGER, TARGETS, altered, sign, signers,
};

fn delegation(role: &str, seed: u8, path: &str) -> DelegationDraft {
    DelegationDraft {
        role: role.to_owned(),
        signers: signers(&[seed]),
        paths: vec![path.to_owned()],
        terminating: false,
    }
}

fn listing(path: &str, content: &[u8]) -> TargetsDraft {
    let mut draft = TargetsDraft::new(1, FAR);
    draft.targets = BTreeMap::from([(path.to_owned(), TargetDraft::of(content))]);
    draft
}

/// A repository whose `targets` delegate to roles with these documents, in this order.
fn delegating(roles: Vec<(DelegationDraft, TargetsDraft, u8)>) -> Repository {
    let mut repository = Repository::new();
    repository.targets.delegations.clear();
    for (delegation, draft, seed) in roles {
        let document = sign(&draft.unsigned().expect("the draft is sound"), &[seed]);
        repository.list(&delegation.role, draft.header.version, &document);
        repository.targets.delegations.push(delegation);
    }
    repository.write();
    repository
}

fn find(repository: &Repository, path: &str) -> Result<Option<u64>, UpdateError> {
    let found = Device::new(repository).find(repository, path)?;
    Ok(found.map(|target| target.length))
}

/// The refusal of `targets` after one change to them.
fn refused(from: &str, to: &str) -> Option<UpdateError> {
    let mut repository = Repository::new();
    let targets = repository.document("targets.json").to_vec();
    let forged = altered(&targets, from, to, &[TARGETS]);
    repository.list("targets", 1, &forged);
    repository.write_online();
    Device::new(&repository).update(&repository).err()
}

fn unread(source: ReadError) -> Option<UpdateError> {
    let role = "targets".to_owned();
    Some(TrustError::Read { role, source }.into())
}

#[test]
fn probe_a_delegated_role_by_any_other_key_is_refused() {
    for seed in [STRANGER, TARGETS] {
        let mut repository = Repository::new();
        let firmware = repository.document("firmware.json").to_vec();
        let forged = altered(&firmware, "_type", "_type", &[seed]);
        repository.list("firmware", 1, &forged);
        repository.write_online();
        assert!(matches!(
            find(&repository, IMAGE),
            Err(UpdateError::Trust(TrustError::Signers { .. }))
        ));
    }
}

#[test]
fn probe_a_delegated_role_that_has_expired_is_refused() {
    let mut repository = Repository::new();
    repository.firmware.header.expires_unix_s = NOW;
    repository.write();
    let role = "firmware".to_owned();
    let expired = UpdateError::from(TrustError::Expired { role });
    assert_eq!(find(&repository, IMAGE), Err(expired));
}

#[test]
fn probe_a_role_that_was_saved_is_checked_by_those_who_delegate_to_it_today() {
    let mut repository = Repository::new();
    let mut device = Device::new(&repository);
    assert!(device.find(&repository, IMAGE).unwrap().is_some());
    repository.targets.delegations[0].signers = signers(&[STRANGER]);
    repository.targets.header.version += 1;
    let targets = sign(&repository.targets.unsigned().unwrap(), &[TARGETS]);
    repository.list("targets", 2, &targets);
    repository.snapshot.header.version += 1;
    repository.timestamp.header.version += 1;
    repository.write_online();
    assert!(matches!(
        device.find(&repository, IMAGE),
        Err(UpdateError::Trust(TrustError::Signers { .. }))
    ));
}

/// Two roles delegate to a third, one of them to other keys: what one vouches for is not vouched for by the other.
#[test]
fn probe_the_word_of_one_delegator_is_not_the_word_of_another() {
    let mut left = listing("left", b"l");
    left.delegations = vec![delegation("shared", FIRMWARE, "a")];
    let mut right = listing("right", b"r");
    right.delegations = vec![delegation("shared", STRANGER, "b")];
    let mut repository = delegating(vec![
        (delegation("left", 21, "a"), left, 21),
        (delegation("right", 22, "b"), right, 22),
    ]);
    let mut shared = listing("a", b"1");
    shared.targets.insert("b".to_owned(), TargetDraft::of(b"2"));
    repository.list("shared", 1, &sign(&shared.unsigned().unwrap(), &[FIRMWARE]));
    repository.write_online();
    let mut device = Device::new(&repository);
    let mut trusted = device.update(&repository).unwrap();
    for (role, by) in [
        ("left", "targets"),
        ("right", "targets"),
        ("shared", "left"),
    ] {
        let document = repository.document(&format!("{role}.json"));
        trusted.update_targets(role, by, document, NOW).unwrap();
    }
    assert!(matches!(
        trusted.find_target("a"),
        Ok(tuf_core::search::Lookup::Found(_))
    ));
    let needs = tuf_core::search::Lookup::Needs {
        role: "shared".to_owned(),
        delegator: "right".to_owned(),
    };
    assert_eq!(trusted.find_target("b"), Ok(needs));
    assert!(find(&repository, "b").is_err());
}

#[test]
fn probe_nobody_speaks_for_a_role_that_does_not_delegate() {
    let repository = Repository::new();
    let mut trusted = Device::new(&repository).update(&repository).unwrap();
    let firmware = repository.document("firmware.json");
    for by in ["root", "firmware", "nobody"] {
        let refused = trusted.update_targets("firmware", by, firmware, NOW);
        assert!(
            matches!(refused, Err(TrustError::NotDelegated { .. })),
            "{by}"
        );
    }
    let targets = repository.document("targets.json");
    let refused = trusted.update_targets("targets", "targets", targets, NOW);
    assert!(matches!(refused, Err(TrustError::NotDelegated { .. })));
}

#[test]
fn probe_a_role_is_not_asked_for_paths_that_it_was_not_given() {
    let path = "firmware/gate/deep/2.img";
    let mut repository = Repository::new();
    repository.firmware = listing(path, b"image");
    repository.write();
    assert_eq!(find(&repository, path), Ok(None));
}

#[test]
fn probe_a_path_that_two_roles_list_is_the_first_ones() {
    let repository = delegating(vec![
        (delegation("first", 21, "p"), listing("p", b"1"), 21),
        (delegation("second", 22, "p"), listing("p", b"22"), 22),
    ]);
    assert_eq!(find(&repository, "p"), Ok(Some(1)));
    let mut repository = repository;
    repository
        .targets
        .targets
        .insert("p".to_owned(), TargetDraft::of(b"own"));
    repository.write();
    assert_eq!(find(&repository, "p"), Ok(Some(3)));
}

#[test]
fn probe_behind_a_terminating_role_nobody_is_asked() {
    let mut ending = delegation("first", 21, "p");
    ending.terminating = true;
    let repository = delegating(vec![
        (ending, listing("other", b"1"), 21),
        (delegation("second", 22, "p"), listing("p", b"22"), 22),
    ]);
    let mut device = Device::new(&repository);
    assert_eq!(device.find(&repository, "p"), Ok(None));
    assert_eq!(device.requests.last().unwrap(), "1.first.json");
}

#[test]
fn probe_what_is_below_a_terminating_role_hides_what_is_behind_it() {
    let mut first = listing("x", b"1");
    let mut ending = delegation("below", 23, "p");
    ending.terminating = true;
    first.delegations = vec![ending];
    let mut repository = delegating(vec![
        (delegation("first", 21, "p"), first, 21),
        (delegation("second", 22, "p"), listing("p", b"22"), 22),
    ]);
    repository.list(
        "below",
        1,
        &sign(&listing("x", b"").unsigned().unwrap(), &[23]),
    );
    repository.write_online();
    assert_eq!(find(&repository, "p"), Ok(None));
}

#[test]
fn probe_roles_that_delegate_in_a_circle_are_asked_once() {
    let mut first = listing("x", b"1");
    first.delegations = vec![delegation("second", 22, "p"), delegation("first", 21, "p")];
    let mut second = listing("y", b"2");
    second.delegations = vec![delegation("first", 21, "p")];
    let mut repository = delegating(vec![(delegation("first", 21, "p"), first, 21)]);
    repository.list("second", 1, &sign(&second.unsigned().unwrap(), &[22]));
    repository.write_online();
    let mut device = Device::new(&repository);
    assert_eq!(device.find(&repository, "p"), Ok(None));
    let asked = device.requests.iter();
    assert_eq!(asked.filter(|name| name.contains("first")).count(), 1);
}

#[test]
fn probe_a_search_ends_after_so_many_delegations() {
    let name = |number: usize| format!("r{number}");
    let chain = |length: usize| {
        let mut repository = delegating(vec![(delegation("r0", 21, "p"), listing("x", b""), 21)]);
        for number in 0..length {
            let mut draft = listing("x", b"");
            draft.delegations = vec![delegation(&name(number + 1), 21, "p")];
            if number + 1 == length {
                draft = listing("p", b"found");
            }
            let document = sign(&draft.unsigned().unwrap(), &[21]);
            repository.list(&name(number), 1, &document);
        }
        repository.write_online();
        find(&repository, "p")
    };
    assert_eq!(chain(limits::DELEGATIONS_PER_SEARCH), Ok(Some(5)));
    let refused = UpdateError::Search(SearchError::TooManyDelegations);
    assert_eq!(chain(limits::DELEGATIONS_PER_SEARCH + 1), Err(refused));
}

#[test]
fn probe_a_role_named_like_one_of_the_root_s_is_refused() {
    for name in ["root", "timestamp", "snapshot", "targets", ""] {
        let named = format!("\"name\":\"{name}\"");
        assert_eq!(
            refused("\"name\":\"firmware\"", &named),
            unread(ReadError::RoleName)
        );
    }
    let long = format!("\"name\":\"{}\"", "r".repeat(limits::ROLE_NAME_BYTES + 1));
    assert_eq!(
        refused("\"name\":\"firmware\"", &long),
        unread(ReadError::RoleName)
    );
}

#[test]
fn probe_a_delegation_says_exactly_one_way_of_naming_paths() {
    let paths = "\"paths\":[\"firmware/*/*\"]";
    let both = format!("\"path_hash_prefixes\":[\"\"],{paths}");
    assert_eq!(refused(paths, &both), unread(ReadError::EitherOr));
    assert_eq!(refused(paths, "\"x\":1"), unread(ReadError::EitherOr));
    let bins = "\"succinct_roles\":{},\"roles\"";
    assert_eq!(refused("\"roles\"", bins), unread(ReadError::EitherOr));
}

#[test]
fn probe_one_role_is_delegated_to_once() {
    let role = |name: &str| {
        format!(r#"{{"keyids":[],"name":"{name}","paths":[],"terminating":false,"threshold":1}}"#)
    };
    let twice = format!("\"roles\":[{},{},", role("a"), role("a"));
    assert_eq!(
        refused("\"roles\":[", &twice),
        unread(ReadError::DuplicateRole)
    );
    let many: String = (0..limits::DELEGATED_ROLES)
        .map(|number| role(&format!("r{number}")) + ",")
        .collect();
    let many = format!("\"roles\":[{many}");
    assert_eq!(
        refused("\"roles\":[", &many),
        unread(ReadError::TooMany("delegations"))
    );
}

#[test]
fn probe_paths_and_patterns_are_bounded() {
    let many = format!("\"paths\":[{}", "\"p\",".repeat(limits::PATTERNS));
    assert_eq!(
        refused("\"paths\":[", &many),
        unread(ReadError::TooMany("paths"))
    );
    let long = format!("\"paths\":[\"{}\",", "p".repeat(limits::PATTERN_BYTES + 1));
    assert_eq!(refused("\"paths\":[", &long), unread(ReadError::LongPath));
    let long = "n".repeat(limits::TARGET_PATH_BYTES + 1);
    assert_eq!(refused("notice", &long), unread(ReadError::LongPath));
}

#[test]
fn probe_more_targets_than_the_bound_are_refused() {
    let target = "{\"hashes\":{\"x\":\"\"},\"length\":0}";
    let many: Vec<_> = (0..limits::TARGETS)
        .map(|number| format!("\"{number}\":{target}"))
        .collect();
    let many = format!("\"targets\":{{{},", many.join(","));
    assert_eq!(
        refused("\"targets\":{", &many),
        unread(ReadError::TooMany("targets"))
    );
}

#[test]
fn probe_bins_are_bounded_and_hold_no_other_names() {
    let bins = |bits: &str, prefix: &str| {
        let mut repository = Repository::new();
        let targets = repository.document("targets.json").to_vec();
        let text = String::from_utf8(targets.clone()).unwrap();
        let start = text.find("\"roles\":[").unwrap();
        let end = start + text[start..].find('}').unwrap() + 2;
        let key = repository.targets.delegations[0].signers.keys[0];
        let id = tuf_core::key::PublicKey::from_bytes(&key).unwrap().id();
        let succinct = format!(
            r#""succinct_roles":{{"bit_length":{bits},"keyids":["{id}"],"name_prefix":"{prefix}","threshold":1}}"#
        );
        let forged = altered(&targets, &text[start..end], &succinct, &[TARGETS]);
        repository.list("targets", 1, &forged);
        repository.write_online();
        repository
    };
    for bits in ["0", "33", "4294967296", "-1"] {
        let repository = bins(bits, "b");
        assert!(
            Device::new(&repository).update(&repository).is_err(),
            "{bits}"
        );
    }
    let long = "b".repeat(limits::ROLE_NAME_BYTES);
    assert!(
        Device::new(&bins("8", &long))
            .update(&bins("8", &long))
            .is_err()
    );
    // SHA-256 of "notice" decides the bin; a role of another name does not become one.
    let repository = bins("4", "firmware");
    let mut trusted = Device::new(&repository).update(&repository).unwrap();
    let firmware = repository.document("firmware.json");
    let refused = trusted.update_targets("firmware", "targets", firmware, NOW);
    assert!(matches!(refused, Err(TrustError::NotDelegated { .. })));
}

#[test]
fn probe_a_file_longer_shorter_or_other_than_promised_is_refused() {
    let target = Device::new(&Repository::new()).find(&Repository::new(), IMAGE);
    let target = target.unwrap().unwrap();
    let length = Err(FileError::Length { promised: 5 });
    let mut check = target.check().unwrap();
    check.take(b"image").unwrap();
    assert_eq!(
        check.take(b"s"),
        length,
        "endless data ends at the first byte too many"
    );
    let mut check = target.check().unwrap();
    check.take(b"imag").unwrap();
    assert_eq!(check.finish(), length);
    let mut check = target.check().unwrap();
    check.take(b"imagE").unwrap();
    assert_eq!(check.finish(), Err(FileError::Hash("sha256")));
}

#[test]
fn probe_a_target_with_no_hash_that_can_be_checked_is_refused() {
    let forged = |hashes: &str| {
        let mut repository = Repository::new();
        let targets = repository.document("targets.json").to_vec();
        let text = String::from_utf8(targets.clone()).unwrap();
        let start = text.find("{\"sha256\"").unwrap();
        let end = start + text[start..].find('}').unwrap() + 1;
        let forged = altered(&targets, &text[start..end], hashes, &[TARGETS]);
        repository.list("targets", 1, &forged);
        repository.write_online();
        Device::new(&repository).find(&repository, "notice")
    };
    let unknown = forged("{\"md5\":\"5d41402abc4b2a76b9719d911017c592\"}");
    let target = unknown.unwrap().unwrap();
    assert_eq!(target.check().err(), Some(FileError::NoHash));
    assert!(forged("{}").is_err() && forged("{\"sha256\":\"00\"}").is_err());
    let both = format!(
        "{{\"sha256\":\"{}\",\"sha512\":\"{}\"}}",
        "0".repeat(64),
        "0".repeat(128)
    );
    let mut check = forged(&both).unwrap().unwrap().check().unwrap();
    check.take(b"hello").unwrap();
    assert_eq!(check.finish(), Err(FileError::Hash("sha256")));
    let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let wrong = format!(
        "{{\"sha256\":\"{hello}\",\"sha512\":\"{}\"}}",
        "0".repeat(128)
    );
    let mut check = forged(&wrong).unwrap().unwrap().check().unwrap();
    check.take(b"hello").unwrap();
    assert_eq!(check.finish(), Err(FileError::Hash("sha512")));
}

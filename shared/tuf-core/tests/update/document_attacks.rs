//! Attacks on single documents: who signed them, what they are, how large they are.

use tuf_core::document::ReadError;
use tuf_core::envelope::EnvelopeError;
use tuf_core::file::FileError;
use tuf_core::header::HeaderError;
use tuf_core::limits;
use tuf_core::role::ThresholdError;
use tuf_core::trusted::TrustError;
use tuf_core::update::UpdateError;

use crate::rig::{
    Device, FIRMWARE, Repository, SNAPSHOT, STRANGER, TARGETS, TIMESTAMP, altered, forge,
};

fn unsigned(role: &str) -> UpdateError {
    let source = ThresholdError {
        valid: 0,
        needed: 1,
    };
    let role = role.to_owned();
    TrustError::Signers { role, source }.into()
}

fn unread(role: &str, source: ReadError) -> Option<UpdateError> {
    let role = role.to_owned();
    Some(TrustError::Read { role, source }.into())
}

/// The document as it is, signed by somebody else.
fn signed_by(repository: &Repository, name: &str, seed: u8) -> Vec<u8> {
    altered(repository.document(name), "_type", "_type", &[seed])
}

fn refused(repository: &Repository) -> Option<UpdateError> {
    Device::new(repository).update(repository).err()
}

#[test]
fn probe_a_timestamp_by_a_stranger_or_by_the_key_of_another_role_is_refused() {
    let mut repository = Repository::new();
    for seed in [STRANGER, SNAPSHOT, TARGETS] {
        let forged = signed_by(&repository, "timestamp.json", seed);
        repository
            .served
            .insert("timestamp.json".to_owned(), forged);
        assert_eq!(refused(&repository), Some(unsigned("timestamp")));
    }
}

#[test]
fn probe_a_snapshot_by_a_stranger_or_by_the_key_of_another_role_is_refused() {
    let mut repository = Repository::new();
    for seed in [STRANGER, TIMESTAMP, TARGETS] {
        let forged = signed_by(&repository, "snapshot.json", seed);
        repository.promise(1, &forged);
        assert_eq!(refused(&repository), Some(unsigned("snapshot")));
    }
}

#[test]
fn probe_targets_by_a_stranger_or_by_one_they_delegate_to_are_refused() {
    let mut repository = Repository::new();
    for seed in [STRANGER, FIRMWARE, SNAPSHOT, TIMESTAMP] {
        let forged = signed_by(&repository, "targets.json", seed);
        repository.list("targets", 1, &forged);
        repository.write_online();
        assert_eq!(refused(&repository), Some(unsigned("targets")));
    }
}

/// One key may hold several roles: what it signed for one is nothing for another.
#[test]
fn probe_a_document_of_one_role_does_not_pass_for_another() {
    let mut repository = Repository::new();
    for (name, kind, key) in [
        ("timestamp.json", "timestamp", TIMESTAMP),
        ("snapshot.json", "snapshot", SNAPSHOT),
        ("targets.json", "targets", TARGETS),
    ] {
        let is = format!("\"_type\":\"{kind}\"");
        let forged = altered(
            repository.document(name),
            &is,
            "\"_type\":\"mirrors\"",
            &[key],
        );
        match kind {
            "timestamp" => {
                repository.served.insert(name.to_owned(), forged);
            }
            "snapshot" => repository.promise(1, &forged),
            _ => {
                repository.list("targets", 1, &forged);
                repository.write_online();
            }
        }
        let wrong = ReadError::Header(HeaderError::Kind(kind));
        assert_eq!(refused(&repository), unread(kind, wrong));
        repository = Repository::new();
    }
}

#[test]
fn probe_a_file_that_is_not_the_promised_one_is_refused() {
    let repository = Repository::new();
    for (name, role, key) in [
        ("1.snapshot.json", "snapshot", SNAPSHOT),
        ("1.targets.json", "targets", TARGETS),
    ] {
        let mut changed = repository.clone();
        let other = altered(repository.document(name), "Z\"", "Z\"", &[key]);
        let longer = [other.as_slice(), b" "].concat();
        changed.served.insert(name.to_owned(), longer);
        let role = role.to_owned();
        let promised = repository.document(name).len() as u64;
        let source = FileError::Length { promised };
        let wrong = TrustError::File {
            role: role.clone(),
            source,
        };
        assert_eq!(refused(&changed), Some(wrong.into()));
        let year = altered(repository.document(name), "2028-", "2029-", &[key]);
        assert_eq!(year.len() as u64, promised);
        changed.served.insert(name.to_owned(), year);
        let source = FileError::Hash("sha256");
        assert_eq!(
            refused(&changed),
            Some(TrustError::File { role, source }.into())
        );
    }
}

/// Hashes may be left out of a timestamp and a snapshot: the version still binds.
#[test]
fn probe_another_version_than_the_promised_one_is_refused() {
    let mut repository = Repository::new();
    repository.publish();
    let bare = |text: &[u8], version: u64, key| {
        let text = String::from_utf8(text.to_vec()).unwrap();
        let start = text.find("{\"hashes\"").unwrap();
        let end = start + text[start..].find("\"version\"").unwrap();
        let promise = text[start..end].to_owned();
        let _ = version;
        altered(text.as_bytes(), &promise, "{", &[key])
    };
    let timestamp = bare(repository.document("timestamp.json"), 2, TIMESTAMP);
    let snapshot = repository.document("1.snapshot.json").to_vec();
    repository
        .served
        .insert("timestamp.json".to_owned(), timestamp);
    repository
        .served
        .insert("2.snapshot.json".to_owned(), snapshot);
    let wrong = |role: &str| {
        let (role, promised, found) = (role.to_owned(), 2, 1);
        Some(UpdateError::from(TrustError::OtherVersion {
            role,
            promised,
            found,
        }))
    };
    assert_eq!(refused(&repository), wrong("snapshot"));

    let mut repository = Repository::new();
    repository.publish();
    let text = repository.document("snapshot.json").to_vec();
    let mut snapshot = bare(&text, 2, SNAPSHOT);
    snapshot = bare(&snapshot, 2, SNAPSHOT);
    let old = repository.document("1.targets.json").to_vec();
    repository.promise(2, &snapshot);
    repository.served.insert("2.targets.json".to_owned(), old);
    assert_eq!(refused(&repository), wrong("targets"));
}

#[test]
fn probe_targets_that_no_snapshot_lists_are_not_asked_for() {
    let mut repository = Repository::new();
    repository.snapshot.roles.remove("targets");
    repository.write_online();
    let role = "targets".to_owned();
    let wrong = UpdateError::from(TrustError::NotPromised { role });
    assert_eq!(refused(&repository), Some(wrong));
}

#[test]
fn probe_documents_beyond_their_size_are_not_read() {
    let filled = |document: &[u8], bytes: usize, key| {
        let filling = format!("\"_type\":\"timestamp\",\"x\":\"{}\"", "x".repeat(bytes));
        altered(document, "\"_type\":\"timestamp\"", &filling, &[key])
    };
    let mut repository = Repository::new();
    let large = filled(
        repository.document("timestamp.json"),
        limits::TIMESTAMP_BYTES,
        TIMESTAMP,
    );
    repository.served.insert("timestamp.json".to_owned(), large);
    let error = tuf_core::canonical::JsonError::TooLarge(limits::TIMESTAMP_BYTES);
    let wrong = ReadError::Envelope(EnvelopeError::Json(error));
    assert_eq!(refused(&repository), unread("timestamp", wrong));
    let spaces = vec![b' '; limits::SNAPSHOT_BYTES];
    let mut repository = Repository::new();
    let large = [repository.document("snapshot.json"), &spaces].concat();
    repository.promise(1, &large);
    let error = tuf_core::canonical::JsonError::TooLarge(limits::SNAPSHOT_BYTES);
    let wrong = ReadError::Envelope(EnvelopeError::Json(error));
    assert_eq!(refused(&repository), unread("snapshot", wrong));
    let spaces = vec![b' '; limits::TARGETS_BYTES];
    let mut repository = Repository::new();
    let large = [repository.document("targets.json"), &spaces].concat();
    repository.list("targets", 1, &large);
    repository.write_online();
    let error = tuf_core::canonical::JsonError::TooLarge(limits::TARGETS_BYTES);
    let wrong = ReadError::Envelope(EnvelopeError::Json(error));
    assert_eq!(refused(&repository), unread("targets", wrong));
}

#[test]
fn probe_no_more_is_asked_for_than_was_promised_or_is_bounded() {
    let mut repository = Repository::new();
    repository.timestamp.snapshot.length = u64::MAX;
    let asked = std::cell::RefCell::new(Vec::new());
    let mut device = Device::new(&repository);
    let honest = |fetch: &tuf_core::update::Fetch| {
        asked
            .borrow_mut()
            .push((fetch.role.clone(), fetch.max_bytes));
        repository.answer(fetch)
    };
    device.update_at(crate::rig::NOW, honest).unwrap();
    let length = |name: &str| repository.document(name).len();
    let wanted = [
        ("root".to_owned(), limits::ROOT_BYTES),
        ("timestamp".to_owned(), limits::TIMESTAMP_BYTES),
        ("snapshot".to_owned(), length("snapshot.json")),
        ("targets".to_owned(), length("targets.json")),
    ];
    assert_eq!(*asked.borrow(), wanted);
}

#[test]
fn probe_a_snapshot_of_more_roles_than_the_bound_is_refused() {
    let mut repository = Repository::new();
    let roles: Vec<_> = (0..=limits::SNAPSHOT_ROLES)
        .map(|number| format!("\"{number}.json\":{{\"version\":1}}"))
        .collect();
    let signed = format!(
        r#"{{"_type":"snapshot","expires":"2028-01-01T00:00:00Z","meta":{{{}}},"spec_version":"1.0.31","version":1}}"#,
        roles.join(",")
    );
    repository.promise(1, &forge(&signed, &[SNAPSHOT]));
    assert_eq!(
        refused(&repository),
        unread("snapshot", ReadError::TooMany("roles"))
    );
}

#[test]
fn probe_names_of_roles_are_bounded_and_end_in_json() {
    let long = "r".repeat(limits::ROLE_NAME_BYTES + 1);
    for name in [format!("{long}.json"), "firmware".to_owned()] {
        let mut repository = Repository::new();
        let snapshot = repository.document("snapshot.json").to_vec();
        let forged = altered(&snapshot, "firmware.json", &name, &[SNAPSHOT]);
        repository.promise(1, &forged);
        assert_eq!(
            refused(&repository),
            unread("snapshot", ReadError::RoleName)
        );
    }
}

#[test]
fn probe_versions_and_lengths_are_whole_numbers() {
    for version in ["0", "-1", "\"1\"", "null", "[1]", "18446744073709551616000"] {
        let mut repository = Repository::new();
        let timestamp = repository.document("timestamp.json").to_vec();
        let text = String::from_utf8(timestamp.clone()).unwrap();
        let end = "\"spec_version\":\"1.0.0\",\"version\":";
        assert!(text.ends_with(&format!("{end}1}}}}")));
        let forged = match version.parse::<u128>() {
            Ok(number) if number > 0 => text.replace(&format!("{end}1"), &format!("{end}{number}")),
            _ => {
                let forged = altered(
                    &timestamp,
                    &format!("{end}1"),
                    &format!("{end}{version}"),
                    &[TIMESTAMP],
                );
                String::from_utf8(forged).unwrap()
            }
        };
        repository
            .served
            .insert("timestamp.json".to_owned(), forged.into_bytes());
        let read = matches!(
            refused(&repository),
            Some(UpdateError::Trust(TrustError::Read { .. }))
        );
        assert!(read, "{version}");
    }
    let mut repository = Repository::new();
    let targets = repository.document("targets.json").to_vec();
    let forged = altered(&targets, "\"length\":5", "\"length\":-5", &[TARGETS]);
    repository.list("targets", 1, &forged);
    repository.write_online();
    assert!(matches!(
        refused(&repository),
        Some(UpdateError::Trust(TrustError::Read { .. }))
    ));
}

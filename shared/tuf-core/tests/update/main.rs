//! Stories of updates: a repository publishes, devices follow, and attackers in between do not get through.

mod attacks;
mod delegation_attacks;
mod document_attacks;
mod rig;

use tuf_core::canonical::Json;
use tuf_core::trusted::Trusted;
use tuf_core::update::UpdateError;

use crate::rig::{Device, IMAGE, NOW, Repository, TIMESTAMP, public, signers};

#[test]
fn a_device_asks_for_each_file_once_and_keeps_it_as_it_came() {
    let repository = Repository::new();
    let mut device = Device::following(&repository);
    let asked = [
        "2.root.json",
        "timestamp.json",
        "1.snapshot.json",
        "1.targets.json",
    ];
    assert_eq!(device.requests, asked);
    for role in ["timestamp", "snapshot", "targets"] {
        assert_eq!(
            device.files[role],
            repository.document(&format!("{role}.json"))
        );
    }
    device.requests.clear();
    device.update(&repository).unwrap();
    assert_eq!(device.requests, ["2.root.json", "timestamp.json"]);
}

#[test]
fn a_new_version_of_everything_is_followed() {
    let mut repository = Repository::new();
    let mut device = Device::following(&repository);
    repository.publish();
    let trusted = device.update(&repository).unwrap();
    assert_eq!(trusted.fresh_until_unix_s(), Some(rig::FAR));
    let floors = device.floors();
    assert_eq!(
        (floors.timestamp, floors.promised, floors.snapshot),
        (2, 2, 2)
    );
    assert_eq!((floors.roles["targets"], floors.roles["firmware"]), (2, 2));
}

#[test]
fn a_target_is_found_where_it_is_delegated_to() {
    let repository = Repository::new();
    let mut device = Device::new(&repository);
    let found = device.find(&repository, IMAGE).unwrap().unwrap();
    let mut check = found.check().unwrap();
    check.take(b"ima").unwrap();
    check.take(b"ge").unwrap();
    check.finish().unwrap();
    assert_eq!(device.requests.last().unwrap(), "1.firmware.json");
    assert!(device.find(&repository, "notice").unwrap().is_some());
    assert_eq!(device.find(&repository, "firmware/gate/3.img"), Ok(None));
}

#[test]
fn roots_are_followed_one_by_one_and_the_last_is_kept() {
    let mut repository = Repository::new();
    let mut device = Device::following(&repository);
    repository.rotate(&[rig::ROOT]);
    repository.root.keys = vec![public(11)];
    repository.rotate(&[11]);
    device.update(&repository).unwrap();
    assert_eq!((device.version("root"), device.floors().root), (3, 3));
}

#[test]
fn a_withdrawn_key_takes_the_versions_with_it_that_it_made_up() {
    let mut repository = Repository::new();
    let mut attacker = repository.clone();
    attacker.timestamp.header.version = 1_000_000;
    attacker.write();
    let mut device = Device::following(&attacker);
    repository.publish();
    assert!(matches!(
        device.update(&repository),
        Err(UpdateError::Trust(_))
    ));
    repository
        .root
        .others
        .insert(tuf_core::role::RoleName::Timestamp, signers(&[12]));
    repository.timestamp_key = 12;
    repository.rotate(&[rig::ROOT]);
    repository.write();
    device.update(&repository).unwrap();
    assert_eq!(
        (device.version("timestamp"), device.floors().timestamp),
        (2, 2)
    );
}

#[test]
fn an_expired_root_or_timestamp_is_a_place_to_start_from() {
    let mut repository = Repository::new();
    repository.timestamp.header.expires_unix_s = NOW + 60;
    repository.write();
    let mut device = Device::following(&repository);
    repository.timestamp.header.expires_unix_s = rig::FAR;
    repository.publish();
    assert!(
        device
            .update_at(NOW + 3600, |fetch| repository.answer(fetch))
            .is_ok()
    );
}

#[test]
fn without_consistent_snapshots_files_have_one_name() {
    let mut repository = Repository::new();
    let root = repository.document("1.root.json").to_vec();
    let plain = rig::altered(
        &root,
        "\"consistent_snapshot\":true",
        "\"consistent_snapshot\":false",
        &[rig::ROOT],
    );
    repository.served.insert("1.root.json".to_owned(), plain);
    let mut device = Device::new(&repository);
    assert!(device.find(&repository, IMAGE).unwrap().is_some());
    let asked = [
        "2.root.json",
        "timestamp.json",
        "snapshot.json",
        "targets.json",
        "firmware.json",
    ];
    assert_eq!(device.requests, asked);
}

#[test]
fn unknown_fields_are_signed_and_custom_ones_are_handed_on() {
    let mut repository = Repository::new();
    let targets = repository.document("1.targets.json").to_vec();
    let with = rig::altered(
        &targets,
        "\"length\":5}",
        "\"custom\":{\"release\":7},\"length\":5,\"x\":[null]}",
        &[rig::TARGETS],
    );
    repository.list("targets", 1, &with);
    repository.write_online();
    let found = Device::new(&repository)
        .find(&repository, "notice")
        .unwrap()
        .unwrap();
    let Some(Json::Object(custom)) = found.custom else {
        panic!("custom fields are an object")
    };
    assert_eq!(custom["release"], Json::Integer(7));
}

#[test]
fn the_rules_hold_without_the_machine_too() {
    let repository = Repository::new();
    let mut trusted = Trusted::open(
        repository.first_root(),
        tuf_core::floors::Floors::default(),
        &tuf_core::schemes::Ed25519Only,
    )
    .unwrap();
    let document = |name: &str| repository.document(name).to_vec();
    assert!(
        trusted
            .update_snapshot(&document("snapshot.json"), NOW)
            .is_err(),
        "too early"
    );
    trusted
        .update_timestamp(&document("timestamp.json"), NOW)
        .unwrap();
    assert!(
        trusted
            .update_targets("targets", "root", &document("targets.json"), NOW)
            .is_err()
    );
    trusted
        .update_snapshot(&document("snapshot.json"), NOW)
        .unwrap();
    trusted
        .update_targets("targets", "root", &document("targets.json"), NOW)
        .unwrap();
    trusted
        .update_targets("firmware", "targets", &document("firmware.json"), NOW)
        .unwrap();
    assert_eq!(
        public(TIMESTAMP),
        *trusted.root().keys(tuf_core::role::RoleName::Timestamp)[0].as_bytes()
    );
}

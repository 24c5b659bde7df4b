//! Attacks on what is newest: rollback, freeze, mix-and-match, withheld roots, lost and torn state.

use tuf_core::limits;
use tuf_core::role::RoleName;
use tuf_core::trusted::TrustError;
use tuf_core::update::UpdateError;

use crate::rig::{
    DAY, Device, FAR, NOW, ROOT, Repository, SNAPSHOT, STRANGER, TIMESTAMP, altered, public,
    signers,
};

fn rollback(role: &str, found: u64, floor: u64) -> UpdateError {
    let role = role.to_owned();
    TrustError::Rollback { role, found, floor }.into()
}

fn expired(role: &str) -> UpdateError {
    let role = role.to_owned();
    TrustError::Expired { role }.into()
}

/// A device at version 3 of everything, and the repository as it was at version 2.
fn device_ahead() -> (Device, Repository) {
    let mut repository = Repository::new();
    repository.publish();
    let old = repository.clone();
    repository.publish();
    (Device::following(&repository), old)
}

/// The genuine old targets under a new snapshot and a new timestamp.
fn republished(mut old: Repository) -> Repository {
    old.snapshot.header.version = 10;
    old.timestamp.header.version = 10;
    old.write_online();
    old
}

#[test]
fn probe_an_older_timestamp_is_refused() {
    let (mut device, old) = device_ahead();
    assert_eq!(device.update(&old).err(), Some(rollback("timestamp", 2, 3)));
}

#[test]
fn probe_an_older_snapshot_under_a_newer_timestamp_is_refused() {
    let (mut device, mut old) = device_ahead();
    old.timestamp.header.version = 10;
    old.write_online();
    assert_eq!(device.update(&old).err(), Some(rollback("snapshot", 2, 3)));
    assert_eq!(device.version("timestamp"), 3);
}

#[test]
fn probe_a_snapshot_that_was_only_promised_is_a_floor_too() {
    let mut repository = Repository::new();
    let mut device = Device::following(&repository);
    let before = repository.clone();
    repository.publish();
    repository.served.remove("2.snapshot.json");
    assert!(
        device.update(&repository).is_err(),
        "nobody serves the snapshot"
    );
    let mut attacker = before;
    attacker.timestamp.header.version = 3;
    attacker.write_online();
    assert_eq!(
        device.update(&attacker).err(),
        Some(rollback("snapshot", 1, 2))
    );
}

#[test]
fn probe_old_targets_under_a_new_snapshot_are_refused() {
    let (mut device, old) = device_ahead();
    let attacker = republished(old);
    assert_eq!(
        device.update(&attacker).err(),
        Some(rollback("firmware", 2, 3))
    );
}

/// The attacker holds the online keys, serves what is refused, and serves it again to a device that restarted.
#[test]
fn probe_a_rollback_over_two_updates_with_a_restart_between_is_refused_twice() {
    let (mut device, old) = device_ahead();
    let mut attacker = republished(old);
    assert_eq!(
        device.update(&attacker).err(),
        Some(rollback("firmware", 2, 3))
    );
    assert_eq!(
        device.update(&attacker).err(),
        Some(rollback("firmware", 2, 3))
    );
    attacker.publish_online();
    assert_eq!(
        device.update(&attacker).err(),
        Some(rollback("firmware", 2, 3))
    );
    assert_eq!(
        (device.version("snapshot"), device.version("targets")),
        (3, 3)
    );
}

#[test]
fn probe_a_role_that_vanishes_from_the_snapshot_is_refused() {
    let mut repository = Repository::new();
    let mut device = Device::following(&repository);
    repository.snapshot.header.version += 1;
    repository.timestamp.header.version += 1;
    repository.snapshot.roles.remove("firmware");
    repository.write_online();
    let role = "firmware".to_owned();
    let refused = UpdateError::from(TrustError::Removed { role });
    assert_eq!(device.update(&repository).err(), Some(refused));
}

#[test]
fn probe_losing_the_cached_files_lowers_no_floor() {
    let (mut device, old) = device_ahead();
    device.files.retain(|role, _| role == "root");
    assert_eq!(device.update(&old).err(), Some(rollback("timestamp", 2, 3)));
    assert!(device.update(&republished(old)).is_err());
}

#[test]
fn probe_putting_old_files_back_lowers_no_floor() {
    let (mut device, old) = device_ahead();
    for role in ["timestamp", "snapshot", "targets"] {
        device.files.insert(
            role.to_owned(),
            old.document(&format!("{role}.json")).to_vec(),
        );
    }
    assert_eq!(device.update(&old).err(), Some(rollback("timestamp", 2, 3)));
    assert!(device.update(&republished(old)).is_err());
}

#[test]
fn probe_without_floors_the_files_teach_them() {
    let (mut device, old) = device_ahead();
    device.floors = None;
    assert_eq!(
        device.clone().update(&old).err(),
        Some(rollback("timestamp", 2, 3))
    );
    let attacker = republished(old);
    assert_eq!(
        device.clone().update(&attacker).err(),
        Some(rollback("firmware", 2, 3))
    );
    device.files.remove("timestamp");
    assert_eq!(
        device.update(&attacker).err(),
        Some(rollback("firmware", 2, 3))
    );
}

#[test]
fn probe_a_power_cut_at_any_save_loses_no_floor_and_stops_no_later_update() {
    let mut repository = Repository::new();
    let before = Device::following(&repository);
    let old = repository.clone();
    repository.publish();
    repository.rotate(&[ROOT]);
    for power in 0..=9 {
        let mut device = before.clone();
        device.power = power;
        device.update(&repository).unwrap();
        device.power = usize::MAX;
        let mut cheated = device.clone();
        let timestamp = device.floors().timestamp;
        let root_behind = device.floors().root > device.version("root");
        let refused = cheated.update(&old).is_err();
        assert_eq!(refused, timestamp == 2 || root_behind, "{power} saves");
        if device.floors().roles["targets"] == 2 {
            assert!(
                cheated.update(&republished(old.clone())).is_err(),
                "{power} saves"
            );
        }
        if device.version("timestamp") == 2 {
            assert_eq!(timestamp, 2, "the floor is saved before the file");
        }
        device.update(&repository).unwrap();
        assert_eq!(device.version("targets"), 2);
    }
}

#[test]
fn probe_two_updaters_that_take_turns_lower_no_floor() {
    let (mut device, old) = device_ahead();
    let mut other = device.clone();
    assert!(other.update(&republished(old.clone())).is_err());
    device.floors = other.floors;
    assert!(device.update(&old).is_err());
}

#[test]
fn probe_a_timestamp_that_has_expired_is_refused() {
    let mut repository = Repository::new();
    let mut device = Device::following(&repository);
    repository.timestamp.header.expires_unix_s = NOW;
    repository.publish_online();
    assert_eq!(device.update(&repository).err(), Some(expired("timestamp")));
    assert_eq!(
        (device.version("timestamp"), device.floors().timestamp),
        (1, 1)
    );
}

/// A full eclipse: the last timestamp comes again and again, and runs out.
#[test]
fn probe_a_timestamp_that_is_replayed_until_it_expires_is_noticed() {
    let mut repository = Repository::new();
    repository.timestamp.header.expires_unix_s = NOW + DAY;
    repository.write();
    let mut device = Device::following(&repository);
    let at = |device: &mut Device, now| {
        device
            .update_at(now, |fetch| repository.answer(fetch))
            .err()
    };
    assert_eq!(at(&mut device, NOW + DAY - 1), None);
    assert_eq!(at(&mut device, NOW + DAY), Some(expired("timestamp")));
}

#[test]
fn probe_a_root_that_has_expired_carries_nothing() {
    let mut repository = Repository::new();
    let mut device = Device::following(&repository);
    repository.root.expires_unix_s = NOW;
    repository.rotate(&[ROOT]);
    repository.publish();
    assert_eq!(device.update(&repository).err(), Some(expired("root")));
    assert_eq!(
        (device.version("root"), device.version("timestamp")),
        (2, 1)
    );
}

#[test]
fn probe_a_snapshot_or_targets_that_have_expired_are_refused() {
    let mut repository = Repository::new();
    repository.snapshot.header.expires_unix_s = NOW;
    repository.write();
    assert_eq!(
        Device::new(&repository).update(&repository).err(),
        Some(expired("snapshot"))
    );
    repository.snapshot.header.expires_unix_s = FAR;
    repository.targets.header.expires_unix_s = NOW;
    repository.write();
    assert_eq!(
        Device::new(&repository).update(&repository).err(),
        Some(expired("targets"))
    );
}

#[test]
fn probe_a_clock_that_is_set_back_revives_nothing() {
    let mut repository = Repository::new();
    repository.timestamp.header.expires_unix_s = NOW + DAY;
    repository.write();
    let old = repository.clone();
    repository.timestamp.header.expires_unix_s = FAR;
    repository.publish();
    let mut device = Device::new(&repository);
    device
        .update_at(NOW + 2 * DAY, |fetch| repository.answer(fetch))
        .unwrap();
    device.floors = Some({
        let mut floors = device.floors();
        (floors.timestamp, floors.promised, floors.snapshot) = (0, 0, 0);
        floors.roles.clear();
        floors.to_bytes()
    });
    device.files.retain(|role, _| role == "root");
    assert_eq!(device.update(&old).err(), Some(expired("timestamp")));
}

#[test]
fn probe_a_timestamp_with_the_version_of_the_last_changes_nothing() {
    let mut repository = Repository::new();
    let mut device = Device::following(&repository);
    let kept = device.files["timestamp"].clone();
    repository.snapshot.header.version = 50;
    repository.write_online();
    device.update(&repository).unwrap();
    assert_eq!(device.files["timestamp"], kept);
    assert_eq!(device.floors().promised, 1);
}

#[test]
fn probe_one_neighbour_who_knows_more_ends_a_freeze_by_all_others() {
    let mut repository = Repository::new();
    let mut device = Device::following(&repository);
    let frozen = repository.clone();
    repository.publish();
    let neighbours = |fetch: &_| {
        let mut answers: Vec<_> = (0..7).flat_map(|_| frozen.answer(fetch)).collect();
        answers.extend(repository.answer(fetch));
        answers
    };
    device.update_at(NOW, neighbours).unwrap();
    assert_eq!(device.version("targets"), 2);
}

#[test]
fn probe_garbage_from_one_neighbour_does_not_spoil_what_another_brings() {
    let repository = Repository::new();
    let neighbours = |fetch: &_| {
        let mut answers = vec![b"{}".to_vec(), vec![0xff; 64]];
        let found = repository.answer(fetch);
        if found.is_empty() {
            return found;
        }
        answers.extend(found);
        answers
    };
    let mut device = Device::new(&repository);
    device.update_at(NOW, neighbours).unwrap();
    assert_eq!(device.version("targets"), 1);
}

#[test]
fn probe_answers_beyond_the_bound_are_not_looked_at() {
    let repository = Repository::new();
    let neighbours = |fetch: &_| {
        let mut answers = vec![b"{}".to_vec(); limits::ANSWERS];
        answers.extend(repository.answer(fetch));
        if fetch == &root_2() {
            Vec::new()
        } else {
            answers
        }
    };
    assert!(Device::new(&repository).update_at(NOW, neighbours).is_err());
}

fn root_2() -> tuf_core::update::Fetch {
    tuf_core::update::Fetch {
        role: "root".to_owned(),
        version: Some(2),
        max_bytes: limits::ROOT_BYTES,
    }
}

#[test]
fn probe_targets_of_one_version_do_not_go_with_the_snapshot_of_another() {
    let mut repository = Repository::new();
    let old = repository.clone();
    repository.publish();
    let mixed = |fetch: &tuf_core::update::Fetch| {
        if fetch.role == "targets" {
            return vec![old.document("1.targets.json").to_vec()];
        }
        repository.answer(fetch)
    };
    let mut device = Device::new(&repository);
    let refused = device.update_at(NOW, mixed).err();
    assert!(matches!(
        refused,
        Some(UpdateError::Trust(TrustError::File { .. }))
    ));
}

#[test]
fn probe_a_root_that_nobody_serves_is_missed_once_it_was_heard_of() {
    let repository = Repository::new();
    let mut device = Device::following(&repository);
    device.heard_root = 2;
    let refused = UpdateError::RootWithheld { known: 1, heard: 2 };
    assert_eq!(device.update(&repository).err(), Some(refused));
}

#[test]
fn probe_a_root_that_was_seen_is_missed_when_its_file_is_older() {
    let mut repository = Repository::new();
    let old = repository.clone();
    repository.rotate(&[ROOT]);
    let mut device = Device::following(&repository);
    device
        .files
        .insert("root".to_owned(), old.first_root().to_vec());
    let refused = UpdateError::RootWithheld { known: 1, heard: 2 };
    assert_eq!(device.update(&old).err(), Some(refused));
    assert!(device.update(&repository).is_ok());
}

#[test]
fn probe_more_roots_than_the_bound_take_more_than_one_update() {
    let mut repository = Repository::new();
    for _ in 0..=limits::ROOTS_PER_UPDATE {
        repository.rotate(&[ROOT]);
    }
    let mut device = Device::new(&repository);
    assert_eq!(
        device.update(&repository).err(),
        Some(UpdateError::TooManyRoots)
    );
    assert_eq!(
        device.version("root"),
        u64::from(limits::ROOTS_PER_UPDATE) + 1
    );
    device.update(&repository).unwrap();
}

#[test]
fn probe_a_key_that_is_only_added_lowers_no_floor() {
    let (mut device, mut old) = device_ahead();
    old.root
        .others
        .insert(RoleName::Timestamp, signers(&[TIMESTAMP, 12]));
    old.root
        .others
        .insert(RoleName::Snapshot, signers(&[SNAPSHOT, 13]));
    old.rotate(&[ROOT]);
    assert_eq!(device.update(&old).err(), Some(rollback("timestamp", 2, 3)));
    assert!(device.update(&republished(old)).is_err());
}

#[test]
fn probe_a_new_timestamp_key_lowers_no_floor_of_the_snapshot() {
    let (mut device, mut old) = device_ahead();
    old.root.others.insert(RoleName::Timestamp, signers(&[12]));
    old.timestamp_key = 12;
    old.rotate(&[ROOT]);
    old.write();
    assert_eq!(device.update(&old).err(), Some(rollback("snapshot", 2, 3)));
    assert_eq!(
        device.update(&republished(old)).err(),
        Some(rollback("firmware", 2, 3))
    );
}

#[test]
fn probe_what_a_withdrawn_key_signed_is_not_taken_up_again() {
    let mut repository = Repository::new();
    let mut device = Device::following(&repository);
    repository
        .root
        .others
        .insert(RoleName::Timestamp, signers(&[12]));
    repository.rotate(&[ROOT]);
    let refused = device.update(&repository).err();
    assert!(matches!(
        refused,
        Some(UpdateError::Trust(TrustError::Signers { .. }))
    ));
    repository.timestamp_key = 12;
    repository.write();
    device.update(&repository).unwrap();
    assert_eq!(
        device.files["timestamp"],
        repository.document("timestamp.json")
    );
}

#[test]
fn probe_what_is_refused_changes_nothing() {
    let repository = Repository::new();
    let mut device = Device::following(&repository);
    let before = (device.files.clone(), device.floors.clone());
    let mut attacker = repository.clone();
    let timestamp = repository.document("timestamp.json").to_vec();
    let forged = altered(&timestamp, "\"version\":1}", "\"version\":9}", &[STRANGER]);
    attacker.served.insert("timestamp.json".to_owned(), forged);
    assert!(device.update(&attacker).is_err());
    assert_eq!((device.files, device.floors), before);
    assert_ne!(public(STRANGER), public(TIMESTAMP));
}

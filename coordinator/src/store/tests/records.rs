use std::time::Duration;

use protocol::alert::{Alarm, Matter};
use protocol::class::DeviceClass;
use protocol::coordinator::save::{Link, Save, Token, TokenState};
use protocol::deputies::Sink;
use protocol::enrolment::TokenId;
use protocol::id::Digest;
use protocol::record::Flags;
use protocol::statement::Statement;
use protocol::statement::host::{EvidenceKind, Reading, Sighting};
use protocol::text::Path;
use zeroize::Zeroizing;

use super::rig::{self, Disk, at, collected, device, position, readings, saved};
use crate::store::fault::{ChangeError, CommitError, OpenStoreError};
use crate::store::key::StoreKey;
use crate::store::meta::SCHEMA;
use crate::store::sealed::in_the_clear;
use crate::store::{Integrity, Store};

#[test]
fn a_record_reads_back_as_it_was_received() {
    let (mut store, _) = Disk::default().open();
    let mut record = collected(1, position(0, 0), at(5), rig::start());
    record.received = at(900);
    record.flags = Flags::UNLINKED.with(Flags::CLOCK_DOUBTED);
    record.link = Link::Gap;
    store
        .commit(&[saved(record.clone())])
        .expect("it is stored");
    let found = store
        .reader()
        .records(&device(1), None, 10)
        .expect("it is read");
    let [stored] = found.as_slice() else {
        panic!("one record, not {}", found.len());
    };
    assert_eq!(stored.record, record.record);
    assert_eq!((stored.time, stored.received), (at(5), at(900)));
    assert_eq!((stored.flags, stored.link), (record.flags, Link::Gap));
}

#[test]
fn memory_tells_where_the_records_end_and_opens_them() {
    let disk = Disk::default();
    let (mut store, memory) = disk.open();
    assert!(memory.devices.is_empty() && memory.log_head.is_none());
    let mut batch = vec![rig::enrolled(1)];
    batch.extend(readings(1, 0..20));
    batch.push(Save::Contact {
        device: device(1),
        contact: b"contact".to_vec(),
    });
    let retired = Save::Retired {
        device: device(1),
        at: at(200_000),
    };
    batch.push(retired);
    store.commit(&batch).expect("it is stored");
    drop(store);
    let (mut store, memory) = disk.open();
    assert_eq!(store.integrity(), Integrity::Unchecked);
    assert_eq!(store.check().expect("a check"), Integrity::Sound);
    let remembered = &memory.devices[&device(1)];
    assert_eq!(
        remembered.last.expect("a last record").position,
        position(0, 19)
    );
    assert_eq!(remembered.received, Some(at(190_000)));
    assert_eq!(remembered.retired, Some(at(200_000)));
    assert_eq!(remembered.contact.as_deref(), Some(b"contact".as_slice()));
    let record = store
        .reader()
        .record(&device(1), position(0, 7))
        .expect("it is read");
    let body = record.expect("it is there").record.body;
    assert_eq!(body.open(&remembered.data_key), Ok(rig::reading(7)));
}

#[test]
fn a_batch_that_is_committed_twice_counts_once() {
    let (mut store, _) = Disk::default().open();
    let batch = readings(1, 0..50);
    store.commit(&batch).expect("it is stored");
    let before = store.reader().counts().expect("counts");
    store.commit(&batch).expect("it is stored already");
    assert_eq!(store.reader().counts().expect("counts"), before);
    assert_eq!(
        store.reader().record_count(&device(1)).expect("a count"),
        50
    );
}

#[test]
fn pages_go_both_ways_over_pauses_restarts_and_a_clock_that_steps_back() {
    let (mut store, _) = Disk::default().open();
    let places = [
        (position(0, 0), 0),
        (position(0, 1), 10_000),
        (position(0, 2), 30 * 86_400_000),
        (position(0, 3), 30 * 86_400_000 + 10_000),
        (position(1, 0), 20_000),
        (position(1, 1), 40_000),
        (position(4, 0), 40_001),
    ];
    for (place, time) in places {
        let record = collected(1, place, at(time), rig::reading(1));
        let beside = collected(2, place, at(time), rig::reading(2));
        store
            .commit(&[saved(record), saved(beside)])
            .expect("it is stored");
    }
    let reader = store.reader();
    let all: Vec<_> = places.iter().map(|(place, _)| *place).collect();
    let positions = |page: Vec<crate::store::records::StoredRecord>| -> Vec<_> {
        page.iter().map(|record| record.position).collect()
    };
    let forward = reader.records(&device(1), None, 100).expect("a page");
    assert_eq!(positions(forward), all);
    let middle = reader
        .records(&device(1), Some(position(0, 1)), 3)
        .expect("a page");
    assert_eq!(positions(middle), all[2..5]);
    let back = reader.records_back(&device(1), None, 3).expect("a page");
    assert_eq!(positions(back), [all[6], all[5], all[4]]);
    let further = reader
        .records_back(&device(1), Some(all[4]), 9)
        .expect("a page");
    assert_eq!(positions(further), [all[3], all[2], all[1], all[0]]);
    let scan = reader.scan_gaps(&device(1)).expect("a scan");
    assert_eq!((scan.records, scan.missing), (7, 0));
    assert!(
        reader
            .records(&device(3), None, 9)
            .expect("a page")
            .is_empty()
    );
}

#[test]
fn many_records_cross_waypoints_without_a_gap() {
    let (mut store, _) = Disk::default().open();
    for part in 0..10_u32 {
        let batch = [
            readings(1, part * 50..part * 50 + 50),
            readings(2, part * 50..part * 50 + 50),
        ];
        store.commit(&batch.concat()).expect("it is stored");
    }
    let scan = store.reader().scan_gaps(&device(2)).expect("a scan");
    assert_eq!((scan.records, scan.missing), (500, 0));
    let tail = store
        .reader()
        .records(&device(2), Some(position(0, 480)), 100)
        .expect("a page");
    assert_eq!(tail.len(), 19);
}

#[test]
fn latest_is_put_together_from_the_records_that_said_it() {
    let (mut store, _) = Disk::default().open();
    let said = [
        rig::start(),
        rig::listing("nginx"),
        rig::reading(5),
        rig::reading(6),
    ];
    let records = (0..).zip(said).map(|(sequence, said)| {
        saved(collected(
            1,
            position(0, sequence),
            at(u64::from(sequence)),
            said,
        ))
    });
    let batch: Vec<Save> = [rig::enrolled(1)].into_iter().chain(records).collect();
    store.commit(&batch).expect("it is stored");
    let latest = store.reader().latest(&device(1)).expect("it is read");
    assert_eq!(latest.start.expect("a start").value.host, rig::name("host"));
    let reading = latest.reading.expect("a reading");
    assert_eq!(
        (reading.value.cpu_permille, reading.position),
        (6, position(0, 3))
    );
    let processes = latest.processes.expect("a list");
    assert_eq!(
        (processes.value[0].name.as_str(), processes.time),
        ("nginx", at(1))
    );
    assert!(latest.ports.is_none());
    assert!(
        store
            .reader()
            .latest(&device(2))
            .expect("it is read")
            .start
            .is_none()
    );
}

#[test]
fn the_newest_alerts_are_read_out_of_the_records_between_readings_and_lists() {
    let disk = Disk::default();
    let (mut store, _) = disk.open();
    let alarm = |after| Alarm {
        subject: device(1),
        matter: Matter::FileChanged {
            path: Path::new("/etc/passwd").expect("short"),
            before: None,
            after: Some(Digest::from_bytes([after; 32])),
        },
    };
    let files = Statement::Reading(Reading {
        files: Some(Vec::new()),
        ..Reading::default()
    });
    let said = (0..12_u8).map(|turn| match turn % 2 {
        0 => Statement::Alert(alarm(turn)),
        _ => files.clone(),
    });
    let records = (0..).zip(said).map(|(sequence, said)| {
        let time = at(u64::from(sequence));
        saved(collected(1, position(0, sequence), time, said))
    });
    let batch: Vec<Save> = [rig::enrolled(1)].into_iter().chain(records).collect();
    store.commit(&batch).expect("it is stored");
    drop(store);
    let (store, _) = disk.open();
    let alerts = store.reader().alerts(&device(1)).expect("they are read");
    let told: Vec<_> = alerts
        .iter()
        .map(|alert| (alert.position.sequence, alert.value.clone()))
        .collect();
    assert_eq!(
        told,
        [10, 8, 6, 4].map(|turn| (u32::from(turn), alarm(turn)))
    );
    let lists = store
        .reader()
        .file_lists(&device(1))
        .expect("they are read");
    assert_eq!(lists.len(), 6, "lists of files keep their places");
}

#[test]
fn a_witness_counts_with_its_newest_word() {
    let (mut store, _) = Disk::default().open();
    let hears = |age_ms| {
        Statement::Reading(Reading {
            heard: vec![Sighting {
                subject: device(9),
                age_ms,
                evidence: EvidenceKind::ReceivedTraffic,
                shown: None,
            }],
            ..Reading::default()
        })
    };
    let batch = [
        rig::enrolled(1),
        rig::enrolled(2),
        saved(collected(1, position(0, 0), at(10_000), hears(4_000))),
        saved(collected(1, position(0, 1), at(20_000), hears(1_000))),
        saved(collected(2, position(0, 0), at(20_000), hears(500))),
    ];
    store.commit(&batch).expect("it is stored");
    let seen = store.reader().sightings_of(&device(9)).expect("it is read");
    let said: Vec<_> = seen.iter().map(|seen| (seen.witness, seen.at)).collect();
    assert_eq!(said, [(device(2), at(19_500)), (device(1), at(19_000))]);
    assert!(
        store
            .reader()
            .sightings_of(&device(1))
            .expect("it is read")
            .is_empty()
    );
}

#[test]
fn the_identity_log_takes_no_gap_and_no_second_entry() {
    let disk = Disk::default();
    let (mut store, _) = disk.open();
    let entries = |from, count: u8| Save::Entries {
        from,
        entries: (0..count).map(|n| vec![n; 8]).collect(),
        head: vec![count; 4],
    };
    store.commit(&[entries(0, 3)]).expect("it is stored");
    store
        .commit(&[entries(0, 3)])
        .expect("it is stored already");
    let gap = store.commit(&[entries(5, 1)]);
    assert!(matches!(
        gap,
        Err(CommitError::OutOfOrder { stored: 3, from: 5 })
    ));
    let second = store.commit(&[entries(1, 1)]);
    assert!(matches!(second, Err(CommitError::OutOfOrder { .. })));
    drop(store);
    let (_, memory) = disk.open();
    assert_eq!(memory.entries, [vec![0; 8], vec![1; 8], vec![2; 8]]);
    assert_eq!(memory.log_head, Some(vec![3; 4]));
}

fn token(number: u8, created: u64) -> Token {
    Token {
        id: TokenId([number; 8]),
        psk: Zeroizing::new([number; 32]),
        name: rig::name("camera"),
        class: DeviceClass::Camera,
        cell: rig::name("hall"),
        created: at(created),
        expires: at(created).saturating_add(Duration::from_secs(3600)),
        state: TokenState::Open,
    }
}

#[test]
fn a_used_token_is_remembered_without_its_secret() {
    let disk = Disk::default();
    let (mut store, _) = disk.open();
    let open = token(1, 0);
    let used = Token {
        state: TokenState::Used {
            by: device(1),
            at: at(9),
        },
        ..token(2, 1)
    };
    let batch = [open.clone(), used.clone()].map(Save::Token);
    store.commit(&batch).expect("it is stored");
    drop(store);
    let (_, memory) = disk.open();
    let [first, second] = memory.tokens.as_slice() else {
        panic!("two tokens, not {}", memory.tokens.len());
    };
    assert_eq!(*first, open);
    assert_eq!(second.state, used.state);
    assert_eq!(*second.psk, [0; 32]);
}

#[test]
fn secrets_and_sensitive_lists_are_not_in_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store");
    in_the_clear(&path).expect("a file");
    let (mut store, _) = Store::open(&path, rig::key()).expect("it opens");
    let secret = token(0x77, 0);
    let batch = [
        Save::Token(secret),
        rig::enrolled(1),
        saved(collected(
            1,
            position(0, 0),
            at(0),
            rig::listing("very-private-process"),
        )),
    ];
    store.commit(&batch).expect("it is stored");
    let sink = Sink {
        url: Path::new("https://alerts.example/very-private-path").expect("short"),
        secret: [0x78; 32],
    };
    let kept = store
        .writer()
        .write(|changes| changes.set_sink(Some(&sink)));
    kept.expect("it is stored");
    assert_eq!(store.reader().sink().expect("it is read"), Some(sink));
    drop(store);
    let bytes = std::fs::read(&path).expect("the file");
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|part| part == needle);
    assert!(holds(device(1).as_bytes()), "what is public can be found");
    assert!(!holds(&[0x77; 32]), "the secret of a join string");
    assert!(!holds(rig::data_key(1).as_bytes()), "a data key");
    assert!(!holds(b"very-private-process"), "a process");
    assert!(!holds(&[0x78; 32]), "the secret of deputies");
    assert!(!holds(b"very-private-path"), "where they tell it");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(&path).expect("the file").permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn another_key_and_a_second_opening_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store");
    let (store, _) = Store::open(&path, rig::key()).expect("it opens");
    let second = Store::open(&path, rig::key());
    assert!(matches!(second, Err(OpenStoreError::InUse)));
    drop(store);
    let other = Store::open(&path, StoreKey::from_bytes([1; 32]));
    assert!(matches!(other, Err(OpenStoreError::WrongKey)));
    Store::open(&path, rig::key()).expect("it opens with its own");
}

/// Rows of another form read back as damage, and nobody could tell why.
#[test]
fn a_store_of_another_schema_is_refused_by_its_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store");
    for found in [SCHEMA - 1, SCHEMA + 1] {
        let (store, _) = Store::open(&path, rig::key()).expect("it opens");
        rewrite_schema(&store, found);
        drop(store);
        let refused = Store::open(&path, rig::key()).expect_err("another schema");
        let told = refused.to_string();
        assert!(told.contains(&format!("schema {found}")), "{told}");
        assert_eq!(
            matches!(refused, OpenStoreError::Older { .. }),
            found < SCHEMA
        );
        std::fs::remove_file(&path).expect("it is there");
    }
}

fn rewrite_schema(store: &Store, schema: u32) {
    let rewritten = store.writer().write(|changes| {
        changes.set_meta("\0schema", &schema.to_be_bytes())?;
        Ok::<_, ChangeError>(())
    });
    rewritten.expect("it is stored");
}

#[test]
fn the_digest_of_the_last_record_is_remembered() {
    let disk = Disk::default();
    let (mut store, _) = disk.open();
    let mut record = collected(1, position(3, 0), at(0), rig::reading(1));
    record.digest = Digest::from_bytes([7; 32]);
    store
        .commit(&[rig::enrolled(1), saved(record)])
        .expect("it is stored");
    let [known] = store
        .reader()
        .devices()
        .expect("devices")
        .try_into()
        .expect("one device");
    assert_eq!(
        known.last.expect("a record").digest,
        Digest::from_bytes([7; 32])
    );
    assert_eq!((known.records, known.enrolled), (1, at(0)));
}

use std::io::ErrorKind;

use super::rig::{self, Disk, device, readings};
use crate::store::fault::{CommitError, OpenStoreError, ReadError};
use crate::store::{Integrity, Store};

#[test]
fn what_was_acknowledged_is_there_when_the_power_goes() {
    let disk = Disk::default();
    let (mut store, _) = disk.open();
    for part in 0..8_u32 {
        store
            .commit(&readings(1, part * 10..part * 10 + 10))
            .expect("it is stored");
        let (after, _) = disk.after_power_cut().open();
        let scan = after.reader().scan_gaps(&device(1)).expect("a scan");
        assert_eq!((scan.records, scan.missing), (u64::from(part) * 10 + 10, 0));
    }
}

#[test]
fn a_full_disk_loses_nothing_and_heals_when_it_is_opened_again() {
    let disk = Disk::default();
    let (mut store, _) = disk.open();
    let reader = store.reader();
    store.commit(&readings(1, 0..10)).expect("it is stored");
    disk.fails(Some(ErrorKind::StorageFull));
    let batch = readings(1, 10..20);
    assert!(matches!(store.commit(&batch), Err(CommitError::Full)));
    assert_eq!(reader.record_count(&device(1)).expect("reads go on"), 10);
    assert!(matches!(store.commit(&batch), Err(CommitError::Closed(_))));
    disk.fails(None);
    store.reopen().expect("there is room");
    assert_eq!(reader.record_count(&device(1)).expect("readers follow"), 10);
    store.commit(&batch).expect("it is stored");
    let scan = reader.scan_gaps(&device(1)).expect("a scan");
    assert_eq!((scan.records, scan.missing), (20, 0));
}

#[test]
fn a_failing_sync_acknowledges_nothing() {
    let disk = Disk::default();
    let (mut store, _) = disk.open();
    store.commit(&readings(1, 0..10)).expect("it is stored");
    disk.fails(Some(ErrorKind::Other));
    let batch = readings(1, 10..20);
    assert!(matches!(store.commit(&batch), Err(CommitError::Closed(_))));
    disk.fails(None);
    store.reopen().expect("the disk is back");
    store
        .commit(&batch)
        .expect("the same batch, whatever became of it before");
    let figures = store.reader().counts().expect("counts");
    assert_eq!(figures.records, 20);
}

#[test]
fn a_store_that_does_not_open_again_says_so_until_it_does() {
    let disk = Disk::default();
    let (mut store, _) = disk.open();
    store.commit(&readings(1, 0..10)).expect("it is stored");
    disk.fails(Some(ErrorKind::StorageFull));
    assert!(store.commit(&readings(1, 10..20)).is_err());
    let before = disk.bytes();
    assert!(matches!(store.reopen(), Err(OpenStoreError::Full)));
    let read = store.reader().record_count(&device(1));
    assert!(matches!(read, Err(ReadError::Closed(_))));
    assert_eq!(disk.bytes(), before);
    disk.fails(None);
    store.reopen().expect("there is room");
    assert_eq!(
        store.reader().record_count(&device(1)).expect("a count"),
        10
    );
}

#[test]
fn a_writer_heals_the_store_that_failed_under_it() {
    let disk = Disk::default();
    let (store, _) = disk.open();
    let writer = store.writer();
    let note = |text: &'static [u8]| writer.write(|changes| changes.set_meta("note", text));
    note(b"one").expect("it is stored");
    disk.fails(Some(ErrorKind::StorageFull));
    assert!(note(b"two").is_err());
    disk.fails(None);
    assert!(note(b"two").is_err(), "the handle is of no use any more");
    note(b"three").expect("it was opened again");
    let read = store.reader().meta("note").expect("it is read");
    assert_eq!(read.as_deref(), Some(b"three".as_slice()));
}

#[test]
fn storage_that_is_given_once_is_not_opened_again() {
    let disk = Disk::default();
    let (mut store, _) = Store::with_backend(disk, rig::key()).expect("it opens");
    store.commit(&readings(1, 0..10)).expect("it is stored");
    assert!(matches!(store.reopen(), Err(OpenStoreError::InUse)));
}

#[test]
fn readers_and_the_nightly_check_do_not_disturb_each_other() {
    let (mut store, _) = Disk::default().open();
    store.commit(&readings(1, 0..100)).expect("it is stored");
    let reader = store.reader();
    std::thread::scope(|threads| {
        let reading = threads.spawn(|| {
            for _ in 0..50 {
                assert_eq!(
                    reader.records(&device(1), None, 100).expect("a page").len(),
                    100
                );
            }
        });
        for _ in 0..5 {
            store.check().expect("a check");
        }
        reading.join().expect("every read succeeds");
    });
}

#[test]
fn a_store_is_checked_at_an_opening_where_nobody_had_closed_it() {
    let disk = Disk::default();
    let (mut store, _) = disk.open();
    store.commit(&readings(1, 0..10)).expect("it is stored");
    let (cut, _) = disk.after_power_cut().open();
    assert!(cut.was_cut_off());
    assert_eq!(cut.integrity(), Integrity::Sound);
    cut.forget_cut();
    assert!(!cut.was_cut_off());
    drop(store);
    let (closed, _) = disk.open();
    assert!(!closed.was_cut_off());
    assert_eq!(closed.integrity(), Integrity::Unchecked);
}

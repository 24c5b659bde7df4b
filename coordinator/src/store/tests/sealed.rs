//! The sealed file: what a thief of the disk sees, what a cut of power leaves, and how a store in the clear is sealed.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

use super::rig::{self, Disk, device, readings};
use super::rot;
use crate::store::fault::{ChangeError, OpenStoreError};
use crate::store::key::StoreKey;
use crate::store::sealed::{ConvertError, Converted, beside, convert, in_the_clear};
use crate::store::{Integrity, Store};

/// What is in every store of these tests, and what no thief may find: a table, a device, a person, what was done, a setting.
fn telltales() -> [Vec<u8>; 5] {
    let device = device(1);
    let all: [&[u8]; 5] = [
        b"records",
        device.as_bytes(),
        b"grace-hopper",
        b"everything",
        b"a-setting",
    ];
    all.map(<[u8]>::to_vec)
}

fn fill(store: &mut Store) {
    store.commit(&[rig::enrolled(1)]).expect("it is stored");
    store.commit(&readings(1, 0..40)).expect("it is stored");
    let mut act = rig::act("look");
    act.actor = rig::name("grace-hopper");
    let noted = store.writer().write(|changes| {
        changes.set_meta("setting", b"a-setting")?;
        changes.audit(act)
    });
    noted.expect("it is stored");
}

fn found(bytes: &[u8]) -> usize {
    let holds = |needle: &Vec<u8>| bytes.windows(needle.len()).any(|part| part == needle);
    telltales().iter().filter(|one| holds(one)).count()
}

#[test]
fn a_stolen_disk_gives_away_no_name_no_table_and_no_device() {
    let folder = tempfile::tempdir().expect("a folder");
    let sealed = folder.path().join("sealed");
    let plain = folder.path().join("plain");
    in_the_clear(&plain).expect("a file");
    for path in [&sealed, &plain] {
        let (mut store, _) = Store::open(path, rig::key()).expect("it opens");
        assert_eq!(store.is_sealed(), *path == sealed);
        fill(&mut store);
    }
    let bytes = |path| std::fs::read(path).expect("the file");
    assert_eq!(found(&bytes(&plain)), 5, "what is sought is to be found");
    assert_eq!(found(&bytes(&sealed)), 0);
}

#[test]
fn another_key_says_so_before_anything_is_read() {
    let disk = Disk::default();
    drop(disk.open());
    let before = disk.bytes();
    let other = Store::with_backend(disk.clone(), StoreKey::from_bytes([1; 32]));
    let error = other.expect_err("another key");
    assert!(matches!(error, OpenStoreError::WrongKey));
    assert!(error.to_string().contains("put back the key file"));
    assert_eq!(disk.bytes(), before);
}

#[test]
fn pages_that_change_places_are_noticed() {
    let disk = Disk::default();
    let (mut store, _) = disk.open();
    fill(&mut store);
    drop(store);
    let sound = disk.bytes();
    let (first, page) = (4096 + 2 * 8192, 4096 + 28);
    let written = |at: &usize| sound[*at..*at + page].iter().any(|&byte| byte != 0);
    let pages: Vec<usize> = (first..sound.len() - page)
        .step_by(page)
        .filter(written)
        .collect();
    assert!(pages.len() > 10);
    let mut noticed = 0;
    for pair in pages.windows(2) {
        let mut bytes = sound.clone();
        let (one, two) = bytes.split_at_mut(pair[1]);
        one[pair[0]..pair[0] + page].swap_with_slice(&mut two[..page]);
        let opened = Store::with_backend(Disk::of(bytes), rig::key());
        noticed += match opened {
            Err(_) => 1,
            Ok((mut store, _)) => usize::from(!matches!(store.check(), Ok(Integrity::Sound))),
        };
    }
    // Pages that hold nothing any more may change places with each other.
    assert!(noticed * 2 > pages.len(), "{noticed} of {}", pages.len());
}

#[test]
fn a_store_in_the_clear_is_sealed_with_all_its_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store");
    in_the_clear(&path).expect("a file");
    let (mut store, _) = Store::open(&path, rig::key()).expect("it opens");
    fill(&mut store);
    let before = store.reader().state_hash().expect("it is read");
    let busy = convert(&path, &rig::key());
    assert!(matches!(
        busy,
        Err(ConvertError::Open(OpenStoreError::InUse))
    ));
    drop(store);
    let done = convert(&path, &rig::key()).expect("it is sealed");
    assert!(matches!(done, Converted::Sealed { rows, state } if rows > 40 && state == before));
    assert!(!beside(&path).exists());
    let (mut store, _) = Store::open(&path, rig::key()).expect("it opens");
    assert!(store.is_sealed());
    assert_eq!(store.reader().state_hash().expect("it is read"), before);
    assert!(matches!(store.check(), Ok(Integrity::Sound)));
    store.commit(&readings(1, 40..50)).expect("it goes on");
    drop(store);
    let again = convert(&path, &rig::key()).expect("there is nothing to do");
    assert_eq!(again, Converted::Already);
    let mode = std::fs::metadata(&path).expect("the file").permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
        0o600
    );
}

#[test]
fn a_store_that_cannot_be_copied_whole_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store");
    in_the_clear(&path).expect("a file");
    let (mut store, _) = Store::open(&path, rig::key()).expect("it opens");
    fill(&mut store);
    rot::rot_audit(&store);
    drop(store);
    std::fs::write(beside(&path), b"left behind").expect("a file");
    let failed = convert(&path, &rig::key());
    assert!(matches!(failed, Err(ConvertError::Read(_))), "{failed:?}");
    assert!(!beside(&path).exists());
    let (store, _) = Store::open(&path, rig::key()).expect("it opens");
    assert!(!store.is_sealed());
    let count = store.reader().record_count(&device(1));
    assert_eq!(count.expect("it is read"), 40);
    let missing = convert(&folder.path().join("none"), &rig::key());
    assert!(matches!(missing, Err(ConvertError::Missing(_))));
}

/// What a store did to its disk, in order.
#[derive(Debug, Clone)]
enum Done {
    Length(u64),
    Write(u64, Vec<u8>),
    Sync,
}

/// A disk that remembers everything that was done to it.
#[derive(Debug, Clone, Default)]
struct Recorder {
    disk: Disk,
    done: Arc<Mutex<Vec<Done>>>,
}

impl Recorder {
    fn done(&self) -> MutexGuard<'_, Vec<Done>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StorageBackend for Recorder {
    fn len(&self) -> io::Result<u64> {
        self.disk.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.done().push(Done::Length(len));
        self.disk.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.done().push(Done::Sync);
        self.disk.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.done().push(Done::Write(offset, data.to_vec()));
        self.disk.write(offset, data)
    }
}

/// How much of the write in which the power failed reached the disk, and what of those since the last sync did.
#[derive(Debug, Clone, Copy)]
enum Tear {
    FirstHalf,
    SecondHalf,
    /// All of it, and nothing of what was not synced before.
    OnlyThis,
}

fn apply(bytes: &mut Vec<u8>, done: &Done) {
    match done {
        Done::Length(len) => bytes.resize(usize::try_from(*len).expect("small"), 0),
        Done::Write(offset, data) => put(bytes, usize::try_from(*offset).expect("small"), data),
        Done::Sync => {}
    }
}

fn put(bytes: &mut [u8], offset: usize, data: &[u8]) {
    bytes[offset..offset + data.len()].copy_from_slice(data);
}

/// The disk after the power failed in the write number `cut`.
fn torn(done: &[Done], cut: usize, tear: Tear) -> Vec<u8> {
    let synced = done[..cut]
        .iter()
        .rposition(|done| matches!(done, Done::Sync))
        .map_or(0, |at| at + 1);
    let mut bytes = Vec::new();
    for (number, done) in done[..cut].iter().enumerate() {
        let is_lost = matches!(tear, Tear::OnlyThis) && number >= synced;
        if !is_lost || matches!(done, Done::Length(_)) {
            apply(&mut bytes, done);
        }
    }
    if let Done::Write(offset, data) = &done[cut] {
        let (offset, half) = (usize::try_from(*offset).expect("small"), data.len() / 2);
        match tear {
            Tear::FirstHalf => put(&mut bytes, offset, &data[..half]),
            Tear::SecondHalf => put(&mut bytes, offset + half, &data[half..]),
            Tear::OnlyThis => put(&mut bytes, offset, data),
        }
    }
    bytes
}

/// A torn page must be one that was never committed, and a torn first page must leave the one before: neither may cost
/// the store or anything that was acknowledged.
#[test]
fn a_cut_of_power_in_any_write_loses_nothing_that_was_acknowledged() {
    let disk = Recorder::default();
    let handle = disk.clone();
    let (mut store, _) =
        Store::with_backends(move || handle.clone(), rig::key()).expect("it opens");
    let begun = disk.done().len();
    let mut acknowledged = Vec::new();
    for part in 0..4_u32 {
        let batch = readings(1, part * 10..part * 10 + 10);
        store.commit(&batch).expect("it is stored");
        acknowledged.push(disk.done().len());
    }
    drop(store);
    let done = disk.done().clone();
    let cuts: Vec<usize> = (begun..done.len())
        .filter(|&number| matches!(done[number], Done::Write(..)))
        .collect();
    assert!(cuts.len() > 30, "only {} writes", cuts.len());
    for cut in cuts {
        let parts = acknowledged.iter().filter(|&&at| at <= cut).count() as u64;
        for tear in [Tear::FirstHalf, Tear::SecondHalf, Tear::OnlyThis] {
            let disk = Disk::of(torn(&done, cut, tear));
            let (mut store, _) = Store::with_backend(disk, rig::key())
                .unwrap_or_else(|error| panic!("write {cut}, {tear:?}: {error}"));
            let count = store.reader().record_count(&device(1)).expect("a count");
            assert!(
                count == parts * 10 || count == parts * 10 + 10,
                "write {cut}, {tear:?}: {count} after {parts} batches"
            );
            assert!(matches!(store.check(), Ok(Integrity::Sound)));
            let more = store
                .writer()
                .write(|changes| changes.set_meta("note", b"on"));
            more.unwrap_or_else(|error: ChangeError| panic!("write {cut}, {tear:?}: {error}"));
        }
    }
}

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use protocol::install::Mishap;
use protocol::release::Counter;
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

use super::super::disk::Folder;
use super::*;

#[test]
fn what_is_staged_runs_after_the_switch_and_stays_after_the_commit() {
    let rig = Rig::new();
    let (one, two) = (
        rig.image(1, &[("bin/service", b"one")]),
        rig.image(2, &[("bin/service", b"two")]),
    );
    let mut pair = rig.pair();
    assert_eq!(pair.standing().unwrap().running, None);
    rig.install(&mut pair, &one);
    pair.commit().unwrap();
    pair.stage(&two, &rig.file(2)).unwrap();
    assert_eq!(rig.reads("bin/service"), b"one", "staging changes nothing");
    pair.switch(&two, &rig.file(2)).unwrap();
    assert_eq!(rig.reads("bin/service"), b"two");
    assert_eq!(pair.standing().unwrap().trial, Trial::Open);
    pair.switch(&two, &rig.file(2)).expect("it may be repeated");
    pair.commit().unwrap();
    pair.commit().expect("it may be repeated");
    let standing = pair.standing().unwrap();
    assert_eq!(standing.running, Some(two));
    assert_eq!(standing.trial, Trial::Settled);
    pair.roll_back().expect("there is no trial");
    assert_eq!(rig.reads("bin/service"), b"two");
}

#[test]
fn going_back_runs_what_ran_before_also_where_that_was_nothing() {
    let rig = Rig::new();
    let (one, two) = (
        rig.image(1, &[("run", b"one")]),
        rig.image(2, &[("run", b"two")]),
    );
    let mut pair = rig.pair();
    rig.install(&mut pair, &one);
    pair.roll_back().unwrap();
    assert_eq!(pair.standing().unwrap().running, None);
    rig.install(&mut pair, &one);
    pair.commit().unwrap();
    rig.install(&mut pair, &two);
    pair.roll_back().unwrap();
    pair.roll_back().expect("it may be repeated");
    assert_eq!(pair.standing().unwrap().running, Some(one));
    assert_eq!(rig.reads("run"), b"one");
}

#[test]
fn on_trial_nothing_else_is_staged_or_switched() {
    let rig = Rig::new();
    let (one, two) = (
        rig.image(1, &[("run", b"one")]),
        rig.image(2, &[("run", b"two")]),
    );
    let mut pair = rig.pair();
    rig.install(&mut pair, &one);
    let staged = pair.stage(&two, &rig.file(2)).expect_err("one is on trial");
    assert!(matches!(staged, SlotError::OnTrial));
    let switched = pair
        .switch(&two, &rig.file(2))
        .expect_err("one is on trial");
    assert_eq!(switched.mishap(), Mishap::Slot);
}

#[test]
fn another_image_than_announced_is_not_staged() {
    let rig = Rig::new();
    rig.image(1, &[("run", b"one")]);
    let two = rig.image(2, &[("run", b"two")]);
    let mut pair = rig.pair();
    let staged = pair
        .stage(&two, &rig.file(1))
        .expect_err("these are other bytes");
    assert_eq!(staged.mishap(), Mishap::Digest);
    let switched = pair
        .switch(&two, &rig.file(2))
        .expect_err("nothing is staged");
    assert!(matches!(switched, SlotError::NotStaged));
}

#[test]
fn bytes_behind_the_end_of_an_archive_count() {
    let rig = Rig::new();
    let one = rig.image(1, &[("run", b"one")]);
    let mut bytes = fs::read(rig.file(1)).unwrap();
    bytes.extend([0; 512]);
    fs::write(rig.file(1), &bytes).unwrap();
    let staged = rig.pair().stage(&one, &rig.file(1));
    assert_eq!(staged.expect_err("it is longer").mishap(), Mishap::Digest);
}

#[test]
fn files_keep_whether_they_may_be_run() {
    let rig = Rig::new();
    let mut builder = Builder::new(Vec::new());
    append(&mut builder, "./bin/", EntryType::Directory, 0o755, b"");
    append(&mut builder, "./bin/run", EntryType::Regular, 0o4755, b"#!");
    append(&mut builder, "notes", EntryType::Regular, 0o666, b"x");
    let image = rig.keep(1, &builder.into_inner().unwrap());
    let mut pair = rig.pair();
    rig.install(&mut pair, &image);
    let mode = |name: &str| {
        let path = rig.root().join(CURRENT).join(name);
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    };
    assert_eq!(mode("bin/run") & 0o111, 0o111);
    assert_eq!(mode("bin/run") & 0o7000, 0, "no set-user-id");
    assert_eq!(mode("notes") & 0o111, 0);
}

#[test]
fn a_hostile_archive_leads_nowhere() {
    let deep = "d/".repeat(archive::DEPTH + 1);
    let hostile: [(&str, EntryType); 10] = [
        ("/etc/passwd", EntryType::Regular),
        ("../outside", EntryType::Regular),
        ("a/../../outside", EntryType::Regular),
        ("link", EntryType::Symlink),
        ("hard", EntryType::Link),
        ("null", EntryType::Char),
        ("pipe", EntryType::Fifo),
        ("././@LongLink", EntryType::GNULongName),
        ("pax", EntryType::XHeader),
        (&deep, EntryType::Regular),
    ];
    for (path, kind) in hostile {
        let rig = Rig::new();
        let mut builder = Builder::new(Vec::new());
        append(&mut builder, path, kind, 0o644, b"x");
        let image = rig.keep(1, &builder.into_inner().unwrap());
        let mut pair = rig.pair();
        let staged = pair.stage(&image, &rig.file(1));
        let error = staged.expect_err(path);
        assert_eq!(error.mishap(), Mishap::Image, "{path}");
        assert!(!rig.dir.path().join("outside").exists());
        pair.switch(&image, &rig.file(1))
            .expect_err("nothing is staged");
    }
}

#[test]
fn a_name_is_taken_once() {
    for (first, second) in [("run", "run"), ("run", "run/under"), ("run/under", "run")] {
        let rig = Rig::new();
        let image = rig.image(1, &[(first, b"1"), (second, b"2")]);
        let staged = rig.pair().stage(&image, &rig.file(1));
        let mishap = staged.expect_err(second).mishap();
        assert_eq!(mishap, Mishap::Image, "{first} {second}");
    }
}

#[test]
fn an_archive_of_too_many_entries_is_refused() {
    let rig = Rig::new();
    let names: Vec<String> = (0..=archive::ENTRIES).map(|n| n.to_string()).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let image = rig.image(1, &files);
    let staged = rig.pair().stage(&image, &rig.file(1));
    let error = staged.expect_err("one too many");
    assert!(matches!(
        error,
        SlotError::Archive(archive::ArchiveError::TooLarge)
    ));
}

#[test]
fn what_a_service_left_in_its_slot_is_gone_and_its_links_are_not_followed() {
    let rig = Rig::new();
    let precious = rig.dir.path().join("precious");
    fs::write(&precious, b"not ours").unwrap();
    let images = [1, 2, 3].map(|number| rig.image(number, &[("run", &[number])]));
    let mut pair = rig.pair();
    rig.install(&mut pair, &images[0]);
    pair.commit().unwrap();
    let link = rig.root().join(CURRENT).join("link");
    std::os::unix::fs::symlink(rig.dir.path(), link).unwrap();
    for image in &images[1..] {
        rig.install(&mut pair, image);
        pair.commit().unwrap();
    }
    assert_eq!(fs::read(&precious).unwrap(), b"not ours");
    assert!(!rig.root().join(CURRENT).join("link").exists());
    assert_eq!(rig.reads("run"), [3]);
}

#[test]
fn staging_a_large_image_takes_little_memory() {
    const MIB: usize = 1 << 20;
    let rig = Rig::new();
    let mut header = Header::new_ustar();
    header.set_path("blob").unwrap();
    header.set_size(256 * MIB as u64);
    header.set_mode(0o644);
    header.set_cksum();
    let mut hash = Sha256::new();
    let mut file = fs::File::create(rig.file(1)).unwrap();
    let zeros = vec![0; MIB];
    let pieces = std::iter::once(&header.as_bytes()[..]);
    let blob = std::iter::repeat_n(&zeros[..], 256);
    for piece in pieces.chain(blob).chain([&zeros[..1024]]) {
        io::Write::write_all(&mut file, piece).unwrap();
        hash.update(piece);
    }
    let image = named(1, hash.finalize().into());
    // The highest so far becomes what is resident, whatever other tests took.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = peak_kib();
    rig.pair().stage(&image, &rig.file(1)).unwrap();
    let added = peak_kib() - before;
    assert!(added <= 8 * 1024, "{added} KiB");
}

/// The highest resident memory of this process so far.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let words = line.and_then(|line| line.split_whitespace().nth(1));
    words
        .and_then(|kib| kib.parse().ok())
        .expect("Linux tells it")
}

struct Rig {
    dir: TempDir,
}

impl Rig {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        Self { dir }
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("slots")
    }

    fn pair(&self) -> DirectoryPair<Folder> {
        DirectoryPair::new(Folder::new(&self.root()).expect("the directory is ours"))
    }

    fn file(&self, number: u8) -> PathBuf {
        self.dir.path().join(format!("image-{number}"))
    }

    fn image(&self, number: u8, files: &[(&str, &[u8])]) -> Image {
        let mut builder = Builder::new(Vec::new());
        for (path, bytes) in files {
            append(&mut builder, path, EntryType::Regular, 0o755, bytes);
        }
        self.keep(number, &builder.into_inner().unwrap())
    }

    fn keep(&self, number: u8, bytes: &[u8]) -> Image {
        fs::write(self.file(number), bytes).expect("the directory is ours");
        named(number, Sha256::digest(bytes).into())
    }

    fn install(&self, pair: &mut DirectoryPair<Folder>, image: &Image) {
        let number = u8::try_from(image.counter.0).unwrap();
        pair.stage(image, &self.file(number)).unwrap();
        pair.switch(image, &self.file(number)).unwrap();
    }

    fn reads(&self, path: &str) -> Vec<u8> {
        fs::read(self.root().join(CURRENT).join(path)).unwrap()
    }
}

fn named(number: u8, target: [u8; 32]) -> Image {
    Image {
        target: Digest::from_bytes(target),
        version: number.to_string().parse().unwrap(),
        counter: Counter(number.into()),
    }
}

/// Writes what no builder of good archives would.
fn append(builder: &mut Builder<Vec<u8>>, path: &str, kind: EntryType, mode: u32, bytes: &[u8]) {
    let mut header = Header::new_ustar();
    let name = &mut header.as_mut_bytes()[..100];
    name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    builder.append(&header, bytes).unwrap();
}

//! A backup that is tried beside its coordinator, by the program as people run it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use coordinator::backup::{self, BackupNote, Deed};
use coordinator::ceremony::{self, RootPlan};
use coordinator::config::Config;
use coordinator::offices::{self, Paths};
use coordinator::store::Store;
use coordinator::store::key::StoreKey;
use tempfile::TempDir;

use super::web::rig::now;

struct Rig {
    home: TempDir,
}

impl Rig {
    /// A coordinator that does not run, and a backup of it.
    fn new() -> Self {
        let rig = Self {
            home: tempfile::tempdir().unwrap(),
        };
        let plan = RootPlan {
            holders: 1,
            threshold: 1,
            passphrase: None,
        };
        ceremony::init(&rig.dir(), &Config::default(), &plan, now()).unwrap();
        rig.write("right", "correct horse battery");
        rig.write("wrong", "another horse battery");
        let made = rig.run(&["backup"], "right");
        assert!(made.status.success(), "{made:?}");
        rig
    }

    fn dir(&self) -> PathBuf {
        self.home.path().join("coordinator")
    }

    fn run_dir(&self) -> PathBuf {
        Paths::new(&self.dir()).run()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.home.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn run(&self, words: &[&str], passphrase: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_palisade-coordinator"))
            .args(words)
            .arg(self.home.path().join("north.plsd"))
            .arg("--dir")
            .arg(self.dir())
            .arg("--passphrase-file")
            .arg(self.home.path().join(passphrase))
            .output()
            .unwrap()
    }

    fn restored(&self) -> Option<BackupNote> {
        let paths = Paths::new(&self.dir());
        let key = offices::load(&paths).unwrap().store_key;
        let key = StoreKey::from_bytes(*key.bytes());
        let (store, _) = Store::open(&paths.store(), key).unwrap();
        backup::newest(&store.reader(), Deed::Restored).unwrap()
    }
}

/// Whether nothing lies there; a folder that was never made holds nothing.
fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none())
}

#[test]
fn a_backup_that_is_tried_is_noted_and_nothing_of_it_stays() {
    let rig = Rig::new();
    let wrong = rig.run(&["restore", "--try"], "wrong");
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
    assert_eq!(rig.restored(), None);
    assert!(is_empty(&rig.run_dir()));
    let tried = rig.run(&["restore", "--try"], "right");
    assert_eq!(tried.status.code(), Some(0), "{tried:?}");
    let note = rig.restored().unwrap();
    assert_eq!(note.file, "north.plsd");
    assert!(is_empty(&rig.run_dir()));
}

#[test]
fn what_a_killed_attempt_left_is_cleared_by_the_next() {
    let rig = Rig::new();
    for left in ["restored", "restored.restoring"] {
        let left = rig.run_dir().join("trial").join(left);
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("coordinator.redb"), "half").unwrap();
    }
    let tried = rig.run(&["restore", "--try"], "right");
    assert_eq!(tried.status.code(), Some(0), "{tried:?}");
    assert!(is_empty(&rig.run_dir()));
}

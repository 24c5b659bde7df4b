//! A store that somebody or something has damaged on the disk, before the program as people run it.

use std::path::PathBuf;
use std::process::{Command, Output};

use coordinator::ceremony::{self, RootPlan};
use coordinator::config::Config;
use coordinator::offices::{self, Paths};
use coordinator::store::Store;
use coordinator::store::audit::Act;
use coordinator::store::fault::ChangeError;
use coordinator::store::key::StoreKey;
use protocol::text::Path;
use tempfile::TempDir;

use super::web::rig::{name, now};

/// Enough that the log fills pages of its own.
const ENTRIES: u64 = 200;
/// What stands before the pages, and how long one is on the disk.
const PAGES_AT: usize = 20_480;
const PAGE: usize = 4_124;

struct Rig {
    home: TempDir,
    sound: Vec<u8>,
}

impl Rig {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let plan = RootPlan {
            holders: 1,
            threshold: 1,
            passphrase: None,
        };
        let paths = Paths::new(&home.path().join("coordinator"));
        ceremony::init(paths.dir(), &Config::default(), &plan, now()).unwrap();
        let key = offices::load(&paths).unwrap().store_key;
        let key = StoreKey::from_bytes(*key.bytes());
        let (store, _) = Store::open(&paths.store(), key).unwrap();
        let written = store.writer().write(|changes| {
            for number in 0..ENTRIES {
                changes.audit(act(number))?;
            }
            Ok::<_, ChangeError>(())
        });
        written.unwrap();
        drop(store);
        let sound = std::fs::read(paths.store()).unwrap();
        Self { home, sound }
    }

    fn dir(&self) -> PathBuf {
        self.home.path().join("coordinator")
    }

    /// What `audit verify` says over these bytes.
    fn verify(&self, store: &[u8]) -> Answer {
        std::fs::write(Paths::new(&self.dir()).store(), store).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_palisade-coordinator"))
            .args(["audit", "verify", "--dir"])
            .arg(self.dir())
            .output()
            .unwrap();
        Answer::of(&output)
    }

    fn flipped(&self, byte: usize) -> Vec<u8> {
        let mut bytes = self.sound.clone();
        bytes[byte] ^= 0x55;
        bytes
    }
}

fn act(number: u64) -> Act {
    Act {
        time: now(),
        actor: name("ada"),
        action: name("device.retire"),
        object: Path::new(format!("device {number}")).unwrap(),
        before: None,
        after: None,
        address: None,
        request: None,
    }
}

#[derive(Debug)]
struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Answer {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code().expect("no signal ended it"),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    fn is_clean(&self) -> bool {
        let said = self.out.clone() + &self.err;
        [0, 1, 65].contains(&self.code)
            && ![
                "panicked",
                "unreachable",
                "RUST_BACKTRACE",
                "internal error",
            ]
            .iter()
            .any(|word| said.contains(word))
    }

    /// It refuses, and says what is damaged and what to do.
    fn names(&self, what: &str) -> bool {
        self.code == 65
            && self.err.contains("coordinator.redb")
            && self.err.contains(what)
            && self
                .err
                .contains("palisade-coordinator restore FILE --into FOLDER")
    }
}

#[test]
fn a_page_that_was_changed_on_the_disk_is_named_or_does_not_touch_the_log() {
    let rig = Rig::new();
    let whole = rig.verify(&rig.sound);
    assert_eq!(whole.code, 0, "{whole:?}");
    assert!(whole.out.starts_with("200 entries"), "{whole:?}");
    let pages = (rig.sound.len() - PAGES_AT) / PAGE;
    let (mut refused, mut broken) = (0, 0);
    for page in 0..pages {
        let place = PAGES_AT + page * PAGE;
        let answer = rig.verify(&rig.flipped(place + 1_000));
        assert!(answer.is_clean(), "page {}: {answer:?}", page + 1);
        match answer.code {
            0 => assert!(answer.out.starts_with("200 entries"), "{answer:?}"),
            1 => {
                assert!(answer.out.contains("broken at entry"), "{answer:?}");
                broken += 1;
            }
            _ => {
                let which = format!("page {} (bytes {place} to ", page + 1);
                assert!(answer.names(&which), "page {}: {answer:?}", page + 1);
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "no page of the store's roots was hit");
    assert!(broken > 0, "no page of the log was hit");
}

#[test]
fn a_file_that_was_cut_or_emptied_is_never_taken_for_a_new_store() {
    let rig = Rig::new();
    let end = rig.sound.len();
    for length in [
        0,
        7,
        71,
        72,
        4_096,
        4_200,
        PAGES_AT - 1,
        PAGES_AT,
        end / 2,
        end - PAGE,
        end - 1,
    ] {
        let answer = rig.verify(&rig.sound[..length]);
        assert!(answer.is_clean(), "{length} bytes: {answer:?}");
        let named = ["the file was cut", "File truncated below"];
        let named = named.iter().any(|what| answer.names(what));
        assert!(named, "{length} bytes: {answer:?}");
    }
}

#[test]
fn what_begins_like_no_store_and_a_lost_first_page_are_told_apart() {
    let rig = Rig::new();
    let strange = rig.verify(&rig.flipped(0));
    assert!(
        strange.names("its first bytes are those of no store"),
        "{strange:?}"
    );
    let salt = rig.verify(&rig.flipped(20));
    assert_eq!(salt.code, 1, "{salt:?}");
    assert!(salt.err.contains("put back the key file"), "{salt:?}");
    let mut headless = rig.sound.clone();
    headless[4_096..PAGES_AT].fill(0x55);
    let headless = rig.verify(&headless);
    assert!(headless.is_clean(), "{headless:?}");
    assert!(
        headless.names("its first page, in both of its places"),
        "{headless:?}"
    );
}

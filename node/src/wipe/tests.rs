use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use protocol::dice::Dice;
use protocol::node::save::Save;
use protocol::record::Incarnation;
use tempfile::TempDir;

use super::*;
use crate::journal::Journal;
use crate::keys::{Keys, KeysError};

const SECRETS: [&str; 3] = ["identity.key", "data.key", "sealing.key"];

#[test]
fn nothing_of_the_device_stays_but_a_note_and_its_settings() {
    let dir = lived_in();
    let retired = carry_out(dir.path(), note(), 7).expect("the directory is ours");
    assert_eq!(retired.wiped_ms, Some(7));
    assert_eq!(names(dir.path()), ["node.toml", "retired.json"]);
    assert_eq!(read(dir.path()).expect("it was written"), Some(retired));
}

#[test]
fn a_cut_at_any_step_leaves_no_journal_without_its_end_and_is_gone_on_with() {
    let steps = plan(lived_in().path()).expect("it can be read").len();
    assert!(steps > 20, "{steps}");
    for cut in 0..=steps {
        let dir = lived_in();
        begin(dir.path(), &note()).expect("the directory is ours");
        for step in plan(dir.path()).expect("it can be read").iter().take(cut) {
            perform(dir.path(), step).expect("the directory is ours");
        }
        keys_go_first(dir.path(), cut);
        let resumed = resume(dir.path(), 9).expect("the directory is ours");
        let wiped = resumed.and_then(|retired| retired.wiped_ms);
        assert_eq!(wiped, Some(9), "cut at {cut}");
        assert_eq!(names(dir.path()), ["node.toml", "retired.json"]);
    }
}

/// Whoever finds the directory after a cut finds a journal with all keys gone, or keys beside an untouched journal.
fn keys_go_first(dir: &Path, cut: usize) {
    let journal = fs::read(dir.join("journal.redb"));
    let touched = journal.is_ok_and(|bytes| bytes.iter().all(|byte| *byte == 0));
    let gone = !dir.join("journal.redb").exists();
    if touched || gone {
        for name in SECRETS {
            assert!(!dir.join(name).exists(), "{name} is there, cut at {cut}");
        }
    }
    if cut > 0 {
        assert!(Keys::load(dir).is_err() || zeros(&dir.join("identity.key")));
    }
}

fn zeros(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| bytes == [0; 32])
}

#[test]
fn a_key_is_written_over_before_it_is_removed() {
    let dir = lived_in();
    let steps = plan(dir.path()).expect("it can be read");
    let first = dir.path().join("identity.key");
    assert_eq!(steps[0], Step::Blank(first.clone()));
    perform(dir.path(), &steps[0]).expect("the directory is ours");
    assert!(zeros(&first));
    assert_eq!(steps[1], Step::Remove(first));
}

#[test]
fn before_the_note_is_whole_nothing_begins() {
    let dir = lived_in();
    fs::write(dir.path().join("retired.json.new"), b"{\"dev").expect("the directory is ours");
    assert_eq!(resume(dir.path(), 9).expect("there is no note"), None);
    Keys::load(dir.path()).expect("nothing was wiped");
}

#[test]
fn a_machine_that_has_joined_again_is_left_alone() {
    let dir = lived_in();
    carry_out(dir.path(), note(), 7).expect("the directory is ours");
    let again = Keys::create(dir.path(), &mut Dice::from_seed([2; 32]));
    again.expect("no key is in the way");
    resume(dir.path(), 9).expect("it was finished before");
    Keys::load(dir.path()).expect("a finished wiping does not go on");
    forget(dir.path()).expect("the directory is ours");
    assert_eq!(read(dir.path()).expect("there is none"), None);
}

#[test]
fn what_a_link_points_at_is_not_touched() {
    let dir = lived_in();
    let (elsewhere, journal) = (
        dir.path().join("precious"),
        dir.path().join("journal.damaged-2"),
    );
    fs::write(&elsewhere, b"not ours").expect("the directory is ours");
    symlink(&elsewhere, &journal).expect("its place is free");
    carry_out(dir.path(), note(), 7).expect("the directory is ours");
    assert_eq!(fs::read(&elsewhere).expect("it stays"), b"not ours");
    assert!(fs::symlink_metadata(&journal).is_err());
}

#[test]
fn a_retired_device_says_so_in_a_sentence() {
    let words = RetiredError(note()).to_string();
    assert!(words.contains("hall-camera (0102) was retired"), "{words}");
    assert!(words.contains("palisade-node join"), "{words}");
}

fn note() -> Retired {
    Retired {
        device: "0102".to_owned(),
        name: "hall-camera".to_owned(),
        mesh: "ab".to_owned(),
        reason: "stolen".to_owned(),
        ordered_ms: 5,
        wiped_ms: None,
    }
}

/// A directory as a device that has run leaves it, with what crashes may have left beside.
fn lived_in() -> TempDir {
    let dir = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .expect("a directory");
    Keys::create(dir.path(), &mut Dice::from_seed([1; 32])).expect("nothing is in the way");
    let (mut journal, _) = Journal::open(&dir.path().join("journal.redb")).expect("a new file");
    let saves = [Save::Incarnation(Incarnation(3))];
    journal.commit(&saves).expect("there is space");
    drop(journal);
    let beside = member::FILES.iter().chain(&[
        "identity.key.new",
        "journal.new",
        "journal.damaged-1",
        "status.json",
        "node.toml",
    ]);
    for name in beside {
        fs::write(dir.path().join(name), b"something").expect("the directory is ours");
    }
    let console = console::folder(dir.path());
    fs::create_dir(&console).expect("its place is free");
    fs::write(console.join("a.ruling"), b"signed").expect("the directory is ours");
    assert!(!matches!(
        Keys::load(dir.path()),
        Err(KeysError::Missing { .. })
    ));
    dir
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("the directory is ours");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("it can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

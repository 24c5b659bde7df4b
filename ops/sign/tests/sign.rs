//! The program with a key file as the coordinator writes it: what it shows, what it signs, what it refuses.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use protocol::key::{SecretKey, Signer as _};
use tempfile::TempDir;
use tuf_core::draft::RootDraft;
use tuf_core::draft::detached;
use tuf_core::draft::online::{Listed, SnapshotDraft};
use tuf_core::draft::targets::{TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::HeaderDraft;
use tuf_core::root::Root;

const PASSPHRASE: &str = "correct horse battery";

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(TempDir::new().expect("there is room"));
        let file = keyfile::seal(&[5; 32], &[1; 16], PASSPHRASE).expect("it is sealed");
        fs::write(desk.path("root-1.key"), file).expect("there is room");
        fs::write(desk.path("passphrase"), format!("{PASSPHRASE}\n")).expect("there is room");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str], payload: &[u8]) -> Output {
        fs::write(self.path("payload"), payload).expect("there is room");
        Command::new(env!("CARGO_BIN_EXE_palisade-sign"))
            .current_dir(self.0.path())
            .args(arguments)
            .output()
            .expect("the program starts")
    }

    fn show(&self, payload: &[u8]) -> Output {
        self.run(&["show", "payload"], payload)
    }

    fn sign(&self, payload: &[u8], confirm: &str) -> Output {
        let key = ["--key", "root-1.key", "--passphrase-file", "passphrase"];
        let rest = ["--out", "signature", "--confirm", confirm];
        self.run(&[&["sign", "payload"], &key[..], &rest].concat(), payload)
    }
}

fn public() -> [u8; 32] {
    *SecretKey::from_seed(&[5; 32]).public().as_bytes()
}

/// The digest that it shows last.
fn digest(output: &Output) -> String {
    let shown = String::from_utf8(output.stdout.clone()).expect("it speaks UTF-8");
    let line = shown.lines().find(|line| line.starts_with("SHA-256 "));
    line.expect("it shows a digest")[8..].to_owned()
}

#[test]
fn a_payload_is_shown_signed_apart_and_assembled() {
    let desk = Desk::new();
    let draft = RootDraft::new(1, 1_900_000_000, 1, vec![public()]);
    let payload = draft.payload().unwrap();
    let shown = desk.show(&payload);
    let text = String::from_utf8(shown.stdout.clone()).unwrap();
    assert!(
        text.contains("root, version 1, valid until 2030-"),
        "{text}"
    );
    assert!(text.contains("role timestamp: 1 of 1 keys"), "{text}");
    assert!(desk.sign(&payload, &digest(&shown)).status.success());
    let signature = detached::parse(&fs::read(desk.path("signature")).unwrap()).unwrap();
    assert_eq!(signature.0, public());
    Root::open(&draft.assemble(&[signature]).unwrap()).unwrap();
}

#[test]
fn files_are_shown_with_all_that_is_signed_about_them() {
    let desk = Desk::new();
    let mut draft = TargetsDraft::new(7, 1_900_000_000);
    let mut image = TargetDraft::of(b"image");
    let version = tuf_core::canonical::Json::Text("2\u{202e}".to_owned());
    image.custom.insert("version".to_owned(), version);
    draft.targets.insert("gate/2.img".to_owned(), image);
    let payload = draft.unsigned().unwrap().payload();
    let shown = desk.show(&payload);
    let text = String::from_utf8(shown.stdout).unwrap();
    for part in [
        "targets, version 7",
        "gate/2.img: 5 bytes",
        "sha256 6105d6cc",
        "custom",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains('\u{202e}'), "nothing draws on the terminal");
}

#[test]
fn what_was_not_confirmed_is_not_signed_and_no_signature_is_replaced() {
    let desk = Desk::new();
    let payload = RootDraft::new(1, 1_900_000_000, 1, vec![public()])
        .payload()
        .unwrap();
    for confirm in ["", "yes", "00000000"] {
        assert!(!desk.sign(&payload, confirm).status.success());
        assert!(!desk.path("signature").exists());
    }
    let digest = digest(&desk.show(&payload));
    assert!(desk.sign(&payload, &digest[..8]).status.success());
    assert!(!desk.sign(&payload, &digest).status.success());
}

#[test]
fn what_cannot_be_put_in_words_is_not_signed() {
    let desk = Desk::new();
    let header = HeaderDraft {
        version: 1,
        expires_unix_s: 1_900_000_000,
    };
    let roles = [("targets".to_owned(), Listed::of(1, b""))].into();
    let online = SnapshotDraft { header, roles }
        .unsigned()
        .unwrap()
        .payload();
    let root = RootDraft::new(1, 1_900_000_000, 1, vec![public()])
        .payload()
        .unwrap();
    let spaced = [b" ".as_slice(), &root].concat();
    for payload in [online.as_slice(), &spaced, b"palisade/roster/v1", b"{}"] {
        assert!(!desk.show(payload).status.success());
    }
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let desk = Desk::new();
    fs::write(desk.path("passphrase"), "wrong horse battery\n").unwrap();
    let payload = RootDraft::new(1, 1_900_000_000, 1, vec![public()])
        .payload()
        .unwrap();
    let digest = digest(&desk.show(&payload));
    let refused = desk.sign(&payload, &digest);
    assert!(!refused.status.success() && !desk.path("signature").exists());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("passphrase is wrong"));
}

#[test]
fn a_new_key_signs_and_is_shown_by_the_public_half_that_is_appointed() {
    let desk = Desk::new();
    let key = ["--passphrase-file", "passphrase"];
    let new = desk.run(&[&["new", "--out", "mine.key"], &key[..]].concat(), b"");
    let again = desk.run(&[&["new", "--out", "mine.key"], &key[..]].concat(), b"");
    assert!(
        new.status.success() && !again.status.success(),
        "none is replaced"
    );
    let shown = desk.run(&[&["key", "--key", "mine.key"], &key[..]].concat(), b"");
    assert_eq!(shown.stdout, new.stdout);
    assert_eq!(String::from_utf8(new.stdout).unwrap().trim().len(), 64);
    fs::write(desk.path("passphrase"), "short").unwrap();
    let short = desk.run(&[&["new", "--out", "other.key"], &key[..]].concat(), b"");
    assert!(!short.status.success() && !desk.path("other.key").exists());
}

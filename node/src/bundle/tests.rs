//! Bundles as a coordinator writes them, and as they are when somebody has had a hand in them.

use std::collections::BTreeSet;

use protocol::key::{SecretKey, Signer as _};
use protocol::limits;
use protocol::release::Counter;
use protocol::text::Name;
use tar::{Builder, Header};
use tempfile::TempDir;
use tuf_core::draft::edition::Edition;
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::HeaderDraft;
use tuf_core::draft::{RootDraft, Signers};

use super::carried::IMAGE;
use super::*;

const NOW_S: u64 = 1_800_000_000;
const PATH: &str = "firmware/camera/2.1.img";

/// What goes into a bundle, to be changed by a test.
struct Stick {
    files: Vec<(String, Vec<u8>)>,
    root: Root,
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[5; 32])
}

fn image() -> Vec<u8> {
    (0..CHUNK_BYTES * 2 + 77)
        .map(|at| (at / 999) as u8)
        .collect()
}

fn cut(bytes: &[u8]) -> Cut {
    let mut cut = Cut::default();
    bytes
        .chunks(CHUNK_BYTES as usize)
        .for_each(|chunk| cut.push(chunk));
    cut
}

fn listed(bytes: &[u8]) -> TargetDraft {
    let name = |text: &str| Name::new(text).expect("it fits");
    let release = Release {
        product: name("camera"),
        version: name("2.1"),
        counter: Counter(7),
        hardware: BTreeSet::from([name("ipc-3")]),
        length: bytes.len() as u64,
        chunk_root: cut(bytes).root(),
        sbom: None,
        index: None,
    };
    TargetDraft {
        custom: release.custom(),
        ..TargetDraft::of(bytes)
    }
}

impl Stick {
    /// Signed until then.
    fn until(expires_unix_s: u64) -> Self {
        let public = *key().public().as_bytes();
        let root = RootDraft::new(1, NOW_S + 1_000_000, 1, vec![public]);
        let signature = key().sign(&root.payload().expect("one key is enough")).0;
        let root = root
            .assemble(&[(public, signature)])
            .expect("it was signed");
        let root = Root::open(&root).expect("it vouches for itself");
        let signers = Signers {
            threshold: 1,
            keys: vec![public],
        };
        let far = NOW_S + 1_000_000;
        let mut targets = TargetsDraft::new(3, far);
        targets.delegations = ROLES
            .map(|role| DelegationDraft::of_folder(role, signers.clone()))
            .into();
        let mut roles = BTreeMap::from([("targets".to_owned(), targets)]);
        roles.extend(ROLES.map(|role| (role.to_owned(), TargetsDraft::new(3, far))));
        let firmware = roles.get_mut("firmware").expect("it is one of them");
        firmware.targets.insert(PATH.to_owned(), listed(&image()));
        let header = HeaderDraft {
            version: 3,
            expires_unix_s,
        };
        let documents = Edition { header, roles }.write(|_, unsigned| {
            let signature = key().sign(&unsigned.payload()).0;
            unsigned.assemble(&[(public, signature)])
        });
        let documents = documents.expect("one key signs all").into_iter();
        let named = documents.map(|(role, bytes)| match role.as_str() {
            "timestamp" => (TIMESTAMP.to_owned(), bytes),
            role => (format!("3.{role}.json"), bytes),
        });
        let about = format!(r#"{{"path":"{PATH}"}}"#).into_bytes();
        let mut files = vec![(ABOUT.to_owned(), about)];
        files.extend(named);
        files.push((IMAGE.to_owned(), image()));
        Self { files, root }
    }

    fn change(&mut self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let file = self.files.iter_mut().find(|(known, _)| known == name);
        change(&mut file.expect("it is there").1);
    }

    fn write(&self, dir: &TempDir) -> PathBuf {
        let path = dir.path().join("camera.bundle");
        let mut archive = Builder::new(File::create(&path).expect("the directory is ours"));
        for (name, bytes) in &self.files {
            let mut header = Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            archive
                .append_data(&mut header, name, bytes.as_slice())
                .expect("it is written");
        }
        archive.into_inner().expect("it is written");
        path
    }

    fn check(&self) -> Result<Release, BundleError> {
        let dir = tempfile::tempdir().expect("a temporary directory");
        Bundle::open(&self.write(&dir))?.check(&self.root, NOW_S)
    }
}

#[test]
fn what_was_signed_is_taken_and_its_image_poured_chunk_by_chunk() {
    let stick = Stick::until(NOW_S + 10);
    let release = stick.check().expect("it is signed as it should be");
    assert_eq!(
        (release.version.as_str(), release.counter),
        ("2.1", Counter(7))
    );
    let dir = tempfile::tempdir().expect("a temporary directory");
    let bundle = Bundle::open(&stick.write(&dir)).expect("it is one");
    assert_eq!(bundle.brought().files.len(), 2 + ROLES.len());
    let image_bytes = image();
    let image = cut(&image_bytes).image().expect("it is not empty");
    let target = protocol::id::Digest::from_bytes([1; 32]);
    let place = dir.path().join("updates");
    let (chunks, there) = Chunks::open(&place, target, image).expect("a place");
    assert!(there.is_empty());
    assert_eq!(bundle.pour(&chunks, image).expect("it fits"), [0, 1, 2]);
    let (_, there) = Chunks::open(&place, target, image).expect("a place");
    assert_eq!(there, [0, 1, 2], "each leads to the signed root");
    assert_eq!(fs::read(chunks.file()).expect("it is whole"), image_bytes);
}

#[test]
fn a_bundle_that_has_ended_is_refused_in_a_sentence() {
    let refused = Stick::until(NOW_S - 1).check().expect_err("it has ended");
    let sentence = refused.to_string();
    assert!(
        sentence.contains("timestamp has ended: have a new one made"),
        "{sentence}"
    );
}

#[test]
fn one_changed_byte_anywhere_is_noticed() {
    let names: Vec<String> = {
        let stick = Stick::until(NOW_S + 10);
        stick.files.iter().map(|(name, _)| name.clone()).collect()
    };
    for name in names.iter().filter(|name| *name != ABOUT) {
        let mut stick = Stick::until(NOW_S + 10);
        stick.change(name, |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
        assert!(stick.check().is_err(), "{name}");
    }
    let mut stick = Stick::until(NOW_S + 10);
    stick.change(IMAGE, |bytes| bytes[9] ^= 1);
    assert!(matches!(stick.check(), Err(BundleError::OtherImage)));
}

#[test]
fn another_meshs_bundle_and_what_is_none_are_refused() {
    let stick = Stick::until(NOW_S + 10);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let other = {
        let other = SecretKey::from_seed(&[6; 32]);
        let public = *other.public().as_bytes();
        let root = RootDraft::new(1, NOW_S + 1_000_000, 1, vec![public]);
        let signature = other.sign(&root.payload().expect("one key is enough")).0;
        Root::open(&root.assemble(&[(public, signature)]).expect("signed")).expect("a root")
    };
    let bundle = Bundle::open(&stick.write(&dir)).expect("it is one");
    assert!(matches!(
        bundle.check(&other, NOW_S),
        Err(BundleError::Trust(_))
    ));
    let none = dir.path().join("none");
    for bytes in [&b""[..], b"no archive at all", &[0; 2048]] {
        fs::write(&none, bytes).expect("the directory is ours");
        assert!(Bundle::open(&none).is_err());
    }
}

#[test]
fn a_bundle_without_an_image_or_with_a_long_document_is_none() {
    let mut stick = Stick::until(NOW_S + 10);
    stick.files.retain(|(name, _)| name != IMAGE);
    assert!(matches!(stick.check(), Err(BundleError::Form(_))));
    let mut stick = Stick::until(NOW_S + 10);
    stick.change(TIMESTAMP, |bytes| {
        bytes.resize(limits::METADATA_BYTES + 1, b' ');
    });
    assert!(matches!(stick.check(), Err(BundleError::Form(_))));
}

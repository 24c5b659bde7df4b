//! A repository below our root that tough's editor has written: we and sigstore-tuf follow it.

use std::fs;
use std::num::NonZeroU64;

use aws_lc_rs::signature::Ed25519KeyPair;
use tough::async_trait;
use tough::editor::RepositoryEditor;
use tough::key_source::KeySource;
use tough::sign::Sign;

use crate::clients::{ALL, Memory};
use crate::repository::{Files, IMAGE, PATH, Plan, Repository, served};

/// A key that the editor asks for. From a file it takes Ed25519 only in the second version of PKCS 8, which nobody here writes.
#[derive(Debug)]
struct Key(u8);

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[async_trait]
impl KeySource for Key {
    async fn as_sign(&self) -> Result<Box<dyn Sign>, Failed> {
        Ok(Box::new(Ed25519KeyPair::from_seed_unchecked(
            &[self.0; 32],
        )?))
    }

    async fn write(&self, _: &str, _: &str) -> Result<(), Failed> {
        Err("it is only read".into())
    }
}

async fn written() -> Repository {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root.json");
    fs::write(&root, &Plan::default().write().metadata["1.root.json"]).unwrap();
    let image = dir.path().join("image");
    fs::write(&image, IMAGE).unwrap();
    let mut editor = RepositoryEditor::new(&root).await.unwrap();
    let one = NonZeroU64::new(1).unwrap();
    let later = "2100-01-01T00:00:00Z".parse().unwrap();
    editor
        .targets_version(one)
        .unwrap()
        .targets_expires(later)
        .unwrap();
    editor.snapshot_version(one).snapshot_expires(later);
    editor.timestamp_version(one).timestamp_expires(later);
    let (_, target) = RepositoryEditor::build_target(&image).await.unwrap();
    editor.add_target(PATH, target).unwrap();
    let keys = [11, 12, 13].map(|seed| Box::new(Key(seed)) as Box<dyn KeySource>);
    let out = dir.path().join("metadata");
    editor.sign(&keys).await.unwrap().write(&out).await.unwrap();
    let files = fs::read_dir(&out).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    });
    Repository {
        metadata: files.collect(),
        targets: Files::from([(served(IMAGE), IMAGE.to_vec())]),
    }
}

#[tokio::test]
async fn all_three_follow_what_tough_has_written_and_no_byte_of_it_may_change() {
    let repository = written().await;
    for client in ALL {
        let mut memory = Memory::of(&repository.metadata["1.root.json"]);
        let taken = client.fetch(&repository, &mut memory).await;
        assert_eq!(taken.as_deref(), Ok(IMAGE), "{client:?}");
        for name in ["1.targets.json", "1.snapshot.json", "timestamp.json"] {
            let mut changed = repository.clone();
            let bytes = changed.metadata.get_mut(name).unwrap();
            let at = bytes.windows(4).position(|four| four == b"2100").unwrap();
            bytes[at + 1] = b'2';
            let mut memory = Memory::of(&repository.metadata["1.root.json"]);
            let refused = client.fetch(&changed, &mut memory).await;
            assert!(refused.is_err(), "{client:?} takes a changed {name}");
        }
    }
}

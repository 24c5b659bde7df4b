//! A mesh on the disk with its first administrator, and a device that reads what is served.

use std::path::Path;

use coordinator::ceremony::{self, RootPlan};
use coordinator::config::Config;
use coordinator::offices::{self, Paths};
use coordinator::orders::{Order, Orders};
use coordinator::releases::firmware::NewRelease;
use coordinator::releases::{ReleaseError, Releases};
use coordinator::secrets::Secret;
use coordinator::store::Store;
use coordinator::store::audit::Act;
use coordinator::store::key::StoreKey;
use coordinator::store::repository::Draft;
use coordinator::{holders, offline, rotation};
use protocol::key::{SecretKey, Signer as _};
use protocol::text::{Name, Path as Line};
use protocol::time::Timestamp;
use tempfile::TempDir;
use tuf_core::draft::detached;
use tuf_core::floors::Floors;
use tuf_core::schemes::Ed25519Only;
use tuf_core::trusted::{TrustError, Trusted};

pub struct Rig {
    _dir: TempDir,
    pub paths: Paths,
    pub root: SecretKey,
    pub root_seed: Secret,
    pub administrator: SecretKey,
    pub store: Store,
    pub releases: Releases,
}

/// Somebody with a key of their own.
pub fn somebody(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

pub fn act(action: &str) -> Act {
    Act {
        time: mesh::wall(),
        actor: Name::new("amina").unwrap(),
        action: Name::new(action).unwrap(),
        object: Line::new("repository").unwrap(),
        before: None,
        after: None,
        address: None,
        request: None,
    }
}

pub fn now_s() -> u64 {
    mesh::wall().as_millis() / 1000
}

impl Rig {
    /// Needs a running tokio.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("mesh");
        let plan = RootPlan {
            holders: 1,
            threshold: 1,
            passphrase: None,
        };
        let now = Timestamp::from_millis(mesh::wall().as_millis());
        let made = ceremony::init(&home, &Config::default(), &plan, now).unwrap();
        let seeds = holders::from_words(&made.words[0]).unwrap();
        let administrator = SecretKey::from_seed(offline::administrator(&seeds[0]).bytes());
        let paths = Paths::new(&home);
        let (store, releases) = open(&paths).unwrap();
        Self {
            _dir: dir,
            paths,
            root: SecretKey::from_seed(seeds[0].bytes()),
            root_seed: seeds[0].clone(),
            administrator,
            store,
            releases,
        }
    }

    /// The coordinator ends, and starts again.
    pub fn restart(self) -> Self {
        drop((self.store, self.releases));
        let (store, releases) = open(&self.paths).unwrap();
        Self {
            store,
            releases,
            ..self
        }
    }

    pub fn release(&self, version: &str, counter: u64) -> NewRelease {
        let image = format!("the image of {version}");
        let image = self.releases.blobs().take(image.as_bytes(), 1000).unwrap();
        let hardware = ["ipc-3".to_owned()];
        NewRelease::new(("camera", version), counter, &hardware, image, None).unwrap()
    }

    pub async fn prepare(&self, version: &str, counter: u64) -> Result<Draft, ReleaseError> {
        let release = self.release(version, counter);
        self.releases
            .prepare_release(&release, act("release.prepare"))
            .await
    }

    /// Signs every document of a draft that this key may sign.
    pub async fn sign(&self, draft: &Draft, key: &SecretKey) {
        for paper in &draft.papers {
            let signature = (*key.public().as_bytes(), key.sign(paper.payload()).0);
            let file = detached::to_bytes(&signature);
            let added = self
                .releases
                .add_signature(draft.number, &file, act("sign"));
            match added.await {
                Ok(roles) => assert!(roles.contains(&paper.role)),
                Err(ReleaseError::Sign(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub async fn publish(&self, draft: &Draft) -> Result<(), ReleaseError> {
        let published = self.releases.publish(draft.number, act("release.publish"));
        published.await.map(drop)
    }

    /// Prepared, signed by the administrator, published.
    pub async fn released(&self, version: &str, counter: u64) {
        let draft = self.prepare(version, counter).await.unwrap();
        self.sign(&draft, &self.administrator).await;
        self.publish(&draft).await.unwrap();
    }

    /// A device that begins with the first root and follows what is served.
    pub fn device(&self, now_unix_s: u64) -> Result<Device, TrustError> {
        let (current, documents) = self.store.reader().repository_documents().unwrap().unwrap();
        let document = |name: String| documents[&name].as_slice();
        let first = document("1.root.json".to_owned());
        assert_eq!(first, std::fs::read(self.paths.root()).unwrap());
        let mut trusted = Trusted::open(first, Floors::default(), &Ed25519Only)?;
        for version in 2..=current.root {
            trusted.update_root(document(format!("{version}.root.json")))?;
        }
        trusted.update_timestamp(document("timestamp.json".to_owned()), now_unix_s)?;
        let snapshot = document(format!("{}.snapshot.json", current.snapshot));
        trusted.update_snapshot(snapshot, now_unix_s)?;
        let by = |role: &str| if role == "targets" { "root" } else { "targets" };
        let mut roles: Vec<_> = current.roles.iter().collect();
        roles.sort_by_key(|(role, _)| *role != "targets");
        for (role, version) in roles {
            let bytes = document(format!("{version}.{role}.json"));
            trusted.update_targets(role, by(role), bytes, now_unix_s)?;
        }
        let firmware = document(format!("{}.firmware.json", current.roles["firmware"]));
        let firmware = tuf_core::draft::targets::TargetsDraft::read(firmware).unwrap();
        let targets = firmware.targets.into_keys();
        Ok(Device {
            root: current.root,
            timestamp: current.timestamp,
            fresh_until_s: trusted.fresh_until_unix_s().unwrap(),
            targets: targets.collect(),
        })
    }
}

/// What a device has understood.
#[derive(Debug, PartialEq, Eq)]
pub struct Device {
    pub root: u64,
    pub timestamp: u64,
    pub fresh_until_s: u64,
    pub targets: Vec<String>,
}

pub fn open(paths: &Paths) -> Result<(Store, Releases), ReleaseError> {
    let key = StoreKey::from_bytes([7; 32]);
    let (store, _) = Store::open(&paths.store(), key).unwrap();
    let (orders, mut ordered) = Orders::channel();
    let home = paths.clone();
    tokio::spawn(async move {
        while let Some(order) = ordered.recv().await {
            if let Order::Succeed { documents, answer } = order {
                offices::trust(&home).unwrap();
                rotation::install(&home, &documents).unwrap();
                answer.send(Ok(())).unwrap();
            }
        }
    });
    let releases = Releases::new(paths, store.reader(), store.writer(), orders)?;
    releases.take_up()?;
    Ok((store, releases))
}

pub fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

//! A repository, a device whose state is only what it saved, and a forger.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use ed25519_dalek::{Signer as _, SigningKey};
use tuf_core::canonical::Json;
use tuf_core::draft::online::{Listed, SnapshotDraft, TimestampDraft};
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::{HeaderDraft, Unsigned};
use tuf_core::draft::{RootDraft, Signers};
use tuf_core::floors::Floors;
use tuf_core::key::PublicKey;
use tuf_core::role::RoleName;
use tuf_core::schemes::Ed25519Only;
use tuf_core::search::{Search, Step};
use tuf_core::targets::Target;
use tuf_core::trusted::Trusted;
use tuf_core::update::{Fetch, Need, Save, Update, UpdateError};

pub const DAY: u64 = 86_400;
pub const NOW: u64 = 1_800_000_000;
pub const FAR: u64 = NOW + 400 * DAY;

/// Seeds of the keys that hold the roles at first; [`STRANGER`] holds none.
pub const ROOT: u8 = 1;
pub const TIMESTAMP: u8 = 2;
pub const SNAPSHOT: u8 = 3;
pub const TARGETS: u8 = 4;
pub const FIRMWARE: u8 = 5;
pub const STRANGER: u8 = 9;

pub const IMAGE: &str = "firmware/gate/2.img";

fn secret(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn public(seed: u8) -> [u8; 32] {
    *secret(seed).verifying_key().as_bytes()
}

fn key_id(seed: u8) -> String {
    PublicKey::from_bytes(&public(seed))
        .expect("it is a good key")
        .id()
}

pub fn signers(seeds: &[u8]) -> Signers {
    Signers {
        threshold: 1,
        keys: seeds.iter().map(|&seed| public(seed)).collect(),
    }
}

pub fn sign(unsigned: &Unsigned, seeds: &[u8]) -> Vec<u8> {
    let payload = unsigned.payload();
    let sign = |&seed: &u8| (public(seed), secret(seed).sign(&payload).to_bytes());
    let signatures: Vec<_> = seeds.iter().map(sign).collect();
    unsigned
        .assemble(&signatures)
        .expect("the signatures are on the draft")
}

/// Signs any text, also what no draft would write.
pub fn forge(signed: &str, seeds: &[u8]) -> Vec<u8> {
    let json = Json::parse(signed.as_bytes(), 1 << 24).expect("the test wrote JSON");
    let message = json.to_canonical();
    let entry = |&seed: &u8| {
        let signature = HEXLOWER.encode(&secret(seed).sign(&message).to_bytes());
        format!(r#"{{"keyid":"{}","sig":"{signature}"}}"#, key_id(seed))
    };
    let signatures: Vec<_> = seeds.iter().map(entry).collect();
    let signatures = signatures.join(",");
    format!(r#"{{"signatures":[{signatures}],"signed":{signed}}}"#).into_bytes()
}

/// The signed part of a document, changed and signed anew.
pub fn altered(document: &[u8], from: &str, to: &str, seeds: &[u8]) -> Vec<u8> {
    let Json::Object(fields) = Json::parse(document, 1 << 24).expect("it is a document") else {
        panic!("a document is an object")
    };
    let signed = String::from_utf8(fields["signed"].to_canonical()).expect("JSON is text");
    assert!(signed.contains(from), "{from} is not in {signed}");
    forge(&signed.replace(from, to), seeds)
}

#[derive(Clone)]
pub struct Repository {
    pub root: RootDraft,
    pub root_signers: Vec<u8>,
    pub targets: TargetsDraft,
    pub firmware: TargetsDraft,
    pub snapshot: SnapshotDraft,
    pub timestamp: TimestampDraft,
    pub timestamp_key: u8,
    pub snapshot_key: u8,
    pub served: BTreeMap<String, Vec<u8>>,
}

impl Repository {
    /// Version 1 of everything: `targets` lists a notice and delegates `firmware/*/*`.
    pub fn new() -> Self {
        let header = HeaderDraft {
            version: 1,
            expires_unix_s: FAR,
        };
        let mut root = RootDraft::new(1, FAR, 1, vec![public(ROOT)]);
        for (role, seed) in [
            (RoleName::Timestamp, TIMESTAMP),
            (RoleName::Snapshot, SNAPSHOT),
            (RoleName::Targets, TARGETS),
        ] {
            root.others.insert(role, signers(&[seed]));
        }
        let mut targets = TargetsDraft::new(1, FAR);
        targets
            .targets
            .insert("notice".to_owned(), TargetDraft::of(b"hello"));
        targets.delegations.push(DelegationDraft {
            role: "firmware".to_owned(),
            signers: signers(&[FIRMWARE]),
            paths: vec!["firmware/*/*".to_owned()],
            terminating: false,
        });
        let mut firmware = TargetsDraft::new(1, FAR);
        firmware
            .targets
            .insert(IMAGE.to_owned(), TargetDraft::of(b"image"));
        let snapshot = Listed::of(1, b"");
        let mut repository = Self {
            root,
            root_signers: vec![ROOT],
            targets,
            firmware,
            snapshot: SnapshotDraft {
                header,
                roles: BTreeMap::new(),
            },
            timestamp: TimestampDraft { header, snapshot },
            timestamp_key: TIMESTAMP,
            snapshot_key: SNAPSHOT,
            served: BTreeMap::new(),
        };
        repository.write_root();
        repository.write();
        repository
    }

    pub fn first_root(&self) -> &[u8] {
        &self.served["1.root.json"]
    }

    pub fn document(&self, name: &str) -> &[u8] {
        &self.served[name]
    }

    /// The next root, signed by those who signed the last one and by `signers`.
    pub fn rotate(&mut self, signers: &[u8]) {
        self.root.version += 1;
        let before = self.root_signers.clone();
        self.root_signers = signers.to_vec();
        let mut both = before;
        both.extend(signers);
        both.sort_unstable();
        both.dedup();
        let payload = self.root.payload().expect("the root is sound");
        let sign = |&seed: &u8| (public(seed), secret(seed).sign(&payload).to_bytes());
        let signatures: Vec<_> = both.iter().map(sign).collect();
        let document = self.root.assemble(&signatures).expect("they signed it");
        let name = format!("{}.root.json", self.root.version);
        self.served.insert(name, document);
    }

    fn write_root(&mut self) {
        self.root.version -= 1;
        let signers = self.root_signers.clone();
        self.rotate(&signers);
    }

    /// Everything below the root with versions one higher.
    pub fn publish(&mut self) {
        self.targets.header.version += 1;
        self.firmware.header.version += 1;
        self.publish_online();
    }

    /// Only what is signed online.
    pub fn publish_online(&mut self) {
        self.snapshot.header.version += 1;
        self.timestamp.header.version += 1;
        self.write();
    }

    /// Serves what the drafts say, whatever was said before.
    pub fn write(&mut self) {
        let targets = self.targets.unsigned().expect("the draft is sound");
        let firmware = self.firmware.unsigned().expect("the draft is sound");
        self.list(
            "targets",
            self.targets.header.version,
            &sign(&targets, &[TARGETS]),
        );
        self.list(
            "firmware",
            self.firmware.header.version,
            &sign(&firmware, &[FIRMWARE]),
        );
        self.write_online();
    }

    /// Serves a document of a targets role and lists it in the next snapshot.
    pub fn list(&mut self, role: &str, version: u64, document: &[u8]) {
        let listed = Listed::of(version, document);
        self.snapshot.roles.insert(role.to_owned(), listed);
        self.serve(role, version, document);
    }

    pub fn serve(&mut self, role: &str, version: u64, document: &[u8]) {
        let quoted = tuf_core::name::file_name(role);
        self.served
            .insert(format!("{version}.{quoted}"), document.to_vec());
        self.served.insert(quoted, document.to_vec());
    }

    pub fn write_online(&mut self) {
        let unsigned = self.snapshot.unsigned().expect("the draft is sound");
        let document = sign(&unsigned, &[self.snapshot_key]);
        self.promise(self.snapshot.header.version, &document);
    }

    /// Serves a snapshot and a timestamp that promises it.
    pub fn promise(&mut self, version: u64, document: &[u8]) {
        self.serve("snapshot", version, document);
        self.timestamp.snapshot = Listed::of(version, document);
        let unsigned = self.timestamp.unsigned().expect("the draft is sound");
        let document = sign(&unsigned, &[self.timestamp_key]);
        self.served.insert("timestamp.json".to_owned(), document);
    }

    pub fn answer(&self, fetch: &Fetch) -> Vec<Vec<u8>> {
        let found = self.served.get(&fetch.file_name()).cloned();
        found.into_iter().collect()
    }
}

/// What it knows is in its files and its floors; every update begins with nothing else.
#[derive(Clone)]
pub struct Device {
    pub files: BTreeMap<String, Vec<u8>>,
    pub floors: Option<Vec<u8>>,
    pub requests: Vec<String>,
    pub heard_root: u64,
    /// Saves after which the power fails.
    pub power: usize,
}

impl Device {
    pub fn new(repository: &Repository) -> Self {
        Self {
            files: BTreeMap::from([("root".to_owned(), repository.first_root().to_vec())]),
            floors: None,
            requests: Vec::new(),
            heard_root: 0,
            power: usize::MAX,
        }
    }

    /// One that is up to date.
    pub fn following(repository: &Repository) -> Self {
        let mut device = Self::new(repository);
        device.update(repository).expect("the repository is honest");
        device
    }

    pub fn version(&self, role: &str) -> u64 {
        let json = Json::parse(&self.files[role], 1 << 24).expect("saved files are JSON");
        let Json::Object(fields) = json else { panic!() };
        let Json::Object(signed) = &fields["signed"] else {
            panic!()
        };
        match signed["version"] {
            Json::Integer(version) => version.try_into().expect("a version is a number"),
            _ => panic!("a version is a number"),
        }
    }

    pub fn floors(&self) -> Floors {
        let bytes = self.floors.as_deref();
        bytes.map_or_else(Floors::default, |bytes| {
            Floors::parse(bytes).expect("floors come back")
        })
    }

    pub fn update(&mut self, repository: &Repository) -> Result<Trusted, UpdateError> {
        self.update_at(NOW, |fetch| repository.answer(fetch))
    }

    /// Updates from whatever `source` answers.
    pub fn update_at(
        &mut self,
        now: u64,
        source: impl Fn(&Fetch) -> Vec<Vec<u8>>,
    ) -> Result<Trusted, UpdateError> {
        let root = self.files["root"].clone();
        let begun = Update::begin(&root, self.floors(), now, &Ed25519Only);
        let mut update = begun.expect("the saved root vouches for itself");
        update.hear_of_root(self.heard_root);
        while let Some(need) = update.need() {
            let answers = self.answers(&need, &source);
            let answers: Vec<_> = answers.iter().map(Vec::as_slice).collect();
            for save in update.feed(&answers)? {
                self.save(save);
            }
        }
        Ok(update.finish().expect("nothing more is needed"))
    }

    pub fn find(
        &mut self,
        repository: &Repository,
        path: &str,
    ) -> Result<Option<Target>, UpdateError> {
        let mut trusted = self.update(repository)?;
        let mut search = Search::new(path, NOW);
        loop {
            let need = match search.step(&trusted)? {
                Step::Found(target) => return Ok(Some(target.clone())),
                Step::Absent => return Ok(None),
                Step::Need(need) => need,
            };
            let answers = self.answers(&need, &|fetch| repository.answer(fetch));
            let answers: Vec<_> = answers.iter().map(Vec::as_slice).collect();
            if let Some(save) = search.feed(&mut trusted, &answers)? {
                self.save(save);
            }
        }
    }

    fn answers(&mut self, need: &Need, source: &impl Fn(&Fetch) -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        match need {
            Need::Stored(role) => self.files.get(role).cloned().into_iter().collect(),
            Need::Fetch(fetch) => {
                self.requests.push(fetch.file_name());
                source(fetch)
            }
        }
    }

    fn save(&mut self, save: Save) {
        if self.power == 0 {
            return;
        }
        self.power -= 1;
        match save {
            Save::Floors(bytes) => self.floors = Some(bytes),
            Save::Metadata { role, bytes } => {
                self.files.insert(role, bytes);
            }
        }
    }
}

//! A repository that our drafts write: two keys hold the root, one each what is below, two the firmware.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::{Signer as _, SigningKey};
use tuf_core::draft::online::{Listed, SnapshotDraft, TimestampDraft};
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::{HeaderDraft, SpecVersion, Unsigned};
use tuf_core::draft::{RootDraft, Signers};
use tuf_core::file::Hashes;
use tuf_core::key::DetachedSignature;
use tuf_core::name;
use tuf_core::role::RoleName;

pub const IMAGE: &[u8] = b"the second image, signed for by two";
pub const PATH: &str = "firmware/gate/2.img";
/// In the year 2100, and in the year 2001.
pub const LATER: u64 = 4_102_444_800;
pub const PAST: u64 = 1_000_000_000;

/// Files as they are served, by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What is served: metadata, and targets with their hash before the name.
#[derive(Clone, Default)]
pub struct Repository {
    pub metadata: Files,
    pub targets: Files,
}

/// What is written, and what is wrong with it.
#[derive(Clone)]
pub struct Plan {
    /// Of snapshot and timestamp, and of the roles below.
    pub edition: u64,
    pub roles: u64,
    /// What snapshot and targets the promises name, where they are others than those that are there.
    pub promised_roles: Option<u64>,
    pub expires: fn(&str) -> u64,
    /// Whose signatures are on each document.
    pub signed_by: fn(&str) -> Vec<u8>,
    /// How many roots there are; each further one is signed by whom the one before appoints.
    pub roots: u64,
    /// What the firmware role lists outside of its folder.
    pub also: Option<&'static str>,
    /// Who signs the second root.
    pub second_root_by: Vec<u8>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            edition: 1,
            roles: 1,
            promised_roles: None,
            expires: |_| LATER,
            signed_by: rightful,
            roots: 1,
            also: None,
            second_root_by: vec![1, 2],
        }
    }
}

/// Who may sign.
pub fn rightful(role: &str) -> Vec<u8> {
    match role {
        "root" => vec![1, 2],
        "firmware" => vec![21, 22],
        "targets" => vec![13],
        "snapshot" => vec![12],
        _ => vec![11],
    }
}

fn signature(seed: u8, payload: &[u8]) -> DetachedSignature {
    let key = SigningKey::from_bytes(&[seed; 32]);
    let public = *key.verifying_key().as_bytes();
    (public, key.sign(payload).to_bytes())
}

fn signatures(seeds: &[u8], payload: &[u8]) -> Vec<DetachedSignature> {
    seeds.iter().map(|seed| signature(*seed, payload)).collect()
}

fn signers(threshold: u32, seeds: &[u8]) -> Signers {
    let keys = seeds.iter().map(|seed| signature(*seed, b"").0);
    Signers {
        threshold,
        keys: keys.collect(),
    }
}

impl Plan {
    pub fn write(&self) -> Repository {
        let mut metadata = Files::new();
        for version in 1..=self.roots {
            let seeds = match version {
                1 => (self.signed_by)("root"),
                _ => self.second_root_by.clone(),
            };
            metadata.insert(format!("{version}.root.json"), self.root(version, &seeds));
        }
        let firmware = self.signed("firmware", &self.firmware().unsigned().unwrap());
        let targets = self.signed("targets", &self.targets().unsigned().unwrap());
        let promised = self.promised_roles.unwrap_or(self.roles);
        let roles = [("targets", &targets), ("firmware", &firmware)];
        let roles = roles.map(|(role, bytes)| (role.to_owned(), Listed::of(promised, bytes)));
        let snapshot = SnapshotDraft {
            header: self.header("snapshot", self.edition),
            roles: roles.into(),
        };
        let snapshot = self.signed("snapshot", &snapshot.unsigned().unwrap());
        let timestamp = TimestampDraft {
            header: self.header("timestamp", self.edition),
            snapshot: Listed::of(self.edition, &snapshot),
        };
        let timestamp = self.signed("timestamp", &timestamp.unsigned().unwrap());
        metadata.insert("timestamp.json".to_owned(), timestamp);
        metadata.insert(format!("{}.snapshot.json", self.edition), snapshot);
        metadata.insert(format!("{promised}.targets.json"), targets);
        metadata.insert(format!("{promised}.firmware.json"), firmware);
        Repository {
            metadata,
            targets: Files::from([(served(IMAGE), IMAGE.to_vec())]),
        }
    }

    fn root(&self, version: u64, seeds: &[u8]) -> Vec<u8> {
        let mut root = RootDraft::new(version, (self.expires)("root"), 2, signers(2, &[1, 2]).keys);
        root.spec_version = SpecVersion::Plain;
        for (role, seed) in [
            (RoleName::Timestamp, 11),
            (RoleName::Snapshot, 12),
            (RoleName::Targets, 13),
        ] {
            root.others.insert(role, signers(1, &[seed]));
        }
        root.assemble(&signatures(seeds, &root.payload().unwrap()))
            .unwrap()
    }

    fn header(&self, role: &str, version: u64) -> HeaderDraft {
        HeaderDraft {
            version,
            expires_unix_s: (self.expires)(role),
        }
    }

    fn firmware(&self) -> TargetsDraft {
        let mut draft = TargetsDraft::new(self.roles, (self.expires)("firmware"));
        let paths = [PATH].into_iter().chain(self.also);
        let listed = paths.map(|path| (path.to_owned(), TargetDraft::of(IMAGE)));
        draft.targets = listed.collect();
        draft
    }

    fn targets(&self) -> TargetsDraft {
        let mut draft = TargetsDraft::new(self.roles, (self.expires)("targets"));
        let firmware = DelegationDraft::of_folder("firmware", signers(2, &[21, 22]));
        draft.delegations.push(firmware);
        draft
    }

    fn signed(&self, role: &str, unsigned: &Unsigned) -> Vec<u8> {
        let seeds = (self.signed_by)(role);
        let distinct: BTreeSet<u8> = seeds.iter().copied().collect();
        let distinct: Vec<u8> = distinct.into_iter().collect();
        let signatures = signatures(&distinct, &unsigned.payload());
        let document = unsigned.assemble(&signatures).unwrap();
        match distinct.len() == seeds.len() {
            true => document,
            false => twice(document),
        }
    }
}

/// The same signature stands there a second time, which our drafts write for nobody.
fn twice(document: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(document).unwrap();
    let (before, rest) = text.split_once("\"signatures\":[").unwrap();
    let (signature, after) = rest.split_once(']').unwrap();
    format!("{before}\"signatures\":[{signature},{signature}]{after}").into_bytes()
}

/// The name under which the image is served.
pub fn served(image: &[u8]) -> String {
    name::target_path(PATH, Some(&Hashes::sha256_of(image)))
}

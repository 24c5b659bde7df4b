//! A small signed repository: two of three administrators hold the root, two of two the firmware.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use tuf_core::canonical::Json;
use tuf_core::draft::edition::Edition;
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::{HeaderDraft, SpecVersion};
use tuf_core::draft::{DraftError, RootDraft, Signers};
use tuf_core::key::DetachedSignature;
use tuf_core::name;
use tuf_core::role::RoleName;

pub const IMAGE: &[u8] = b"the second image";
pub const NOTICE: &[u8] = "héllo".as_bytes();
pub const IMAGE_PATH: &str = "firmware/gate/2.img";

fn signature(seed: u8, payload: &[u8]) -> DetachedSignature {
    let key = SigningKey::from_bytes(&[seed; 32]);
    (
        *key.verifying_key().as_bytes(),
        key.sign(payload).to_bytes(),
    )
}

fn signatures(seeds: &[u8], payload: &[u8]) -> Vec<DetachedSignature> {
    seeds.iter().map(|&seed| signature(seed, payload)).collect()
}

fn signers(threshold: u32, seeds: &[u8]) -> Signers {
    let keys = seeds.iter().map(|&seed| signature(seed, b"").0);
    Signers {
        threshold,
        keys: keys.collect(),
    }
}

/// The files by the names under which they are served.
pub fn documents(expires_unix_s: u64) -> Result<BTreeMap<String, Vec<u8>>, DraftError> {
    let mut files = BTreeMap::new();
    for (version, seeds) in [(1, [1, 2].as_slice()), (2, &[1, 2, 4])] {
        let mut root = RootDraft::new(version, expires_unix_s, 2, signers(2, seeds).keys);
        root.spec_version = SpecVersion::Plain;
        for (role, seed) in [
            (RoleName::Timestamp, 11),
            (RoleName::Snapshot, 12),
            (RoleName::Targets, 13),
        ] {
            root.others.insert(role, signers(1, &[seed]));
        }
        let signed = root.assemble(&signatures(seeds, &root.payload()?))?;
        files.insert(format!("{version}.root.json"), signed);
    }
    let header = HeaderDraft {
        version: 1,
        expires_unix_s,
    };
    let mut image = TargetDraft::of(IMAGE);
    image.custom.insert("release".to_owned(), Json::Integer(7));
    let mut firmware = TargetsDraft::new(1, expires_unix_s);
    firmware.targets.insert(IMAGE_PATH.to_owned(), image);
    let mut targets = TargetsDraft::new(1, expires_unix_s);
    let notice = TargetDraft::of(NOTICE);
    targets.targets.insert("notice.txt".to_owned(), notice);
    let signers = signers(2, &[21, 22]);
    targets
        .delegations
        .push(DelegationDraft::of_folder("firmware", signers));
    let roles = [("firmware", firmware), ("targets", targets)];
    let roles = roles.map(|(role, draft)| (role.to_owned(), draft)).into();
    let documents = Edition { header, roles }.write(|role, unsigned| {
        let seeds: &[u8] = match role {
            "firmware" => &[21, 22],
            "targets" => &[13],
            "snapshot" => &[12],
            _ => &[11],
        };
        unsigned.assemble(&signatures(seeds, &unsigned.payload()))
    })?;
    for (role, document) in documents {
        let name = name::file_name(&role);
        let served = match role.as_str() {
            "timestamp" => name,
            _ => format!("1.{name}"),
        };
        files.insert(served, document);
    }
    Ok(files)
}

//! The repository of a fleet: every role is signed by whoever holds its root.

use std::collections::BTreeMap;

use protocol::depot::Published;
use protocol::library::ROLES;
use tuf_core::draft::edition::Edition;
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::HeaderDraft;
use tuf_core::draft::{DraftError, Signers};

use super::heirs::root_key;
use super::{Fleet, Holder};
use crate::slots::Firmware;

/// After every world has ended.
const FAR_S: u64 = 4_102_444_800;

impl Fleet {
    /// Everything under one version, with these releases.
    pub fn repository(&self, version: u64, releases: &[Firmware]) -> Result<Published, DraftError> {
        let signer = root_key(&self.blueprint, Holder::First);
        let public = *signer.public().as_bytes();
        let signers = Signers {
            threshold: 1,
            keys: vec![public],
        };
        let mut targets = TargetsDraft::new(version, FAR_S);
        targets.delegations = ROLES
            .map(|role| DelegationDraft::of_folder(role, signers.clone()))
            .into();
        let mut roles = BTreeMap::from([("targets".to_owned(), targets)]);
        for role in ROLES {
            roles.insert(role.to_owned(), TargetsDraft::new(version, FAR_S));
        }
        let firmware = roles.entry("firmware".to_owned());
        firmware.and_modify(|draft| draft.targets = releases.iter().map(listed).collect());
        let header = HeaderDraft {
            version,
            expires_unix_s: FAR_S,
        };
        let documents = Edition { header, roles }.write(|_, unsigned| {
            let signature = signer.sign(&unsigned.payload());
            unsigned.assemble(&[(public, signature.0)])
        })?;
        let images = releases.iter().map(Firmware::image).collect();
        Ok(Published::of(version, documents, images))
    }
}

fn listed(firmware: &Firmware) -> (String, TargetDraft) {
    let draft = TargetDraft {
        custom: firmware.release().custom(),
        ..TargetDraft::of(firmware.bytes())
    };
    (firmware.path().to_string(), draft)
}

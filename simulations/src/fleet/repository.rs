//! The repository of a fleet: what its administrators sign, and what a thief of the online keys would sign.

use std::collections::BTreeMap;

use protocol::depot::Published;
use protocol::key::Signer;
use protocol::library::{Held, ROLES};
use tuf_core::draft::online::{Listed, SnapshotDraft, TimestampDraft};
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::{HeaderDraft, Unsigned};
use tuf_core::draft::{DraftError, Signers};

use super::heirs::root_key;
use super::{Fleet, Holder};
use crate::slots::Firmware;

/// After every world has ended.
const FAR_S: u64 = 4_102_444_800;

impl Fleet {
    /// Everything under one version, all of it signed by whoever the root appoints.
    pub fn repository(&self, version: u64, releases: &[Firmware]) -> Result<Published, DraftError> {
        self.repository_by(Holder::First, version, releases)
    }

    /// The same where another holds the pen for what administrators sign. Snapshot and timestamp are signed online.
    pub fn repository_by(
        &self,
        administrator: Holder,
        version: u64,
        releases: &[Firmware],
    ) -> Result<Published, DraftError> {
        let online = root_key(&self.blueprint, Holder::First);
        let signer = root_key(&self.blueprint, administrator);
        let mut targets = TargetsDraft::new(version, FAR_S);
        let signers = Signers {
            threshold: 1,
            keys: vec![*signer.public().as_bytes()],
        };
        targets.delegations = ROLES
            .map(|role| DelegationDraft::of_folder(role, signers.clone()))
            .into();
        let targets = signed(&targets.unsigned()?, signer.as_ref())?;
        let mut files = vec![held("targets", version, targets)];
        for role in ROLES {
            let mut draft = TargetsDraft::new(version, FAR_S);
            if role == "firmware" {
                draft.targets = releases.iter().map(listed).collect();
            }
            let document = signed(&draft.unsigned()?, signer.as_ref())?;
            files.push(held(role, version, document));
        }
        let header = HeaderDraft {
            version,
            expires_unix_s: FAR_S,
        };
        let roles: BTreeMap<String, Listed> = files
            .iter()
            .map(|file| (file.role.clone(), Listed::of(version, &file.bytes)))
            .collect();
        let snapshot = signed(
            &SnapshotDraft { header, roles }.unsigned()?,
            online.as_ref(),
        )?;
        let promised = Listed::of(version, &snapshot);
        files.push(held("snapshot", version, snapshot));
        let timestamp = TimestampDraft {
            header,
            snapshot: promised,
        };
        Ok(Published {
            timestamp: signed(&timestamp.unsigned()?, online.as_ref())?,
            files,
            images: releases.iter().map(Firmware::image).collect(),
        })
    }
}

fn listed(firmware: &Firmware) -> (String, TargetDraft) {
    let draft = TargetDraft {
        custom: firmware.release().custom(),
        ..TargetDraft::of(firmware.bytes())
    };
    (firmware.path().to_string(), draft)
}

fn held(role: &str, version: u64, bytes: Vec<u8>) -> Held {
    Held {
        role: role.to_owned(),
        version,
        bytes,
    }
}

fn signed(unsigned: &Unsigned, signer: &dyn Signer) -> Result<Vec<u8>, DraftError> {
    let signature = signer.sign(&unsigned.payload());
    unsigned.assemble(&[(*signer.public().as_bytes(), signature.0)])
}

//! The repository of a fleet: every role is signed by whoever holds its root.

use std::collections::BTreeMap;

use protocol::depot::Published;
use protocol::library::ROLES;
use protocol::settings::{Scope, Settings};
use tuf_core::canonical::Json;
use tuf_core::draft::edition::Edition;
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::HeaderDraft;
use tuf_core::draft::{DraftError, Signers};

use super::heirs::root_key;
use super::{Fleet, Holder};
use crate::slots::Firmware;

/// After every world has ended.
const FAR_S: u64 = 4_102_444_800;

/// An edition of the repository, and what a thief of the keys online has done to it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Edited<'a> {
    /// The version of all that is not older.
    pub version: u64,
    pub releases: &'a [Firmware],
    pub settings: &'a [(Scope, Settings)],
    /// A role that somebody signs whom nobody has appointed.
    pub forged: Option<&'static str>,
    /// A role as it was signed under a former version.
    pub former: Option<(&'static str, u64)>,
}

impl Fleet {
    /// Everything under one version, with these releases.
    pub fn repository(&self, version: u64, releases: &[Firmware]) -> Result<Published, DraftError> {
        self.edition(&Edited {
            version,
            releases,
            ..Edited::default()
        })
    }

    pub fn edition(&self, edited: &Edited<'_>) -> Result<Published, DraftError> {
        let signer = root_key(&self.blueprint, Holder::First);
        let signers = Signers {
            threshold: 1,
            keys: vec![*signer.public().as_bytes()],
        };
        let mut targets = TargetsDraft::new(edited.version, FAR_S);
        targets.delegations = ROLES
            .map(|role| DelegationDraft::of_folder(role, signers.clone()))
            .into();
        let mut roles = BTreeMap::from([("targets".to_owned(), targets)]);
        roles.extend(ROLES.map(|role| (role.to_owned(), edited.role(role))));
        let header = HeaderDraft {
            version: edited.version,
            expires_unix_s: FAR_S,
        };
        let thief = root_key(&self.blueprint, Holder::Second);
        let documents = Edition { header, roles }.write(|role, unsigned| {
            let key = match edited.forged == Some(role) {
                true => &thief,
                false => &signer,
            };
            let signature = key.sign(&unsigned.payload());
            unsigned.assemble(&[(*key.public().as_bytes(), signature.0)])
        })?;
        let images = edited.releases.iter().map(Firmware::image).collect();
        let mut published = Published::of(edited.version, documents, images);
        for held in &mut published.files {
            held.version = edited.version_of(&held.role);
        }
        Ok(published)
    }
}

impl Edited<'_> {
    fn version_of(&self, role: &str) -> u64 {
        match self.former {
            Some((former, version)) if former == role => version,
            _ => self.version,
        }
    }

    fn role(&self, role: &'static str) -> TargetsDraft {
        let mut draft = TargetsDraft::new(self.version_of(role), FAR_S);
        match role {
            "firmware" => draft.targets = self.releases.iter().map(listed).collect(),
            "policy" => draft.targets = self.settings.iter().map(wanted).collect(),
            _ => {}
        }
        draft
    }
}

fn wanted((scope, settings): &(Scope, Settings)) -> (String, TargetDraft) {
    let custom = settings.custom();
    let draft = TargetDraft {
        custom: custom.clone(),
        ..TargetDraft::of(&Json::Object(custom).to_canonical())
    };
    (scope.path(), draft)
}

fn listed(firmware: &Firmware) -> (String, TargetDraft) {
    let draft = TargetDraft {
        custom: firmware.release().custom(),
        ..TargetDraft::of(firmware.bytes())
    };
    (firmware.path().to_string(), draft)
}

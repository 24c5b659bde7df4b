//! Writing a targets role: the files it vouches for and the roles it delegates to.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::canonical::{Json, Object};
use crate::delegations::Delegations;
use crate::draft::unsigned::{HeaderDraft, SpecVersion, Unsigned, object};
use crate::draft::{DraftError, Signers};
use crate::limits;

/// A targets role that nobody has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetsDraft {
    pub header: HeaderDraft,
    /// By path.
    pub targets: BTreeMap<String, TargetDraft>,
    /// In the order in which they are asked.
    pub delegations: Vec<DelegationDraft>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetDraft {
    pub length: u64,
    pub sha256: [u8; 32],
    /// What is signed besides; may be empty.
    pub custom: Object,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationDraft {
    pub role: String,
    pub signers: Signers,
    /// Shell patterns, segment by segment.
    pub paths: Vec<String>,
    /// What this role does not list is looked for nowhere else.
    pub terminating: bool,
}

impl TargetDraft {
    pub fn of(content: &[u8]) -> Self {
        Self {
            length: content.len() as u64,
            sha256: Sha256::digest(content).into(),
            custom: Object::new(),
        }
    }

    fn to_json(&self) -> Json {
        let mut fields = vec![
            (
                "hashes",
                object([("sha256", Json::Text(HEXLOWER.encode(&self.sha256)))]),
            ),
            ("length", Json::Integer(self.length.into())),
        ];
        if !self.custom.is_empty() {
            fields.push(("custom", Json::Object(self.custom.clone())));
        }
        let fields = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Json::Object(fields.collect())
    }
}

impl TargetsDraft {
    /// A role that lists nothing yet.
    pub const fn new(version: u64, expires_unix_s: u64) -> Self {
        Self {
            header: HeaderDraft {
                version,
                expires_unix_s,
            },
            targets: BTreeMap::new(),
            delegations: Vec::new(),
        }
    }

    pub fn unsigned(&self) -> Result<Unsigned, DraftError> {
        let targets = self.targets.iter();
        let targets = targets.map(|(path, target)| (path.clone(), target.to_json()));
        let mut fields = Object::from([("targets".to_owned(), Json::Object(targets.collect()))]);
        if !self.delegations.is_empty() {
            fields.insert("delegations".to_owned(), self.delegations()?);
        }
        Unsigned::new(
            "targets",
            SpecVersion::Plain,
            self.header,
            fields,
            limits::TARGETS_BYTES,
        )
    }

    fn delegations(&self) -> Result<Json, DraftError> {
        let (mut keys, mut roles) = (Object::new(), Vec::new());
        for delegation in &self.delegations {
            let listed = delegation.signers.listed(&delegation.role)?;
            let [key_ids, threshold] = delegation.signers.appointed(&listed);
            let paths = delegation.paths.iter().cloned().map(Json::Text);
            roles.push(object([
                key_ids,
                threshold,
                ("name", Json::Text(delegation.role.clone())),
                ("paths", Json::List(paths.collect())),
                ("terminating", Json::Bool(delegation.terminating)),
            ]));
            keys.extend(listed);
        }
        let json = object([("keys", Json::Object(keys)), ("roles", Json::List(roles))]);
        Delegations::read(&json)?;
        Ok(json)
    }
}

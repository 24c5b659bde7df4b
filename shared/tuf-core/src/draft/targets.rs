//! Writing a targets role: the files it vouches for and the roles it delegates to.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::canonical::{Json, Object};
use crate::delegations::Delegations;
use crate::document::ReadError;
use crate::draft::unsigned::{HeaderDraft, SpecVersion, Unsigned, object};
use crate::draft::{DraftError, Signers};
use crate::envelope::Envelope;
use crate::fields::{FieldError, Fields};
use crate::key::Key;
use crate::keyring::Keyring;
use crate::limits;
use crate::targets::Targets;

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

impl DelegationDraft {
    /// A role with a folder of its own: it alone is asked for `ROLE/PRODUCT/FILE`.
    pub fn of_folder(role: &str, signers: Signers) -> Self {
        Self {
            role: role.to_owned(),
            signers,
            paths: vec![format!("{role}/*/*")],
            terminating: true,
        }
    }
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

    /// What a document of ours says, to be said again with changes. Whether it is signed is not looked at, and fields
    /// that are not ours are left out.
    pub fn read(document: &[u8]) -> Result<Self, ReadError> {
        let envelope = Envelope::parse(document, limits::TARGETS_BYTES)?;
        let read = Targets::read(&envelope)?;
        let mut targets = BTreeMap::new();
        for (path, target) in read.targets {
            let sha256 = target.hashes.sha256.ok_or(FieldError("sha256"))?;
            let custom = match target.custom {
                Some(Json::Object(custom)) => custom,
                _ => Object::new(),
            };
            let draft = TargetDraft {
                length: target.length,
                sha256,
                custom,
            };
            targets.insert(path, draft);
        }
        let delegations = envelope.signed.get("delegations");
        Ok(Self {
            header: HeaderDraft {
                version: read.header.version,
                expires_unix_s: read.header.expires_unix_s,
            },
            targets,
            delegations: delegations.map_or(Ok(Vec::new()), read_delegations)?,
        })
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

fn read_delegations(json: &Json) -> Result<Vec<DelegationDraft>, ReadError> {
    let fields = Fields::of(json, "delegations")?;
    let keys = Keyring::read(fields.object("keys")?, limits::DELEGATION_KEYS)?;
    let roles = fields.list("roles")?.iter();
    roles
        .map(|json| read_delegation(Fields::of(json, "roles")?, &keys))
        .collect()
}

fn read_delegation(fields: Fields<'_>, keys: &Keyring) -> Result<DelegationDraft, ReadError> {
    let texts = |name| {
        let listed = fields.list(name)?.iter();
        let texts = listed.map(|json| match json {
            Json::Text(text) => Ok(text.clone()),
            _ => Err(FieldError(name)),
        });
        texts.collect::<Result<Vec<_>, _>>()
    };
    let mut signers = Signers {
        threshold: fields.positive("threshold")?,
        keys: Vec::new(),
    };
    for id in texts("keyids")? {
        match keys.key(&id) {
            Some(Key::Ed25519(key)) => signers.keys.push(*key.as_bytes()),
            _ => return Err(FieldError("keyids").into()),
        }
    }
    Ok(DelegationDraft {
        role: fields.text("name")?.to_owned(),
        signers,
        paths: texts("paths")?,
        terminating: fields.flag("terminating")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_and_written_the_same() {
        let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]).verifying_key();
        let mut draft = TargetsDraft::new(3, 1_900_000_000);
        let mut image = TargetDraft::of(b"image");
        image.custom.insert("counter".to_owned(), Json::Integer(7));
        draft
            .targets
            .insert("firmware/gate/2.img".to_owned(), image);
        draft.delegations.push(DelegationDraft {
            role: "firmware".to_owned(),
            signers: Signers {
                threshold: 1,
                keys: vec![*key.as_bytes()],
            },
            paths: vec!["firmware/*/*".to_owned()],
            terminating: true,
        });
        let unsigned = draft.unsigned().expect("it is written");
        let document = unsigned.assemble(&[]).expect("it is assembled");
        assert_eq!(TargetsDraft::read(&document), Ok(draft));
        let again = Unsigned::parse(&unsigned.payload()).expect("it is read");
        assert_eq!(again, unsigned);
    }
}

//! Who has signed a draft, and who still has to.

use thiserror::Error;
use tuf_core::draft::Signers;
use tuf_core::key::{DetachedSignature, PublicKey};
use tuf_core::role::RoleName;
use tuf_core::root::Root;

use super::plan::{Before, PlanError};
use super::roles::{ROOT, TARGETS};
use crate::store::repository::{Draft, Paper};

/// Keys of which enough have to sign one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub role: String,
    /// Who appoints these keys, in words.
    pub appointed: String,
    pub threshold: u32,
    pub signed: Vec<PublicKey>,
    pub missing: Vec<PublicKey>,
}

/// A document that is not signed by enough.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{role} is not signed by enough: {valid} of the {needed} keys that {appointed} asks for ({})",
    list(signed)
)]
pub struct UnderSigned {
    pub role: String,
    pub appointed: String,
    pub valid: usize,
    pub needed: u32,
    /// Ids of the keys that did sign.
    pub signed: Vec<String>,
}

impl Need {
    fn new(paper: &Paper, appointed: String, signers: &Signers) -> Self {
        let signatures = paper.signatures();
        let signed: Vec<_> = signers.signed(paper.payload(), &signatures).collect();
        let keys = signers.keys.iter();
        let keys = keys.filter_map(|key| PublicKey::from_bytes(key).ok());
        Self {
            role: paper.role.clone(),
            appointed,
            threshold: signers.threshold,
            missing: keys.filter(|key| !signed.contains(key)).collect(),
            signed,
        }
    }

    pub fn is_met(&self) -> bool {
        self.signed.len() >= self.threshold as usize
    }

    pub fn met(&self) -> Result<(), UnderSigned> {
        if self.is_met() {
            return Ok(());
        }
        Err(UnderSigned {
            role: self.role.clone(),
            appointed: self.appointed.clone(),
            valid: self.signed.len(),
            needed: self.threshold,
            signed: self.signed.iter().map(short).collect(),
        })
    }

    pub fn knows(&self, key: &[u8; 32]) -> bool {
        let all = self.signed.iter().chain(&self.missing);
        all.into_iter().any(|known| known.as_bytes() == key)
    }
}

/// A key's id as people compare it: the same letters that `palisade-sign` shows.
pub fn short(key: &PublicKey) -> String {
    shortened(&key.id())
}

/// The same of a whole id.
pub fn shortened(id: &str) -> String {
    id.chars().take(12).collect()
}

fn list(signed: &[String]) -> String {
    if signed.is_empty() {
        return "none".to_owned();
    }
    format!("signed: {}", signed.join(", "))
}

/// What each document of a draft needs. A root needs the keys before it and its own.
pub fn needs(draft: &Draft, before: &Before) -> Result<Vec<Need>, PlanError> {
    let paper = |role: &str| draft.papers.iter().find(|paper| paper.role == role);
    let after = match paper(ROOT) {
        Some(root) => Appointed::unsigned(root)?,
        None => Appointed::of(&before.root),
    };
    let delegations = match paper(TARGETS) {
        Some(targets) => super::plan::read_payload(targets)?,
        None => before.targets(TARGETS)?,
    };
    let mut needs = Vec::new();
    for paper in &draft.papers {
        match paper.role.as_str() {
            ROOT => {
                let former = Appointed::of(&before.root);
                needs.push(Need::new(paper, former.words(), &former.root));
                if after.root != former.root {
                    needs.push(Need::new(paper, after.words(), &after.root));
                }
            }
            TARGETS => needs.push(Need::new(paper, after.words(), &after.targets)),
            role => {
                let delegated = delegations.delegations.iter();
                let mut delegated = delegated.filter(|delegation| delegation.role == role);
                let delegation = delegated.next();
                let delegation =
                    delegation.ok_or_else(|| PlanError::NoSuchRole(role.to_owned()))?;
                let words = format!("targets {}", delegations.header.version);
                needs.push(Need::new(paper, words, &delegation.signers));
            }
        }
    }
    Ok(needs)
}

/// Whom a root appoints for what is signed by people.
struct Appointed {
    version: u64,
    root: Signers,
    targets: Signers,
}

impl Appointed {
    fn of(root: &Root) -> Self {
        Self {
            version: root.version(),
            root: Signers::of(root, RoleName::Root),
            targets: Signers::of(root, RoleName::Targets),
        }
    }

    /// The same of a root that is not signed yet.
    fn unsigned(paper: &Paper) -> Result<Self, PlanError> {
        let draft = super::plan::read_root(paper)?;
        let own = Signers {
            threshold: draft.threshold,
            keys: draft.keys.clone(),
        };
        let targets = draft.others.get(&RoleName::Targets).unwrap_or(&own).clone();
        Ok(Self {
            version: draft.version,
            root: own,
            targets,
        })
    }

    fn words(&self) -> String {
        format!("root {}", self.version)
    }
}

/// Puts a signature to every document that it is on: roles that say the same have the same bytes to sign.
pub fn sign(
    draft: &mut Draft,
    needs: &[Need],
    (key, signature): DetachedSignature,
) -> Result<Vec<String>, SignError> {
    let signer = PublicKey::from_bytes(&key).map_err(|_| SignError::NoKey)?;
    let (mut signed, mut twice, mut others) = (Vec::new(), None, None);
    for paper in &mut draft.papers {
        if signer.verify(paper.payload(), &signature).is_err() {
            continue;
        }
        let role = paper.role.clone();
        let mut own = needs.iter().filter(|need| need.role == role);
        if !own.any(|need| need.knows(&key)) {
            others = Some(role);
        } else if paper.signatures().iter().any(|(known, _)| *known == key) {
            twice = Some(role);
        } else {
            paper.sign((key, signature));
            signed.push(role);
        }
    }
    let key = short(&signer);
    match (twice, others) {
        _ if !signed.is_empty() => Ok(signed),
        (Some(role), _) => Err(SignError::Twice { key, role }),
        (None, Some(role)) => Err(SignError::NotAppointed { key, role }),
        (None, None) => Err(SignError::OtherBytes(key)),
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignError {
    #[error("the signature names no usable key")]
    NoKey,
    #[error(
        "the signature of the key {0} is on none of the documents of this draft: sign the file that this draft was written to"
    )]
    OtherBytes(String),
    #[error("the key {key} is not one that may sign {role}")]
    NotAppointed { key: String, role: String },
    #[error("the key {key} has signed {role} already: each key counts once")]
    Twice { key: String, role: String },
}

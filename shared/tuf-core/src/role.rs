//! Roles: who may sign what, and how many of them must.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::canonical::Json;
use crate::envelope::Envelope;
use crate::fields::{FieldError, Fields};
use crate::key::Key;
use crate::keyring::Keyring;
use crate::limits;
use crate::schemes::Schemes;

/// The four roles that every root appoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleName {
    Root,
    Timestamp,
    Snapshot,
    Targets,
}

impl RoleName {
    pub const ALL: [Self; 4] = [Self::Root, Self::Timestamp, Self::Snapshot, Self::Targets];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Timestamp => "timestamp",
            Self::Snapshot => "snapshot",
            Self::Targets => "targets",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{valid} different keys signed, {needed} are needed")]
pub struct ThresholdError {
    pub valid: usize,
    pub needed: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RoleError {
    #[error("a role lists more than {} keys", limits::KEY_IDS_PER_ROLE)]
    TooManyKeyIds,
    #[error("a role lists one key id twice")]
    DuplicateKeyId,
    #[error(transparent)]
    Field(#[from] FieldError),
}

/// The keys of one role by id, and its threshold of at least 1.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) threshold: u32,
    pub(crate) key_ids: BTreeSet<String>,
}

impl Role {
    pub(crate) fn read(fields: Fields<'_>) -> Result<Self, RoleError> {
        let listed = fields.list("keyids")?;
        if listed.len() > limits::KEY_IDS_PER_ROLE {
            return Err(RoleError::TooManyKeyIds);
        }
        let mut key_ids = BTreeSet::new();
        for id in listed {
            let Json::Text(id) = id else {
                return Err(FieldError("keyids").into());
            };
            if !key_ids.insert(id.clone()) {
                return Err(RoleError::DuplicateKeyId);
            }
        }
        Ok(Self {
            threshold: fields.positive("threshold")?,
            key_ids,
        })
    }

    /// Counts keys, not key ids: one key listed under two ids is one signer.
    pub(crate) fn verify(
        &self,
        keys: &Keyring,
        envelope: &Envelope,
        schemes: &dyn Schemes,
    ) -> Result<(), ThresholdError> {
        let mut signers = BTreeSet::new();
        for (id, signature) in envelope.signatures() {
            let Some(key) = keys.key(id).filter(|_| self.key_ids.contains(id)) else {
                continue;
            };
            let Some(signer) = key.signer().filter(|signer| !signers.contains(signer)) else {
                continue;
            };
            if key.verify(&envelope.message, signature, schemes).is_ok() {
                signers.insert(signer);
            }
        }
        self.enough(signers.len())
    }

    pub(crate) fn enough(&self, valid: usize) -> Result<(), ThresholdError> {
        if u32::try_from(valid).is_ok_and(|valid| valid >= self.threshold) {
            return Ok(());
        }
        Err(ThresholdError {
            valid,
            needed: self.threshold,
        })
    }

    /// Who may sign, each key once.
    pub(crate) fn signers<'a>(&'a self, keys: &'a Keyring) -> BTreeSet<&'a [u8]> {
        let listed = self.key_ids.iter().filter_map(|id| keys.key(id));
        listed.filter_map(Key::signer).collect()
    }
}

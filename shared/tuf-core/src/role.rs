//! Roles: who may sign what, and how many of them must.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::canonical::Json;
use crate::envelope::SignatureBytes;
use crate::fields::{FieldError, Fields};
use crate::key::Key;
use crate::limits;

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
    pub(crate) fn verify<'a>(
        &self,
        keys: &BTreeMap<String, Key>,
        message: &[u8],
        signatures: impl IntoIterator<Item = (&'a str, &'a SignatureBytes)>,
    ) -> Result<(), ThresholdError> {
        let mut signers = BTreeSet::new();
        for (id, signature) in signatures {
            let Some(Key::Ed25519(key)) = keys.get(id).filter(|_| self.key_ids.contains(id)) else {
                continue;
            };
            if signature
                .as_ed25519()
                .is_some_and(|signature| key.verify(message, signature).is_ok())
            {
                signers.insert(*key.as_bytes());
            }
        }
        self.enough(&signers)
    }

    pub(crate) fn enough(&self, signers: &BTreeSet<[u8; 32]>) -> Result<(), ThresholdError> {
        if u32::try_from(signers.len()).is_ok_and(|valid| valid >= self.threshold) {
            return Ok(());
        }
        Err(ThresholdError {
            valid: signers.len(),
            needed: self.threshold,
        })
    }
}

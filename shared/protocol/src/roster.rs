//! The members as the identity log shows them: a snapshot that only checked entries can extend.

mod admission;
mod draft;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use thiserror::Error;

use crate::cbor::DecodeError;
use crate::charter::Charter;
use crate::id::{DeviceId, Epoch};
use crate::key::{PeerKey, Verifier};
use crate::ledger::{LogHead, Strength, Withdrawal};
use crate::limits;
use crate::membership::Membership;
use crate::merkle::Tree;
use crate::rings::{Rings, frozen_seed};
use crate::signed::{OpenError, Signed};
use crate::time::Timestamp;

pub use admission::{Admitted, Credentials};
pub use draft::Draft;

/// One member and what became of it.
#[derive(Debug, Clone)]
pub struct Member {
    pub membership: Signed<Membership>,
    pub withdrawal: Option<Signed<Withdrawal>>,
}

impl Member {
    /// Whether somebody with the right to do so has shut the member out at this time.
    pub fn is_withdrawn(&self, now: Timestamp) -> bool {
        match self
            .withdrawal
            .as_ref()
            .map(|withdrawal| withdrawal.strength)
        {
            Some(Strength::Revocation) => true,
            Some(Strength::Suspension { until }) => now < until,
            None => false,
        }
    }
}

/// All members of a mesh at one size of its identity log.
#[derive(Debug)]
pub struct Roster {
    charter: Arc<Charter>,
    members: BTreeMap<DeviceId, Arc<Member>>,
    keys: BTreeMap<PeerKey, DeviceId>,
    entries: Vec<Arc<[u8]>>,
    tree: Tree,
    head: Option<Signed<LogHead>>,
    rings: OnceLock<Rings>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExtendError {
    #[error("the entries do not begin where this log ends ({expected}), but at {found}")]
    Gap { expected: u64, found: u64 },
    #[error("entry {index} cannot be read: {source}")]
    Entry { index: u64, source: DecodeError },
    #[error("entry {index} is not signed by a key with that right: {source}")]
    Signature { index: u64, source: OpenError },
    #[error("entry {index} does not fit this log: {why}")]
    Misplaced { index: u64, why: &'static str },
    #[error("the log head is not the admission key's: {0}")]
    Head(OpenError),
    #[error("the log head commits to other entries than these: the log was shown in two versions")]
    Forked,
    #[error("more entries came than the {shown} that a signed head was shown for")]
    Uncovered { shown: u64 },
    #[error("the log holds {bound} entries at most", bound = limits::LOG_ENTRIES)]
    Full,
}

impl Roster {
    /// The empty roster of a mesh.
    pub fn new(charter: Arc<Charter>) -> Self {
        Self {
            charter,
            members: BTreeMap::new(),
            keys: BTreeMap::new(),
            entries: Vec::new(),
            tree: Tree::default(),
            head: None,
            rings: OnceLock::new(),
        }
    }

    /// The roster after `entries`, all of which must be covered by the signed head.
    pub fn extend(
        &self,
        from: u64,
        entries: &[Vec<u8>],
        head: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<Self, ExtendError> {
        let mut draft = Draft::behind(self);
        if from != draft.size() {
            return Err(ExtendError::Gap {
                expected: draft.size(),
                found: from,
            });
        }
        for bytes in entries {
            draft.append(bytes, verifier)?;
        }
        draft.conclude(head, verifier)
    }

    pub fn charter(&self) -> &Arc<Charter> {
        &self.charter
    }

    /// Entries of the identity log behind this roster.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    pub fn head(&self) -> Option<&Signed<LogHead>> {
        self.head.as_ref()
    }

    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    pub fn member(&self, device: &DeviceId) -> Option<&Arc<Member>> {
        self.members.get(device)
    }

    pub fn members(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.members.values()
    }

    /// The device that holds a key by its newest membership.
    pub fn device(&self, key: PeerKey) -> Option<DeviceId> {
        self.keys.get(&key).copied()
    }

    /// Entries of the log from an index on, at most `limit` of them.
    pub fn entries(&self, from: u64, limit: usize) -> &[Arc<[u8]>] {
        let from =
            usize::try_from(from).map_or(self.entries.len(), |from| from.min(self.entries.len()));
        &self.entries[from..self.entries.len().min(from + limit)]
    }

    /// The seats of this roster; withdrawn members have none.
    pub fn rings(&self) -> &Rings {
        self.rings.get_or_init(|| {
            let seated = self
                .members
                .values()
                .filter(|member| member.withdrawal.is_none());
            let seed = frozen_seed(&self.charter.mesh, Epoch::FROZEN);
            Rings::new(
                &seed,
                seated.map(|member| member.membership.device).collect(),
            )
        })
    }

    fn copy(&self) -> Self {
        Self {
            charter: Arc::clone(&self.charter),
            members: self.members.clone(),
            keys: self.keys.clone(),
            entries: self.entries.clone(),
            tree: self.tree.clone(),
            head: self.head.clone(),
            rings: OnceLock::new(),
        }
    }
}

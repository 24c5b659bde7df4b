//! What a checked identity log says, at one size of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tuf_core::root::Root;

use super::Member;
use super::suspensions::Suspensions;
use crate::charter::Charter;
use crate::id::DeviceId;
use crate::key::{PeerKey, PublicKey, Verifier};
use crate::ledger::LogHead;
use crate::merkle::Tree;
use crate::proof::{Proof, ProofError, Signer};
use crate::signed::Signed;
use crate::succession::{Succession, Trust};

/// All entries of the log, and what follows from them.
#[derive(Debug, Clone)]
pub(super) struct Log {
    /// In force behind the last entry.
    pub(super) charter: Arc<Charter>,
    /// Without the root document nobody can replace the charter.
    pub(super) root: Option<Arc<Root>>,
    pub(super) succession: Succession,
    /// The size of the log with which the charter or the root came into force.
    pub(super) in_force_from: u64,
    /// The same for the admission key: the heads of shorter logs are another key's.
    pub(super) admission_from: u64,
    pub(super) members: BTreeMap<DeviceId, Arc<Member>>,
    pub(super) keys: BTreeMap<PeerKey, DeviceId>,
    pub(super) convicted: BTreeMap<DeviceId, Arc<Proof>>,
    pub(super) suspensions: Suspensions,
    pub(super) entries: Vec<Arc<[u8]>>,
    pub(super) tree: Tree,
    pub(super) head: Option<Signed<LogHead>>,
    /// Gateways that the charter names, by the key that was admitted. Only those end who were revoked for
    /// good or convicted: whoever holds the admission key alone must not be able to do without them.
    pub(super) gateways: BTreeMap<PublicKey, Gateway>,
}

/// A gateway that was admitted.
#[derive(Debug, Clone)]
pub(super) struct Gateway {
    pub(super) device: DeviceId,
    /// The size of the log at which it was there.
    pub(super) since: u64,
}

impl Log {
    pub(super) fn new(charter: Arc<Charter>) -> Self {
        Self {
            charter,
            root: None,
            succession: Succession::default(),
            in_force_from: 0,
            admission_from: 0,
            members: BTreeMap::new(),
            keys: BTreeMap::new(),
            convicted: BTreeMap::new(),
            suspensions: Suspensions::default(),
            entries: Vec::new(),
            tree: Tree::default(),
            head: None,
            gateways: BTreeMap::new(),
        }
    }

    pub(super) fn retire_gateway(&mut self, device: &DeviceId) {
        self.gateways.retain(|_, gateway| gateway.device != *device);
    }

    pub(super) fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Checks a proof against the charter in force. With an admission key that was stolen and replaced nobody may
    /// convict whom it never admitted: what a former key has signed must stand in the log.
    pub(super) fn open_proof(
        &self,
        bytes: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<Proof, ProofError> {
        let proof = Proof::open(bytes, &self.charter, verifier)?;
        if proof.convicts().is_none() || self.vouches_for(&proof) {
            Ok(proof)
        } else {
            Err(ProofError::NotInLog)
        }
    }

    /// Whether the membership of a proof counts: by the key in force it may be on its way into the log.
    pub(super) fn vouches_for(&self, proof: &Proof) -> bool {
        let Some(basis) = proof.basis() else {
            return true;
        };
        let in_log = || self.tree.leaf(basis.index) == Some(&basis.leaf);
        basis.signer == Signer::InForce || in_log()
    }

    pub(super) fn trust(&self) -> Trust {
        Trust::of(self.root.clone(), Arc::clone(&self.charter))
    }
}

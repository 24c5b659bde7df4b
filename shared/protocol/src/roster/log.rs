//! What a checked identity log says, at one size of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Member;
use crate::charter::Charter;
use crate::id::DeviceId;
use crate::key::{PeerKey, PublicKey};
use crate::ledger::LogHead;
use crate::merkle::Tree;
use crate::proof::Proof;
use crate::signed::Signed;

/// All entries of the log, and what follows from them.
#[derive(Debug, Clone)]
pub(super) struct Log {
    pub(super) charter: Arc<Charter>,
    pub(super) members: BTreeMap<DeviceId, Arc<Member>>,
    pub(super) keys: BTreeMap<PeerKey, DeviceId>,
    pub(super) convicted: BTreeMap<DeviceId, Arc<Proof>>,
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
            members: BTreeMap::new(),
            keys: BTreeMap::new(),
            convicted: BTreeMap::new(),
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
}

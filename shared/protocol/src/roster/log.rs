//! What a checked identity log says, at one size of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Member;
use crate::charter::Charter;
use crate::id::DeviceId;
use crate::key::PeerKey;
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
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.tree.size()
    }
}

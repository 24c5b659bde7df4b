//! The gate of a member and of the coordinator: what they show, and the roster that judges others.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use protocol::id::DeviceId;
use protocol::key::{PeerKey, Verifier};
use protocol::refusal::Refusal;
use protocol::roster::{Credentials, Roster};
use protocol::time::Timestamp;

use crate::{Gate, Key};

/// Whose credentials are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    Coordinator,
    Member {
        device: DeviceId,
        /// The membership as it was handed over, for as long as the roster does not hold it.
        membership: Vec<u8>,
    },
}

/// Judges by the newest roster that the core has given out.
pub struct RosterGate {
    holder: Holder,
    verifier: Arc<dyn Verifier>,
    roster: RwLock<Arc<Roster>>,
}

impl RosterGate {
    pub fn new(holder: Holder, roster: Arc<Roster>, verifier: Arc<dyn Verifier>) -> Self {
        Self {
            holder,
            verifier,
            roster: RwLock::new(roster),
        }
    }

    /// From here on this roster judges.
    pub fn adopt(&self, roster: Arc<Roster>) {
        *self.roster.write().unwrap_or_else(PoisonError::into_inner) = roster;
    }

    fn roster(&self) -> Arc<Roster> {
        Arc::clone(&self.roster.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for RosterGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RosterGate({:?})", self.holder)
    }
}

impl Gate for RosterGate {
    fn credentials(&self) -> Vec<u8> {
        match &self.holder {
            Holder::Coordinator => Credentials::Coordinator.encode(),
            Holder::Member { device, membership } => {
                let proven = self.roster().credentials(device);
                proven
                    .unwrap_or_else(|| Credentials::newcomer(membership))
                    .encode()
            }
        }
    }

    fn judge(&self, key: Key, credentials: &[u8]) -> Result<(), Refusal> {
        let (roster, key, verifier) = (self.roster(), PeerKey(key), self.verifier.as_ref());
        let admitted = match self.holder {
            Holder::Coordinator => roster.admit_at_coordinator(key, credentials, wall(), verifier),
            Holder::Member { .. } => roster.admit_peer(key, credentials, wall(), verifier),
        };
        admitted.map(|_| ())
    }

    fn order_for(&self, key: Key) -> Option<Vec<u8>> {
        let order = self.roster().order_for(PeerKey(key))?;
        Some(order.encode())
    }
}

/// What this machine's clock says; a clock before 1970 counts as 1970.
pub fn wall() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

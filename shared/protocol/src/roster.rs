//! The members as the identity log shows them: a snapshot that only checked entries can extend.

mod admission;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use thiserror::Error;

use crate::cbor::DecodeError;
use crate::charter::Charter;
use crate::id::{DeviceId, Epoch};
use crate::key::{PeerKey, Verifier};
use crate::ledger::{Entry, LogHead, Strength, Withdrawal};
use crate::limits;
use crate::membership::Membership;
use crate::merkle::Tree;
use crate::rings::{Rings, frozen_seed};
use crate::signed::{OpenError, Signed, Unchecked};
use crate::time::Timestamp;

pub use admission::{Admitted, Credentials};

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
        let mut extended = self.copy();
        if from != extended.size() {
            return Err(ExtendError::Gap {
                expected: extended.size(),
                found: from,
            });
        }
        for bytes in entries {
            extended.append(bytes, verifier)?;
        }
        extended.conclude(head, verifier)?;
        Ok(extended)
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

    fn append(&mut self, bytes: &[u8], verifier: &dyn Verifier) -> Result<(), ExtendError> {
        let index = self.size();
        if index >= limits::LOG_ENTRIES as u64 {
            return Err(ExtendError::Full);
        }
        match Entry::decode(bytes).map_err(|source| ExtendError::Entry { index, source })? {
            Entry::Admission(envelope) => self.admit(index, &envelope, verifier)?,
            Entry::Withdrawal(envelope) => self.withdraw(index, &envelope, verifier)?,
        }
        self.tree.push(Entry::leaf(bytes));
        self.entries.push(bytes.into());
        Ok(())
    }

    fn admit(
        &mut self,
        index: u64,
        envelope: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<(), ExtendError> {
        let membership = Signed::<Membership>::open(envelope, &self.charter.admission, verifier)
            .map_err(|source| ExtendError::Signature { index, source })?;
        self.place(
            index,
            membership.mesh == self.charter.mesh,
            membership.log_index,
        )?;
        if let Some(why) = self.objection(&membership) {
            return Err(ExtendError::Misplaced { index, why });
        }
        let device = membership.device;
        if let Some(before) = self.members.get(&device) {
            self.keys.remove(&before.membership.key.peer());
        }
        self.keys.insert(membership.key.peer(), device);
        self.members.insert(
            device,
            Arc::new(Member {
                membership,
                withdrawal: None,
            }),
        );
        Ok(())
    }

    fn objection(&self, membership: &Membership) -> Option<&'static str> {
        let holder = self.device(membership.key.peer());
        let known = self.members.get(&membership.device);
        if membership.not_after.since(membership.not_before) > limits::MEMBERSHIP {
            Some("a membership lasts thirty days at most")
        } else if holder.is_some_and(|holder| holder != membership.device) {
            Some("its key belongs to another device")
        } else if known.is_none() && self.members.len() >= limits::MEMBERS {
            Some("the mesh is full")
        } else if known.is_some_and(|member| is_revoked(member)) {
            Some("the device was revoked for good")
        } else {
            None
        }
    }

    fn withdraw(
        &mut self,
        index: u64,
        envelope: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<(), ExtendError> {
        let withdrawal = self.open_withdrawal(index, envelope, verifier)?;
        self.place(
            index,
            withdrawal.mesh == self.charter.mesh,
            withdrawal.log_index,
        )?;
        let Some(member) = self.members.get_mut(&withdrawal.device) else {
            return Err(ExtendError::Misplaced {
                index,
                why: "nobody of that id was admitted",
            });
        };
        if !is_revoked(member) {
            Arc::make_mut(member).withdrawal = Some(withdrawal);
        }
        Ok(())
    }

    /// The admission key may suspend for a day; only an administrator may revoke.
    fn open_withdrawal(
        &self,
        index: u64,
        envelope: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<Signed<Withdrawal>, ExtendError> {
        let unchecked = Unchecked::<Withdrawal>::parse(envelope)
            .map_err(|source| ExtendError::Entry { index, source })?;
        let claim = unchecked.claim();
        if let Strength::Suspension { until } = claim.strength {
            if until > claim.time.saturating_add(limits::SUSPENSION) {
                return Err(ExtendError::Misplaced {
                    index,
                    why: "a suspension lasts a day at most",
                });
            }
            return unchecked
                .check(&self.charter.admission, verifier)
                .map_err(|source| ExtendError::Signature { index, source });
        }
        let administrators = &self.charter.administrators;
        let signed = administrators
            .iter()
            .find_map(|key| unchecked.clone().check(key, verifier).ok());
        let source = OpenError::BadSignature("withdrawal");
        signed.ok_or(ExtendError::Signature { index, source })
    }

    fn place(&self, index: u64, same_mesh: bool, claimed: u64) -> Result<(), ExtendError> {
        if !same_mesh {
            return Err(ExtendError::Misplaced {
                index,
                why: "it belongs to another mesh",
            });
        }
        if claimed != index {
            return Err(ExtendError::Misplaced {
                index,
                why: "it was signed for another place",
            });
        }
        Ok(())
    }

    fn conclude(&mut self, head: &[u8], verifier: &dyn Verifier) -> Result<(), ExtendError> {
        let head = Signed::<LogHead>::open(head, &self.charter.admission, verifier)
            .map_err(ExtendError::Head)?;
        if head.mesh != self.charter.mesh
            || head.size != self.size()
            || head.root != self.tree.root()
        {
            return Err(ExtendError::Forked);
        }
        self.head = Some(head);
        Ok(())
    }
}

fn is_revoked(member: &Member) -> bool {
    member
        .withdrawal
        .as_ref()
        .is_some_and(|withdrawal| withdrawal.strength == Strength::Revocation)
}

//! The judgement at the door: who may open a link, by what it shows and what this roster knows.

use std::sync::Arc;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::Roster;
use crate::cbor;
use crate::charter::Charter;
use crate::id::DeviceId;
use crate::key::{PeerKey, PublicKey, Verifier};
use crate::ledger::{Entry, LogHead};
use crate::limits;
use crate::membership::{Membership, Standing};
use crate::merkle;
use crate::refusal::Refusal;
use crate::signed::{Signed, Unchecked};
use crate::succession::Succession;
use crate::time::Timestamp;

/// What a peer presents after the Noise handshake.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Credentials {
    /// The charter names the coordinator's key: there is nothing to show.
    #[n(0)]
    Coordinator,
    /// A membership with the proof that the identity log holds it.
    #[n(1)]
    Member(#[n(0)] MemberCredentials),
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct MemberCredentials {
    #[n(0)]
    membership: ByteVec,
    #[n(1)]
    log_head: ByteVec,
    #[n(2)]
    inclusion: Vec<ProofNode>,
    /// For whoever has not heard of the charter under which the membership was signed.
    #[cbor(n(3), skip_if = "Succession::is_empty")]
    succession: Succession,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub(super) struct ProofNode(#[cbor(n(0), with = "minicbor::bytes")] pub(super) [u8; 32]);

/// Where the identity log is said to hold an entry, and by which head.
pub(super) struct Place<'a> {
    pub(super) leaf: [u8; 32],
    pub(super) index: u64,
    pub(super) head: &'a [u8],
    pub(super) inclusion: &'a [ProofNode],
}

/// Who was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admitted {
    Coordinator,
    Member {
        device: DeviceId,
        standing: Standing,
    },
    /// Out for good, and let in by the coordinator to hear its order and to say its last word.
    Retiring {
        device: DeviceId,
    },
}

impl Credentials {
    /// What a device shows that was admitted a moment ago and holds no log yet: it opens only the
    /// doors of those who know the entry already, the coordinator's first of all.
    pub fn newcomer(membership: &[u8]) -> Self {
        Self::Member(MemberCredentials {
            membership: membership.to_vec().into(),
            log_head: Vec::new().into(),
            inclusion: Vec::new(),
            succession: Succession::default(),
        })
    }

    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }
}

impl Roster {
    /// What a member of this roster shows others; `None` for a stranger.
    pub fn credentials(&self, device: &DeviceId) -> Option<Credentials> {
        let membership = &self.member(device)?.membership;
        let head = self.head()?;
        let inclusion = self
            .tree()
            .inclusion_proof(membership.log_index, head.size)
            .ok()?;
        Some(Credentials::Member(MemberCredentials {
            membership: membership.bytes().to_vec().into(),
            log_head: head.bytes().to_vec().into(),
            inclusion: inclusion.into_iter().map(ProofNode).collect(),
            succession: self.succession().fitting(limits::CREDENTIAL_BYTES / 2),
        }))
    }

    /// Judges whoever holds `key`, as Noise has proven, and presents `credentials`.
    pub fn admit_peer(
        &self,
        key: PeerKey,
        credentials: &[u8],
        now: Timestamp,
        verifier: &dyn Verifier,
    ) -> Result<Admitted, Refusal> {
        let credentials: Credentials =
            cbor::decode("credentials", limits::CREDENTIAL_BYTES, credentials)
                .map_err(|_| Refusal::Malformed)?;
        match credentials {
            Credentials::Coordinator if key == self.charter().coordinator.peer() => {
                Ok(Admitted::Coordinator)
            }
            Credentials::Coordinator => Err(Refusal::Unknown),
            Credentials::Member(shown) => self.admit_member(key, &shown, now, verifier),
        }
    }

    /// The coordinator's door: as any other, but for those that an administrator has ordered to wipe themselves.
    /// They have to hear of it, and nobody else takes their last word.
    pub fn admit_at_coordinator(
        &self,
        key: PeerKey,
        credentials: &[u8],
        now: Timestamp,
        verifier: &dyn Verifier,
    ) -> Result<Admitted, Refusal> {
        match self.admit_peer(key, credentials, now, verifier) {
            Err(Refusal::Revoked) => match self.awaits_last_word(key) {
                Some(device) => Ok(Admitted::Retiring { device }),
                None => Err(Refusal::Revoked),
            },
            judged => judged,
        }
    }

    fn admit_member(
        &self,
        key: PeerKey,
        shown: &MemberCredentials,
        now: Timestamp,
        verifier: &dyn Verifier,
    ) -> Result<Admitted, Refusal> {
        let unchecked =
            Unchecked::<Membership>::parse(&shown.membership).map_err(|_| Refusal::Malformed)?;
        if unchecked.claim().mesh != self.charter().mesh {
            return Err(Refusal::WrongMesh);
        }
        let charter = self.charter_with(&shown.succession)?;
        let (membership, admission) = charter
            .open_membership(&unchecked, verifier)
            .ok_or(Refusal::Unknown)?;
        if membership.key.peer() != key {
            return Err(Refusal::Malformed);
        }
        if self.is_shut_out(&membership, now) {
            return Err(Refusal::Revoked);
        }
        let trusted = charter.trusts_until(&admission);
        if trusted.is_none_or(|until| now > until) && !self.was_reissued(&membership, now) {
            return Err(Refusal::Expired);
        }
        let standing = self.dates(&membership, now)?;
        self.check_inclusion(&membership, shown, &charter.admission, verifier)?;
        Ok(Admitted::Member {
            device: membership.device,
            standing,
        })
    }

    /// Whether the log holds a newer membership of the same device and key than one by a former admission key.
    fn was_reissued(&self, membership: &Membership, now: Timestamp) -> bool {
        let member = self.member(&membership.device);
        member.is_some_and(|member| {
            member.membership.key == membership.key && self.standing(member, now).is_ok()
        })
    }

    /// The charter to judge by: the one in force here, or a later one that was shown with the membership.
    pub(super) fn charter_with(&self, succession: &Succession) -> Result<Arc<Charter>, Refusal> {
        let trust = self.trust();
        if succession.is_empty() || trust.root().is_none() {
            return Ok(Arc::clone(self.charter()));
        }
        let trust = trust.followed(succession).map_err(|_| Refusal::Unknown)?;
        Ok(Arc::clone(trust.charter()))
    }

    /// A withdrawal and a conviction follow the key: whoever holds the admission key can log it under another id.
    fn is_shut_out(&self, membership: &Membership, now: Timestamp) -> bool {
        let holder = self.device(membership.key.peer());
        [Some(membership.device), holder]
            .into_iter()
            .flatten()
            .any(|device| self.shuts_out(&device, now))
    }

    /// A member that this roster holds needs no proof; a newcomer shows the log head that covers it.
    fn check_inclusion(
        &self,
        membership: &Signed<Membership>,
        shown: &MemberCredentials,
        admission: &PublicKey,
        verifier: &dyn Verifier,
    ) -> Result<(), Refusal> {
        let place = Place {
            leaf: Entry::leaf(&Entry::admission(membership).encode()),
            index: membership.log_index,
            head: &shown.log_head,
            inclusion: &shown.inclusion,
        };
        let held = self.log_holds(&place, admission, verifier);
        held.then_some(()).ok_or(Refusal::Unknown)
    }

    /// Whether the log holds an entry where it is said to stand: this roster's own log, or what a longer one shows.
    pub(super) fn log_holds(
        &self,
        place: &Place<'_>,
        admission: &PublicKey,
        verifier: &dyn Verifier,
    ) -> bool {
        if place.index < self.size() {
            return self.tree().leaf(place.index) == Some(&place.leaf);
        }
        let Ok(head) = Signed::<LogHead>::open(place.head, admission, verifier) else {
            return false;
        };
        let proof: Vec<[u8; 32]> = place.inclusion.iter().map(|node| node.0).collect();
        merkle::verify_inclusion(&place.leaf, place.index, head.size, &proof, &head.root).is_ok()
    }
}

//! The identity log: every admission, withdrawal and conviction in the order in which all members see it.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::cbor::{self, DecodeError};
use crate::charter::Charter;
use crate::class::{Classified, DataClass};
use crate::id::{DeviceId, MeshId};
use crate::key::Verifier;
use crate::limits;
use crate::membership::Membership;
use crate::merkle;
use crate::proof::Proof;
use crate::signed::{Signable, Signed};
use crate::text::Name;
use crate::time::Timestamp;

/// One entry as it is hashed into the log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Entry {
    /// The envelope of a [`Membership`]; a renewal is another admission of the same device.
    #[n(1)]
    Admission(#[n(0)] ByteVec),
    /// The envelope of a [`Withdrawal`].
    #[n(2)]
    Withdrawal(#[n(0)] ByteVec),
    /// A [`Proof`] against a device: it needs nobody's signature but the device's own.
    #[n(3)]
    Conviction(#[n(0)] ByteVec),
    /// A charter, signed by the root: entries behind it are judged by it.
    #[n(4)]
    Charter(#[n(0)] ByteVec),
    /// The root document that follows the one in force.
    #[n(5)]
    Root(#[n(0)] ByteVec),
}

impl Entry {
    pub fn admission(membership: &Signed<Membership>) -> Self {
        Self::Admission(membership.bytes().to_vec().into())
    }

    pub fn withdrawal(withdrawal: &Signed<Withdrawal>) -> Self {
        Self::Withdrawal(withdrawal.bytes().to_vec().into())
    }

    pub fn conviction(proof: &Proof) -> Self {
        Self::Conviction(proof.bytes().to_vec().into())
    }

    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("log entry", limits::TRUST_BYTES + 8, bytes)
    }

    pub fn leaf(bytes: &[u8]) -> [u8; 32] {
        merkle::leaf_hash(bytes)
    }
}

/// The word that ends or interrupts a membership.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Withdrawal {
    #[n(0)]
    pub mesh: MeshId,
    #[n(1)]
    pub device: DeviceId,
    #[n(2)]
    pub log_index: u64,
    #[n(3)]
    pub time: Timestamp,
    #[n(4)]
    pub strength: Strength,
    #[n(5)]
    pub reason: Name,
}

/// How strong a withdrawal is depends on who signed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Strength {
    /// The admission key alone: ends by itself, after a day at most.
    #[n(0)]
    Suspension {
        #[n(0)]
        until: Timestamp,
    },
    /// An administrator's key: permanent.
    #[n(1)]
    Revocation,
    /// An administrator's key: permanent, and the device is to wipe its keys and its journal.
    #[n(2)]
    Retirement,
}

impl Strength {
    /// Whether the word holds for good, which takes an administrator.
    pub const fn is_permanent(self) -> bool {
        match self {
            Self::Suspension { .. } => false,
            Self::Revocation | Self::Retirement => true,
        }
    }

    /// Whether this word adds to the one before it: what was said for good is not taken back.
    pub fn adds_to(self, before: Option<Self>) -> bool {
        match before {
            None | Some(Self::Suspension { .. }) => true,
            Some(Self::Revocation) => self == Self::Retirement,
            Some(Self::Retirement) => false,
        }
    }
}

impl Signable for Withdrawal {
    const NAME: &'static str = "withdrawal";
    const DOMAIN: &'static [u8] = b"palisade/withdrawal/v1\0";
    const BOUND: usize = limits::ENTRY_BYTES;
}

impl Classified for Withdrawal {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("mesh", DataClass::Public),
        ("device", DataClass::Internal),
        ("log_index", DataClass::Internal),
        ("time", DataClass::Internal),
        ("strength", DataClass::Internal),
        ("reason", DataClass::Internal),
    ];
}

/// The admission key's commitment to the log so far (RFC 9162 tree head).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LogHead {
    #[n(0)]
    pub mesh: MeshId,
    #[n(1)]
    pub size: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub root: [u8; 32],
    #[n(3)]
    pub time: Timestamp,
}

impl LogHead {
    /// Checks a head of this mesh's identity log, by the admission key in force or by one before it.
    pub fn open(bytes: &[u8], charter: &Charter, verifier: &dyn Verifier) -> Option<Signed<Self>> {
        let (head, _) = charter.open_log_head(bytes, verifier)?;
        Some(head)
    }
}

impl Signable for LogHead {
    const NAME: &'static str = "log head";
    const DOMAIN: &'static [u8] = b"palisade/log-head/v1\0";
    const BOUND: usize = 256;
}

impl Classified for LogHead {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("mesh", DataClass::Public),
        ("size", DataClass::Internal),
        ("root", DataClass::Internal),
        ("time", DataClass::Internal),
    ];
}

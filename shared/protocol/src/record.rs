//! One entry of a device's log: a signed head of frozen format, and the sealed body it commits to.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::cbor;
use crate::class::{Classified, DataClass};
use crate::dice::Dice;
use crate::id::{DeviceId, Digest, Epoch};
use crate::limits;
use crate::seal::{DataKey, SealError};
use crate::signed::{Signable, Signed};
use crate::statement::Statement;
use crate::time::Timestamp;

/// The number of a start of the node: it rises at every start and never falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Incarnation(#[n(0)] pub u32);

impl Incarnation {
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A record's place in its device's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(array)]
pub struct Position {
    #[n(0)]
    pub incarnation: Incarnation,
    #[n(1)]
    pub sequence: u32,
}

impl Position {
    /// The first place of an incarnation.
    pub const fn first(incarnation: Incarnation) -> Self {
        Self {
            incarnation,
            sequence: 0,
        }
    }

    /// The next place of the same incarnation.
    pub const fn next(self) -> Self {
        Self {
            incarnation: self.incarnation,
            sequence: self.sequence.saturating_add(1),
        }
    }
}

/// Facts about a record that witnesses need without its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Flags(#[n(0)] u16);

impl Flags {
    pub const NONE: Self = Self(0);
    /// The incarnation began without word from any witness.
    pub const UNLINKED: Self = Self(1);
    /// The node stops on purpose.
    pub const GOODBYE: Self = Self(2);
    /// The device's clock was not plausible when it signed.
    pub const CLOCK_DOUBTED: Self = Self(4);
    /// The last record of all: the device wipes itself, as an administrator has ordered.
    pub const RETIRED: Self = Self(8);

    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What witnesses keep. The format is frozen: whoever extends it makes another kind.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Head {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub position: Position,
    #[n(2)]
    pub time: Timestamp,
    /// Digest of the head before, over incarnations; of the membership for the very first.
    #[n(3)]
    pub previous: Digest,
    /// Commits to the salted, sealed body.
    #[n(4)]
    pub body: Digest,
    #[n(5)]
    pub epoch: Epoch,
    /// Short digest of a foreign head: bounds when this one can have been signed.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub entangled: Option<[u8; 8]>,
    #[n(7)]
    pub flags: Flags,
    /// Rings whose witness this device has refuted.
    #[n(8)]
    pub ring_mask: u16,
    /// Hash of the default gateway's address and subnet: devices behind one switch share it.
    #[cbor(n(9), with = "minicbor::bytes")]
    pub attachment: Option<[u8; 8]>,
    /// Merkle root over the last 256 heads, in every 256th head of an incarnation.
    #[n(10)]
    pub checkpoint: Option<Digest>,
}

impl Signable for Head {
    const NAME: &'static str = "head";
    const DOMAIN: &'static [u8] = b"palisade/head/v1\0";
    const BOUND: usize = limits::HEAD_BYTES;
}

impl Classified for Head {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("device", DataClass::Internal),
        ("position", DataClass::Internal),
        ("time", DataClass::Internal),
        ("previous", DataClass::Internal),
        ("body", DataClass::Internal),
        ("epoch", DataClass::Internal),
        ("entangled", DataClass::Internal),
        ("flags", DataClass::Internal),
        ("ring_mask", DataClass::Internal),
        ("attachment", DataClass::Internal),
        ("checkpoint", DataClass::Internal),
    ];
}

/// A statement sealed under its device's data key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Body {
    #[cbor(n(0), with = "minicbor::bytes")]
    salt: [u8; 16],
    #[n(1)]
    sealed: ByteVec,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BodyError {
    #[error("the body has more than {bound} bytes", bound = limits::BODY_BYTES)]
    TooLong,
    #[error(transparent)]
    Sealed(#[from] SealError),
    #[error(transparent)]
    Statement(#[from] cbor::DecodeError),
}

impl Body {
    pub fn seal(statement: &Statement, key: &DataKey, dice: &mut Dice) -> Result<Self, BodyError> {
        let plain = statement.encode();
        if plain.len() > limits::BODY_BYTES {
            return Err(BodyError::TooLong);
        }
        let salt = dice.bytes();
        Ok(Self {
            salt,
            sealed: key.seal(&salt, &plain).into(),
        })
    }

    pub fn open(&self, key: &DataKey) -> Result<Statement, BodyError> {
        Ok(Statement::decode(&key.open(&self.salt, &self.sealed)?)?)
    }

    /// What the head of this body carries.
    pub fn digest(&self) -> Digest {
        Digest::of("palisade 2026 sealed body", &[&self.salt, &self.sealed])
    }

    pub fn is_oversize(&self) -> bool {
        self.sealed.len() > limits::BODY_BYTES + 16
    }
}

/// A signed head together with the body that it commits to, both as they travel.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Record {
    /// The envelope of a [`Signed<Head>`].
    #[n(0)]
    pub head: ByteVec,
    #[n(1)]
    pub body: Body,
}

impl Record {
    pub fn new(head: &Signed<Head>, body: Body) -> Self {
        Self {
            head: head.bytes().to_vec().into(),
            body,
        }
    }
}

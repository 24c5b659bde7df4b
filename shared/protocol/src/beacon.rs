//! Epoch seeds dealt ahead: what the coordinator commits to, what the holders add, and what opens one of them.
//!
//! The coordinator draws a secret for each epoch of a week, shares each among the gateways (Shamir) and signs
//! the Merkle roots over secrets and shares. Then every holder commits to a nonce, and shows it when it has
//! seen all commitments. The seed of an epoch is the hash of its secret and of all nonces: whoever draws the
//! secrets cannot know the nonces, and whoever draws a nonce knows no secret.

mod dealing;
mod hand;
mod opening;
mod seeds;

use std::time::Duration;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::class::{Classified, DataClass};
use crate::id::{Digest, Epoch, MeshId};
use crate::key::{PublicKey, Signature};
use crate::limits;
use crate::merkle::Hash;
use crate::signed::Signable;
use crate::time::Timestamp;

pub use dealing::{DealingError, Dealt, check_offer, commitment, reveal};
pub use hand::{Draw, Hand, draw};
pub use opening::{Opened, Share};
pub use seeds::{Kept, News, Seeds};

/// How long a set of witnesses serves.
pub const EPOCH: Duration = Duration::from_secs(3600);
/// The purpose under which a [`Hand`] is sealed.
pub const HAND_PURPOSE: &[u8] = b"palisade/seed-hand/v1\0";
/// Epochs that one dealing is good for: a week.
pub const DEALT: u16 = 168;

/// The coordinator's commitment to the secrets of some epochs, and to the shares of each holder.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Offer {
    #[n(0)]
    pub mesh: MeshId,
    /// From its first epoch on a dealing replaces those with lower numbers.
    #[n(1)]
    pub number: u32,
    #[n(2)]
    pub first: Epoch,
    #[n(3)]
    pub count: u16,
    #[n(4)]
    pub time: Timestamp,
    /// The root over the secrets of the epochs in their order.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub secrets: Hash,
    /// In the order of the places of their shares, which begin at one.
    #[n(6)]
    pub holders: Vec<Holder>,
}

/// A gateway that keeps shares.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Holder {
    #[n(0)]
    pub gateway: PublicKey,
    /// The root over its shares of the epochs in their order.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub shares: Hash,
}

/// What one holder adds to a dealing.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Part {
    #[n(0)]
    pub commitment: Digest,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: [u8; 32],
    /// Under the offer, all commitments and the nonce.
    #[n(2)]
    pub signature: Signature,
}

/// An offer to which every holder has added: nobody's signature but theirs and the offer's is needed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Dealing {
    /// The envelope of an [`Offer`].
    #[n(0)]
    pub offer: ByteVec,
    /// The leaves under the offer's root of secrets, one after the other.
    #[n(1)]
    pub leaves: ByteVec,
    /// In the order of the holders.
    #[n(2)]
    pub parts: Vec<Part>,
}

/// The conversation in which a dealing comes about, between the coordinator and one holder.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Deal {
    /// The coordinator offers: with the shares, sealed to this holder.
    #[n(0)]
    Offer {
        #[n(0)]
        offer: ByteVec,
        #[n(1)]
        shares: ByteVec,
    },
    /// The holder's commitment to its nonce.
    #[n(1)]
    Commit {
        #[n(0)]
        number: u32,
        #[n(1)]
        commitment: Digest,
    },
    /// All commitments, in the order of the holders.
    #[n(2)]
    Commitments {
        #[n(0)]
        number: u32,
        #[n(1)]
        commitments: Vec<Digest>,
    },
    /// The holder's nonce, signed together with what it has seen.
    #[n(3)]
    Reveal {
        #[n(0)]
        number: u32,
        #[n(1)]
        part: Part,
    },
}

impl Signable for Offer {
    const NAME: &'static str = "offer of seeds";
    const DOMAIN: &'static [u8] = b"palisade/seed-offer/v1\0";
    const BOUND: usize = limits::OFFER_BYTES;
}

impl Classified for Offer {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("mesh", DataClass::Public),
        ("number", DataClass::Internal),
        ("first", DataClass::Internal),
        ("count", DataClass::Internal),
        ("time", DataClass::Internal),
        ("secrets", DataClass::Internal),
        ("holders", DataClass::Internal),
    ];
}

/// Whether the seats change with the epochs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rotation {
    /// Nothing is dealt: there are too few gateways.
    #[default]
    Undealt,
    /// Seeds are dealt up to this epoch, which is not among them.
    Turning { until: Epoch },
    /// No seed is open for this epoch: seats stay as they are.
    Frozen { since: Epoch },
}

/// Shares that open a secret among so many holders.
pub const fn threshold(holders: usize) -> usize {
    holders / 2 + 1
}

/// With fewer holders nothing is dealt: two of three could know every jury beforehand.
pub const LEAST_HOLDERS: usize = 4;

impl Offer {
    /// The epoch behind the last one.
    pub fn end(&self) -> Epoch {
        self.first.plus(u32::from(self.count))
    }

    /// The place of an epoch among those that were dealt.
    pub fn index(&self, epoch: Epoch) -> Option<u64> {
        let index = epoch.number().checked_sub(self.first.number())?;
        (index < u32::from(self.count)).then_some(u64::from(index))
    }
}

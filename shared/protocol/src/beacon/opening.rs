//! What opens the secret of an epoch: shares, and then the secret itself. Both prove themselves.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::Offer;
use crate::cbor::{self, DecodeError};
use crate::evidence::Evidence;
use crate::id::Epoch;
use crate::limits;
use crate::merkle::{self, Hash};
use crate::shares::Point;

/// One holder's share of one epoch's secret.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Share {
    #[n(0)]
    pub number: u32,
    #[n(1)]
    pub epoch: Epoch,
    #[n(2)]
    pub place: u8,
    #[cbor(n(3), with = "minicbor::bytes")]
    pub value: [u8; 32],
    /// The hashes beside its way to the root of its holder, one after the other.
    #[n(4)]
    path: ByteVec,
}

/// One epoch's secret.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Opened {
    #[n(0)]
    pub number: u32,
    #[n(1)]
    pub epoch: Epoch,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub secret: [u8; 32],
}

impl Share {
    pub(super) fn new(number: u32, epoch: Epoch, point: Point<32>, path: &[Hash]) -> Self {
        Self {
            number,
            epoch,
            place: point.at,
            value: point.value,
            path: path.concat().into(),
        }
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("share", limits::OPENING_BYTES, bytes)
    }

    /// Whether it is the share that an offer promises to the holder of its place.
    pub fn is_of(&self, offer: &Offer) -> bool {
        let holder = offer.holders.get(usize::from(self.place).wrapping_sub(1));
        let index = offer.index(self.epoch);
        let (path, rest) = self.path.as_chunks();
        let (Some(holder), Some(index), []) = (holder, index, rest) else {
            return false;
        };
        let (leaf, size) = (merkle::leaf_hash(&self.value), u64::from(offer.count));
        self.number == offer.number
            && merkle::verify_inclusion(&leaf, index, size, path, &holder.shares).is_ok()
    }

    pub fn point(&self) -> Point<32> {
        Point {
            at: self.place,
            value: self.value,
        }
    }

    pub fn evidence(&self) -> Evidence {
        Evidence::Share(cbor::encode(self).into())
    }
}

impl Opened {
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("opened secret", limits::OPENING_BYTES, bytes)
    }

    pub fn evidence(&self) -> Evidence {
        Evidence::Secret(cbor::encode(self).into())
    }
}

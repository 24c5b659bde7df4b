//! The dealer's draw, and the hand of shares that one holder keeps.

use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use super::{Holder, Offer, Share, threshold};
use crate::cbor::{self, DecodeError};
use crate::dice::Dice;
use crate::id::{Epoch, MeshId};
use crate::key::PublicKey;
use crate::limits;
use crate::merkle::{self, Tree};
use crate::shares::{self, Point};
use crate::time::Timestamp;

/// The shares of one holder, for the epochs of one dealing in their order.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Hand {
    #[n(0)]
    number: u32,
    #[n(1)]
    first: Epoch,
    #[n(2)]
    place: u8,
    /// One after the other.
    #[cbor(n(3), with = "minicbor::bytes")]
    values: Vec<u8>,
}

impl std::fmt::Debug for Hand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hand({} of dealing {}, hidden)", self.place, self.number)
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.values);
    }
}

/// What a dealer draws; the secrets themselves are kept nowhere.
#[derive(Debug)]
pub struct Draw {
    /// To be signed.
    pub offer: Offer,
    /// The leaves under its root of secrets, one after the other.
    pub leaves: Vec<u8>,
    pub hands: Vec<Hand>,
}

/// Draws the secrets of some epochs and deals them.
pub fn draw(
    mesh: MeshId,
    number: u32,
    (first, count): (Epoch, u16),
    gateways: &[PublicKey],
    time: Timestamp,
    dice: &mut Dice,
) -> Draw {
    let holders = u8::try_from(gateways.len()).expect("a dealing has few holders");
    let hand = |place| Hand {
        number,
        first,
        place,
        values: Vec::with_capacity(usize::from(count) * 32),
    };
    let mut hands: Vec<Hand> = (1..=holders).map(hand).collect();
    let (mut secrets, mut leaves) = (Tree::new(), Vec::with_capacity(usize::from(count) * 32));
    for _ in 0..count {
        let secret = Zeroizing::new(dice.bytes::<32>());
        let leaf = merkle::leaf_hash(secret.as_slice());
        secrets.push(leaf);
        leaves.extend(leaf);
        let points = shares::split(&secret, threshold(gateways.len()), holders, dice);
        for (hand, point) in hands.iter_mut().zip(&points) {
            hand.values.extend(point.value);
        }
    }
    let holder = |(gateway, hand): (&PublicKey, &Hand)| Holder {
        gateway: *gateway,
        shares: hand.tree().root(),
    };
    let offer = Offer {
        mesh,
        number,
        first,
        count,
        time,
        secrets: secrets.root(),
        holders: gateways.iter().zip(&hands).map(holder).collect(),
    };
    Draw {
        offer,
        leaves,
        hands,
    }
}

impl Hand {
    pub fn number(&self) -> u32 {
        self.number
    }

    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(cbor::encode(self))
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("hand of shares", limits::HAND_BYTES, bytes)
    }

    /// Whether these are the shares that an offer promises to a gateway.
    pub fn is_of(&self, offer: &Offer, gateway: &PublicKey) -> bool {
        let holder = offer.holders.get(usize::from(self.place).wrapping_sub(1));
        let dealt = (self.number, self.first) == (offer.number, offer.first);
        let whole = self.values.len() == usize::from(offer.count) * 32;
        dealt
            && whole
            && holder.is_some_and(|holder| {
                holder.gateway == *gateway && holder.shares == self.tree().root()
            })
    }

    /// The share of one epoch, as it is released.
    pub fn share(&self, epoch: Epoch) -> Option<Share> {
        let index = u64::from(epoch.number().checked_sub(self.first.number())?);
        let (values, _) = self.values.as_chunks::<32>();
        let value = *values.get(usize::try_from(index).ok()?)?;
        let tree = self.tree();
        let path = tree.inclusion_proof(index, tree.size()).ok()?;
        let point = Point {
            at: self.place,
            value,
        };
        Some(Share::new(self.number, epoch, point, &path))
    }

    fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        let (values, _) = self.values.as_chunks::<32>();
        for value in values {
            tree.push(merkle::leaf_hash(value));
        }
        tree
    }
}

//! A dealing that everybody has added to, checked: what each of its epochs will be opened by, and its seed then.

use thiserror::Error;

use super::{Dealing, LEAST_HOLDERS, Offer, Opened, Part};
use crate::cbor::{self, DecodeError};
use crate::charter::Charter;
use crate::evidence::Evidence;
use crate::id::{Digest, Epoch};
use crate::key::{PublicKey, Signer, Verifier};
use crate::limits;
use crate::merkle::{self, Hash, Tree};
use crate::signed::{OpenError, Signed};

/// A checked dealing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dealt {
    offer: Signed<Offer>,
    leaves: Vec<Hash>,
    /// Over all nonces.
    added: Digest,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DealingError {
    #[error("it cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("its offer is not the admission key's: {0}")]
    Offer(OpenError),
    #[error("it belongs to another mesh")]
    WrongMesh,
    #[error(
        "a dealing needs {LEAST_HOLDERS} to {} holders, each a gateway of the charter, none twice",
        limits::HOLDERS
    )]
    Holders,
    #[error(
        "a dealing is for {} epochs at most, and its leaves lead to its root",
        super::DEALT
    )]
    Leaves,
    #[error("holder {place} has not added its part")]
    Part { place: usize },
}

impl Dealt {
    /// Checks a dealing against the charter of a mesh.
    pub fn open(
        bytes: &[u8],
        charter: &Charter,
        verifier: &dyn Verifier,
    ) -> Result<Self, DealingError> {
        let dealing: Dealing = cbor::decode("dealing", limits::DEALING_BYTES, bytes)?;
        let offer = check_offer(&dealing.offer, charter, verifier)?;
        let leaves = check_leaves(&offer, &dealing.leaves)?;
        if dealing.parts.len() != offer.holders.len() {
            return Err(DealingError::Part {
                place: dealing.parts.len(),
            });
        }
        let commitments: Vec<Digest> = dealing.parts.iter().map(|part| part.commitment).collect();
        for (place, (part, holder)) in dealing.parts.iter().zip(&offer.holders).enumerate() {
            let signed = message(&offer, &commitments, &part.nonce);
            let committed = commitment(&offer, &part.nonce) == part.commitment;
            let checked = verifier.verify(&holder.gateway, &signed, &part.signature);
            if !committed || checked.is_err() {
                return Err(DealingError::Part { place });
            }
        }
        let nonces: Vec<u8> = dealing.parts.iter().flat_map(|part| part.nonce).collect();
        Ok(Self {
            offer,
            leaves,
            added: Digest::of("palisade 2026 nonces of a dealing", &[&nonces]),
            bytes: bytes.to_vec(),
        })
    }

    pub fn offer(&self) -> &Signed<Offer> {
        &self.offer
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn evidence(&self) -> Evidence {
        Evidence::Dealing(self.bytes.clone().into())
    }

    /// The seed of an epoch, if this secret is the one that was dealt for it.
    pub fn seed(&self, opened: &Opened) -> Option<Digest> {
        let leaf = self.leaf(opened.epoch)?;
        let dealt = opened.number == self.offer.number;
        let ours = dealt && merkle::leaf_hash(&opened.secret) == leaf;
        ours.then(|| {
            let epoch = opened.epoch.number().to_be_bytes();
            let parts = [&epoch[..], &opened.secret, self.added.as_bytes()];
            Digest::of("palisade 2026 epoch seed", &parts)
        })
    }

    fn leaf(&self, epoch: Epoch) -> Option<Hash> {
        let index = usize::try_from(self.offer.index(epoch)?).ok()?;
        self.leaves.get(index).copied()
    }
}

/// What a holder commits to: its nonce, for this offer alone.
pub fn commitment(offer: &Signed<Offer>, nonce: &[u8; 32]) -> Digest {
    let offer = offer.digest();
    Digest::of("palisade 2026 nonce", &[offer.as_bytes(), nonce])
}

/// A holder's part, when it has seen the commitments of all.
pub fn reveal(
    offer: &Signed<Offer>,
    commitments: &[Digest],
    nonce: [u8; 32],
    signer: &dyn Signer,
) -> Part {
    Part {
        commitment: commitment(offer, &nonce),
        nonce,
        signature: signer.sign(&message(offer, commitments, &nonce)),
    }
}

/// Checks an offer on its own, as a holder does before it commits.
pub fn check_offer(
    bytes: &[u8],
    charter: &Charter,
    verifier: &dyn Verifier,
) -> Result<Signed<Offer>, DealingError> {
    let offer =
        Signed::<Offer>::open(bytes, &charter.admission, verifier).map_err(DealingError::Offer)?;
    if offer.mesh != charter.mesh {
        return Err(DealingError::WrongMesh);
    }
    let mut gateways: Vec<PublicKey> = offer.holders.iter().map(|one| one.gateway).collect();
    gateways.sort_unstable();
    gateways.dedup();
    let known = gateways.iter().all(|key| charter.gateways.contains(key));
    let enough = (LEAST_HOLDERS..=limits::HOLDERS).contains(&offer.holders.len());
    if !known || !enough || gateways.len() != offer.holders.len() {
        return Err(DealingError::Holders);
    }
    if offer.count == 0 || offer.count > super::DEALT {
        return Err(DealingError::Leaves);
    }
    Ok(offer)
}

fn check_leaves(offer: &Offer, leaves: &[u8]) -> Result<Vec<Hash>, DealingError> {
    let (leaves, rest) = leaves.as_chunks();
    let mut tree = Tree::new();
    for leaf in leaves {
        tree.push(*leaf);
    }
    let whole = rest.is_empty() && leaves.len() == usize::from(offer.count);
    if whole && tree.root() == offer.secrets {
        Ok(leaves.to_vec())
    } else {
        Err(DealingError::Leaves)
    }
}

fn message(offer: &Signed<Offer>, commitments: &[Digest], nonce: &[u8; 32]) -> Vec<u8> {
    let mut message = b"palisade/seed-part/v1\0".to_vec();
    message.extend(offer.digest().as_bytes());
    message.extend(nonce);
    for commitment in commitments {
        message.extend(commitment.as_bytes());
    }
    message
}

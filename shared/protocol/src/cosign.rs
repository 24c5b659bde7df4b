//! A gateway's word that a head of the identity log is the one that it holds, and how many such words are enough.
//!
//! The root names the gateways, so whoever stole the coordinator cannot make one. A head that enough of
//! them have signed was seen by somebody else: an entry behind it is hidden from nobody.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::cbor::DecodeError;
use crate::charter::Charter;
use crate::class::{Classified, DataClass};
use crate::evidence::Evidence;
use crate::key::{PublicKey, Signer, Verifier};
use crate::ledger::LogHead;
use crate::limits;
use crate::signed::{OpenError, Signable, Signed, Unchecked};

/// The head as the admission key has signed it, under a gateway's signature.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Cosignature {
    #[n(0)]
    pub gateway: PublicKey,
    /// The envelope of a [`LogHead`].
    #[n(1)]
    pub head: ByteVec,
}

impl Signable for Cosignature {
    const NAME: &'static str = "cosignature";
    const DOMAIN: &'static [u8] = b"palisade/cosignature/v1\0";
    const BOUND: usize = limits::COSIGNATURE_BYTES;
}

impl Classified for Cosignature {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("gateway", DataClass::Internal),
        ("head", DataClass::Internal),
    ];
}

/// A checked cosignature with its checked head; whether the head is of our log is another question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    gateway: PublicKey,
    head: Signed<LogHead>,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CosignError {
    #[error("it cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("the charter names no such gateway")]
    NotAGateway,
    #[error("it is not its gateway's: {0}")]
    Signature(OpenError),
    #[error("its head is not the word of this mesh's admission key")]
    Head,
}

impl Cosigned {
    /// Signs a head.
    pub fn seal(head: &Signed<LogHead>, signer: &dyn Signer) -> Self {
        let gateway = signer.public();
        let cosignature = Cosignature {
            gateway,
            head: head.bytes().to_vec().into(),
        };
        Self {
            gateway,
            head: head.clone(),
            bytes: Signed::seal(cosignature, signer).bytes().to_vec(),
        }
    }

    /// Checks a cosignature, and the head in it, against the charter of a mesh.
    pub fn open(
        bytes: &[u8],
        charter: &Charter,
        verifier: &dyn Verifier,
    ) -> Result<Self, CosignError> {
        let unchecked = Unchecked::<Cosignature>::parse(bytes)?;
        let gateway = unchecked.claim().gateway;
        if !charter.gateways.contains(&gateway) {
            return Err(CosignError::NotAGateway);
        }
        let cosignature = unchecked
            .check(&gateway, verifier)
            .map_err(CosignError::Signature)?;
        let head = LogHead::open(&cosignature.head, charter, verifier).ok_or(CosignError::Head)?;
        Ok(Self {
            gateway,
            head,
            bytes: bytes.to_vec(),
        })
    }

    pub fn gateway(&self) -> &PublicKey {
        &self.gateway
    }

    pub fn head(&self) -> &Signed<LogHead> {
        &self.head
    }

    /// The envelope as it travels.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn evidence(&self) -> Evidence {
        Evidence::Cosigned(self.bytes.clone().into())
    }
}

/// How many of a panel of gateways must sign a head: most of them, so that two panels of one log share a
/// member; of two gateways one, because neither may be able to stop the mesh by being off.
pub const fn quorum(panel: usize) -> usize {
    match panel {
        0 => 0,
        1 | 2 => 1,
        more => more / 2 + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_gateway_that_is_off_stops_nobody_and_two_halves_of_a_larger_panel_share_one() {
        let needed: Vec<usize> = (0..=limits::COSIGNERS).map(quorum).collect();
        assert_eq!(needed, [0, 1, 1, 2, 3, 3]);
        for panel in 2..=limits::COSIGNERS {
            assert!(quorum(panel) < panel);
            assert!(panel == 2 || 2 * quorum(panel) > panel);
        }
    }
}

//! What a device and the coordinator say inside the enrolment handshake.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::cbor::{self, DecodeError};
use crate::class::DeviceClass;
use crate::id::MeshId;
use crate::key::{PublicKey, Signature, Signer, Verifier};
use crate::limits;
use crate::seal::{SealedTo, SealingKey};
use crate::succession::Succession;
use crate::text::{Name, Path};

/// The version of the enrolment conversation.
pub const VERSION: u16 = 1;
/// What the data key is sealed for.
pub const DATA_KEY_PURPOSE: &[u8] = b"palisade/data-key/v1";
const POSSESSION: &[u8] = b"palisade/possession/v1\0";

/// The public name of a join string; its secret is found by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct TokenId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 8]);

/// Sent in clear with the first message, because the responder needs it to find the secret.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EnrolHello {
    #[n(0)]
    pub version: u16,
    /// Nobody pins a mesh when joining without a token.
    #[n(1)]
    pub mesh: Option<MeshId>,
    #[n(2)]
    pub token: Option<TokenId>,
}

/// A device asks to become a member.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EnrolRequest {
    #[n(0)]
    pub key: PublicKey,
    #[n(1)]
    pub sealing: SealingKey,
    /// Signs the handshake hash and the sealing key: shows possession, and binds the session.
    #[n(2)]
    pub possession: Signature,
    /// The device's data key, sealed to the coordinator.
    #[n(3)]
    pub data_key: SealedTo,
    /// What the host calls itself and takes itself for: shown to whoever approves a device without
    /// a join line; with one, the line decides.
    #[n(4)]
    pub name: Name,
    #[n(5)]
    pub class: Option<DeviceClass>,
    #[n(6)]
    pub agent: Name,
}

/// The first message of the coordinator on the channel: what the device needs to seal its data key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EnrolOffer {
    /// The root document; its SHA-256 is the mesh id.
    #[n(0)]
    pub root: ByteVec,
    #[n(1)]
    pub charter: ByteVec,
    /// What led from these two to the root and the charter in force.
    #[cbor(n(2), skip_if = "Succession::is_empty")]
    pub succession: Succession,
}

/// The coordinator's answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum EnrolAnswer {
    #[n(0)]
    Welcome(#[n(0)] Welcome),
    /// The device waits until a person compares the code; the answer follows on the same channel.
    #[n(1)]
    Pending,
    #[n(2)]
    Refused(#[n(0)] EnrolRefusal),
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Welcome {
    /// The entry of the identity log that admits the device.
    #[n(0)]
    pub membership: ByteVec,
    /// The log's size just after that entry: the rest is fetched over the mesh.
    #[n(1)]
    pub log_size: u64,
    /// Where the coordinator's mesh listener is.
    #[n(2)]
    pub addresses: Vec<Path>,
}

/// Why an enrolment is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Error)]
#[cbor(index_only)]
pub enum EnrolRefusal {
    #[n(1)]
    #[error("the coordinator does not know this join string: make a new one under Devices, Add")]
    UnknownToken,
    #[n(2)]
    #[error("the join string has expired: make a new one under Devices, Add")]
    ExpiredToken,
    #[n(3)]
    #[error("the join string was used already: make a new one for each device")]
    UsedToken,
    #[n(4)]
    #[error("the join string belongs to another mesh: use one that this coordinator made")]
    WrongMesh,
    #[n(5)]
    #[error("the coordinator speaks another version: install the same release on both sides")]
    UnsupportedVersion,
    #[n(6)]
    #[error("the device could not prove that it holds the key it shows")]
    NoPossession,
    #[n(7)]
    #[error("the key belongs to another device: remove the state directory and join again")]
    KeyInUse,
    #[n(8)]
    #[error("an administrator turned the device down")]
    TurnedDown,
    #[n(9)]
    #[error("the mesh or its waiting room is full: retire devices, or try again later")]
    Full,
    #[n(10)]
    #[error(
        "the coordinator compares its identity log with the devices' and admits nobody meanwhile: try again in two minutes, or look into its log"
    )]
    NotReady,
}

impl EnrolRequest {
    /// Bytes that show that the sender holds `key` and speaks in this very handshake.
    pub fn possession_message(handshake_hash: &[u8], sealing: &SealingKey) -> Vec<u8> {
        [POSSESSION, handshake_hash, sealing.as_bytes()].concat()
    }

    pub fn prove(signer: &dyn Signer, handshake_hash: &[u8], sealing: &SealingKey) -> Signature {
        signer.sign(&Self::possession_message(handshake_hash, sealing))
    }

    pub fn is_proven(
        &self,
        handshake_hash: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<(), EnrolRefusal> {
        let message = Self::possession_message(handshake_hash, &self.sealing);
        verifier
            .verify(&self.key, &message, &self.possession)
            .map_err(|_| EnrolRefusal::NoPossession)
    }
}

/// Decodes one message of the conversation.
pub fn decode<T>(what: &'static str, bytes: &[u8]) -> Result<T, DecodeError>
where
    T: for<'b> Decode<'b, ()> + Encode<()>,
{
    cbor::decode(what, limits::FRAME_BYTES, bytes)
}

/// The code that two people compare when there is no token: 60 bits of the handshake hash.
pub fn comparison_code(handshake_hash: &[u8]) -> String {
    let digest = crate::id::Digest::of("palisade 2026 comparison code", &[handshake_hash]);
    let letters = data_encoding::BASE32_NOPAD.encode(&digest.as_bytes()[..8]);
    format!("{}-{}-{}", &letters[..4], &letters[4..8], &letters[8..12])
}

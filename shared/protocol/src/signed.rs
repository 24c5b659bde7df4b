//! The one envelope: a payload as received, who signed it, and a type that only a check can make.

use std::ops::Deref;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::cbor::{self, DecodeError};
use crate::id::Digest;
use crate::key::{PublicKey, Signature, Signer, Verifier};

/// A payload that can be signed: its domain keeps it from being taken for another kind.
pub trait Signable: Encode<()> + for<'b> Decode<'b, ()> {
    /// What the errors call it.
    const NAME: &'static str;
    /// Domain tag in front of the signed bytes, versioned, NUL-terminated.
    const DOMAIN: &'static [u8];
    /// Bytes of the whole envelope at most.
    const BOUND: usize;
}

/// A checked statement or document: it can only come from [`Signed::open`] or [`Signed::seal`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<T> {
    value: T,
    bytes: Vec<u8>,
    digest: Digest,
}

/// A parsed envelope whose signature nobody has checked: good for finding the key, nothing else.
#[derive(Debug, Clone)]
pub struct Unchecked<T> {
    claim: T,
    envelope: Envelope,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenError {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("the {0} is not signed by the key it needs")]
    BadSignature(&'static str),
}

/// The signature algorithms; one today, named in every envelope so that another can come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
enum Algorithm {
    #[n(1)]
    Ed25519,
}

#[derive(Debug, Clone, Encode, Decode)]
#[cbor(array)]
struct Envelope {
    #[n(0)]
    algorithm: Algorithm,
    #[n(1)]
    payload: ByteVec,
    #[n(2)]
    signature: Signature,
}

impl<T: Signable> Signed<T> {
    /// Signs a value.
    pub fn seal(value: T, signer: &dyn Signer) -> Self {
        let payload = cbor::encode(&value);
        let signature = signer.sign(&message::<T>(&payload));
        let digest = digest_of::<T>(&payload);
        Self {
            value,
            bytes: wrap(payload, signature),
            digest,
        }
    }

    /// Parses and checks in one step, for callers who know the key beforehand.
    pub fn open(bytes: &[u8], key: &PublicKey, verifier: &dyn Verifier) -> Result<Self, OpenError> {
        Unchecked::parse(bytes)?.check(key, verifier)
    }
}

impl<T> Signed<T> {
    /// The envelope exactly as it was received or made.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Commits to the payload; two envelopes of one payload share it.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl<T> Deref for Signed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Signable> Unchecked<T> {
    pub fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        let envelope: Envelope = cbor::decode(T::NAME, T::BOUND, bytes)?;
        let claim = cbor::decode(T::NAME, T::BOUND, &envelope.payload)?;
        Ok(Self {
            claim,
            envelope,
            bytes: bytes.to_vec(),
        })
    }

    /// What the sender claims; use it to look up the key, never to decide.
    pub fn claim(&self) -> &T {
        &self.claim
    }

    pub(crate) fn signature(&self) -> Signature {
        self.envelope.signature
    }

    /// The digest that the value will have once its signature is checked.
    pub fn digest(&self) -> Digest {
        digest_of::<T>(&self.envelope.payload)
    }

    pub fn check(self, key: &PublicKey, verifier: &dyn Verifier) -> Result<Signed<T>, OpenError> {
        let signed = message::<T>(&self.envelope.payload);
        verifier
            .verify(key, &signed, &self.envelope.signature)
            .map_err(|_| OpenError::BadSignature(T::NAME))?;
        let digest = digest_of::<T>(&self.envelope.payload);
        Ok(Signed {
            value: self.claim,
            bytes: self.bytes,
            digest,
        })
    }
}

/// The envelope of a value with a signature that somebody has to check.
pub(crate) fn envelope<T: Signable>(value: &T, signature: Signature) -> Vec<u8> {
    wrap(cbor::encode(value), signature)
}

/// Commits to a value as [`Signed::digest`] does.
pub(crate) fn digest<T: Signable>(value: &T) -> Digest {
    digest_of::<T>(&cbor::encode(value))
}

fn wrap(payload: Vec<u8>, signature: Signature) -> Vec<u8> {
    cbor::encode(&Envelope {
        algorithm: Algorithm::Ed25519,
        payload: payload.into(),
        signature,
    })
}

fn message<T: Signable>(payload: &[u8]) -> Vec<u8> {
    [T::DOMAIN, payload].concat()
}

fn digest_of<T: Signable>(payload: &[u8]) -> Digest {
    Digest::of("palisade 2026 signed payload", &[T::DOMAIN, payload])
}

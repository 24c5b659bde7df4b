//! The public key of a passkey: two kinds are taken, and read from COSE (RFC 9053) as authenticators write it.

use std::fmt;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use ed25519_dalek::{Signature, VerifyingKey};
use minicbor::Decoder;

use super::PasskeyError;

/// A key that a passkey signs with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PublicKey {
    /// ES256: a point of P-256, uncompressed.
    P256([u8; 65]),
    /// EdDSA.
    Ed25519([u8; 32]),
}

/// The members of a COSE key (RFC 9052, section 7.1, and RFC 9053, section 7).
#[derive(Default)]
struct Cose {
    kind: Option<i64>,
    algorithm: Option<i64>,
    curve: Option<i64>,
    x: Option<Vec<u8>>,
    y: Option<Vec<u8>>,
}

const OKP: i64 = 1;
const EC2: i64 = 2;
const ES256: i64 = -7;
const EDDSA: i64 = -8;
const P_256: i64 = 1;
const ED25519: i64 = 6;
/// Members of a key at most.
const MEMBERS: u64 = 8;

impl PublicKey {
    /// Reads a key; what stands behind it is left to the caller.
    pub(super) fn read(decoder: &mut Decoder<'_>) -> Result<Self, PasskeyError> {
        let cose = Cose::read(decoder)?;
        let point = |bytes: Option<Vec<u8>>| -> Option<[u8; 32]> { bytes?.try_into().ok() };
        let key = match (cose.kind, cose.algorithm, cose.curve) {
            (Some(EC2), Some(ES256), Some(P_256)) => {
                let (x, y) = (point(cose.x), point(cose.y));
                let (x, y) = x.zip(y).ok_or(PasskeyError::Unreadable("the key"))?;
                let mut bytes = [4; 65];
                bytes[1..33].copy_from_slice(&x);
                bytes[33..].copy_from_slice(&y);
                Self::P256(bytes)
            }
            (Some(OKP), Some(EDDSA), Some(ED25519)) if cose.y.is_none() => {
                let x = point(cose.x).ok_or(PasskeyError::Unreadable("the key"))?;
                Self::Ed25519(x)
            }
            _ => return Err(PasskeyError::Algorithm),
        };
        key.checked()
    }

    /// The key of a row, as [`Self::kept`] gave it. It was looked at when it was made, and is again when it is used: lists
    /// of many need not.
    pub fn from_kept(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            65 => Some(Self::P256(bytes.try_into().ok()?)),
            32 => Some(Self::Ed25519(bytes.try_into().ok()?)),
            _ => None,
        }
    }

    pub fn kept(&self) -> &[u8] {
        match self {
            Self::P256(bytes) => bytes,
            Self::Ed25519(bytes) => bytes,
        }
    }

    /// A point that is none, or one of small order, is no key.
    fn checked(self) -> Result<Self, PasskeyError> {
        let sound = match &self {
            Self::P256(bytes) => ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, bytes).is_ok(),
            Self::Ed25519(bytes) => VerifyingKey::from_bytes(bytes).is_ok_and(|key| !key.is_weak()),
        };
        if sound {
            Ok(self)
        } else {
            Err(PasskeyError::Unreadable("the key"))
        }
    }

    pub(super) fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), PasskeyError> {
        let fits = match self {
            Self::P256(bytes) => ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, bytes)
                .is_ok_and(|key| key.verify_sig(signed, signature).is_ok()),
            Self::Ed25519(bytes) => {
                let key = VerifyingKey::from_bytes(bytes).ok();
                let signature = Signature::from_slice(signature).ok();
                key.zip(signature)
                    .is_some_and(|(key, signature)| key.verify_strict(signed, &signature).is_ok())
            }
        };
        if fits {
            Ok(())
        } else {
            Err(PasskeyError::Signature)
        }
    }
}

impl Cose {
    fn read(decoder: &mut Decoder<'_>) -> Result<Self, PasskeyError> {
        const NONE: PasskeyError = PasskeyError::Unreadable("the key");
        let members = decoder.map().ok().flatten().ok_or(NONE)?;
        if members > MEMBERS {
            return Err(NONE);
        }
        let mut cose = Self::default();
        for _ in 0..members {
            let twice = match decoder.i64().map_err(|_| NONE)? {
                1 => cose
                    .kind
                    .replace(decoder.i64().map_err(|_| NONE)?)
                    .is_some(),
                3 => {
                    let algorithm = decoder.i64().map_err(|_| NONE)?;
                    cose.algorithm.replace(algorithm).is_some()
                }
                -1 => cose
                    .curve
                    .replace(decoder.i64().map_err(|_| PasskeyError::Algorithm)?)
                    .is_some(),
                -2 => cose.x.replace(bytes(decoder)?).is_some(),
                -3 => cose.y.replace(bytes(decoder)?).is_some(),
                _ => {
                    decoder.skip().map_err(|_| NONE)?;
                    false
                }
            };
            if twice {
                return Err(NONE);
            }
        }
        Ok(cose)
    }
}

fn bytes(decoder: &mut Decoder<'_>) -> Result<Vec<u8>, PasskeyError> {
    let bytes = decoder.bytes();
    bytes
        .map(<[u8]>::to_vec)
        .map_err(|_| PasskeyError::Unreadable("the key"))
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256(_) => "PublicKey(ES256)",
            Self::Ed25519(_) => "PublicKey(EdDSA)",
        })
    }
}

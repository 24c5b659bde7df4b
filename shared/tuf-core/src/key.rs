//! Keys that metadata names: Ed25519 ones are checked here, others by the schemes of the caller.

use std::collections::BTreeMap;
use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::canonical::Json;
use crate::envelope::SignatureBytes;
use crate::fields::{FieldError, Fields};
use crate::schemes::{ForeignKey, Schemes};

/// A signature made apart from its document, with the Ed25519 key that made it.
pub type DetachedSignature = ([u8; 32], [u8; 64]);

/// An Ed25519 public key that is a point of the curve and not of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    #[error("the key is not 32 bytes in hexadecimal")]
    NotHex,
    #[error("the key is not a point of the curve")]
    NotAPoint,
    #[error("the key has small order: it would accept forged signatures")]
    Weak,
    #[error(transparent)]
    Field(#[from] FieldError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature does not belong to these bytes and this key")]
pub struct BadSignature;

impl PublicKey {
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        if key.is_weak() {
            Err(KeyError::Weak)
        } else {
            Ok(Self(key))
        }
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The id that python-tuf gives this key: SHA-256 of the canonical form of the key object.
    pub fn id(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.to_json().to_canonical()))
    }

    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), BadSignature> {
        self.0
            .verify_strict(message, &Signature::from_bytes(signature))
            .map_err(|_| BadSignature)
    }

    pub(crate) fn to_json(self) -> Json {
        let public = BTreeMap::from([(
            "public".to_owned(),
            Json::Text(HEXLOWER.encode(self.as_bytes())),
        )]);
        Json::Object(BTreeMap::from([
            ("keytype".to_owned(), Json::Text("ed25519".to_owned())),
            ("keyval".to_owned(), Json::Object(public)),
            ("scheme".to_owned(), Json::Text("ed25519".to_owned())),
        ]))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(self.as_bytes()))
    }
}

/// A key as metadata lists it.
#[derive(Debug, Clone)]
pub(crate) enum Key {
    Ed25519(PublicKey),
    Foreign(ForeignKey),
    /// A type or scheme that nobody checks.
    Unsupported,
}

impl Key {
    pub(crate) fn read(json: &Json) -> Result<Self, KeyError> {
        let fields = Fields::of(json, "keys")?;
        let (kind, scheme, value) = (
            fields.text("keytype")?,
            fields.text("scheme")?,
            fields.object("keyval")?,
        );
        if (kind, scheme) != ("ed25519", "ed25519") {
            let public = value.text("public").unwrap_or_default();
            return Ok(
                ForeignKey::read(kind, scheme, public).map_or(Self::Unsupported, Self::Foreign)
            );
        }
        let bytes = HEXLOWER_PERMISSIVE
            .decode(value.text("public")?.as_bytes())
            .map_err(|_| KeyError::NotHex)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| KeyError::NotHex)?;
        PublicKey::from_bytes(&bytes).map(Self::Ed25519)
    }

    /// What makes this key one signer, whatever ids and schemes it is listed under.
    pub(crate) fn signer(&self) -> Option<&[u8]> {
        match self {
            Self::Ed25519(key) => Some(key.as_bytes()),
            Self::Foreign(key) => Some(&key.public),
            Self::Unsupported => None,
        }
    }

    pub(crate) fn verify(
        &self,
        message: &[u8],
        signature: &SignatureBytes,
        schemes: &dyn Schemes,
    ) -> Result<(), BadSignature> {
        match self {
            Self::Ed25519(key) => key.verify(message, signature.as_ed25519().ok_or(BadSignature)?),
            Self::Foreign(key) => schemes.verify(key, message, signature.as_bytes()),
            Self::Unsupported => Err(BadSignature),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(public: &str) -> Json {
        let text = format!(
            r#"{{"keytype":"ed25519","scheme":"ed25519","keyval":{{"public":"{public}"}}}}"#
        );
        Json::parse(text.as_bytes(), 1024).expect("it is JSON")
    }

    #[test]
    fn the_id_is_the_one_of_python_tuf() {
        let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]).verifying_key();
        let key = PublicKey::from_bytes(key.as_bytes()).expect("it is a good key");
        assert_eq!(
            key.id(),
            "7ab6b86cb2c9684b0ddc10896153aa2595decf4d4327a5ff1a8ab7422c828b12"
        );
    }

    #[test]
    fn probe_a_weak_key_is_refused() {
        let identity = format!("01{}", "0".repeat(62));
        assert_eq!(Key::read(&listed(&identity)).err(), Some(KeyError::Weak));
        assert_eq!(
            Key::read(&listed(&"0".repeat(64))).err(),
            Some(KeyError::Weak)
        );
    }

    #[test]
    fn probe_a_key_that_is_no_key_is_refused() {
        assert_eq!(Key::read(&listed("abc")).err(), Some(KeyError::NotHex));
        assert_eq!(
            Key::read(&listed(&"0".repeat(66))).err(),
            Some(KeyError::NotHex)
        );
        let off_curve = format!("02{}", "0".repeat(62));
        assert_eq!(
            Key::read(&listed(&off_curve)).err(),
            Some(KeyError::NotAPoint)
        );
    }
}

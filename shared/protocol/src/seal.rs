//! Two seals: a device's data key hides its bodies, and the coordinator's key hides the data key.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hpke::aead::ChaCha20Poly1305 as HpkeAead;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem as _, OpModeR, OpModeS, Serializable};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;
use zeroize::ZeroizeOnDrop;

use crate::dice::Dice;

/// The key under which a device's bodies are stored everywhere; destroying it erases them.
#[derive(Clone, ZeroizeOnDrop)]
pub struct DataKey([u8; 32]);

/// The X25519 public key to which highly sensitive fields are sealed (RFC 9180).
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct SealingKey(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

/// The private half of a [`SealingKey`].
pub struct UnsealingKey(<X25519HkdfSha256 as hpke::Kem>::PrivateKey);

/// Bytes that only the holder of an [`UnsealingKey`] can read.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SealedTo {
    #[cbor(n(0), with = "minicbor::bytes")]
    encapsulated: [u8; 32],
    #[n(1)]
    ciphertext: ByteVec,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    #[error("the sealing key is of small order or malformed")]
    BadKey,
    #[error("the sealed bytes were changed, or sealed under another key")]
    Broken,
}

impl DataKey {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals under a key of its own for each salt, so that no nonce is ever used twice.
    pub fn seal(&self, salt: &[u8; 16], plain: &[u8]) -> Vec<u8> {
        let cipher = self.cipher(salt);
        cipher
            .encrypt(&Nonce::default(), plain)
            .expect("a body is far below the cipher's 256 GiB")
    }

    pub fn open(&self, salt: &[u8; 16], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.cipher(salt)
            .decrypt(&Nonce::default(), sealed)
            .map_err(|_| SealError::Broken)
    }

    fn cipher(&self, salt: &[u8; 16]) -> ChaCha20Poly1305 {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(salt);
        ChaCha20Poly1305::new(&Key::from(*hasher.finalize().as_bytes()))
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(hidden)")
    }
}

impl SealingKey {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals `plain` for one purpose, which the opener has to name as well.
    pub fn seal(
        &self,
        purpose: &[u8],
        plain: &[u8],
        dice: &mut Dice,
    ) -> Result<SealedTo, SealError> {
        let to = <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&self.0)
            .map_err(|_| SealError::BadKey)?;
        let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<
            HpkeAead,
            HkdfSha256,
            X25519HkdfSha256,
        >(&OpModeS::Base, &to, purpose, plain, &[], dice)
        .map_err(|_| SealError::BadKey)?;
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&encapsulated.to_bytes());
        Ok(SealedTo {
            encapsulated: bytes,
            ciphertext: ciphertext.into(),
        })
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl UnsealingKey {
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(X25519HkdfSha256::derive_keypair(seed).0)
    }

    pub fn public(&self) -> SealingKey {
        let public = X25519HkdfSha256::sk_to_pk(&self.0);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&public.to_bytes());
        SealingKey(bytes)
    }

    pub fn open(&self, purpose: &[u8], sealed: &SealedTo) -> Result<Vec<u8>, SealError> {
        let encapsulated =
            <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(&sealed.encapsulated)
                .map_err(|_| SealError::Broken)?;
        hpke::single_shot_open::<HpkeAead, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.0,
            &encapsulated,
            purpose,
            &sealed.ciphertext,
            &[],
        )
        .map_err(|_| SealError::Broken)
    }
}

impl fmt::Debug for UnsealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnsealingKey(of {:?})", self.public())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_holder_opens_and_only_for_the_named_purpose() {
        let holder = UnsealingKey::from_seed(&[3; 32]);
        let sealed = holder
            .public()
            .seal(b"data key", b"secret", &mut Dice::from_seed([1; 32]))
            .expect("a derived key is sound");
        assert_eq!(holder.open(b"data key", &sealed), Ok(b"secret".to_vec()));
        assert_eq!(holder.open(b"other", &sealed), Err(SealError::Broken));
        assert_eq!(
            UnsealingKey::from_seed(&[4; 32]).open(b"data key", &sealed),
            Err(SealError::Broken)
        );
    }

    #[test]
    fn a_body_opens_only_with_its_salt() {
        let key = DataKey::from_bytes([9; 32]);
        let sealed = key.seal(&[1; 16], b"reading");
        assert_eq!(key.open(&[1; 16], &sealed), Ok(b"reading".to_vec()));
        assert_eq!(key.open(&[2; 16], &sealed), Err(SealError::Broken));
    }
}

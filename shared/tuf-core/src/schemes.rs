//! Signature schemes other than Ed25519: the caller brings them, as their libraries are not pure.

use std::fmt;

use data_encoding::BASE64;

use crate::key::BadSignature;
use crate::limits;

/// Checks the signatures of [`ForeignKey`]s.
pub trait Schemes: fmt::Debug + Sync {
    fn verify(
        &self,
        key: &ForeignKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature>;
}

/// Our own repositories are signed with Ed25519: no other key counts.
#[derive(Debug, Clone, Copy)]
pub struct Ed25519Only;

impl Schemes for Ed25519Only {
    fn verify(&self, _: &ForeignKey, _: &[u8], _: &[u8]) -> Result<(), BadSignature> {
        Err(BadSignature)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    EcdsaP256Sha256,
    EcdsaP384Sha384,
    RsaPssSha256,
    RsaPssSha384,
    RsaPssSha512,
    RsaPkcs1Sha256,
    RsaPkcs1Sha384,
    RsaPkcs1Sha512,
}

/// A public key of another scheme than Ed25519.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    pub scheme: Scheme,
    /// An uncompressed point of the curve, or an RSA key as PKCS #1: one encoding for each key.
    pub public: Vec<u8>,
}

const P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
const P384: &[u8] = &[
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
    0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04,
];
const RSA: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

impl ForeignKey {
    /// `None` for a scheme that nobody checks, and for a key that is not of its scheme's kind.
    pub(crate) fn read(kind: &str, scheme: &str, pem: &str) -> Option<Self> {
        use Scheme::{
            EcdsaP256Sha256, EcdsaP384Sha384, RsaPkcs1Sha256, RsaPkcs1Sha384, RsaPkcs1Sha512,
            RsaPssSha256, RsaPssSha384, RsaPssSha512,
        };
        let scheme = match (kind, scheme) {
            ("ecdsa" | "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => EcdsaP256Sha256,
            ("ecdsa" | "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384") => EcdsaP384Sha384,
            ("rsa", "rsassa-pss-sha256") => RsaPssSha256,
            ("rsa", "rsassa-pss-sha384") => RsaPssSha384,
            ("rsa", "rsassa-pss-sha512") => RsaPssSha512,
            ("rsa", "rsa-pkcs1v15-sha256") => RsaPkcs1Sha256,
            ("rsa", "rsa-pkcs1v15-sha384") => RsaPkcs1Sha384,
            ("rsa", "rsa-pkcs1v15-sha512") => RsaPkcs1Sha512,
            _ => return None,
        };
        let der = decode_pem(pem)?;
        let public = match scheme {
            EcdsaP256Sha256 => point(&der, P256, 65)?,
            EcdsaP384Sha384 => point(&der, P384, 97)?,
            _ => rsa(&der)?.to_vec(),
        };
        Some(Self { scheme, public })
    }
}

fn decode_pem(pem: &str) -> Option<Vec<u8>> {
    if pem.len() > limits::PEM_BYTES {
        return None;
    }
    let body = pem
        .trim()
        .strip_prefix("-----BEGIN PUBLIC KEY-----")?
        .strip_suffix("-----END PUBLIC KEY-----")?;
    let text: String = body.split_ascii_whitespace().collect();
    BASE64.decode(text.as_bytes()).ok()
}

fn point(der: &[u8], prefix: &[u8], length: usize) -> Option<Vec<u8>> {
    let coordinates = der.strip_prefix(prefix)?;
    (coordinates.len() + 1 == length).then(|| der[prefix.len() - 1..].to_vec())
}

/// SEQUENCE { rsaEncryption, BIT STRING { key } }, each length in two bytes as from 2048 bits on.
fn rsa(der: &[u8]) -> Option<&[u8]> {
    let bits = filling(der, 0x30)?.strip_prefix(RSA)?;
    filling(bits, 0x03)?.strip_prefix(&[0])
}

/// The content of the one element of this tag that fills `der` to its end.
fn filling(der: &[u8], tag: u8) -> Option<&[u8]> {
    let (head, content) = der.split_first_chunk::<4>()?;
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    (head[0] == tag && head[1] == 0x82 && length == content.len()).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(der: &[u8]) -> String {
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            BASE64.encode(der)
        )
    }

    fn p256() -> Vec<u8> {
        [P256, &[7; 64]].concat()
    }

    fn rsa_2048() -> Vec<u8> {
        let key = [7; 270];
        let bits = [&[0x03, 0x82, 0x01, 0x0f, 0x00], key.as_slice()].concat();
        [&[0x30, 0x82, 0x01, 0x22], RSA, &bits].concat()
    }

    #[test]
    fn keys_are_taken_out_of_their_wrapping() {
        let key = ForeignKey::read("ecdsa", "ecdsa-sha2-nistp256", &pem(&p256()));
        let public = [&[4], [7; 64].as_slice()].concat();
        assert_eq!(key.map(|key| key.public), Some(public));
        let key = ForeignKey::read("rsa", "rsassa-pss-sha256", &pem(&rsa_2048()));
        assert_eq!(key.map(|key| key.public), Some(vec![7; 270]));
    }

    #[test]
    fn probe_a_key_with_bytes_too_many_or_of_another_kind_does_not_count() {
        let longer = |der: Vec<u8>| pem(&[der.as_slice(), &[0]].concat());
        for (kind, scheme, pem) in [
            ("ecdsa", "ecdsa-sha2-nistp256", longer(p256())),
            ("rsa", "rsassa-pss-sha256", longer(rsa_2048())),
            ("rsa", "rsassa-pss-sha256", pem(&p256())),
            ("ecdsa", "ecdsa-sha2-nistp256", pem(&rsa_2048())),
            ("ecdsa", "ecdsa-sha2-nistp256", pem(&p256()[..90])),
            ("rsa", "ecdsa-sha2-nistp256", pem(&p256())),
            ("ecdsa", "ecdsa-sha2-nistp256", "04aabb".to_owned()),
            (
                "ecdsa",
                "ecdsa-sha2-nistp256",
                pem(&p256()) + &" ".repeat(5000),
            ),
        ] {
            assert_eq!(ForeignKey::read(kind, scheme, &pem), None, "{scheme} {pem}");
        }
    }
}

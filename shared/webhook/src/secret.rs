//! The secret that sender and receiver share, and the signature that it makes (Standard Webhooks, v1).

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

/// What its text begins with, so that scanners for leaked secrets find it.
const PREFIX: &str = "whsec_";

/// Thirty-two secret bytes, wiped when dropped and never shown by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<[u8; 32]>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is no webhook secret: write whsec_ and 32 bytes in base64")]
pub struct SecretError;

impl Secret {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The text that the receiver is configured with.
    pub fn reveal(&self) -> Zeroizing<String> {
        let digits = Zeroizing::new(BASE64.encode(self.0.as_slice()));
        Zeroizing::new(format!("{PREFIX}{}", digits.as_str()))
    }

    /// The value of `webhook-signature` for a message sent at this second.
    pub(crate) fn sign(&self, id: &str, second: u64, body: &[u8]) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.0.as_slice()).expect("a key of any length will do");
        mac.update(format!("{id}.{second}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
    }
}

impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        let digits = text.strip_prefix(PREFIX).ok_or(SecretError)?;
        let bytes = BASE64.decode(digits.as_bytes()).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| SecretError)?;
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| SecretError)?;
        Ok(Self::from_bytes(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures are those of Python's `hmac` over the same text.
    #[test]
    fn the_signature_is_that_of_standard_webhooks() {
        let secret = Secret::from_bytes([7; 32]);
        assert_eq!(
            secret.sign("msg_1", 1_614_265_330, br#"{"test": 2432232314}"#),
            "v1,4tb+MnkCTqymlrGQQ6f66PPeMjMas7AHx6XI40qL5MA="
        );
    }

    #[test]
    fn a_secret_reads_back_from_its_text_and_another_length_is_refused() {
        let secret = Secret::from_bytes([7; 32]);
        assert_eq!(secret.reveal().parse(), Ok(secret));
        for text in ["", "whsec_", "whsec_AAAA", "AAAA", "whsec_!"] {
            assert_eq!(text.parse::<Secret>(), Err(SecretError), "{text}");
        }
    }

    #[test]
    fn debugging_never_shows_it() {
        assert_eq!(
            format!("{:?}", Secret::from_bytes([7; 32])),
            "Secret(hidden)"
        );
    }
}

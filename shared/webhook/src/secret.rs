//! The secret that sender and receiver share, and the signature that it makes (Standard Webhooks, v1).

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

/// What its text begins with, so that scanners for leaked secrets find it.
const PREFIX: &str = "whsec_";

/// What Standard Webhooks lets a secret be; those that are made here have 32 bytes.
const BYTES: RangeInclusive<usize> = 24..=64;

/// Secret bytes, wiped when dropped and never shown by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is no webhook secret: write whsec_ and 24 to 64 bytes in base64")]
pub struct SecretError;

impl Secret {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    pub fn bytes(&self) -> &[u8] {
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
        if !BYTES.contains(&bytes.len()) {
            return Err(SecretError);
        }
        Ok(Self(bytes))
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
    fn a_secret_reads_back_from_its_text_and_no_text_of_another_form_is_one() {
        let secret = Secret::from_bytes([7; 32]);
        assert_eq!(secret.reveal().parse(), Ok(secret));
        for text in ["", "whsec_", "whsec_AAAA", "AAAA", "whsec_!"] {
            assert_eq!(text.parse::<Secret>(), Err(SecretError), "{text}");
        }
    }

    /// The first is the example of the libraries of Standard Webhooks, with the signature that they give.
    #[test]
    fn secrets_of_24_to_64_bytes_are_taken_as_the_standard_says() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
            .parse()
            .expect("24 bytes");
        assert_eq!(
            secret.sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                br#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        for (bytes, is_one) in [(23, false), (24, true), (33, true), (64, true), (65, false)] {
            let text = format!("{PREFIX}{}", BASE64.encode(&vec![7; bytes]));
            let read = text.parse::<Secret>();
            assert_eq!(read.is_ok(), is_one, "{bytes}");
            if let Ok(secret) = read {
                assert_eq!(*secret.reveal(), text);
            }
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

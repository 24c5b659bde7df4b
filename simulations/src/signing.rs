//! Which signatures a world uses: real Ed25519, or a stand-in that makes very long runs affordable.

use std::fmt;
use std::sync::Arc;

use clap::ValueEnum;
use protocol::key::{BadSignature, PublicKey, SecretKey, Signature, Signer, Strict, Verifier};

use crate::memo::Memo;

/// The kind of signatures in one world; every line of figures names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Signing {
    #[default]
    Ed25519,
    /// A keyed hash under the public key: anybody could forge it, and no actor of ours does.
    Mock,
}

impl Signing {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Mock => "mock",
        }
    }

    pub fn signer(self, seed: &[u8; 32]) -> Arc<dyn Signer> {
        let secret = SecretKey::from_seed(seed);
        match self {
            Self::Ed25519 => Arc::new(secret),
            Self::Mock => Arc::new(MockKey {
                public: secret.public(),
            }),
        }
    }

    pub fn verifier(self) -> Arc<dyn Verifier> {
        match self {
            Self::Ed25519 => Arc::new(Memo::new(Strict)),
            Self::Mock => Arc::new(MockVerifier),
        }
    }
}

struct MockKey {
    public: PublicKey,
}

impl fmt::Debug for MockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MockKey({:?})", self.public)
    }
}

impl Signer for MockKey {
    fn public(&self) -> PublicKey {
        self.public
    }

    fn sign(&self, message: &[u8]) -> Signature {
        mark(&self.public, message)
    }
}

#[derive(Debug)]
struct MockVerifier;

impl Verifier for MockVerifier {
    fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), BadSignature> {
        if mark(key, message) == *signature {
            Ok(())
        } else {
            Err(BadSignature)
        }
    }
}

fn mark(key: &PublicKey, message: &[u8]) -> Signature {
    let mut bytes = [0; 64];
    blake3::Hasher::new_keyed(key.as_bytes())
        .update(message)
        .finalize_xof()
        .fill(&mut bytes);
    Signature(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_accept_their_own_signatures_and_no_others() {
        for signing in [Signing::Ed25519, Signing::Mock] {
            let (ours, theirs) = (signing.signer(&[1; 32]), signing.signer(&[2; 32]));
            let verifier = signing.verifier();
            let signature = ours.sign(b"reading");
            for _ in 0..2 {
                assert_eq!(
                    verifier.verify(&ours.public(), b"reading", &signature),
                    Ok(())
                );
                assert_eq!(
                    verifier.verify(&ours.public(), b"Reading", &signature),
                    Err(BadSignature)
                );
                assert_eq!(
                    verifier.verify(&theirs.public(), b"reading", &signature),
                    Err(BadSignature)
                );
            }
        }
    }
}

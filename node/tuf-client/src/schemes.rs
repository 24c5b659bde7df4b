//! Signatures of foreign repositories: ECDSA and RSA, checked by ring.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use tuf_core::key::BadSignature;
use tuf_core::schemes::{ForeignKey, Scheme, Schemes};

#[derive(Debug)]
pub struct Ring;

impl Schemes for Ring {
    fn verify(
        &self,
        key: &ForeignKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        UnparsedPublicKey::new(algorithm(key.scheme), &key.public)
            .verify(message, signature)
            .map_err(|_| BadSignature)
    }
}

fn algorithm(scheme: Scheme) -> &'static dyn VerificationAlgorithm {
    match scheme {
        Scheme::EcdsaP256Sha256 => &ECDSA_P256_SHA256_ASN1,
        Scheme::EcdsaP384Sha384 => &ECDSA_P384_SHA384_ASN1,
        Scheme::RsaPssSha256 => &RSA_PSS_2048_8192_SHA256,
        Scheme::RsaPssSha384 => &RSA_PSS_2048_8192_SHA384,
        Scheme::RsaPssSha512 => &RSA_PSS_2048_8192_SHA512,
        Scheme::RsaPkcs1Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        Scheme::RsaPkcs1Sha384 => &RSA_PKCS1_2048_8192_SHA384,
        Scheme::RsaPkcs1Sha512 => &RSA_PKCS1_2048_8192_SHA512,
    }
}

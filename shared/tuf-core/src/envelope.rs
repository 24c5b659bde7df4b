//! The frame around all metadata: a signed part and the signatures on its canonical form.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER_PERMISSIVE;
use thiserror::Error;

use crate::canonical::{Json, JsonError, Object};
use crate::fields::{FieldError, Fields};
use crate::limits;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("the document carries more than {} signatures", limits::SIGNATURES)]
    TooManySignatures,
    #[error("one key id signs twice")]
    DuplicateSignature,
    #[error("a signature is longer than {} bytes", limits::SIGNATURE_BYTES)]
    BadSignature,
}

/// A signature of whatever scheme; only the key says how long it has to be.
#[derive(Debug, Clone)]
pub(crate) struct SignatureBytes(Vec<u8>);

impl SignatureBytes {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn as_ed25519(&self) -> Option<&[u8; 64]> {
        self.0.as_slice().try_into().ok()
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    pub(crate) signed: Object,
    /// The canonical form of `signed`: what the signatures are on.
    pub(crate) message: Vec<u8>,
    signatures: BTreeMap<String, SignatureBytes>,
}

impl Envelope {
    pub(crate) fn parse(bytes: &[u8], max_bytes: usize) -> Result<Self, EnvelopeError> {
        let Json::Object(mut document) = Json::parse(bytes, max_bytes)? else {
            return Err(FieldError("signed").into());
        };
        let signatures = read_signatures(Fields(&document).list("signatures")?)?;
        let signed = document.remove("signed").ok_or(FieldError("signed"))?;
        let message = signed.to_canonical();
        let Json::Object(signed) = signed else {
            return Err(FieldError("signed").into());
        };
        Ok(Self {
            signed,
            message,
            signatures,
        })
    }

    pub(crate) fn signatures(&self) -> impl Iterator<Item = (&str, &SignatureBytes)> {
        self.signatures
            .iter()
            .map(|(id, signature)| (id.as_str(), signature))
    }
}

fn read_signatures(listed: &[Json]) -> Result<BTreeMap<String, SignatureBytes>, EnvelopeError> {
    if listed.len() > limits::SIGNATURES {
        return Err(EnvelopeError::TooManySignatures);
    }
    let mut signatures = BTreeMap::new();
    for entry in listed {
        let fields = Fields::of(entry, "signatures")?;
        let (id, hex) = (fields.text("keyid")?, fields.text("sig")?);
        if hex.len() > 2 * limits::SIGNATURE_BYTES {
            return Err(EnvelopeError::BadSignature);
        }
        // What is not hexadecimal is no signature, as an empty text is for a signer who has yet to sign:
        // neither takes away what the others signed.
        let bytes = HEXLOWER_PERMISSIVE.decode(hex.as_bytes());
        let bytes = bytes.unwrap_or_default();
        if signatures
            .insert(id.to_owned(), SignatureBytes(bytes))
            .is_some()
        {
            return Err(EnvelopeError::DuplicateSignature);
        }
    }
    Ok(signatures)
}

//! A document that nobody has signed: what is to be signed, and how the signatures are put to it.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;

use crate::canonical::{Json, Object};
use crate::document::ReadError;
use crate::draft::DraftError;
use crate::fields::Fields;
use crate::key::{DetachedSignature, PublicKey};
use crate::{expiry, limits};

/// What a document says of the specification; no reader of ours tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecVersion {
    /// 1.0.31, as the first roots of meshes say.
    Latest,
    /// 1.0.0, which readers take that compare the text.
    Plain,
}

impl SpecVersion {
    const fn text(self) -> &'static str {
        match self {
            Self::Latest => "1.0.31",
            Self::Plain => "1.0.0",
        }
    }
}

/// What every document begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderDraft {
    pub version: u64,
    pub expires_unix_s: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    signed: Json,
    max_bytes: usize,
}

impl Unsigned {
    pub(crate) fn new(
        kind: &str,
        spec_version: SpecVersion,
        header: HeaderDraft,
        mut fields: Object,
        max_bytes: usize,
    ) -> Result<Self, DraftError> {
        if header.version == 0 {
            return Err(DraftError::Version);
        }
        let expires = expiry::format(header.expires_unix_s).ok_or(DraftError::Expires)?;
        fields.extend(own_fields([
            ("_type", Json::Text(kind.to_owned())),
            ("expires", Json::Text(expires)),
            ("spec_version", Json::Text(spec_version.text().to_owned())),
            ("version", Json::Integer(header.version.into())),
        ]));
        let signed = Json::Object(fields);
        Ok(Self { signed, max_bytes })
    }

    /// A root or a targets role out of the bytes that were given to its signers.
    pub fn parse(payload: &[u8]) -> Result<Self, DraftError> {
        let signed = Json::parse(payload, limits::TARGETS_BYTES).map_err(DraftError::Unreadable)?;
        if signed.to_canonical() != payload {
            return Err(DraftError::NotCanonical);
        }
        let fields = Fields::of(&signed, "signed").map_err(ReadError::from)?;
        let max_bytes = match fields.text("_type").map_err(ReadError::from)? {
            "root" => limits::ROOT_BYTES,
            "targets" => limits::TARGETS_BYTES,
            _ => return Err(DraftError::SignedOnline),
        };
        Ok(Self { signed, max_bytes })
    }

    /// The bytes to sign; equal drafts give equal bytes.
    pub fn payload(&self) -> Vec<u8> {
        self.signed.to_canonical()
    }

    /// The document with the signatures collected so far: each is on it, whether or not they are enough.
    pub fn assemble(&self, signatures: &[DetachedSignature]) -> Result<Vec<u8>, DraftError> {
        if signatures.len() > limits::SIGNATURES {
            return Err(DraftError::TooManySignatures);
        }
        let message = self.payload();
        let mut entries = BTreeMap::new();
        for &(key, signature) in signatures {
            let signer = PublicKey::from_bytes(&key)?;
            signer
                .verify(&message, &signature)
                .map_err(|_| DraftError::BadSignature { key })?;
            let entry = signature_entry(&signer, &signature);
            if entries.insert(signer.id(), entry).is_some() {
                return Err(DraftError::DuplicateSignature { key });
            }
        }
        let signatures = Json::List(entries.into_values().collect());
        let document = object([("signatures", signatures), ("signed", self.signed.clone())]);
        let document = document.to_canonical();
        Json::parse(&document, self.max_bytes).map_err(DraftError::Unreadable)?;
        Ok(document)
    }
}

fn signature_entry(signer: &PublicKey, signature: &[u8; 64]) -> Json {
    object([
        ("keyid", Json::Text(signer.id())),
        ("sig", Json::Text(HEXLOWER.encode(signature))),
    ])
}

pub(crate) fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    Json::Object(own_fields(fields).collect())
}

pub(crate) fn own_fields<const N: usize>(
    fields: [(&str, Json); N],
) -> impl Iterator<Item = (String, Json)> {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
}

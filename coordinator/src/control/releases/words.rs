//! What is asked and answered about the repository, in words that have a JSON form.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use tuf_core::file::Hashes;

use crate::releases::blobs::Blob;
use crate::releases::bundle::Bundle;
use crate::releases::firmware::Published;
use crate::releases::standing::{Need, short};
use crate::releases::status::{Custody, RoleStatus};
use crate::store::repository::Draft;

/// A file that lies in the targets folder already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    pub sha256: String,
    pub length: u64,
    pub chunk_root: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum WishAsked {
    Renew,
    OnlineKeys,
    Appoint {
        role: String,
        threshold: u32,
        /// In hexadecimal.
        keys: Vec<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftDocument {
    pub number: u64,
    pub made_ms: u64,
    pub purpose: String,
    pub papers: Vec<PaperShown>,
    pub needs: Vec<NeedShown>,
    /// Whether it can be published.
    pub complete: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperShown {
    pub role: String,
    pub version: u64,
    /// The bytes to sign, in base 64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// What `palisade-sign` shows of it last.
    pub sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedShown {
    pub role: String,
    /// Which document appoints these keys.
    pub by: String,
    pub threshold: u32,
    pub signed: Vec<String>,
    pub missing: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseShown {
    pub product: String,
    pub version: String,
    pub counter: u64,
    pub hardware: Vec<String>,
    pub path: String,
    pub length: u64,
    pub sha256: String,
    pub chunk_root: String,
    pub sbom: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleShown {
    pub role: String,
    pub online: bool,
    pub version: u64,
    pub expires_ms: Option<u64>,
    pub threshold: u32,
    /// Ids of the keys, as `palisade-sign` shows them.
    pub keys: Vec<String>,
}

impl Staged {
    pub fn of(blob: &Blob) -> Self {
        Self {
            sha256: HEXLOWER.encode(&blob.sha256),
            length: blob.length,
            chunk_root: HEXLOWER.encode(&blob.chunk_root),
        }
    }
}

impl DraftDocument {
    pub fn of(draft: &Draft, needs: &[Need]) -> Self {
        let papers = draft.papers.iter().map(|paper| PaperShown {
            role: paper.role.clone(),
            version: paper.version,
            payload: Some(BASE64.encode(paper.payload())),
            sha256: Hashes::sha256_of(paper.payload()),
        });
        Self {
            number: draft.number,
            made_ms: draft.made.as_millis(),
            purpose: draft.purpose.clone(),
            papers: papers.collect(),
            needs: needs.iter().map(NeedShown::of).collect(),
            complete: needs.iter().all(Need::is_met),
        }
    }

    pub fn without_payloads(mut self) -> Self {
        for paper in &mut self.papers {
            paper.payload = None;
        }
        self
    }
}

impl NeedShown {
    fn of(need: &Need) -> Self {
        Self {
            role: need.role.clone(),
            by: need.appointed.clone(),
            threshold: need.threshold,
            signed: need.signed.iter().map(short).collect(),
            missing: need.missing.iter().map(short).collect(),
        }
    }
}

impl ReleaseShown {
    pub fn of(published: &Published) -> Self {
        let release = &published.release;
        Self {
            product: release.product.to_string(),
            version: release.version.to_string(),
            counter: release.counter.0,
            hardware: release.hardware.iter().map(ToString::to_string).collect(),
            path: published.path.clone(),
            length: release.length,
            sha256: HEXLOWER.encode(&published.sha256),
            chunk_root: HEXLOWER.encode(&release.chunk_root),
            sbom: release.sbom.as_ref().map(ToString::to_string),
        }
    }
}

impl RoleShown {
    pub fn of(role: &RoleStatus) -> Self {
        Self {
            role: role.role.clone(),
            online: role.custody == Custody::Online,
            version: role.version,
            expires_ms: role.expires_unix_s.map(|seconds| seconds * 1000),
            threshold: role.threshold,
            keys: role.keys.iter().map(short).collect(),
        }
    }
}

/// What a stick carries beside the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleDocument {
    /// Of the release in the repository.
    pub path: String,
    pub sha256: String,
    pub length: u64,
    pub until_ms: u64,
    /// Documents by their names, in base 64.
    pub documents: BTreeMap<String, String>,
}

impl BundleDocument {
    pub fn of(bundle: &Bundle) -> Self {
        let documents = bundle.documents.iter();
        Self {
            path: bundle.release.path.clone(),
            sha256: HEXLOWER.encode(&bundle.release.sha256),
            length: bundle.release.release.length,
            until_ms: bundle.until_unix_s * 1000,
            documents: documents
                .map(|(name, bytes)| (name.clone(), BASE64.encode(bytes)))
                .collect(),
        }
    }
}

//! The repository as programs and the command line read it.

use data_encoding::HEXLOWER;
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tuf_core::file::Hashes;

use super::comparison::document::ComparisonDocument;
use super::comparison::{DraftDifference, Wait};
use super::firmware::{self, Published};
use super::roles::FIRMWARE;
use super::standing::{Need, short, shortened};
use super::status::{Custody, RoleStatus, Status};
use super::{ReleaseError, Releases};
use crate::store::released::Released;
use crate::store::repository::{Draft, Paper};
use crate::web::api::instant;

/// A release that devices may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Release")]
pub struct ReleaseDocument {
    pub product: String,
    pub version: String,
    pub counter: u64,
    pub hardware: Vec<String>,
    /// In the repository.
    pub path: String,
    pub length: u64,
    pub sha256: String,
    /// The root of the Merkle tree over its chunks.
    pub chunk_root: String,
    /// The path of the list of its parts, where it came with one.
    pub sbom: Option<String>,
    /// When it came out; `null` where that was before a coordinator noted it.
    pub published: Option<String>,
    /// Ids of the keys that had signed it then, as `palisade-sign` shows them.
    pub signers: Vec<String>,
    /// Until when the role that vouches for it does so.
    pub expires: String,
}

/// What waits for signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Draft")]
pub struct DraftDocument {
    pub number: u64,
    pub made: String,
    pub purpose: String,
    pub papers: Vec<PaperDocument>,
    pub needs: Vec<NeedDocument>,
    /// Whether enough have signed all of it.
    pub complete: bool,
}

/// The same with what it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "DraftCompared")]
pub struct ComparedDocument {
    #[serde(flatten)]
    pub draft: DraftDocument,
    /// How the release differs from the one before it; `null` where the draft brings none, or the first of its product.
    pub comparison: Option<ComparisonDocument>,
}

/// One document to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Paper")]
pub struct PaperDocument {
    pub role: String,
    pub version: u64,
    pub length: usize,
    /// What `palisade-sign` shows of it last.
    pub sha256: String,
}

/// Keys of which enough have to sign one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SignersNeeded")]
pub struct NeedDocument {
    pub role: String,
    /// Which document appoints these keys.
    pub by: String,
    pub threshold: u32,
    pub signed: Vec<String>,
    /// Those that have not.
    pub missing: Vec<String>,
    /// How many of them still have to.
    pub lacks: usize,
}

/// How the repository stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Repository")]
pub struct RepositoryDocument {
    /// The root of the mesh, and the one that is served.
    pub root: u64,
    pub served_root: u64,
    pub roles: Vec<RoleDocument>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RepositoryRole")]
pub struct RoleDocument {
    pub role: String,
    /// Whether the coordinator signs it by itself.
    pub online: bool,
    /// Zero before it was published.
    pub version: u64,
    pub expires: Option<String>,
    pub threshold: u32,
    /// Ids of the keys, as `palisade-sign` shows them.
    pub keys: Vec<String>,
}

impl Releases {
    /// Every release that is served, by product, the newest first.
    pub fn documents(&self) -> Result<Vec<ReleaseDocument>, ReleaseError> {
        let Some(role) = self.served_role(FIRMWARE)? else {
            return Ok(Vec::new());
        };
        let (came_out, ends) = (self.reader.released()?, role.header.expires_unix_s);
        let all = firmware::releases(&role);
        let all = all.iter();
        Ok(all
            .map(|one| ReleaseDocument::of(one, came_out.get(&one.path), ends))
            .collect())
    }

    /// One draft, held against the release before it: that takes as long as their files are large, the first time.
    pub fn compared(&self, number: u64) -> Result<ComparedDocument, ReleaseError> {
        let draft = self.draft(number)?;
        Ok(ComparedDocument {
            draft: DraftDocument::of(&draft, &self.needs(&draft)?),
            comparison: match self.compare_draft(&draft, Wait::UntilMade)? {
                DraftDifference::Held(comparison) => Some(comparison.into()),
                DraftDifference::NoRelease | DraftDifference::First | DraftDifference::Underway => {
                    None
                }
            },
        })
    }
}

impl ReleaseDocument {
    fn of(published: &Published, came_out: Option<&Released>, ends_unix_s: u64) -> Self {
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
            published: came_out.map(|came_out| time(came_out.at)),
            signers: came_out
                .map(|came_out| came_out.keys.iter().map(|id| shortened(id)).collect())
                .unwrap_or_default(),
            expires: instant(ends_unix_s * 1000),
        }
    }
}

impl DraftDocument {
    pub fn of(draft: &Draft, needs: &[Need]) -> Self {
        Self {
            number: draft.number,
            made: time(draft.made),
            purpose: draft.purpose.clone(),
            papers: draft.papers.iter().map(PaperDocument::of).collect(),
            needs: needs.iter().map(NeedDocument::of).collect(),
            complete: needs.iter().all(Need::is_met),
        }
    }
}

impl PaperDocument {
    fn of(paper: &Paper) -> Self {
        Self {
            role: paper.role.clone(),
            version: paper.version,
            length: paper.payload().len(),
            sha256: Hashes::sha256_of(paper.payload()),
        }
    }
}

impl NeedDocument {
    fn of(need: &Need) -> Self {
        Self {
            role: need.role.clone(),
            by: need.appointed.clone(),
            threshold: need.threshold,
            signed: need.signed.iter().map(short).collect(),
            missing: need.missing.iter().map(short).collect(),
            lacks: (need.threshold as usize).saturating_sub(need.signed.len()),
        }
    }
}

impl RepositoryDocument {
    pub fn of(status: &Status) -> Self {
        Self {
            root: status.root,
            served_root: status.served_root,
            roles: status.roles.iter().map(RoleDocument::of).collect(),
        }
    }
}

impl RoleDocument {
    fn of(role: &RoleStatus) -> Self {
        Self {
            role: role.role.clone(),
            online: role.custody == Custody::Online,
            version: role.version,
            expires: role.expires_unix_s.map(|seconds| instant(seconds * 1000)),
            threshold: role.threshold,
            keys: role.keys.iter().map(short).collect(),
        }
    }
}

fn time(at: Timestamp) -> String {
    instant(at.as_millis())
}

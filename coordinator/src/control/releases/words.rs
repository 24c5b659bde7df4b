//! What is asked and answered about the repository, in words that have a JSON form.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};

use crate::releases::blobs::Blob;
use crate::releases::bundle::Bundle;
use crate::releases::document::DraftDocument;
use crate::releases::standing::Need;
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

/// A draft with the bytes to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftTold {
    #[serde(flatten)]
    pub draft: DraftDocument,
    /// By role, in base 64.
    pub payloads: BTreeMap<String, String>,
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

impl DraftTold {
    pub fn of(draft: &Draft, needs: &[Need]) -> Self {
        let papers = draft.papers.iter();
        let payloads = papers.map(|paper| (paper.role.clone(), BASE64.encode(paper.payload())));
        Self {
            draft: DraftDocument::of(draft, needs),
            payloads: payloads.collect(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Answer;
    use crate::store::repository::Paper;

    /// Scripts read the number of a draft where it always was.
    #[test]
    fn a_draft_is_told_with_its_number_on_top_and_its_payloads_by_role() {
        let draft = Draft {
            number: 7,
            made: protocol::time::Timestamp::from_millis(0),
            purpose: "a test".to_owned(),
            papers: vec![Paper::new("firmware".to_owned(), 2, b"{}".to_vec())],
        };
        let answer = Answer::Draft(DraftTold::of(&draft, &[]));
        let told = serde_json::to_value(&answer).expect("it has a JSON form");
        assert_eq!((&told["number"], &told["is"]), (&7.into(), &"draft".into()));
        assert_eq!(told["payloads"]["firmware"], BASE64.encode(b"{}"));
        assert_eq!(told["made"], "1970-01-01T00:00:00.000Z");
        let back: Answer = serde_json::from_value(told).expect("it is read again");
        assert_eq!(back, answer);
    }
}

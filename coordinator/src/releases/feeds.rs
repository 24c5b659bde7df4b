//! What is known about vulnerabilities as a target of the role `feeds`: administrators sign for the file that findings rest on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use data_encoding::HEXLOWER;
use tuf_core::draft::targets::TargetDraft;

use super::plan::Wish;
use super::{ReleaseError, Releases};
use crate::store::advice::FEED_KEPT;
use crate::store::audit::Act;
use crate::store::repository::Draft;

pub const FEEDS: &str = "feeds";
/// Under this path the newest feed stands.
const PATH: &str = "feeds/vulnerabilities";

/// A feed that administrators have signed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedFeed {
    /// SHA-256 in hexadecimal.
    pub target: String,
    pub file: PathBuf,
}

impl Releases {
    /// A draft of a newer feed, which is signed by the role `feeds`.
    pub async fn prepare_feed(&self, bytes: &[u8], act: Act) -> Result<Draft, ReleaseError> {
        let _turn = self.turn.lock().await;
        let before = self.before()?;
        let blob = self.blobs.take(bytes, FEED_KEPT as u64)?;
        let target = TargetDraft {
            length: blob.length,
            sha256: blob.sha256,
            custom: BTreeMap::new(),
        };
        let wish = Wish::Vouch {
            role: FEEDS,
            targets: BTreeMap::from([(PATH.to_owned(), target)]),
        };
        let purpose = format!("a feed of vulnerabilities of {} bytes", blob.length);
        self.keep(&before, &wish, purpose, act)
    }

    /// The feed that is published, if its file is here.
    pub fn signed_feed(&self) -> Result<Option<SignedFeed>, ReleaseError> {
        let role = self.served_role(FEEDS)?;
        let found = role.and_then(|role| role.targets.get(PATH).cloned());
        let here = found.filter(|target| self.blobs.has(&target.sha256, target.length));
        Ok(here.map(|target| SignedFeed {
            target: HEXLOWER.encode(&target.sha256),
            file: self.blobs.path(&target.sha256),
        }))
    }
}

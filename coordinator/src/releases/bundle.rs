//! A published release with everything that vouches for it, for a device that is reached by nobody but a person.
//!
//! Snapshot and timestamp are signed anew, so that they last longer than those that are served: a stick travels for days.
//! Whoever meets the mesh again sees a newer timestamp there, so that nothing is held back by it.

use protocol::release::Release;
use tuf_core::draft::online::{Listed, SnapshotDraft};
use tuf_core::draft::unsigned::HeaderDraft;

use super::candidate::{Candidate, CandidateError, after, check};
use super::firmware::Published;
use super::online::OnlineKeys;
use super::{ReleaseError, Releases, now_s};
use crate::store::repository::{Current, Documents, TIMESTAMP};

/// For how many days a bundle may be made.
pub const DAYS: std::ops::RangeInclusive<u64> = 1..=90;

/// What goes onto the stick beside the image.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Documents by the names under which repositories serve them, roots among them.
    pub documents: Documents,
    pub release: Published,
    pub until_unix_s: u64,
}

impl Releases {
    /// All that a device without a network needs to take this release.
    pub async fn bundle(
        &self,
        product: &str,
        version: &str,
        days: u64,
    ) -> Result<Bundle, ReleaseError> {
        let _turn = self.turn.lock().await;
        if !DAYS.contains(&days) {
            return Err(ReleaseError::BundleDays);
        }
        let release = self.release(product, version)?;
        let served = self.reader.repository_documents()?;
        let (current, documents) = served.ok_or_else(|| self.nothing(product, version))?;
        let keys = self.online(&self.before()?.root)?;
        let now_unix_s = now_s();
        let until_unix_s = now_unix_s + days * 86_400;
        let candidate = Candidate::of(&current, &documents);
        let documents = candidate.lasting(&current, &keys, now_unix_s, until_unix_s)?;
        Ok(Bundle {
            documents,
            release,
            until_unix_s,
        })
    }

    fn release(&self, product: &str, version: &str) -> Result<Published, ReleaseError> {
        let named = |release: &Release| {
            release.product.as_str() == product && release.version.as_str() == version
        };
        let mut all = self.published()?.into_iter();
        let found = all.find(|one| named(&one.release));
        found.ok_or_else(|| self.nothing(product, version))
    }
}

impl Candidate {
    /// The same, signed online until then, and read as a device would.
    fn lasting(
        &self,
        before: &Current,
        keys: &OnlineKeys,
        now_unix_s: u64,
        until_unix_s: u64,
    ) -> Result<Documents, CandidateError> {
        let header = |version| HeaderDraft {
            version,
            expires_unix_s: until_unix_s,
        };
        let roles = self.roles.iter();
        let roles =
            roles.map(|(role, (version, document))| (role.clone(), Listed::of(*version, document)));
        let draft = SnapshotDraft {
            header: header(after(before.snapshot, now_unix_s)),
            roles: roles.collect(),
        };
        let snapshot = keys.sign_snapshot(&draft)?;
        let current = Current {
            timestamp: after(before.timestamp, now_unix_s),
            snapshot: draft.header.version,
            replaced: Vec::new(),
            ..before.clone()
        };
        let promised = (current.snapshot, snapshot.as_slice());
        let timestamp = keys.sign_timestamp_until(current.timestamp, promised, until_unix_s)?;
        let mut documents = self.documents();
        documents.insert(format!("{}.snapshot.json", current.snapshot), snapshot);
        documents.insert(TIMESTAMP.to_owned(), timestamp);
        check(&current, &documents, &before.roles, now_unix_s)?;
        Ok(documents)
    }
}

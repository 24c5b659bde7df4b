//! What the repository needs without being asked: an earlier run is taken up, and what is signed online stays fresh.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use tuf_core::expiry;
use tuf_core::root::Root;

use super::candidate::{Candidate, CandidateError, after};
use super::online::{SNAPSHOT_LEFT_S, TIMESTAMP_LEFT_S};
use super::roles::ROOT;
use super::{ReleaseError, Releases, now_s, plan};
use crate::offices::{self, LoadError};
use crate::secrets::SecretError;
use crate::store::repository::{Draft, Publication, TIMESTAMP};

/// How often it is looked whether something signed online ends soon.
const TEND: Duration = Duration::from_secs(600);
/// Bytes of the file in which `init` leaves the first documents.
const FIRST_BYTES: usize = 1024 * 1024;

impl Releases {
    /// Takes up what an earlier run has left: first documents, a publication that was broken off, files of nothing.
    pub fn take_up(&self) -> Result<(), ReleaseError> {
        self.publish_first()?;
        self.finish_broken_off()?;
        let swept = self.blobs.sweep(&self.wanted()?)?;
        if swept > 0 {
            info!(
                files = swept,
                "target files that nothing names were removed"
            );
        }
        self.tend(now_s())
    }

    /// Renews what is signed online until the coordinator stops.
    pub async fn keep_fresh(self, stopping: CancellationToken) {
        let mut tick = tokio::time::interval(TEND);
        loop {
            tokio::select! {
                () = stopping.cancelled() => break,
                _ = tick.tick() => {}
            }
            let _turn = self.turn.lock().await;
            if let Err(error) = tokio::task::block_in_place(|| self.tend(now_s())) {
                warn!(%error, "the timestamp of the repository is not renewed");
            }
        }
    }

    /// What `init` has signed is published by the first start.
    fn publish_first(&self) -> Result<(), ReleaseError> {
        let path = self.paths.first_documents();
        if !path.exists() {
            return Ok(());
        }
        if self.reader.repository()?.is_none() {
            let bytes = offices::read(&path)?;
            let draft = protocol::cbor::decode("first documents", FIRST_BYTES, &bytes);
            let draft: Draft = draft
                .map_err(protocol::succession::SuccessionError::from)
                .map_err(LoadError::from)?;
            let publication = self.publication(&draft, &self.before()?)?;
            self.serve(&publication, &draft, None)?;
        }
        fs::remove_file(&path).map_err(|source| SecretError::Io {
            act: "remove",
            path,
            source,
        })?;
        Ok(())
    }

    /// A root of a draft that is in force already says that the rest was to follow.
    fn finish_broken_off(&self) -> Result<(), ReleaseError> {
        let before = self.before()?;
        for draft in self.reader.drafts()? {
            let mut papers = draft.papers.iter();
            let Some(root) = papers.find(|paper| paper.role == ROOT) else {
                continue;
            };
            let own = plan::assemble(root)?;
            if before.candidate.roots.contains(&own) {
                let publication = self.publication(&draft, &before)?;
                self.serve(&publication, &draft, None)?;
                info!(
                    draft = draft.number,
                    "a publication that was broken off is whole"
                );
            }
        }
        Ok(())
    }

    /// Files that came for a draft which was not made go, unless something else names them.
    pub async fn give_back(&self, files: &[[u8; 32]]) -> Result<(), ReleaseError> {
        let _turn = self.turn.lock().await;
        self.remove_unwanted(files)
    }

    pub(super) fn remove_unwanted(&self, files: &[[u8; 32]]) -> Result<(), ReleaseError> {
        let wanted = self.wanted()?;
        for file in files.iter().filter(|file| !wanted.contains(*file)) {
            self.blobs.remove(file)?;
        }
        Ok(())
    }

    /// Every file that a document or a draft names.
    fn wanted(&self) -> Result<BTreeSet<[u8; 32]>, ReleaseError> {
        let before = self.before()?;
        let mut wanted = BTreeSet::new();
        for role in before.candidate.roles.keys() {
            let targets = before.targets(role)?.targets;
            wanted.extend(targets.values().map(|target| target.sha256));
        }
        for draft in self.reader.drafts()? {
            wanted.extend(files(&draft)?);
        }
        Ok(wanted)
    }

    /// Signs the timestamp anew well before it ends, and the snapshot where that ends.
    pub fn tend(&self, now_unix_s: u64) -> Result<(), ReleaseError> {
        let Some((current, documents)) = self.reader.repository_documents()? else {
            return Ok(());
        };
        let left = |name: &str| {
            let ends = documents
                .get(name)
                .and_then(|document| expiry::of(document));
            ends.map_or(0, |ends| ends.saturating_sub(now_unix_s))
        };
        let snapshot_name = format!("{}.snapshot.json", current.snapshot);
        let root = documents.get(&format!("{}.root.json", current.root));
        let keys = self.online(&Root::open(root.map_or(&[][..], Vec::as_slice))?)?;
        if left(&snapshot_name) < SNAPSHOT_LEFT_S {
            let candidate = Candidate::of(&current, &documents);
            let publication = candidate.publication(Some(&current), &keys, now_unix_s)?;
            return Ok(self.writer.write(|changes| changes.publish(&publication))?);
        }
        if left(TIMESTAMP) >= TIMESTAMP_LEFT_S {
            return Ok(());
        }
        let mut renewed = current;
        renewed.timestamp = after(renewed.timestamp, now_unix_s);
        let snapshot = documents.get(&snapshot_name).map_or(&[][..], Vec::as_slice);
        let promised = (renewed.snapshot, snapshot);
        let timestamp = keys.sign_timestamp(renewed.timestamp, promised, now_unix_s);
        let timestamp = timestamp.map_err(CandidateError::from)?;
        let publication = Publication {
            current: renewed,
            documents: [(TIMESTAMP.to_owned(), timestamp)].into(),
        };
        Ok(self.writer.write(|changes| changes.publish(&publication))?)
    }
}

/// Every file that a draft names.
pub(super) fn files(draft: &Draft) -> Result<Vec<[u8; 32]>, ReleaseError> {
    let mut files = Vec::new();
    for paper in draft.papers.iter().filter(|paper| paper.role != ROOT) {
        let targets = plan::read_payload(paper)?.targets;
        files.extend(targets.values().map(|target| target.sha256));
    }
    Ok(files)
}

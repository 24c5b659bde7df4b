//! What is to be served next: put together, signed online, and read as a device would before anybody else sees it.

use std::collections::BTreeMap;

use thiserror::Error;
use tuf_core::draft::DraftError;
use tuf_core::draft::online::{Listed, SnapshotDraft};
use tuf_core::draft::unsigned::HeaderDraft;
use tuf_core::floors::Floors;
use tuf_core::root::RootError;
use tuf_core::schemes::Ed25519Only;
use tuf_core::trusted::{TrustError, Trusted};

use super::online::{OnlineKeys, SNAPSHOT_S};
use super::roles::{ROOT, TARGETS};
use crate::store::repository::{Current, Documents, Publication, TIMESTAMP};

/// Everything that is signed off the coordinator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidate {
    /// From the first one on.
    pub roots: Vec<Vec<u8>>,
    /// Targets roles with their versions.
    pub roles: BTreeMap<String, (u64, Vec<u8>)>,
}

#[derive(Debug, Error)]
pub enum CandidateError {
    #[error("the repository cannot be written: {0}")]
    Draft(#[from] DraftError),
    #[error("no device would take the repository: {0}")]
    Trust(#[from] TrustError),
    #[error("no device would take the repository: {0}")]
    Root(#[from] RootError),
}

impl Candidate {
    /// What is served, to be changed.
    pub fn of(current: &Current, documents: &Documents) -> Self {
        let document = |name: String| documents.get(&name).cloned().unwrap_or_default();
        let roots = (1..=current.root).map(|version| document(root_name(version)));
        let roles = current.roles.iter();
        let roles = roles.map(|(role, &version)| {
            let document = document(role_name(version, role));
            (role.clone(), (version, document))
        });
        Self {
            roots: roots.collect(),
            roles: roles.collect(),
        }
    }

    /// Signs which documents belong together. What no device would take is not handed out; a role that has expired
    /// keeps only itself from being published.
    pub fn publication(
        &self,
        before: Option<&Current>,
        keys: &OnlineKeys,
        now_unix_s: u64,
    ) -> Result<Publication, CandidateError> {
        let before = before.cloned().unwrap_or_default();
        let listed = self.roles.iter();
        let listed = listed
            .map(|(role, (version, document))| (role.clone(), Listed::of(*version, document)));
        let snapshot_draft = SnapshotDraft {
            header: HeaderDraft {
                version: after(before.snapshot, now_unix_s),
                expires_unix_s: now_unix_s + SNAPSHOT_S,
            },
            roles: listed.collect(),
        };
        let snapshot = keys.sign_snapshot(&snapshot_draft)?;
        let current = Current {
            root: self.roots.len() as u64,
            timestamp: after(before.timestamp, now_unix_s),
            snapshot: snapshot_draft.header.version,
            roles: self.versions(),
            replaced: Vec::new(),
        };
        let promised = (current.snapshot, snapshot.as_slice());
        let timestamp = keys.sign_timestamp(current.timestamp, promised, now_unix_s)?;
        let mut documents = self.documents();
        documents.insert(format!("{}.snapshot.json", current.snapshot), snapshot);
        documents.insert(TIMESTAMP.to_owned(), timestamp);
        check(&current, &documents, &before.roles, now_unix_s)?;
        Ok(Publication { current, documents })
    }

    fn versions(&self) -> BTreeMap<String, u64> {
        let roles = self.roles.iter();
        roles
            .map(|(role, (version, _))| (role.clone(), *version))
            .collect()
    }

    pub(super) fn documents(&self) -> Documents {
        let roots = (1..).zip(&self.roots);
        let roots = roots.map(|(version, document)| (root_name(version), document.clone()));
        let roles = self.roles.iter();
        let roles =
            roles.map(|(role, (version, document))| (role_name(*version, role), document.clone()));
        roots.chain(roles).collect()
    }
}

/// Versions of what is signed online are times where they can be: a coordinator that was restored from a backup goes on
/// above what devices have seen.
pub fn after(before: u64, now_unix_s: u64) -> u64 {
    now_unix_s.max(before + 1)
}

pub fn role_name(version: u64, role: &str) -> String {
    format!("{version}.{role}.json")
}

fn root_name(version: u64) -> String {
    role_name(version, ROOT)
}

pub(super) fn check(
    current: &Current,
    documents: &Documents,
    before: &BTreeMap<String, u64>,
    now_unix_s: u64,
) -> Result<(), CandidateError> {
    let document = |name: String| documents.get(&name).map_or(&[][..], Vec::as_slice);
    let mut trusted = Trusted::open(document(root_name(1)), Floors::default(), &Ed25519Only)?;
    for version in 2..=current.root {
        trusted.update_root(document(root_name(version)))?;
    }
    trusted.update_timestamp(document(TIMESTAMP.to_owned()), now_unix_s)?;
    let snapshot = document(format!("{}.snapshot.json", current.snapshot));
    trusted.update_snapshot(snapshot, now_unix_s)?;
    let mut take = |role: &str, by: &str, version: u64| {
        trusted.update_targets(role, by, document(role_name(version, role)), now_unix_s)
    };
    take(
        TARGETS,
        ROOT,
        current.roles.get(TARGETS).copied().unwrap_or_default(),
    )?;
    for (role, &version) in current.roles.iter().filter(|(role, _)| *role != TARGETS) {
        match take(role, TARGETS, version) {
            Err(TrustError::Expired { .. }) if before.get(role) == Some(&version) => {}
            taken => taken?,
        }
    }
    Ok(())
}

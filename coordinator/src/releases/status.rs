//! How the repository stands: its roles, their versions, keys and expiry.

use tuf_core::draft::Signers;
use tuf_core::expiry;
use tuf_core::key::PublicKey;
use tuf_core::role::RoleName;
use tuf_core::root::Root;

use super::roles::{TARGETS, is_delegated};
use super::{ReleaseError, Releases};
use crate::store::repository::TIMESTAMP;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub roles: Vec<RoleStatus>,
    /// The root of the mesh, and the one that the repository serves.
    pub root: u64,
    pub served_root: u64,
}

/// Where the keys of a role are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Custody {
    /// People hold them, off this machine.
    People,
    /// This coordinator signs by itself.
    Online,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleStatus {
    pub role: String,
    pub custody: Custody,
    /// Zero before it was published.
    pub version: u64,
    pub expires_unix_s: Option<u64>,
    pub threshold: u32,
    pub keys: Vec<PublicKey>,
}

impl Releases {
    pub fn status(&self) -> Result<Status, ReleaseError> {
        let before = self.before()?;
        let served = self.reader.repository_documents()?;
        let (current, documents) = served.unwrap_or_default();
        let root = documents.get(&format!("{}.root.json", current.root));
        let root = root.map(|root| Root::open(root)).transpose()?;
        let root = root.as_ref().unwrap_or(&before.root);
        let role = |name: &str, version: u64, file: &str, signers: Signers| RoleStatus {
            role: name.to_owned(),
            custody: match file {
                TIMESTAMP | SNAPSHOT => Custody::Online,
                _ => Custody::People,
            },
            version,
            expires_unix_s: documents
                .get(&match file {
                    TIMESTAMP => TIMESTAMP.to_owned(),
                    _ => format!("{version}.{file}"),
                })
                .and_then(|document| expiry::of(document)),
            threshold: signers.threshold,
            keys: public(&signers),
        };
        let version = |name: &str| current.roles.get(name).copied().unwrap_or_default();
        let top = |name| Signers::of(root, name);
        let mut roles = vec![
            role("root", current.root, "root.json", top(RoleName::Root)),
            role(
                TARGETS,
                version(TARGETS),
                "targets.json",
                top(RoleName::Targets),
            ),
        ];
        let delegations = before.targets(TARGETS).map(|targets| targets.delegations);
        for delegation in delegations.unwrap_or_default() {
            let name = &delegation.role;
            if is_delegated(name) {
                let file = format!("{name}.json");
                roles.push(role(name, version(name), &file, delegation.signers));
            }
        }
        let snapshot = role(
            "snapshot",
            current.snapshot,
            SNAPSHOT,
            top(RoleName::Snapshot),
        );
        roles.push(snapshot);
        let timestamp = role(
            "timestamp",
            current.timestamp,
            TIMESTAMP,
            top(RoleName::Timestamp),
        );
        roles.push(timestamp);
        Ok(Status {
            roles,
            root: before.root.version(),
            served_root: current.root,
        })
    }
}

const SNAPSHOT: &str = "snapshot.json";

fn public(signers: &Signers) -> Vec<PublicKey> {
    let keys = signers.keys.iter();
    keys.filter_map(|key| PublicKey::from_bytes(key).ok())
        .collect()
}

//! The two keys that sign by themselves: which documents belong together, and that they are the newest.

use std::fs;
use std::path::PathBuf;

use protocol::key::{SecretKey, Signer as _};
use tuf_core::draft::DraftError;
use tuf_core::draft::Signers;
use tuf_core::draft::online::{Listed, SnapshotDraft, TimestampDraft};
use tuf_core::draft::unsigned::{HeaderDraft, Unsigned};
use tuf_core::role::RoleName;
use tuf_core::root::Root;

use crate::offices::Paths;
use crate::secrets::{Secret, SecretError};

/// How long a timestamp says that nothing newer is known: a freeze is noticed within a day.
pub const TIMESTAMP_S: u64 = 24 * 3600;
/// A timestamp that lasts less than this is renewed: it survives a coordinator that is off for half a day.
pub const TIMESTAMP_LEFT_S: u64 = 18 * 3600;
/// How long a snapshot lasts, and how much of that is always left.
pub const SNAPSHOT_S: u64 = 30 * 86_400;
pub const SNAPSHOT_LEFT_S: u64 = 15 * 86_400;

/// The keys of the roles `snapshot` and `timestamp`. With both, nobody makes a release: they only say which is the newest.
pub struct OnlineKeys {
    snapshot: SecretKey,
    timestamp: SecretKey,
}

impl OnlineKeys {
    /// Makes both keys, for `init` and for a mesh that has none.
    pub fn create(paths: &Paths) -> Result<Self, SecretError> {
        Self::each(|role| fresh(&paths.online(role)))
    }

    pub fn load(paths: &Paths) -> Result<Self, SecretError> {
        Self::each(|role| Secret::load(&paths.online(role)))
    }

    /// Keys that wait until a root appoints them; those of an earlier attempt are void.
    pub fn prepare_next(paths: &Paths) -> Result<Self, SecretError> {
        Self::each(|role| {
            let path = paths.next_online(role);
            match fs::remove_file(&path) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    let act = "remove";
                    Err(SecretError::Io { act, path, source })
                }
                _ => fresh(&path),
            }
        })
    }

    /// The keys that a root appoints: those in place, or those that wait to take it.
    pub fn appointed(paths: &Paths, root: &Root) -> Result<Option<Self>, SecretError> {
        let exist = |path: fn(&Paths, &str) -> PathBuf| {
            ROLES.iter().all(|role| path(paths, role.word()).exists())
        };
        for path in [Paths::online, Paths::next_online] {
            if exist(path) {
                let keys = Self::each(|role| Secret::load(&path(paths, role)))?;
                if keys.are_appointed(root) {
                    return Ok(Some(keys));
                }
            }
        }
        Ok(None)
    }

    /// Puts keys that waited into their place, once the root that appoints them is published.
    pub fn promote(paths: &Paths, root: &Root) -> Result<(), SecretError> {
        if Self::load(paths).is_ok_and(|keys| keys.are_appointed(root)) {
            return Ok(());
        }
        for role in ROLES {
            let path = paths.next_online(role.word());
            if path.exists() {
                let act = "rename";
                fs::rename(&path, paths.online(role.word())).map_err(|source| SecretError::Io {
                    act,
                    path,
                    source,
                })?;
            }
        }
        Ok(())
    }

    fn each(make: impl Fn(&str) -> Result<Secret, SecretError>) -> Result<Self, SecretError> {
        let key = |role: RoleName| Ok(SecretKey::from_seed(make(role.word())?.bytes()));
        Ok(Self {
            snapshot: key(RoleName::Snapshot)?,
            timestamp: key(RoleName::Timestamp)?,
        })
    }

    /// Who a root has to appoint for these keys to count.
    pub fn signers(&self) -> [(RoleName, Signers); 2] {
        let alone = |key: &SecretKey| Signers {
            threshold: 1,
            keys: vec![*key.public().as_bytes()],
        };
        [
            (RoleName::Snapshot, alone(&self.snapshot)),
            (RoleName::Timestamp, alone(&self.timestamp)),
        ]
    }

    pub fn are_appointed(&self, root: &Root) -> bool {
        let signers = self.signers();
        signers
            .iter()
            .all(|(role, own)| Signers::of(root, *role) == *own)
    }

    pub fn sign_snapshot(&self, draft: &SnapshotDraft) -> Result<Vec<u8>, DraftError> {
        sign(&self.snapshot, &draft.unsigned()?)
    }

    pub fn sign_timestamp(
        &self,
        version: u64,
        snapshot: (u64, &[u8]),
        now_unix_s: u64,
    ) -> Result<Vec<u8>, DraftError> {
        self.sign_timestamp_until(version, snapshot, now_unix_s + TIMESTAMP_S)
    }

    pub fn sign_timestamp_until(
        &self,
        version: u64,
        snapshot: (u64, &[u8]),
        expires_unix_s: u64,
    ) -> Result<Vec<u8>, DraftError> {
        let draft = TimestampDraft {
            header: HeaderDraft {
                version,
                expires_unix_s,
            },
            snapshot: Listed::of(snapshot.0, snapshot.1),
        };
        sign(&self.timestamp, &draft.unsigned()?)
    }
}

impl std::fmt::Debug for OnlineKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OnlineKeys(hidden)")
    }
}

const ROLES: [RoleName; 2] = [RoleName::Snapshot, RoleName::Timestamp];

fn fresh(path: &std::path::Path) -> Result<Secret, SecretError> {
    let secret = Secret::random()?;
    secret.create(path)?;
    Ok(secret)
}

fn sign(key: &SecretKey, unsigned: &Unsigned) -> Result<Vec<u8>, DraftError> {
    let signature = key.sign(&unsigned.payload()).0;
    unsigned.assemble(&[(*key.public().as_bytes(), signature)])
}

//! Rotation of the admission key, the root and the offices: documents signed by the root, written down before they
//! come into force.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::charter::{Charter, Former};
use protocol::class::DeviceClass;
use protocol::key::{PublicKey, SecretKey, Signer};
use protocol::ledger::Entry;
use protocol::ruling::is_never_held;
use protocol::succession::{SuccessionError, Trust};
use protocol::time::Timestamp;
use thiserror::Error;
use tuf_core::draft::{DraftError, RootDraft};

use crate::ceremony::ROOT_YEARS;
use crate::holders::Holders;
use crate::offices::{self, LoadError, Paths};
use crate::offline;
use crate::secrets::{Secret, SecretError, write_private};

#[derive(Debug, Error)]
pub enum RotationError {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("the root cannot be written: {0}")]
    Draft(#[from] DraftError),
    #[error(transparent)]
    Succession(#[from] SuccessionError),
    #[error("no key in keys/ is the admission key that the charter names")]
    NoKey,
    #[error(
        "nothing is ever automated for devices of class {0}: people or plants depend on them, or the root exempts them"
    )]
    NeverAutomated(DeviceClass),
    #[error("cannot write {}", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// A root that is to follow, and what brings its keys back.
#[derive(Debug)]
pub struct NewRoot {
    pub documents: Vec<Entry>,
    pub seeds: Vec<Secret>,
}

/// A charter that names a fresh admission key; what the one before has signed is good until the overlap ends.
pub fn draft_admission(
    paths: &Paths,
    holders: &Holders,
    now: Timestamp,
    overlap: Duration,
) -> Result<Vec<Entry>, RotationError> {
    let trust = offices::trust(paths)?;
    let admission = next_admission(paths)?;
    let before = trust.charter();
    let mut former = vec![Former {
        admission: before.admission,
        until: now.saturating_add(overlap),
    }];
    former.extend(before.former.iter().cloned());
    let charter = Charter {
        version: before.version + 1,
        issued: now,
        admission: admission.public(),
        former,
        ..Charter::clone(before)
    };
    let entries = vec![charter_entry(&charter, holders)];
    checked(&trust, entries)
}

/// What another charter says of offices; whatever is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct NewOffices {
    pub gateways: Option<Vec<PublicKey>>,
    pub exempt: Option<Vec<DeviceClass>>,
    /// Classes whose devices a committee may hold by itself.
    pub automate: Option<Vec<DeviceClass>>,
}

/// A charter with other gateways, exempt classes, or classes for which quarantine is automated.
pub fn draft_offices(
    paths: &Paths,
    holders: &Holders,
    now: Timestamp,
    offices: NewOffices,
) -> Result<Vec<Entry>, RotationError> {
    let trust = offices::trust(paths)?;
    let before = trust.charter();
    let exempt = offices.exempt.unwrap_or_else(|| before.exempt.clone());
    let never = |class: &DeviceClass| is_never_held(*class) || exempt.contains(class);
    if let Some(class) = offices.automate.iter().flatten().find(|class| never(class)) {
        return Err(RotationError::NeverAutomated(*class));
    }
    let mut automate = offices.automate.unwrap_or_else(|| before.automate.clone());
    automate.retain(|class| !never(class));
    let charter = Charter {
        version: before.version + 1,
        issued: now,
        gateways: offices.gateways.unwrap_or_else(|| before.gateways.clone()),
        exempt,
        automate,
        ..Charter::clone(before)
    };
    checked(&trust, vec![charter_entry(&charter, holders)])
}

/// The root document that follows, signed by the keys of both, and a charter by the new keys: the
/// administrator's key follows from the root, so it is another one too.
pub fn draft_root(
    paths: &Paths,
    holders: &Holders,
    (count, threshold): (u32, u32),
    now: Timestamp,
) -> Result<NewRoot, RotationError> {
    let trust = offices::trust(paths)?;
    let root = trust.root().ok_or(SuccessionError::NoRoot)?;
    let fresh = (0..count).map(|_| Secret::random());
    let seeds = fresh.collect::<Result<Vec<_>, _>>()?;
    let new = Holders::unchecked(seeds.clone());
    let expires = now.as_millis() / 1000 + ROOT_YEARS * 365 * 86_400;
    let draft = RootDraft::new(root.version() + 1, expires, threshold, new.public());
    let payload = draft.payload()?;
    let signatures = [holders, &new].map(|side| side.sign(&payload)).concat();
    let detached: Vec<_> = signatures
        .iter()
        .map(|one| (*one.key.as_bytes(), one.signature.0))
        .collect();
    let document = draft.assemble(&detached)?;
    let before = trust.charter();
    let administrator = SecretKey::from_seed(offline::administrator(&seeds[0]).bytes());
    let charter = Charter {
        version: before.version + 1,
        issued: now,
        administrators: vec![administrator.public()],
        ..Charter::clone(before)
    };
    let entries = vec![Entry::Root(document.into()), charter_entry(&charter, &new)];
    Ok(NewRoot {
        documents: checked(&trust, entries)?,
        seeds,
    })
}

/// Writes the documents down; after that the key that the charter names is in its place at every start.
pub fn install(paths: &Paths, documents: &[Entry]) -> Result<(), RotationError> {
    let mut succession = offices::succession(paths)?;
    for document in documents {
        let entry = document.encode();
        if succession.entries().all(|known| known != entry) {
            succession.push(&entry);
        }
    }
    replace(&paths.succession(), &protocol::cbor::encode(&succession))?;
    let trust = offices::trust(paths)?;
    Ok(offices::promote_admission_key(paths, trust.charter())?)
}

/// The key in `keys/` that is wanted.
pub fn heir_key(
    paths: &Paths,
    wanted: impl Fn(&dyn Signer) -> bool,
) -> Result<SecretKey, RotationError> {
    for path in [paths.next_admission(), paths.admission()] {
        if path.exists() {
            let key = SecretKey::from_seed(Secret::load(&path)?.bytes());
            if wanted(&key) {
                return Ok(key);
            }
        }
    }
    Err(RotationError::NoKey)
}

/// A fresh key beside the one in force; one that an earlier attempt has left is not taken for it.
fn next_admission(paths: &Paths) -> Result<SecretKey, RotationError> {
    let path = paths.next_admission();
    if path.exists() {
        fs::remove_file(&path).map_err(|source| RotationError::Write {
            path: path.clone(),
            source,
        })?;
    }
    let secret = Secret::random()?;
    secret.create(&path)?;
    Ok(SecretKey::from_seed(secret.bytes()))
}

fn charter_entry(charter: &Charter, holders: &Holders) -> Entry {
    let signatures = holders.sign(&charter.message());
    Entry::Charter(charter.assemble(signatures).into())
}

/// What no member would take is not handed out.
fn checked(trust: &Trust, entries: Vec<Entry>) -> Result<Vec<Entry>, RotationError> {
    let mut trust = trust.clone();
    for entry in &entries {
        trust = trust.after(entry)?;
    }
    Ok(entries)
}

/// Half a file is never read as a whole one.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), RotationError> {
    let fresh = path.with_extension("new");
    let io = |source| RotationError::Write {
        path: path.to_owned(),
        source,
    };
    if fresh.exists() {
        fs::remove_file(&fresh).map_err(io)?;
    }
    write_private(&fresh, bytes)?;
    fs::rename(&fresh, path).map_err(io)?;
    let dir = path.parent().unwrap_or(path);
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(io)
}

//! Rotation of the admission key, the root and the offices: documents signed by the root, written down before they
//! come into force.

mod proposal;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::BASE64;
use protocol::cbor::{self, DecodeError};
use protocol::charter::{Charter, Former};
use protocol::class::DeviceClass;
use protocol::key::{PublicKey, SecretKey, Signer};
use protocol::ledger::Entry;
use protocol::limits;
use protocol::ruling::is_never_held;
use protocol::succession::{Succession, SuccessionError, Trust};
use protocol::time::Timestamp;
use thiserror::Error;
use tuf_core::draft::{DraftError, RootDraft, Signers};
use tuf_core::role::RoleName;
use tuf_core::root::Root;

use crate::ceremony::ROOT_YEARS;
use crate::holders::Holders;
use crate::offices::{self, LoadError, Paths};
use crate::offline;
use crate::secrets::{Secret, SecretError, write_private};

pub use proposal::{Proposal, ProposalError};

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
    #[error(
        "no key in keys/ is the admission key that the charter names: draft it again, since a later draft has made a key of its own"
    )]
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
    let next = with_fresh_admission_key(paths, trust.charter(), now, overlap)?;
    checked(&trust, vec![charter_entry(&next, holders)])
}

/// The same charter unsigned, as a file for whoever holds the root; its key waits in `keys/`.
pub fn propose_admission(
    paths: &Paths,
    now: Timestamp,
    overlap: Duration,
) -> Result<Proposed, RotationError> {
    let trust = offices::trust(paths)?;
    let next = with_fresh_admission_key(paths, trust.charter(), now, overlap)?;
    Ok(Proposed {
        file: proposal::write(paths, &next)?,
        charter: next.version,
    })
}

/// A charter that waits for the root's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// What [`Proposal::read`] takes.
    pub file: String,
    /// Its version.
    pub charter: u32,
}

fn with_fresh_admission_key(
    paths: &Paths,
    before: &Charter,
    now: Timestamp,
    overlap: Duration,
) -> Result<Charter, RotationError> {
    let admission = next_admission(paths)?;
    let mut former = vec![Former {
        admission: before.admission,
        until: now.saturating_add(overlap),
    }];
    former.extend(before.former.iter().cloned());
    Ok(Charter {
        version: before.version + 1,
        issued: now,
        admission: admission.public(),
        former,
        ..Charter::clone(before)
    })
}

/// Signed documents as one line that people can carry.
pub fn to_text(documents: &[Entry]) -> String {
    BASE64.encode(&cbor::encode(&Succession::of(documents)))
}

/// What [`to_text`] has written, however its line was broken on the way.
pub fn from_text(text: &str) -> Result<Vec<Entry>, TextError> {
    let text: String = text.split_whitespace().collect();
    let bytes = BASE64.decode(text.as_bytes())?;
    let succession: Succession = cbor::decode("succession", limits::FRAME_BYTES, &bytes)?;
    let entries = succession.entries().map(Entry::decode);
    Ok(entries.collect::<Result<_, _>>()?)
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TextError {
    #[error("the documents are not whole: copy all of the line that root sign has printed")]
    Base64(#[from] data_encoding::DecodeError),
    #[error("the line holds no documents of a root: {0}")]
    Decode(#[from] DecodeError),
}

/// What another charter changes, in words.
pub fn changes(before: &Charter, after: &Charter) -> Vec<&'static str> {
    let parts = [
        ("another admission key", before.admission != after.admission),
        (
            "other administrators",
            before.administrators != after.administrators,
        ),
        ("other gateways", before.gateways != after.gateways),
        ("other exempt classes", before.exempt != after.exempt),
        ("other automated classes", before.automate != after.automate),
    ];
    let changed = parts.into_iter().filter(|(_, changed)| *changed);
    changed.map(|(words, _)| words).collect()
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
    trust: &Trust,
    holders: &Holders,
    (count, threshold): (u32, u32),
    now: Timestamp,
) -> Result<NewRoot, RotationError> {
    let root = trust.root().ok_or(SuccessionError::NoRoot)?;
    let fresh = (0..count).map(|_| Secret::random());
    let seeds = fresh.collect::<Result<Vec<_>, _>>()?;
    let new = Holders::unchecked(seeds.clone());
    let expires = now.as_millis() / 1000 + ROOT_YEARS * 365 * 86_400;
    let before = trust.charter();
    let administrator = SecretKey::from_seed(offline::administrator(&seeds[0]).bytes());
    let mut draft = RootDraft::new(root.version() + 1, expires, threshold, new.public());
    draft.others = repository_signers(root, before, &administrator);
    let payload = draft.payload()?;
    let signatures = [holders, &new].map(|side| side.sign(&payload)).concat();
    let detached: Vec<_> = signatures
        .iter()
        .map(|one| (*one.key.as_bytes(), one.signature.0))
        .collect();
    let document = draft.assemble(&detached)?;
    let charter = Charter {
        version: before.version + 1,
        issued: now,
        administrators: vec![administrator.public()],
        ..Charter::clone(before)
    };
    let entries = vec![Entry::Root(document.into()), charter_entry(&charter, &new)];
    Ok(NewRoot {
        documents: checked(trust, entries)?,
        seeds,
    })
}

/// Who signs the repository under the next root: the same keys, but for an administrator's that follows from the root.
fn repository_signers(
    root: &Root,
    charter: &Charter,
    administrator: &SecretKey,
) -> BTreeMap<RoleName, Signers> {
    let own = Signers::of(root, RoleName::Root);
    let roles = [RoleName::Targets, RoleName::Snapshot, RoleName::Timestamp];
    let appointed = roles.map(|role| (role, Signers::of(root, role)));
    let mut others: BTreeMap<_, _> = appointed
        .into_iter()
        .filter(|(_, signers)| *signers != own)
        .collect();
    if let Some(targets) = others.get_mut(&RoleName::Targets) {
        let former = charter.administrators.iter().map(PublicKey::as_bytes);
        if targets.keys.iter().eq(former) {
            targets.keys = vec![*administrator.public().as_bytes()];
        }
    }
    others
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
    replace(&paths.succession(), &cbor::encode(&succession))?;
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

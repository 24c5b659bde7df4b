//! One refresh of the top-level metadata, as a machine: it says what it needs next and is fed what there is.
//!
//! The same code runs over HTTP, among neighbours, in virtual time and under a fuzzer.

use thiserror::Error;

use crate::floors::Floors;
use crate::limits;
use crate::load::Load;
use crate::name;
use crate::role::RoleName;
use crate::root::RootError;
use crate::schemes::Schemes;
use crate::search::SearchError;
use crate::trusted::{Outcome, TrustError, Trusted};

/// What is needed next; the answers are fed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// The file of this role as it was saved last.
    Stored(String),
    Fetch(Fetch),
}

/// A file that a repository or a neighbour may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    pub role: String,
    /// `None` where the repository keeps only the newest.
    pub version: Option<u64>,
    pub max_bytes: usize,
}

/// What to save, in this order, before anything else is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Save {
    /// In one atomic replacement, apart from the metadata.
    Floors(Vec<u8>),
    /// Exactly as it came.
    Metadata { role: String, bytes: Vec<u8> },
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UpdateError {
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error("nobody has {0}")]
    Missing(String),
    #[error("root version {known} is the newest that anybody serves, but version {heard} exists")]
    RootWithheld { known: u64, heard: u64 },
    #[error(
        "more than {} roots follow one another: update again",
        limits::ROOTS_PER_UPDATE
    )]
    TooManyRoots,
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error("nothing was asked for")]
    Unasked,
}

impl Fetch {
    /// The name under which repositories serve the file.
    pub fn file_name(&self) -> String {
        let name = name::file_name(&self.role);
        match self.version {
            Some(version) => format!("{version}.{name}"),
            None => name,
        }
    }
}

#[derive(Debug)]
pub struct Update {
    trusted: Trusted,
    now_unix_s: u64,
    stage: Stage,
    /// The newest root that somebody trustworthy has spoken of.
    heard_root: u64,
    roots_followed: u32,
    stored_timestamp: Option<Vec<u8>>,
    stored_snapshot: Option<Vec<u8>>,
    saved: Floors,
}

#[derive(Debug)]
enum Stage {
    StoredTimestamp,
    StoredSnapshot,
    Root,
    Timestamp,
    Snapshot,
    Targets(Load),
    Done,
}

impl Update {
    /// `now_unix_s` holds for the whole update, so that nothing expires halfway.
    pub fn begin(
        root: &[u8],
        floors: Floors,
        now_unix_s: u64,
        schemes: &'static dyn Schemes,
    ) -> Result<Self, RootError> {
        Ok(Self {
            saved: floors.clone(),
            trusted: Trusted::open(root, floors, schemes)?,
            now_unix_s,
            stage: Stage::StoredTimestamp,
            heard_root: 0,
            roots_followed: 0,
            stored_timestamp: None,
            stored_snapshot: None,
        })
    }

    /// There is a root of this version: that nobody serves it does not end the chain before it.
    pub fn hear_of_root(&mut self, version: u64) {
        self.heard_root = self.heard_root.max(version);
    }

    pub const fn trusted(&self) -> &Trusted {
        &self.trusted
    }

    /// `None` once all top-level metadata is up to date.
    pub fn need(&self) -> Option<Need> {
        Some(match &self.stage {
            Stage::StoredTimestamp => Need::Stored(RoleName::Timestamp.word().to_owned()),
            Stage::StoredSnapshot => Need::Stored(RoleName::Snapshot.word().to_owned()),
            Stage::Root => {
                let version = self.trusted.root().version().checked_add(1)?;
                top_level(RoleName::Root, Some(version), limits::ROOT_BYTES)
            }
            Stage::Timestamp => top_level(RoleName::Timestamp, None, limits::TIMESTAMP_BYTES),
            Stage::Snapshot => {
                let promise = self.trusted.snapshot_promise().ok()?;
                let consistent = self.trusted.root().consistent_snapshot();
                let version = consistent.then_some(promise.version);
                let max_bytes = promise.max_bytes(limits::SNAPSHOT_BYTES);
                top_level(RoleName::Snapshot, version, max_bytes)
            }
            Stage::Targets(load) => load.need(),
            Stage::Done => return None,
        })
    }

    /// Takes what was found: nothing where nobody has it, several where several were asked. What is refused
    /// changes nothing, so another may be asked.
    pub fn feed(&mut self, answers: &[&[u8]]) -> Result<Vec<Save>, UpdateError> {
        let answers = &answers[..answers.len().min(limits::ANSWERS)];
        let metadata = match &mut self.stage {
            Stage::StoredTimestamp => {
                self.stored_timestamp = answers.first().map(|bytes| bytes.to_vec());
                self.stage = Stage::StoredSnapshot;
                None
            }
            Stage::StoredSnapshot => {
                self.stored_snapshot = answers.first().map(|bytes| bytes.to_vec());
                self.take_stock();
                self.stage = Stage::Root;
                None
            }
            Stage::Root => self.feed_root(answers)?,
            Stage::Timestamp => self.feed_timestamp(answers)?,
            Stage::Snapshot => self.feed_snapshot(answers)?,
            Stage::Targets(load) => {
                let loaded = load.feed(&mut self.trusted, answers, self.now_unix_s)?;
                if load.is_done() {
                    self.stage = Stage::Done;
                }
                loaded
            }
            Stage::Done => return Err(UpdateError::Unasked),
        };
        Ok(self.saves(metadata))
    }

    /// What is believed now, once nothing more is needed.
    pub fn finish(self) -> Option<Trusted> {
        matches!(self.stage, Stage::Done).then_some(self.trusted)
    }

    /// The floors stand before the file that raised them: a power cut in between loses a file, never a floor.
    fn saves(&mut self, metadata: Option<Save>) -> Vec<Save> {
        let mut saves = Vec::new();
        if *self.trusted.floors() != self.saved {
            self.saved = self.trusted.floors().clone();
            saves.push(Save::Floors(self.saved.to_bytes()));
        }
        saves.extend(metadata);
        saves
    }

    fn take_stock(&mut self) {
        if self.trusted.floors().are_blank() {
            self.trusted.learn_floors(
                self.stored_timestamp.as_deref(),
                self.stored_snapshot.as_deref(),
            );
        }
    }

    fn feed_root(&mut self, answers: &[&[u8]]) -> Result<Option<Save>, UpdateError> {
        if answers.is_empty() {
            return self.end_roots().map(|()| None);
        }
        if self.roots_followed == limits::ROOTS_PER_UPDATE {
            return Err(UpdateError::TooManyRoots);
        }
        let bytes = first_good(answers, |bytes| self.trusted.update_root(bytes))?;
        self.roots_followed += 1;
        Ok(Some(save(RoleName::Root, bytes)))
    }

    fn end_roots(&mut self) -> Result<(), UpdateError> {
        let known = self.trusted.root().version();
        let heard = self.heard_root.max(self.trusted.floors().root);
        if known < heard {
            return Err(UpdateError::RootWithheld { known, heard });
        }
        if let Some(bytes) = self.stored_timestamp.take() {
            // One that does not verify any more is as good as none: the floors do not depend on it.
            let _ = self.trusted.recall_timestamp(&bytes);
        }
        self.stage = Stage::Timestamp;
        Ok(())
    }

    fn feed_timestamp(&mut self, answers: &[&[u8]]) -> Result<Option<Save>, UpdateError> {
        let newest = self.newest(answers);
        let bytes = newest.or(answers.first().copied());
        let bytes = bytes.ok_or_else(|| missing(RoleName::Timestamp))?;
        let outcome = self.trusted.update_timestamp(bytes, self.now_unix_s)?;
        self.stage = Stage::Snapshot;
        if let Some(stored) = self.stored_snapshot.take()
            && self
                .trusted
                .update_snapshot(&stored, self.now_unix_s)
                .is_ok()
        {
            self.stage = Stage::Targets(Load::top_level());
        }
        Ok((outcome == Outcome::Replaced).then(|| save(RoleName::Timestamp, bytes)))
    }

    /// One neighbour that knows more is enough against any number that hold something back.
    fn newest<'a>(&self, answers: &[&'a [u8]]) -> Option<&'a [u8]> {
        let versions = answers.iter().filter_map(|bytes| {
            let version = self.trusted.timestamp_version(bytes).ok()?;
            Some((version, *bytes))
        });
        versions
            .max_by_key(|(version, _)| *version)
            .map(|(_, bytes)| bytes)
    }

    fn feed_snapshot(&mut self, answers: &[&[u8]]) -> Result<Option<Save>, UpdateError> {
        if answers.is_empty() {
            return Err(missing(RoleName::Snapshot));
        }
        let now_unix_s = self.now_unix_s;
        let bytes = first_good(answers, |bytes| {
            self.trusted.update_snapshot(bytes, now_unix_s)
        })?;
        self.stage = Stage::Targets(Load::top_level());
        Ok(Some(save(RoleName::Snapshot, bytes)))
    }
}

/// The first answer that is taken, or why the last one was not.
pub(crate) fn first_good<'a>(
    answers: &[&'a [u8]],
    mut take: impl FnMut(&[u8]) -> Result<(), TrustError>,
) -> Result<&'a [u8], UpdateError> {
    let mut refused = UpdateError::Unasked;
    for bytes in answers {
        match take(bytes) {
            Ok(()) => return Ok(bytes),
            Err(error) => refused = error.into(),
        }
    }
    Err(refused)
}

fn top_level(role: RoleName, version: Option<u64>, max_bytes: usize) -> Need {
    Need::Fetch(Fetch {
        role: role.word().to_owned(),
        version,
        max_bytes,
    })
}

fn save(role: RoleName, bytes: &[u8]) -> Save {
    Save::Metadata {
        role: role.word().to_owned(),
        bytes: bytes.to_vec(),
    }
}

fn missing(role: RoleName) -> UpdateError {
    UpdateError::Missing(role.word().to_owned())
}

//! The metadata that is believed, and the rules by which more is: each document by the one above it.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::document::ReadError;
use crate::envelope::{Envelope, EnvelopeError};
use crate::file::{FileError, Promise};
use crate::floors::Floors;
use crate::limits;
use crate::role::{RoleName, ThresholdError};
use crate::root::{Root, RootError};
use crate::schemes::Schemes;
use crate::snapshot::Snapshot;
use crate::targets::Targets;
use crate::timestamp::Timestamp;

#[derive(Debug)]
pub struct Trusted {
    root: Root,
    timestamp: Option<Timestamp>,
    snapshot: Option<Snapshot>,
    roles: BTreeMap<String, Loaded>,
    floors: Floors,
    schemes: &'static dyn Schemes,
}

/// A targets role, and the roles by whose keys it was checked.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) targets: Targets,
    bytes: Vec<u8>,
    vouchers: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TrustError {
    #[error(transparent)]
    Root(#[from] RootError),
    #[error("{role}: {source}")]
    Read { role: String, source: ReadError },
    #[error("{role}: {source}")]
    Signers {
        role: String,
        source: ThresholdError,
    },
    #[error("{role} has expired")]
    Expired { role: String },
    #[error("{role}: version {found} is older than version {floor}, which was seen before")]
    Rollback {
        role: String,
        found: u64,
        floor: u64,
    },
    #[error("{role} is no longer part of the snapshot")]
    Removed { role: String },
    #[error("{role}: {source}")]
    File { role: String, source: FileError },
    #[error("{role}: version {promised} was promised, not {found}")]
    OtherVersion {
        role: String,
        promised: u64,
        found: u64,
    },
    #[error("{role} is not part of the snapshot")]
    NotPromised { role: String },
    #[error("{by} does not delegate to {role}")]
    NotDelegated { role: String, by: String },
    #[error("{0} has to be known first")]
    TooEarly(&'static str),
}

/// Whether a new document took the place of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Replaced,
    /// It has the version of the one before, which stays.
    Kept,
}

impl Trusted {
    /// Begins with a root that vouches for itself; it may have expired.
    pub fn open(
        root: &[u8],
        floors: Floors,
        schemes: &'static dyn Schemes,
    ) -> Result<Self, RootError> {
        Ok(Self {
            root: Root::open_with(root, schemes)?,
            timestamp: None,
            snapshot: None,
            roles: BTreeMap::new(),
            floors,
            schemes,
        })
    }

    pub const fn root(&self) -> &Root {
        &self.root
    }

    pub const fn floors(&self) -> &Floors {
        &self.floors
    }

    /// When the timestamp ends: from then on nothing says that this is the newest.
    pub fn fresh_until_unix_s(&self) -> Option<u64> {
        let timestamp = self.timestamp.as_ref()?;
        Some(timestamp.header.expires_unix_s)
    }

    /// Takes the next root. Where it withdraws a key, versions that this key may have made up are forgotten.
    pub fn update_root(&mut self, bytes: &[u8]) -> Result<(), TrustError> {
        let next = self.root.successor_with(bytes, self.schemes)?;
        if self.root.withdraws(RoleName::Timestamp, &next) {
            self.floors.forget_timestamp();
        }
        if self.root.withdraws(RoleName::Snapshot, &next) {
            self.floors.forget_snapshot();
        }
        self.floors.raise_root(next.version());
        self.root = next;
        self.timestamp = None;
        self.snapshot = None;
        self.roles.clear();
        Ok(())
    }

    /// Learns the floors from files of a time before there were floors; what does not verify teaches nothing.
    pub(crate) fn learn_floors(&mut self, timestamp: Option<&[u8]>, snapshot: Option<&[u8]>) {
        self.floors.raise_root(self.root.version());
        if let Some(Ok(timestamp)) = timestamp.map(|bytes| self.read_timestamp(bytes)) {
            self.floors
                .raise_timestamp(timestamp.header.version, timestamp.snapshot.version);
        }
        if let Some(Ok(snapshot)) = snapshot.map(|bytes| self.read_snapshot(bytes)) {
            self.raise_snapshot(&snapshot);
        }
    }

    /// Takes up the timestamp of an earlier update. It may have expired: a newer one is still to come.
    pub(crate) fn recall_timestamp(&mut self, bytes: &[u8]) -> Result<(), TrustError> {
        let timestamp = self.read_timestamp(bytes)?;
        self.check_timestamp_floors(&timestamp)?;
        self.timestamp = Some(timestamp);
        Ok(())
    }

    pub fn update_timestamp(
        &mut self,
        bytes: &[u8],
        now_unix_s: u64,
    ) -> Result<Outcome, TrustError> {
        let now_unix_s = self.floors.at_least(now_unix_s);
        if self.root.expired(now_unix_s) {
            return Err(expired(RoleName::Root.word()));
        }
        let new = self.read_timestamp(bytes)?;
        self.check_timestamp_floors(&new)?;
        let kept = self.timestamp.as_ref();
        let kept = kept.filter(|kept| kept.header.version == new.header.version);
        if kept.unwrap_or(&new).header.expired(now_unix_s) {
            return Err(expired(RoleName::Timestamp.word()));
        }
        self.floors.raise_seen(now_unix_s);
        if kept.is_some() {
            return Ok(Outcome::Kept);
        }
        self.floors
            .raise_timestamp(new.header.version, new.snapshot.version);
        self.timestamp = Some(new);
        self.snapshot = None;
        self.roles.clear();
        Ok(Outcome::Replaced)
    }

    /// The version of a timestamp that may be taken.
    pub fn timestamp_version(&self, bytes: &[u8]) -> Result<u64, TrustError> {
        let timestamp = self.read_timestamp(bytes)?;
        self.check_timestamp_floors(&timestamp)?;
        Ok(timestamp.header.version)
    }

    /// When a timestamp ends that may be taken otherwise.
    pub fn timestamp_until(&self, bytes: &[u8]) -> Result<u64, TrustError> {
        let timestamp = self.read_timestamp(bytes)?;
        self.check_timestamp_floors(&timestamp)?;
        Ok(timestamp.header.expires_unix_s)
    }

    pub fn update_snapshot(&mut self, bytes: &[u8], now_unix_s: u64) -> Result<(), TrustError> {
        let word = RoleName::Snapshot.word();
        let promise = self.snapshot_promise()?;
        check_file(word, &promise, bytes)?;
        let new = self.read_snapshot(bytes)?;
        check_version(word, &promise, new.header.version)?;
        self.check_snapshot_floors(&new)?;
        if new.header.expired(self.floors.at_least(now_unix_s)) {
            return Err(expired(word));
        }
        self.raise_snapshot(&new);
        self.snapshot = Some(new);
        self.roles.clear();
        Ok(())
    }

    /// Takes the metadata of the targets role `role` by the word of `delegator`, which is the root for `targets`.
    pub fn update_targets(
        &mut self,
        role: &str,
        delegator: &str,
        bytes: &[u8],
        now_unix_s: u64,
    ) -> Result<(), TrustError> {
        let promise = self.role_promise(role)?;
        check_file(role, &promise, bytes)?;
        let targets = self.read_targets(role, delegator, bytes)?;
        check_version(role, &promise, targets.header.version)?;
        if targets.header.expired(self.floors.at_least(now_unix_s)) {
            return Err(expired(role));
        }
        let mut vouchers = BTreeSet::from([delegator.to_owned()]);
        if let Some(before) = self
            .roles
            .remove(role)
            .filter(|before| before.bytes == bytes)
        {
            vouchers.extend(before.vouchers);
        }
        let loaded = Loaded {
            targets,
            bytes: bytes.to_vec(),
            vouchers,
        };
        self.roles.insert(role.to_owned(), loaded);
        Ok(())
    }

    /// The version of a targets role that was taken, if it was.
    pub fn targets_version(&self, role: &str) -> Option<u64> {
        self.roles
            .get(role)
            .map(|loaded| loaded.targets.header.version)
    }

    /// Paths that a role in force lists and that begin so; whether it may speak for them a search says.
    pub fn listed(&self, role: &str, beginning: &str) -> impl Iterator<Item = &str> {
        let loaded = self.roles.get(role).into_iter();
        let listed = loaded.flat_map(move |loaded| {
            let from = loaded.targets.targets.range(beginning.to_owned()..);
            from.take_while(move |(path, _)| path.starts_with(beginning))
        });
        listed.map(|(path, _)| path.as_str())
    }

    /// A role that was checked by the keys that `delegator` names for it.
    pub(crate) fn vouched(&self, role: &str, delegator: &str) -> Option<&Targets> {
        let loaded = self.roles.get(role)?;
        let vouched = loaded.vouchers.contains(delegator);
        vouched.then_some(&loaded.targets)
    }

    pub(crate) fn snapshot_promise(&self) -> Result<Promise, TrustError> {
        let timestamp = self.timestamp.as_ref();
        let timestamp = timestamp.ok_or(TrustError::TooEarly("the timestamp"))?;
        Ok(timestamp.snapshot)
    }

    pub(crate) fn role_promise(&self, role: &str) -> Result<Promise, TrustError> {
        let snapshot = self.snapshot.as_ref();
        let snapshot = snapshot.ok_or(TrustError::TooEarly("the snapshot"))?;
        let promise = snapshot.roles.get(role).copied();
        promise.ok_or_else(|| TrustError::NotPromised {
            role: role.to_owned(),
        })
    }

    fn read_timestamp(&self, bytes: &[u8]) -> Result<Timestamp, TrustError> {
        let envelope = self.open_top(RoleName::Timestamp, bytes, limits::TIMESTAMP_BYTES)?;
        Timestamp::read(&envelope).map_err(unreadable(RoleName::Timestamp.word()))
    }

    fn read_snapshot(&self, bytes: &[u8]) -> Result<Snapshot, TrustError> {
        let envelope = self.open_top(RoleName::Snapshot, bytes, limits::SNAPSHOT_BYTES)?;
        Snapshot::read(&envelope).map_err(unreadable(RoleName::Snapshot.word()))
    }

    fn open_top(&self, role: RoleName, bytes: &[u8], bound: usize) -> Result<Envelope, TrustError> {
        let envelope = parse(role.word(), bytes, bound)?;
        let signers = self.root.verify(role, &envelope, self.schemes);
        signers.map_err(unsigned(role.word()))?;
        Ok(envelope)
    }

    fn read_targets(
        &self,
        role: &str,
        delegator: &str,
        bytes: &[u8],
    ) -> Result<Targets, TrustError> {
        let envelope = if (role, delegator) == (RoleName::Targets.word(), RoleName::Root.word()) {
            self.open_top(RoleName::Targets, bytes, limits::TARGETS_BYTES)?
        } else {
            let envelope = parse(role, bytes, limits::TARGETS_BYTES)?;
            self.verify_delegate(role, delegator, &envelope)?;
            envelope
        };
        Targets::read(&envelope).map_err(unreadable(role))
    }

    fn verify_delegate(
        &self,
        role: &str,
        delegator: &str,
        envelope: &Envelope,
    ) -> Result<(), TrustError> {
        let loaded = self.roles.get(delegator);
        let delegations = loaded.and_then(|loaded| loaded.targets.delegations.as_ref());
        let appointed = delegations
            .and_then(|delegations| delegations.role(role).map(|found| (delegations, found)));
        let Some((delegations, appointed)) = appointed else {
            return Err(TrustError::NotDelegated {
                role: role.to_owned(),
                by: delegator.to_owned(),
            });
        };
        appointed
            .verify(&delegations.keys, envelope, self.schemes)
            .map_err(unsigned(role))
    }

    fn check_timestamp_floors(&self, new: &Timestamp) -> Result<(), TrustError> {
        let promised = self.floors.promised.max(self.floors.snapshot);
        at_or_above(
            RoleName::Timestamp.word(),
            new.header.version,
            self.floors.timestamp,
        )?;
        at_or_above(RoleName::Snapshot.word(), new.snapshot.version, promised)
    }

    /// No role may go back, and none may disappear, which would be the way to go back later.
    fn check_snapshot_floors(&self, new: &Snapshot) -> Result<(), TrustError> {
        for (role, &floor) in &self.floors.roles {
            let Some(promise) = new.roles.get(role) else {
                return Err(TrustError::Removed { role: role.clone() });
            };
            at_or_above(role, promise.version, floor)?;
        }
        Ok(())
    }

    fn raise_snapshot(&mut self, new: &Snapshot) {
        let roles = new.roles.iter();
        let roles = roles.map(|(role, promise)| (role.clone(), promise.version));
        self.floors.raise_snapshot(new.header.version, roles);
    }
}

fn parse(role: &str, bytes: &[u8], bound: usize) -> Result<Envelope, TrustError> {
    Envelope::parse(bytes, bound)
        .map_err(|source: EnvelopeError| unreadable(role)(ReadError::from(source)))
}

fn unreadable(role: &str) -> impl FnOnce(ReadError) -> TrustError {
    move |source| TrustError::Read {
        role: role.to_owned(),
        source,
    }
}

fn unsigned(role: &str) -> impl FnOnce(ThresholdError) -> TrustError {
    move |source| TrustError::Signers {
        role: role.to_owned(),
        source,
    }
}

fn expired(role: &str) -> TrustError {
    TrustError::Expired {
        role: role.to_owned(),
    }
}

fn at_or_above(role: &str, found: u64, floor: u64) -> Result<(), TrustError> {
    if found >= floor {
        return Ok(());
    }
    Err(TrustError::Rollback {
        role: role.to_owned(),
        found,
        floor,
    })
}

fn check_file(role: &str, promise: &Promise, bytes: &[u8]) -> Result<(), TrustError> {
    promise.check(bytes).map_err(|source| TrustError::File {
        role: role.to_owned(),
        source,
    })
}

fn check_version(role: &str, promise: &Promise, found: u64) -> Result<(), TrustError> {
    if promise.version == found {
        return Ok(());
    }
    Err(TrustError::OtherVersion {
        role: role.to_owned(),
        promised: promise.version,
        found,
    })
}

//! Devices without a node that ask for firmware over hawkBit's device interface, and what was assigned to each.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use protocol::release::Counter;
use protocol::text::{Line, Name, Path};
use protocol::time::Timestamp;

use super::fault::{ChangeError, ReadError};
use super::rows::{Rows, Table, decode};
use super::secret_hash::SecretHash;
use super::{Changes, Reader};

pub(super) static TARGETS: Table = Table::new("ddi");

/// Devices of this kind that may be registered at once.
pub const TARGETS_AT_MOST: u64 = 4_096;

/// Words of a device about itself.
pub type Words = Line<256>;

/// One device, as an operator has registered it and as it has spoken since.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Target {
    #[n(0)]
    pub product: Name,
    #[n(1)]
    pub model: Name,
    #[n(2)]
    pub token: SecretHash,
    #[n(3)]
    pub created: Timestamp,
    /// When it asked last, to ten minutes.
    #[n(4)]
    pub asked: Option<Timestamp>,
    /// What it calls itself; none until it has said so.
    #[n(5)]
    pub attributes: Option<BTreeMap<Name, Words>>,
    /// Highest counter of what it says it has installed.
    #[n(6)]
    pub floor: Option<Counter>,
    #[n(7)]
    pub action: Option<Action>,
}

/// One release that a device is to install.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Action {
    /// Counts up for each device.
    #[n(0)]
    pub number: u32,
    #[n(1)]
    pub version: Name,
    #[n(2)]
    pub counter: Counter,
    #[n(3)]
    pub artifact: Artifact,
    #[n(4)]
    pub state: State,
    #[n(5)]
    pub since: Timestamp,
    /// What the device said last.
    #[n(6)]
    pub said: Option<Words>,
}

/// The file of a release, with the hashes by which such devices check what they load.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Artifact {
    /// Its path in the repository.
    #[n(0)]
    pub path: Path,
    /// Under which devices ask for it.
    #[n(5)]
    pub file: Path,
    #[n(1)]
    pub length: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub sha256: [u8; 32],
    #[cbor(n(3), with = "minicbor::bytes")]
    pub sha1: [u8; 20],
    #[cbor(n(4), with = "minicbor::bytes")]
    pub md5: [u8; 16],
}

/// How far a device is with its action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum State {
    /// It has not asked since.
    #[n(0)]
    Assigned,
    /// It was told what to load.
    #[n(1)]
    Offered,
    /// It says that it is at it.
    #[n(2)]
    Running,
    #[n(3)]
    Installed,
    #[n(4)]
    Failed,
    /// Taken back, and the device has not said that it has heard so.
    #[n(5)]
    Cancelling,
    #[n(6)]
    Cancelled,
}

impl Target {
    /// What it is to install, in words.
    pub fn words(&self) -> String {
        let version = self.action.as_ref().map(|action| action.version.as_str());
        format!("{} {}", self.product, version.unwrap_or("none"))
    }
}

impl State {
    /// Whether the device may still do something about it.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Assigned | Self::Offered | Self::Running | Self::Cancelling => true,
            Self::Installed | Self::Failed | Self::Cancelled => false,
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Offered => "offered",
            Self::Running => "running",
            Self::Installed => "installed",
            Self::Failed => "failed",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Reader {
    pub fn ddi_target(&self, name: &Name) -> Result<Option<Target>, ReadError> {
        let key = name.as_str().as_bytes();
        let read = self.engine.read(|txn| TARGETS.readable(txn)?.decoded(key));
        Ok(read?)
    }

    /// All of them, by name.
    pub fn ddi_targets(&self) -> Result<Vec<(Name, Target)>, ReadError> {
        let all = self.engine.read(|txn| {
            let rows = TARGETS.readable(txn)?;
            Rows::all(&rows, |key, row| {
                let name = std::str::from_utf8(key).ok()?;
                Some((Name::new(name).ok()?, decode(row)?))
            })
        });
        Ok(all?)
    }
}

impl Changes<'_> {
    pub fn add_ddi_target(&mut self, name: &Name, target: &Target) -> Result<(), ChangeError> {
        let mut rows = TARGETS.writable(self.txn)?;
        let key = name.as_str().as_bytes();
        if rows.contains(key)? {
            return Err(ChangeError::Exists("a DDI device of this name"));
        }
        if rows.len()? >= TARGETS_AT_MOST {
            return Err(ChangeError::TooMany("DDI devices"));
        }
        Ok(rows.put_encoded(key, target)?)
    }

    /// Changes what is kept of one, from what is there at that moment; hands out what `change` says of it.
    pub fn change_ddi_target<T>(
        &mut self,
        name: &Name,
        change: impl FnOnce(&mut Target) -> T,
    ) -> Result<T, ChangeError> {
        let mut rows = TARGETS.writable(self.txn)?;
        let key = name.as_str().as_bytes();
        let target: Option<Target> = rows.decoded(key)?;
        let mut target = target.ok_or(ChangeError::Missing("DDI device"))?;
        let said = change(&mut target);
        rows.put_encoded(key, &target)?;
        Ok(said)
    }

    pub fn remove_ddi_target(&mut self, name: &Name) -> Result<(), ChangeError> {
        let removed = TARGETS
            .writable(self.txn)?
            .remove(name.as_str().as_bytes())?;
        removed
            .then_some(())
            .ok_or(ChangeError::Missing("DDI device"))
    }
}

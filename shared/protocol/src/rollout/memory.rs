//! What a rollout writes down: its course as one value, and each device as another.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::{Entry, Plan, RolloutId};
use crate::cbor::{self, DecodeError};
use crate::id::DeviceId;
use crate::limits;
use crate::text::Name;
use crate::time::Timestamp;

/// Everything that outlives a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    pub course: Course,
    pub entries: BTreeMap<DeviceId, Entry>,
}

/// How far a rollout is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Course {
    #[n(0)]
    pub id: RolloutId,
    #[n(1)]
    pub plan: Plan,
    /// Draws the rings and the nonces.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(super) seed: [u8; 32],
    #[n(3)]
    pub made: Timestamp,
    #[n(4)]
    pub stage: Stage,
    /// Who agreed.
    #[n(5)]
    pub approved: Option<Name>,
    /// The ring that is open, counted from 0.
    #[n(6)]
    pub ring: u8,
    #[n(7)]
    pub(super) stretches: Vec<Stretch>,
}

/// How one ring goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub(super) struct Stretch {
    /// When its last device had ended.
    #[n(0)]
    pub(super) settled: Option<Timestamp>,
    /// Failures that a person pardoned.
    #[n(1)]
    pub(super) pardoned: u32,
    #[n(2)]
    pub(super) passage: Passage,
}

/// What lets the next ring begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(index_only)]
pub(super) enum Passage {
    /// Enough of this one have committed.
    #[default]
    #[n(0)]
    Earned,
    /// A person who knows that they have not.
    #[n(1)]
    Given,
}

/// Where a rollout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Stage {
    #[n(0)]
    Planned,
    #[n(1)]
    Running,
    #[n(2)]
    Paused,
    /// It stopped by itself.
    #[n(3)]
    Halted(#[n(0)] Cause),
    #[n(4)]
    Aborted,
    /// Whoever had not committed was told to go back.
    #[n(5)]
    RolledBack,
    #[n(6)]
    Finished,
}

/// Why a rollout stopped by itself, in which ring, counted from 0; the entries say which devices and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Cause {
    /// As many have failed as are too many.
    #[n(0)]
    Errors(#[n(0)] u8),
    /// All have ended, and too few have committed.
    #[n(1)]
    TooFew(#[n(0)] u8),
}

impl Course {
    pub(super) fn new(id: RolloutId, plan: Plan, seed: [u8; 32], made: Timestamp) -> Self {
        Self {
            id,
            stretches: vec![Stretch::default(); plan.rings.len()],
            plan,
            seed,
            made,
            stage: Stage::Planned,
            approved: None,
            ring: 0,
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("course of a rollout", limits::ROLLOUT_BYTES, bytes)
    }

    /// When the last device of a ring had ended.
    pub fn settled(&self, ring: usize) -> Option<Timestamp> {
        self.stretches.get(ring).and_then(|ring| ring.settled)
    }
}

impl Stage {
    /// The stable word used in logs and interfaces.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Halted(_) => "halted",
            Self::Aborted => "aborted",
            Self::RolledBack => "rolled_back",
            Self::Finished => "finished",
        }
    }

    /// Whether nobody can make it go on.
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Aborted | Self::RolledBack | Self::Finished)
    }
}

impl Cause {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Errors(_) => "too_many_failed",
            Self::TooFew(_) => "too_few_committed",
        }
    }
}

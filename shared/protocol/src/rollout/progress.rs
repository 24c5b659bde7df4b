//! Where one device is in a rollout, and what its last word means for the image.

use minicbor::{Decode, Encode};

use crate::cbor::{self, DecodeError};
use crate::install::{Mishap, Reason, State};
use crate::limits;
use crate::time::Timestamp;

/// One device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Entry {
    /// Its ring, counted from 0; none where it was never to get the image.
    #[n(0)]
    pub ring: Option<u8>,
    #[n(1)]
    pub progress: Progress,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Progress {
    /// Its ring is not open yet.
    #[n(0)]
    Waiting,
    /// It was told, and has said nothing.
    #[n(1)]
    Ordered {
        #[n(0)]
        since: Timestamp,
    },
    /// It is at it.
    #[n(2)]
    Underway {
        #[n(0)]
        state: State,
        #[n(1)]
        since: Timestamp,
    },
    #[n(3)]
    Committed,
    /// It speaks against the image.
    #[n(4)]
    Failed(#[n(0)] Fault),
    /// It counts neither for the image nor against it.
    #[n(5)]
    Apart(#[n(0)] Exclusion),
    /// It has said nothing for too long, and counts when it does.
    #[n(6)]
    Away {
        #[n(0)]
        since: Timestamp,
        #[n(1)]
        last: Option<State>,
    },
}

/// How an update ended badly.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Fault {
    /// The device says so.
    #[n(0)]
    Ended(#[n(0)] State),
    /// It ran the image on probation, and was not heard again.
    #[n(1)]
    Lost,
}

/// Why a device is outside of what is counted.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Exclusion {
    /// It was named, and is no member.
    #[n(0)]
    NotMember,
    /// It has not been heard since it joined.
    #[n(1)]
    Unheard,
    #[n(2)]
    OtherHardware,
    #[n(3)]
    AlreadyRuns,
    #[n(4)]
    Quarantined,
    /// No ring reaches as far.
    #[n(5)]
    BeyondRings,
    /// It left before it had ended.
    #[n(6)]
    Left,
    /// It does not take the image, for a reason of its own.
    #[n(7)]
    Declined(#[n(0)] Reason),
    #[n(8)]
    OtherProduct,
}

impl Entry {
    pub(super) const fn new(ring: Option<u8>, progress: Progress) -> Self {
        Self { ring, progress }
    }

    pub(super) const fn apart(why: Exclusion) -> Self {
        Self::new(None, Progress::Apart(why))
    }

    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("device of a rollout", limits::BODY_BYTES, bytes)
    }

    /// Since when something is expected of it.
    pub(super) const fn waits_since(&self) -> Option<Timestamp> {
        match self.progress {
            Progress::Ordered { since } | Progress::Underway { since, .. } => Some(since),
            _ => None,
        }
    }
}

impl Progress {
    /// The stable word used in logs and interfaces.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ordered { .. } => "ordered",
            Self::Underway { .. } => "underway",
            Self::Committed => "committed",
            Self::Failed(_) => "failed",
            Self::Apart(_) => "excluded",
            Self::Away { .. } => "away",
        }
    }

    /// Where a step leads; none if it is out of date, was said before, or answers nothing.
    pub(super) fn after(&self, state: &State, now: Timestamp) -> Option<Self> {
        let before = match self {
            Self::Ordered { .. } | Self::Away { last: None, .. } => None,
            Self::Underway { state, .. }
            | Self::Away {
                last: Some(state), ..
            } => Some(state.rank()),
            Self::Failed(Fault::Lost) => Some(State::Probation.rank()),
            Self::Waiting | Self::Committed | Self::Failed(_) | Self::Apart(_) => return None,
        };
        (before < Some(state.rank())).then(|| Self::of(state, now))
    }

    fn of(state: &State, now: Timestamp) -> Self {
        match state {
            State::Committed => Self::Committed,
            State::RolledBack(reason) | State::Refused(reason) if speaks_against(reason) => {
                Self::Failed(Fault::Ended(state.clone()))
            }
            State::RolledBack(reason) | State::Refused(reason) => {
                Self::Apart(Exclusion::Declined(reason.clone()))
            }
            State::Announced
            | State::Trusted
            | State::Fetched
            | State::Installed
            | State::Probation => Self::Underway {
                state: state.clone(),
                since: now,
            },
        }
    }

    /// Where a device is that has said nothing for too long. Whoever ran the image and fell silent may not run at all.
    pub(super) fn unheard(&self, now: Timestamp) -> Option<Self> {
        match self {
            Self::Ordered { .. } => Some(Self::Away {
                since: now,
                last: None,
            }),
            Self::Underway {
                state: State::Probation,
                ..
            } => Some(Self::Failed(Fault::Lost)),
            Self::Underway { state, .. } => Some(Self::Away {
                since: now,
                last: Some(state.clone()),
            }),
            _ => None,
        }
    }
}

/// Whether others have to fear the image for this reason, or the device has one of its own.
const fn speaks_against(reason: &Reason) -> bool {
    match reason {
        Reason::Untrusted
        | Reason::Hung(_)
        | Reason::Restarts
        | Reason::Unhealthy
        | Reason::Seen(..)
        | Reason::Unwitnessed
        | Reason::FellBack
        | Reason::Failed(_, Mishap::Image | Mishap::Digest | Mishap::Program) => true,
        Reason::BelowFloor
        | Reason::AlreadyRuns
        | Reason::Halted
        | Reason::OtherProduct
        | Reason::OtherHardware
        | Reason::NoSlots
        | Reason::Failed(_, Mishap::Io | Mishap::Space | Mishap::Slot) => false,
    }
}

impl Exclusion {
    /// The stable word used in logs and interfaces.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotMember => "not_member",
            Self::Unheard => "unheard",
            Self::OtherHardware => "other_hardware",
            Self::OtherProduct => "other_product",
            Self::AlreadyRuns => "already_runs",
            Self::Quarantined => "quarantined",
            Self::BeyondRings => "beyond_rings",
            Self::Left => "left",
            Self::Declined(reason) => reason.word(),
        }
    }

    /// Whether the fleet as it is now may say otherwise; who was ordered once is not ordered again.
    pub(super) const fn may_end(&self) -> bool {
        matches!(
            self,
            Self::NotMember
                | Self::Unheard
                | Self::OtherHardware
                | Self::OtherProduct
                | Self::AlreadyRuns
                | Self::Quarantined
        )
    }
}

//! How far an update has come, and why it came no further.

use minicbor::{Decode, Encode};

use super::Worry;
use crate::id::DeviceId;

/// The states of an update, in the order in which a good one reaches them; the last two end a bad one.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum State {
    /// Somebody says that there is a target.
    #[n(0)]
    Announced,
    /// This device has verified the metadata that names it.
    #[n(1)]
    Trusted,
    /// Every chunk is here.
    #[n(2)]
    Fetched,
    /// It lies in the slot that does not run.
    #[n(3)]
    Installed,
    /// It runs, and may still be taken back.
    #[n(4)]
    Probation,
    /// It runs, and the floor is its counter.
    #[n(5)]
    Committed,
    /// It ran or may have run; the slot before it runs again.
    #[n(6)]
    RolledBack(#[n(0)] Reason),
    /// It never ran.
    #[n(7)]
    Refused(#[n(0)] Reason),
}

/// Why an update ends badly.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Reason {
    /// The metadata names another target than the order.
    #[n(0)]
    Untrusted,
    /// Its release counter is lower than what was committed before.
    #[n(1)]
    BelowFloor,
    #[n(2)]
    AlreadyRuns,
    #[n(3)]
    Failed(#[n(0)] Act, #[n(1)] Mishap),
    #[n(4)]
    Hung(#[n(0)] Act),
    /// The device was started again and again in the same state.
    #[n(5)]
    Restarts,
    #[n(6)]
    Halted,
    /// The health command says no.
    #[n(7)]
    Unhealthy,
    /// Somebody saw what must not be: these witnesses, or the device itself where nobody is named.
    #[n(8)]
    Seen(#[n(0)] Worry, #[n(1)] Vec<DeviceId>),
    /// Too few witnesses could say that it answers.
    #[n(9)]
    Unwitnessed,
    /// The boot loader, or somebody, had gone back to the other slot.
    #[n(10)]
    FellBack,
    #[n(11)]
    OtherProduct,
    #[n(12)]
    OtherHardware,
    /// Nothing on this device can be updated.
    #[n(13)]
    NoSlots,
}

/// What the shell is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Act {
    #[n(0)]
    Verify,
    #[n(1)]
    Fetch,
    #[n(2)]
    Stage,
    #[n(3)]
    Switch,
    #[n(4)]
    Check,
    #[n(5)]
    Commit,
    #[n(6)]
    RollBack,
}

/// Why an act failed, as far as anybody can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Mishap {
    /// The disk or the program could not do it.
    #[n(0)]
    Io,
    /// There is no space.
    #[n(1)]
    Space,
    /// The image is not what the slot takes: another format, too large, a path that leads out.
    #[n(2)]
    Image,
    /// The bytes are not those that the metadata names.
    #[n(3)]
    Digest,
    /// A program said no.
    #[n(4)]
    Program,
    /// The slot is not in the state in which this can be done.
    #[n(5)]
    Slot,
}

impl State {
    /// The stable word used in logs and interfaces.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Trusted => "trusted",
            Self::Fetched => "fetched",
            Self::Installed => "installed",
            Self::Probation => "probation",
            Self::Committed => "committed",
            Self::RolledBack(_) => "rolled_back",
            Self::Refused(_) => "refused",
        }
    }

    pub const fn reason(&self) -> Option<&Reason> {
        match self {
            Self::RolledBack(reason) | Self::Refused(reason) => Some(reason),
            _ => None,
        }
    }

    /// How often a device may be started in this state before the update is given up; a long transfer
    /// lives through many a power cut, but what is staged, switched or run here may be what fells the device.
    pub(super) const fn starts(&self) -> Option<u8> {
        match self {
            Self::Announced | Self::Trusted => Some(100),
            Self::Fetched | Self::Installed | Self::Probation => Some(3),
            Self::Committed | Self::RolledBack(_) | Self::Refused(_) => None,
        }
    }

    /// Later states have higher ranks; the ends share one.
    pub(crate) const fn rank(&self) -> u8 {
        match self {
            Self::Announced => 0,
            Self::Trusted => 1,
            Self::Fetched => 2,
            Self::Installed => 3,
            Self::Probation => 4,
            Self::Committed | Self::RolledBack(_) | Self::Refused(_) => 5,
        }
    }
}

impl Reason {
    /// The stable word used in logs and interfaces.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Untrusted => "untrusted",
            Self::BelowFloor => "below_floor",
            Self::AlreadyRuns => "already_runs",
            Self::Failed(..) => "failed",
            Self::Hung(_) => "hung",
            Self::Restarts => "restarts",
            Self::Halted => "halted",
            Self::Unhealthy => "unhealthy",
            Self::Seen(..) => "seen",
            Self::Unwitnessed => "unwitnessed",
            Self::FellBack => "fell_back",
            Self::OtherProduct => "other_product",
            Self::OtherHardware => "other_hardware",
            Self::NoSlots => "no_slots",
        }
    }
}

impl Act {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Fetch => "fetch",
            Self::Stage => "stage",
            Self::Switch => "switch",
            Self::Check => "check",
            Self::Commit => "commit",
            Self::RollBack => "roll_back",
        }
    }
}

//! What the machine is told.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

use super::{Act, Mishap, Order};
use crate::id::{DeviceId, Digest};
use crate::release::Release;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A rollout wants this device to run a target.
    Ordered(Order),
    /// What [`Act::Verify`] found.
    Trusted {
        target: Digest,
        release: Release,
    },
    Done(Act),
    Failed(Act, Mishap),
    /// What a witness or the device itself sees of the device.
    Viewed(View),
    /// The ports on which the device listens towards the network.
    Listening(BTreeSet<u16>),
    /// The rollout was halted.
    Halted,
    Tick,
}

/// What the slots say after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The target that runs; none if it came onto the device by other means.
    pub running: Option<Digest>,
    pub trial: Trial,
}

/// Whether what runs can still be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    Open,
    Settled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    pub by: Viewer,
    pub sight: Sight,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Viewer {
    Itself,
    Witness(DeviceId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Sight {
    #[n(0)]
    Answers,
    #[n(1)]
    Worries(#[n(0)] Worry),
}

/// What must not be seen of a device on probation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Worry {
    /// It does not answer.
    #[n(0)]
    Silent,
    /// It listens on a port on which it did not before, and that policy does not allow.
    #[n(1)]
    Port(#[n(0)] u16),
    /// Its traffic is out of its baseline.
    #[n(2)]
    Traffic,
}

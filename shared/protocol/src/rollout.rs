//! A rollout: one target, brought to the devices ring by ring, and halted as soon as it turns out to be bad.

mod halt;

use std::fmt;

use minicbor::{Decode, Encode};

pub use halt::{Halt, HaltError, Halts, Stale, Standing};

/// Numbers the rollouts of one coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct RolloutId(#[n(0)] pub u64);

impl fmt::Display for RolloutId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

//! What the machine writes down: the floor, the update that is tried, and which orders were obeyed before.

use minicbor::{Decode, Encode};

use super::{State, Step};
use crate::cbor::{self, DecodeError};
use crate::id::Digest;
use crate::limits;
use crate::release::{Counter, Release};
use crate::text::{Name, Path};

/// Names one order: whoever repeats it orders nothing, and what is said of it can be said only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Nonce(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

/// Somebody orders this target.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Order {
    /// The SHA-256 of its bytes.
    #[n(0)]
    pub target: Digest,
    #[n(1)]
    pub nonce: Nonce,
    /// Under which the metadata lists it.
    #[n(2)]
    pub path: Path,
}

/// What a slot holds: a target, and what is kept of what its metadata says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Image {
    /// The SHA-256 of its bytes.
    #[n(0)]
    pub target: Digest,
    #[n(1)]
    pub version: Name,
    #[n(2)]
    pub counter: Counter,
}

/// Everything that outlives a restart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Memory {
    #[n(0)]
    pub(super) floor: Counter,
    #[n(1)]
    pub(super) attempt: Option<Attempt>,
    /// Orders that were obeyed, the newest last.
    #[n(2)]
    pub(super) spent: Vec<Nonce>,
}

/// One update that is tried.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Attempt {
    #[n(0)]
    pub(super) order: Order,
    /// Known from [`State::Trusted`] on.
    #[n(1)]
    pub(super) image: Option<Image>,
    #[n(2)]
    pub(super) state: State,
    #[n(3)]
    pub(super) ending: Ending,
    /// How often the device was started in this state.
    #[n(4)]
    pub(super) starts: u8,
    /// What listened before the switch.
    #[n(5)]
    pub(super) listened: Vec<u16>,
    /// What ran before the switch.
    #[n(6)]
    pub(super) before: Option<Digest>,
}

/// Whether the slot has done what the last state asks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(super) enum Ending {
    #[n(0)]
    Due,
    #[n(1)]
    Done,
}

impl Image {
    pub fn of(target: Digest, release: &Release) -> Self {
        Self {
            target,
            version: release.version.clone(),
            counter: release.counter,
        }
    }
}

impl Memory {
    /// A device on which a release of this counter was put by other means.
    pub fn with_floor(floor: Counter) -> Self {
        Self {
            floor,
            ..Self::default()
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("memory of updates", limits::INSTALL_BYTES, bytes)
    }

    pub fn floor(&self) -> Counter {
        self.floor
    }

    pub(super) fn spend(&mut self, nonce: Nonce) {
        self.spent.push(nonce);
        let old = self.spent.len().saturating_sub(limits::ORDERS_SPENT);
        self.spent.drain(..old);
    }
}

impl Attempt {
    pub(super) fn new(order: Order) -> Self {
        Self {
            order,
            image: None,
            state: State::Announced,
            ending: Ending::Due,
            starts: 0,
            listened: Vec::new(),
            before: None,
        }
    }

    pub fn order(&self) -> &Order {
        &self.order
    }

    pub fn image(&self) -> Option<&Image> {
        self.image.as_ref()
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether nothing more is to be done.
    pub fn is_over(&self) -> bool {
        match self.state {
            State::Refused(_) => true,
            State::Committed | State::RolledBack(_) => self.ending == Ending::Done,
            _ => false,
        }
    }

    pub(super) fn reach(&mut self, state: State) {
        self.state = state;
        self.starts = 0;
    }

    pub(crate) fn step(&self) -> Step {
        Step {
            target: self.order.target,
            nonce: self.order.nonce,
            version: self.image.as_ref().map(|image| image.version.clone()),
            state: self.state.clone(),
        }
    }
}

//! Everything that can happen in a world.

use super::fault::Fault;
use super::update::Passing;
use crate::host::HostId;
use crate::network::{LinkId, Parcel, Side};

#[derive(Debug)]
pub(super) enum Event {
    Tick {
        host: HostId,
    },
    Arrive {
        link: LinkId,
        to: Side,
        parcel: Parcel,
    },
    /// A cut has healed: what waits at this end of a link passes.
    Flush {
        link: LinkId,
        to: Side,
    },
    Dialled {
        from: HostId,
        to: HostId,
        life: u32,
        answered: bool,
    },
    PowerUp {
        host: HostId,
    },
    /// The coordinator's batch is to be made durable.
    Commit {
        life: u32,
    },
    Fault(Box<Fault>),
    /// Something arrives on a substream.
    Bulk(Box<Passing>),
    /// A host that stood still goes on.
    Wake {
        host: HostId,
    },
    /// A liar does something of its own accord.
    Scheme {
        host: HostId,
    },
    /// A node's shell hands on what it heard on its segment.
    Listen {
        host: HostId,
    },
}

impl Event {
    /// A number for the trace.
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::Tick { .. } => 1,
            Self::Arrive { .. } => 2,
            Self::Flush { .. } => 3,
            Self::Dialled { .. } => 4,
            Self::PowerUp { .. } => 5,
            Self::Commit { .. } => 6,
            Self::Fault(_) => 7,
            Self::Wake { .. } => 8,
            Self::Scheme { .. } => 9,
            Self::Bulk(_) => 10,
            Self::Listen { .. } => 11,
        }
    }

    /// Where it happens, for the trace.
    pub(super) const fn place(&self) -> usize {
        match self {
            Self::Tick { host }
            | Self::PowerUp { host }
            | Self::Wake { host }
            | Self::Scheme { host }
            | Self::Listen { host } => host.index(),
            Self::Dialled { from, .. } => from.index(),
            Self::Arrive { .. }
            | Self::Flush { .. }
            | Self::Commit { .. }
            | Self::Fault(_)
            | Self::Bulk(_) => 0,
        }
    }
}

//! Everything that can happen, in one queue ordered by time and then by the order of planning.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::fault::Fault;
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
        }
    }

    /// Where it happens, for the trace.
    pub(super) const fn place(&self) -> usize {
        match self {
            Self::Tick { host } | Self::PowerUp { host } => host.index(),
            Self::Dialled { from, .. } => from.index(),
            Self::Arrive { .. } | Self::Flush { .. } | Self::Commit { .. } | Self::Fault(_) => 0,
        }
    }
}

#[derive(Debug)]
struct Scheduled {
    at_ms: u64,
    sequence: u64,
    event: Event,
}

/// The one queue of a world.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<Scheduled>>,
    sequence: u64,
}

impl Queue {
    pub(super) fn push(&mut self, at_ms: u64, event: Event) {
        self.sequence += 1;
        self.heap.push(Reverse(Scheduled {
            at_ms,
            sequence: self.sequence,
            event,
        }));
    }

    pub(super) fn pop_until(&mut self, until_ms: u64) -> Option<(u64, Event)> {
        if self.heap.peek()?.0.at_ms > until_ms {
            return None;
        }
        self.heap
            .pop()
            .map(|Reverse(scheduled)| (scheduled.at_ms, scheduled.event))
    }
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Scheduled {}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at_ms, self.sequence).cmp(&(other.at_ms, other.sequence))
    }
}

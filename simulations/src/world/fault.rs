//! What goes wrong on purpose: hosts that stop, halt, forget or lie, links that are cut, clocks that jump.

use crate::actors::Role;
use crate::host::HostId;
use crate::network::{Conditions, Downfall};
use crate::world::pace::Stalls;

/// One planned fault.
#[derive(Debug, Clone)]
pub enum Fault {
    /// A host stops and starts again.
    Restart {
        host: HostId,
        stop: Stop,
        down_ms: u64,
    },
    /// Hosts lose their power at once and for good.
    Die { hosts: Vec<HostId> },
    /// A program is asked to stop, says goodbye, and is not started again.
    Leave { host: HostId },
    /// Those of these hosts that are off are switched on.
    Revive { hosts: Vec<HostId> },
    /// Hosts are moved to an island; island 0 is the rest of the world, so moving there heals.
    Cut { hosts: Vec<HostId>, island: u32 },
    /// Nodes lose, or get back, their way to the coordinator alone.
    Uplink { seats: Vec<usize>, line: Line },
    /// From here on these conditions hold on every link.
    Weather(Conditions),
    /// A wall clock is moved.
    Clock { host: HostId, by_ms: i64 },
    /// A host begins to stand still again and again, or goes on steadily.
    Stall { seat: usize, stalls: Option<Stalls> },
    /// Somebody copies a disk, to put it back later.
    Backup { seat: usize },
    /// A host loses its power and finds the disk of its backup when it starts again.
    Rollback { seat: usize, down_ms: u64 },
    /// A second host starts with a copy of this one's disk and keys.
    Copy { seat: usize },
    /// Somebody changes a file that a host watches.
    Tamper { seat: usize },
    /// A host begins to lie.
    Turn { seat: usize, role: Role },
}

/// How a host stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The program is asked to, and says goodbye.
    Asked,
    /// The program dies in the middle of its next batch that saves something.
    Crash,
    /// The same, and nobody is told.
    PowerCut,
    /// The plug is pulled at once.
    Unplugged,
}

/// The state of a way that can be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Whole,
    Cut,
}

/// A stop that waits for the batch in the middle of which it strikes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doom {
    pub(super) downfall: Downfall,
    /// `None` if the host stays off.
    pub(super) down_ms: Option<u64>,
}

impl Doom {
    /// Power is gone, and comes back after a while.
    pub(super) const fn power_cut(down_ms: u64) -> Self {
        Self {
            downfall: Downfall::Power,
            down_ms: Some(down_ms),
        }
    }
}

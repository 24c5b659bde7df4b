//! What a node tells people: lines of its log, and what its status is made of.

use crate::accounts::Difference;
use crate::appeal::{Finding, Spared};
use crate::beacon::Rotation;
use crate::command::{By, CommandId, Kind, Refusal as Declined};
use crate::countersign::AuditHead;
use crate::evidence::EvidenceId;
use crate::id::{DeviceId, Digest, Epoch};
use crate::key::PeerKey;
use crate::library::Refused;
use crate::proof::Contradiction;
use crate::record::{Incarnation, Position};
use crate::rollout::{RolloutId, Standing};
use crate::ruling::Decision;
use crate::settings::Obeyed;
use crate::text::Name;
use crate::time::Timestamp;
use crate::tripwire::Block;
use crate::updater;

/// What people should be able to read in the log or in the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    Began {
        incarnation: Incarnation,
        linked: Linked,
    },
    LinkUp {
        peer: PeerKey,
        device: Option<DeviceId>,
    },
    LinkDown {
        peer: PeerKey,
        device: Option<DeviceId>,
    },
    RosterGrown {
        size: u64,
        members: usize,
    },
    /// An epoch has begun, and half of the seats with it.
    Turned {
        epoch: Epoch,
    },
    /// Whether seats will go on changing.
    Rotation(Rotation),
    /// Enough gateways have seen the log up to this size; so many members wait to be seen.
    Covered {
        size: u64,
        waiting: usize,
    },
    /// A peer sent what it may not send, or what does not check.
    Misbehaviour {
        peer: PeerKey,
        what: &'static str,
    },
    /// A device, or where there is none the admission key, has signed what convicts it.
    Proven {
        device: Option<DeviceId>,
        contradiction: Contradiction,
    },
    /// From here on the device does what administrators have signed.
    Obeys(Obeyed),
    /// The repository vouches for what administrators have not signed like this.
    Refuses(Refused),
    /// The coordinator's audit log does not go on from what this gateway has countersigned: it was cut or rewritten.
    AuditRewritten {
        held: AuditHead,
        shown: AuditHead,
    },
    /// The repository that this device holds ended then, and nothing newer has come: it goes on with the last good, and
    /// takes no new orders.
    Stale {
        since: Timestamp,
    },
    /// A command is begun.
    Commanded {
        command: CommandId,
        kind: Kind,
        by: By,
    },
    /// A command is not begun.
    Declines {
        command: CommandId,
        by: By,
        why: Declined,
    },
    /// Of updates.
    Update(updater::Notice),
    /// Somebody else signs under this device's key.
    Doubled {
        position: Position,
    },
    /// What this node counted from a neighbour is not what that one says it sent: one of both is wrong.
    Unequal {
        peer: DeviceId,
        difference: Difference,
    },
    /// Enough witnesses hold a device to be silent.
    Down {
        device: DeviceId,
        votes: usize,
        seats: usize,
    },
    /// A device was put into quarantine, or cleared.
    Ruled {
        device: DeviceId,
        decision: Decision,
    },
    /// Nobody goes on with a target, or one may again.
    Halted {
        target: Digest,
        rollout: RolloutId,
        standing: Standing,
    },
    /// As one of a committee this node has tried a device.
    Tried {
        device: DeviceId,
        finding: Finding,
    },
    /// A committee has found enough against a device to hold it for a day, unless it is spared.
    Sentenced {
        device: DeviceId,
        votes: usize,
        spared: Option<Spared>,
    },
    /// Too many of one cell were sentenced: nothing is automated for a day.
    Braked {
        cell: Name,
    },
    /// Enough witnesses suspect a device.
    Suspected {
        device: DeviceId,
        votes: usize,
        seats: usize,
    },
    /// So few witnesses suspect a device that it is suspected no longer.
    Cleared {
        device: DeviceId,
    },
    /// A device that was down is heard again, or has answered.
    Back {
        device: DeviceId,
    },
    /// Somebody raised an alert.
    Alert {
        device: DeviceId,
        subject: DeviceId,
        matter: &'static str,
    },
    /// A source that touched decoys is kept away for a while.
    Blocked(Block),
    /// A decoy was touched by a scanner of ours, on an errand.
    Excused {
        scanner: DeviceId,
    },
    /// A deputy has told somebody outside of an alert.
    Delivered {
        deputy: DeviceId,
        alert: EvidenceId,
    },
    /// Everything recorded is stored at the coordinator.
    CaughtUp,
    /// So many records were given up, the newest of them at `last`: too many wait for the coordinator.
    GivenUp {
        records: usize,
        last: Position,
    },
    /// The log has gone on without this disk, which is an older copy. So many records that it keeps, up to `last`, are not
    /// sent: those from before it was copied are stored, and what it recorded since has no place.
    Unplaced {
        records: usize,
        last: Position,
    },
    /// This device was suspended or revoked.
    Withdrawn,
    /// An administrator has ordered this device to wipe its keys and its journal.
    Retiring,
}

/// Whether anybody confirmed where this node's log ended before it began again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// The identity has never signed before.
    Fresh,
    /// A witness or the coordinator named the last head.
    Confirmed,
    /// Nobody answered in time.
    Unlinked,
}

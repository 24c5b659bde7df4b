//! What a node asks of its shell.

use std::sync::Arc;
use std::time::Duration;

use super::Notice;
use super::command::CommandAsked;
use super::save::Save;
use super::scan::ScanAsked;
use crate::address::Address;
use crate::evidence::EvidenceId;
use crate::flows::HabitOrder;
use crate::heard::{Mac, Means};
use crate::key::PeerKey;
use crate::ledger::Withdrawal;
use crate::message::Message;
use crate::record::Position;
use crate::refusal::Refusal;
use crate::roster::Roster;
use crate::text::Path;
use crate::updater;

/// What the shell has to do.
#[derive(Debug, Clone)]
pub enum Output {
    Save(Save),
    Send {
        to: PeerKey,
        message: Message,
    },
    /// Take a reading of the host.
    Sample,
    /// Read own records after a position from the journal.
    Load {
        after: Option<Position>,
        limit: usize,
    },
    Connect {
        peer: PeerKey,
        addresses: Vec<Path>,
    },
    Disconnect {
        peer: PeerKey,
        why: Parting,
    },
    /// Tell somebody outside of an alert (its envelope); the id is the idempotency key.
    Deliver {
        id: EvidenceId,
        alert: Vec<u8>,
    },
    /// From here on this roster judges who is let in.
    Roster(Arc<Roster>),
    /// Remove keys and journal for good, as an administrator has ordered, and end.
    Wipe {
        order: Box<Withdrawal>,
    },
    /// Ask or answer on a substream, or do something on the host: on account of an update.
    Update(updater::Output),
    /// Try whether a device on trial listens where it should not.
    Look {
        to: PeerKey,
        addresses: Vec<Path>,
        /// On these it may.
        listened: Vec<u16>,
    },
    /// Keep a source away from this device for a while, but not from the mesh; of no length, let it in again.
    Block {
        source: Address,
        length: Duration,
    },
    /// Ask a device that runs no node for a sign of life.
    Call {
        mac: Mac,
        address: Address,
        means: Means,
        /// Of these one may be tried.
        ports: Vec<u16>,
    },
    /// Scan, or say what was found.
    Scan(ScanAsked),
    /// Do what a checked command says, or hand over what came of it.
    Command(CommandAsked),
    /// The coordinator has stored the lines of this number.
    Tailed {
        number: u64,
    },
    /// A checked word about a profile that this node keeps.
    Habit(Box<HabitOrder>),
    Notice(Notice),
}

/// Why a node ends a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// The peer is no longer, or not, entitled to it.
    Refused(Refusal),
    /// Nothing was heard for too long.
    Quiet,
    /// Neither side has a use for it.
    NoSeat,
    /// The peer broke the protocol.
    Misbehaved,
}

//! What a node is told: by the network, by the host, and on its console.

use super::command::CommandTold;
use super::flows::FlowsTold;
use super::scan::ScanTold;
use crate::evidence::EvidenceId;
use crate::guard::Hearing;
use crate::heard::{Mac, Means};
use crate::key::PeerKey;
use crate::message::Message;
use crate::record::{Position, Record};
use crate::statement::Farewell;
use crate::statement::host::Reading;
use crate::tail::Tailed;
use crate::text::Path;
use crate::tripwire::Touched;
use crate::updater;

/// What happened outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A link stands: both sides have admitted each other.
    LinkUp {
        peer: PeerKey,
    },
    LinkDown {
        peer: PeerKey,
    },
    Frame {
        from: PeerKey,
        message: Message,
    },
    /// The answer to [`super::Output::Sample`].
    Reading(Box<Reading>),
    /// The answer to [`super::Output::Load`].
    Backlog(Vec<(Position, Record)>),
    /// Somebody of this key was heard on the local network.
    Discovered {
        peer: PeerKey,
        addresses: Vec<Path>,
    },
    /// The addresses on which this node can be dialled.
    Listening {
        addresses: Vec<Path>,
    },
    /// The segment to which the device is attached.
    Attached {
        hint: Option<[u8; 8]>,
    },
    /// An answer to [`super::Output::Deliver`]: somebody outside has taken the alert. Without it the deputy tries again.
    Delivered {
        id: EvidenceId,
    },
    /// A ruling that somebody signed on this gateway's console (its envelope).
    Ruled {
        ruling: Vec<u8>,
    },
    /// A peer has turned this device away and shown it an order to retire.
    Ordered {
        by: PeerKey,
        order: Vec<u8>,
    },
    /// What came over a substream, or what the host says of an update.
    Update(updater::Input),
    /// The answer to [`super::Output::Look`]: those of the ports that answer and may not.
    Looked {
        to: PeerKey,
        open: Vec<u16>,
    },
    /// Somebody touched a decoy of this device.
    Touched(Touched),
    /// What was heard of devices on this node's segments.
    Hearing(Box<Hearing>),
    /// An answer to [`super::Output::Call`].
    Answered {
        mac: Mac,
        means: Means,
    },
    /// How a scan goes, or a part of what it has found.
    Scan(ScanTold),
    /// How a command ended, or a part of what came of it.
    Command(CommandTold),
    /// Lines of this device's logs, again until [`super::Output::Tailed`] names their number.
    Tail(Tailed),
    /// What the lookout has to tell.
    Flows(FlowsTold),
    Stop(Farewell),
    Tick,
}

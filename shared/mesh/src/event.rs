//! What the mesh tells its caller.

use std::io;

use bytes::Bytes;
use protocol::refusal::Refusal;

use crate::{AskId, Handover, Key, QuestionId};

/// Something happened to a link, or on the way to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A link is usable; exactly one stands per peer.
    LinkUp {
        key: Key,
        address: String,
        direction: Direction,
    },
    /// The link ended; frames that were queued and not read by the peer are lost.
    LinkDown { key: Key, reason: DownReason },
    /// A frame, in the order in which the peer sent it.
    Frame { key: Key, bytes: Bytes },
    /// The peer asks something. One of `Withdrawn` or `Served` follows before `LinkDown`.
    Asked {
        key: Key,
        id: QuestionId,
        bytes: Bytes,
    },
    /// The peer wants no answer any more, or is gone; nobody has answered before.
    Withdrawn { key: Key, id: QuestionId },
    /// What became of an answer that this side gave.
    Served {
        key: Key,
        id: QuestionId,
        how: Handover,
    },
    /// The answer to a question that was not withdrawn. None: no link, too long, reset, too late.
    Answered {
        key: Key,
        id: AskId,
        answer: Option<Bytes>,
    },
    /// One side turned the other away before any link existed. Both sides report the same reason.
    Refused {
        key: Option<Key>,
        address: String,
        reason: Refusal,
        by: Judge,
        /// What the other side showed along with its refusal.
        order: Option<Vec<u8>>,
    },
    /// The local network names a peer; nothing about it is proven.
    Discovered { key: Key, addresses: Vec<String> },
    /// A dial ended without a link and without a refusal.
    Unreachable { key: Key, reason: Unreachable },
    /// This side can be dialled here.
    Listening { address: String },
}

/// Who dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The peer dialled this side.
    Inbound,
    /// This side dialled the peer.
    Outbound,
}

/// Who refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judge {
    Us,
    Them,
}

/// Why a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DownReason {
    #[error("the peer closed it")]
    Closed,
    #[error("this side asked for it")]
    Requested,
    #[error("the peer had lost it and dialled anew")]
    Replaced,
    #[error("the peer sent a frame longer than the limit")]
    Oversize,
    #[error("the peer sent a frame that does not follow from the frames before it")]
    Garbled,
    #[error("the connection broke: {0}")]
    Broken(io::ErrorKind),
}

/// Why a dial led to no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    #[error("no usable address is known")]
    NoAddress,
    #[error("another key answered there")]
    WrongKey,
    #[error("a limit of connections is reached")]
    Limit,
    #[error("what answers there does not speak this protocol")]
    Foreign,
    #[error("nobody answered in time")]
    TimedOut,
    #[error("the peer closed the connection before the link was up")]
    ClosedEarly,
    #[error("the connection failed: {0}")]
    Io(io::ErrorKind),
}

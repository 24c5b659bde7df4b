//! Chunks of a release between neighbours: what ships is checked chunk by chunk, and the coordinator sends it about once.
//!
//! Two machines: a [`member::Member`] fetches what it lacks from whoever has it, rarest first, and gives what it has;
//! the [`source::Source`] hands every chunk to somebody once before it sends any of them again. Frames are small and
//! travel with all other messages; chunks go as question and answer, one at a time for each peer.

pub mod chunks;
pub mod frame;
pub mod image;
pub mod member;
pub mod parts;
pub mod reuse;
pub mod source;

mod budget;
mod fetch;
mod neighbours;
mod serving;

use crate::key::PeerKey;
use frame::{Answer, Frame, Want};
use image::{Piece, Wrong};

/// How many bytes of chunks a machine moves in a second, at most; `None` leaves it to the links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Config {
    /// In, from everybody together.
    pub fetch: Option<u64>,
    /// In, from one neighbour, or from the coordinator.
    pub fetch_each: Option<u64>,
    /// Out, to everybody together.
    pub serve: Option<u64>,
}

/// What a peer is in this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Neighbour,
    Source,
}

/// What happened outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A link stands.
    Joined {
        peer: PeerKey,
        part: Part,
    },
    Left {
        peer: PeerKey,
    },
    Frame {
        from: PeerKey,
        frame: Frame,
    },
    /// A peer asks for a chunk; its former question, if there is one, is void.
    Asked {
        from: PeerKey,
        want: Want,
    },
    /// It wants no answer any more.
    Withdrawn {
        from: PeerKey,
    },
    /// A peer's answer; [`Answer::Nothing`] also where the question failed on the way.
    Answered {
        from: PeerKey,
        answer: Answer,
    },
    /// The answer to [`Output::Store`]: the chunk is on the disk, and marked there as checked.
    Stored {
        chunk: u32,
    },
    /// The answer to [`Output::Serve`]: the link has taken it, or has failed.
    Served {
        to: PeerKey,
        how: Delivery,
    },
    /// A member says in a statement that a peer sent it a wrong chunk: for the source.
    Named {
        peer: PeerKey,
        by: PeerKey,
    },
    Tick,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    Taken,
    Failed,
}

/// What the shell has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Send {
        to: PeerKey,
        frame: Frame,
    },
    Ask {
        to: PeerKey,
        want: Want,
    },
    /// Say that no answer is wanted any more.
    Withdraw {
        to: PeerKey,
    },
    /// Read a chunk and its path from the disk, and answer with it.
    Serve {
        to: PeerKey,
        chunk: u32,
    },
    /// Answer that there is nothing.
    Refuse {
        to: PeerKey,
    },
    /// Write the checked chunk and its path, sync, and only then mark it.
    Store {
        chunk: u32,
        piece: Piece,
    },
    /// Name the peer in a statement: nothing is asked of it or given to it any more.
    Expose {
        peer: PeerKey,
        fault: Fault,
    },
    /// Every chunk is stored.
    Whole,
}

/// What a peer did that no honest one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It sent bytes that are not of the image.
    Chunk(Wrong),
    /// It speaks of chunks that the image does not have.
    Map,
}

impl Fault {
    /// The stable word used in logs and counters.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Chunk(_) => "wrong_chunk",
            Self::Map => "wrong_map",
        }
    }
}

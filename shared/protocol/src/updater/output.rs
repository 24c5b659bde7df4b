//! What a member asks for on account of updates.

use super::Save;
use crate::bulk::{About, Answer, Question};
use crate::id::Digest;
use crate::install::{self, Act, Decline, Order, Step};
use crate::key::PeerKey;
use crate::library::{Refused, Unusable};
use crate::message::Message;
use crate::settings::Obeyed;
use crate::spread::Fault;
use crate::spread::image::{Image, ImageId, Piece};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Save(Save),
    Send {
        to: PeerKey,
        message: Message,
    },
    /// On a substream of its own.
    Ask {
        to: PeerKey,
        question: Question,
    },
    /// No answer is wanted any more.
    Withdraw {
        to: PeerKey,
        about: About,
    },
    Answer {
        to: PeerKey,
        about: About,
        answer: Answer,
    },
    /// Goes into the device's log.
    Say(Step),
    /// Witnesses are asked to look at this device; these ports may listen.
    Look {
        listened: Vec<u16>,
    },
    /// A peer did what no honest one does.
    Expose {
        peer: PeerKey,
        image: ImageId,
        fault: Fault,
    },
    /// From here on the device does what these say.
    Obey(Obeyed),
    /// The repository vouches for what nobody may take.
    Refused(Refused),
    Do(Deed),
    Notice(Notice),
}

/// What the host has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Have a place for the image's chunks, and say which of them are there already.
    /// What was fetched of `base`, which runs, is kept meanwhile; that of others goes.
    Open {
        target: Digest,
        image: Image,
        base: Option<Digest>,
    },
    /// Have a place for the chunks of the index beside the image's, and say which of them are there already.
    OpenIndex { target: Digest, index: Image },
    /// Make chunks of the image of what runs, as the index says, write those that are right, and say which are there then.
    Reuse { target: Digest, image: Image },
    /// Write a checked chunk with its path, of the image or of its index.
    Store {
        image: ImageId,
        chunk: u32,
        piece: Piece,
    },
    /// Read a chunk with its path, and answer this peer's question with it.
    Serve {
        to: PeerKey,
        image: ImageId,
        chunk: u32,
    },
    /// Of the acts on slots all but those of verifying and fetching.
    Act { act: Act, image: install::Image },
    /// What was fetched of this target is of no more use.
    Discard(Digest),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Newer metadata is here, and verified.
    Renewed,
    /// What was brought by hand is ordered now, or is of no use.
    Brought(Result<Order, Unusable>),
    /// An order is not obeyed.
    Declined { order: Order, why: Decline },
}

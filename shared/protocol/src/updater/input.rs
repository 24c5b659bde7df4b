//! What a member is told of updates.

use crate::bulk::{About, Answer, Question};
use crate::id::Digest;
use crate::install::{self, Order};
use crate::key::PeerKey;
use crate::library::Brought;
use crate::spread::frame::Frame;
use crate::spread::image::ImageId;
use crate::spread::{Delivery, Part};
use crate::text::Path;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    LinkUp {
        peer: PeerKey,
        part: Part,
    },
    LinkDown {
        peer: PeerKey,
    },
    Timestamp {
        from: PeerKey,
        timestamp: Vec<u8>,
    },
    Chunks {
        from: PeerKey,
        image: ImageId,
        frame: Frame,
    },
    /// A peer asks on a substream; its former question about the same is void.
    Asked {
        from: PeerKey,
        question: Question,
    },
    Withdrawn {
        from: PeerKey,
        about: About,
    },
    /// A peer's answer; [`Answer::nothing`] also where the question failed on the way.
    Answered {
        from: PeerKey,
        about: About,
        answer: Answer,
    },
    /// The answer to [`super::Deed::Serve`]: the link has taken the chunk, or has failed.
    Served {
        to: PeerKey,
        image: ImageId,
        how: Delivery,
    },
    /// The answer to [`super::Deed::Open`]: these chunks of the image are on the disk, and were checked.
    Opened {
        target: Digest,
        chunks: Vec<u32>,
        base: Base,
    },
    /// The answer to [`super::Deed::OpenIndex`]: these chunks of the index are on the disk, and were checked.
    IndexOpened {
        target: Digest,
        chunks: Vec<u32>,
    },
    /// The answer to [`super::Deed::Reuse`]: these chunks of the image are on the disk then, and were checked.
    Reused {
        target: Digest,
        chunks: Vec<u32>,
    },
    /// The answer to [`super::Deed::Store`].
    Stored {
        image: ImageId,
        chunk: u32,
    },
    /// Somebody at this device has brought a repository, and wants what it lists under this path.
    Brought {
        brought: Brought,
        path: Path,
    },
    /// The coordinator orders a target.
    Ordered(Order),
    /// How an act ended, what listens, what a witness saw.
    Install(install::Input),
    Tick,
}

/// Whether the host has bytes of what runs, of which chunks of another version could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    There,
    Nothing,
}

//! Question and answer on a substream of its own: what is too long for the stream of all messages.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::cbor::{self, DecodeError};
use crate::limits;
use crate::spread::frame::{self, Ask, Want};
use crate::spread::image::ImageId;
use crate::text::Name;

/// What one member asks of another.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Question {
    #[n(0)]
    Chunk(#[n(0)] Ask),
    #[n(1)]
    File(#[n(0)] File),
}

/// A file of the repository: the metadata of a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct File {
    #[n(0)]
    pub role: Name,
    #[n(1)]
    pub version: u64,
}

/// The subject of a question; of each a member asks each other one thing at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    Image(ImageId),
    Repository,
}

/// The answer, after which the substream ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Chunk(frame::Answer),
    /// Exactly as it was published; nothing where the answerer does not have it.
    File(Option<Vec<u8>>),
}

impl Question {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("question", limits::ASK_BYTES, bytes)
    }

    pub fn about(&self) -> About {
        match self {
            Self::Chunk(ask) => About::Image(ask.image),
            Self::File(_) => About::Repository,
        }
    }

    pub fn of_chunk(image: ImageId, want: Want) -> Self {
        Self::Chunk(Ask { image, want })
    }
}

impl Answer {
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Chunk(answer) => answer.encode(),
            Self::File(bytes) => cbor::encode(&bytes.clone().map(ByteVec::from)),
        }
    }

    /// Reads what answers a question about this.
    pub fn decode(about: About, bytes: &[u8]) -> Result<Self, DecodeError> {
        match about {
            About::Image(_) => frame::Answer::decode(bytes).map(Self::Chunk),
            About::Repository => {
                let bound = limits::METADATA_BYTES + 8;
                let bytes: Option<ByteVec> = cbor::decode("file", bound, bytes)?;
                Ok(Self::File(bytes.map(Vec::from)))
            }
        }
    }

    /// What is said where there is nothing, and understood where no answer came.
    pub fn nothing(about: About) -> Self {
        match about {
            About::Image(_) => Self::Chunk(frame::Answer::Nothing),
            About::Repository => Self::File(None),
        }
    }
}

//! What neighbours say about an image: short frames on the stream of all messages, chunks on substreams of their own.

use std::sync::Arc;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::image::{ImageId, Piece};
use crate::cbor::{self, DecodeError};
use crate::limits;
use crate::merkle::Hash;

/// Which chunks the sender has to give.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Frame {
    /// All of them, one bit each: when a link stands. The coordinator says it when every chunk has left it once.
    #[n(0)]
    Map {
        #[n(0)]
        bits: ByteVec,
    },
    /// Those that were stored since, or at most as many of them as one frame names.
    #[n(1)]
    Holds {
        #[n(0)]
        chunks: Vec<u32>,
    },
    /// The sender fetches this image from here on, and wants to be told who has which chunks.
    #[n(2)]
    Wanted,
}

impl Frame {
    /// What a frame lists, how much of it, and how much one may list.
    pub(crate) fn length_and_bound(&self) -> (&'static str, usize, usize) {
        match self {
            Self::Map { bits } => ("map of chunks", bits.len(), limits::MAP_BYTES),
            Self::Holds { chunks } => ("list of chunks", chunks.len(), limits::CHUNKS_NAMED),
            Self::Wanted => ("list of chunks", 0, 0),
        }
    }
}

/// What is asked for: the first bytes of a substream.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Ask {
    #[n(0)]
    pub image: ImageId,
    #[n(1)]
    pub want: Want,
}

/// Which chunk is meant.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Want {
    /// Of the coordinator: whichever it would like to be passed on, outside of this map. The answer may take its time.
    #[n(0)]
    Any {
        #[n(0)]
        held: ByteVec,
    },
    #[n(1)]
    Chunk {
        #[n(0)]
        chunk: u32,
    },
}

/// The answer on the same substream, after which it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is not there, or not for this peer.
    Nothing,
    Chunk {
        chunk: u32,
        piece: Piece,
    },
}

#[derive(Encode, Decode)]
enum Wire {
    #[n(0)]
    Nothing,
    #[n(1)]
    Chunk {
        #[n(0)]
        chunk: u32,
        #[n(1)]
        data: ByteVec,
        #[cbor(n(2), with = "hashes")]
        path: Vec<Hash>,
    },
}

impl Ask {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("request for a chunk", limits::ASK_BYTES, bytes)
    }
}

impl Answer {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&match self {
            Self::Nothing => Wire::Nothing,
            Self::Chunk { chunk, piece } => Wire::Chunk {
                chunk: *chunk,
                data: piece.data.to_vec().into(),
                path: piece.path.clone(),
            },
        })
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let wire = cbor::decode("chunk", limits::ANSWER_BYTES, bytes)?;
        Ok(match wire {
            Wire::Nothing => Self::Nothing,
            Wire::Chunk { chunk, data, path } => Self::Chunk {
                chunk,
                piece: Piece {
                    data: Arc::from(Vec::from(data)),
                    path,
                },
            },
        })
    }
}

/// The hashes of a path, one after the other in one byte string.
mod hashes {
    use minicbor::decode::{self, Decoder};
    use minicbor::encode::{self, Encoder, Write};

    use crate::merkle::Hash;

    pub fn encode<C, W: Write>(
        path: &[Hash],
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(path.as_flattened())?.ok()
    }

    pub fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Vec<Hash>, decode::Error> {
        let bytes = d.bytes()?;
        match bytes.as_chunks() {
            (hashes, []) => Ok(hashes.to_vec()),
            _ => Err(decode::Error::message("a path of broken hashes")),
        }
    }
}

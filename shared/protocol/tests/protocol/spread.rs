//! How a release spreads: the chunks of an image, the machine of a member, and the coordinator's.

mod image;
mod member;
mod source;
mod town;

use std::sync::Arc;

use protocol::dice::Dice;
use protocol::key::PeerKey;
use protocol::release::CHUNK_BYTES;
use protocol::spread::frame::{Answer, Frame};
use protocol::spread::image::{Cut, Image, Piece};
use protocol::spread::{Input, Output, Part};
use protocol::time::Instant;

/// An image with all its pieces.
#[derive(Debug)]
pub struct Load {
    pub image: Image,
    pub pieces: Vec<Piece>,
}

impl Load {
    /// So many bytes, no two chunks alike.
    pub fn of_bytes(length: u64) -> Self {
        let chunks: Vec<Arc<[u8]>> = (0..length.div_ceil(CHUNK_BYTES))
            .map(|chunk| {
                let length = (length - chunk * CHUNK_BYTES).min(CHUNK_BYTES);
                let bytes = (0..length).map(|place| (place * 31 + chunk * 7) as u8);
                bytes.collect()
            })
            .collect();
        let mut cut = Cut::default();
        chunks.iter().for_each(|chunk| cut.push(chunk));
        let pieces = (0..).zip(chunks).map(|(chunk, data)| Piece {
            data,
            path: cut.path(chunk).unwrap(),
        });
        Self {
            pieces: pieces.collect(),
            image: cut.image().unwrap(),
        }
    }

    pub fn of_chunks(chunks: u64) -> Self {
        Self::of_bytes(chunks * CHUNK_BYTES)
    }

    pub fn answer(&self, chunk: u32) -> Answer {
        Answer::Chunk {
            chunk,
            piece: self.pieces[chunk as usize].clone(),
        }
    }

    /// A chunk with one bit turned.
    pub fn false_answer(&self, chunk: u32) -> Answer {
        let mut piece = self.pieces[chunk as usize].clone();
        let mut data = piece.data.to_vec();
        data[17] ^= 1;
        piece.data = data.into();
        Answer::Chunk { chunk, piece }
    }
}

pub fn at(ms: u64) -> Instant {
    Instant::from_millis(ms)
}

pub fn dice(seed: u8) -> Dice {
    Dice::from_seed([seed; 32])
}

pub fn peer(number: u8) -> PeerKey {
    PeerKey([number; 32])
}

pub fn neighbour(number: u8) -> Input {
    Input::Joined {
        peer: peer(number),
        part: Part::Neighbour,
    }
}

/// A neighbour says what it has.
pub fn holds(number: u8, chunks: &[u32]) -> Input {
    Input::Frame {
        from: peer(number),
        frame: Frame::Holds {
            chunks: chunks.to_vec(),
        },
    }
}

/// Whom the machine asks for which chunk.
pub fn asks(outputs: &[Output]) -> Vec<(PeerKey, Option<u32>)> {
    use protocol::spread::frame::Want;
    let asks = outputs.iter().filter_map(|output| match output {
        Output::Ask {
            to,
            want: Want::Chunk { chunk },
        } => Some((*to, Some(*chunk))),
        Output::Ask {
            to,
            want: Want::Any { .. },
        } => Some((*to, None)),
        _ => None,
    });
    asks.collect()
}

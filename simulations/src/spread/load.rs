//! The image that spreads, cut into pieces, and what liars send in their place.

use std::sync::Arc;

use protocol::release::CHUNK_BYTES;
use protocol::spread::image::{Cut, Image, Piece};

use crate::chance::Chance;

#[derive(Debug)]
pub(super) struct Load {
    pub(super) image: Image,
    pieces: Vec<Piece>,
    garbage: Arc<[u8]>,
}

impl Load {
    pub(super) fn new(seed: u64, bytes: u64) -> Self {
        let mut chance = Chance::new(seed, "firmware");
        let mut left = bytes.max(1);
        let (mut cut, mut chunks) = (Cut::default(), Vec::new());
        while left > 0 {
            let chunk = noise(&mut chance, left.min(CHUNK_BYTES));
            left -= chunk.len() as u64;
            cut.push(&chunk);
            chunks.push(chunk);
        }
        let pieces = (0..).zip(chunks).map(|(chunk, data)| {
            let path = cut.path(chunk).expect("the chunk was cut");
            Piece { data, path }
        });
        Self {
            pieces: pieces.collect(),
            image: cut.image().expect("a scenario has at most 2 GiB"),
            garbage: noise(&mut chance, CHUNK_BYTES),
        }
    }

    pub(super) fn piece(&self, chunk: u32) -> Piece {
        self.pieces[chunk as usize].clone()
    }

    /// What a liar sends as a chunk: of the right length, under the right path.
    pub(super) fn false_piece(&self, chunk: u32) -> Piece {
        let length = self.image.bytes_of(chunk) as usize;
        Piece {
            data: match self.garbage.get(..length) {
                Some(part) if part.len() < self.garbage.len() => part.into(),
                _ => Arc::clone(&self.garbage),
            },
            ..self.piece(chunk)
        }
    }

    pub(super) fn is_true(&self, chunk: u32, piece: &Piece) -> bool {
        self.pieces[chunk as usize] == *piece
    }
}

fn noise(chance: &mut Chance, bytes: u64) -> Arc<[u8]> {
    let words = (0..bytes.div_ceil(8)).flat_map(|_| chance.draw().to_le_bytes());
    words.take(bytes as usize).collect()
}

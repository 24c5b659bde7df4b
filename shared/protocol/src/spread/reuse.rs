//! Making chunks of a new image of what runs: every part that is found again is put where the new image has it.

use std::sync::Arc;

use super::image::{Image, Piece};
use super::parts::{Index, Sum, sum};
use crate::release::CHUNK_BYTES;

/// An image of which some parts have been found.
#[derive(Debug)]
pub struct Reuse {
    image: Image,
    index: Index,
    /// Where each part begins.
    starts: Vec<u64>,
    /// Parts by their sums.
    sums: Vec<(Sum, u32)>,
    placed: Vec<bool>,
    missing: usize,
}

impl Reuse {
    /// The index has to be of this image, as [`Index::decode`] checks.
    pub fn new(image: Image, index: Index) -> Self {
        let mut start = 0;
        let begins = |length: u32| {
            let begin = start;
            start += u64::from(length);
            begin
        };
        let lengths = index.parts().iter().map(|part| part.length);
        let starts = lengths.map(begins).collect();
        let mut sums: Vec<(Sum, u32)> = (0..)
            .zip(index.parts())
            .map(|(at, part)| (part.sum, at))
            .collect();
        sums.sort_unstable();
        let missing = index.parts().len();
        Self {
            image,
            placed: vec![false; missing],
            missing,
            starts,
            sums,
            index,
        }
    }

    /// Of something that is here: at which places of the image these bytes are to be put, each place once.
    pub fn offer(&mut self, part: &[u8]) -> Vec<u64> {
        let sum = sum(part);
        let from = self.sums.partition_point(|(other, _)| *other < sum);
        let alike = self.sums[from..]
            .iter()
            .take_while(|(other, _)| *other == sum);
        let mut places = Vec::new();
        for (_, at) in alike {
            let at = *at as usize;
            let fits = self.index.parts()[at].length as usize == part.len();
            if fits && !std::mem::replace(&mut self.placed[at], true) {
                self.missing -= 1;
                places.push(self.starts[at]);
            }
        }
        places
    }

    /// Whether nothing is left to be found.
    pub const fn is_all(&self) -> bool {
        self.missing == 0
    }

    /// Chunks of which every part was put in its place.
    pub fn chunks(&self) -> Vec<u32> {
        let is_there = |chunk: &u32| {
            let start = u64::from(*chunk) * CHUNK_BYTES;
            let end = start + self.image.bytes_of(*chunk);
            let first = self.starts.partition_point(|begin| *begin <= start) - 1;
            let after = self.starts.partition_point(|begin| *begin < end);
            self.placed[first..after].iter().all(|placed| *placed)
        };
        (0..self.image.chunks()).filter(is_there).collect()
    }

    /// The chunk with what proves it, if these are its bytes.
    pub fn prove(&self, chunk: u32, data: Arc<[u8]>) -> Option<Piece> {
        let path = self.index.cut().path(chunk)?;
        let piece = Piece { data, path };
        self.image.check(chunk, &piece).is_ok().then_some(piece)
    }
}

#[cfg(test)]
mod tests;

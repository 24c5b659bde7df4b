//! The image that spreads, cut into pieces, what nodes make of it out of the version before, and what liars send in place
//! of a piece.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::release::CHUNK_BYTES;
use protocol::spread::image::{Cut, Image, Piece};
use protocol::spread::parts::{Cutter, Indexing};
use protocol::spread::reuse::Reuse;

use crate::chance::Chance;

#[derive(Debug)]
pub(super) struct Load {
    pub(super) image: Image,
    /// What everybody has before anything is fetched.
    pub(super) made: BTreeMap<u32, Piece>,
    /// Bytes of what lists the parts; nothing where nobody uses it.
    pub(super) index_bytes: u64,
    pieces: Vec<Piece>,
    garbage: Arc<[u8]>,
}

impl Load {
    /// Where a share of it is new, everybody runs a version that has all the rest, at other places.
    pub(super) fn new(seed: u64, bytes: u64, changed: f64) -> Self {
        let mut load = Self::whole(seed, bytes);
        if changed > 0.0 {
            load.remember(&mut Chance::new(seed, "firmware before"), changed);
        }
        load
    }

    fn remember(&mut self, chance: &mut Chance, changed: f64) {
        let image: Vec<u8> = self
            .pieces
            .iter()
            .flat_map(|piece| piece.data.to_vec())
            .collect();
        let new = (image.len() as f64 * changed) as usize;
        let from = (image.len() - new) / 2;
        // What was there before is longer by some bytes, so that what follows has moved.
        let former = noise(chance, new as u64 + 1_001);
        let before = [&image[..from], &former, &image[from + new..]].concat();
        let mut indexing = Indexing::default();
        for piece in &self.pieces {
            indexing.push(&piece.data);
        }
        let Some(index) = indexing.end() else { return };
        self.index_bytes = index.encode().len() as u64;
        let mut reuse = Reuse::new(self.image, index);
        let mut file = vec![0; image.len()];
        let mut put = |part: &[u8]| {
            for at in reuse.offer(part) {
                file[at as usize..][..part.len()].copy_from_slice(part);
            }
        };
        let mut cutter = Cutter::default();
        for piece in before.chunks(CHUNK_BYTES as usize) {
            cutter.push(piece, &mut put);
        }
        cutter.end(&mut put);
        let made = reuse.chunks().into_iter().filter_map(|chunk| {
            let data = file.chunks(CHUNK_BYTES as usize).nth(chunk as usize)?;
            Some((chunk, reuse.prove(chunk, data.into())?))
        });
        self.made = made.collect();
    }

    fn whole(seed: u64, bytes: u64) -> Self {
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
            made: BTreeMap::new(),
            index_bytes: 0,
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

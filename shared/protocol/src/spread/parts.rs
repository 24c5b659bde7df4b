//! An image in parts whose borders its content decides: what two versions have in common is cut alike, wherever it lies.
//!
//! The index of an image lists its parts, and the hashes of its chunks. It is signed for beside the image, and proves
//! nothing by itself: the hashes have to lead to the image's signed root, and whatever is made by the help of the parts is
//! a chunk like any other, which counts once it leads there too.

use fastcdc::v2020::{self, Normalization};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;

use super::image::{Cut, Image};
use crate::cbor::{self, DecodeError};
use crate::id::Digest;
use crate::limits;
use crate::merkle::Hash;

/// Bytes of a part, at least and at most; only the last of an image is shorter.
pub const LEAST: usize = 4 * 1024;
pub const MOST: usize = 64 * 1024;
const USUAL: usize = 16 * 1024;
const HASH: usize = size_of::<Hash>();
/// A length, and the sum.
const ROW: usize = 4 + 8;

/// Tells parts apart. Whoever makes two with the same sum makes a chunk that leads to no root.
pub type Sum = [u8; 8];

/// A run of bytes of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub length: u32,
    pub sum: Sum,
}

/// What an image is made of, in order.
#[derive(Debug, Clone)]
pub struct Index {
    cut: Cut,
    parts: Vec<Part>,
}

/// Why an index is of no use for an image.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IndexError {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(
        "it has {found} bytes of `chunks`, which is not one hash for each of the {chunks} of the image"
    )]
    Chunks { found: usize, chunks: u32 },
    #[error("its `chunks` lead to another root than the image's")]
    Root,
    #[error(
        "it has {found} bytes of `parts`: that is no whole number, or more than the {most} that the image may have"
    )]
    Parts { found: usize, most: usize },
    #[error("part {0} is shorter than {LEAST} or longer than {MOST} bytes")]
    Length(usize),
    #[error("its parts are {found} bytes, and the image is {length}")]
    Sum { found: u64, length: u64 },
}

/// Finds the parts of bytes that come in order.
#[derive(Debug, Default)]
pub struct Cutter {
    waiting: Vec<u8>,
}

/// Makes the index of an image whose chunks come in order.
#[derive(Debug, Default)]
pub struct Indexing {
    cutter: Cutter,
    cut: Cut,
    parts: Vec<Part>,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Written {
    #[n(0)]
    chunks: ByteVec,
    #[n(1)]
    parts: ByteVec,
}

/// The sum of a part's bytes.
pub fn sum(part: &[u8]) -> Sum {
    Digest::of("palisade 2026 part of an image", &[part]).short()
}

impl Cutter {
    /// Takes the next bytes, and hands on the parts that end in them.
    pub fn push(&mut self, bytes: &[u8], mut found: impl FnMut(&[u8])) {
        self.waiting.extend_from_slice(bytes);
        let mut start = 0;
        while self.waiting.len() - start >= MOST {
            let end = start + first(&self.waiting[start..]);
            found(&self.waiting[start..end]);
            start = end;
        }
        self.waiting.drain(..start);
    }

    /// The parts of what is left.
    pub fn end(self, mut found: impl FnMut(&[u8])) {
        let mut rest = self.waiting.as_slice();
        while !rest.is_empty() {
            let (part, after) = rest.split_at(first(rest));
            found(part);
            rest = after;
        }
    }
}

/// How long the first part of these bytes is; of nothing, nothing.
fn first(bytes: &[u8]) -> usize {
    let (strict, loose) = v2020::select_masks(USUAL, Normalization::Level1);
    let (_, end) = v2020::cut(
        bytes,
        LEAST,
        USUAL,
        MOST,
        strict,
        loose,
        strict << 1,
        loose << 1,
    );
    end.clamp(1.min(bytes.len()), bytes.len())
}

impl Indexing {
    /// Takes the next chunk, as [`Cut::push`] does.
    pub fn push(&mut self, chunk: &[u8]) {
        self.cut.push(chunk);
        let parts = &mut self.parts;
        self.cutter.push(chunk, |part| parts.push(Part::of(part)));
    }

    /// `None` for an image that none may be, and for one that falls into too many parts.
    pub fn end(self) -> Option<Index> {
        let Self {
            cutter,
            cut,
            mut parts,
        } = self;
        cutter.end(|part| parts.push(Part::of(part)));
        let image = cut.image()?;
        (parts.len() <= most_parts(image)).then_some(Index { cut, parts })
    }
}

impl Part {
    fn of(bytes: &[u8]) -> Self {
        Self {
            length: u32::try_from(bytes.len()).expect("a part is short"),
            sum: sum(bytes),
        }
    }
}

/// Parts that an image may have.
fn most_parts(image: Image) -> usize {
    image.chunks() as usize * limits::PARTS_PER_CHUNK
}

impl Index {
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What leads from each chunk of the image to its root.
    pub const fn cut(&self) -> &Cut {
        &self.cut
    }

    pub fn encode(&self) -> Vec<u8> {
        let rows = self.parts.iter().flat_map(|part| {
            let length = part.length.to_be_bytes();
            length.into_iter().chain(part.sum)
        });
        cbor::encode(&Written {
            chunks: self.cut.leaves().as_flattened().to_vec().into(),
            parts: rows.collect::<Vec<u8>>().into(),
        })
    }

    /// Reads what somebody says about this image.
    pub fn decode(image: Image, bytes: &[u8]) -> Result<Self, IndexError> {
        let written: Written = cbor::decode("index", limits::INDEX_BYTES, bytes)?;
        let cut = chunks_of(image, &written.chunks)?;
        let most = most_parts(image);
        let (rows, rest) = written.parts.as_chunks::<ROW>();
        if !rest.is_empty() || rows.len() > most {
            let found = written.parts.len();
            return Err(IndexError::Parts { found, most });
        }
        let parts: Vec<Part> = rows.iter().map(Part::read).collect();
        check(image, &parts)?;
        Ok(Self { cut, parts })
    }
}

impl Part {
    fn read(row: &[u8; ROW]) -> Self {
        let [a, b, c, d, sum @ ..] = *row;
        Self {
            length: u32::from_be_bytes([a, b, c, d]),
            sum,
        }
    }
}

fn chunks_of(image: Image, hashes: &[u8]) -> Result<Cut, IndexError> {
    let (leaves, rest) = hashes.as_chunks::<HASH>();
    if !rest.is_empty() || leaves.len() != image.chunks() as usize {
        return Err(IndexError::Chunks {
            found: hashes.len(),
            chunks: image.chunks(),
        });
    }
    let cut = Cut::of_leaves(leaves, image.length());
    match cut.image() == Some(image) {
        true => Ok(cut),
        false => Err(IndexError::Root),
    }
}

/// Each part begins where the one before ends, so that none overlaps another; all of them are the image.
fn check(image: Image, parts: &[Part]) -> Result<(), IndexError> {
    let last = parts.len().saturating_sub(1);
    for (place, part) in parts.iter().enumerate() {
        let least = if place == last { 1 } else { LEAST };
        if !(least..=MOST).contains(&(part.length as usize)) {
            return Err(IndexError::Length(place));
        }
    }
    let found = parts.iter().map(|part| u64::from(part.length)).sum();
    let length = image.length();
    match found == length {
        true => Ok(()),
        false => Err(IndexError::Sum { found, length }),
    }
}

#[cfg(test)]
mod tests;

//! An image in chunks, and the check that a chunk belongs to it: nothing is stored that does not lead to its signed root.

use std::fmt;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};

use crate::id::Digest;
use crate::limits;
use crate::merkle::{self, Hash, Tree};
use crate::release::{CHUNK_BYTES, Release};

/// What a verified target says about its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image {
    root: Hash,
    length: u64,
}

/// Names an image among the few that travel at once: the first bytes of its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct ImageId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 8]);

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// A chunk with the hashes that lead from it to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub data: Arc<[u8]>,
    pub path: Vec<Hash>,
}

/// A chunk that is not of the image, by the hash of what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong {
    pub chunk: u32,
    pub found: Digest,
}

impl Image {
    /// `None` for an empty image, and for one of more than [`limits::IMAGE_CHUNKS`].
    pub fn new(root: Hash, length: u64) -> Option<Self> {
        let chunks = length.div_ceil(CHUNK_BYTES);
        let fits = (1..=u64::from(limits::IMAGE_CHUNKS)).contains(&chunks);
        fits.then_some(Self { root, length })
    }

    pub fn of(release: &Release) -> Option<Self> {
        Self::new(release.chunk_root, release.length)
    }

    pub fn id(&self) -> ImageId {
        let mut id = [0; 8];
        id.copy_from_slice(&self.root[..8]);
        ImageId(id)
    }

    pub const fn length(&self) -> u64 {
        self.length
    }

    pub fn chunks(&self) -> u32 {
        let chunks = self.length.div_ceil(CHUNK_BYTES);
        u32::try_from(chunks).expect("an image has no more chunks than its limit")
    }

    /// How long a chunk is; all but the last are of one length.
    pub fn bytes_of(&self, chunk: u32) -> u64 {
        let start = u64::from(chunk) * CHUNK_BYTES;
        self.length.saturating_sub(start).min(CHUNK_BYTES)
    }

    /// Whether this is that chunk of this image.
    pub fn check(&self, chunk: u32, piece: &Piece) -> Result<(), Wrong> {
        let leaf = merkle::leaf_hash(&piece.data);
        let (index, size) = (u64::from(chunk), u64::from(self.chunks()));
        let proven = merkle::verify_inclusion(&leaf, index, size, &piece.path, &self.root);
        let is_whole = piece.data.len() as u64 == self.bytes_of(chunk);
        if proven.is_ok() && is_whole {
            return Ok(());
        }
        let found = Digest::of("palisade 2026 wrong chunk", &[&piece.data]);
        Err(Wrong { chunk, found })
    }
}

/// Cuts an image whose bytes come in order: what whoever has all of it serves from.
#[derive(Debug, Clone, Default)]
pub struct Cut {
    tree: Tree,
    length: u64,
}

impl Cut {
    /// Takes the next chunk; all but the last are [`CHUNK_BYTES`] long.
    pub fn push(&mut self, data: &[u8]) {
        self.tree.push(merkle::leaf_hash(data));
        self.length += data.len() as u64;
    }

    /// The same where the hashes of the chunks are known already.
    pub fn of_leaves(leaves: &[Hash], length: u64) -> Self {
        let mut tree = Tree::new();
        leaves.iter().for_each(|leaf| tree.push(*leaf));
        Self { tree, length }
    }

    /// The hash of each chunk, in order.
    pub fn leaves(&self) -> &[Hash] {
        self.tree.leaves()
    }

    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    pub fn image(&self) -> Option<Image> {
        Image::new(self.tree.root(), self.length)
    }

    /// What leads from a chunk to the root.
    pub fn path(&self, chunk: u32) -> Option<Vec<Hash>> {
        let proof = self
            .tree
            .inclusion_proof(u64::from(chunk), self.tree.size());
        proof.ok()
    }
}

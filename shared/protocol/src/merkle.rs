//! The Merkle tree of append-only logs (RFC 9162, section 2.1, over SHA-256).

use sha2::{Digest as _, Sha256};
use thiserror::Error;

pub type Hash = [u8; 32];

/// Hashes that a proof may carry: a log of 2^64 entries needs no more.
pub const PROOF_HASHES: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProofError {
    #[error("the proof asks about entries that a log of this size does not have")]
    OutOfRange,
    #[error("the proof carries more than {PROOF_HASHES} hashes")]
    TooLong,
    #[error("the proof does not have the number of hashes that these sizes need")]
    WrongLength,
    #[error("the proof leads to another root")]
    WrongRoot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a frontier of {size} leaves has {} hashes, not {found}", size.count_ones())]
pub struct FrontierError {
    pub size: u64,
    pub found: usize,
}

/// The prefix keeps an entry from passing for an inner node.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

/// The root of a log without entries.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// What appending needs of a log: the roots of its full subtrees, largest first, one for each bit of its size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes back what [`Self::size`] and [`Self::peaks`] gave.
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Result<Self, FrontierError> {
        let fits = u32::try_from(peaks.len()).is_ok_and(|found| found == size.count_ones());
        if fits {
            Ok(Self { size, peaks })
        } else {
            Err(FrontierError {
                size,
                found: peaks.len(),
            })
        }
    }

    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self
                .peaks
                .pop()
                .expect("every set bit of the size has its peak");
            node = node_hash(&left, &node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    pub const fn size(&self) -> u64 {
        self.size
    }

    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    pub fn root(&self) -> Hash {
        let smallest_first = self.peaks.iter().rev().copied();
        smallest_first
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(empty_root)
    }
}

/// A log's leaf hashes with all full subtrees above them, so that proofs cost O(log² n).
#[derive(Debug, Clone)]
pub struct Tree {
    /// Leaves first; a level holds the roots of the full subtrees of its height.
    levels: Vec<Vec<Hash>>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            levels: vec![Vec::new()],
        }
    }
}

impl Tree {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, leaf: Hash) {
        self.levels[0].push(leaf);
        let mut height = 0;
        while let [.., left, right] = self.levels[height].as_slice()
            && self.levels[height].len().is_multiple_of(2)
        {
            let parent = node_hash(left, right);
            height += 1;
            if self.levels.len() == height {
                self.levels.push(Vec::new());
            }
            self.levels[height].push(parent);
        }
    }

    pub fn size(&self) -> u64 {
        self.levels[0].len() as u64
    }

    pub fn leaves(&self) -> &[Hash] {
        &self.levels[0]
    }

    pub fn leaf(&self, index: u64) -> Option<&Hash> {
        self.levels[0].get(usize::try_from(index).ok()?)
    }

    pub fn root(&self) -> Hash {
        self.subtree(0, self.size())
    }

    /// The root when the log had `size` entries; `None` if it never had so many.
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        (size <= self.size()).then(|| self.subtree(0, size))
    }

    /// Shows that the entry at `index` is in the log of `size` entries.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, ProofError> {
        if index >= size || size > self.size() {
            return Err(ProofError::OutOfRange);
        }
        let (mut start, mut end, mut path) = (0, size, Vec::new());
        while end - start > 1 {
            let middle = split(start, end);
            if index < middle {
                path.push(self.subtree(middle, end));
                end = middle;
            } else {
                path.push(self.subtree(start, middle));
                start = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// Shows that the log of `old` entries is the beginning of the log of `new` entries.
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, ProofError> {
        if old > new || new > self.size() {
            return Err(ProofError::OutOfRange);
        }
        let (mut start, mut end, mut path) = (0, new, Vec::new());
        if old == 0 {
            return Ok(path);
        }
        while end != old {
            let middle = split(start, end);
            if old <= middle {
                path.push(self.subtree(middle, end));
                end = middle;
            } else {
                path.push(self.subtree(start, middle));
                start = middle;
            }
        }
        if start > 0 {
            path.push(self.subtree(start, end));
        }
        path.reverse();
        Ok(path)
    }

    pub fn frontier(&self) -> Frontier {
        let (mut start, mut peaks) = (0, Vec::new());
        while start < self.size() {
            let end = start + (1 << (self.size() - start).ilog2());
            peaks.push(self.subtree(start, end));
            start = end;
        }
        Frontier {
            size: self.size(),
            peaks,
        }
    }

    /// The root over the leaves `start..end`, where `start` is a multiple of the power of two that covers them.
    fn subtree(&self, start: u64, end: u64) -> Hash {
        match end - start {
            0 => empty_root(),
            size if size.is_power_of_two() => {
                let height = size.ilog2();
                self.levels[height as usize][(start >> height) as usize]
            }
            _ => {
                let middle = split(start, end);
                node_hash(&self.subtree(start, middle), &self.subtree(middle, end))
            }
        }
    }
}

/// Where RFC 9162 splits at least two leaves: the largest power of two smaller than their number.
const fn split(start: u64, end: u64) -> u64 {
    start + (1 << (end - start - 1).ilog2())
}

/// Checks that `leaf` is the hash of the entry at `index` in the log of `size` entries (section 2.1.3.2).
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange);
    }
    if proof.len() > PROOF_HASHES {
        return Err(ProofError::TooLong);
    }
    let (mut place, mut last, mut node) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if place & 1 == 1 || place == last {
            node = node_hash(sibling, &node);
            skip_missing_siblings(&mut place, &mut last);
        } else {
            node = node_hash(&node, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::WrongLength);
    }
    if node == *root {
        Ok(())
    } else {
        Err(ProofError::WrongRoot)
    }
}

/// Checks that the log of `old` entries is the beginning of the log of `new` entries (section 2.1.4.2).
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::OutOfRange);
    }
    if proof.len() > PROOF_HASHES {
        return Err(ProofError::TooLong);
    }
    if old == new || old == 0 {
        return verify_trivial(old, old_root, (old == new).then_some(new_root), proof);
    }
    let (mut place, mut last) = (old - 1, new - 1);
    let shift = place.trailing_ones();
    place >>= shift;
    last >>= shift;
    let (first, rest) = match proof {
        _ if old.is_power_of_two() => (old_root, proof),
        [first, rest @ ..] => (first, rest),
        [] => return Err(ProofError::WrongLength),
    };
    let (mut old_node, mut new_node) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if place & 1 == 1 || place == last {
            old_node = node_hash(sibling, &old_node);
            new_node = node_hash(sibling, &new_node);
            skip_missing_siblings(&mut place, &mut last);
        } else {
            new_node = node_hash(&new_node, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::WrongLength);
    }
    if old_node == *old_root && new_node == *new_root {
        Ok(())
    } else {
        Err(ProofError::WrongRoot)
    }
}

/// Two logs of one size are one log, and every log begins with the empty one.
fn verify_trivial(
    old: u64,
    old_root: &Hash,
    equal: Option<&Hash>,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if !proof.is_empty() {
        return Err(ProofError::WrongLength);
    }
    let is_empty_root = old != 0 || *old_root == empty_root();
    if is_empty_root && equal.is_none_or(|new_root| new_root == old_root) {
        Ok(())
    } else {
        Err(ProofError::WrongRoot)
    }
}

/// The last node of an odd level rises unchanged until it is a right child.
fn skip_missing_siblings(place: &mut u64, last: &mut u64) {
    while *place & 1 == 0 && *place != 0 {
        *place >>= 1;
        *last >>= 1;
    }
}

#[cfg(test)]
mod tests;

//! A random forest (Breiman 2001) over fingerprints: small, seeded, and the same on every machine.

mod grow;
mod written;

use crate::limits::TYPES;

use super::{FEATURES, Features};

pub use self::written::ForestError;

/// What a forest is grown by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    pub trees: usize,
    /// Features that each split may choose from.
    pub tried: usize,
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            trees: 80,
            tried: 40,
            seed: 1,
        }
    }
}

/// A class, by its place in the list of types that the caller keeps; at most [`TYPES`].
pub type Type = u8;

/// Trees in one array each. A leaf has no feature; its type stands where the right branch would.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    trees: Vec<Vec<Node>>,
    types: usize,
    /// For each type, which features it was ever seen to have.
    seen: Vec<Vec<u64>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    /// `LEAF`, or what is compared.
    feature: u16,
    /// Where a greater value leads; a smaller or equal one leads to the next node.
    right: u16,
    threshold: f32,
}

const LEAF: u16 = u16::MAX;
const _: () = assert!(FEATURES < LEAF as usize);

/// What the trees say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vote {
    pub best: Type,
    /// The share of the trees that say so.
    pub share: f32,
    /// The share of its words and sizes that the type was seen to have; low for a device of no known type.
    pub familiar: f32,
}

impl Vote {
    /// How near the fingerprint is to what is known, from 0 to 1: below about a third nothing like it was learnt.
    pub fn nearness(&self) -> f32 {
        self.share * self.familiar
    }
}

impl Forest {
    /// Learns from fingerprints with their types. Without any, or with a type beyond [`TYPES`], it knows nothing.
    pub fn grow(samples: &[(Features, Type)], settings: Settings) -> Self {
        let types = samples
            .iter()
            .map(|(_, label)| usize::from(*label) + 1)
            .max()
            .unwrap_or(0);
        if types > TYPES {
            return Self {
                trees: Vec::new(),
                types: 0,
                seen: Vec::new(),
            };
        }
        let mut seen = vec![vec![0; FEATURES.div_ceil(64)]; types];
        for (features, label) in samples {
            for (place, word) in seen[usize::from(*label)].iter_mut().zip(presence(features)) {
                *place |= word;
            }
        }
        Self {
            trees: grow::trees(samples, types, settings),
            types,
            seen,
        }
    }

    /// `None` from a forest that has learnt nothing.
    pub fn judge(&self, features: &Features) -> Option<Vote> {
        let mut votes = [0_u16; TYPES];
        for tree in &self.trees {
            votes[usize::from(walk(tree, features))] += 1;
        }
        let ranked = votes[..self.types]
            .iter()
            .zip(0..)
            .max_by_key(|(count, label)| (**count, std::cmp::Reverse(*label)));
        let (count, best): (&u16, Type) = ranked?;
        Some(Vote {
            best,
            share: f32::from(*count) / self.trees.len().max(1) as f32,
            familiar: self.familiar(features, best),
        })
    }

    fn familiar(&self, features: &Features, label: Type) -> f32 {
        let seen = &self.seen[usize::from(label)];
        let (mut has, mut knows) = (0, 0);
        for (word, known) in presence(features).zip(seen) {
            has += word.count_ones();
            knows += (word & known).count_ones();
        }
        knows as f32 / has.max(1) as f32
    }
}

/// Which features are not zero, in words of 64.
fn presence(features: &Features) -> impl Iterator<Item = u64> {
    let chunks = features.0.chunks(64);
    chunks.map(|chunk| {
        let bits = chunk
            .iter()
            .zip(0..)
            .map(|(value, bit)| u64::from(*value > 0.0) << bit);
        bits.fold(0, |word, bit| word | bit)
    })
}

fn walk(tree: &[Node], features: &Features) -> Type {
    let mut at = 0;
    loop {
        let node = tree[at];
        if node.feature == LEAF {
            return node.right as Type;
        }
        at = if features.0[usize::from(node.feature)] > node.threshold {
            usize::from(node.right)
        } else {
            at + 1
        };
    }
}

//! A forest as bytes, and back: a model is a signed file, and still nothing in it is believed unseen.

use thiserror::Error;

use crate::bytes::Reader;
use crate::limits::{MODEL_BYTES, TYPES};

use super::{FEATURES, Forest, LEAF, Node};

/// The first bytes: what it is, and the version of the features that it was grown on.
const HEAD: [u8; 8] = *b"pfrst\0\0\x01";
const SEEN_WORDS: usize = FEATURES.div_ceil(64);

/// Why bytes are no forest that could be walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ForestError {
    #[error("the file does not begin as a forest of this version: train it anew")]
    Head,
    #[error("the file is larger than {MODEL_BYTES} bytes, or ends early, or late")]
    Length,
    #[error("a node leads backward, out of its tree, to a feature or to a type that there is not")]
    Node,
}

impl Forest {
    /// The same forest gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = HEAD.to_vec();
        bytes.extend((self.types as u16).to_be_bytes());
        bytes.extend((self.trees.len() as u16).to_be_bytes());
        for word in self.seen.iter().flatten() {
            bytes.extend(word.to_be_bytes());
        }
        for tree in &self.trees {
            bytes.extend((tree.len() as u16).to_be_bytes());
            for node in tree {
                bytes.extend(node.feature.to_be_bytes());
                bytes.extend(node.right.to_be_bytes());
                bytes.extend(node.threshold.to_bits().to_be_bytes());
            }
        }
        bytes
    }

    /// Takes back what [`Self::to_bytes`] wrote; each walk through what it gives comes to an end.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ForestError> {
        if bytes.len() > MODEL_BYTES {
            return Err(ForestError::Length);
        }
        let mut rest = Reader(bytes);
        if rest.array() != Some(HEAD) {
            return Err(ForestError::Head);
        }
        let types = usize::from(rest.short().ok_or(ForestError::Length)?);
        let trees = rest.short().ok_or(ForestError::Length)?;
        if types > TYPES {
            return Err(ForestError::Node);
        }
        let seen: Option<Vec<Vec<u64>>> = (0..types).map(|_| seen(&mut rest)).collect();
        let seen = seen.ok_or(ForestError::Length)?;
        let trees: Result<Vec<_>, _> = (0..trees).map(|_| tree(&mut rest, types)).collect();
        let trees = trees?;
        let is_whole = rest.0.is_empty();
        is_whole
            .then_some(Self { trees, types, seen })
            .ok_or(ForestError::Length)
    }
}

fn seen(rest: &mut Reader<'_>) -> Option<Vec<u64>> {
    (0..SEEN_WORDS)
        .map(|_| rest.array().map(u64::from_be_bytes))
        .collect()
}

fn tree(rest: &mut Reader<'_>, types: usize) -> Result<Vec<Node>, ForestError> {
    let length = usize::from(rest.short().ok_or(ForestError::Length)?);
    let nodes: Option<Vec<_>> = (0..length).map(|_| node(rest)).collect();
    let nodes = nodes.ok_or(ForestError::Length)?;
    // Branches lead forward only, so that no walk is longer than the tree.
    let is_sound = |(at, node): (usize, &Node)| match node.feature {
        LEAF => usize::from(node.right) < types,
        feature => {
            let right = usize::from(node.right);
            usize::from(feature) < FEATURES && right > at + 1 && right < length
        }
    };
    let all_sound = !nodes.is_empty() && nodes.iter().enumerate().all(is_sound);
    all_sound.then_some(nodes).ok_or(ForestError::Node)
}

fn node(rest: &mut Reader<'_>) -> Option<Node> {
    Some(Node {
        feature: rest.short()?,
        right: rest.short()?,
        threshold: f32::from_bits(rest.long()?),
    })
}

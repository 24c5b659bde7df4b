//! The form of a boosted classifier: each tree's nodes in the order in which they were made.

use super::{Boosting, Node, Tree};
use crate::limits::{BOOSTED_CLASSES, BOOSTED_LEAVES, BOOSTED_TREES, FEATURES};
use crate::model::{Kind, ModelError, Reader, Writer};

const VERSION: u8 = 1;
/// In place of a feature's number: a leaf.
const LEAF: u16 = u16::MAX;

impl Boosting {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(Kind::Boosting, VERSION);
        writer.u32(self.width as u32);
        writer.u32(self.base.len() as u32);
        writer.f64s(&self.base);
        writer.u32(self.trees.len() as u32);
        for tree in &self.trees {
            writer.u32(tree.nodes.len() as u32);
            for (at, node) in tree.nodes.iter().enumerate() {
                if usize::from(node.below) == at {
                    writer.u16(LEAF);
                    writer.f32(node.value);
                } else {
                    writer.u16(node.feature);
                    writer.f32(node.threshold);
                    writer.u16(node.below);
                }
            }
        }
        writer.finish()
    }

    /// Refuses what no [`Boosting::fit`] gives: nodes that are reached from nowhere or twice, features that do not exist.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut reader = Reader::open(bytes, Kind::Boosting, VERSION)?;
        let width = reader.count("width", 1..=FEATURES)?;
        let outputs = reader.count("outputs", 1..=BOOSTED_CLASSES)?;
        let base = reader.finites("base", outputs)?;
        let count = reader.count("trees", 1..=BOOSTED_TREES)?;
        if outputs == 2 || !count.is_multiple_of(outputs) {
            return Err(ModelError::Field("outputs"));
        }
        let trees = (0..count)
            .map(|_| tree(&mut reader, width))
            .collect::<Result<_, _>>()?;
        reader.finish()?;
        Ok(Self { width, base, trees })
    }
}

fn tree(reader: &mut Reader<'_>, width: usize) -> Result<Tree, ModelError> {
    let count = reader.count("nodes", 1..=2 * BOOSTED_LEAVES - 1)?;
    let mut nodes = Vec::new();
    for at in 0..count {
        nodes.push(node(reader, width, at, count)?);
    }
    // Children follow their parents, two by two, so depths are known from the front and every node has one parent.
    let mut depths = vec![None; count];
    depths[0] = Some(0u16);
    for (at, node) in nodes.iter().enumerate() {
        let depth = depths[at].ok_or(ModelError::Field("below"))?;
        if usize::from(node.below) == at {
            continue;
        }
        for child in [usize::from(node.below), usize::from(node.below) + 1] {
            if depths[child].replace(depth + 1).is_some() {
                return Err(ModelError::Field("below"));
            }
        }
    }
    let depth = depths.into_iter().flatten().max().unwrap_or(0);
    Ok(Tree { nodes, depth })
}

fn node(
    reader: &mut Reader<'_>,
    width: usize,
    at: usize,
    count: usize,
) -> Result<Node, ModelError> {
    let feature = reader.u16()?;
    if feature == LEAF {
        let value = reader.finite_f32("value")?;
        return Ok(Node {
            threshold: f32::INFINITY,
            feature: 0,
            below: at as u16,
            value,
        });
    }
    let threshold = reader.finite_f32("threshold")?;
    let below = reader.u16()?;
    if usize::from(feature) >= width {
        return Err(ModelError::Field("feature"));
    }
    if usize::from(below) <= at || usize::from(below) + 1 >= count {
        return Err(ModelError::Field("below"));
    }
    Ok(Node {
        threshold,
        feature,
        below,
        value: 0.0,
    })
}

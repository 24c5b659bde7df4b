//! Half-space trees (Tan, Ting, Liu 2011): random halvings of the space, and how many rows of the last window fell
//! into each part.

use crate::dice::Dice;
use crate::limits::{HALF_SPACE_DEPTH, HALF_SPACE_TREES, HALF_SPACE_WINDOW, STREAM_FEATURES};

const NODES: usize = 2 << HALF_SPACE_DEPTH;
/// A node with less mass than this ends a walk early, as the paper advises.
const FEW: u16 = (HALF_SPACE_WINDOW / 10) as u16;

/// Trees walked at once.
const ABREAST: usize = 5;

pub(super) type Leaves = [usize; HALF_SPACE_TREES];

/// 25 trees of depth 8 over windows of 250 rows; the first window also says in which range the features lie.
#[derive(Debug, Clone, PartialEq)]
pub struct HalfSpaceTrees {
    width: usize,
    seed: u64,
    /// Rows of the first window, one after the other, until the trees are built.
    first: Vec<f64>,
    trees: Vec<Tree>,
    learnt: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct Tree {
    cuts: Box<[(f32, u16); NODES / 2]>,
    /// Rows of the last window and of this one.
    masses: Box<[[u16; 2]; NODES]>,
}

impl HalfSpaceTrees {
    pub fn new(width: usize, seed: u64) -> Self {
        Self {
            width,
            seed,
            first: Vec::new(),
            trees: Vec::new(),
            learnt: 0,
        }
    }

    /// 0 where most rows are, up to 1 where none was; 0 before the first window is over.
    pub fn rarity(&self, row: &[f64]) -> f64 {
        self.rarity_at(&self.leaves(row))
    }

    /// The leaf of every tree that a row falls into; found once, it serves to score and to learn.
    pub(super) fn leaves(&self, row: &[f64]) -> Leaves {
        let mut leaves = [1; HALF_SPACE_TREES];
        let mut narrow = [0.0f32; STREAM_FEATURES];
        narrow
            .iter_mut()
            .zip(row)
            .for_each(|(narrow, value)| *narrow = *value as f32);
        for (leaves, trees) in leaves.chunks_mut(ABREAST).zip(self.trees.chunks(ABREAST)) {
            for _ in 0..HALF_SPACE_DEPTH {
                for (at, tree) in leaves.iter_mut().zip(trees) {
                    *at = tree.below(*at, &narrow);
                }
            }
        }
        leaves
    }

    pub(super) fn rarity_at(&self, leaves: &Leaves) -> f64 {
        if self.trees.is_empty() {
            return 0.0;
        }
        let masses: u32 = self
            .trees
            .iter()
            .zip(leaves)
            .map(|(tree, leaf)| tree.mass(*leaf))
            .sum();
        let most = (HALF_SPACE_WINDOW << HALF_SPACE_DEPTH) as f64 * self.trees.len() as f64;
        // On a logarithm the parts of a usual row do not drown those of a rare one.
        1.0 - libm::log1p(f64::from(masses)) / libm::log1p(most)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let tree =
            size_of::<Tree>() + NODES / 2 * size_of::<(f32, u16)>() + NODES * size_of::<[u16; 2]>();
        self.first.capacity() * size_of::<f64>() + self.trees.len() * tree
    }

    pub fn learn(&mut self, row: &[f64]) {
        let leaves = self.leaves(row);
        self.learn_at(row, &leaves);
    }

    pub(super) fn learn_at(&mut self, row: &[f64], leaves: &Leaves) {
        if self.trees.is_empty() {
            self.first.extend(row);
            if self.first.len() >= HALF_SPACE_WINDOW * self.width {
                self.build();
            }
            return;
        }
        self.trees
            .iter_mut()
            .zip(leaves)
            .for_each(|(tree, leaf)| tree.learn(*leaf));
        self.learnt += 1;
        if self.learnt == HALF_SPACE_WINDOW {
            self.learnt = 0;
            self.trees.iter_mut().for_each(Tree::turn);
        }
    }

    fn build(&mut self) {
        let first = std::mem::take(&mut self.first);
        let ranges: Vec<(f64, f64)> = (0..self.width)
            .map(|feature| range(&first, self.width, feature))
            .collect();
        self.trees = (0..HALF_SPACE_TREES as u64)
            .map(|tree| Tree::new(&ranges, Dice::of_part(self.seed, tree)))
            .collect();
        for tree in &mut self.trees {
            first
                .chunks_exact(self.width)
                .for_each(|row| tree.learn(tree.leaf(row)));
            tree.turn();
        }
    }
}

fn range(rows: &[f64], width: usize, feature: usize) -> (f64, f64) {
    let values = || rows.iter().skip(feature).step_by(width).copied();
    (
        values().fold(f64::INFINITY, f64::min),
        values().fold(f64::NEG_INFINITY, f64::max),
    )
}

impl Tree {
    /// Each feature's working range is its own range around a random middle, twice as far as the farther end.
    fn new(ranges: &[(f64, f64)], mut dice: Dice) -> Self {
        let mut space: Vec<(f64, f64)> = ranges
            .iter()
            .map(|(low, high)| {
                let length = (high - low).max(1e-9);
                let middle = dice.unit();
                let far = 2.0 * middle.max(1.0 - middle);
                (low + (middle - far) * length, low + (middle + far) * length)
            })
            .collect();
        let mut tree = Self {
            cuts: Box::new([(0.0, 0); NODES / 2]),
            masses: Box::new([[0; 2]; NODES]),
        };
        tree.halve(1, &mut space, &mut dice);
        tree
    }

    fn halve(&mut self, at: usize, space: &mut [(f64, f64)], dice: &mut Dice) {
        if at >= NODES / 2 {
            return;
        }
        let feature = dice.below(space.len());
        let (low, high) = space[feature];
        let middle = low + (high - low) / 2.0;
        self.cuts[at] = (middle as f32, feature as u16);
        space[feature] = (low, middle);
        self.halve(2 * at, space, dice);
        space[feature] = (middle, high);
        self.halve(2 * at + 1, space, dice);
        space[feature] = (low, high);
    }

    fn below(&self, at: usize, row: &[f32; STREAM_FEATURES]) -> usize {
        let (cut, feature) = self.cuts[at & (NODES / 2 - 1)];
        2 * at + usize::from(row[usize::from(feature) & (STREAM_FEATURES - 1)] > cut)
    }

    fn leaf(&self, row: &[f64]) -> usize {
        let mut narrow = [0.0f32; STREAM_FEATURES];
        narrow
            .iter_mut()
            .zip(row)
            .for_each(|(narrow, value)| *narrow = *value as f32);
        (0..HALF_SPACE_DEPTH).fold(1, |at, _| self.below(at, &narrow))
    }

    /// Mass times 2^depth at the first node on the way to the leaf that has little mass.
    fn mass(&self, leaf: usize) -> u32 {
        let mut end = (leaf, 0);
        for above in 1..=HALF_SPACE_DEPTH {
            let node = leaf >> above;
            if self.masses[node & (NODES - 1)][0] < FEW {
                end = (node, above);
            }
        }
        u32::from(self.masses[end.0 & (NODES - 1)][0]) << (HALF_SPACE_DEPTH - end.1)
    }

    fn learn(&mut self, leaf: usize) {
        for above in 0..=HALF_SPACE_DEPTH {
            self.masses[(leaf >> above) & (NODES - 1)][1] += 1;
        }
    }

    fn turn(&mut self) {
        self.masses.iter_mut().for_each(|mass| *mass = [mass[1], 0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_where_nothing_was_are_rarer_than_rows_among_many() {
        let mut dice = Dice::new(6);
        let mut trees = HalfSpaceTrees::new(2, 1);
        assert_eq!(trees.rarity(&[9.0, 9.0]), 0.0);
        (0..1_000).for_each(|_| trees.learn(&[dice.unit(), dice.unit()]));
        let (usual, odd) = (trees.rarity(&[0.5, 0.5]), trees.rarity(&[9.0, -9.0]));
        assert!(odd > usual + 0.2 && odd <= 1.0, "{usual} {odd}");
        assert!((0.0..=1.0).contains(&trees.rarity(&[f64::NAN, f64::INFINITY])));
    }

    #[test]
    fn every_level_holds_the_whole_window() {
        let mut dice = Dice::new(6);
        let mut trees = HalfSpaceTrees::new(3, 1);
        (0..2 * HALF_SPACE_WINDOW)
            .for_each(|_| trees.learn(&[dice.unit(), dice.unit(), dice.unit()]));
        for tree in &trees.trees {
            for level in 0..=HALF_SPACE_DEPTH {
                let on_level = &tree.masses[1 << level..2 << level];
                assert_eq!(
                    on_level
                        .iter()
                        .map(|mass| usize::from(mass[0]))
                        .sum::<usize>(),
                    HALF_SPACE_WINDOW
                );
            }
        }
    }
}

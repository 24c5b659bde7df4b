//! How trees grow: each from a draw of the samples, each split the best of a few features by Gini's impurity.

use crate::limits::{TREE_DEPTH, TYPES};

use super::{FEATURES, Features, LEAF, Node, Settings, Type};

/// xorshift64*: no more is needed to draw samples and features.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        ((drawn * bound as u64) >> 32) as usize
    }
}

struct Split {
    feature: u16,
    threshold: f32,
    impurity: f64,
}

pub(super) fn trees(
    samples: &[(Features, Type)],
    types: usize,
    settings: Settings,
) -> Vec<Vec<Node>> {
    let mut dice = Dice(settings.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut trees = Vec::new();
    for _ in 0..if samples.is_empty() {
        0
    } else {
        settings.trees
    } {
        let mut drawn: Vec<_> = (0..samples.len())
            .map(|_| dice.below(samples.len()))
            .collect();
        let mut tree = Vec::new();
        branch(
            samples,
            types,
            &mut drawn,
            0,
            settings.tried,
            &mut dice,
            &mut tree,
        );
        trees.push(tree);
    }
    trees
}

/// Adds the node for some of the samples and all below it: the left branch follows at once, the right one later.
fn branch(
    samples: &[(Features, Type)],
    types: usize,
    drawn: &mut [usize],
    depth: usize,
    tried: usize,
    dice: &mut Dice,
    tree: &mut Vec<Node>,
) {
    let counts = counts(samples, drawn);
    let is_pure = counts.iter().filter(|count| **count > 0).count() <= 1;
    // Places in a tree are sixteen bits.
    let is_full = depth >= TREE_DEPTH || tree.len() + 2 * drawn.len() >= usize::from(u16::MAX);
    let split = if is_pure || is_full {
        None
    } else {
        best_split(samples, &counts[..types], drawn, tried, dice)
    };
    let at = tree.len();
    let Some(split) = split else {
        let most = counts
            .iter()
            .zip(0..)
            .max_by_key(|(count, label)| (**count, std::cmp::Reverse(*label)));
        let right = most.map_or(0, |(_, label)| label);
        tree.push(Node {
            feature: LEAF,
            right,
            threshold: 0.0,
        });
        return;
    };
    tree.push(Node {
        feature: split.feature,
        right: 0,
        threshold: split.threshold,
    });
    let value = |sample: usize| samples[sample].0.0[usize::from(split.feature)];
    drawn.sort_by(|a, b| value(*a).total_cmp(&value(*b)));
    let middle = drawn.partition_point(|sample| value(*sample) <= split.threshold);
    let (left, right) = drawn.split_at_mut(middle);
    branch(samples, types, left, depth + 1, tried, dice, tree);
    tree[at].right = tree.len() as u16;
    branch(samples, types, right, depth + 1, tried, dice, tree);
}

fn counts(samples: &[(Features, Type)], drawn: &[usize]) -> [u32; TYPES] {
    let mut counts = [0; TYPES];
    for sample in drawn {
        counts[usize::from(samples[*sample].1)] += 1;
    }
    counts
}

fn best_split(
    samples: &[(Features, Type)],
    counts: &[u32],
    drawn: &[usize],
    tried: usize,
    dice: &mut Dice,
) -> Option<Split> {
    let mut best: Option<Split> = None;
    // A feature that is the same everywhere is no try; most words are silent in most captures.
    let (mut tries, mut draws) = (0, 0);
    while tries < tried && draws < 8 * tried {
        draws += 1;
        let feature = dice.below(FEATURES) as u16;
        if let Some(split) = split_by(samples, counts, drawn, feature) {
            tries += 1;
            if best
                .as_ref()
                .is_none_or(|best| split.impurity < best.impurity)
            {
                best = Some(split);
            }
        }
    }
    best
}

fn split_by(
    samples: &[(Features, Type)],
    counts: &[u32],
    drawn: &[usize],
    feature: u16,
) -> Option<Split> {
    let mut values: Vec<_> = drawn
        .iter()
        .map(|sample| {
            (
                samples[*sample].0.0[usize::from(feature)],
                samples[*sample].1,
            )
        })
        .collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    if values.first().map(|first| first.0) == values.last().map(|last| last.0) {
        return None;
    }
    let mut left = vec![0_u32; counts.len()];
    let mut right = counts.to_vec();
    let square = |count: u32| f64::from(count) * f64::from(count);
    let (mut left_squares, mut right_squares) =
        (0.0, counts.iter().map(|count| square(*count)).sum::<f64>());
    let mut best: Option<Split> = None;
    for (index, pair) in values.windows(2).enumerate() {
        let label = usize::from(pair[0].1);
        left_squares += 2.0 * f64::from(left[label]) + 1.0;
        right_squares -= 2.0 * f64::from(right[label]) - 1.0;
        left[label] += 1;
        right[label] -= 1;
        if pair[0].0 < pair[1].0 {
            let (before, after) = ((index + 1) as f64, (values.len() - index - 1) as f64);
            let impurity = -(left_squares / before + right_squares / after);
            if best.as_ref().is_none_or(|best| impurity < best.impurity) {
                let threshold = pair[0].0 + (pair[1].0 - pair[0].0) / 2.0;
                // Rounding may reach the upper value, which belongs to the right.
                let threshold = if threshold < pair[1].0 {
                    threshold
                } else {
                    pair[0].0
                };
                best = Some(Split {
                    feature,
                    threshold,
                    impurity,
                });
            }
        }
    }
    best
}

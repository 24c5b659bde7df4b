//! One tree from its sample: a random feature, a random cut between the smallest and the largest value, eight levels deep.

use super::{Cuts, ENDED, Lengths, cut, length};
use crate::dice::Dice;
use crate::limits::{SAMPLE, TREE_DEPTH};
use crate::rows::Rows;

/// Room that all trees of one forest are grown in.
#[derive(Debug)]
pub(super) struct Grower<'a> {
    rows: Rows<'a>,
    sample: usize,
    features: Vec<u16>,
    values: [f32; SAMPLE],
    cuts: Cuts,
    lengths: Lengths,
    /// Path lengths of leaves on the lowest level by the number of their rows.
    lowest: Lengths,
}

impl<'a> Grower<'a> {
    pub(super) fn new(rows: Rows<'a>, sample: usize) -> Self {
        Self {
            rows,
            sample,
            features: (0..rows.width() as u16).collect(),
            values: [0.0; SAMPLE],
            cuts: [ENDED; SAMPLE],
            lengths: [0; SAMPLE],
            lowest: std::array::from_fn(|count| length(TREE_DEPTH, count)),
        }
    }

    pub(super) fn tree(&mut self, mut dice: Dice) -> (Cuts, Lengths) {
        self.cuts = [ENDED; SAMPLE];
        self.lengths = [0; SAMPLE];
        // The order of the features is part of the dice: it must not carry over from tree to tree.
        self.features.sort_unstable();
        let mut drawn = dice.distinct(self.sample, self.rows.count());
        self.branch(1, 0, &mut drawn, &mut dice);
        (self.cuts, self.lengths)
    }

    fn branch(&mut self, at: usize, depth: usize, rows: &mut [u32], dice: &mut Dice) {
        if depth == TREE_DEPTH {
            self.lengths[at - SAMPLE] = match self.lowest.get(rows.len()) {
                Some(length) => *length,
                None => length(depth, rows.len()),
            };
            return;
        }
        let chosen = if rows.len() > 1 {
            self.choose(rows, dice)
        } else {
            None
        };
        let Some((feature, threshold)) = chosen else {
            let leftmost = (at << (TREE_DEPTH - depth)) - SAMPLE;
            self.lengths[leftmost] = length(depth, rows.len());
            return;
        };
        self.cuts[at] = cut(feature, threshold);
        let right = partition(rows, &mut self.values[..], threshold);
        let (left, right) = rows.split_at_mut(right);
        self.branch(2 * at, depth + 1, left, dice);
        self.branch(2 * at + 1, depth + 1, right, dice);
    }

    /// A feature that varies in these rows and a cut that leaves rows on both sides; its values stay in `values`.
    fn choose(&mut self, rows: &[u32], dice: &mut Dice) -> Option<(u16, f32)> {
        let width = self.features.len();
        for tried in 0..width {
            let pick = tried + dice.below(width - tried);
            self.features.swap(tried, pick);
            let feature = self.features[tried];
            if let Some((low, high)) = self.spread(rows, feature) {
                let (low, high) = (f64::from(low), f64::from(high));
                let threshold = (low + dice.unit() * (high - low)) as f32;
                // Rounding up to the largest value would leave nothing on the right.
                let threshold = if f64::from(threshold) < high {
                    threshold
                } else {
                    low as f32
                };
                return Some((feature, threshold));
            }
        }
        None
    }

    fn spread(&mut self, rows: &[u32], feature: u16) -> Option<(f32, f32)> {
        let (mut low, mut high, mut finite) = (f32::INFINITY, f32::NEG_INFINITY, true);
        for (kept, row) in self.values.iter_mut().zip(rows) {
            let value = self.rows.value(*row, usize::from(feature));
            *kept = value;
            low = low.min(value);
            high = high.max(value);
            finite &= value.is_finite();
        }
        (finite && low < high).then_some((low, high))
    }
}

/// Moves rows at or below the threshold to the front and says how many they are.
fn partition(rows: &mut [u32], values: &mut [f32], threshold: f32) -> usize {
    let (mut left, mut right) = (0, rows.len());
    while left < right {
        if values[left] <= threshold {
            left += 1;
        } else {
            right -= 1;
            rows.swap(left, right);
            values.swap(left, right);
        }
    }
    left
}

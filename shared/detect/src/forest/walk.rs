//! Down the trees with several walkers at once, because one walker waits for memory at every step.
//!
//! Rows are copied into arrays whose width is a power of two: a feature number masked to that width needs no check.

use super::{Cuts, Forest, feature_of, threshold_of};
use crate::limits::{SAMPLE, TREE_DEPTH};
use crate::rows::Rows;

/// Walkers down one tree, or trees under one walker.
const ABREAST: usize = 8;
/// Values of the rows that are walked before the next tree is taken: they and one tree fit the first cache.
const BLOCK_VALUES: usize = 4_096;

/// Sums of path lengths over all trees, one for each row.
pub(super) fn many(forest: &Forest, rows: Rows<'_>) -> Vec<u32> {
    match rows.width().next_power_of_two() {
        1 | 2 => batch::<2>(forest, rows),
        4 => batch::<4>(forest, rows),
        8 => batch::<8>(forest, rows),
        16 => batch::<16>(forest, rows),
        32 => batch::<32>(forest, rows),
        64 => batch::<64>(forest, rows),
        128 => batch::<128>(forest, rows),
        _ => batch::<256>(forest, rows),
    }
}

fn batch<const WIDTH: usize>(forest: &Forest, rows: Rows<'_>) -> Vec<u32> {
    let per_block = (BLOCK_VALUES / WIDTH).clamp(ABREAST, 256);
    let mut sums = vec![0u32; rows.count().next_multiple_of(ABREAST)];
    let mut block = vec![[[0.0f32; WIDTH]; ABREAST]; per_block.div_ceil(ABREAST)];
    let mut source = rows.iter();
    for sums in sums.chunks_mut(block.len() * ABREAST) {
        for (place, row) in block
            .as_flattened_mut()
            .iter_mut()
            .zip(source.by_ref().take(sums.len()))
        {
            place[..row.len()].copy_from_slice(row);
        }
        for (cuts, lengths) in forest.cuts.iter().zip(&forest.lengths) {
            for (group, sums) in block.iter().zip(sums.chunks_exact_mut(ABREAST)) {
                let leaves = abreast(cuts, group);
                for (sum, leaf) in sums.iter_mut().zip(leaves) {
                    *sum += lengths[leaf & (SAMPLE - 1)];
                }
            }
        }
    }
    sums.truncate(rows.count());
    sums
}

#[inline(always)]
fn abreast<const WIDTH: usize>(cuts: &Cuts, rows: &[[f32; WIDTH]; ABREAST]) -> [usize; ABREAST] {
    let mut at = [1usize; ABREAST];
    for _ in 0..TREE_DEPTH {
        for (at, row) in at.iter_mut().zip(rows) {
            *at = below(cuts, row, *at);
        }
    }
    at
}

#[inline(always)]
fn below<const WIDTH: usize>(cuts: &Cuts, row: &[f32; WIDTH], at: usize) -> usize {
    let cut = cuts[at & (SAMPLE - 1)];
    let right = row[feature_of(cut) & (WIDTH - 1)] > threshold_of(cut);
    2 * at + usize::from(right)
}

/// The sum of path lengths of one row.
pub(super) fn one(forest: &Forest, row: &[f32]) -> u32 {
    match row.len().next_power_of_two() {
        1 | 2 => alone::<2>(forest, row),
        4 => alone::<4>(forest, row),
        8 => alone::<8>(forest, row),
        16 => alone::<16>(forest, row),
        32 => alone::<32>(forest, row),
        64 => alone::<64>(forest, row),
        128 => alone::<128>(forest, row),
        _ => alone::<256>(forest, row),
    }
}

fn alone<const WIDTH: usize>(forest: &Forest, row: &[f32]) -> u32 {
    let mut padded = [0.0f32; WIDTH];
    padded[..row.len()].copy_from_slice(row);
    let (groups, rest) = forest.cuts.as_chunks::<ABREAST>();
    let (lengths, lengths_of_rest) = forest.lengths.as_chunks::<ABREAST>();
    let mut sum = 0;
    for (trees, lengths) in groups.iter().zip(lengths) {
        let mut at = [1usize; ABREAST];
        for _ in 0..TREE_DEPTH {
            for (at, cuts) in at.iter_mut().zip(trees) {
                *at = below(cuts, &padded, *at);
            }
        }
        sum += at
            .iter()
            .zip(lengths)
            .map(|(at, lengths)| lengths[at & (SAMPLE - 1)])
            .sum::<u32>();
    }
    for (cuts, lengths) in rest.iter().zip(lengths_of_rest) {
        let leaf = (0..TREE_DEPTH).fold(1, |at, _| below(cuts, &padded, at));
        sum += lengths[leaf & (SAMPLE - 1)];
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::super::{ForestConfig, length};
    use super::*;
    use crate::dice::Dice;

    /// Straight from the definition: one row, one tree, one step after the other.
    fn slowly(forest: &Forest, row: &[f32]) -> u32 {
        let mut sum = 0;
        for (cuts, lengths) in forest.cuts.iter().zip(&forest.lengths) {
            let mut at = 1;
            while at < SAMPLE {
                let cut = cuts[at];
                at = if row[feature_of(cut)] <= threshold_of(cut) {
                    2 * at
                } else {
                    2 * at + 1
                };
            }
            sum += lengths[at - SAMPLE];
        }
        sum
    }

    #[test]
    fn walkers_abreast_come_where_one_walker_comes() {
        for width in [1, 3, 4, 21, 166] {
            let mut dice = Dice::new(width as u64);
            let values: Vec<f32> = (0..777 * width)
                .map(|_| (dice.below(50) as f32) / 7.0)
                .collect();
            let rows = Rows::new(&values, width).unwrap();
            let forest = Forest::fit(rows, ForestConfig::default(), 9).unwrap();
            let sums = many(&forest, rows);
            for (row, sum) in rows.iter().zip(sums) {
                assert_eq!(sum, slowly(&forest, row));
                assert_eq!(sum, one(&forest, row));
            }
        }
    }

    #[test]
    fn every_row_of_the_sample_counts_in_one_leaf() {
        let values: Vec<f32> = (0..100).map(|n| n as f32).collect();
        let rows = Rows::new(&values, 1).unwrap();
        let forest = Forest::fit(
            rows,
            ForestConfig {
                trees: 20,
                sample: 256,
            },
            9,
        )
        .unwrap();
        for tree in 0..20 {
            let single = Forest {
                cuts: vec![forest.cuts[tree]],
                lengths: vec![forest.lengths[tree]],
                ..forest.clone()
            };
            // A leaf of n rows is visited by n of them, and says so.
            let mut visits = std::collections::BTreeMap::new();
            for value in &values {
                let mut at = 1;
                let mut depth = 0;
                while at < SAMPLE && threshold_of(single.cuts[0][at]).is_finite() {
                    at = 2 * at + usize::from(*value > threshold_of(single.cuts[0][at]));
                    depth += 1;
                }
                let entry = visits
                    .entry(at)
                    .or_insert((depth, 0, one(&single, &[*value])));
                entry.1 += 1;
            }
            for (depth, count, said) in visits.values() {
                assert_eq!(*said, length(*depth, *count));
            }
        }
    }
}

//! Isolation forest (Liu, Ting, Zhou 2008): rows that few random cuts set apart are unusual.
//!
//! A tree is 255 cuts and 256 path lengths in heap order, so that walking down is arithmetic on an index; branches
//! that end early are filled with cuts that always lead left. Path lengths are whole numbers of 2^-19, so that their
//! sum does not depend on the order in which trees are visited: one row and a batch give the same score to the bit.

mod bytes;
mod grow;
mod walk;

use thiserror::Error;

use crate::dice::Dice;
use crate::limits::{SAMPLE, TREE_DEPTH, TREES};
use crate::rows::Rows;

/// Cuts of one tree: the feature in the low, the threshold in the high 32 bits; entry 0 is never read.
type Cuts = [u64; SAMPLE];
/// Path lengths of one tree's leaves, in 2^-19.
type Lengths = [u32; SAMPLE];

const FRACTION: u32 = 19;

/// How a forest is grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForestConfig {
    /// 1 to [`TREES`].
    pub trees: usize,
    /// Rows drawn for each tree, 2 to [`SAMPLE`]; all where there are fewer.
    pub sample: usize,
}

impl Default for ForestConfig {
    fn default() -> Self {
        Self {
            trees: 100,
            sample: SAMPLE,
        }
    }
}

/// A fitted forest; about 3 KB a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forest {
    width: usize,
    sample: usize,
    cuts: Vec<Cuts>,
    lengths: Vec<Lengths>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FitError {
    #[error("{0} rows are too few to learn from: give at least 2")]
    Rows(usize),
    #[error("`trees` is {0}: give between 1 and {TREES}")]
    Trees(usize),
    #[error("`sample` is {0}: give between 2 and {SAMPLE}")]
    Sample(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a row has {found} features, the model was fitted to {expected}")]
pub struct WidthError {
    pub expected: usize,
    pub found: usize,
}

impl Forest {
    /// Grows trees from rows drawn without replacement, each tree with dice of its own. A feature that is not finite
    /// in some row of a branch is not cut there.
    pub fn fit(rows: Rows<'_>, config: ForestConfig, seed: u64) -> Result<Self, FitError> {
        if rows.count() < 2 {
            return Err(FitError::Rows(rows.count()));
        }
        if !(1..=TREES).contains(&config.trees) {
            return Err(FitError::Trees(config.trees));
        }
        if !(2..=SAMPLE).contains(&config.sample) {
            return Err(FitError::Sample(config.sample));
        }
        let sample = config.sample.min(rows.count());
        let mut grower = grow::Grower::new(rows, sample);
        let (cuts, lengths) = (0..config.trees as u64)
            .map(|tree| grower.tree(Dice::of_part(seed, tree)))
            .unzip();
        Ok(Self {
            width: rows.width(),
            sample,
            cuts,
            lengths,
        })
    }

    pub const fn width(&self) -> usize {
        self.width
    }

    pub const fn trees(&self) -> usize {
        self.cuts.len()
    }

    /// Scores in 0..1 as the paper defines them, 2^(-mean path / c(sample)): near 1 is unusual, .5 and below is not.
    pub fn scores(&self, rows: Rows<'_>) -> Result<Vec<f64>, WidthError> {
        self.check(rows.width())?;
        let sums = walk::many(self, rows);
        Ok(sums.into_iter().map(|sum| self.score_of(sum)).collect())
    }

    /// The score of one row, the same as [`Forest::scores`] gives it.
    pub fn score(&self, row: &[f32]) -> Result<f64, WidthError> {
        self.check(row.len())?;
        Ok(self.score_of(walk::one(self, row)))
    }

    pub(crate) const fn heap_bytes(&self) -> usize {
        self.cuts.len() * (size_of::<Cuts>() + size_of::<Lengths>())
    }

    fn check(&self, found: usize) -> Result<(), WidthError> {
        let expected = self.width;
        if found == expected {
            Ok(())
        } else {
            Err(WidthError { expected, found })
        }
    }

    fn score_of(&self, sum: u32) -> f64 {
        let mean = f64::from(sum) / f64::from(1u32 << FRACTION) / self.cuts.len() as f64;
        libm::exp2(-mean / average_path(self.sample).max(f64::MIN_POSITIVE))
    }
}

/// c(n), the mean path of an unsuccessful search among n (Liu et al., equation 1).
fn average_path(count: usize) -> f64 {
    const EULER_MASCHERONI: f64 = 0.577_215_664_901_532_9;
    let n = count as f64;
    match count {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => 2.0 * (libm::log(n - 1.0) + EULER_MASCHERONI) - 2.0 * (n - 1.0) / n,
    }
}

/// The path length of a leaf at this depth that holds so many rows.
fn length(depth: usize, count: usize) -> u32 {
    let path = depth as f64 + average_path(count);
    libm::round(path * f64::from(1u32 << FRACTION)) as u32
}

const fn cut(feature: u16, threshold: f32) -> u64 {
    ((threshold.to_bits() as u64) << 32) | feature as u64
}

const fn feature_of(cut: u64) -> usize {
    (cut & 0xffff) as usize
}

const fn threshold_of(cut: u64) -> f32 {
    f32::from_bits((cut >> 32) as u32)
}

/// Fills a branch that ended: no number is greater, so every row goes left.
const ENDED: u64 = cut(0, f32::INFINITY);

const _: () = assert!(SAMPLE == 1 << TREE_DEPTH);

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(seed: u64, count: usize, width: usize) -> Vec<f32> {
        let mut dice = Dice::new(seed);
        (0..count * width)
            .map(|_| (dice.unit() + dice.unit()) as f32)
            .collect()
    }

    #[test]
    fn a_row_far_away_scores_above_all_others() {
        let mut values = cloud(1, 2_000, 3);
        values.extend([9.0, 9.0, 9.0]);
        let rows = Rows::new(&values, 3).unwrap();
        let forest = Forest::fit(rows, ForestConfig::default(), 5).unwrap();
        let scores = forest.scores(rows).unwrap();
        let far = scores[2_000];
        assert!(far > 0.7, "{far}");
        assert!(scores[..2_000].iter().all(|score| *score < far));
    }

    #[test]
    fn one_row_and_a_batch_agree_to_the_bit() {
        for width in [1, 2, 3, 5, 9, 17, 33, 65, 129, 256] {
            let values = cloud(width as u64, 301, width);
            let rows = Rows::new(&values, width).unwrap();
            let forest = Forest::fit(
                rows,
                ForestConfig {
                    trees: 13,
                    sample: 100,
                },
                5,
            )
            .unwrap();
            let batch = forest.scores(rows).unwrap();
            for (row, score) in rows.iter().zip(batch) {
                assert_eq!(forest.score(row).unwrap().to_bits(), score.to_bits());
            }
        }
    }

    #[test]
    fn the_same_seed_grows_the_same_forest_and_another_does_not() {
        let values = cloud(2, 1_000, 4);
        let rows = Rows::new(&values, 4).unwrap();
        let grown = |seed| {
            Forest::fit(rows, ForestConfig::default(), seed)
                .unwrap()
                .to_bytes()
        };
        assert_eq!(grown(1), grown(1));
        assert_ne!(grown(1), grown(2));
        let digest = blake3::hash(&grown(1)).to_hex();
        assert_eq!(
            &digest[..16],
            "150c62a332f76c88",
            "the bytes of seed 1 on every machine"
        );
    }

    #[test]
    fn rows_that_are_all_alike_have_the_score_of_the_ordinary() {
        let values = [7.0f32; 600];
        let rows = Rows::new(&values, 2).unwrap();
        let forest = Forest::fit(rows, ForestConfig::default(), 1).unwrap();
        let score = forest.score(&[7.0, 7.0]).unwrap();
        assert!((score - 0.5).abs() < 1e-6, "{score}");
    }

    #[test]
    fn numbers_that_are_not_finite_neither_panic_nor_become_thresholds() {
        let mut values = cloud(4, 500, 2);
        values[7] = f32::NAN;
        values[20] = f32::INFINITY;
        values[41] = f32::NEG_INFINITY;
        values.extend([f32::MAX, f32::MIN, f32::MIN, f32::MAX]);
        let rows = Rows::new(&values, 2).unwrap();
        let forest = Forest::fit(rows, ForestConfig::default(), 1).unwrap();
        let back = Forest::from_bytes(&forest.to_bytes()).unwrap();
        assert_eq!(back, forest);
        let odd = forest.scores(rows).unwrap();
        assert!(odd.iter().all(|score| (0.0..=1.0).contains(score)));
    }

    #[test]
    fn what_cannot_be_fitted_is_said() {
        let rows = Rows::new(&[1.0], 1).unwrap();
        assert_eq!(
            Forest::fit(rows, ForestConfig::default(), 0),
            Err(FitError::Rows(1))
        );
        let rows = Rows::new(&[1.0, 2.0], 1).unwrap();
        let none = ForestConfig {
            trees: 0,
            sample: 256,
        };
        assert_eq!(Forest::fit(rows, none, 0), Err(FitError::Trees(0)));
        let wide = ForestConfig {
            trees: 1,
            sample: 257,
        };
        assert_eq!(Forest::fit(rows, wide, 0), Err(FitError::Sample(257)));
        let forest = Forest::fit(rows, ForestConfig::default(), 0).unwrap();
        assert_eq!(
            forest.score(&[1.0, 2.0]),
            Err(WidthError {
                expected: 1,
                found: 2
            })
        );
    }
}

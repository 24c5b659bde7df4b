//! Gradient boosting on histograms, leaf by leaf (Friedman 2001; Ke et al. 2017): the classifier of known threats.
//!
//! Features are cut into at most 255 bins once; a tree grows where it gains most, and the histogram of the larger child
//! is its parent's less that of the smaller.

mod bins;
mod bytes;
mod grow;
mod walk;

use thiserror::Error;

use crate::forest::WidthError;
use crate::limits::{BOOSTED_CLASSES, BOOSTED_LEAVES, BOOSTED_ROUNDS, BOOSTED_TREES};
use crate::rows::Rows;
use grow::Gradient;

/// How trees are grown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoostingConfig {
    /// Trees of each class, 1 to [`BOOSTED_ROUNDS`].
    pub rounds: usize,
    /// Leaves of one tree, 2 to [`BOOSTED_LEAVES`].
    pub leaves: usize,
    /// The share of each tree's answer that is taken, above 0 and at most 1.
    pub rate: f64,
}

impl Default for BoostingConfig {
    fn default() -> Self {
        Self {
            rounds: 100,
            leaves: 31,
            rate: 0.1,
        }
    }
}

/// A fitted classifier; two classes share one tree a round, more have one each.
#[derive(Debug, Clone, PartialEq)]
pub struct Boosting {
    width: usize,
    base: Vec<f64>,
    /// Round after round, output after output.
    trees: Vec<Tree>,
}

#[derive(Debug, Clone, PartialEq)]
struct Tree {
    nodes: Vec<Node>,
    depth: u16,
}

/// A cut, or a leaf, which is a cut that always leads to itself.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    threshold: f32,
    feature: u16,
    /// The node at or below the threshold; the one above it follows.
    below: u16,
    value: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum BoostingError {
    #[error("{rows} rows and {labels} labels: give at least two rows and a label for each")]
    Rows { rows: usize, labels: usize },
    #[error("{0} classes: give between 2 and {BOOSTED_CLASSES}")]
    Classes(usize),
    #[error("no row is of class {0}: number the classes that occur from 0")]
    EmptyClass(usize),
    #[error(
        "`rounds` is {0}: give between 1 and {BOOSTED_ROUNDS}, and at most {BOOSTED_TREES} trees for all classes"
    )]
    Rounds(usize),
    #[error("`leaves` is {0}: give between 2 and {BOOSTED_LEAVES}")]
    Leaves(usize),
    #[error("`rate` is {0}: give more than 0 and at most 1")]
    Rate(f64),
}

impl Boosting {
    /// Learns to tell the classes 0, 1, … of rows; nothing is drawn, so that the same rows give the same bytes.
    pub fn fit(
        rows: Rows<'_>,
        labels: &[u8],
        config: BoostingConfig,
    ) -> Result<Self, BoostingError> {
        let counts = checked(rows, labels, config)?;
        let classes = counts.len();
        let all = labels.len() as f64;
        let base: Vec<f64> = if classes == 2 {
            vec![libm::log(counts[1] / counts[0])]
        } else {
            counts.iter().map(|count| libm::log(count / all)).collect()
        };
        let mut grower = grow::Grower::new(rows, config);
        let mut margins = vec![base.clone(); labels.len()].concat();
        let mut trees = Vec::new();
        for _ in 0..config.rounds {
            let gradients = gradients(&margins, labels, base.len());
            for (output, gradients) in gradients.iter().enumerate() {
                let (tree, answers) = grower.tree(gradients);
                let of_output = margins.iter_mut().skip(output).step_by(base.len());
                of_output
                    .zip(answers)
                    .for_each(|(margin, answer)| *margin += f64::from(answer));
                trees.push(tree);
            }
        }
        Ok(Self {
            width: rows.width(),
            base,
            trees,
        })
    }

    pub const fn classes(&self) -> usize {
        if self.base.len() == 1 {
            2
        } else {
            self.base.len()
        }
    }

    /// The probability of each class for each row, row after row.
    pub fn probabilities(&self, rows: Rows<'_>) -> Result<Vec<f64>, WidthError> {
        let (expected, found) = (self.width, rows.width());
        if expected != found {
            return Err(WidthError { expected, found });
        }
        let mut margins = walk::margins(self, rows);
        if self.base.len() == 1 {
            let of_second = margins.into_iter().map(logistic);
            return Ok(of_second
                .flat_map(|second| [1.0 - second, second])
                .collect());
        }
        margins.chunks_exact_mut(self.base.len()).for_each(soft_max);
        Ok(margins)
    }
}

fn checked(
    rows: Rows<'_>,
    labels: &[u8],
    config: BoostingConfig,
) -> Result<Vec<f64>, BoostingError> {
    if rows.count() != labels.len() || labels.len() < 2 {
        return Err(BoostingError::Rows {
            rows: rows.count(),
            labels: labels.len(),
        });
    }
    let classes = labels.iter().max().map_or(0, |last| usize::from(*last) + 1);
    if !(2..=BOOSTED_CLASSES).contains(&classes) {
        return Err(BoostingError::Classes(classes));
    }
    let mut counts = vec![0.0; classes];
    labels
        .iter()
        .for_each(|label| counts[usize::from(*label)] += 1.0);
    if let Some(empty) = counts.iter().position(|count| *count == 0.0) {
        return Err(BoostingError::EmptyClass(empty));
    }
    let outputs = if classes == 2 { 1 } else { classes };
    if !(1..=BOOSTED_ROUNDS).contains(&config.rounds) || config.rounds * outputs > BOOSTED_TREES {
        return Err(BoostingError::Rounds(config.rounds));
    }
    if !(2..=BOOSTED_LEAVES).contains(&config.leaves) {
        return Err(BoostingError::Leaves(config.leaves));
    }
    if !(config.rate > 0.0 && config.rate <= 1.0) {
        return Err(BoostingError::Rate(config.rate));
    }
    Ok(counts)
}

/// First and second derivatives of the log loss, for each output and row.
fn gradients(margins: &[f64], labels: &[u8], outputs: usize) -> Vec<Vec<Gradient>> {
    let mut gradients = vec![Vec::with_capacity(labels.len()); outputs];
    for (margins, label) in margins.chunks_exact(outputs).zip(labels) {
        let mut chances = margins.to_vec();
        if let [one] = chances.as_mut_slice() {
            *one = logistic(*one);
        } else {
            soft_max(&mut chances);
        }
        for (output, (chance, gradients)) in chances.iter().zip(&mut gradients).enumerate() {
            let is = if outputs == 1 {
                *label == 1
            } else {
                usize::from(*label) == output
            };
            gradients.push(Gradient {
                first: (chance - f64::from(u8::from(is))) as f32,
                second: (chance * (1.0 - chance)) as f32,
            });
        }
    }
    gradients
}

fn logistic(margin: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-margin))
}

fn soft_max(margins: &mut [f64]) {
    let most = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    margins
        .iter_mut()
        .for_each(|margin| *margin = libm::exp(*margin - most));
    let sum: f64 = margins.iter().sum();
    margins.iter_mut().for_each(|margin| *margin /= sum);
}

#[cfg(test)]
mod tests;

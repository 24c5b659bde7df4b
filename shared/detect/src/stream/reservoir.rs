//! A forest that follows the times: grown anew now and then from a sample of what was learnt.

use crate::dice::Dice;
use crate::forest::{Forest, ForestConfig};
use crate::limits::RESERVOIR;
use crate::rows::Rows;

/// A third of a whole forest: 96 KB, half a microsecond a row.
const TREES: usize = 32;
/// Rows learnt before the first forest; then it is grown anew whenever they have doubled, and after so many at least.
const FIRST: u64 = 256;
const BETWEEN: u64 = 8_192;

/// Rows of which each was as likely to be kept, the later ones more so, and the forest grown of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ReservoirForest {
    width: usize,
    seed: u64,
    dice: Dice,
    kept: Vec<f32>,
    forest: Option<Forest>,
    learnt: u64,
}

impl ReservoirForest {
    pub fn new(width: usize, seed: u64) -> Self {
        Self {
            width,
            seed,
            dice: Dice::new(seed),
            kept: Vec::new(),
            forest: None,
            learnt: 0,
        }
    }

    /// The forest's score; 0 before there is one.
    pub fn score(&self, row: &[f64]) -> f64 {
        let Some(forest) = &self.forest else {
            return 0.0;
        };
        let mut narrow = [0.0f32; crate::limits::STREAM_FEATURES];
        narrow
            .iter_mut()
            .zip(row)
            .for_each(|(narrow, value)| *narrow = *value as f32);
        forest.score(&narrow[..row.len()]).unwrap_or(0.0)
    }

    /// A full reservoir takes one row in four and forgets any: half of it is younger than 3 × its size.
    pub fn learn(&mut self, row: &[f64]) {
        let narrow = row.iter().map(|value| *value as f32);
        if self.kept.len() < RESERVOIR * self.width {
            self.kept.extend(narrow);
        } else if self.dice.below(4) == 0 {
            let at = self.dice.below(RESERVOIR) * self.width;
            self.kept[at..at + self.width]
                .iter_mut()
                .zip(narrow)
                .for_each(|(kept, value)| *kept = value);
        }
        self.learnt += 1;
        let doubled = self.learnt >= FIRST && self.learnt.is_power_of_two();
        if doubled || self.learnt.is_multiple_of(BETWEEN) {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let config = ForestConfig {
            trees: TREES,
            ..ForestConfig::default()
        };
        let rows = Rows::new(&self.kept, self.width).ok();
        let grown = rows.and_then(|rows| Forest::fit(rows, config, self.seed ^ self.learnt).ok());
        self.forest = grown.or(self.forest.take());
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.kept.capacity() * size_of::<f32>() + self.forest.as_ref().map_or(0, Forest::heap_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_a_stream_that_moves() {
        let mut dice = Dice::new(2);
        let mut forest = ReservoirForest::new(2, 1);
        assert_eq!(forest.score(&[1.0, 1.0]), 0.0);
        (0..4_000).for_each(|_| forest.learn(&[dice.unit(), dice.unit()]));
        assert!(forest.score(&[50.5, 50.5]) > forest.score(&[0.5, 0.5]) + 0.2);
        (0..40_000).for_each(|_| forest.learn(&[50.0 + dice.unit(), 50.0 + dice.unit()]));
        assert!(forest.score(&[50.5, 50.5]) < forest.score(&[0.5, 0.5]));
    }
}

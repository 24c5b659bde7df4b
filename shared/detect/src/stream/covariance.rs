//! T² of up to sixteen features by a mean and covariance that move with the times.

use super::spread::MovingSpread;
use crate::hotelling::{Factor, RIDGE, add_outer};

/// Rows after which the factor is computed anew: it costs as much as some ten updates.
const REFRESH: u64 = 64;
/// Rows at the start after which it is computed at each of them.
const YOUNG: u64 = 64;
/// Features are learnt no farther out than this many robust deviations.
const CLIP: f64 = 4.0;

#[derive(Debug, Clone, PartialEq)]
pub struct MovingCovariance {
    pace: f64,
    mean: Vec<f64>,
    /// The lower half of the square matrix.
    covariance: Vec<f64>,
    factor: Option<Factor>,
    seen: u64,
}

impl MovingCovariance {
    pub fn new(width: usize, pace: f64) -> Self {
        Self {
            pace,
            mean: vec![0.0; width],
            covariance: vec![0.0; width * width],
            factor: None,
            seen: 0,
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let factor = self.mean.len() * (self.mean.len() + 1) / 2;
        (self.mean.len() + self.covariance.len() + factor) * size_of::<f64>()
    }

    /// T², 0 before two rows were learnt; as far as can be for what is not finite.
    pub fn distance(&self, row: &[f64]) -> f64 {
        let Some(factor) = &self.factor else {
            return 0.0;
        };
        let mut centred = [0.0; crate::limits::STREAM_FEATURES];
        let centred = &mut centred[..self.mean.len()];
        for ((centred, value), mean) in centred.iter_mut().zip(row).zip(&self.mean) {
            *centred = value - mean;
        }
        factor.squared_length(centred)
    }

    /// Learns a row as far as it lies within what its features' spreads call usual.
    pub fn learn(&mut self, row: &[f64], spreads: &[MovingSpread]) {
        let share = self.pace.max(1.0 / (self.seen + 1) as f64);
        let width = self.mean.len();
        let mut off = [0.0; crate::limits::STREAM_FEATURES];
        let off = &mut off[..width];
        for (((off, value), mean), spread) in
            off.iter_mut().zip(row).zip(&mut self.mean).zip(spreads)
        {
            let value = if self.seen < YOUNG {
                *value
            } else {
                let (middle, far) = (spread.middle(), CLIP * spread.scale());
                value.clamp(middle - far, middle + far)
            };
            *off = (value - *mean).clamp(-1e100, 1e100);
            *mean += share * *off;
        }
        self.covariance
            .iter_mut()
            .for_each(|sum| *sum *= 1.0 - share);
        let weight = (share * (1.0 - share)).sqrt();
        off.iter_mut().for_each(|off| *off *= weight);
        add_outer(&mut self.covariance, off);
        self.seen += 1;
        if self.seen > 1 && (self.seen < YOUNG || self.seen.is_multiple_of(REFRESH)) {
            self.factor = Some(Factor::of_ridged(self.covariance.clone(), width, RIDGE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn values_that_no_longer_go_together_are_far_out() {
        let mut dice = Dice::new(5);
        let (mut covariance, mut spreads) = (
            MovingCovariance::new(2, 1e-3),
            vec![MovingSpread::new(1e-3); 2],
        );
        for _ in 0..3_000 {
            let x = dice.unit();
            let row = [x, 3.0 * x + 0.1 * dice.unit()];
            covariance.learn(&row, &spreads);
            row.iter()
                .zip(&mut spreads)
                .for_each(|(value, spread)| spread.learn(*value));
        }
        assert!(
            covariance.distance(&[0.2, 2.5]) > 100.0 * covariance.distance(&[0.8, 2.45]).max(0.5)
        );
        assert!(covariance.distance(&[f64::NAN, 0.0]) > 1e9);
    }
}

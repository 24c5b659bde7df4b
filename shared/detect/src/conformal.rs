//! Conformal p-values (Vovk et al. 2005): how many of the scores seen in good times were at least as high.
//!
//! Whatever a score means, a threshold on its p-value raises alarms at the rate that was asked for, as long as the
//! times are like those of the calibration.

use std::collections::VecDeque;

use thiserror::Error;

use crate::limits::{CALIBRATION, CALIBRATION_MOST};
use crate::model::{Kind, ModelError, Reader, Writer};

const VERSION: u8 = 1;

/// The last scores of good times, oldest first, and the same in order of size.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    capacity: usize,
    ring: VecDeque<f64>,
    sorted: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CalibrationError {
    #[error("`capacity` is {0}: give between 1 and {CALIBRATION_MOST}")]
    Capacity(usize),
}

impl Default for Calibration {
    fn default() -> Self {
        Self {
            capacity: CALIBRATION,
            ring: VecDeque::new(),
            sorted: Vec::new(),
        }
    }
}

impl Calibration {
    pub fn with_capacity(capacity: usize) -> Result<Self, CalibrationError> {
        if !(1..=CALIBRATION_MOST).contains(&capacity) {
            return Err(CalibrationError::Capacity(capacity));
        }
        Ok(Self {
            capacity,
            ..Self::default()
        })
    }

    /// Remembers a score of good times; the oldest goes when the ring is full. What is not a number is not remembered.
    pub fn push(&mut self, score: f64) {
        if score.is_nan() {
            return;
        }
        // One zero, so that equal scores have equal bytes.
        let score = score + 0.0;
        let to = self.below(score);
        self.ring.push_back(score);
        if self.ring.len() <= self.capacity {
            self.sorted.insert(to, score);
            return;
        }
        let oldest = self
            .ring
            .pop_front()
            .expect("a full ring has an oldest score");
        let from = self.below(oldest);
        // Only what lies between the two places moves.
        if from < to {
            self.sorted.copy_within(from + 1..to, from);
            self.sorted[to - 1] = score;
        } else {
            self.sorted.copy_within(to..from, to + 1);
            self.sorted[to] = score;
        }
    }

    pub fn len(&self) -> usize {
        self.ring.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// (1 + scores at least as high) / (1 + scores): in 0..=1, and 1 before anything was remembered. What is not a
    /// number counts as the highest score.
    pub fn p_value(&self, score: f64) -> f64 {
        let higher = if score.is_nan() {
            0
        } else {
            self.len() - self.below(score)
        };
        (higher + 1) as f64 / (self.len() + 1) as f64
    }

    /// The p-value of a score that is itself among those remembered, as the others see it.
    pub fn p_value_of_member(&self, score: f64) -> f64 {
        (self.len() - self.below(score)).max(1) as f64 / self.len().max(1) as f64
    }

    /// The scores from the oldest to the latest.
    pub fn scores(&self) -> impl ExactSizeIterator<Item = f64> {
        self.ring.iter().copied()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        (self.ring.capacity() + self.sorted.capacity()) * size_of::<f64>()
    }

    /// The score in the middle and the highest; `None` before anything was remembered.
    pub fn middle_and_highest(&self) -> Option<(f64, f64)> {
        Some((
            self.sorted[self.sorted.len() / 2..].first().copied()?,
            self.sorted.last().copied()?,
        ))
    }

    fn below(&self, score: f64) -> usize {
        self.sorted.partition_point(|known| *known < score)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(Kind::Calibration, VERSION);
        self.write(&mut writer);
        writer.finish()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut reader = Reader::open(bytes, Kind::Calibration, VERSION)?;
        let calibration = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(calibration)
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.u32(self.capacity as u32);
        writer.u32(self.ring.len() as u32);
        self.ring.iter().for_each(|score| writer.f64(*score));
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, ModelError> {
        let capacity = reader.count("capacity", 1..=CALIBRATION_MOST)?;
        let count = reader.count("scores", 0..=capacity)?;
        let mut ring = VecDeque::new();
        for _ in 0..count {
            let score = f64::from_bits(reader.u64()?);
            if score.is_nan() || (score == 0.0 && score.is_sign_negative()) {
                return Err(ModelError::Field("score"));
            }
            ring.push_back(score);
        }
        let mut sorted: Vec<f64> = ring.iter().copied().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Ok(Self {
            capacity,
            ring,
            sorted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn p_values_are_those_counted_by_hand() {
        let mut calibration = Calibration::default();
        assert_eq!(calibration.p_value(3.0), 1.0);
        [1.0, 2.0, 2.0, 5.0]
            .into_iter()
            .for_each(|score| calibration.push(score));
        for (score, p) in [
            (0.0, 1.0),
            (2.0, 0.8),
            (2.5, 0.4),
            (5.0, 0.4),
            (6.0, 0.2),
            (f64::NAN, 0.2),
        ] {
            assert_eq!(calibration.p_value(score), p, "{score}");
        }
        assert_eq!(calibration.p_value_of_member(5.0), 0.25);
        assert_eq!(calibration.p_value_of_member(1.0), 1.0);
    }

    #[test]
    fn a_full_ring_forgets_the_oldest_and_agrees_with_a_plain_list() {
        let mut dice = Dice::new(8);
        let mut calibration = Calibration::with_capacity(50).unwrap();
        let mut plain = Vec::new();
        for _ in 0..500 {
            let score = dice.below(40) as f64;
            calibration.push(score);
            plain.push(score);
            let last = &plain[plain.len().saturating_sub(50)..];
            let asked = dice.below(42) as f64;
            let higher = last.iter().filter(|known| **known >= asked).count();
            assert_eq!(
                calibration.p_value(asked),
                (higher + 1) as f64 / (last.len() + 1) as f64
            );
        }
        assert_eq!(calibration.scores().collect::<Vec<_>>(), plain[450..]);
    }

    #[test]
    fn alarms_come_at_the_rate_that_was_asked() {
        let mut dice = Dice::new(9);
        let mut calibration = Calibration::with_capacity(4_000).unwrap();
        (0..4_000).for_each(|_| calibration.push(dice.unit()));
        let alarms = (0..40_000)
            .filter(|_| calibration.p_value(dice.unit()) <= 0.01)
            .count();
        assert!((240..560).contains(&alarms), "{alarms} of 40,000");
    }

    #[test]
    fn a_calibration_comes_back_and_damage_is_noticed() {
        let mut calibration = Calibration::with_capacity(3).unwrap();
        [3.0, 1.0, -0.0, 2.0, f64::INFINITY]
            .into_iter()
            .for_each(|score| calibration.push(score));
        let bytes = calibration.to_bytes();
        assert_eq!(Calibration::from_bytes(&bytes), Ok(calibration));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(Calibration::from_bytes(&damaged).is_err());
        }
    }
}

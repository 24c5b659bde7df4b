//! Several detectors as one: the sum of -log p (Fisher 1932), calibrated again because the detectors are not independent.

use thiserror::Error;

use crate::conformal::{Calibration, CalibrationError};
use crate::limits::FUSED;
use crate::model::{Kind, ModelError, Reader, Writer};

const VERSION: u8 = 1;

/// A calibration for each detector and one for their sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Fusion {
    parts: Vec<Calibration>,
    joint: Calibration,
}

/// What the detectors say together.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The sum of -log p over the detectors; higher is less usual.
    pub score: f64,
    /// The share of good times that look at least as unusual.
    pub p: f64,
    /// The p-value that each detector gives, in their order: the smallest says which of them speaks.
    pub parts: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FusionError {
    #[error("{0} detectors: give between 1 and {FUSED}")]
    Detectors(usize),
    #[error("{found} scores for {expected} detectors: give one for each")]
    Scores { expected: usize, found: usize },
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
}

impl Fusion {
    /// `capacity` is the number of good times that are remembered.
    pub fn new(detectors: usize, capacity: usize) -> Result<Self, FusionError> {
        if !(1..=FUSED).contains(&detectors) {
            return Err(FusionError::Detectors(detectors));
        }
        let empty = Calibration::with_capacity(capacity)?;
        Ok(Self {
            parts: vec![empty.clone(); detectors],
            joint: empty,
        })
    }

    /// Remembers many good times at once: the scores of all detectors for each. What was remembered before goes, if
    /// there are as many as the capacity.
    pub fn calibrate<'a>(
        &mut self,
        times: impl IntoIterator<Item = &'a [f64]> + Clone,
    ) -> Result<(), FusionError> {
        for scores in times.clone() {
            self.check(scores)?;
            self.parts
                .iter_mut()
                .zip(scores)
                .for_each(|(part, score)| part.push(*score));
        }
        for scores in times {
            let member = |(part, score): (&Calibration, &f64)| part.p_value_of_member(*score);
            let sum = surprise(self.parts.iter().zip(scores).map(member));
            self.joint.push(sum);
        }
        Ok(())
    }

    /// Remembers one more good time.
    pub fn push(&mut self, scores: &[f64]) -> Result<(), FusionError> {
        let verdict = self.verdict(scores)?;
        self.parts
            .iter_mut()
            .zip(scores)
            .for_each(|(part, score)| part.push(*score));
        self.joint.push(verdict.score);
        Ok(())
    }

    pub fn verdict(&self, scores: &[f64]) -> Result<Verdict, FusionError> {
        self.check(scores)?;
        let parts: Vec<f64> = self
            .parts
            .iter()
            .zip(scores)
            .map(|(part, score)| part.p_value(*score))
            .collect();
        let score = surprise(parts.iter().copied());
        Ok(Verdict {
            score,
            p: self.joint.p_value(score),
            parts,
        })
    }

    /// Good times that are remembered.
    pub fn len(&self) -> usize {
        self.joint.len()
    }

    pub fn is_empty(&self) -> bool {
        self.joint.is_empty()
    }

    fn check(&self, scores: &[f64]) -> Result<(), FusionError> {
        let (expected, found) = (self.parts.len(), scores.len());
        if expected == found {
            Ok(())
        } else {
            Err(FusionError::Scores { expected, found })
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(Kind::Fusion, VERSION);
        writer.u32(self.parts.len() as u32);
        self.parts.iter().for_each(|part| part.write(&mut writer));
        self.joint.write(&mut writer);
        writer.finish()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut reader = Reader::open(bytes, Kind::Fusion, VERSION)?;
        let detectors = reader.count("detectors", 1..=FUSED)?;
        let parts = (0..detectors)
            .map(|_| Calibration::read(&mut reader))
            .collect::<Result<_, _>>()?;
        let joint = Calibration::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { parts, joint })
    }
}

fn surprise(p_values: impl Iterator<Item = f64>) -> f64 {
    p_values.map(|p| -libm::log(p)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn two_weak_signs_are_stronger_than_one() {
        let mut fusion = Fusion::new(2, 512).unwrap();
        let mut dice = Dice::new(1);
        let times: Vec<[f64; 2]> = (0..512).map(|_| [dice.unit(), dice.unit()]).collect();
        fusion
            .calibrate(times.iter().map(<[f64; 2]>::as_slice))
            .unwrap();
        let both = fusion.verdict(&[0.97, 0.97]).unwrap();
        let one = fusion.verdict(&[0.97, 0.5]).unwrap();
        assert!(both.p < 0.02 && one.p > 0.05, "{both:?} {one:?}");
        assert!(both.parts.iter().all(|p| *p > 0.01));
    }

    #[test]
    fn dependent_detectors_do_not_raise_the_alarm_rate() {
        let mut fusion = Fusion::new(3, 4_000).unwrap();
        let mut dice = Dice::new(2);
        let mut draw = || {
            let common = dice.unit();
            [
                common,
                2.0 * common + 0.1 * dice.unit(),
                common + dice.unit(),
            ]
        };
        let times: Vec<[f64; 3]> = (0..4_000).map(|_| draw()).collect();
        fusion
            .calibrate(times.iter().map(<[f64; 3]>::as_slice))
            .unwrap();
        let alarms = (0..20_000)
            .filter(|_| fusion.verdict(&draw()).unwrap().p <= 0.01)
            .count();
        assert!((110..300).contains(&alarms), "{alarms} of 20,000");
    }

    #[test]
    fn a_fusion_comes_back_and_damage_is_noticed() {
        let mut fusion = Fusion::new(2, 4).unwrap();
        for time in [[1.0, 2.0], [3.0, 1.0], [0.5, 0.5]] {
            fusion.push(&time).unwrap();
        }
        let bytes = fusion.to_bytes();
        assert_eq!(Fusion::from_bytes(&bytes), Ok(fusion));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(Fusion::from_bytes(&damaged).is_err());
        }
    }

    #[test]
    fn wrong_numbers_of_detectors_and_scores_are_said() {
        assert_eq!(Fusion::new(9, 4), Err(FusionError::Detectors(9)));
        let fusion = Fusion::new(2, 4).unwrap();
        assert_eq!(
            fusion.verdict(&[1.0]),
            Err(FusionError::Scores {
                expected: 2,
                found: 1
            })
        );
    }
}

//! The largest distance from the median in units of the median absolute deviation: a hard baseline, and one that says
//! which feature it was.

use crate::forest::{FitError, WidthError};
use crate::limits::FEATURES;
use crate::model::{Kind, ModelError, Reader, Writer};
use crate::rows::Rows;

/// Turns a median absolute deviation into the standard deviation of a normal distribution.
const NORMAL: f64 = 1.4826;
/// No scale is below this share of the standard deviation: most values of a counter are zero, and so is their MAD.
const LEAST_SHARE: f64 = 0.1;
const LEAST: f64 = 1e-9;
/// Distances are cut off here, so that one broken sensor has a finite score.
const MOST: f64 = 1e6;
const VERSION: u8 = 1;

/// Median and scale of each feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Robust {
    features: Vec<Scale>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Scale {
    median: f64,
    scale: f64,
}

/// How far a row is from the ordinary, and in which feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    pub feature: usize,
    /// In robust standard deviations, at most 10^6.
    pub deviations: f64,
}

impl Robust {
    /// Learns from rows that are mostly benign; values that are not finite are left out.
    pub fn fit(rows: Rows<'_>) -> Result<Self, FitError> {
        if rows.count() < 2 {
            return Err(FitError::Rows(rows.count()));
        }
        let features = (0..rows.width())
            .map(|feature| Scale::of(rows, feature))
            .collect();
        Ok(Self { features })
    }

    /// The feature that is farthest out. A value that is not a number is as far as can be.
    pub fn distance(&self, row: &[f32]) -> Result<Distance, WidthError> {
        if row.len() != self.features.len() {
            return Err(WidthError {
                expected: self.features.len(),
                found: row.len(),
            });
        }
        let far = |(feature, (value, scale)): (usize, (&f32, &Scale))| Distance {
            feature,
            deviations: scale.deviations(f64::from(*value)),
        };
        let all = row.iter().zip(&self.features).enumerate().map(far);
        let farthest = all.reduce(|one, other| {
            if other.deviations > one.deviations {
                other
            } else {
                one
            }
        });
        Ok(farthest.expect("a fitted model has features"))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(Kind::Robust, VERSION);
        writer.u32(self.features.len() as u32);
        for feature in &self.features {
            writer.f64s(&[feature.median, feature.scale]);
        }
        writer.finish()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut reader = Reader::open(bytes, Kind::Robust, VERSION)?;
        let width = reader.count("width", 1..=FEATURES)?;
        let mut features = Vec::with_capacity(width);
        for _ in 0..width {
            let (median, scale) = (reader.finite("median")?, reader.finite("scale")?);
            if scale < LEAST {
                return Err(ModelError::Field("scale"));
            }
            features.push(Scale { median, scale });
        }
        reader.finish()?;
        Ok(Self { features })
    }
}

impl Scale {
    fn of(rows: Rows<'_>, feature: usize) -> Self {
        let mut values: Vec<f64> = rows
            .column(feature)
            .map(f64::from)
            .filter(|value| value.is_finite())
            .collect();
        let median = median(&mut values);
        let deviation = standard_deviation(&values);
        values
            .iter_mut()
            .for_each(|value| *value = (*value - median).abs());
        let mad = self::median(&mut values);
        Self {
            median,
            scale: (mad * NORMAL).max(LEAST_SHARE * deviation + LEAST),
        }
    }

    fn deviations(&self, value: f64) -> f64 {
        let distance = (value - self.median).abs() / self.scale;
        if distance.is_nan() {
            MOST
        } else {
            distance.min(MOST)
        }
    }
}

/// The middle value, or the mean of the two in the middle; 0 of none. The values end in another order.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    if !even {
        return upper;
    }
    let lower = below
        .iter()
        .copied()
        .max_by(f64::total_cmp)
        .expect("an even number is at least two");
    lower + (upper - lower) / 2.0
}

fn standard_deviation(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum::<f64>()
        / count)
        .sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted() -> Robust {
        // Median 3 and MAD 1; median 0 and MAD 0 with one value out.
        let values = [1.0, 0.0, 2.0, 0.0, 3.0, 0.0, 4.0, 0.0, 5.0, 10.0f32];
        Robust::fit(Rows::new(&values, 2).unwrap()).unwrap()
    }

    #[test]
    fn distances_are_those_computed_by_hand() {
        let robust = fitted();
        let near = robust.distance(&[4.0, 0.0]).unwrap();
        assert_eq!(near.feature, 0);
        assert!((near.deviations - 1.0 / 1.4826).abs() < 1e-12);
        // The standard deviation of 0, 0, 0, 0, 10 is 4, a tenth of it the scale.
        let far = robust.distance(&[4.0, 10.0]).unwrap();
        assert_eq!(far.feature, 1);
        assert!((far.deviations - 25.0).abs() < 1e-6, "{far:?}");
    }

    #[test]
    fn no_value_has_an_infinite_distance() {
        let robust = fitted();
        for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
            assert_eq!(
                robust.distance(&[odd, 0.0]).unwrap(),
                Distance {
                    feature: 0,
                    deviations: MOST
                }
            );
        }
        assert!(robust.distance(&[1.0]).is_err());
    }

    #[test]
    fn a_model_comes_back_and_damage_is_noticed() {
        let robust = fitted();
        let bytes = robust.to_bytes();
        assert_eq!(Robust::from_bytes(&bytes), Ok(robust));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(Robust::from_bytes(&damaged).is_err());
        }
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&mut [9.0, 1.0, 3.0]), 3.0);
        assert_eq!(median(&mut []), 0.0);
    }
}

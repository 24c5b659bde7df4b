//! Hotelling's T²: the distance from the mean in units of the covariance, which sees what no single feature shows.

use crate::forest::{FitError, WidthError};
use crate::limits::FEATURES;
use crate::model::{Kind, ModelError, Reader, Writer};
use crate::rows::Rows;

/// Added to the diagonal, as a share of the mean variance: features that depend on each other stay solvable.
pub(crate) const RIDGE: f64 = 1e-6;
const LEAST_VARIANCE: f64 = 1e-12;
const MOST: f64 = 1e12;
const VERSION: u8 = 1;

/// Mean and the lower Cholesky factor of the covariance.
#[derive(Debug, Clone, PartialEq)]
pub struct Hotelling {
    mean: Vec<f64>,
    factor: Factor,
}

impl Hotelling {
    /// Learns from rows that are mostly benign; rows with a value that is not finite are left out.
    pub fn fit(rows: Rows<'_>) -> Result<Self, FitError> {
        let finite = || {
            rows.iter()
                .filter(|row| row.iter().all(|value| value.is_finite()))
        };
        let count = finite().count();
        if count < 2 {
            return Err(FitError::Rows(count));
        }
        let width = rows.width();
        let mut mean = vec![0.0; width];
        for row in finite() {
            row.iter()
                .zip(&mut mean)
                .for_each(|(value, sum)| *sum += f64::from(*value));
        }
        mean.iter_mut().for_each(|sum| *sum /= count as f64);
        let mut covariance = vec![0.0; width * width];
        let mut centred = vec![0.0; width];
        for row in finite() {
            centre(row, &mean, &mut centred);
            add_outer(&mut covariance, &centred);
        }
        covariance
            .iter_mut()
            .for_each(|sum| *sum /= (count - 1) as f64);
        Ok(Self {
            mean,
            factor: Factor::of_ridged(covariance, width, RIDGE),
        })
    }

    /// T² of a row, at most 10^12; a value that is not a number is as far as can be.
    pub fn score(&self, row: &[f32]) -> Result<f64, WidthError> {
        if row.len() != self.mean.len() {
            return Err(WidthError {
                expected: self.mean.len(),
                found: row.len(),
            });
        }
        let mut centred = vec![0.0; row.len()];
        centre(row, &self.mean, &mut centred);
        Ok(self.factor.squared_length(&mut centred))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(Kind::Hotelling, VERSION);
        writer.u32(self.mean.len() as u32);
        writer.f64s(&self.mean);
        writer.f64s(&self.factor.lower);
        writer.finish()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut reader = Reader::open(bytes, Kind::Hotelling, VERSION)?;
        let width = reader.count("width", 1..=FEATURES)?;
        let mean = reader.finites("mean", width)?;
        let lower = reader.finites("factor", width * (width + 1) / 2)?;
        reader.finish()?;
        let factor = Factor { lower, width };
        if (0..width).any(|at| factor.at(at, at) <= 0.0) {
            return Err(ModelError::Field("factor"));
        }
        Ok(Self { mean, factor })
    }
}

fn centre(row: &[f32], mean: &[f64], centred: &mut [f64]) {
    for ((value, mean), centred) in row.iter().zip(mean).zip(centred) {
        *centred = f64::from(*value) - mean;
    }
}

/// Adds the lower half of the product of a vector with itself.
pub(crate) fn add_outer(covariance: &mut [f64], centred: &[f64]) {
    let width = centred.len();
    for (row, one) in centred.iter().enumerate() {
        for (sum, other) in covariance[row * width..=row * width + row]
            .iter_mut()
            .zip(centred)
        {
            *sum += one * other;
        }
    }
}

/// The lower triangle L of a covariance L·Lᵀ, row after row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factor {
    lower: Vec<f64>,
    width: usize,
}

impl Factor {
    /// Reads the lower half of a square matrix; the ridge makes it positive definite whatever it was.
    pub(crate) fn of_ridged(mut covariance: Vec<f64>, width: usize, share: f64) -> Self {
        let trace: f64 = (0..width).map(|at| covariance[at * width + at]).sum();
        let ridge = share * trace / width as f64 + LEAST_VARIANCE;
        for at in 0..width {
            covariance[at * width + at] += ridge;
        }
        let mut factor = Self {
            lower: vec![0.0; width * (width + 1) / 2],
            width,
        };
        for row in 0..width {
            for column in 0..=row {
                let known: f64 = (0..column)
                    .map(|k| factor.at(row, k) * factor.at(column, k))
                    .sum();
                let rest = covariance[row * width + column] - known;
                factor.lower[row * (row + 1) / 2 + column] = if row == column {
                    rest.max(ridge).sqrt()
                } else {
                    rest / factor.at(column, column)
                };
            }
        }
        factor
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.lower[row * (row + 1) / 2 + column]
    }

    /// |L⁻¹·x|², by forward substitution; `centred` becomes L⁻¹·x.
    pub(crate) fn squared_length(&self, centred: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        let mut start = 0;
        for row in 0..self.width {
            let line = &self.lower[start..=start + row];
            let known: f64 = line[..row]
                .iter()
                .zip(&centred[..row])
                .map(|(l, x)| l * x)
                .sum();
            let solved = (centred[row] - known) / line[row];
            centred[row] = solved;
            sum += solved * solved;
            start += row + 1;
        }
        if sum.is_nan() { MOST } else { sum.min(MOST) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn two_features_agree_with_the_formula_by_hand() {
        // Mean (2, 2), variances 1.5 and 2.5, covariance .75.
        let values = [1.0, 1.0, 1.0, 2.0, 4.0, 3.0, 2.0, 4.0, 2.0, 0.0f32];
        let model = Hotelling::fit(Rows::new(&values, 2).unwrap()).unwrap();
        let [a, b, c] = [1.5, 0.75, 2.5];
        let by_hand = |x: f64, y: f64| (c * x * x - 2.0 * b * x * y + a * y * y) / (a * c - b * b);
        for (x, y) in [(2.0, 2.0), (3.0, 1.0), (-4.0, 9.0)] {
            let score = model.score(&[x as f32, y as f32]).unwrap();
            let expected = by_hand(x - 2.0, y - 2.0);
            assert!(
                (score - expected).abs() < 1e-4 * (1.0 + expected),
                "{score} {expected}"
            );
        }
    }

    #[test]
    fn a_broken_dependence_is_seen_where_each_value_is_ordinary() {
        let mut dice = Dice::new(4);
        let values: Vec<f32> = (0..400)
            .flat_map(|_| {
                let x = dice.unit() as f32;
                [x, x + 0.01 * dice.unit() as f32]
            })
            .collect();
        let model = Hotelling::fit(Rows::new(&values, 2).unwrap()).unwrap();
        assert!(model.score(&[0.2, 0.8]).unwrap() > 100.0 * model.score(&[0.9, 0.905]).unwrap());
    }

    #[test]
    fn constant_and_repeated_features_and_odd_values_are_survived() {
        let values: Vec<f32> = (0..60)
            .flat_map(|n| [1.0, n as f32, n as f32, f32::MAX])
            .collect();
        let model = Hotelling::fit(Rows::new(&values, 4).unwrap()).unwrap();
        for odd in [0.0, f32::NAN, f32::INFINITY, f32::MIN] {
            let score = model.score(&[odd; 4]).unwrap();
            assert!((0.0..=MOST).contains(&score));
        }
        assert!(Hotelling::fit(Rows::new(&[f32::NAN, 1.0], 1).unwrap()).is_err());
    }

    #[test]
    fn a_model_comes_back_and_damage_is_noticed() {
        let values = [1.0, 2.0, 3.0, 1.0, 7.0, 2.0f32];
        let model = Hotelling::fit(Rows::new(&values, 2).unwrap()).unwrap();
        let bytes = model.to_bytes();
        assert_eq!(Hotelling::from_bytes(&bytes), Ok(model));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(Hotelling::from_bytes(&damaged).is_err());
        }
    }
}

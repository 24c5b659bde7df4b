//! Logistic regression over runs of one to three letters, weighted by how rare they are.
//!
//! Weights as in scikit-learn's `TfidfVectorizer` (sublinear, smooth, rows of length 1) and `LogisticRegression`
//! (balanced classes); fitted by Nesterov's accelerated gradient with a step that the data bound, so that the same
//! examples give the same weights.

use std::collections::BTreeMap;

use super::{Class, Example, SequenceError, SequenceModel, checked, read};
use crate::limits::NGRAMS;
use crate::model::{Kind, ModelError, Reader, Writer};

const VERSION: u8 = 1;
const LONGEST: usize = 3;
/// Sequences that a run has to occur in.
const LEAST_SEQUENCES: u32 = 2;
/// The inverse of how strongly weights are held back.
const TRUST: f64 = 10.0;
const STEPS: usize = 600;

/// A run of up to three letters, its length first.
type Run = [u8; 1 + LONGEST];

#[derive(Debug, Clone, PartialEq)]
pub struct NgramRegression {
    /// How rare each run is and what it weighs, in the order of the runs.
    runs: BTreeMap<Run, (f64, f64)>,
    intercept: f64,
}

impl NgramRegression {
    pub fn fit(examples: &[Example<'_>]) -> Result<Self, SequenceError> {
        checked(examples)?;
        let counted: Vec<BTreeMap<Run, u32>> =
            examples.iter().map(|one| counts(one.letters)).collect();
        let mut sequences = BTreeMap::<Run, u32>::new();
        counted
            .iter()
            .flat_map(BTreeMap::keys)
            .for_each(|run| *sequences.entry(*run).or_default() += 1);
        sequences.retain(|_, seen| *seen >= LEAST_SEQUENCES);
        let mut common: Vec<_> = sequences.into_iter().collect();
        common.sort_by_key(|(run, seen)| (std::cmp::Reverse(*seen), *run));
        common.truncate(NGRAMS);
        let all = examples.len() as f64;
        let rarity = |seen: u32| libm::log((1.0 + all) / (1.0 + f64::from(seen))) + 1.0;
        let mut model = Self {
            runs: common
                .into_iter()
                .map(|(run, seen)| (run, (rarity(seen), 0.0)))
                .collect(),
            intercept: 0.0,
        };
        let places: BTreeMap<Run, usize> = model
            .runs
            .keys()
            .enumerate()
            .map(|(place, run)| (*run, place))
            .collect();
        let rows: Vec<Vec<(usize, f64)>> = counted
            .iter()
            .map(|counts| {
                model
                    .features(counts)
                    .map(|(run, value)| (places[&run], value))
                    .collect()
            })
            .collect();
        let weights = Descent::new(&rows, examples, places.len()).run();
        model.intercept = weights[places.len()];
        model
            .runs
            .values_mut()
            .zip(weights)
            .for_each(|((_, weight), fitted)| *weight = fitted);
        Ok(model)
    }

    /// Values of length 1 over the runs that are known.
    fn features(&self, counts: &BTreeMap<Run, u32>) -> impl Iterator<Item = (Run, f64)> + use<> {
        let known = counts.iter().filter_map(|(run, count)| {
            let (rarity, _) = self.runs.get(run)?;
            Some((*run, (1.0 + libm::log(f64::from(*count))) * rarity))
        });
        let known: Vec<(Run, f64)> = known.collect();
        let length = known
            .iter()
            .map(|(_, value)| value * value)
            .sum::<f64>()
            .sqrt()
            .max(f64::MIN_POSITIVE);
        known
            .into_iter()
            .map(move |(run, value)| (run, value / length))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(Kind::NgramRegression, VERSION);
        writer.f64(self.intercept);
        writer.u32(self.runs.len() as u32);
        for (run, (rarity, weight)) in &self.runs {
            writer.u32(u32::from_be_bytes(*run));
            writer.f64s(&[*rarity, *weight]);
        }
        writer.finish()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut reader = Reader::open(bytes, Kind::NgramRegression, VERSION)?;
        let intercept = reader.finite("intercept")?;
        let count = reader.count("runs", 0..=NGRAMS)?;
        let mut runs = BTreeMap::new();
        for _ in 0..count {
            let run = reader.u32()?.to_be_bytes();
            let [length, letters @ ..] = run;
            let length = usize::from(length);
            let padded = (1..=LONGEST).contains(&length)
                && letters[length..].iter().all(|letter| *letter == 0);
            let rising = runs.last_key_value().is_none_or(|(last, _)| *last < run);
            if !padded || !rising {
                return Err(ModelError::Field("run"));
            }
            runs.insert(run, (reader.finite("rarity")?, reader.finite("weight")?));
        }
        reader.finish()?;
        Ok(Self { runs, intercept })
    }
}

impl SequenceModel for NgramRegression {
    fn log_odds(&self, letters: &[u8]) -> f64 {
        let weigh = |(run, value): (Run, f64)| {
            self.runs
                .get(&run)
                .map_or(0.0, |(_, weight)| weight * value)
        };
        self.intercept + self.features(&counts(letters)).map(weigh).sum::<f64>()
    }
}

fn counts(letters: &[u8]) -> BTreeMap<Run, u32> {
    let mut counts = BTreeMap::new();
    for length in 1..=LONGEST {
        for run in read(letters).windows(length) {
            let mut key = [0; 1 + LONGEST];
            key[0] = length as u8;
            key[1..=length].copy_from_slice(run);
            *counts.entry(key).or_insert(0) += 1;
        }
    }
    counts
}

/// Accelerated descent on ½·|w|² + TRUST·Σ c·log(1 + e^(-margin)); the intercept is the last weight and not held back.
struct Descent<'a> {
    rows: &'a [Vec<(usize, f64)>],
    /// +1 or -1, and how much the example counts.
    signs: Vec<(f64, f64)>,
    width: usize,
    step: f64,
}

impl<'a> Descent<'a> {
    fn new(rows: &'a [Vec<(usize, f64)>], examples: &[Example<'_>], width: usize) -> Self {
        let all = examples.len() as f64;
        let controlled = examples
            .iter()
            .filter(|one| one.class == Class::Controlled)
            .count() as f64;
        let weight = |class| {
            all / (2.0
                * if class == Class::Controlled {
                    controlled
                } else {
                    all - controlled
                })
        };
        let sign = |class| {
            if class == Class::Controlled {
                1.0
            } else {
                -1.0
            }
        };
        let signs: Vec<_> = examples
            .iter()
            .map(|one| (sign(one.class), TRUST * weight(one.class)))
            .collect();
        let mut descent = Self {
            rows,
            signs,
            width,
            step: 0.0,
        };
        descent.step = 1.0 / (1.0 + 0.25 * descent.curvature());
        descent
    }

    /// The largest eigenvalue of Σ c·x·xᵀ by power iteration, with a margin because it comes from below.
    fn curvature(&self) -> f64 {
        let mut vector = vec![1.0; self.width + 1];
        let mut largest = 0.0;
        for _ in 0..30 {
            let length = vector
                .iter()
                .map(|one| one * one)
                .sum::<f64>()
                .sqrt()
                .max(f64::MIN_POSITIVE);
            vector.iter_mut().for_each(|one| *one /= length);
            let mut next = vec![0.0; self.width + 1];
            for (row, (_, weight)) in self.rows.iter().zip(&self.signs) {
                self.add(&mut next, row, weight * self.dot(&vector, row));
            }
            largest = next.iter().map(|one| one * one).sum::<f64>().sqrt();
            vector = next;
        }
        1.2 * largest
    }

    fn run(&self) -> Vec<f64> {
        let mut weights = vec![0.0; self.width + 1];
        let mut ahead = weights.clone();
        let mut momentum = 1.0f64;
        for _ in 0..STEPS {
            let gradient = self.gradient(&ahead);
            let next: Vec<f64> = ahead
                .iter()
                .zip(gradient)
                .map(|(at, slope)| at - self.step * slope)
                .collect();
            let faster = (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt()) / 2.0;
            let carry = (momentum - 1.0) / faster;
            ahead = next
                .iter()
                .zip(&weights)
                .map(|(next, last)| next + carry * (next - last))
                .collect();
            (weights, momentum) = (next, faster);
        }
        weights
    }

    fn gradient(&self, weights: &[f64]) -> Vec<f64> {
        let mut gradient = weights.to_vec();
        gradient[self.width] = 0.0;
        for (row, (sign, weight)) in self.rows.iter().zip(&self.signs) {
            let margin = sign * self.dot(weights, row);
            let wrong = 1.0 / (1.0 + libm::exp(margin));
            self.add(&mut gradient, row, -sign * weight * wrong);
        }
        gradient
    }

    fn dot(&self, weights: &[f64], row: &[(usize, f64)]) -> f64 {
        weights[self.width]
            + row
                .iter()
                .map(|(place, value)| weights[*place] * value)
                .sum::<f64>()
    }

    fn add(&self, sum: &mut [f64], row: &[(usize, f64)], by: f64) {
        row.iter()
            .for_each(|(place, value)| sum[*place] += by * value);
        sum[self.width] += by;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples() -> Vec<Example<'static>> {
        let controlled: [&[u8]; 4] = [b"ababab", b"abab", b"ababa", b"babab"];
        let usual: [&[u8]; 3] = [b"aabb", b"aabbaabb", b"bbaa"];
        let of = |letters, class| Example { letters, class };
        let controlled = controlled
            .into_iter()
            .map(|letters| of(letters, Class::Controlled));
        controlled
            .chain(usual.into_iter().map(|letters| of(letters, Class::Usual)))
            .collect()
    }

    #[test]
    fn it_separates_what_can_be_separated() {
        let model = NgramRegression::fit(&examples()).unwrap();
        for example in examples() {
            assert_eq!(
                model.log_odds(example.letters) > 0.0,
                example.class == Class::Controlled
            );
        }
        assert!(model.log_odds(b"zzz").is_finite());
    }

    #[test]
    fn at_the_end_the_slope_is_flat() {
        let examples = examples();
        let model = NgramRegression::fit(&examples).unwrap();
        let places: BTreeMap<Run, usize> = model
            .runs
            .keys()
            .enumerate()
            .map(|(place, run)| (*run, place))
            .collect();
        let rows: Vec<Vec<(usize, f64)>> = examples
            .iter()
            .map(|one| {
                model
                    .features(&counts(one.letters))
                    .map(|(run, value)| (places[&run], value))
                    .collect()
            })
            .collect();
        let mut weights: Vec<f64> = model.runs.values().map(|(_, weight)| *weight).collect();
        weights.push(model.intercept);
        let slope = Descent::new(&rows, &examples, places.len()).gradient(&weights);
        assert!(slope.iter().all(|one| one.abs() < 1e-3), "{slope:?}");
    }

    #[test]
    fn a_model_comes_back_and_damage_is_noticed() {
        let model = NgramRegression::fit(&examples()).unwrap();
        let bytes = model.to_bytes();
        assert_eq!(NgramRegression::from_bytes(&bytes), Ok(model));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(NgramRegression::from_bytes(&damaged).is_err());
        }
    }
}

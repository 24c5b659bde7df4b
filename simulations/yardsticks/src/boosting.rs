//! `boosting`: NSL-KDD, learnt from a fifth of the training set; a third of the test set's attacks are of kinds never seen.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use detect::boosting::{Boosting, BoostingConfig};
use detect::rows::Rows;

use crate::auc::{auc, mean};
use crate::sources::table::lines;
use crate::{Metrics, Options, YardstickError};

const TRAINING: &str = "nsl-kdd/KDDTrain+_20Percent.txt";
const TEST: &str = "nsl-kdd/KDDTest+.txt";
const HARD: &str = "nsl-kdd/KDDTest-21.txt";
const FEATURES: usize = 41;
/// Protocol, service, flag.
const WORDS: std::ops::RangeInclusive<usize> = 1..=3;
const TIMED: u32 = 3;

pub(crate) fn run(data: &Path, _options: Options) -> Result<Metrics, YardstickError> {
    let training = lines(&data.join(TRAINING), b',')?;
    let words = Words::of(&training);
    let training = Set::of(&training, &words, TRAINING)?;
    let test = Set::of(&lines(&data.join(TEST), b',')?, &words, TEST)?;
    let hard = Set::of(&lines(&data.join(HARD), b',')?, &words, HARD)?;
    let (mut fit_s, mut predict_s) = (f64::INFINITY, f64::INFINITY);
    let (mut model, mut chances) = (None, Vec::new());
    for _ in 0..TIMED {
        let started = Instant::now();
        let fitted = Boosting::fit(training.rows(), &training.labels, BoostingConfig::default())
            .map_err(|why| YardstickError::data(TRAINING, why))?;
        fit_s = fit_s.min(started.elapsed().as_secs_f64());
        let started = Instant::now();
        chances = test.chances(&fitted)?;
        predict_s = predict_s.min(started.elapsed().as_secs_f64());
        model = Some(fitted);
    }
    let model = model.expect("it was fitted at least once");
    let mut metrics = Metrics::default();
    metrics.set("auc", auc(&chances, &test.attacks()));
    metrics.set("acc", test.accuracy(&chances));
    metrics.set("auc_hard", auc(&hard.chances(&model)?, &hard.attacks()));
    metrics.set("fit_s", fit_s);
    metrics.set("rows_per_s", chances.len() as f64 / predict_s);
    metrics.set("model_kb", model.to_bytes().len() as f64 / 1024.0);
    Ok(metrics)
}

/// The number of each word of the three columns of words; those not in the training set have none.
struct Words(BTreeMap<(usize, String), f32>);

impl Words {
    fn of(lines: &[Vec<String>]) -> Self {
        let mut words = BTreeMap::new();
        for column in WORDS {
            let mut known: Vec<&String> =
                lines.iter().filter_map(|line| line.get(column)).collect();
            known.sort_unstable();
            known.dedup();
            words.extend(
                known
                    .into_iter()
                    .zip(0u16..)
                    .map(|(word, number)| ((column, word.clone()), f32::from(number))),
            );
        }
        Self(words)
    }
}

struct Set {
    values: Vec<f32>,
    labels: Vec<u8>,
}

impl Set {
    fn of(lines: &[Vec<String>], words: &Words, name: &str) -> Result<Self, YardstickError> {
        let mut set = Self {
            values: Vec::new(),
            labels: Vec::new(),
        };
        for line in lines {
            let Some((features, [label, ..])) = line.split_at_checked(FEATURES) else {
                return Err(YardstickError::data(
                    name,
                    "a line has fewer than 42 fields",
                ));
            };
            for (column, field) in features.iter().enumerate() {
                let value = if WORDS.contains(&column) {
                    words
                        .0
                        .get(&(column, field.clone()))
                        .copied()
                        .unwrap_or(-1.0)
                } else {
                    field
                        .parse()
                        .map_err(|why| YardstickError::data(name, why))?
                };
                set.values.push(value);
            }
            set.labels.push(u8::from(label != "normal"));
        }
        Ok(set)
    }

    fn rows(&self) -> Rows<'_> {
        Rows::new(&self.values, FEATURES).expect("lines have as many features")
    }

    fn attacks(&self) -> Vec<bool> {
        self.labels.iter().map(|label| *label == 1).collect()
    }

    fn chances(&self, model: &Boosting) -> Result<Vec<f64>, YardstickError> {
        let all = model
            .probabilities(self.rows())
            .map_err(|why| YardstickError::data("nsl-kdd", why))?;
        Ok(all.into_iter().skip(1).step_by(2).collect())
    }

    fn accuracy(&self, chances: &[f64]) -> f64 {
        mean(
            chances
                .iter()
                .zip(&self.labels)
                .map(|(chance, label)| f64::from(u8::from((*chance > 0.5) == (*label == 1)))),
        )
    }
}

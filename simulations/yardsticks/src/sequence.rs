//! `sequence`: behaviour letters of botnets and of usual traffic, split by source into four folds; no source is learnt
//! from and asked about.
//!
//! Sequences of at least five letters; `auc` is the n-gram regression's, scores of all folds pooled.

use std::collections::BTreeMap;
use std::path::Path;

use detect::dice::Dice;
use detect::sequence::markov::Markov;
use detect::sequence::ngram::NgramRegression;
use detect::sequence::{Class, Example, SequenceError, SequenceModel};

use crate::auc::{auc, mean};
use crate::sources::{SourceError, read};
use crate::{Metrics, Options, YardstickError};

const FILE: &str = "slips-rnn/datasets/all_datasets_raw.tsv";
const FOLDS: usize = 4;
const LEAST_LETTERS: usize = 5;

struct Sequence {
    class: Class,
    source: String,
    letters: String,
}

pub(crate) fn run(data: &Path, options: Options) -> Result<Metrics, YardstickError> {
    let sequences = load(&data.join(FILE))?;
    let seeds = || (0..u64::from(options.repeats.max(1))).map(|repeat| options.seed + repeat);
    let splits: Vec<Vec<usize>> = seeds().map(|seed| folds(&sequences, seed)).collect();
    let over = |fit: &Fit| {
        splits
            .iter()
            .map(|folds| pooled(&sequences, folds, fit))
            .collect::<Result<Vec<_>, _>>()
    };
    let ngram = over(&|examples| Ok(Box::new(NgramRegression::fit(examples)?)))?;
    let markov = over(&|examples| Ok(Box::new(Markov::fit(examples)?)))?;
    let mut metrics = Metrics::default();
    metrics.set("auc", mean(ngram.iter().copied()));
    metrics.set("auc_least", ngram.iter().copied().fold(1.0, f64::min));
    metrics.set("auc_markov", mean(markov));
    metrics.set("sequences", sequences.len() as f64);
    Ok(metrics)
}

type Fit = dyn Fn(&[Example<'_>]) -> Result<Box<dyn SequenceModel>, SequenceError>;

/// Each fold asked of a model of the other folds, the scores together.
fn pooled(sequences: &[Sequence], folds: &[usize], fit: &Fit) -> Result<f64, YardstickError> {
    let (mut scores, mut controlled) = (Vec::new(), Vec::new());
    for fold in 0..FOLDS {
        let of = |is: bool| {
            sequences
                .iter()
                .zip(folds)
                .filter(move |(_, in_fold)| (**in_fold == fold) == is)
        };
        let examples: Vec<Example<'_>> = of(false)
            .map(|(one, _)| Example {
                letters: one.letters.as_bytes(),
                class: one.class,
            })
            .collect();
        let model = fit(&examples).map_err(|why| YardstickError::data(FILE, why))?;
        for (sequence, _) in of(true) {
            scores.push(model.log_odds(sequence.letters.as_bytes()));
            controlled.push(sequence.class == Class::Controlled);
        }
    }
    Ok(auc(&scores, &controlled))
}

/// The fold of each sequence: sources in random order, those that differ most in their classes first, each into the
/// fold that it leaves most even (as scikit-learn's `StratifiedGroupKFold`).
fn folds(sequences: &[Sequence], seed: u64) -> Vec<usize> {
    let mut sources = BTreeMap::<&str, [f64; 2]>::new();
    for one in sequences {
        sources.entry(&one.source).or_default()[one.class as usize] += 1.0;
    }
    let totals = sources
        .values()
        .fold([0.0; 2], |sum, one| [sum[0] + one[0], sum[1] + one[1]]);
    let mut order: Vec<_> = sources.into_iter().collect();
    let mut dice = Dice::new(seed);
    for last in (1..order.len()).rev() {
        order.swap(last, dice.below(last + 1));
    }
    order.sort_by(|one, other| spread(&other.1).total_cmp(&spread(&one.1)));
    let mut held = [[0.0; 2]; FOLDS];
    let mut chosen = BTreeMap::new();
    for (source, counts) in order {
        let uneven = |fold: usize| {
            let mut with = held;
            with[fold] = [with[fold][0] + counts[0], with[fold][1] + counts[1]];
            let of_class = |class: usize| spread(&with.map(|fold| fold[class] / totals[class]));
            (of_class(0) + of_class(1), with[fold][0] + with[fold][1])
        };
        let better = |one: &usize, other: &usize| {
            let (one, other) = (uneven(*one), uneven(*other));
            one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
        };
        let fold = (0..FOLDS).min_by(better).expect("there are folds");
        held[fold] = [held[fold][0] + counts[0], held[fold][1] + counts[1]];
        chosen.insert(source, fold);
    }
    sequences
        .iter()
        .map(|one| chosen[one.source.as_str()])
        .collect()
}

fn spread(figures: &[f64]) -> f64 {
    let middle = mean(figures.iter().copied());
    mean(figures.iter().map(|one| (one - middle) * (one - middle))).sqrt()
}

/// Lines of `number | label | source-destination-port-protocol | letters`, with colours of a terminal in between.
fn load(path: &Path) -> Result<Vec<Sequence>, SourceError> {
    let bytes = read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let sequences = text
        .lines()
        .filter_map(|line| sequence(&without_colours(line)));
    Ok(sequences
        .filter(|one| one.letters.len() >= LEAST_LETTERS)
        .collect())
}

fn sequence(line: &str) -> Option<Sequence> {
    let mut parts = line.splitn(4, '|').map(str::trim);
    let (_, label, connection, letters) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let class = match label {
        _ if label.contains("Normal") => Class::Usual,
        _ if label.contains("Botnet") || label.contains("Malware") => Class::Controlled,
        _ => return None,
    };
    let source = connection.split('-').next()?.to_owned();
    Some(Sequence {
        class,
        source,
        letters: letters.chars().take(500).collect(),
    })
}

fn without_colours(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |clean, part| {
        clean + part.split_once('m').map_or(part, |(_, rest)| rest)
    })
}

//! `conformal`: half of the benign rows to fit, a quarter to calibrate, the last quarter never seen before;
//! figures are means over several such splits.
//!
//! The forest, the robust distance and T² are fused. `fpr` is with every calibration row remembered, `fpr_ring` with
//! the ring of 512 that a device keeps; a threshold from 512 scores is itself uncertain by .4 points at 1 %.

use std::path::Path;

use detect::dice::Dice;
use detect::forest::{Forest, ForestConfig};
use detect::fusion::Fusion;
use detect::hotelling::Hotelling;
use detect::limits::{CALIBRATION, CALIBRATION_MOST};
use detect::robust::Robust;

use crate::auc::{auc, mean};
use crate::sources::npz::{self, Labelled};
use crate::{Metrics, Options, YardstickError};

const SETS: &[&str] = &[
    "16_http",
    "34_smtp",
    "32_shuttle",
    "23_mammography",
    "6_cardio",
    "28_pendigits",
    "31_satimage-2",
    "38_thyroid",
    "25_musk",
];
const ASKED: f64 = 0.01;
const MOST_ROWS: usize = 100_000;

pub(crate) fn run(data: &Path, options: Options) -> Result<Metrics, YardstickError> {
    let mut metrics = Metrics::default();
    let mut areas = Vec::new();
    for set in npz::named(data, SETS)? {
        let seeds = (0..u64::from(options.repeats.max(1))).map(|repeat| options.seed + repeat);
        let splits = seeds
            .map(|seed| Figures::of(&set, seed))
            .collect::<Result<Vec<_>, _>>()?;
        let over = |figure: fn(&Figures) -> f64| mean(splits.iter().map(figure));
        let rates = || splits.iter().map(|one| one.all.false_rate);
        metrics.set_for("fpr", &set.name, over(|one| one.all.false_rate));
        metrics.set_for("fpr_least", &set.name, rates().fold(1.0, f64::min));
        metrics.set_for("fpr_most", &set.name, rates().fold(0.0, f64::max));
        metrics.set_for("fpr_ring", &set.name, over(|one| one.ring.false_rate));
        metrics.set_for("tpr", &set.name, over(|one| one.all.true_rate));
        metrics.set_for("calibrated", &set.name, over(|one| one.calibrated));
        metrics.set_for("auc", &set.name, over(|one| one.all.area));
        areas.push((over(|one| one.all.area), over(|one| one.forest_area)));
    }
    metrics.set("auc_fused", mean(areas.iter().map(|one| one.0)));
    metrics.set("auc_forest", mean(areas.iter().map(|one| one.1)));
    Ok(metrics)
}

/// What one split of one set gives.
struct Figures {
    all: Verdicts,
    ring: Verdicts,
    calibrated: f64,
    forest_area: f64,
}

impl Figures {
    fn of(set: &Labelled, seed: u64) -> Result<Self, YardstickError> {
        let split = Split::of(set, seed);
        let detectors = Detectors::fit(&split.fitted, seed)
            .map_err(|why| YardstickError::data(&set.name, why))?;
        let calibration = detectors.scores(&split.calibration);
        let (benign, attacks) = (
            detectors.scores(&split.unseen),
            detectors.scores(&split.attacks),
        );
        Ok(Self {
            all: verdicts(&calibration, CALIBRATION_MOST, &benign, &attacks)?,
            ring: verdicts(&calibration, CALIBRATION, &benign, &attacks)?,
            calibrated: calibration.len().min(CALIBRATION_MOST) as f64,
            forest_area: alone(&benign, &attacks, 0),
        })
    }
}

struct Split {
    fitted: Labelled,
    calibration: Labelled,
    unseen: Labelled,
    attacks: Labelled,
}

impl Split {
    fn of(set: &Labelled, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let drawn = dice.distinct(MOST_ROWS, set.anomalous.len());
        let (attacks, mut benign): (Vec<usize>, Vec<usize>) = drawn
            .iter()
            .map(|index| *index as usize)
            .partition(|index| set.anomalous[*index]);
        for last in (1..benign.len()).rev() {
            benign.swap(last, dice.below(last + 1));
        }
        let (half, quarter) = (benign.len() / 2, 3 * benign.len() / 4);
        Self {
            fitted: set.picked(&benign[..half]),
            calibration: set.picked(&benign[half..quarter]),
            unseen: set.picked(&benign[quarter..]),
            attacks: set.picked(&attacks),
        }
    }
}

struct Detectors {
    forest: Forest,
    robust: Robust,
    hotelling: Hotelling,
}

impl Detectors {
    fn fit(benign: &Labelled, seed: u64) -> Result<Self, detect::forest::FitError> {
        let rows = benign.rows();
        Ok(Self {
            forest: Forest::fit(rows, ForestConfig::default(), seed)?,
            robust: Robust::fit(rows)?,
            hotelling: Hotelling::fit(rows)?,
        })
    }

    fn scores(&self, set: &Labelled) -> Vec<[f64; 3]> {
        const SAME: &str = "all parts of a set have its width";
        let forest = self.forest.scores(set.rows()).expect(SAME);
        let others = set.rows().iter().map(|row| {
            (
                self.robust.distance(row).expect(SAME).deviations,
                self.hotelling.score(row).expect(SAME),
            )
        });
        forest
            .into_iter()
            .zip(others)
            .map(|(forest, (robust, hotelling))| [forest, robust, hotelling])
            .collect()
    }
}

struct Verdicts {
    false_rate: f64,
    true_rate: f64,
    area: f64,
}

fn verdicts(
    calibration: &[[f64; 3]],
    capacity: usize,
    benign: &[[f64; 3]],
    attacks: &[[f64; 3]],
) -> Result<Verdicts, YardstickError> {
    let fused = |why| YardstickError::data("fusion", why);
    let mut fusion = Fusion::new(3, capacity).map_err(fused)?;
    let last = &calibration[calibration.len().saturating_sub(capacity)..];
    fusion
        .calibrate(last.iter().map(<[f64; 3]>::as_slice))
        .map_err(fused)?;
    let verdict = |scores: &[f64; 3]| fusion.verdict(scores).map_err(fused);
    let benign = benign.iter().map(verdict).collect::<Result<Vec<_>, _>>()?;
    let attacks = attacks.iter().map(verdict).collect::<Result<Vec<_>, _>>()?;
    let rate = |of: &[detect::fusion::Verdict]| {
        mean(of.iter().map(|one| f64::from(u8::from(one.p <= ASKED))))
    };
    let scores: Vec<f64> = benign.iter().chain(&attacks).map(|one| one.score).collect();
    Ok(Verdicts {
        false_rate: rate(&benign),
        true_rate: rate(&attacks),
        area: auc(&scores, &labels(benign.len(), attacks.len())),
    })
}

fn alone(benign: &[[f64; 3]], attacks: &[[f64; 3]], detector: usize) -> f64 {
    let scores: Vec<f64> = benign
        .iter()
        .chain(attacks)
        .map(|scores| scores[detector])
        .collect();
    auc(&scores, &labels(benign.len(), attacks.len()))
}

fn labels(benign: usize, attacks: usize) -> Vec<bool> {
    [vec![false; benign], vec![true; attacks]].concat()
}

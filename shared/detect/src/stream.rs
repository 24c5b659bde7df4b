//! One device's numbers as they come: scored first, learnt afterwards, in memory that never grows.
//!
//! Three views of the same row (how far its features are out, whether they fit together, whether such rows are rare)
//! are fused by conformal p-values. Whoever calls decides what is learnt: while a rule fires, nothing is.

pub mod covariance;
pub mod ewma;
pub mod half_space;
pub mod quantile;
pub mod reservoir;
pub mod shape;
pub mod spread;

use thiserror::Error;

use crate::conformal::Calibration;
use crate::forest::WidthError;
use crate::limits::STREAM_FEATURES;
use crate::tail::tail;
use covariance::MovingCovariance;
use half_space::{HalfSpaceTrees, Leaves};
use reservoir::ReservoirForest;
use spread::MovingSpread;

/// Rows before the views have learnt enough to be calibrated.
const WARM: u64 = 64;
/// Spread, together, rarity, isolation.
const VIEWS: usize = 4;
const SPREAD: usize = 0;
const TOGETHER: usize = 1;
/// A share of so many rows is learnt at each step by what moves with the times.
const PACE: f64 = 1e-3;

/// Statistics of one device's rows; about 100 KB, whatever it has seen.
#[derive(Debug, Clone)]
pub struct Stream {
    spreads: Vec<MovingSpread>,
    covariance: MovingCovariance,
    trees: HalfSpaceTrees,
    forest: ReservoirForest,
    calibrations: [Calibration; VIEWS],
    joint: Calibration,
    seen: u64,
}

/// What the views say of one row; higher is less usual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The sum over the features of log(1 + robust deviations).
    pub spread: f64,
    /// The feature that is farthest out and its deviations.
    pub farthest: (usize, f64),
    /// T² by the moving covariance.
    pub together: f64,
    /// One minus the share of the mass that such rows had in the last window, by half-space trees.
    pub rarity: f64,
    /// How few random cuts set the row apart, by a forest grown of what was learnt.
    pub isolation: f64,
    /// What each of the four adds to the score.
    pub surprises: [f64; VIEWS],
    /// The four fused: the sum of -log p, continued beyond the highest score remembered.
    pub score: f64,
    /// The share of remembered rows whose fused score was at least as high; 1 until enough was seen.
    pub p: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0} features: give between 1 and {STREAM_FEATURES}")]
pub struct StreamError(usize);

impl Stream {
    pub fn new(width: usize, seed: u64) -> Result<Self, StreamError> {
        if !(1..=STREAM_FEATURES).contains(&width) {
            return Err(StreamError(width));
        }
        Ok(Self {
            spreads: vec![MovingSpread::new(PACE); width],
            covariance: MovingCovariance::new(width, PACE),
            trees: HalfSpaceTrees::new(width, seed),
            forest: ReservoirForest::new(width, seed),
            calibrations: [(); VIEWS].map(|()| Calibration::default()),
            joint: Calibration::default(),
            seen: 0,
        })
    }

    /// What this row looks like beside those that were learnt. Values that are not finite are as far out as can be.
    pub fn score(&self, row: &[f64]) -> Result<Reading, WidthError> {
        self.check(row)?;
        Ok(self.read(row, &self.trees.leaves(row)))
    }

    /// The same, and learns the row afterwards.
    pub fn score_and_learn(&mut self, row: &[f64]) -> Result<Reading, WidthError> {
        self.check(row)?;
        let leaves = self.trees.leaves(row);
        let reading = self.read(row, &leaves);
        if row.iter().all(|value| value.is_finite()) {
            self.take_in(row, &leaves, &reading);
        }
        Ok(reading)
    }

    /// The share of good times that are at least as far out, also beyond what is remembered; `None` before enough was
    /// learnt. Ranks among 512 end at one in 513, so that the two views that are distances are asked, each for half.
    pub fn rarity_of(&self, reading: &Reading) -> Option<f64> {
        let views = reading.views();
        let mut least = f64::INFINITY;
        for view in [SPREAD, TOGETHER] {
            least = least.min(tail(&self.calibrations[view], views[view])?);
        }
        Some((2.0 * least).min(1.0))
    }

    /// What a feature usually is.
    pub fn middle(&self, feature: usize) -> Option<f64> {
        self.spreads.get(feature).map(MovingSpread::middle)
    }

    /// Rows that were learnt.
    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// Bytes that all of its parts take.
    pub fn state_bytes(&self) -> usize {
        let calibrations = self.calibrations.iter().chain([&self.joint]);
        size_of::<Self>()
            + self.spreads.len() * size_of::<MovingSpread>()
            + self.covariance.heap_bytes()
            + self.trees.heap_bytes()
            + self.forest.heap_bytes()
            + calibrations.map(Calibration::heap_bytes).sum::<usize>()
    }

    fn check(&self, row: &[f64]) -> Result<(), WidthError> {
        let (expected, found) = (self.spreads.len(), row.len());
        if expected == found {
            Ok(())
        } else {
            Err(WidthError { expected, found })
        }
    }

    fn read(&self, row: &[f64], leaves: &Leaves) -> Reading {
        let (mut spread, mut farthest) = (0.0, (0, 0.0));
        for (feature, (value, known)) in row.iter().zip(&self.spreads).enumerate() {
            let deviations = known.deviations(*value);
            spread += libm::log1p(deviations);
            if deviations > farthest.1 {
                farthest = (feature, deviations);
            }
        }
        let mut reading = Reading {
            spread,
            farthest,
            together: self.covariance.distance(row),
            rarity: self.trees.rarity_at(leaves),
            isolation: self.forest.score(row),
            surprises: [0.0; VIEWS],
            score: 0.0,
            p: 1.0,
        };
        let views = reading.views();
        reading.surprises =
            std::array::from_fn(|view| surprise(&self.calibrations[view], views[view]));
        reading.score = reading.surprises.iter().sum();
        reading.p = self.joint.p_value(reading.score);
        reading
    }

    fn take_in(&mut self, row: &[f64], leaves: &Leaves, reading: &Reading) {
        if self.seen >= WARM {
            self.calibrations
                .iter_mut()
                .zip(reading.views())
                .for_each(|(known, view)| known.push(view));
            self.joint.push(reading.score);
        }
        self.seen += 1;
        self.covariance.learn(row, &self.spreads);
        self.trees.learn_at(row, leaves);
        self.forest.learn(row);
        row.iter()
            .zip(&mut self.spreads)
            .for_each(|(value, spread)| spread.learn(*value));
    }
}

impl Reading {
    fn views(&self) -> [f64; VIEWS] {
        [
            self.spread,
            libm::log1p(self.together),
            self.rarity,
            self.isolation,
        ]
    }
}

/// -log p; beyond the highest score remembered it goes on with the excess, in units of that score's distance from the
/// median, because 512 scores know no p below 1/513.
fn surprise(known: &Calibration, view: f64) -> f64 {
    let sure = -libm::log(known.p_value(view));
    let Some((middle, highest)) = known.middle_and_highest() else {
        return sure;
    };
    let excess = (view - highest) / (highest - middle).max(1e-9);
    if excess > 0.0 {
        sure + libm::log1p(excess)
    } else {
        sure
    }
}

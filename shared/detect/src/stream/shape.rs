//! Whether one number's last nineteen values have a shape seen before: conformal nearest neighbours over lagged vectors
//! (Burnaev, Ishimtsev 2016, KNN-CAD).
//!
//! Distances are measured in units of the shapes' own second moments, so that a slow level and its fast changes weigh
//! alike. The shapes that are compared with, and the scores that calibrate, move on with the times.

use std::collections::VecDeque;

use thiserror::Error;

use crate::hotelling::{Factor, add_outer};
use crate::limits::{SHAPE_LAGS, SHAPE_LEARNING};
use crate::robust::median;

/// Nearest shapes whose distances are added up.
const NEIGHBOURS: usize = 27;
/// The least learning time: fewer shapes than this have no neighbours worth the name.
const LEAST: usize = 2 * NEIGHBOURS + SHAPE_LAGS;
/// A score with this share of the others below it is an alarm, and begins a pause.
const ALARM: f64 = 0.9965;
/// Alarms of one cause are one: after it, nothing is said for this part of the learning time.
const PAUSE: usize = 5;
/// What is said in a pause.
const PAUSED: f64 = 0.5;
/// Added to the second moments as a share of their mean: a constant is a shape, too.
const RIDGE: f64 = 1e-10;

type Shape = [f64; SHAPE_LAGS];

/// Shapes of one number; 350 KB at most.
#[derive(Debug, Clone)]
pub struct Shapes {
    learning: usize,
    seen: usize,
    last: VecDeque<f64>,
    /// Shapes compared with, as they were and as they are measured, in the same order.
    known: VecDeque<Shape>,
    measured: VecDeque<Shape>,
    /// Shapes judged since, which become known one learning time later, and the scores of as many.
    waiting: VecDeque<Shape>,
    scores: VecDeque<f64>,
    factor: Option<Factor>,
    paused: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0} values of learning time: give between {LEAST} and {SHAPE_LEARNING}")]
pub struct ShapesError(usize);

impl Shapes {
    /// `learning` is the number of values before anything is said, and over which the times move on.
    pub fn new(learning: usize) -> Result<Self, ShapesError> {
        if !(LEAST..=SHAPE_LEARNING).contains(&learning) {
            return Err(ShapesError(learning));
        }
        Ok(Self {
            learning,
            seen: 0,
            last: VecDeque::new(),
            known: VecDeque::new(),
            measured: VecDeque::new(),
            waiting: VecDeque::new(),
            scores: VecDeque::new(),
            factor: None,
            paused: 0,
        })
    }

    /// The share of scores in good times that were lower, .5 in the pause after an alarm, 0 while learning. What is not
    /// finite is taken for the median of the last values.
    pub fn push(&mut self, value: f64) -> f64 {
        let value = if value.is_finite() {
            value.clamp(-1e100, 1e100)
        } else {
            self.usual()
        };
        self.last.push_back(value);
        self.seen += 1;
        if self.last.len() > SHAPE_LAGS {
            self.last.pop_front();
        }
        if self.last.len() < SHAPE_LAGS {
            return 0.0;
        }
        let shape: Shape = std::array::from_fn(|lag| self.last[lag]);
        if self.seen < self.learning {
            self.known.push_back(shape);
            return 0.0;
        }
        self.judge(shape)
    }

    fn usual(&self) -> f64 {
        median(&mut self.last.iter().copied().collect::<Vec<_>>())
    }

    fn judge(&mut self, shape: Shape) -> f64 {
        let phase = self.seen % self.learning;
        if phase == 0 || phase == self.learning / 2 || self.factor.is_none() {
            self.measure_anew();
        }
        if self.scores.is_empty() {
            // A known shape is its own nearest neighbour.
            self.scores = self
                .measured
                .iter()
                .map(|known| self.strangeness(known, NEIGHBOURS + 1))
                .collect();
        }
        let strangeness = self.strangeness(&self.measure(&shape), NEIGHBOURS);
        let lower = self
            .scores
            .iter()
            .filter(|score| **score < strangeness)
            .count();
        let share = lower as f64 / self.scores.len() as f64;
        if self.seen >= 2 * self.learning {
            self.move_on();
        }
        self.scores.pop_front();
        self.scores.push_back(strangeness);
        self.waiting.push_back(shape);
        self.say(share)
    }

    fn say(&mut self, share: f64) -> f64 {
        if self.paused > 0 {
            self.paused -= 1;
            return PAUSED;
        }
        if share >= ALARM {
            self.paused = self.learning / PAUSE;
        }
        share
    }

    /// The oldest known shape goes, the oldest that was judged becomes known.
    fn move_on(&mut self) {
        if let Some(shape) = self.waiting.pop_front() {
            self.known.pop_front();
            self.measured.pop_front();
            self.measured.push_back(self.measure(&shape));
            self.known.push_back(shape);
        }
    }

    fn measure_anew(&mut self) {
        let mut moments = vec![0.0; SHAPE_LAGS * SHAPE_LAGS];
        self.known
            .iter()
            .for_each(|shape| add_outer(&mut moments, shape));
        self.factor = Some(Factor::of_ridged(moments, SHAPE_LAGS, RIDGE));
        self.measured = self.known.iter().map(|shape| self.measure(shape)).collect();
    }

    fn measure(&self, shape: &Shape) -> Shape {
        let mut measured = *shape;
        if let Some(factor) = &self.factor {
            factor.squared_length(&mut measured);
        }
        measured
    }

    /// The sum of the squared distances to the nearest known shapes.
    fn strangeness(&self, measured: &Shape, neighbours: usize) -> f64 {
        let mut distances: Vec<f64> = self
            .measured
            .iter()
            .map(|known| {
                known
                    .iter()
                    .zip(measured)
                    .map(|(one, other)| (one - other) * (one - other))
                    .sum()
            })
            .collect();
        let last = neighbours.min(distances.len()) - 1;
        let (nearer, farthest, _) = distances.select_nth_unstable_by(last, f64::total_cmp);
        nearer.iter().sum::<f64>() + *farthest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    fn wave(at: usize, dice: &mut Dice) -> f64 {
        ((at % 24) as f64 - 12.0).abs() + 0.3 * dice.unit()
    }

    #[test]
    fn a_wave_that_stops_is_noticed_and_said_once() {
        let mut dice = Dice::new(1);
        let mut shapes = Shapes::new(300).unwrap();
        let said: Vec<f64> = (0..1_500)
            .map(|at| {
                let value = wave(at, &mut dice);
                shapes.push(if (1_300..1_320).contains(&at) {
                    6.0
                } else {
                    value
                })
            })
            .collect();
        assert!(
            said[..300].iter().filter(|said| **said > 0.0).count() <= 1,
            "silent while it learns"
        );
        let alarms =
            |span: std::ops::Range<usize>| said[span].iter().filter(|said| **said >= ALARM).count();
        assert_eq!(alarms(1_300..1_320), 1);
        assert!(alarms(320..1_300) <= 6, "{}", alarms(320..1_300));
    }

    #[test]
    fn constants_and_odd_values_are_survived() {
        let mut shapes = Shapes::new(80).unwrap();
        for at in 0..400 {
            let value =
                [0.0, f64::NAN, f64::MAX, f64::NEG_INFINITY][if at > 200 { at % 4 } else { 0 }];
            assert!((0.0..=1.0).contains(&shapes.push(value)));
        }
        assert!(
            shapes.known.len() <= 80 && shapes.waiting.len() <= 80 && shapes.scores.len() <= 80
        );
        assert!(Shapes::new(10).is_err());
    }
}

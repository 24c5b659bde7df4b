//! How far a value is out, by a median and a median deviation that move with the times.

use super::ewma::Ewma;
use super::quantile::Quantile;

/// Values after which a fresh pair of quantiles takes over, half-way trained: P² itself never forgets.
const SPAN: u64 = 8_192;
const NORMAL: f64 = 1.4826;
/// No scale is below this share of the deviation.
const LEAST_SHARE: f64 = 0.1;
const LEAST: f64 = 1e-9;
const MOST: f64 = 50.0;

/// Median, median deviation and deviation of one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct MovingSpread {
    answering: Pair,
    following: Pair,
    ewma: Ewma,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Pair {
    median: Quantile,
    deviation: Quantile,
}

impl Pair {
    const NEW: Self = Self {
        median: Quantile::new(0.5),
        deviation: Quantile::new(0.5),
    };

    fn learn(&mut self, value: f64) {
        self.median.push(value);
        self.deviation.push((value - self.median.value()).abs());
    }
}

impl MovingSpread {
    pub const fn new(pace: f64) -> Self {
        Self {
            answering: Pair::NEW,
            following: Pair::NEW,
            ewma: Ewma::new(pace),
        }
    }

    /// In robust standard deviations, at most 50; as much for what is not finite, 0 before anything was learnt.
    pub fn deviations(&self, value: f64) -> f64 {
        if self.ewma.seen() == 0 {
            return 0.0;
        }
        let distance = (value - self.middle()).abs() / self.scale();
        if distance.is_nan() {
            MOST
        } else {
            distance.min(MOST)
        }
    }

    pub fn middle(&self) -> f64 {
        self.answering.median.value()
    }

    pub fn scale(&self) -> f64 {
        let robust = self.answering.deviation.value() * NORMAL;
        robust.max(LEAST_SHARE * self.ewma.deviation() + LEAST)
    }

    pub fn learn(&mut self, value: f64) {
        self.ewma.learn(value);
        self.answering.learn(value);
        if self.answering.median.seen() > SPAN / 2 {
            self.following.learn(value);
        }
        if self.answering.median.seen() >= SPAN {
            self.answering = std::mem::replace(&mut self.following, Pair::NEW);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn deviations_are_near_those_of_the_whole_distribution() {
        let mut dice = Dice::new(3);
        let mut spread = MovingSpread::new(1e-3);
        // Uniform in 0..1: median .5, median deviation .25.
        (0..4_000).for_each(|_| spread.learn(dice.unit()));
        let expected = 0.5 / (0.25 * NORMAL);
        assert!(
            (spread.deviations(1.0) - expected).abs() < 0.1,
            "{}",
            spread.deviations(1.0)
        );
        assert_eq!(spread.deviations(f64::NAN), MOST);
        assert_eq!(spread.deviations(1e300), MOST);
    }

    #[test]
    fn a_new_level_becomes_the_usual() {
        let mut dice = Dice::new(3);
        let mut spread = MovingSpread::new(1e-3);
        (0..20_000).for_each(|_| spread.learn(dice.unit()));
        assert!(spread.deviations(10.5) > 20.0);
        (0..20_000).for_each(|_| spread.learn(10.0 + dice.unit()));
        assert!(spread.deviations(10.5) < 1.0, "{}", spread.deviations(10.5));
    }
}

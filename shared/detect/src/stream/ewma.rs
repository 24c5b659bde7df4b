//! Mean and variance that forget: each new value counts for a share, and no more than a few deviations of it count.

/// An exponentially weighted mean and variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ewma {
    pace: f64,
    mean: f64,
    variance: f64,
    seen: u64,
}

/// A value farther out than this teaches as if it were just so far: one outlier must not widen what is usual.
const CLIP: f64 = 4.0;
/// Values at the start that are learnt as they are.
const UNCLIPPED: u64 = 30;

impl Ewma {
    /// `pace` is the share of the latest value, in 0..1; at the start all values count alike.
    pub const fn new(pace: f64) -> Self {
        Self {
            pace,
            mean: 0.0,
            variance: 0.0,
            seen: 0,
        }
    }

    pub const fn mean(&self) -> f64 {
        self.mean
    }

    pub fn deviation(&self) -> f64 {
        self.variance.sqrt()
    }

    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// Values that are not finite are passed over.
    pub fn learn(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        let share = self.pace.max(1.0 / (self.seen + 1) as f64);
        let far = CLIP * self.deviation();
        let off = value - self.mean;
        let off = if self.seen < UNCLIPPED || far == 0.0 {
            off
        } else {
            off.clamp(-far, far)
        };
        self.mean += share * off;
        self.variance = ((1.0 - share) * (self.variance + share * off * off)).min(f64::MAX);
        self.seen += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_as_the_plain_mean_and_variance() {
        let mut ewma = Ewma::new(0.01);
        [1.0, 2.0, 3.0, 6.0]
            .into_iter()
            .for_each(|value| ewma.learn(value));
        assert!((ewma.mean() - 3.0).abs() < 1e-12);
        assert!((ewma.deviation() - 3.5f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn one_outlier_moves_it_by_little_and_a_new_level_is_learnt() {
        let mut ewma = Ewma::new(0.01);
        (0..200).for_each(|n| ewma.learn(f64::from(n % 3)));
        let before = ewma.mean();
        ewma.learn(1e9);
        assert!((ewma.mean() - before).abs() < 0.05);
        (0..2_000).for_each(|n| ewma.learn(50.0 + f64::from(n % 3)));
        assert!((ewma.mean() - 51.0).abs() < 0.5, "{}", ewma.mean());
    }

    #[test]
    fn no_value_makes_it_infinite() {
        let mut ewma = Ewma::new(0.01);
        for value in [f64::NAN, f64::MAX, f64::MIN, f64::INFINITY, 0.0, f64::MAX] {
            ewma.learn(value);
        }
        assert!(ewma.deviation() >= 0.0);
    }
}

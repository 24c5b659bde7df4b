//! A quantile of a stream in five numbers: the P² algorithm (Jain, Chlamtac 1985).

/// Five markers: the smallest and largest value, the quantile, and one half-way to each end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    share: f64,
    heights: [f64; 5],
    positions: [f64; 5],
    seen: u64,
}

impl Quantile {
    /// `share` in 0..=1: .5 is the median.
    pub const fn new(share: f64) -> Self {
        Self {
            share: share.clamp(0.0, 1.0),
            heights: [0.0; 5],
            positions: [1.0, 2.0, 3.0, 4.0, 5.0],
            seen: 0,
        }
    }

    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// Exact up to five values; 0 of none.
    pub fn value(&self) -> f64 {
        let count = self.seen.min(5) as usize;
        if count == 5 && self.seen > 5 {
            return self.heights[2];
        }
        if count == 0 {
            return 0.0;
        }
        self.heights[((count - 1) as f64 * self.share + 0.5) as usize]
    }

    /// Values that are not finite are passed over.
    pub fn push(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        if self.seen < 5 {
            let count = self.seen as usize;
            self.heights[count] = value;
            self.heights[..=count].sort_unstable_by(f64::total_cmp);
            self.seen += 1;
            return;
        }
        self.seen += 1;
        let cell = self.cell(value);
        self.positions[cell + 1..]
            .iter_mut()
            .for_each(|position| *position += 1.0);
        let last = (self.seen - 1) as f64;
        let wanted = [self.share / 2.0, self.share, (1.0 + self.share) / 2.0];
        for (marker, share) in (1..4).zip(wanted) {
            self.adjust(marker, 1.0 + last * share);
        }
    }

    /// The marker below the value, after the ends were moved where it lies outside.
    fn cell(&mut self, value: f64) -> usize {
        if value < self.heights[0] {
            self.heights[0] = value;
            return 0;
        }
        if value >= self.heights[4] {
            self.heights[4] = value;
            return 3;
        }
        (1..4)
            .rev()
            .find(|marker| self.heights[*marker] <= value)
            .unwrap_or(0)
    }

    fn adjust(&mut self, marker: usize, wanted: f64) {
        let off = wanted - self.positions[marker];
        let (before, after) = (
            self.positions[marker - 1] - self.positions[marker],
            self.positions[marker + 1] - self.positions[marker],
        );
        let step = if off >= 1.0 && after > 1.0 {
            1.0
        } else if off <= -1.0 && before < -1.0 {
            -1.0
        } else {
            return;
        };
        let curved = self.parabola(marker, step);
        let between = self.heights[marker - 1] < curved && curved < self.heights[marker + 1];
        self.heights[marker] = if between {
            curved
        } else {
            self.line(marker, step)
        };
        self.positions[marker] += step;
    }

    fn parabola(&self, marker: usize, step: f64) -> f64 {
        let [before, here, after] = [-1isize, 0, 1].map(|by| {
            let at = marker.wrapping_add_signed(by);
            (self.positions[at], self.heights[at])
        });
        let up = (here.0 - before.0 + step) * (after.1 - here.1) / (after.0 - here.0);
        let down = (after.0 - here.0 - step) * (here.1 - before.1) / (here.0 - before.0);
        here.1 + step / (after.0 - before.0) * (up + down)
    }

    fn line(&self, marker: usize, step: f64) -> f64 {
        let other = if step > 0.0 { marker + 1 } else { marker - 1 };
        let slope = (self.heights[other] - self.heights[marker])
            / (self.positions[other] - self.positions[marker]);
        self.heights[marker] + step * slope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn the_paper_s_example_comes_out() {
        let values = [
            0.02, 0.15, 0.74, 3.39, 0.83, 22.37, 10.15, 15.43, 38.62, 15.92, 34.60, 10.28, 1.47,
            0.40, 0.05, 11.39, 0.27, 0.42, 0.09, 11.37,
        ];
        let mut median = Quantile::new(0.5);
        values.into_iter().for_each(|value| median.push(value));
        assert!((median.value() - 4.44).abs() < 0.01, "{}", median.value());
    }

    #[test]
    fn it_comes_near_the_quantile_of_all_values() {
        let mut dice = Dice::new(1);
        for share in [0.1, 0.5, 0.9] {
            let mut quantile = Quantile::new(share);
            let mut all: Vec<f64> = (0..20_000).map(|_| dice.unit() * dice.unit()).collect();
            all.iter().for_each(|value| quantile.push(*value));
            all.sort_unstable_by(f64::total_cmp);
            let exact = all[(share * 20_000.0) as usize];
            assert!(
                (quantile.value() - exact).abs() < 0.01,
                "{share}: {} {exact}",
                quantile.value()
            );
        }
    }

    #[test]
    fn few_values_are_exact_and_odd_ones_are_passed_over() {
        let mut median = Quantile::new(0.5);
        assert_eq!(median.value(), 0.0);
        for value in [3.0, f64::NAN, 1.0, f64::INFINITY, 2.0] {
            median.push(value);
        }
        assert_eq!((median.value(), median.seen()), (2.0, 3));
    }
}

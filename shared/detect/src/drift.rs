//! Whether the times have changed: PSI and Kolmogorov–Smirnov on inputs, ADWIN on what a model gets wrong.

use std::collections::VecDeque;

use crate::limits::ADWIN_BUCKETS;

/// The population stability index of a sample against a reference, over tenths of the reference: below .1 nothing has
/// changed, above .25 much has. `None` without values on both sides.
pub fn stability_index(reference: &[f64], sample: &[f64]) -> Option<f64> {
    const PARTS: usize = 10;
    /// Stands in for an empty part.
    const LEAST: f64 = 1e-4;
    if reference.is_empty() || sample.is_empty() {
        return None;
    }
    let mut sorted = reference.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut edges: Vec<f64> = (1..PARTS)
        .map(|part| sorted[part * sorted.len() / PARTS])
        .collect();
    edges.dedup();
    let shares = |values: &[f64]| {
        let mut counts = vec![0.0; edges.len() + 1];
        values
            .iter()
            .for_each(|value| counts[edges.partition_point(|edge| edge < value)] += 1.0);
        counts
            .into_iter()
            .map(move |count: f64| (count / values.len() as f64).max(LEAST))
            .collect::<Vec<_>>()
    };
    let pairs = shares(reference).into_iter().zip(shares(sample));
    Some(
        pairs
            .map(|(was, is)| (is - was) * libm::log(is / was))
            .sum(),
    )
}

/// The largest distance between two distribution functions and the probability of one as large by chance
/// (Kolmogorov's series). `None` without values on both sides.
pub fn kolmogorov_smirnov(reference: &[f64], sample: &[f64]) -> Option<(f64, f64)> {
    if reference.is_empty() || sample.is_empty() {
        return None;
    }
    let (mut one, mut other) = (reference.to_vec(), sample.to_vec());
    one.sort_unstable_by(f64::total_cmp);
    other.sort_unstable_by(f64::total_cmp);
    let share = |sorted: &[f64], value: f64| {
        sorted.partition_point(|known| *known <= value) as f64 / sorted.len() as f64
    };
    let distances = one
        .iter()
        .chain(&other)
        .map(|value| (share(&one, *value) - share(&other, *value)).abs());
    let distance = distances.fold(0.0, f64::max);
    let effective = (one.len() * other.len()) as f64 / (one.len() + other.len()) as f64;
    let scaled = distance * (effective.sqrt() + 0.12 + 0.11 / effective.sqrt());
    if scaled < 0.2 {
        return Some((distance, 1.0));
    }
    let term = |k: i32| {
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        sign * libm::exp(-2.0 * f64::from(k * k) * scaled * scaled)
    };
    Some((distance, (1..=100).map(term).sum::<f64>().clamp(0.0, 1.0)))
}

/// What ADWIN says of the latest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    None,
    /// The mean has risen; the older part of the window was dropped.
    Up,
    Down,
}

/// Adaptive windowing (Bifet, Gavaldà 2007): the longest window of values in 0..=1 whose parts have one mean.
///
/// Values are kept as sums over 1, 2, 4, … of them, five of each size at most.
#[derive(Debug, Clone, PartialEq)]
pub struct Adwin {
    confidence: f64,
    /// From the latest and smallest to the oldest and largest: the number of values and their sum.
    buckets: VecDeque<(u64, f64)>,
    since_check: u32,
}

/// Buckets of one size before two of them become one.
const ALIKE: usize = 5;
/// The window is examined after so many values.
const CHECK: u32 = 32;

impl Default for Adwin {
    fn default() -> Self {
        Self::new(0.002)
    }
}

impl Adwin {
    /// `confidence` bounds how often a change is seen where there is none.
    pub const fn new(confidence: f64) -> Self {
        Self {
            confidence: confidence.clamp(1e-9, 1.0),
            buckets: VecDeque::new(),
            since_check: 0,
        }
    }

    /// Values outside 0..=1 are clamped; what is not a number is passed over.
    pub fn push(&mut self, value: f64) -> Change {
        if value.is_nan() {
            return Change::None;
        }
        self.buckets.push_front((1, value.clamp(0.0, 1.0)));
        self.compress();
        self.since_check += 1;
        if self.since_check < CHECK {
            return Change::None;
        }
        self.since_check = 0;
        self.examine()
    }

    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(count, _)| count).sum()
    }

    pub fn mean(&self) -> f64 {
        let sum: f64 = self.buckets.iter().map(|(_, sum)| sum).sum();
        sum / self.count().max(1) as f64
    }

    fn compress(&mut self) {
        let mut from = 0;
        while from < self.buckets.len() {
            let size = self.buckets[from].0;
            let alike = self
                .buckets
                .iter()
                .skip(from)
                .take_while(|(count, _)| *count == size)
                .count();
            if alike <= ALIKE {
                break;
            }
            let last = from + alike - 1;
            let (count, sum) = self.buckets[last];
            let next = &mut self.buckets[last - 1];
            *next = (next.0 + count, next.1 + sum);
            self.buckets.remove(last);
            from = last - 1;
        }
        self.buckets.truncate(ADWIN_BUCKETS);
    }

    /// Drops the oldest buckets as long as some cut divides the window into parts of different means.
    fn examine(&mut self) -> Change {
        let mut change = Change::None;
        while let Some(rose) = self.differs() {
            change = if rose { Change::Up } else { Change::Down };
            self.buckets.pop_back();
        }
        change
    }

    /// Whether some cut does, and then whether the later part has the higher mean.
    fn differs(&self) -> Option<bool> {
        let (all, mean) = (self.count() as f64, self.mean());
        let variance = mean * (1.0 - mean);
        let strictness = libm::log(2.0 * libm::log(all.max(2.0)).max(1.0) / self.confidence);
        let (mut late, mut late_sum) = (0.0, 0.0);
        for (count, sum) in &self.buckets {
            late += *count as f64;
            late_sum += sum;
            let early = all - late;
            if early < 5.0 || late < 5.0 {
                continue;
            }
            let early_mean = (mean * all - late_sum) / early;
            let harmonic = 1.0 / (1.0 / early + 1.0 / late);
            let bound = (2.0 / harmonic * variance * strictness).sqrt()
                + 2.0 / (3.0 * harmonic) * strictness;
            let difference = late_sum / late - early_mean;
            if difference.abs() > bound {
                return Some(difference > 0.0);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn the_index_and_the_distance_are_those_computed_by_hand() {
        let reference: Vec<f64> = (0..100).map(f64::from).collect();
        assert!(stability_index(&reference, &reference).unwrap() < 1e-9);
        let shifted: Vec<f64> = reference.iter().map(|value| value + 50.0).collect();
        assert!(stability_index(&reference, &shifted).unwrap() > 1.0);
        let (distance, chance) = kolmogorov_smirnov(&reference, &shifted).unwrap();
        assert!((distance - 0.5).abs() < 1e-12 && chance < 1e-6);
        assert_eq!(kolmogorov_smirnov(&reference, &reference), Some((0.0, 1.0)));
        assert_eq!(stability_index(&[], &[1.0]), None);
        // Two of two against two others: .83 by the corrected series.
        let (distance, chance) = kolmogorov_smirnov(&[1.0, 3.0], &[2.0, 4.0]).unwrap();
        assert!((distance - 0.5).abs() < 1e-12 && chance > 0.8, "{chance}");
    }

    #[test]
    fn a_rise_of_mistakes_is_noticed_and_steady_ones_are_not() {
        let mut dice = Dice::new(4);
        let mut adwin = Adwin::default();
        let mut draw = |rate: f64| f64::from(u8::from(dice.unit() < rate));
        let early = (0..5_000)
            .filter(|_| adwin.push(draw(0.05)) != Change::None)
            .count();
        assert_eq!(early, 0);
        assert!((adwin.mean() - 0.05).abs() < 0.02 && adwin.count() == 5_000);
        let noticed = (0..1_000).position(|_| adwin.push(draw(0.3)) == Change::Up);
        assert!(noticed.is_some_and(|after| after < 200), "{noticed:?}");
        for _ in 0..3_000 {
            adwin.push(draw(0.3));
        }
        assert!((adwin.mean() - 0.3).abs() < 0.06, "{}", adwin.mean());
    }

    #[test]
    fn it_stays_small_however_long_it_runs() {
        let mut adwin = Adwin::default();
        for value in [0.5, f64::NAN, 7.0].into_iter().cycle().take(100_000) {
            adwin.push(value);
        }
        assert!(adwin.buckets.len() <= ADWIN_BUCKETS && adwin.mean() <= 1.0);
    }
}

//! What is kept of many samples when the samples themselves go: roll-ups merge without loss.

use thiserror::Error;

/// Number, sum, smallest, largest and last of at least one sample; exact below 2^64 samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    count: u64,
    sum: i128,
    min: i64,
    max: i64,
    last: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SummaryError {
    #[error("a summary is of at least one sample")]
    Empty,
    #[error("the last sample lies outside the smallest and the largest")]
    Unordered,
    #[error("no samples between the smallest and the largest have this sum")]
    ImpossibleSum,
}

impl Summary {
    pub const fn of(sample: i64) -> Self {
        Self {
            count: 1,
            sum: sample as i128,
            min: sample,
            max: sample,
            last: sample,
        }
    }

    /// The samples in the order of their times; `None` without any.
    pub fn over(samples: impl IntoIterator<Item = i64>) -> Option<Self> {
        samples.into_iter().map(Self::of).reduce(Self::then)
    }

    /// Summaries in the order of their times: five minutes of ten seconds each, an hour of minutes.
    pub fn merged(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(Self::then)
    }

    /// Takes back what was stored, unless no samples can have had such a summary.
    pub fn from_parts(
        count: u64,
        sum: i128,
        min: i64,
        max: i64,
        last: i64,
    ) -> Result<Self, SummaryError> {
        if count == 0 {
            return Err(SummaryError::Empty);
        }
        if !(min..=max).contains(&last) {
            return Err(SummaryError::Unordered);
        }
        let summary = Self {
            count,
            sum,
            min,
            max,
            last,
        };
        if summary.sum_is_possible() {
            Ok(summary)
        } else {
            Err(SummaryError::ImpossibleSum)
        }
    }

    pub fn push(&mut self, sample: i64) {
        *self = self.then(Self::of(sample));
    }

    /// This summary followed by a later one.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            count: self.count.saturating_add(later.count),
            sum: self.sum.saturating_add(later.sum),
            min: self.min.min(later.min),
            max: self.max.max(later.max),
            last: later.last,
        }
    }

    pub const fn count(&self) -> u64 {
        self.count
    }

    pub const fn sum(&self) -> i128 {
        self.sum
    }

    pub const fn min(&self) -> i64 {
        self.min
    }

    pub const fn max(&self) -> i64 {
        self.max
    }

    pub const fn last(&self) -> i64 {
        self.last
    }

    /// The mean, rounded down.
    pub fn mean(&self) -> i64 {
        let mean = self.sum.div_euclid(i128::from(self.count));
        i64::try_from(mean).unwrap_or(if mean < 0 { i64::MIN } else { i64::MAX })
    }

    /// One sample is the smallest, one the largest and one the last; the others lie in between.
    fn sum_is_possible(&self) -> bool {
        let (min, max, last) = (
            i128::from(self.min),
            i128::from(self.max),
            i128::from(self.last),
        );
        let named: &[i128] = match (
            self.last == self.min || self.last == self.max,
            self.min == self.max,
        ) {
            (_, true) => &[min],
            (true, false) => &[min, max],
            (false, false) => &[min, max, last],
        };
        let Some(others) = i128::from(self.count)
            .checked_sub(named.len() as i128)
            .filter(|others| *others >= 0)
        else {
            return false;
        };
        let rest = self.sum.checked_sub(named.iter().sum());
        rest.is_some_and(|rest| (others * min..=others * max).contains(&rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// xorshift64*: enough to vary the cases, the same on every run.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self) -> u64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
        }

        fn samples(&mut self) -> Vec<i64> {
            let (length, shift) = (1 + self.roll() % 40, self.roll() % 64);
            (0..length).map(|_| (self.roll() as i64) >> shift).collect()
        }
    }

    #[test]
    fn parts_merged_anyhow_equal_the_whole() {
        let mut dice = Dice(7);
        for _ in 0..5_000 {
            let samples = dice.samples();
            let whole = Summary::over(samples.iter().copied()).unwrap();
            let width = 1 + (dice.roll() % samples.len() as u64) as usize;
            let parts: Vec<_> = samples
                .chunks(width)
                .map(|part| Summary::over(part.iter().copied()).unwrap())
                .collect();
            assert_eq!(Summary::merged(parts.iter().copied()), Some(whole));
            let from_the_right = parts
                .iter()
                .rev()
                .copied()
                .reduce(|later, earlier| earlier.then(later));
            assert_eq!(from_the_right, Some(whole), "merging is associative");
            let mut pushed = Summary::of(samples[0]);
            samples[1..].iter().for_each(|sample| pushed.push(*sample));
            assert_eq!(pushed, whole);
        }
    }

    #[test]
    fn a_summary_says_what_its_samples_say() {
        let mut dice = Dice(11);
        for _ in 0..5_000 {
            let samples = dice.samples();
            let summary = Summary::over(samples.iter().copied()).unwrap();
            let sum: i128 = samples.iter().copied().map(i128::from).sum();
            assert_eq!(
                (summary.count(), summary.sum()),
                (samples.len() as u64, sum)
            );
            assert_eq!(Some(summary.min()), samples.iter().copied().min());
            assert_eq!(Some(summary.max()), samples.iter().copied().max());
            assert_eq!(Some(summary.last()), samples.last().copied());
            assert!((summary.min()..=summary.max()).contains(&summary.mean()));
            let stored = Summary::from_parts(
                summary.count,
                summary.sum,
                summary.min,
                summary.max,
                summary.last,
            );
            assert_eq!(stored, Ok(summary));
        }
    }

    #[test]
    fn the_mean_is_rounded_down() {
        assert_eq!(Summary::over([1, 2]).unwrap().mean(), 1);
        assert_eq!(Summary::over([-1, -2]).unwrap().mean(), -2);
        assert_eq!(
            Summary::over([i64::MIN, i64::MIN]).unwrap().mean(),
            i64::MIN
        );
    }

    #[test]
    fn what_no_samples_can_have_given_is_refused() {
        assert_eq!(Summary::from_parts(0, 0, 0, 0, 0), Err(SummaryError::Empty));
        assert_eq!(
            Summary::from_parts(2, 3, 2, 1, 1),
            Err(SummaryError::Unordered)
        );
        assert_eq!(
            Summary::from_parts(2, 3, 1, 2, 3),
            Err(SummaryError::Unordered)
        );
        for (count, sum, min, max, last) in [
            (1, 3, 1, 2, 2),
            (2, 4, 1, 2, 2),
            (2, 6, 1, 3, 2),
            (3, 10, 1, 3, 3),
            (u64::MAX, i128::MAX, 1, 2, 1),
        ] {
            assert_eq!(
                Summary::from_parts(count, sum, min, max, last),
                Err(SummaryError::ImpossibleSum)
            );
        }
    }

    #[test]
    fn extreme_summaries_do_not_overflow() {
        let many = i128::from(u64::MAX);
        let low = Summary::from_parts(
            u64::MAX,
            i128::from(i64::MIN) * many,
            i64::MIN,
            i64::MIN,
            i64::MIN,
        )
        .unwrap();
        let high = Summary::from_parts(
            u64::MAX,
            i128::from(i64::MAX) * many,
            i64::MAX,
            i64::MAX,
            i64::MAX,
        )
        .unwrap();
        assert_eq!((low.mean(), high.mean()), (i64::MIN, i64::MAX));
        assert_eq!(high.then(high).mean(), i64::MAX);
        assert_eq!(low.then(low).then(high).count(), u64::MAX);
    }
}

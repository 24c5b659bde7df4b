//! How many lines of one log go out: a burst, and then so many a second.

use std::time::{Duration, Instant};

/// Lines at once, and lines a second after that.
const BURST: u32 = 2_000;
const PER_SECOND: u32 = 100;

#[derive(Debug)]
pub struct Pace {
    left: u32,
    since: Instant,
}

impl Pace {
    pub fn new(now: Instant) -> Self {
        Self {
            left: BURST,
            since: now,
        }
    }

    /// Whether one more line may go.
    pub fn may_go(&mut self, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.since);
        let gained = elapsed.as_millis() * u128::from(PER_SECOND) / 1_000;
        if gained > 0 {
            let gained = u32::try_from(gained).unwrap_or(u32::MAX);
            self.left = self.left.saturating_add(gained).min(BURST);
            // What is left of a step of the clock counts for the next.
            let used = u64::from(gained) * 1_000 / u64::from(PER_SECOND);
            self.since = now.min(self.since + Duration::from_millis(used));
        }
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_and_then_so_many_a_second() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let mut gone =
            |after: Duration, lines: u32| (0..lines).filter(|_| pace.may_go(start + after)).count();
        assert_eq!(gone(Duration::ZERO, 5_000), BURST as usize);
        let halves = (1..=10).map(|half| gone(Duration::from_millis(half * 500), 5_000));
        assert_eq!(halves.sum::<usize>(), 5 * PER_SECOND as usize);
        let after_a_day = gone(Duration::from_secs(86_400), 5_000);
        assert_eq!(
            after_a_day, BURST as usize,
            "no more than a burst is saved up"
        );
    }
}

//! How a device keeps its times: one that is there and comes late again and again is degraded, not down.
//!
//! Two things say so. Gaps between its signs of life, from whomever: on the worst links nine ways have to be late
//! together for one. And its own word that it missed deadlines of its own: a host that stands still may go on just in
//! time for what it owes others, and is no good host for that.

use std::time::Duration;

use crate::limits;
use crate::time::Timestamp;

/// What is heard this soon after another sign of life is the same one, come by another way.
const SAME: Duration = Duration::from_secs(2);
/// Between two signs of life lie five seconds at most, and something for the way: more is a gap.
const GAP: Duration = Duration::from_millis(7_500);
/// Gaps and missed deadlines are counted over this time.
const WINDOW: Duration = Duration::from_secs(60);
/// What a witness heard is known here after its next reading, and something for the way.
const REPORTED: Duration = Duration::from_secs(12);
/// So many in a minute are a habit, and no accident. One is enough for a habit to go on.
const OFTEN: usize = 3;

/// How a device that is there does not keep its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Degraded {
    /// When it was first seen to have the habit.
    pub since: Timestamp,
    pub how: How,
    /// How often within the last minute, and by how much at most.
    pub count: usize,
    pub longest: Duration,
}

/// By what it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Nobody heard it in time.
    Gaps,
    /// It says so itself.
    Stalls,
}

impl How {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gaps => "gaps",
            Self::Stalls => "stalls",
        }
    }
}

/// When a device was heard lately, and what follows from that.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    /// By anybody, in ascending order.
    heard: Vec<Timestamp>,
    /// Readings in which it owned up to missed deadlines, and by how much.
    missed: Vec<(Timestamp, Duration)>,
    degraded: Option<Degraded>,
}

impl Pace {
    pub(super) fn degraded(&self) -> Option<Degraded> {
        self.degraded
    }

    pub(super) fn hear(&mut self, at: Timestamp) {
        let place = self.heard.partition_point(|heard| *heard <= at);
        let before = place.checked_sub(1).map(|before| self.heard[before]);
        let after = self.heard.get(place).copied();
        let is_known = before.is_some_and(|before| at.since(before) < SAME)
            || after.is_some_and(|after| after.since(at) < SAME);
        if !is_known {
            self.heard.insert(place, at);
        }
        if self.heard.len() > limits::SIGNS_OF_LIFE {
            self.heard.remove(0);
        }
    }

    pub(super) fn own_up(&mut self, at: Timestamp, late: Duration) {
        self.missed.push((at, late));
        if self.missed.len() > limits::SIGNS_OF_LIFE {
            self.missed.remove(0);
        }
    }

    /// Judges the last minute.
    pub(super) fn look(&mut self, now: Timestamp) {
        self.missed.retain(|(at, _)| now.since(*at) < WINDOW);
        let missed: Vec<Duration> = self.missed.iter().map(|(_, late)| *late).collect();
        let habit = self.habit(How::Stalls, &missed, now);
        self.degraded = habit.or_else(|| self.habit(How::Gaps, &self.gaps(now), now));
    }

    fn habit(&self, how: How, lately: &[Duration], now: Timestamp) -> Option<Degraded> {
        let longest = lately.iter().max().copied()?;
        let enough = self.degraded.map_or(OFTEN, |_| 1);
        (lately.len() >= enough).then(|| Degraded {
            since: self.degraded.map_or(now, |degraded| degraded.since),
            how,
            count: lately.len(),
            longest,
        })
    }

    /// Gaps that ended within a minute. What ended just now may have been heard in between by witnesses that have
    /// not said so yet.
    fn gaps(&self, now: Timestamp) -> Vec<Duration> {
        let told = now.saturating_sub(REPORTED);
        let within = |end: &Timestamp| *end <= told && told.since(*end) < WINDOW;
        let pairs = self.heard.windows(2).filter(|pair| within(&pair[1]));
        let apart = pairs.map(|pair| pair[1].since(pair[0]));
        apart.filter(|apart| *apart >= GAP).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + seconds * 1_000)
    }

    /// Heard every so many seconds from one moment to another, and judged every second.
    fn heard_every(pace: &mut Pace, from: u64, until: u64, seconds: u64) {
        for second in from..until {
            if second % seconds == 0 {
                pace.hear(at(second));
            }
            pace.look(at(second));
        }
    }

    #[test]
    fn whoever_comes_late_again_and_again_is_degraded_until_a_minute_without_gaps() {
        let mut pace = Pace::default();
        heard_every(&mut pace, 0, 60, 5);
        assert_eq!(pace.degraded(), None);
        heard_every(&mut pace, 60, 110, 10);
        let degraded = pace.degraded().expect("gaps of ten seconds");
        assert_eq!(
            (degraded.how, degraded.longest),
            (How::Gaps, Duration::from_secs(10))
        );
        heard_every(&mut pace, 110, 160, 5);
        let since = degraded.since;
        assert!(pace.degraded().is_some_and(|still| still.since == since));
        heard_every(&mut pace, 160, 190, 5);
        assert_eq!(pace.degraded(), None);
    }

    #[test]
    fn two_gaps_in_a_minute_are_an_accident() {
        let mut pace = Pace::default();
        heard_every(&mut pace, 0, 60, 5);
        heard_every(&mut pace, 60, 81, 10);
        heard_every(&mut pace, 81, 200, 5);
        assert_eq!(pace.degraded(), None);
    }

    #[test]
    fn what_a_witness_says_later_fills_the_gap() {
        let mut pace = Pace::default();
        for second in 0..100 {
            if second % 10 == 0 {
                pace.hear(at(second));
            }
            // The beat in between reached a witness alone, whose reading comes with the next ten seconds.
            if second % 10 == 9 && second > 10 {
                pace.hear(at(second - 4));
            }
            pace.look(at(second));
            assert_eq!(pace.degraded(), None, "at {second} s");
        }
    }

    /// Story: of fifty hosts that stood still for half of each ten seconds twenty-one were not shown: their heads,
    /// which come every ten seconds, fell between two beats and filled the gap.
    #[test]
    fn whoever_misses_its_own_deadlines_is_degraded_though_it_leaves_no_gap() {
        let mut pace = Pace::default();
        for second in 0..40 {
            pace.hear(at(second));
            if second % 10 == 0 {
                pace.own_up(at(second), Duration::from_millis(4_900));
            }
            pace.look(at(second));
            assert_eq!(pace.degraded().is_some(), second >= 20, "at {second} s");
        }
        let degraded = pace.degraded().expect("it is degraded");
        assert_eq!((degraded.how, degraded.count), (How::Stalls, 4));
        heard_every(&mut pace, 40, 95, 5);
        assert_eq!(pace.degraded(), None);
    }
}

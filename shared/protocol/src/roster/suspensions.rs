//! How many members the admission key alone may shut out within an hour.
//!
//! The rule follows from the log and from nothing else, so that all who hold the same log agree: a suspension that is one
//! too many stays in the log for everybody to see, and shuts nobody out.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::limits;
use crate::time::Timestamp;

const HOUR: Duration = Duration::from_secs(3600);

/// Suspensions that were in force, by the time that they carry.
#[derive(Debug, Clone, Default)]
pub(super) struct Suspensions(BTreeMap<Timestamp, usize>);

impl Suspensions {
    /// Whether one more at this time would still count. Times are the signer's word: an hour to both sides is looked at,
    /// so that no order of entries gets around it.
    pub fn admit(&self, at: Timestamp, members: usize) -> bool {
        let around = at.saturating_sub(HOUR)..=at.saturating_add(HOUR);
        let count: usize = self.0.range(around).map(|(_, count)| count).sum();
        count < most(members)
    }

    pub fn note(&mut self, at: Timestamp) {
        *self.0.entry(at).or_default() += 1;
    }
}

/// Two percent of a fleet, and three of a small one.
fn most(members: usize) -> usize {
    (members * limits::SUSPENDED_PERCENT / 100).max(limits::SUSPENDED_LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: u64) -> Timestamp {
        Timestamp::from_millis(1_767_225_600_000 + minutes * 60_000)
    }

    #[test]
    fn three_of_a_small_fleet_and_two_percent_of_a_large_one_within_an_hour() {
        for (members, most) in [(4, 3), (150, 3), (500, 10), (5_000, 100)] {
            let mut suspensions = Suspensions::default();
            for _ in 0..most {
                assert!(suspensions.admit(at(0), members));
                suspensions.note(at(0));
            }
            assert!(!suspensions.admit(at(0), members), "{members}");
            assert!(!suspensions.admit(at(60), members), "{members}");
            assert!(suspensions.admit(at(61), members), "{members}");
        }
    }

    #[test]
    fn times_that_run_backwards_get_nobody_around_it() {
        let mut suspensions = Suspensions::default();
        for minute in [90, 60, 30] {
            assert!(suspensions.admit(at(minute), 10));
            suspensions.note(at(minute));
        }
        assert!(!suspensions.admit(at(45), 10));
        assert!(suspensions.admit(at(200), 10));
    }
}

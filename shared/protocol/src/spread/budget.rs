//! Bytes that may go in a second: what a device grants to firmware beside its own work.

use std::time::Duration;

use crate::time::Instant;

/// Fills at its rate, and lends nothing: an expense waits until all of it is there.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    /// Bytes in a second; `None` grants everything.
    rate: Option<u64>,
    /// Thousandths of bytes, so that a millisecond at a slow rate is not lost.
    saved: u64,
    most: u64,
    at: Instant,
}

impl Budget {
    /// Begins full, and saves up to so many bytes while nothing is spent.
    pub fn new(rate: Option<u64>, most: u64) -> Self {
        let most = most.saturating_mul(1000);
        Self {
            rate,
            saved: most,
            most,
            at: Instant::default(),
        }
    }

    /// Spends so many bytes, or says when they will be there.
    pub fn spend(&mut self, bytes: u64, now: Instant) -> Result<(), Instant> {
        let Some(rate) = self.rate else {
            return Ok(());
        };
        let passed = now.since(self.at).as_millis();
        let gained = u64::try_from(passed)
            .unwrap_or(u64::MAX)
            .saturating_mul(rate);
        self.saved = self.saved.saturating_add(gained).min(self.most);
        self.at = self.at.max(now);
        let price = bytes.saturating_mul(1000);
        match self.saved.checked_sub(price) {
            Some(left) => {
                self.saved = left;
                Ok(())
            }
            None => {
                let wait = (price - self.saved).div_ceil(rate.max(1));
                Err(now + Duration::from_millis(wait))
            }
        }
    }

    /// Gives back what was spent and not used.
    pub fn refund(&mut self, bytes: u64) {
        let more = bytes.saturating_mul(1000);
        self.saved = self.saved.saturating_add(more).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_spent_than_its_rate_grants() {
        let at = Instant::from_millis;
        let mut budget = Budget::new(Some(1000), 500);
        assert_eq!(budget.spend(400, at(0)), Ok(()));
        assert_eq!(budget.spend(400, at(0)), Err(at(300)));
        assert_eq!(budget.spend(400, at(299)), Err(at(300)));
        assert_eq!(budget.spend(400, at(300)), Ok(()));
        budget.refund(400);
        assert_eq!(budget.spend(400, at(300)), Ok(()));
        // An hour of rest saves no more than it may.
        assert_eq!(budget.spend(500, at(3_600_000)), Ok(()));
        assert!(budget.spend(1, at(3_600_000)).is_err());
    }
}

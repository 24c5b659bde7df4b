//! What becomes of each packet, and those that wait.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The weather, and what it holds back.
#[derive(Debug)]
pub struct Sky<P> {
    delay: Duration,
    jitter: Duration,
    loss: f64,
    /// By the moment at which each goes on; those of one moment in the order in which they came.
    held: BTreeMap<(Instant, u64), P>,
    taken: u64,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Lost,
    Waits(Instant),
}

impl<P> Sky<P> {
    pub fn new(delay_ms: u64, jitter_ms: u64, loss: f64) -> Self {
        Self {
            delay: Duration::from_millis(delay_ms),
            jitter: Duration::from_millis(jitter_ms),
            loss,
            held: BTreeMap::new(),
            taken: 0,
        }
    }

    /// Decides by two numbers between 0 and 1.
    pub fn fate(&self, now: Instant, [lot, lateness]: [f64; 2]) -> Fate {
        if lot < self.loss {
            return Fate::Lost;
        }
        Fate::Waits(now + self.delay + self.jitter.mul_f64(lateness))
    }

    pub fn hold(&mut self, until: Instant, packet: P) {
        self.taken += 1;
        self.held.insert((until, self.taken), packet);
    }

    /// Takes out what has waited long enough.
    pub fn due(&mut self, now: Instant) -> Vec<P> {
        let later = self.held.split_off(&(now, u64::MAX));
        std::mem::replace(&mut self.held, later)
            .into_values()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_leave_when_they_are_due_and_not_in_the_order_they_came() {
        let now = Instant::now();
        let after = |ms| now + Duration::from_millis(ms);
        let mut sky = Sky::new(50, 30, 0.1);
        assert_eq!(sky.fate(now, [0.05, 0.0]), Fate::Lost);
        assert_eq!(sky.fate(now, [0.5, 0.0]), Fate::Waits(after(50)));
        assert_eq!(sky.fate(now, [0.5, 1.0]), Fate::Waits(after(80)));
        sky.hold(after(80), "first");
        sky.hold(after(50), "second");
        sky.hold(after(50), "third");
        assert!(sky.due(after(49)).is_empty());
        assert_eq!(sky.due(after(79)), ["second", "third"]);
        assert_eq!(sky.due(after(80)), ["first"]);
        assert!(sky.due(after(999)).is_empty());
    }
}

//! What chosen nodes send over time.

use std::collections::VecDeque;

use super::{LOOK_MS, Observer};
use crate::host::HostId;
use crate::world::World;

/// Bytes that some seats have sent, looked at twice a second.
#[derive(Debug)]
pub struct Traffic {
    seats: Vec<usize>,
    /// All that was sent until each look.
    sums: Vec<(u64, u64)>,
}

impl Traffic {
    pub fn of(seats: impl IntoIterator<Item = usize>) -> Self {
        Self {
            seats: seats.into_iter().collect(),
            sums: vec![(0, 0)],
        }
    }

    /// Bytes of one node in one second, as a mean over nodes and a span of time.
    pub fn mean(&self, from_ms: u64, until_ms: u64) -> f64 {
        let (from, until) = (self.at(from_ms), self.at(until_ms));
        self.rate(from, until)
    }

    /// The worst mean over nodes in any stretch of that length within a span.
    pub fn peak(&self, from_ms: u64, until_ms: u64, stretch_ms: u64) -> f64 {
        let looks = usize::try_from(stretch_ms / LOOK_MS).unwrap_or(usize::MAX);
        let mut window = VecDeque::new();
        let mut worst: f64 = 0.0;
        for &sum in self
            .sums
            .iter()
            .filter(|(at, _)| (from_ms..=until_ms).contains(at))
        {
            window.push_back(sum);
            if window.len() > looks {
                let first = window.pop_front().expect("the window is not empty");
                worst = worst.max(self.rate(first, sum));
            }
        }
        worst
    }

    fn at(&self, at_ms: u64) -> (u64, u64) {
        let after = self.sums.partition_point(|(at, _)| *at <= at_ms);
        self.sums[after.saturating_sub(1)]
    }

    fn rate(&self, (from_ms, before): (u64, u64), (until_ms, after): (u64, u64)) -> f64 {
        let node_seconds =
            self.seats.len() as f64 * until_ms.saturating_sub(from_ms) as f64 / 1000.0;
        (after - before) as f64 / node_seconds.max(0.001)
    }
}

impl Observer for Traffic {
    fn looked(&mut self, world: &World) {
        let sent = |&seat: &usize| world.sent_bytes(HostId::node(seat));
        self.sums
            .push((world.now_ms(), self.seats.iter().map(sent).sum()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_seen_in_the_peak_and_spread_out_in_the_mean() {
        let mut traffic = Traffic::of([0, 1]);
        for look in 1..=100_u64 {
            let burst = if (40..60).contains(&look) { 2_000 } else { 0 };
            let (_, before) = traffic.sums[traffic.sums.len() - 1];
            traffic.sums.push((look * LOOK_MS, before + 100 + burst));
        }
        assert!((traffic.mean(0, 50_000) - (100.0 * 100.0 + 20.0 * 2_000.0) / 100.0).abs() < 0.1);
        assert!((traffic.peak(0, 50_000, 10_000) - 2_100.0).abs() < 0.1);
        assert!(traffic.peak(35_000, 50_000, 10_000) < 101.0);
    }
}

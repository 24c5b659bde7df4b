//! Hosts that stand still: nothing is handled, inputs wait, and the clock goes on.

use protocol::node::Input;

use super::World;
use super::event::Event;
use crate::host::HostId;
use crate::model;

/// Stands still at the end of every period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stalls {
    pub period_ms: u64,
    pub stall_ms: u64,
    /// Moves the periods, so that not all hosts stand still together.
    pub phase_ms: u64,
}

impl Stalls {
    /// If the host stands still, when it goes on.
    fn wakes_at(self, now_ms: u64) -> Option<u64> {
        let into = (now_ms + self.phase_ms) % self.period_ms;
        (into + self.stall_ms >= self.period_ms).then(|| now_ms + self.period_ms - into)
    }
}

impl World {
    /// If a host stands still at this moment, when it goes on.
    pub(super) fn wakes_at(&self, host: HostId) -> Option<u64> {
        self.seats[host.seat()?].stalls?.wakes_at(self.now_ms)
    }

    /// Whether an input has to wait; then it does, and the host is woken in time.
    pub(super) fn must_wait(&mut self, place: usize, input: Input) -> Option<Input> {
        if self.seats[place].stalls.is_none() {
            return Some(input);
        }
        let host = HostId::node(place);
        let Some(at_ms) = self.wakes_at(host) else {
            return Some(input);
        };
        let seat = &mut self.seats[place];
        if seat.waiting.is_empty() {
            self.queue.push(at_ms, Event::Wake { host });
        }
        seat.waiting.push_back(input);
        None
    }

    /// A host goes on: everything that waited, in order.
    pub(super) fn wake(&mut self, host: HostId) {
        let Some(place) = host.seat() else { return };
        let waiting = std::mem::take(&mut self.seats[place].waiting);
        self.answers.extend(waiting);
        self.settle(place);
    }

    pub(super) fn stall(&mut self, place: usize, stalls: Option<Stalls>) {
        self.seats[place].stalls = stalls;
        let pace = stalls.map_or(model::Pace::Steady, |_| model::Pace::Halting);
        let host = HostId::node(place);
        self.model.walks(host, pace);
        self.wake(host);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_every_period_is_stood_still() {
        let stalls = Stalls {
            period_ms: 10_000,
            stall_ms: 5_000,
            phase_ms: 0,
        };
        assert_eq!(stalls.wakes_at(0), None);
        assert_eq!(stalls.wakes_at(4_999), None);
        assert_eq!(stalls.wakes_at(5_000), Some(10_000));
        assert_eq!(stalls.wakes_at(19_999), Some(20_000));
        let still = (0..10_000).filter(|ms| stalls.wakes_at(*ms).is_some());
        assert_eq!(still.count(), 5_000);
    }
}

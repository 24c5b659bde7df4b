//! What is planned, ordered by time and then by the order of planning.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// The one queue of a world, of whatever events that world knows.
#[derive(Debug)]
pub(crate) struct Queue<E> {
    heap: BinaryHeap<Reverse<Scheduled<E>>>,
    sequence: u64,
}

#[derive(Debug)]
struct Scheduled<E> {
    at_ms: u64,
    sequence: u64,
    event: E,
}

impl<E> Queue<E> {
    pub(crate) fn push(&mut self, at_ms: u64, event: E) {
        self.sequence += 1;
        self.heap.push(Reverse(Scheduled {
            at_ms,
            sequence: self.sequence,
            event,
        }));
    }

    pub(crate) fn pop_until(&mut self, until_ms: u64) -> Option<(u64, E)> {
        if self.heap.peek()?.0.at_ms > until_ms {
            return None;
        }
        self.heap
            .pop()
            .map(|Reverse(scheduled)| (scheduled.at_ms, scheduled.event))
    }
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            sequence: 0,
        }
    }
}

impl<E> PartialEq for Scheduled<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<E> Eq for Scheduled<E> {}

impl<E> PartialOrd for Scheduled<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Scheduled<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at_ms, self.sequence).cmp(&(other.at_ms, other.sequence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_one_instant_come_in_the_order_of_planning() {
        let mut queue = Queue::default();
        for (at_ms, event) in [(20, "c"), (10, "a"), (10, "b"), (30, "d")] {
            queue.push(at_ms, event);
        }
        let due: Vec<_> = std::iter::from_fn(|| queue.pop_until(20)).collect();
        assert_eq!(due, [(10, "a"), (10, "b"), (20, "c")]);
    }
}

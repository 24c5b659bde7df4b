//! Which of its own records a node keeps for the coordinator: runs of consecutive places, oldest first.

use std::collections::VecDeque;

use crate::record::Position;

/// Records that are not stored at the coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    runs: VecDeque<Run>,
    records: usize,
}

/// Records of one incarnation without a gap, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    first: Position,
    last: Position,
}

impl Run {
    fn records(self) -> usize {
        (self.last.sequence - self.first.sequence) as usize + 1
    }
}

impl Waiting {
    pub fn records(&self) -> usize {
        self.records
    }

    /// Takes up the records of one incarnation, behind everything that is there.
    pub fn push_run(&mut self, first: Position, last: Position) {
        let run = Run { first, last };
        self.records += run.records();
        self.runs.push_back(run);
    }

    pub(super) fn push(&mut self, position: Position) {
        match self.runs.back_mut() {
            Some(run) if run.last.next() == position => {
                run.last = position;
                self.records += 1;
            }
            _ => self.push_run(position, position),
        }
    }

    /// Everything up to here is stored elsewhere, or given up.
    pub(super) fn remove_up_to(&mut self, position: Position) {
        while let Some(run) = self.runs.front_mut().filter(|run| run.first <= position) {
            let before = run.records();
            if run.last <= position {
                self.runs.pop_front();
                self.records -= before;
            } else {
                run.first = position.next();
                self.records -= before - run.records();
            }
        }
    }

    /// The place up to which the oldest `records` lie.
    pub(super) fn oldest(&self, records: usize) -> Option<Position> {
        let mut left = records.checked_sub(1)?;
        for run in &self.runs {
            if left < run.records() {
                let ahead =
                    u32::try_from(left).expect("a run is no longer than its sequence numbers");
                return Some(Position {
                    sequence: run.first.sequence + ahead,
                    ..run.first
                });
            }
            left -= run.records();
        }
        None
    }
}

impl FromIterator<Position> for Waiting {
    /// From places in their order.
    fn from_iter<I: IntoIterator<Item = Position>>(positions: I) -> Self {
        let mut waiting = Self::default();
        positions
            .into_iter()
            .for_each(|position| waiting.push(position));
        waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Incarnation;

    fn at(incarnation: u32, sequence: u32) -> Position {
        Position {
            incarnation: Incarnation(incarnation),
            sequence,
        }
    }

    fn three_runs() -> Waiting {
        let places = [at(0, 7), at(0, 8), at(0, 9), at(2, 0), at(3, 0), at(3, 1)];
        places.into_iter().collect()
    }

    #[test]
    fn the_oldest_are_counted_over_restarts() {
        let waiting = three_runs();
        assert_eq!(waiting.records(), 6);
        assert_eq!(waiting.oldest(0), None);
        assert_eq!(waiting.oldest(1), Some(at(0, 7)));
        assert_eq!(waiting.oldest(3), Some(at(0, 9)));
        assert_eq!(waiting.oldest(4), Some(at(2, 0)));
        assert_eq!(waiting.oldest(6), Some(at(3, 1)));
        assert_eq!(waiting.oldest(7), None);
    }

    #[test]
    fn what_is_stored_no_longer_waits() {
        let mut waiting = three_runs();
        waiting.remove_up_to(at(0, 6));
        assert_eq!(waiting.records(), 6);
        waiting.remove_up_to(at(0, 8));
        assert_eq!((waiting.records(), waiting.oldest(1)), (4, Some(at(0, 9))));
        waiting.remove_up_to(at(3, 0));
        assert_eq!((waiting.records(), waiting.oldest(1)), (1, Some(at(3, 1))));
        waiting.remove_up_to(at(9, 0));
        assert_eq!(waiting, Waiting::default());
    }
}

//! The model beside the machines: what every journal made durable, which the store must show in the end.

use std::collections::BTreeMap;

use protocol::record::Position;

/// A short print of a record's signed head: enough to tell one record from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Print(u64);

impl Print {
    pub fn of(head: &[u8]) -> Self {
        let hash = blake3::hash(head);
        Self(u64::from_le_bytes(
            hash.as_bytes()[..8].try_into().expect("eight of 32 bytes"),
        ))
    }
}

/// A record's place and print.
pub type Mark = (Position, Print);

/// Everything that the journals promised, by seat.
#[derive(Debug, Default)]
pub struct Truth {
    saved: Vec<Vec<Mark>>,
    /// What a disk from an older day took with it: it may have reached the store before, and need not.
    gone: Vec<Vec<Mark>>,
    forks: u64,
}

/// How a store differs from the truth about one device, or about all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Difference {
    pub saved: u64,
    pub stored: u64,
    /// Durable at the node, not in the store.
    pub lost: u64,
    /// Stored more than once.
    pub duplicated: u64,
    /// Stored behind a record that its device made later.
    pub out_of_order: u64,
    /// Stored, and never durable at the node: it was sent before it was saved.
    pub unsaved: u64,
}

impl Truth {
    pub fn new(seats: usize) -> Self {
        Self {
            saved: vec![Vec::new(); seats],
            gone: vec![Vec::new(); seats],
            forks: 0,
        }
    }

    /// A further journal.
    pub fn add_seat(&mut self) {
        self.saved.push(Vec::new());
        self.gone.push(Vec::new());
    }

    /// How much a journal holds at this moment.
    pub fn size(&self, seat: usize) -> usize {
        self.saved[seat].len()
    }

    /// A journal is again as it was when it held so much.
    pub fn set_back(&mut self, seat: usize, size: usize) {
        let taken = self.saved[seat].get(size..).unwrap_or_default();
        self.gone[seat].extend_from_slice(taken);
    }

    /// The node has said that what it keeps has no place, and why.
    pub fn unplaced(&mut self, seat: usize, kept: impl IntoIterator<Item = Mark>) {
        self.gone[seat].extend(kept);
    }

    pub fn saved(&mut self, seat: usize, mark: Mark) {
        let marks = &mut self.saved[seat];
        if marks.last().is_some_and(|newest| mark.0 <= newest.0) {
            let forked = |known: &Mark| known.0 == mark.0 && known.1 != mark.1;
            self.forks += u64::from(marks.iter().any(forked));
        }
        marks.push(mark);
    }

    /// How often a device signed a place anew with other contents: each is a proof against it.
    pub fn forks(&self) -> u64 {
        self.forks
    }

    pub fn count(&self) -> u64 {
        self.saved.iter().map(|marks| marks.len() as u64).sum()
    }

    /// Compares what one device saved with what the store took of it, in the order it was taken.
    pub fn compare(&self, seat: usize, stored: &[Mark]) -> Difference {
        let saved = &self.saved[seat];
        let mut difference = Difference {
            saved: saved.len() as u64,
            stored: stored.len() as u64,
            ..Difference::default()
        };
        if saved == stored {
            return difference;
        }
        let mut taken: BTreeMap<Position, Print> = BTreeMap::new();
        for &(position, print) in stored {
            let behind = taken
                .last_key_value()
                .is_some_and(|(newest, _)| position < *newest);
            match taken.insert(position, print) {
                Some(before) if before == print => difference.duplicated += 1,
                _ => difference.out_of_order += u64::from(behind),
            }
        }
        let promised: BTreeMap<Position, Print> = saved.iter().copied().collect();
        difference.lost = promised
            .iter()
            .filter(|(position, print)| taken.get(position) != Some(print))
            .filter(|(position, print)| !self.gone[seat].contains(&(**position, **print)))
            .count() as u64;
        difference.unsaved = taken
            .iter()
            .filter(|(position, print)| promised.get(position) != Some(print))
            .count() as u64;
        difference
    }
}

impl std::ops::Add for Difference {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            saved: self.saved + other.saved,
            stored: self.stored + other.stored,
            lost: self.lost + other.lost,
            duplicated: self.duplicated + other.duplicated,
            out_of_order: self.out_of_order + other.out_of_order,
            unsaved: self.unsaved + other.unsaved,
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::record::Incarnation;

    use super::*;

    fn mark(sequence: u32) -> Mark {
        (
            Position {
                incarnation: Incarnation(0),
                sequence,
            },
            Print::of(&sequence.to_be_bytes()),
        )
    }

    fn difference(saved: &[u32], stored: &[u32]) -> Difference {
        let mut truth = Truth::new(1);
        saved
            .iter()
            .for_each(|&sequence| truth.saved(0, mark(sequence)));
        truth.compare(
            0,
            &stored
                .iter()
                .map(|&sequence| mark(sequence))
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_place_that_is_signed_twice_is_a_fork() {
        let mut truth = Truth::new(1);
        let place = mark(3).0;
        truth.saved(0, mark(3));
        truth.saved(0, mark(3));
        assert_eq!(truth.forks(), 0);
        truth.saved(0, (place, Print::of(b"other")));
        assert_eq!(truth.forks(), 1);
    }

    #[test]
    fn a_disk_from_an_older_day_takes_records_with_it() {
        let mut truth = Truth::new(1);
        let marks = [0, 1, 2, 3].map(mark);
        marks[..1].iter().for_each(|&mark| truth.saved(0, mark));
        let size = truth.size(0);
        marks[1..].iter().for_each(|&mark| truth.saved(0, mark));
        truth.set_back(0, size);
        assert_eq!(truth.compare(0, &marks[..2]).lost, 0);
        assert_eq!(truth.compare(0, &marks[..2]).unsaved, 0);
        assert_eq!(truth.compare(0, &[]).lost, 1);
    }

    #[test]
    fn every_kind_of_difference_is_counted() {
        assert_eq!(difference(&[0, 1, 2], &[0, 1, 2]).lost, 0);
        assert_eq!(difference(&[0, 1, 2], &[0, 2]).lost, 1);
        assert_eq!(difference(&[0, 1, 2], &[0, 1, 1, 2]).duplicated, 1);
        assert_eq!(difference(&[0, 1, 2], &[0, 2, 1]).out_of_order, 1);
        assert_eq!(difference(&[0, 1], &[0, 1, 2]).unsaved, 1);
    }
}

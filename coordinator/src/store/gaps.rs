//! Is every sequence number of a device there?

use std::ops::ControlFlow;

use protocol::coordinator::save::Link;
use protocol::id::DeviceId;
use protocol::record::Position;

use super::Reader;
use super::fault::{Fault, ReadError};
use super::records::{RECORDS, link_in};
use super::trail::Trail;

/// Gaps and unlinked records that one scan lists at most; gaps are counted beyond that.
pub const GAPS_LISTED: usize = 1_000;

/// What a walk over all records of a device found, from the first that its time has not removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scan {
    pub records: u64,
    /// Sequence numbers that are not there, in all.
    pub missing: u64,
    /// The gaps, the first [`GAPS_LISTED`] of them.
    pub gaps: Vec<Gap>,
    /// Records whose predecessor was never collected, the first [`GAPS_LISTED`] of them.
    pub unlinked: Vec<Position>,
}

/// Sequence numbers of one incarnation that are not in the store, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub first: Position,
    pub last: Position,
}

impl Reader {
    /// Walks all records of a device and names every sequence number that is not there.
    pub fn scan_gaps(&self, device: &DeviceId) -> Result<Scan, ReadError> {
        let scan = self.engine.read(|txn| {
            let Some((trail, cursor)) = Trail::of(txn, device)? else {
                return Ok(Scan::default());
            };
            let mut walk = Walk {
                expected: cursor.floor,
                scan: Scan::default(),
            };
            trail.forward(cursor.floor, &mut |position, row| {
                walk.step(position, link_in(row).ok_or(Fault::Row(RECORDS.name()))?);
                Ok(ControlFlow::Continue(()))
            })?;
            walk.reach(cursor.newest.position.next());
            Ok(walk.scan)
        });
        Ok(scan?)
    }
}

/// A walk along one device's positions.
struct Walk {
    expected: Position,
    scan: Scan,
}

impl Walk {
    fn step(&mut self, position: Position, link: Link) {
        self.scan.records += 1;
        if link == Link::Gap && self.scan.unlinked.len() < GAPS_LISTED {
            self.scan.unlinked.push(position);
        }
        self.reach(position);
        self.expected = position.next();
    }

    /// Everything between what was expected and `position` is missing; where an incarnation
    /// ended only its device knows, and the link of the next record tells whether it went on.
    fn reach(&mut self, position: Position) {
        if self.expected.incarnation < position.incarnation {
            self.expected = Position::first(position.incarnation);
        }
        if self.expected >= position {
            return;
        }
        self.scan.missing += u64::from(position.sequence - self.expected.sequence);
        if self.scan.gaps.len() < GAPS_LISTED {
            let last = Position {
                sequence: position.sequence - 1,
                ..position
            };
            self.scan.gaps.push(Gap {
                first: self.expected,
                last,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::record::Incarnation;

    use super::*;

    fn at(incarnation: u32, sequence: u32) -> Position {
        Position {
            incarnation: Incarnation(incarnation),
            sequence,
        }
    }

    fn walk(from: Position, over: &[Position], to: Position) -> Scan {
        let mut walk = Walk {
            expected: from,
            scan: Scan::default(),
        };
        for position in over {
            walk.step(*position, Link::Chained);
        }
        walk.reach(to.next());
        walk.scan
    }

    #[test]
    fn a_whole_log_has_no_gaps_over_incarnations() {
        let scan = walk(at(0, 0), &[at(0, 0), at(0, 1), at(2, 0)], at(2, 0));
        assert_eq!((scan.records, scan.missing), (3, 0));
    }

    #[test]
    fn what_is_missing_is_named_at_every_end() {
        let scan = walk(at(0, 0), &[at(0, 2), at(1, 1)], at(1, 3));
        let gap = |first, last| Gap { first, last };
        let gaps = [
            gap(at(0, 0), at(0, 1)),
            gap(at(1, 0), at(1, 0)),
            gap(at(1, 2), at(1, 3)),
        ];
        assert_eq!(scan.gaps, gaps);
        assert_eq!(scan.missing, 5);
    }

    #[test]
    fn what_went_with_its_time_is_not_missing() {
        let scan = walk(at(0, 7), &[at(0, 7)], at(0, 7));
        assert_eq!((scan.records, scan.missing), (1, 0));
        assert_eq!(walk(at(0, 8), &[], at(0, 7)).missing, 0);
    }
}

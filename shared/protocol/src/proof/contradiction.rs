//! What two signed things contradict each other in: the whole law of the mesh, as two pure functions.
//!
//! An honest node saves before it sends, takes a new incarnation at every start, and names the newest
//! head that anybody holds of it. So it signs one head for each place, each names the one before it, and
//! within an incarnation its times never fall. Nothing else convicts: across incarnations a clock may have
//! been set, and where a head says that it began without word of its past, a disk may have been restored.

use crate::membership::Membership;
use crate::record::{Flags, Head, Position};
use crate::signed::Signed;

/// How two signed things cannot both be honest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contradiction {
    /// Two heads for one place.
    Place(Position),
    /// Two heads that name the same head before them.
    Predecessor { first: Position, second: Position },
    /// The head at this place does not name the one before it.
    Chain(Position),
    /// The head at this place names one of a later place as the head before it.
    Sequence { first: Position, second: Position },
    /// The head at this place carries an earlier time than one before it in the same incarnation.
    Time { first: Position, second: Position },
    /// Two entries of the identity log for one place of it.
    Entry(u64),
    /// Two admissions of one device under different keys, neither of which announces the other.
    Admission { first: u64, second: u64 },
    /// Two heads of the identity log, of these sizes, of which the second does not continue the first.
    Logs { first: u64, second: u64 },
}

impl Contradiction {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Place(_) => "two_heads_for_one_place",
            Self::Predecessor { .. } => "two_heads_with_one_predecessor",
            Self::Chain(_) => "broken_chain",
            Self::Sequence { .. } => "sequence_regression",
            Self::Time { .. } => "time_regression",
            Self::Entry(_) => "two_log_entries_for_one_place",
            Self::Admission { .. } => "two_memberships_for_one_device",
            Self::Logs { .. } => "two_versions_of_the_log",
        }
    }
}

/// Compares two heads of one device, the one of the lower place first.
pub fn between_heads(first: &Signed<Head>, second: &Signed<Head>) -> Option<Contradiction> {
    if first.digest() == second.digest() {
        return None;
    }
    let places = (first.position, second.position);
    if places.0 == places.1 {
        return Some(Contradiction::Place(places.0));
    }
    let (first_place, second_place) = places;
    let unlinked = |head: &Head| head.flags.has(Flags::UNLINKED);
    if first.previous == second.previous && !unlinked(first) && !unlinked(second) {
        return Some(Contradiction::Predecessor {
            first: first_place,
            second: second_place,
        });
    }
    if first.previous == second.digest() {
        return Some(Contradiction::Sequence {
            first: first_place,
            second: second_place,
        });
    }
    if first_place.incarnation != second_place.incarnation {
        return None;
    }
    if second_place == first_place.next() && second.previous != first.digest() {
        return Some(Contradiction::Chain(second_place));
    }
    (second.time < first.time).then_some(Contradiction::Time {
        first: first_place,
        second: second_place,
    })
}

/// Compares two admissions, the one of the lower place in the identity log first.
pub fn between_admissions(
    first: &Signed<Membership>,
    second: &Signed<Membership>,
) -> Option<Contradiction> {
    if first.digest() == second.digest() {
        return None;
    }
    if first.log_index == second.log_index {
        return Some(Contradiction::Entry(first.log_index));
    }
    let one_device = first.device == second.device && first.key != second.key;
    let overlap = first.not_before <= second.not_after && second.not_before <= first.not_after;
    let announced = first.next_key == Some(second.key.commitment());
    (one_device && overlap && !announced).then_some(Contradiction::Admission {
        first: first.log_index,
        second: second.log_index,
    })
}

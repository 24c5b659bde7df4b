//! Which of two connections to one peer carries the link.
//!
//! The dialler opens the stream, and only while it has no link; the listener accepts it with one
//! byte. So a stream that arrives beside a standing link means that the peer has lost that link, or
//! that both dialled at once. In the second case both sides keep what the smaller key dialled.

use std::time::Instant;

use crate::{Direction, Key, limits::SETTLING_TIME};

/// How far this side is with one peer. `C` names a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Slot<C> {
    /// We dial; no connection stands.
    Dialling(C),
    /// We opened the stream and wait for the byte that accepts it.
    Opening(C),
    /// The link stands.
    Up {
        connection: C,
        direction: Direction,
        since: Instant,
    },
}

/// What to do with a stream that the peer opens.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Settlement {
    Accept,
    Refuse,
}

/// The judgement over a stream that the peer opens while this side's slot is as given.
pub(crate) fn settle<C>(
    slot: Option<&Slot<C>>,
    ours: &Key,
    theirs: &Key,
    now: Instant,
) -> Settlement {
    match slot {
        Some(Slot::Opening(_)) if ours < theirs => Settlement::Refuse,
        // The peer accepted ours a moment ago, and what it had dialled itself arrives late.
        Some(Slot::Up {
            direction: Direction::Outbound,
            since,
            ..
        }) if now.saturating_duration_since(*since) < SETTLING_TIME => Settlement::Refuse,
        None | Some(_) => Settlement::Accept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Key = [1; 32];
    const LARGE: Key = [2; 32];

    fn up(direction: Direction, since: Instant) -> Slot<u8> {
        Slot::Up {
            connection: 7,
            direction,
            since,
        }
    }

    #[test]
    fn of_two_opening_streams_both_sides_keep_what_the_smaller_key_dialled() {
        let now = Instant::now();
        let opening = Slot::Opening(7);
        assert_eq!(
            settle(Some(&opening), &SMALL, &LARGE, now),
            Settlement::Refuse
        );
        assert_eq!(
            settle(Some(&opening), &LARGE, &SMALL, now),
            Settlement::Accept
        );
    }

    #[test]
    fn a_late_twin_of_an_accepted_dial_is_refused_and_a_later_dial_replaces() {
        let now = Instant::now();
        let link = up(Direction::Outbound, now);
        assert_eq!(settle(Some(&link), &SMALL, &LARGE, now), Settlement::Refuse);
        assert_eq!(
            settle(Some(&link), &SMALL, &LARGE, now + SETTLING_TIME),
            Settlement::Accept
        );
    }

    #[test]
    fn a_peer_that_dials_again_has_lost_the_link_it_dialled_before() {
        let now = Instant::now();
        let link = up(Direction::Inbound, now);
        assert_eq!(settle(Some(&link), &SMALL, &LARGE, now), Settlement::Accept);
    }
}

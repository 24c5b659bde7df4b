//! Seats by the seeds of an epoch, and those of the next one, as far as its seed is open.

use std::sync::{Arc, OnceLock};

use super::{Member, Roster};
use crate::id::{Digest, Epoch};
use crate::rings::{Rings, frozen_seed};

/// The seeds of the even and of the odd rings; `None` where none was ever open.
pub type Pair = [Option<Digest>; 2];

/// By which seeds the rings are drawn.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn {
    pub(super) seeds: Pair,
    next: Option<Pair>,
    next_rings: Arc<OnceLock<Rings>>,
}

impl PartialEq for Turn {
    fn eq(&self, other: &Self) -> bool {
        (self.seeds, self.next) == (other.seeds, other.next)
    }
}

impl Turn {
    /// The same seeds for another set of devices.
    pub(super) fn afresh(&self) -> Self {
        Self {
            seeds: self.seeds,
            next: self.next,
            next_rings: Arc::default(),
        }
    }
}

impl Roster {
    /// The roster in an epoch with these seeds; `None` if they are those that it has.
    pub fn with_seeds(&self, seeds: Pair) -> Option<Self> {
        if self.turn.seeds == seeds {
            return None;
        }
        let ready = self.turn.next == Some(seeds);
        let rings = if ready {
            Arc::clone(&self.turn.next_rings)
        } else {
            Arc::default()
        };
        Some(Self {
            rings,
            turn: Turn {
                seeds,
                ..Turn::default()
            },
            ..self.clone()
        })
    }

    /// The roster that also knows the seeds to come; `None` if it does.
    pub fn with_next_seeds(&self, next: Pair) -> Option<Self> {
        if self.turn.next == Some(next) {
            return None;
        }
        let turn = Turn {
            seeds: self.turn.seeds,
            next: Some(next),
            next_rings: Arc::default(),
        };
        Some(Self {
            turn,
            ..self.clone()
        })
    }

    /// The seeds by which the rings are drawn.
    pub fn seeds(&self) -> Pair {
        self.turn.seeds
    }

    /// The seats of the next epoch, if they are known.
    pub fn next_rings(&self) -> Option<&Rings> {
        let next = self.turn.next?;
        Some(self.turn.next_rings.get_or_init(|| self.drawn_by(next)))
    }

    pub(super) fn drawn_by(&self, seeds: Pair) -> Rings {
        let belonging = self.members().filter(|member| self.belongs(member));
        let (seated, guests): (Vec<_>, Vec<_>) =
            belonging.partition(|member| self.holds_a_seat(member));
        let names = |members: Vec<&Arc<Member>>| {
            let names = members.iter().map(|member| member.membership.device);
            names.collect()
        };
        let frozen = frozen_seed(&self.charter().mesh, Epoch::FROZEN);
        let seeds = seeds.map(|seed| seed.unwrap_or(frozen));
        Rings::with_guests(&seeds, names(seated), names(guests))
    }
}

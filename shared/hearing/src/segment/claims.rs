//! Which device speaks for which address.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use crate::limits::{CLAIM_HOLDS, CLAIMS};
use crate::mac::Mac;
use crate::moment::Moment;

#[derive(Debug, Clone, Default)]
pub(super) struct Claims {
    held: BTreeMap<IpAddr, Held>,
    /// The addresses as they were first claimed.
    order: VecDeque<IpAddr>,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    by: Mac,
    last: Moment,
    /// Somebody else with whom it was claimed twice, and when that was last said.
    dispute: Option<(Mac, Moment)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    Held,
    Moved { from: Mac },
    Twice { other: Mac },
}

/// A dispute that goes on is said again after so many times the hold: ten minutes.
const SAID_AGAIN: u32 = 10;

impl Claims {
    pub const fn new() -> Self {
        Self {
            held: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }

    pub fn holder(&self, address: IpAddr) -> Option<Mac> {
        self.held.get(&address).map(|held| held.by)
    }

    pub fn claim(&mut self, now: Moment, address: IpAddr, mac: Mac) -> Claim {
        let Some(held) = self.held.get_mut(&address) else {
            self.enter(now, address, mac);
            return Claim::Held;
        };
        if held.by == mac {
            held.last = now;
            return Claim::Held;
        }
        let from = held.by;
        if now.since(held.last) >= CLAIM_HOLDS {
            *held = Held {
                by: mac,
                last: now,
                dispute: None,
            };
            return Claim::Moved { from };
        }
        // The first holder keeps it: whoever shouts later must not be believed sooner.
        match held.dispute {
            Some((other, said)) if other == mac && now.since(said) < CLAIM_HOLDS * SAID_AGAIN => {
                Claim::Held
            }
            _ => {
                held.dispute = Some((mac, now));
                Claim::Twice { other: from }
            }
        }
    }

    fn enter(&mut self, now: Moment, address: IpAddr, mac: Mac) {
        if self.held.len() >= CLAIMS
            && let Some(oldest) = self.order.pop_front()
        {
            // Whoever still speaks for it goes to the end of the line instead, so that a flood drops its own.
            self.drop_or_keep(now, oldest);
        }
        let held = Held {
            by: mac,
            last: now,
            dispute: None,
        };
        self.held.insert(address, held);
        self.order.push_back(address);
    }

    fn drop_or_keep(&mut self, now: Moment, mut oldest: IpAddr) {
        const LOOKED_AT: usize = 8;
        for _ in 0..LOOKED_AT {
            let is_spoken_for = self.held.get(&oldest).is_some_and(|held| {
                now.since(held.last) < CLAIM_HOLDS && held.last > Moment::default()
            });
            if !is_spoken_for {
                break;
            }
            self.order.push_back(oldest);
            match self.order.pop_front() {
                Some(next) => oldest = next,
                None => break,
            }
        }
        self.held.remove(&oldest);
    }
}

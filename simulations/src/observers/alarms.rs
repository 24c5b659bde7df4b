//! Who heard of which alert, and when.

use std::collections::BTreeMap;

use protocol::node::Notice;

use super::Observer;
use crate::world::{Said, World};

/// The first alert of each seat, with when each seat heard of it; a second one is not told apart.
#[derive(Debug, Default)]
pub struct Alarms {
    heard: BTreeMap<usize, BTreeMap<usize, u64>>,
}

/// One alert: when it was raised, and when each seat heard of it.
#[derive(Debug)]
pub struct Told<'a> {
    raised_ms: u64,
    heard: &'a BTreeMap<usize, u64>,
}

impl Alarms {
    /// The alert of a seat, if it has raised one.
    pub fn of(&self, seat: usize) -> Option<Told<'_>> {
        let heard = self.heard.get(&seat)?;
        let raised_ms = *heard.get(&seat)?;
        Some(Told { raised_ms, heard })
    }
}

impl Told<'_> {
    pub fn raised_ms(&self) -> u64 {
        self.raised_ms
    }

    /// How long after it was raised each of these heard of it; `None` for those that did not.
    pub fn delays(&self, seats: &[usize]) -> Vec<Option<u64>> {
        let delay = |seat: &usize| Some(self.heard.get(seat)?.saturating_sub(self.raised_ms));
        seats.iter().map(delay).collect()
    }
}

impl Observer for Alarms {
    fn heard(&mut self, world: &World, said: &Said) {
        let Said::Node { seat, notice } = said else {
            return;
        };
        if let Notice::Alert { device, .. } = notice
            && let Some(source) = world.seat_of(*device)
        {
            let heard = self.heard.entry(source).or_default();
            heard.entry(*seat).or_insert(world.now_ms());
        }
    }
}

//! Places that did not answer, over a long window: little is kept of each, since every source may have many.

use std::collections::VecDeque;

use crate::rules::Target;
use crate::rules::limits::LOST;

#[derive(Debug, Clone, Default)]
pub(super) struct Lost {
    /// When a place was asked last, in seconds, and a mark of it.
    places: VecDeque<(u32, u32)>,
    latest: Option<Target>,
}

impl Lost {
    pub(super) fn add(&mut self, at_us: u64, target: Target) {
        self.remove(target);
        if self.places.len() >= LOST {
            self.places.pop_front();
        }
        self.places.push_back((secs(at_us), mark(target)));
        self.latest = Some(target);
    }

    pub(super) fn remove(&mut self, target: Target) {
        let mark = mark(target);
        self.places.retain(|(_, other)| *other != mark);
    }

    pub(super) fn forget_before(&mut self, then_us: u64) {
        let then = secs(then_us);
        self.places.retain(|(at, _)| *at >= then);
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn began_us(&self) -> u64 {
        let first = self.places.iter().map(|(at, _)| *at).min();
        u64::from(first.unwrap_or(0)) * 1_000_000
    }

    pub(super) const fn latest(&self) -> Option<Target> {
        self.latest
    }
}

/// Seconds since the epoch, up to the year 2106.
fn secs(us: u64) -> u32 {
    u32::try_from(us / 1_000_000).unwrap_or(u32::MAX)
}

/// Two places with the same mark count as one: whoever arranges that has asked fewer places than it might.
fn mark(target: Target) -> u32 {
    let address = target.destination.0;
    let folded = (address ^ address >> 64) as u64 ^ u64::from(target.port) << 48;
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

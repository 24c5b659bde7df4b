//! Chunks on their way out: one for each peer, a few at once, no more bytes in a second than granted.

use std::collections::{BTreeMap, VecDeque};

use super::budget::Budget;
use super::image::Image;
use crate::key::PeerKey;
use crate::limits;
use crate::release::CHUNK_BYTES;
use crate::time::Instant;

#[derive(Debug)]
pub(super) struct Serving {
    image: Image,
    /// Who waits for which chunk, in the order of asking; a peer waits once.
    waiting: VecDeque<(PeerKey, u32)>,
    under_way: BTreeMap<PeerKey, u32>,
    budget: Budget,
}

impl Serving {
    pub fn new(image: Image, rate: Option<u64>) -> Self {
        Self {
            image,
            waiting: VecDeque::new(),
            under_way: BTreeMap::new(),
            budget: Budget::new(rate, CHUNK_BYTES),
        }
    }

    /// A newer question of a peer replaces its older one.
    pub fn ask(&mut self, peer: PeerKey, chunk: u32) {
        self.withdraw(&peer);
        self.waiting.push_back((peer, chunk));
    }

    pub fn withdraw(&mut self, peer: &PeerKey) {
        self.waiting.retain(|(waits, _)| waits != peer);
    }

    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What was on its way to a peer and has ended.
    pub fn end(&mut self, peer: &PeerKey) -> Option<u32> {
        self.under_way.remove(peer)
    }

    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.under_way.is_empty()
    }

    pub fn has_room(&self) -> bool {
        self.under_way.len() < limits::CHUNKS_SERVED
    }

    /// The next chunk to send, or when one may be sent, or nothing to do until something else happens. Whoever has
    /// least goes first, so that nobody stays behind; among equals, whoever asked first.
    pub fn next(
        &mut self,
        has: impl Fn(&PeerKey) -> u32,
        now: Instant,
    ) -> Result<Option<(PeerKey, u32)>, Instant> {
        if !self.has_room() {
            return Ok(None);
        }
        let waiting = self.waiting.iter().enumerate();
        let free = waiting.filter(|(_, (peer, _))| !self.under_way.contains_key(peer));
        let poorest = free.min_by_key(|(_, (peer, _))| has(peer));
        let Some((place, &(_, chunk))) = poorest else {
            return Ok(None);
        };
        self.budget.spend(self.image.bytes_of(chunk), now)?;
        let next = self.waiting.remove(place);
        self.under_way.extend(next);
        Ok(next)
    }
}

//! What is still missing, and who was asked for what.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Config;
use super::budget::Budget;
use super::chunks::Chunks;
use super::image::Image;
use crate::key::PeerKey;
use crate::limits;
use crate::release::CHUNK_BYTES;
use crate::time::Instant;

/// How long a first answer may take; later ones are held against those before.
const PATIENCE: Duration = Duration::from_secs(15);
const PATIENCE_LEAST: Duration = Duration::from_secs(2);
/// How many times as long as usual an answer may take until somebody else is asked as well, and until it is given up.
const TARDY: u32 = 2;
const LATE: u32 = 8;

#[derive(Debug)]
pub(super) struct Fetch {
    image: Image,
    held: Chunks,
    /// Asked for, or on their way to the disk.
    busy: Chunks,
    storing: BTreeSet<u32>,
    asks: BTreeMap<PeerKey, Asked>,
    /// How long answers take, smoothed.
    pace: Option<Duration>,
    budget: Budget,
    /// What one peer may be asked for in a second, and when each has given enough of the last ones.
    each: Option<u64>,
    sated: BTreeMap<PeerKey, Instant>,
}

/// A question without an answer yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    /// Nothing where the choice is the source's.
    pub chunk: Option<u32>,
    pub at: Instant,
}

impl Fetch {
    pub fn new(image: Image, held: Chunks, config: Config) -> Self {
        let rate = config.fetch;
        let together = limits::CHUNKS_AWAITED as u64 * CHUNK_BYTES;
        Self {
            image,
            held,
            busy: Chunks::none(image.chunks()),
            storing: BTreeSet::new(),
            asks: BTreeMap::new(),
            pace: None,
            budget: Budget::new(rate, together.min(rate.unwrap_or(0).max(CHUNK_BYTES))),
            each: config.fetch_each,
            sated: BTreeMap::new(),
        }
    }

    pub fn held(&self) -> &Chunks {
        &self.held
    }

    pub fn is_whole(&self) -> bool {
        self.held.is_all()
    }

    pub fn lacks(&self, chunk: u32) -> bool {
        !self.held.contains(chunk) && !self.storing.contains(&chunk)
    }

    /// Whether this peer can be asked: nothing is open with it, and it has not given too much just now.
    pub fn is_free(&self, peer: &PeerKey, now: Instant) -> bool {
        let sated = self.sated.get(peer);
        !self.asks.contains_key(peer) && sated.is_none_or(|until| *until <= now)
    }

    /// When the next of those who have given enough may be asked again.
    pub fn next_free(&self, now: Instant) -> Option<Instant> {
        let later = self.sated.values().filter(|until| **until > now);
        later.min().copied()
    }

    pub fn has_room(&self) -> bool {
        let asked = self.asks.values().filter(|asked| asked.chunk.is_some());
        asked.count() + self.storing.len() < limits::CHUNKS_AWAITED
    }

    /// Chunks of a set that nobody was asked for.
    pub fn open<'a>(&'a self, has: &'a Chunks) -> impl Iterator<Item = u32> + 'a {
        has.outside(&self.held, &self.busy)
    }

    /// Chunks that are missing and that nobody was asked for.
    pub fn unasked(&self) -> impl Iterator<Item = u32> + '_ {
        self.held
            .missing()
            .filter(|chunk| !self.busy.contains(*chunk))
    }

    /// What is held or on its way.
    pub fn expected(&self) -> Chunks {
        let mut expected = self.held.clone();
        self.busy.iter().for_each(|chunk| expected.insert(chunk));
        expected
    }

    /// When the last chunks are all asked for: those that were asked for once, with who was asked and when that is long ago.
    pub fn stragglers(&self) -> Vec<(PeerKey, u32, Instant)> {
        let is_end = self.held.len() + self.busy.len() == self.image.chunks();
        if !is_end {
            return Vec::new();
        }
        let mut asked: BTreeMap<u32, Vec<(PeerKey, Instant)>> = BTreeMap::new();
        for (peer, ask) in &self.asks {
            if let Some(chunk) = ask.chunk {
                asked.entry(chunk).or_default().push((*peer, ask.at));
            }
        }
        let tardy = self.pace.map_or(PATIENCE_LEAST, |pace| pace * TARDY);
        let once = asked.into_iter().filter(|(_, asks)| asks.len() == 1);
        once.map(|(chunk, asks)| (asks[0].0, chunk, asks[0].1 + tardy))
            .collect()
    }

    /// Notes a question and says how long it may take; or when there are bytes for it.
    pub fn ask(
        &mut self,
        peer: PeerKey,
        chunk: Option<u32>,
        now: Instant,
    ) -> Result<Duration, Instant> {
        let price = self.price(chunk);
        self.budget.spend(price, now)?;
        if let Some(rate) = self.each {
            let rest = Duration::from_millis((price * 1000).div_ceil(rate.max(1)));
            self.sated.retain(|_, until| *until > now);
            self.sated.insert(peer, now + rest);
        }
        if let Some(chunk) = chunk {
            self.busy.insert(chunk);
        }
        self.asks.insert(peer, Asked { chunk, at: now });
        let patience = self.pace.map_or(PATIENCE, |pace| pace * LATE);
        Ok(patience.max(PATIENCE_LEAST))
    }

    /// A question ends with nothing: its bytes may be spent on another.
    pub fn give_up(&mut self, peer: &PeerKey) -> Option<Asked> {
        let asked = self.end(peer)?;
        self.budget.refund(self.price(asked.chunk));
        self.sated.remove(peer);
        Some(asked)
    }

    /// A question ends.
    pub fn end(&mut self, peer: &PeerKey) -> Option<Asked> {
        let asked = self.asks.remove(peer)?;
        if let Some(chunk) = asked.chunk {
            self.settle(chunk);
        }
        Some(asked)
    }

    /// A good chunk came, which is now written. Others who were asked for it are named.
    pub fn store(&mut self, chunk: u32, asked: Asked, now: Instant) -> Vec<PeerKey> {
        if asked.chunk.is_some() {
            let took = now.since(asked.at);
            self.pace = Some(self.pace.map_or(took, |pace| (pace * 7 + took) / 8));
        }
        self.storing.insert(chunk);
        self.busy.insert(chunk);
        let same = self.asks.iter().filter(|(_, ask)| ask.chunk == Some(chunk));
        same.map(|(peer, _)| *peer).collect()
    }

    /// It is on the disk.
    pub fn stored(&mut self, chunk: u32) {
        if self.storing.remove(&chunk) {
            self.held.insert(chunk);
            self.settle(chunk);
        }
    }

    pub fn asked(&self) -> Vec<PeerKey> {
        self.asks.keys().copied().collect()
    }

    fn price(&self, chunk: Option<u32>) -> u64 {
        chunk
            .map_or(CHUNK_BYTES, |chunk| self.image.bytes_of(chunk))
            .min(self.image.length())
    }

    fn settle(&mut self, chunk: u32) {
        let is_asked = self.asks.values().any(|ask| ask.chunk == Some(chunk));
        if !is_asked && !self.storing.contains(&chunk) {
            self.busy.remove(chunk);
        }
    }
}

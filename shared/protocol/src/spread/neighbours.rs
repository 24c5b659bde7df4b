//! Who has which chunks, as they say themselves, and how rare each chunk is among them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::chunks::Chunks;
use super::frame::Frame;
use crate::key::PeerKey;
use crate::limits;
use crate::time::Instant;

/// Questions in a row that a neighbour may leave open before nothing more is expected of it.
const STRIKES: u8 = 3;

#[derive(Debug)]
pub(super) struct Neighbours {
    chunks: u32,
    known: BTreeMap<PeerKey, Neighbour>,
    /// For each chunk, how many neighbours say that they have it.
    copies: Vec<u16>,
}

#[derive(Debug)]
pub(super) struct Neighbour {
    pub has: Chunks,
    /// It is left alone until then.
    rests: Instant,
    strikes: u8,
    /// How long its last answer took: how long its queue was.
    pace: Duration,
}

/// The image has no such chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nonsense;

impl Neighbours {
    pub fn new(chunks: u32) -> Self {
        Self {
            chunks,
            known: BTreeMap::new(),
            copies: vec![0; chunks as usize],
        }
    }

    /// More of them than [`limits::SPREAD_PEERS`] are not needed.
    pub fn add(&mut self, peer: PeerKey) {
        if self.known.len() < limits::SPREAD_PEERS {
            self.remove(&peer);
            let neighbour = Neighbour {
                has: Chunks::none(self.chunks),
                rests: Instant::default(),
                strikes: 0,
                pace: Duration::ZERO,
            };
            self.known.insert(peer, neighbour);
        }
    }

    pub fn remove(&mut self, peer: &PeerKey) {
        if let Some(neighbour) = self.known.remove(peer) {
            self.uncount(&neighbour.has);
        }
    }

    pub fn contains(&self, peer: &PeerKey) -> bool {
        self.known.contains_key(peer)
    }

    pub fn peers(&self) -> impl Iterator<Item = (&PeerKey, &Chunks)> {
        self.known.iter().map(|(peer, known)| (peer, &known.has))
    }

    /// Those that may be asked.
    pub fn rested(&self, now: Instant) -> impl Iterator<Item = (&PeerKey, &Chunks)> {
        let rested = self
            .known
            .iter()
            .filter(move |(_, known)| known.rests <= now);
        rested.map(|(peer, known)| (peer, &known.has))
    }

    pub fn has(&self, peer: &PeerKey) -> Option<&Chunks> {
        self.known.get(peer).map(|known| &known.has)
    }

    pub fn copies(&self, chunk: u32) -> u16 {
        self.copies.get(chunk as usize).copied().unwrap_or(0)
    }

    /// Takes a neighbour at its word: a false one costs one question.
    pub fn learn(&mut self, peer: &PeerKey, frame: &Frame) -> Result<(), Nonsense> {
        let Some(neighbour) = self.known.get_mut(peer) else {
            return Ok(());
        };
        match frame {
            // Whoever joins says so; that it has nothing yet was known.
            Frame::Wanted => {}
            Frame::Map { bits } => {
                let has = Chunks::from_bytes(self.chunks, bits).ok_or(Nonsense)?;
                for chunk in has.iter() {
                    self.copies[chunk as usize] += 1;
                }
                let before = std::mem::replace(&mut neighbour.has, has);
                self.uncount(&before);
            }
            Frame::Holds { chunks } => {
                if chunks.iter().any(|chunk| *chunk >= self.chunks) {
                    return Err(Nonsense);
                }
                for chunk in chunks {
                    if !neighbour.has.contains(*chunk) {
                        neighbour.has.insert(*chunk);
                        self.copies[*chunk as usize] += 1;
                    }
                }
            }
        }
        Ok(())
    }

    pub fn pace(&self, peer: &PeerKey) -> Duration {
        self.known
            .get(peer)
            .map_or(Duration::MAX, |known| known.pace)
    }

    /// It has answered well.
    pub fn praise(&mut self, peer: &PeerKey, took: Duration) {
        if let Some(neighbour) = self.known.get_mut(peer) {
            neighbour.strikes = 0;
            neighbour.pace = took;
        }
    }

    /// It has not answered, or with nothing: it does not have that chunk, rests, and is at last expected to have none.
    pub fn blame(&mut self, peer: &PeerKey, chunk: u32, until: Instant) {
        let Some(neighbour) = self.known.get_mut(peer) else {
            return;
        };
        neighbour.rests = until;
        neighbour.strikes += 1;
        let mut lost = Chunks::none(self.chunks);
        if neighbour.strikes >= STRIKES {
            neighbour.strikes = 0;
            lost = std::mem::replace(&mut neighbour.has, lost);
        } else if neighbour.has.contains(chunk) {
            neighbour.has.remove(chunk);
            lost.insert(chunk);
        }
        self.uncount(&lost);
    }

    fn uncount(&mut self, lost: &Chunks) {
        for chunk in lost.iter() {
            self.copies[chunk as usize] -= 1;
        }
    }
}

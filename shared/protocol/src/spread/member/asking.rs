//! Whom a member asks for which chunk: the rarest of a quick neighbour, then stragglers, then the source.

use std::time::Duration;

use super::super::Output;
use super::super::frame::Want;
use super::{Due, Member, Stage};
use crate::key::PeerKey;
use crate::time::Instant;

/// How long no neighbour has a chunk until the source is asked for it again.
const LONELY: Duration = Duration::from_millis(1500);
/// How long the source may take for a chunk that it was asked for by name.
const SOURCE_PATIENCE: Duration = Duration::from_secs(60);

impl Member {
    /// Asks for as much as may be asked for at once.
    pub(super) fn look(&mut self, now: Instant, out: &mut Vec<Output>) {
        if self.fetch.is_whole() {
            return;
        }
        if let Some(at) = self.fetch.next_free(now) {
            self.deadlines.hasten(Due::Look, at);
        }
        while self.fetch.has_room() {
            let next = self.rarest(now).or_else(|| self.straggler(now));
            let Some((peer, chunk)) = next else { break };
            if !self.ask(peer, Some(chunk), now, out) {
                return;
            }
        }
        self.ask_origin(now, out);
    }

    fn ask(
        &mut self,
        to: PeerKey,
        chunk: Option<u32>,
        now: Instant,
        out: &mut Vec<Output>,
    ) -> bool {
        let patience = match self.fetch.ask(to, chunk, now) {
            Ok(patience) => patience,
            Err(at) => {
                self.deadlines.hasten(Due::Look, at);
                return false;
            }
        };
        let is_origin = self.origin.as_ref().is_some_and(|origin| origin.peer == to);
        match chunk {
            Some(_) if is_origin => self.deadlines.set(Due::Late(to), now + SOURCE_PATIENCE),
            Some(_) => self.deadlines.set(Due::Late(to), now + patience),
            None => {}
        }
        let want = match chunk {
            Some(chunk) => Want::Chunk { chunk },
            None => Want::Any {
                held: self.fetch.expected().to_bytes().into(),
            },
        };
        out.push(Output::Ask { to, want });
        true
    }

    /// Of two free neighbours the one that answered sooner, so that no queue grows while another is empty; and of what it
    /// has, the chunk that fewest have. The dice decide between equals, so that neighbours do not all ask for the same.
    fn rarest(&mut self, now: Instant) -> Option<(PeerKey, u32)> {
        let rested = self.neighbours.rested(now);
        let free = rested.filter(|(peer, has)| {
            self.fetch.is_free(peer, now) && self.fetch.open(has).next().is_some()
        });
        let free: Vec<PeerKey> = free.map(|(peer, _)| *peer).collect();
        let pair = [self.draw(&free)?, self.draw(&free)?];
        let peer = pair
            .into_iter()
            .min_by_key(|peer| self.neighbours.pace(peer))?;
        let mut fewest = u16::MAX;
        let mut equals = Vec::new();
        for chunk in self.fetch.open(self.neighbours.has(&peer)?) {
            let copies = self.neighbours.copies(chunk);
            if copies < fewest {
                fewest = copies;
                equals.clear();
            }
            if copies == fewest {
                equals.push((peer, chunk));
            }
        }
        self.draw(&equals)
    }

    /// Somebody else for a chunk that takes long, when nothing else is left to ask for.
    fn straggler(&mut self, now: Instant) -> Option<(PeerKey, u32)> {
        let mut others = Vec::new();
        for (asked, chunk, tardy) in self.fetch.stragglers() {
            if tardy > now {
                self.deadlines.hasten(Due::Look, tardy);
                continue;
            }
            let holders = self.neighbours.rested(now);
            let free = holders.filter(|(peer, has)| {
                **peer != asked && has.contains(chunk) && self.fetch.is_free(peer, now)
            });
            others.extend(free.map(|(peer, _)| (*peer, chunk)));
        }
        self.draw(&others)
    }

    fn ask_origin(&mut self, now: Instant, out: &mut Vec<Output>) {
        let Some(origin) = &self.origin else { return };
        let peer = origin.peer;
        if !self.fetch.is_free(&peer, now) || origin.rests > now {
            return;
        }
        if origin.stage == Stage::Handing {
            self.ask(peer, None, now, out);
        } else if let Some(chunk) = self.loneliest(now) {
            self.ask(peer, Some(chunk), now, out);
        }
    }

    /// A chunk that for a while no neighbour has had.
    fn loneliest(&mut self, now: Instant) -> Option<u32> {
        let lonely = self.fetch.unasked();
        let lonely: Vec<u32> = lonely
            .filter(|chunk| self.neighbours.copies(*chunk) == 0)
            .collect();
        let origin = self.origin.as_mut()?;
        if lonely.is_empty() {
            origin.lonely = None;
            return None;
        }
        let due = *origin.lonely.get_or_insert(now) + LONELY;
        if due > now {
            self.deadlines.hasten(Due::Look, due);
            return None;
        }
        self.draw(&lonely)
    }

    fn draw<T: Copy>(&mut self, equals: &[T]) -> Option<T> {
        match equals {
            [] => None,
            [one] => Some(*one),
            _ => Some(equals[self.dice.below(equals.len() as u64) as usize]),
        }
    }
}

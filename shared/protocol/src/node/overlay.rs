//! The overlay: with whom evidence is exchanged, and where a node looks that reaches too few.

use std::borrow::Cow;

use super::doubt::PROBE;
use super::{Deadline, Node, Output};
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::message::Message;
use crate::time::{Instant, Now};

/// After so many attempts a neighbour on the rings may be gone though nobody has said so here.
const ATTEMPTS: u32 = 3;
/// With so many neighbours a node looks no further: one alone may be as cut off as this one.
const ENOUGH: usize = 2;
/// So often a node that reaches too few of its neighbours looks at the next ones along the rings.
const FURTHER: usize = 3;

impl Node {
    /// Whom this node dials for the overlay.
    ///
    /// Whoever reaches hardly any of them cannot hear either that they are dead: it dials those to whom their places pass.
    /// Others, who know, expect it there.
    pub(super) fn overlay(&self) -> Vec<DeviceId> {
        let rings = self.ledger.roster().rings();
        let (me, down) = (&self.identity.device, self.silence.down());
        let mut dialled = rings.overlay(me, down);
        let mut gone = Cow::Borrowed(down);
        for _ in 0..FURTHER {
            let reached = dialled
                .iter()
                .filter(|device| !self.is_out_of_reach(device));
            if reached.count() >= ENOUGH {
                break;
            }
            let lost = dialled.iter().filter(|device| self.is_out_of_reach(device));
            gone.to_mut().extend(lost);
            let mut further = rings.overlay(me, &gone);
            further.retain(|device| !dialled.contains(device));
            if further.is_empty() {
                break;
            }
            dialled.append(&mut further);
        }
        dialled
    }

    fn is_out_of_reach(&self, device: &DeviceId) -> bool {
        let Some(peer) = self.peer(device) else {
            return false;
        };
        match self.links.last_heard(peer) {
            None => self.links.attempts(peer) >= ATTEMPTS,
            Some(heard) => self.has_not_answered(peer, heard),
        }
    }

    fn has_not_answered(&self, peer: PeerKey, heard: Instant) -> bool {
        let asked = self.doubts.weather.asked.get(&peer);
        asked.is_some_and(|asked| heard < *asked && self.links.clock().since(*asked) >= PROBE)
    }

    /// In a storm: a link to somebody without power stands for minutes, so quiet neighbours are asked for a sign of life.
    pub(super) fn ask_neighbours(&mut self, now: Now, out: &mut Vec<Output>) {
        if !self.doubts.weather.is_stormy(now.monotonic) {
            return self.doubts.weather.asked.clear();
        }
        let quiet = self.config.beat * 2;
        for device in self.overlay() {
            let Some(peer) = self.peer(&device) else {
                continue;
            };
            let heard = self.links.last_heard(peer);
            let asked = self.doubts.weather.asked.contains_key(&peer);
            if !asked && heard.is_some_and(|heard| now.monotonic.since(heard) >= quiet) {
                self.doubts.weather.asked.insert(peer, now.monotonic);
                self.ask(device, Message::Probe, out);
                self.deadlines
                    .hasten(Deadline::Links, now.monotonic + PROBE);
            }
        }
    }

    /// Whether evidence spreads over a link to this peer.
    pub(super) fn is_neighbour(&self, peer: PeerKey) -> bool {
        self.neighbours_among([peer]).next().is_some()
    }

    /// Those over whose links evidence spreads: one of both dials the other for the overlay.
    pub(super) fn neighbours_among(
        &self,
        peers: impl IntoIterator<Item = PeerKey>,
    ) -> impl Iterator<Item = PeerKey> {
        let (me, down) = (self.identity.device, self.silence.down());
        let rings = self.ledger.roster().rings();
        let dialled = self.overlay();
        peers.into_iter().filter(move |peer| {
            let device = self.device(*peer);
            device
                .is_some_and(|device| dialled.contains(&device) || rings.dials(&device, &me, down))
        })
    }
}

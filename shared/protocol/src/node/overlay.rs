//! The overlay: with whom evidence is exchanged, and where a node looks that has lost them all.

use std::borrow::Cow;

use super::Node;
use crate::id::DeviceId;
use crate::key::PeerKey;

/// After so many attempts a neighbour on the rings may be gone though nobody has said so here.
const ATTEMPTS: u32 = 3;
/// So often a node that reaches none of its neighbours looks at the next ones along the rings.
const FURTHER: usize = 3;

impl Node {
    /// Whom this node dials for the overlay.
    ///
    /// Whoever reaches none of them cannot hear either that they are dead: it dials those to whom their places pass.
    /// Others, who know, expect it there.
    pub(super) fn overlay(&self) -> Vec<DeviceId> {
        let rings = self.ledger.roster().rings();
        let (me, down) = (&self.identity.device, self.silence.down());
        let mut dialled = rings.overlay(me, down);
        let mut newest = dialled.clone();
        let mut gone = Cow::Borrowed(down);
        for _ in 0..FURTHER {
            if newest.is_empty() || !newest.iter().all(|device| self.is_out_of_reach(device)) {
                break;
            }
            gone.to_mut().extend(&newest);
            newest = rings.overlay(me, &gone);
            newest.retain(|device| !dialled.contains(device));
            dialled.extend(&newest);
        }
        dialled
    }

    fn is_out_of_reach(&self, device: &DeviceId) -> bool {
        let peer = self.peer(device);
        peer.is_some_and(|peer| !self.links.is_up(peer) && self.links.attempts(peer) >= ATTEMPTS)
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

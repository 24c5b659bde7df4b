//! Epoch seeds at a node: a holder adds to a dealing and releases its shares; everybody turns the rings by what is open.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::save::{Memory, Save};
use super::{Deadline, Node, Notice, Output};
use crate::beacon::{
    self, Deal, Dealt, Hand, Kept, News, Offer, Opened, Rotation, Seeds, Share, threshold,
};
use crate::cbor;
use crate::evidence::Evidence;
use crate::id::{Digest, Epoch};
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::seal::SealedTo;
use crate::signed::Signed;
use crate::time::{Instant, Now};

/// What this node knows of the seeds, and the hands that it keeps.
#[derive(Debug, Default)]
pub(super) struct Beacon {
    seeds: Seeds,
    hands: BTreeMap<u32, Hand>,
    /// A dealing to which this node has committed.
    round: Option<Round>,
    released: BTreeSet<Epoch>,
    /// When links for the next epoch are dialled.
    early: Option<(Epoch, Instant)>,
    turned: Option<Epoch>,
    said: Rotation,
}

#[derive(Debug)]
struct Round {
    offer: Signed<Offer>,
    hand: Hand,
    nonce: [u8; 32],
    revealed: bool,
}

impl Beacon {
    pub(super) fn new(
        memory: &Memory,
        charter: &crate::charter::Charter,
        verifier: &dyn crate::key::Verifier,
    ) -> Self {
        let kept = Kept::decode(memory.seeds.as_deref().unwrap_or_default());
        let hands = kept.hands().into_iter().map(|hand| (hand.number(), hand));
        Self {
            hands: hands.collect(),
            seeds: Seeds::recalled(&kept, charter, verifier),
            ..Self::default()
        }
    }

    pub(super) fn seeds(&self) -> &Seeds {
        &self.seeds
    }
}

impl Node {
    /// The epoch that a clock shows, and how much of it is over.
    pub(super) fn epoch_at(&self, now: Now) -> (Epoch, Duration) {
        Epoch::at(now.wall, self.config.epoch)
    }

    /// By how much the seed of an epoch is opened before it begins.
    fn lead(&self) -> Duration {
        self.config.epoch / 6
    }

    /// What this witness says by which seats it holds.
    pub(super) fn epoch(&self) -> Epoch {
        match self.beacon.seeds.newest() {
            Some(_) => self.beacon.turned.unwrap_or(Epoch::FROZEN),
            None => Epoch::FROZEN,
        }
    }

    pub fn rotation(&self) -> Rotation {
        self.beacon.said
    }

    /// What was open before this start is told to whoever asks.
    pub(super) fn recall_seeds(&mut self, now: Now, out: &mut Vec<Output>) {
        self.gossip.hold(self.beacon.seeds.evidence());
        self.beacon_due(now, out);
    }

    /// The coordinator deals: this node adds to it what nobody knows beforehand.
    pub(super) fn dealt(&mut self, from: PeerKey, deal: Deal, now: Now, out: &mut Vec<Output>) {
        if !self.is_coordinator(from) {
            return self.misbehaved(from, "only the coordinator deals seeds", out);
        }
        match deal {
            Deal::Offer { offer, shares } => self.offered(from, &offer, &shares, now, out),
            Deal::Commitments {
                number,
                commitments,
            } => self.committed(from, number, &commitments, out),
            Deal::Commit { .. } | Deal::Reveal { .. } => {
                self.misbehaved(from, "speaks as a holder of seeds", out);
            }
        }
    }

    fn offered(
        &mut self,
        from: PeerKey,
        offer: &[u8],
        shares: &[u8],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let charter = self.ledger.roster().charter();
        let Ok(offer) = beacon::check_offer(offer, charter, self.identity.verifier.as_ref()) else {
            return self.misbehaved(from, "an offer of seeds that does not check", out);
        };
        let (epoch, _) = self.epoch_at(now);
        let number = offer.number;
        let later = self
            .beacon
            .seeds
            .newest()
            .is_none_or(|newest| newest.offer().number < number);
        let hand = cbor::decode::<SealedTo>("sealed hand", limits::FRAME_BYTES, shares).ok();
        let hand = hand.and_then(|sealed| {
            let opened = self
                .identity
                .unsealing
                .open(beacon::HAND_PURPOSE, &sealed)
                .ok()?;
            Hand::decode(&opened).ok()
        });
        let own = self.identity.signer.public();
        let Some(hand) = hand.filter(|hand| hand.is_of(&offer, &own)) else {
            return self.misbehaved(from, "a hand of shares that was not offered", out);
        };
        if offer.first <= epoch || !later {
            return;
        }
        let nonce = self.dice.bytes();
        let commitment = beacon::commitment(&offer, &nonce);
        self.beacon.round = Some(Round {
            offer,
            hand,
            nonce,
            revealed: false,
        });
        let deal = Deal::Commit { number, commitment };
        out.push(Output::Send {
            to: from,
            message: Message::Deal { deal },
        });
    }

    /// All have committed: the nonce is shown once, and the hand is kept from here on.
    fn committed(
        &mut self,
        from: PeerKey,
        number: u32,
        commitments: &[Digest],
        out: &mut Vec<Output>,
    ) {
        let signer = Arc::clone(&self.identity.signer);
        let Some(round) = &mut self.beacon.round else {
            return;
        };
        let own = beacon::commitment(&round.offer, &round.nonce);
        let whole = commitments.len() == round.offer.holders.len() && commitments.contains(&own);
        if round.offer.number != number || round.revealed || !whole {
            return;
        }
        round.revealed = true;
        let part = beacon::reveal(&round.offer, commitments, round.nonce, signer.as_ref());
        self.beacon.hands.insert(number, round.hand.clone());
        while self.beacon.hands.len() > limits::HANDS {
            self.beacon.hands.pop_first();
        }
        self.save_seeds(out);
        let deal = Deal::Reveal { number, part };
        out.push(Output::Send {
            to: from,
            message: Message::Deal { deal },
        });
    }

    /// Somebody passes on a dealing, a share or a secret: each proves itself.
    pub(super) fn take_seed_piece(
        &mut self,
        piece: Evidence,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Option<Evidence>, &'static str> {
        let (epoch, _) = self.epoch_at(now);
        let news = match &piece {
            Evidence::Dealing(bytes) => {
                let charter = self.ledger.roster().charter();
                match Dealt::open(bytes, charter, self.identity.verifier.as_ref()) {
                    Ok(dealt) => self.beacon.seeds.take_dealing(dealt),
                    // The charter that names its gateways or its key may be on its way.
                    Err(_) => News::None,
                }
            }
            Evidence::Share(bytes) => match Share::decode(bytes) {
                Ok(share) => self.beacon.seeds.take_share(share, epoch),
                Err(_) => return Err("a share that cannot be read"),
            },
            Evidence::Secret(bytes) => match Opened::decode(bytes) {
                Ok(opened) => self.beacon.seeds.take_opened(opened, epoch),
                Err(_) => return Err("a secret that cannot be read"),
            },
            _ => News::None,
        };
        if news != News::None {
            self.seeds_changed(now, out);
        }
        // Dealings and secrets are named to everybody, who mostly has them; a share that is missing is pushed.
        let is_missing = news == News::New && matches!(piece, Evidence::Share(_));
        Ok(is_missing.then_some(piece))
    }

    /// Turns the rings where an epoch has begun, releases a share where its time has come.
    pub(super) fn beacon_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let (epoch, over) = self.epoch_at(now);
        self.turn(epoch, now, out);
        let next = epoch.plus(1);
        let left = self.config.epoch.saturating_sub(over);
        let mut wait = left;
        // A seed that is missing is still opened when holders come back.
        let waited = over + self.config.epoch - self.config.epoch.saturating_sub(self.lead());
        wait = wait.min(self.release_share(epoch, waited, now, out).unwrap_or(wait));
        match self.lead().checked_sub(left) {
            Some(waited) => {
                wait = wait.min(self.release_share(next, waited, now, out).unwrap_or(wait));
            }
            None => wait = wait.min(left.saturating_sub(self.lead())),
        }
        self.look_ahead(next, left, now);
        self.say_rotation(epoch, over, out);
        let soon = Duration::from_millis(50);
        self.deadlines
            .set(Deadline::Beacon, now.monotonic + wait.max(soon));
    }

    /// Releases this node's share if that epoch is not open; otherwise says how long to stand by.
    fn release_share(
        &mut self,
        epoch: Epoch,
        waited: Duration,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Option<Duration> {
        let beacon = &self.beacon;
        if beacon.seeds.is_open(epoch) || beacon.released.contains(&epoch) {
            return None;
        }
        let offer = beacon.seeds.in_force(epoch)?.offer();
        let own = self.identity.signer.public();
        let place = offer
            .holders
            .iter()
            .position(|holder| holder.gateway == own)?;
        let hand = beacon.hands.get(&offer.number)?;
        let holders = offer.holders.len();
        // Whose turn it is first changes with the epoch; those behind wait whether they are needed.
        let turn = (place + epoch.number() as usize) % holders;
        let behind = u32::try_from((turn + 1).saturating_sub(threshold(holders))).unwrap_or(0);
        let stand_by = self.config.epoch / 360 * behind;
        if let Some(left) = stand_by.checked_sub(waited).filter(|left| !left.is_zero()) {
            return Some(left);
        }
        let share = hand.share(epoch)?;
        let piece = share.evidence();
        let (current, _) = self.epoch_at(now);
        self.beacon.released.insert(epoch);
        self.beacon.seeds.take_share(share, current);
        self.spread(vec![piece], None, now, out);
        self.seeds_changed(now, out);
        None
    }

    fn seeds_changed(&mut self, now: Now, out: &mut Vec<Output>) {
        let (epoch, _) = self.epoch_at(now);
        for piece in self.beacon.seeds.prune(epoch) {
            self.gossip.forget(&piece.id());
        }
        let evidence = self.beacon.seeds.evidence();
        self.gossip.name(evidence, None, now.monotonic);
        self.plan_gossip();
        self.save_seeds(out);
        self.deadlines.hasten(Deadline::Beacon, now.monotonic);
    }

    fn save_seeds(&self, out: &mut Vec<Output>) {
        let kept = self.beacon.seeds.kept(self.beacon.hands.values());
        out.push(Output::Save(Save::Seeds(kept.encode())));
    }

    /// Seats follow the seeds that are open in this epoch. The old witnesses of whoever is down are believed
    /// until the new ones have looked.
    fn turn(&mut self, epoch: Epoch, now: Now, out: &mut Vec<Output>) {
        let seeds = self.beacon.seeds.at(epoch);
        let before = self.beacon.turned.replace(epoch);
        if before != Some(epoch) {
            self.beacon.released.retain(|released| *released >= epoch);
            self.seeds_pruned(epoch);
        }
        let Some(roster) = self.ledger.roster().with_seeds(seeds) else {
            return;
        };
        self.ledger.seen(Arc::new(roster));
        self.silence.hand_over();
        // A word that was not needed may be needed in new seats.
        if !self.doubts.accused.is_empty() {
            self.accuse_soon(now);
        }
        self.reseat(now);
        out.push(Output::Notice(Notice::Turned { epoch }));
    }

    fn seeds_pruned(&mut self, epoch: Epoch) {
        for piece in self.beacon.seeds.prune(epoch) {
            self.gossip.forget(&piece.id());
        }
    }

    /// Links for the next epoch are dialled at a moment of its own at each node, so that not all do it at once.
    fn look_ahead(&mut self, next: Epoch, left: Duration, now: Now) {
        if !self.beacon.seeds.is_open(next) {
            return;
        }
        let early = self.beacon.early.filter(|(epoch, _)| *epoch == next);
        let at = early.map_or_else(
            || {
                let spread = u64::try_from(left.as_millis()).unwrap_or(u64::MAX) * 3 / 4;
                now.monotonic + Duration::from_millis(self.dice.below(1 + spread))
            },
            |(_, at)| at,
        );
        self.beacon.early = Some((next, at));
        let ahead = self.beacon.seeds.at(next);
        if let Some(roster) = self.ledger.roster().with_next_seeds(ahead) {
            self.ledger.seen(Arc::new(roster));
        }
        self.deadlines
            .hasten(Deadline::Links, at.max(now.monotonic));
    }

    /// Whether links for the next epoch may be dialled.
    pub(super) fn dials_ahead(&self, now: Instant) -> bool {
        self.beacon.early.is_some_and(|(_, at)| at <= now)
    }

    fn say_rotation(&mut self, epoch: Epoch, over: Duration, out: &mut Vec<Output>) {
        if over < self.lead() / 5 {
            return;
        }
        let said = self.beacon.seeds.rotation(epoch);
        if said != self.beacon.said {
            self.beacon.said = said;
            out.push(Output::Notice(Notice::Rotation(said)));
        }
    }
}

//! Epoch seeds at the coordinator: it deals while it is there, and turns its rings by what is open like anybody else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::save::Save;
use super::{Coordinator, Deadline, Event, Output};
use crate::beacon::{
    self, DEALT, Deal, Dealing, Dealt, Kept, LEAST_HOLDERS, News, Offer, Opened, Part, Rotation,
    Seeds, Share,
};
use crate::cbor;
use crate::evidence::Evidence;
use crate::id::{Digest, Epoch};
use crate::key::{PeerKey, PublicKey};
use crate::limits;
use crate::message::Message;
use crate::signed::Signed;
use crate::time::{Instant, Now};

/// How long holders may take to add to a dealing.
const PATIENCE: Duration = Duration::from_secs(30);
/// A dealing is followed by another one when so many of its epochs are over: a day.
const FRESH: u32 = 24;

/// What the coordinator knows of the seeds, and the dealing that is coming about.
#[derive(Debug, Default)]
pub(super) struct Beacon {
    seeds: Seeds,
    round: Option<Round>,
    /// Since when enough gateways are there for a dealing.
    able_since: Option<Instant>,
    said: Rotation,
}

/// The secrets are forgotten as soon as the hands are sealed.
#[derive(Debug)]
struct Round {
    offer: Signed<Offer>,
    leaves: Vec<u8>,
    commitments: BTreeMap<usize, Digest>,
    parts: BTreeMap<usize, Part>,
    since: Instant,
}

impl Beacon {
    pub(super) fn new(seeds: Seeds) -> Self {
        Self {
            seeds,
            ..Self::default()
        }
    }

    pub(super) fn seeds(&self) -> &Seeds {
        &self.seeds
    }

    pub(super) fn names(&self) -> impl Iterator<Item = crate::evidence::EvidenceId> {
        self.seeds.evidence().into_iter().map(|piece| piece.id())
    }
}

impl Coordinator {
    /// Whether seats will go on changing.
    pub fn rotation(&self) -> Rotation {
        self.beacon.said
    }

    pub(super) fn beacon_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let (epoch, over) = Epoch::at(now.wall, self.config.epoch);
        self.turn(epoch, out);
        self.appeals_due(now, out);
        let late = |round: &Round| now.monotonic.since(round.since) >= PATIENCE;
        self.beacon.round.take_if(|round| late(round));
        if self.beacon.round.is_none() && self.needs_dealing(epoch) {
            self.deal(epoch, now, out);
        }
        self.say_rotation(epoch, over, out);
        let left = self.config.epoch.saturating_sub(over);
        let look = self.config.epoch / 60;
        let soon = Duration::from_millis(50);
        self.deadlines
            .set(Deadline::Beacon, now.monotonic + left.min(look).max(soon));
    }

    /// A holder adds its commitment or its nonce.
    pub(super) fn deal_answered(
        &mut self,
        from: PeerKey,
        deal: Deal,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(round) = &mut self.beacon.round else {
            return;
        };
        let holders = &round.offer.holders;
        let place = holders
            .iter()
            .position(|holder| holder.gateway.peer() == from);
        let (Some(place), number) = (place, round.offer.number) else {
            return;
        };
        match deal {
            Deal::Commit {
                number: of,
                commitment,
            } if of == number => {
                round.commitments.entry(place).or_insert(commitment);
                self.show_commitments(out);
            }
            Deal::Reveal { number: of, part } if of == number => {
                round.parts.entry(place).or_insert(part);
                self.conclude_dealing(now, out);
            }
            _ => {}
        }
    }

    /// Somebody brings a dealing, a share or a secret.
    pub(super) fn take_seed_piece(&mut self, piece: &Evidence, now: Now, out: &mut Vec<Output>) {
        let (epoch, _) = Epoch::at(now.wall, self.config.epoch);
        let seeds = &mut self.beacon.seeds;
        let news = match piece {
            Evidence::Dealing(bytes) => {
                let (charter, verifier) = (self.roster.charter(), &self.offices.verifier);
                Dealt::open(bytes, charter, verifier.as_ref())
                    .map_or(News::None, |dealt| seeds.take_dealing(dealt))
            }
            Evidence::Share(bytes) => {
                Share::decode(bytes).map_or(News::None, |share| seeds.take_share(share, epoch))
            }
            Evidence::Secret(bytes) => {
                Opened::decode(bytes).map_or(News::None, |opened| seeds.take_opened(opened, epoch))
            }
            _ => News::None,
        };
        if news == News::Opens || matches!(piece, Evidence::Dealing(_)) && news == News::New {
            self.seeds_changed(epoch, out);
            self.deadlines.hasten(Deadline::Beacon, now.monotonic);
        }
    }

    fn needs_dealing(&self, epoch: Epoch) -> bool {
        let newest = self.beacon.seeds.newest();
        newest.is_none_or(|dealt| {
            let left = dealt.offer().end().number().saturating_sub(epoch.number());
            left + FRESH <= u32::from(DEALT)
        })
    }

    /// Every gateway that lives, if all of them are there; after a while those that are, if they are enough.
    fn holders(&mut self, now: Now) -> Option<Vec<PublicKey>> {
        let gateways = self.roster.gateways().into_iter();
        let living = gateways.filter(|(_, device)| !self.silence.down().contains(device));
        let living: Vec<PublicKey> = living.map(|(key, _)| key).take(limits::HOLDERS).collect();
        let linked = living.iter().filter(|key| self.links.contains(&key.peer()));
        let there: Vec<PublicKey> = linked.copied().collect();
        if there.len() < LEAST_HOLDERS {
            self.beacon.able_since = None;
            return None;
        }
        let since = *self.beacon.able_since.get_or_insert(now.monotonic);
        let waited = now.monotonic.since(since) >= self.config.epoch / 6;
        (waited || there.len() == living.len()).then_some(there)
    }

    /// Draws the seeds of a week, and offers each gateway that is there its hand.
    fn deal(&mut self, epoch: Epoch, now: Now, out: &mut Vec<Output>) {
        let Some(there) = self.holders(now) else {
            return;
        };
        let newest = self.beacon.seeds.newest().map(|dealt| dealt.offer().number);
        let number = newest.map_or(1, |newest| newest + 1);
        let mesh = self.roster.charter().mesh;
        let span = (epoch.plus(2), DEALT);
        let draw = beacon::draw(mesh, number, span, &there, now.wall, &mut self.offices.dice);
        let offer = Signed::seal(draw.offer, self.offices.admission.as_ref());
        for (gateway, hand) in there.iter().zip(&draw.hands) {
            let Some(member) = self.roster.device(gateway.peer()) else {
                continue;
            };
            let sealing = self
                .roster
                .member(&member)
                .map(|member| member.membership.sealing);
            let dice = &mut self.offices.dice;
            let sealed =
                sealing.and_then(|key| key.seal(beacon::HAND_PURPOSE, &hand.encode(), dice).ok());
            let Some(sealed) = sealed else { continue };
            let deal = Deal::Offer {
                offer: offer.bytes().to_vec().into(),
                shares: cbor::encode(&sealed).into(),
            };
            out.push(Output::Send {
                to: gateway.peer(),
                message: Message::Deal { deal },
            });
        }
        self.beacon.round = Some(Round {
            offer,
            leaves: draw.leaves,
            commitments: BTreeMap::new(),
            parts: BTreeMap::new(),
            since: now.monotonic,
        });
    }

    /// All have committed: from here on nobody can choose any more.
    fn show_commitments(&self, out: &mut Vec<Output>) {
        let Some(round) = &self.beacon.round else {
            return;
        };
        if round.commitments.len() < round.offer.holders.len() {
            return;
        }
        let commitments: Vec<Digest> = round.commitments.values().copied().collect();
        for holder in &round.offer.holders {
            let deal = Deal::Commitments {
                number: round.offer.number,
                commitments: commitments.clone(),
            };
            out.push(Output::Send {
                to: holder.gateway.peer(),
                message: Message::Deal { deal },
            });
        }
    }

    fn conclude_dealing(&mut self, now: Now, out: &mut Vec<Output>) {
        let whole = |round: &mut Round| round.parts.len() == round.offer.holders.len();
        let Some(round) = self.beacon.round.take_if(whole) else {
            return;
        };
        let dealing = Dealing {
            offer: round.offer.bytes().to_vec().into(),
            leaves: round.leaves.into(),
            parts: round.parts.into_values().collect(),
        };
        let bytes = cbor::encode(&dealing);
        let (charter, verifier) = (self.roster.charter(), &self.offices.verifier);
        let Ok(dealt) = Dealt::open(&bytes, charter, verifier.as_ref()) else {
            return out.push(Output::Event(Event::Misbehaviour {
                device: None,
                what: "a holder spoilt a dealing of seeds",
            }));
        };
        let piece = dealt.evidence();
        for holder in &round.offer.holders {
            let evidence = vec![piece.clone()];
            out.push(Output::Send {
                to: holder.gateway.peer(),
                message: Message::Gossip { evidence },
            });
        }
        self.herald(&piece, out);
        self.take_seed_piece(&piece, now, out);
    }

    fn seeds_changed(&mut self, epoch: Epoch, out: &mut Vec<Output>) {
        self.beacon.seeds.prune(epoch);
        let kept: Kept = self.beacon.seeds.kept(std::iter::empty());
        out.push(Output::Save(Save::Seeds(kept.encode())));
    }

    fn turn(&mut self, epoch: Epoch, out: &mut Vec<Output>) {
        let seeds = self.beacon.seeds.at(epoch);
        if let Some(roster) = self.roster.with_seeds(seeds) {
            self.roster = Arc::new(roster);
            self.silence.hand_over();
            self.seeds_changed(epoch, out);
            out.push(Output::Roster(Arc::clone(&self.roster)));
        }
    }

    fn say_rotation(&mut self, epoch: Epoch, over: Duration, out: &mut Vec<Output>) {
        if over < self.config.epoch / 30 {
            return;
        }
        let rotation = self.beacon.seeds.rotation(epoch);
        if rotation != self.beacon.said {
            self.beacon.said = rotation;
            out.push(Output::Event(Event::Rotation(rotation)));
        }
    }
}

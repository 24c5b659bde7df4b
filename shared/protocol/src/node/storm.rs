//! A storm: many fall silent at once. Words about them go along the tree at once, and no links are made for them.
//!
//! In calm weather a witness dials its co-witnesses, which costs little and is fast. When a third of the fleet is gone,
//! everybody would dial everybody else's co-witnesses, and a handshake weighs as much as ten words.

use std::collections::BTreeMap;
use std::time::Duration;

use super::doubt::AGREE_AFTER;
use super::{Deadline, Node, Output};
use crate::accusation::Accusation;
use crate::evidence::Evidence;
use crate::key::PeerKey;
use crate::time::{Instant, Now};

/// So many subjects of one witness that are quiet for longer than a beat, and not held down yet, make a storm; so do so
/// many who went down together.
const MANY: usize = 2;
const CROWD: usize = 12;
/// A storm is over when for so long neither was seen.
const LASTS: Duration = Duration::from_secs(20);
/// After so long a witness whose word has certified nobody tells its co-witnesses by itself.
const UNHEARD: Duration = Duration::from_secs(12);

/// What a node knows of the weather, from its own subjects and from certificates: what single others say is not enough.
#[derive(Debug, Default)]
pub(super) struct Weather {
    until: Option<Instant>,
    /// How many went down since a moment.
    fell: Option<(Instant, usize)>,
    /// Whether it has just come up.
    breaks: bool,
    /// Neighbours that were asked in it whether they are there, and when.
    pub(super) asked: BTreeMap<PeerKey, Instant>,
    /// When those are told by a link who did not hear of this node's word otherwise.
    repeat: Option<Instant>,
}

impl Weather {
    pub(super) fn is_stormy(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    fn fell(&mut self, count: usize, now: Instant) -> usize {
        let fresh = self.fell.filter(|(since, _)| now.since(*since) < LASTS);
        let (since, before) = fresh.unwrap_or((now, 0));
        self.fell = Some((since, before + count));
        before + count
    }
}

impl Node {
    /// Looks at the own subjects: whether so many are quiet that others have lost as many.
    pub(super) fn look_at_the_sky(&mut self, now: Now) {
        if self.quiet_subjects(now) + self.open_accusations() >= MANY {
            self.storm_until(now.monotonic + LASTS, now);
        }
    }

    /// So many have just gone down.
    pub(super) fn count_the_fallen(&mut self, count: usize, now: Now) {
        if self.doubts.weather.fell(count, now.monotonic) >= CROWD {
            self.storm_until(now.monotonic + LASTS, now);
        }
    }

    /// Subjects of this witness that were not heard for longer than a beat, and whom nobody has named for certain.
    pub(super) fn quiet_subjects(&self, now: Now) -> usize {
        let quiet = self.config.beat * AGREE_AFTER / 10;
        let subjects = self.watch.last_heard().into_iter();
        let open = subjects.filter(|(subject, heard)| {
            !self.doubts.accused.contains_key(subject)
                && !self.silence.down().contains(subject)
                && now.monotonic.since(*heard) > quiet
        });
        open.count()
    }

    fn open_accusations(&self) -> usize {
        let accused = self.doubts.accused.keys();
        let is_open = |subject: &&_| !self.silence.down().contains(*subject);
        accused.filter(is_open).count()
    }

    fn storm_until(&mut self, until: Instant, now: Now) {
        if !self.doubts.weather.is_stormy(now.monotonic) {
            self.doubts.weather.breaks = true;
            self.deadlines.hasten(Deadline::Judgement, now.monotonic);
            self.deadlines.hasten(Deadline::Links, now.monotonic);
        }
        self.doubts.weather.until = Some(until);
    }

    /// Whether a word names somebody on whom its witness has a seat and who is not held down yet.
    pub(super) fn tells_in_a_storm(&self, word: &Accusation) -> bool {
        let rings = self.ledger.roster().rings();
        let mut named = word.silent.iter();
        named.any(|silent| {
            !self.silence.down().contains(&silent.subject)
                && self
                    .silence
                    .accusers(&silent.subject, rings)
                    .contains(&word.witness)
        })
    }

    /// The storm has come up after some of the words about it: they are passed on now.
    pub(super) fn pass_on_what_waited(&mut self, now: Now, out: &mut Vec<Output>) {
        let seated = self.ledger.roster().is_seated(&self.identity.device);
        let breaks = std::mem::take(&mut self.doubts.weather.breaks);
        if !seated || !breaks {
            return;
        }
        let words = self.silence.accusations().map(Evidence::from);
        let waiting: Vec<Evidence> = words
            .filter(|piece| !self.gossip.holds(&piece.id()))
            .collect();
        let (mut told, me) = (Vec::new(), self.identity.device);
        for piece in waiting {
            let own = piece.slot().is_some_and(|slot| slot.device() == me);
            if !own && self.adds_a_vote(&piece, now) {
                told.push(piece);
            }
        }
        self.relay(told, None, now, out);
    }

    /// What was said in a storm certified nobody: the co-witnesses hear it by a link, as in calm weather.
    pub(super) fn repeat_if_unheard(&mut self, now: Now, out: &mut Vec<Output>) {
        let due = self.doubts.weather.repeat;
        if due.is_none_or(|due| due > now.monotonic) {
            return self.plan_repetition();
        }
        self.doubts.weather.repeat = None;
        let own = self.silence.accusation(&self.identity.device).cloned();
        let Some(own) = own else { return };
        let mut peers = self.co_witnesses_of_open(&own);
        peers.retain(|peer| !self.doubts.told.contains(peer));
        self.tell_co_witnesses(peers, &own, now, out);
    }

    pub(super) fn repeat_later(&mut self, now: Now) {
        self.doubts.weather.repeat = Some(now.monotonic + UNHEARD);
        self.plan_repetition();
    }

    fn plan_repetition(&mut self) {
        if let Some(at) = self.doubts.weather.repeat {
            self.deadlines.hasten(Deadline::Doubts, at);
        }
    }
}

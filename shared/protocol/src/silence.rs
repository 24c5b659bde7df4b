//! Who is held to be down: the newest accusation of every witness, counted by seats, refuted by any fresher head.
//!
//! A certificate is nothing that travels: it is what follows from enough accusations that do. So a liar
//! fills one slot, whatever it sends, and everybody who holds the same slots holds the same view.

mod judging;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::accusation::{Accusation, Silent};
use crate::id::DeviceId;
use crate::quorum;
use crate::record::{Head, Position};
use crate::rings::{Down, Rings};
use crate::signed::Signed;
use crate::time::{Instant, Timestamp};

pub use judging::Changes;

/// After this long the votes of those who still answer are enough.
pub const WEAKER_AFTER: Duration = Duration::from_secs(3);
/// So long after a death its heirs are not expected to have a word: they may have found their subjects dead, and what
/// the witnesses before them said may still be on its way.
const SETTLED_AFTER: Duration = Duration::from_secs(120);
/// A witness whom so many others accuse is no longer expected to vote.
const DOUBTED: usize = 2;

/// Rings that a device may mask after it has refuted their witnesses: so few that the rest can certify it.
const MASKED: usize = 3;

/// Records beyond the newest head that was shown of a device, for which its witnesses' word is enough.
const UNSHOWN: u32 = 32;

/// Everybody's newest accusation, and what follows from them.
#[derive(Debug, Default)]
pub struct Silence {
    /// The device that judges: of itself it knows that it is there.
    me: Option<DeviceId>,
    accusations: BTreeMap<DeviceId, Signed<Accusation>>,
    /// Who names a device silent; the inverse of the accusations.
    accusers: BTreeMap<DeviceId, BTreeMap<DeviceId, Option<Position>>>,
    /// When a device was first named.
    doubted: BTreeMap<DeviceId, Instant>,
    /// The newest head that was shown of a member, named or not: a word that comes later may be older.
    heads: BTreeMap<DeviceId, Signed<Head>>,
    down: Down,
    /// Those who went down so shortly ago that whoever has their seats now cannot have a word yet.
    fallen: BTreeMap<DeviceId, Instant>,
    /// When the newest of the words was signed by which a device went down.
    fell: BTreeMap<DeviceId, Timestamp>,
    /// Of whom something has changed since the last judgement.
    open: Down,
    /// Who is expected to vote and was not at the last judgement, or the other way round.
    shaken: Down,
    /// When fewer votes will be enough, of whom.
    waiting: BTreeSet<(Instant, DeviceId)>,
    /// Convicted devices: they have no word, and whoever held their seats is for good as dead.
    buried: Down,
    /// Those who were down when the seats changed: the word of their old witnesses is good until the new
    /// ones certify them, or until nobody names them any more.
    inherited: Down,
}

/// What an accusation changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The witness has said something newer.
    Stale,
    /// It replaces what the witness said before.
    Newer,
}

impl Silence {
    /// The view of one of the devices.
    pub fn of(me: DeviceId) -> Self {
        Self {
            me: Some(me),
            ..Self::default()
        }
    }

    /// Takes a checked accusation; of one witness only the newest counts.
    pub fn accuse(&mut self, accusation: Signed<Accusation>, now: Instant) -> Heard {
        let witness = accusation.witness;
        if self.buried.contains(&witness) {
            return Heard::Stale;
        }
        let known = self.accusations.get(&witness);
        if known.is_some_and(|known| known.number >= accusation.number) {
            return Heard::Stale;
        }
        self.withdraw_unless(&witness, |silent| {
            accusation.of(&silent.subject) == Some(silent)
        });
        for silent in &accusation.silent {
            self.add_vote(witness, silent, now);
        }
        self.accusations.insert(witness, accusation);
        Heard::Newer
    }

    fn add_vote(&mut self, witness: DeviceId, silent: &Silent, now: Instant) {
        let subject = silent.subject;
        let answering = self.is_answering(&subject);
        // What was answered before is no doubt any more: the time for an answer begins anew.
        if self.voters(&subject).next().is_none() {
            self.doubted.insert(subject, now);
        }
        let since = *self.doubted.entry(subject).or_insert(now);
        let accusers = self.accusers.entry(subject).or_default();
        if accusers.insert(witness, silent.last) == Some(silent.last) {
            return;
        }
        // One vote more changes nothing for those who are down by the word of their own witnesses.
        if !self.down.contains(&subject) || self.inherited.contains(&subject) {
            self.waiting.insert((since + WEAKER_AFTER, subject));
            self.open.insert(subject);
        }
        self.reconsider(subject, answering);
    }

    /// Where a device is expected to vote no more, or again, fewer or more votes are enough for those whom it watches.
    fn reconsider(&mut self, device: DeviceId, was_answering: bool) {
        if self.is_answering(&device) != was_answering {
            self.shaken.insert(device);
        }
    }

    /// Takes a checked head; says whether it is news of somebody who was named.
    pub fn refute(&mut self, head: Signed<Head>) -> bool {
        let device = head.device;
        let fresher = self
            .heads
            .get(&device)
            .is_none_or(|known| known.position < head.position);
        if !fresher {
            return false;
        }
        // A mask takes votes away even where a claimed place is one that no head will pass.
        let (position, masks) = (head.position, head.ring_mask != 0);
        let answering = self.is_answering(&device);
        self.heads.insert(device, head);
        self.reconsider(device, answering);
        let Some(named) = self.accusers.get(&device) else {
            return false;
        };
        self.open.insert(device);
        masks || named.iter().any(|(_, last)| !is_open(*last, position))
    }

    /// Seats have changed: whoever is down does not come back because of that.
    pub fn hand_over(&mut self) {
        self.inherited = self.down.clone();
        self.open.extend(self.accusers.keys().copied());
    }

    /// Whether a device is down by the word of those whose seats others have now.
    pub fn is_inherited(&self, device: &DeviceId) -> bool {
        self.inherited.contains(device)
    }

    /// A device was convicted: its word is taken back, and it stays among the dead.
    pub fn bury(&mut self, device: DeviceId) {
        self.withdraw(&device);
        self.accusations.remove(&device);
        self.shaken.insert(device);
        self.down.insert(device);
        self.buried.insert(device);
    }

    /// Whoever is down by words that can be shown.
    pub fn certified(&self) -> impl Iterator<Item = &DeviceId> {
        self.down.difference(&self.buried)
    }

    /// Devices that enough witnesses hold to be silent, and those who were convicted.
    pub fn down(&self) -> &Down {
        &self.down
    }

    /// Those whose accusation counts against a device.
    pub fn accusers(&self, device: &DeviceId, rings: &Rings) -> Vec<DeviceId> {
        let seats = self.seats(device, rings);
        let voters = self.voters(device).filter(|voter| seats.contains(voter));
        voters.copied().collect()
    }

    /// Those whose word stands against a device, with a seat or without: no head of it has answered them.
    pub fn unanswered(&self, device: &DeviceId) -> Vec<DeviceId> {
        self.voters(device).copied().collect()
    }

    /// The envelopes that certify a device together.
    pub fn certificate(&self, device: &DeviceId, rings: &Rings) -> Vec<&Signed<Accusation>> {
        let voters = self.accusers(device, rings);
        voters
            .iter()
            .filter_map(|voter| self.accusations.get(voter))
            .collect()
    }

    /// Whether anybody names a device silent, with a seat or without.
    pub fn is_accused(&self, device: &DeviceId) -> bool {
        self.accusers.contains_key(device)
    }

    /// Since when somebody names a device silent.
    pub fn doubted_since(&self, device: &DeviceId) -> Option<Instant> {
        self.doubted.get(device).copied()
    }

    /// How many devices anybody names silent.
    pub fn accused(&self) -> usize {
        self.accusers.len()
    }

    pub fn accusation(&self, witness: &DeviceId) -> Option<&Signed<Accusation>> {
        self.accusations.get(witness)
    }

    pub fn accusations(&self) -> impl Iterator<Item = &Signed<Accusation>> {
        self.accusations.values()
    }

    /// The newest head by which a device has answered an accusation.
    pub fn refutation(&self, device: &DeviceId) -> Option<&Signed<Head>> {
        self.heads.get(device)
    }

    /// The newest heads of those whom somebody names.
    pub fn refutations(&self) -> impl Iterator<Item = &Signed<Head>> {
        let named = self.accusers.keys();
        named.filter_map(|device| self.heads.get(device))
    }

    /// Whether an accusation stands beside enough others for any certificate that is not complete without it:
    /// those who pass it on cannot know who still answers, and what they hold back would reach nobody.
    pub fn supports(&self, accusation: &Accusation, rings: &Rings) -> bool {
        let open = accusation.silent.iter();
        let mut open = open.filter(|silent| !self.down.contains(&silent.subject));
        open.any(|silent| {
            let votes = self.accusers(&silent.subject, rings).len();
            let least = quorum::reduced_liveness_quorum(rings.jury(&silent.subject), 0);
            least.is_some_and(|least| votes >= least)
        })
    }

    /// Whether what a witness saw lies so far beyond what was shown that its word counts only with the head.
    pub fn wants_to_see(&self, head: &Head) -> bool {
        let shown = self.heads.get(&head.device);
        shown.is_some_and(|shown| is_beyond(head.position, shown.position))
    }

    /// When a doubt may turn into a certificate although nobody says anything more.
    pub fn next_judgement(&self) -> Option<Instant> {
        self.waiting.first().map(|(at, _)| *at)
    }

    /// Forgets members who left the roster.
    pub fn retain(&mut self, is_member: impl Fn(&DeviceId) -> bool) {
        let gone: Vec<DeviceId> = self
            .accusations
            .keys()
            .filter(|witness| !is_member(witness))
            .copied()
            .collect();
        for witness in gone {
            self.withdraw(&witness);
            self.accusations.remove(&witness);
        }
        self.heads.retain(|device, _| is_member(device));
    }

    fn withdraw(&mut self, witness: &DeviceId) {
        self.withdraw_unless(witness, |_| false);
    }

    /// Takes back what a witness said of all but those of whom it says the same again.
    fn withdraw_unless(&mut self, witness: &DeviceId, says_again: impl Fn(&Silent) -> bool) {
        let before = self.accusations.get(witness);
        let named: Vec<Silent> = before.map_or_else(Vec::new, |before| before.silent.clone());
        for silent in named.iter().filter(|silent| !says_again(silent)) {
            let subject = silent.subject;
            let answering = self.is_answering(&subject);
            let Some(voters) = self.accusers.get_mut(&subject) else {
                continue;
            };
            voters.remove(witness);
            if voters.is_empty() {
                self.accusers.remove(&subject);
                self.doubted.remove(&subject);
            }
            self.open.insert(subject);
            self.reconsider(subject, answering);
        }
    }

    /// Those who name a device silent since a place that it has not passed. One far beyond what was shown of it
    /// anybody can invent: that counts when somebody shows the head itself.
    fn voters(&self, device: &DeviceId) -> impl Iterator<Item = &DeviceId> + '_ {
        let newest = self.heads.get(device).map(|head| head.position);
        let named = self.accusers.get(device).into_iter().flatten();
        named
            .filter(move |(_, last)| newest.is_none_or(|newest| is_open(**last, newest)))
            .map(|(witness, _)| witness)
    }

    /// The witnesses by the roster, and who stands in for those of them that are down; without those
    /// whose rings the device has masked.
    fn seats(&self, device: &DeviceId, rings: &Rings) -> Vec<DeviceId> {
        self.seats_without(device, &self.down, rings)
    }

    fn seats_without(&self, device: &DeviceId, down: &Down, rings: &Rings) -> Vec<DeviceId> {
        let mut seats = rings.witnesses(device);
        let mask = self.heads.get(device).map_or(0, |head| head.ring_mask);
        let masked: Vec<DeviceId> = (seats.iter().enumerate())
            .filter(|(ring, _)| mask & (1 << ring) != 0)
            .map(|(_, witness)| *witness)
            .take(MASKED)
            .collect();
        if !down.is_empty() {
            seats.extend(rings.seats(device, down));
        }
        seats.retain(|seat| !masked.contains(seat));
        seats.sort_unstable();
        seats.dedup();
        seats
    }

    /// Whether few enough name a device silent that it can be thought to be there.
    fn is_answering(&self, device: &DeviceId) -> bool {
        self.voters(device).take(DOUBTED).count() < DOUBTED
    }
}

/// Whether the claim that a device is silent since `last` stands beside a head of it.
fn is_open(last: Option<Position>, shown: Position) -> bool {
    last.is_some_and(|last| last >= shown && !is_beyond(last, shown))
}

/// Whether a claimed place lies so far beyond a shown one that the head has to be shown.
fn is_beyond(claimed: Position, shown: Position) -> bool {
    let within = claimed.incarnation == shown.incarnation
        && claimed.sequence <= shown.sequence.saturating_add(UNSHOWN);
    claimed > shown && !within
}

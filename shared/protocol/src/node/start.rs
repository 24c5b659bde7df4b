//! How an incarnation begins: ask who holds the last head, chain to it, or say that nobody answered.
//!
//! An honest reboot must never sign a second entry for one place. The incarnation rises at every
//! start, and the first head names the newest head that a witness still holds, so that even a
//! restored disk continues its own log instead of forking it. Where most of the others remember the same end
//! as the own disk, that is it. Where they differ, the disk was set back or its device was cut off, and a witness
//! who does not answer may have heard more: then all of them have to. Whoever begins without word of its past
//! leaps ahead, so that no place is used twice that it cannot know of.

use std::collections::BTreeSet;
use std::time::Duration;

use super::save::Memory;
use super::{Deadline, Linked, Node, Notice, Output};
use crate::id::{DeviceId, Digest};
use crate::key::PeerKey;
use crate::message::{Last, Message};
use crate::record::{Flags, Head, Incarnation, Position};
use crate::signed::Signed;
use crate::statement::Statement;
use crate::time::{Instant, Now};

/// How long a starting node waits for anybody who knows its last head.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many times as long where somebody who was linked has not answered and the own disk was set back.
const LONGER: u32 = 3;
/// How long it waits for a second opinion after the first.
const SECOND_OPINION: Duration = Duration::from_millis(500);
/// Starts by which the coordinator's unsigned word may be ahead of what this node knows itself:
/// incarnations never fall, so a lie must not use them up.
const BELIEVABLE: u32 = 1 << 20;
/// Starts that are left out by a node that cannot know which of them it has used: more than it can have
/// had since its disk was copied, and then a number that no second copy draws as well.
const LEAP: (u32, u64) = (1 << 10, 1 << 16);

/// A start that is not complete.
#[derive(Debug)]
pub(super) struct Boot {
    remembered: Option<Incarnation>,
    /// Where the log ends by the own disk, and by those who answered.
    own: Option<Position>,
    newest: Option<Last>,
    answered: BTreeSet<PeerKey>,
    /// Those who are linked and have not answered yet.
    asked: BTreeSet<PeerKey>,
    /// Those who were linked at any time.
    met: BTreeSet<PeerKey>,
    /// Those who knew a head.
    knew: BTreeSet<PeerKey>,
    since: Instant,
    heard: Option<Instant>,
}

/// Those who may know where a log ends: the witnesses and the coordinator.
#[derive(Debug)]
struct Voices {
    coordinator: PeerKey,
    witnesses: Vec<PeerKey>,
}

impl Voices {
    /// More than half of them.
    fn enough(&self) -> usize {
        let all = self.witnesses.len() + 1;
        all / 2 + 1
    }
}

impl Boot {
    pub(super) fn new(memory: &Memory, now: Instant) -> Self {
        let stored = memory.acknowledged.map(|position| position.incarnation);
        Self {
            remembered: memory.incarnation.max(stored),
            own: memory.last.as_ref().map(|(position, _)| *position),
            newest: None,
            answered: BTreeSet::new(),
            asked: BTreeSet::new(),
            met: BTreeSet::new(),
            knew: BTreeSet::new(),
            since: now,
            heard: None,
        }
    }

    fn learn(&mut self, from: PeerKey, last: Option<Last>, now: Instant) {
        self.asked.remove(&from);
        self.answered.insert(from);
        let Some(last) = last else { return };
        self.knew.insert(from);
        self.heard.get_or_insert(now);
        if self
            .newest
            .is_none_or(|newest| newest.position < last.position)
        {
            self.newest = Some(last);
        }
    }

    /// When to begin: as soon as enough have answered, and when no more will.
    fn begins_at(&self, voices: &Voices) -> Instant {
        match self.heard {
            None if self.is_fresh(voices) => self.since,
            Some(heard) if self.is_sure(voices) && !self.is_told_more(voices) => {
                heard + SECOND_OPINION
            }
            Some(heard) => (heard + SECOND_OPINION).max(self.since + self.patience(voices)),
            None => self.since + PATIENCE,
        }
    }

    fn patience(&self, voices: &Voices) -> Duration {
        if self.was_set_back() && self.is_owed(voices) {
            PATIENCE * LONGER
        } else {
            PATIENCE
        }
    }

    fn linked(&self, voices: &Voices) -> Linked {
        match self.newest {
            None if self.is_fresh(voices) => Linked::Fresh,
            Some(_) if self.is_sure(voices) => Linked::Confirmed,
            _ => Linked::Unlinked,
        }
    }

    /// Whether a witness is about to answer: it may be the only one that was on this side of a cut.
    fn is_told_more(&self, voices: &Voices) -> bool {
        let mut witnesses = voices.witnesses.iter();
        witnesses.any(|witness| self.asked.contains(witness))
    }

    /// Whether somebody knows more of the log than the own disk does.
    fn was_set_back(&self) -> bool {
        self.newest
            .is_some_and(|newest| self.own < Some(newest.position))
    }

    /// Whether a witness that was linked has not answered: where two copies take each other's links away, each of them
    /// gets at it after a while.
    fn is_owed(&self, voices: &Voices) -> bool {
        let mut witnesses = voices.witnesses.iter();
        witnesses.any(|peer| self.met.contains(peer) && !self.answered.contains(peer))
    }

    /// Whether nothing was ever signed: an empty disk does not say that, it may be a new one.
    fn is_fresh(&self, voices: &Voices) -> bool {
        let asked = self.answered.contains(&voices.coordinator);
        self.remembered.is_none() && (asked || self.answered.len() >= voices.enough())
    }

    /// Whether what was heard is the end of the own log: so many know a head that one of them holds the newest, and
    /// the own disk ends there too. Neither says it alone. A disk may be from the same older day as those who answer;
    /// and most may be those who missed what this device recorded beyond a cut, before its disk was set back.
    fn is_sure(&self, voices: &Voices) -> bool {
        let ends_there = self.own == self.newest.map(|newest| newest.position);
        let all_answered = || (voices.witnesses.iter()).all(|peer| self.answered.contains(peer));
        self.knew.len() >= voices.enough() && (ends_there || all_answered())
    }
}

impl Node {
    pub(super) fn boot_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let Some(boot) = &self.boot else { return };
        // Without the log that holds its membership a node cannot know whether it ever signed: a lost
        // journal must not begin at a place that was used.
        if self.own_membership().is_none() {
            self.deadlines.set(Deadline::Boot, now.monotonic + PATIENCE);
            return;
        }
        let voices = self.voices();
        let begins_at = boot.begins_at(&voices);
        if now.monotonic < begins_at {
            self.deadlines.set(Deadline::Boot, begins_at);
            return;
        }
        let (linked, newest, remembered) = (boot.linked(&voices), boot.newest, boot.remembered);
        self.boot = None;
        self.begin(remembered, newest, linked, now, out);
    }

    /// A node that began without word of its own past and now hears of it begins again behind it. One
    /// that knew its past hears of somebody else who signs under its key, and does not cover for that.
    pub(super) fn begin_behind(&mut self, last: Last, now: Now, out: &mut Vec<Output>) {
        let newest = self.report.newest();
        if self.boot.is_some() || newest.is_none_or(|newest| newest >= last.position) {
            return;
        }
        if self.report.linked() == Linked::Unlinked {
            let remembered = newest.map(|newest| newest.incarnation);
            self.begin(remembered, Some(last), Linked::Confirmed, now, out);
        } else {
            let position = last.position;
            out.push(Output::Notice(Notice::Doubled { position }));
        }
    }

    /// A clock that was set back begins another incarnation: within one, times never fall.
    pub(super) fn begin_at_another_time(&mut self, now: Now, out: &mut Vec<Output>) {
        let remembered = self.report.newest().map(|newest| newest.incarnation);
        let linked = self.report.linked();
        self.begin(remembered, None, linked, now, out);
    }

    /// Whether this node can have recorded at a place that only the coordinator's word vouches for.
    pub(super) fn is_believable(&self, last: &Last) -> bool {
        let remembered = self.boot.as_ref().and_then(|boot| boot.remembered);
        let newest = self.report.newest().map(|newest| newest.incarnation);
        let known = remembered.max(newest).unwrap_or_default();
        last.position.incarnation.0.saturating_sub(known.0) <= BELIEVABLE
    }

    fn begin(
        &mut self,
        remembered: Option<Incarnation>,
        newest: Option<Last>,
        linked: Linked,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let mut incarnation = self.next_incarnation(remembered, newest);
        if linked == Linked::Unlinked {
            let leap = LEAP.0 + u32::try_from(self.dice.below(LEAP.1)).unwrap_or_default();
            incarnation = Incarnation(incarnation.0.saturating_add(leap));
        }
        if let Some(last) = newest.filter(|last| Some(last.position.incarnation) > remembered) {
            self.give_up_behind(last.position, out);
        }
        self.unsay_the_last();
        let membership = self.own_membership().unwrap_or(Digest::ZERO);
        self.report.begin(incarnation, newest, membership, linked);
        out.push(Output::Notice(Notice::Began {
            incarnation,
            linked,
        }));
        out.push(Output::Save(super::save::Save::Incarnation(incarnation)));
        self.record(Statement::Start(self.host.clone()), Flags::NONE, now, out);
        self.deadlines.set(Deadline::Telemetry, now.monotonic);
        self.say_the_last(now, out);
    }

    /// A witness tells a starting node where its log ends.
    pub(super) fn head_answered(
        &mut self,
        from: PeerKey,
        head: Option<Vec<u8>>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if self.boot.is_none() {
            return;
        }
        let Some(bytes) = head else {
            self.learn_standing(from, None, now);
            return;
        };
        let key = self.identity.signer.public();
        match Signed::<Head>::open(&bytes, &key, self.identity.verifier.as_ref()) {
            Ok(head) if head.device == self.identity.device => {
                let last = Last {
                    position: head.position,
                    digest: head.digest(),
                };
                self.learn_standing(from, Some(last), now);
            }
            _ => self.misbehaved(from, "a head that this node never signed", out),
        }
    }

    pub(super) fn learn_standing(&mut self, from: PeerKey, last: Option<Last>, now: Now) {
        if let Some(boot) = &mut self.boot {
            boot.learn(from, last, now.monotonic);
            self.deadlines.set(Deadline::Boot, now.monotonic);
        }
    }

    /// A new link may know where the log ends.
    pub(super) fn ask_for_head(&mut self, peer: PeerKey, out: &mut Vec<Output>) {
        if self.is_coordinator(peer) {
            return;
        }
        let boot = self.boot.as_mut();
        if let Some(boot) = boot.filter(|boot| !boot.answered.contains(&peer)) {
            boot.asked.insert(peer);
            boot.met.insert(peer);
            out.push(Output::Send {
                to: peer,
                message: Message::HeadRequest,
            });
        }
    }

    /// A link ends before its peer has answered.
    pub(super) fn stop_waiting_for(&mut self, peer: PeerKey, now: Now) {
        let boot = self.boot.as_mut();
        if boot.is_some_and(|boot| boot.asked.remove(&peer)) {
            self.deadlines.set(Deadline::Boot, now.monotonic);
        }
    }

    fn voices(&self) -> Voices {
        let roster = self.ledger.roster();
        let witnesses = roster.rings().witnesses(&self.identity.device).into_iter();
        let heard = witnesses.filter(|witness| !roster.is_convicted(witness));
        Voices {
            coordinator: self.coordinator(),
            witnesses: heard.filter_map(|witness| self.peer(&witness)).collect(),
        }
    }

    fn next_incarnation(
        &self,
        remembered: Option<Incarnation>,
        newest: Option<Last>,
    ) -> Incarnation {
        let device: DeviceId = self.identity.device;
        let member = self.ledger.roster().member(&device);
        let floor = member.map_or(Incarnation::default(), |member| {
            member.membership.incarnation_floor
        });
        let after = |known: Option<Incarnation>| known.map_or(floor, Incarnation::next);
        floor
            .max(after(remembered))
            .max(after(newest.map(|last| last.position.incarnation)))
    }

    /// The first head of all names the membership that allows it.
    fn own_membership(&self) -> Option<Digest> {
        let member = self.ledger.roster().member(&self.identity.device)?;
        Some(member.membership.digest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: u8) -> PeerKey {
        PeerKey([number; 32])
    }

    fn last() -> Last {
        Last {
            position: Position::default(),
            digest: Digest::ZERO,
        }
    }

    /// Found by the swarm: all met again after a cut, most remembered the end that the restored disk had too, and the one who
    /// had heard more was linked and had not answered yet.
    #[test]
    fn whoever_is_asked_is_waited_for_though_most_agree() {
        let voices = Voices {
            coordinator: peer(0),
            witnesses: (1..=4).map(peer).collect(),
        };
        let began = Instant::default();
        let heard = began + Duration::from_millis(100);
        let mut boot = Boot::new(&Memory::default(), began);
        boot.own = Some(last().position);
        boot.asked = (1..=4).map(peer).collect();
        for witness in 1..=3 {
            boot.learn(peer(witness), Some(last()), heard);
        }
        assert_eq!(boot.begins_at(&voices), began + PATIENCE);
        let asked = std::mem::take(&mut boot.asked);
        assert_eq!(boot.begins_at(&voices), heard + SECOND_OPINION);
        boot.asked = asked;
        boot.learn(peer(4), None, heard);
        assert_eq!(boot.begins_at(&voices), heard + SECOND_OPINION);
    }
}

//! The docket: which devices are to be tried and when, how their committees voted, and what that comes to.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use minicbor::{Decode, Encode};

use super::{Sentence, Vote, alike, committee, quorum};
use crate::id::{DeviceId, Digest, Epoch};
use crate::limits;
use crate::roster::Roster;
use crate::signed::Signed;
use crate::suspicion::Kin;
use crate::time::Timestamp;
use crate::unlike;

/// Sittings of one device that are kept though they came to nothing.
const SITTINGS: usize = 2;
/// How long a sentence is remembered after it is over, for the caps of the hour behind it.
const AFTER: Duration = Duration::from_secs(3600);

/// Everybody who was suspected on a ground that can be tried.
#[derive(Debug)]
pub struct Docket {
    cases: BTreeMap<DeviceId, Case>,
    /// How long an epoch is.
    epoch: Duration,
}

#[derive(Debug)]
struct Case {
    summons: Docketed,
    sittings: BTreeMap<Epoch, Sitting>,
}

/// The epochs in which a device was seen suspected, without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Docketed {
    #[n(0)]
    pub subject: DeviceId,
    #[n(1)]
    pub first: Epoch,
    #[n(2)]
    pub last: Epoch,
}

/// One committee, and how it voted.
#[derive(Debug)]
pub struct Sitting {
    committee: Vec<DeviceId>,
    /// The vote of each; two that contradict each other, and it has none.
    votes: BTreeMap<DeviceId, Vec<Signed<Vote>>>,
    sentenced: Option<Timestamp>,
}

/// It is known, comes at the wrong time, or from nobody who was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale;

/// What a vote came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Counted,
    /// With it the device is sentenced.
    Sentences {
        votes: usize,
    },
}

impl Docketed {
    /// The committee of an epoch tries who was suspected in the one before, when its seed was still closed.
    fn is_tried_in(&self, epoch: Epoch) -> bool {
        self.first < epoch && epoch <= self.last.plus(1)
    }

    /// At the turn of an epoch others may have seen it suspected a moment earlier.
    fn is_heard_in(&self, epoch: Epoch) -> bool {
        self.first <= epoch && epoch <= self.last.plus(1)
    }
}

impl Docket {
    pub fn new(epoch: Duration) -> Self {
        Self {
            cases: BTreeMap::new(),
            epoch,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// A device is suspected in this epoch; whether that was to be written down.
    pub fn summon(&mut self, subject: DeviceId, epoch: Epoch) -> bool {
        let fresh = Docketed {
            subject,
            first: epoch,
            last: epoch,
        };
        let full = self.cases.len() >= limits::DOCKET;
        let Some(case) = self.cases.get_mut(&subject) else {
            if !full {
                self.recall(fresh);
            }
            return !full;
        };
        let before = case.summons;
        if epoch > before.last.plus(1) {
            case.summons = fresh;
        } else {
            case.summons.last = before.last.max(epoch);
        }
        case.summons != before
    }

    /// What was written down.
    pub fn recall(&mut self, summons: Docketed) {
        let sittings = BTreeMap::new();
        let case = Case { summons, sittings };
        self.cases.entry(summons.subject).or_insert(case);
    }

    /// Somebody has cleared the device: what was held against it until then is over.
    pub fn strike(&mut self, subject: &DeviceId) -> Option<Vec<Signed<Vote>>> {
        let sittings = self.cases.remove(subject)?.sittings;
        Some(
            sittings
                .into_values()
                .flat_map(Sitting::into_votes)
                .collect(),
        )
    }

    pub fn docketed(&self) -> impl Iterator<Item = Docketed> + '_ {
        self.cases.values().map(|case| case.summons)
    }

    /// Whether a committee of this epoch has the device before it.
    pub fn tries(&self, subject: &DeviceId, epoch: Epoch) -> bool {
        let case = self.cases.get(subject);
        case.is_some_and(|case| case.summons.is_tried_in(epoch))
    }

    /// Takes a checked vote whose draw goes by this seed.
    pub fn take(
        &mut self,
        vote: Signed<Vote>,
        seed: &Digest,
        roster: &Roster,
        now: Timestamp,
    ) -> Result<Taken, Stale> {
        let (subject, epoch) = (vote.subject, vote.opened.epoch);
        let timely = self.is_timely(&vote, now);
        let case = self.cases.get_mut(&subject);
        let heard = case.filter(|case| timely && case.summons.is_heard_in(epoch));
        let case = heard.ok_or(Stale)?;
        let sitting = match case.sittings.entry(epoch) {
            Entry::Occupied(sitting) => sitting.into_mut(),
            Entry::Vacant(sitting) => {
                let committee = committee(seed, &subject, roster).ok_or(Stale)?;
                sitting.insert(Sitting::of(committee))
            }
        };
        let before = sitting.sentenced;
        sitting.take(vote)?;
        sitting.sentenced = sitting.sentence(roster);
        Ok(match (before, sitting.sentenced) {
            (None, Some(_)) => Taken::Sentences {
                votes: sitting.against(),
            },
            _ => Taken::Counted,
        })
    }

    /// Votes are cast from when the seed may be open until its epoch is over, give or take what clocks differ.
    fn is_timely(&self, vote: &Vote, now: Timestamp) -> bool {
        let begins = vote.opened.epoch.begins(self.epoch);
        let opens = begins.saturating_sub(self.epoch / 6 + limits::CLOCK_AHEAD);
        let ends = begins.saturating_add(self.epoch + limits::CLOCK_AHEAD);
        let latest = now.saturating_add(limits::CLOCK_AHEAD).min(ends);
        (opens..=latest).contains(&vote.time)
    }

    /// What committees have come to, in the order in which they did.
    pub fn sentences(&self) -> Vec<Sentence> {
        let cases = self.cases.iter();
        let mut sentences: Vec<Sentence> = cases
            .flat_map(|(subject, case)| {
                let sittings = case.sittings.iter();
                sittings.filter_map(|(epoch, sitting)| {
                    Some(Sentence {
                        since: sitting.sentenced?,
                        subject: *subject,
                        epoch: *epoch,
                    })
                })
            })
            .collect();
        sentences.sort_unstable();
        sentences
    }

    /// The committees that had a device before them, the latest last.
    pub fn sittings(&self, subject: &DeviceId) -> impl Iterator<Item = (Epoch, &Sitting)> {
        let case = self.cases.get(subject).into_iter();
        case.flat_map(|case| {
            case.sittings
                .iter()
                .map(|(epoch, sitting)| (*epoch, sitting))
        })
    }

    pub fn sitting(&self, subject: &DeviceId, epoch: Epoch) -> Option<&Sitting> {
        self.cases.get(subject)?.sittings.get(&epoch)
    }

    /// Every vote that is held.
    pub fn votes(&self) -> impl Iterator<Item = &Signed<Vote>> {
        let sittings = self.cases.values().flat_map(|case| case.sittings.values());
        sittings.flat_map(|sitting| sitting.votes.values().flatten())
    }

    /// Forgets what is over; returns the votes of which nobody needs to be told any more.
    pub fn prune(&mut self, epoch: Epoch, now: Timestamp) -> Vec<Signed<Vote>> {
        let mut gone = Vec::new();
        for case in self.cases.values_mut() {
            let newest: Vec<Epoch> = case.sittings.keys().rev().take(SITTINGS).copied().collect();
            let over: Vec<Epoch> = case
                .sittings
                .iter()
                .filter(|(of, sitting)| match sitting.sentenced {
                    Some(since) => now >= since.saturating_add(limits::QUARANTINE + AFTER),
                    None => !newest.contains(of),
                })
                .map(|(of, _)| *of)
                .collect();
            let over = over.into_iter().filter_map(|of| case.sittings.remove(&of));
            gone.extend(over.flat_map(Sitting::into_votes));
        }
        self.cases.retain(|_, case| {
            let open = case.summons.last.plus(SITTINGS as u32) >= epoch;
            let sentenced = case.sittings.values().any(|one| one.sentenced.is_some());
            if !open && !sentenced {
                let sittings = std::mem::take(&mut case.sittings);
                gone.extend(sittings.into_values().flat_map(Sitting::into_votes));
            }
            open || sentenced
        });
        gone
    }
}

impl Sitting {
    fn of(committee: Vec<DeviceId>) -> Self {
        Self {
            committee,
            votes: BTreeMap::new(),
            sentenced: None,
        }
    }

    fn into_votes(self) -> impl Iterator<Item = Signed<Vote>> {
        self.votes.into_values().flatten()
    }

    fn take(&mut self, vote: Signed<Vote>) -> Result<(), Stale> {
        if !self.committee.contains(&vote.member) {
            return Err(Stale);
        }
        let cast = self.votes.entry(vote.member).or_default();
        if cast.len() > 1 || cast.iter().any(|known| known.digest() == vote.digest()) {
            return Err(Stale);
        }
        cast.push(vote);
        Ok(())
    }

    /// Those who were drawn, in the order of the draw.
    pub fn committee(&self) -> &[DeviceId] {
        &self.committee
    }

    /// The vote of a member; none of one who has cast two.
    pub fn vote(&self, member: &DeviceId) -> Option<&Signed<Vote>> {
        match self.votes.get(member)?.as_slice() {
            [vote] => Some(vote),
            _ => None,
        }
    }

    /// Votes for a quarantine, however alike they are.
    pub fn against(&self) -> usize {
        let votes = self.committee.iter().filter_map(|member| self.vote(member));
        votes.filter(|vote| vote.finding.is_against()).count()
    }

    /// When enough had voted for a quarantine.
    pub fn sentenced(&self) -> Option<Timestamp> {
        self.sentenced
    }

    /// The moment of the vote with which there were enough, of which not too many are alike.
    fn sentence(&self, roster: &Roster) -> Option<Timestamp> {
        let cast = self.committee.iter().filter_map(|member| self.vote(member));
        let counts =
            |vote: &&Signed<Vote>| vote.finding.is_against() && !roster.is_convicted(&vote.member);
        let mut against: Vec<(Timestamp, DeviceId, Kin)> = cast
            .filter(counts)
            .map(|vote| (vote.time, vote.member, vote.kin))
            .collect();
        against.sort_unstable();
        let enough = |votes: &usize| {
            let voters = against[..*votes].iter();
            let voters: Vec<_> = voters
                .map(|(_, member, kin)| (*member, Some(*kin)))
                .collect();
            unlike::most(&voters, roster, alike()) >= quorum()
        };
        let votes = (quorum()..=against.len()).find(enough)?;
        against[..votes].last().map(|(time, _, _)| *time)
    }
}

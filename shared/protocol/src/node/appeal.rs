//! Appeals at a node: whom it saw suspected, whom it tries as one of a committee, and what it concludes from all votes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::save::{Memory, Save};
use super::trial::Trial;
use super::{Deadline, Node, Notice, Output};
use crate::alert::{Alarm, Matter};
use crate::appeal::{
    Automation, Brake, Docket, Docketed, Effect, Finding, Taken, Vote, VoteError, committee,
    may_automate,
};
use crate::beacon::Opened;
use crate::cbor;
use crate::evidence::Evidence;
use crate::id::{DeviceId, Digest, Epoch};
use crate::limits;
use crate::signed::Signed;
use crate::suspicion::Kin;
use crate::time::Now;

/// How often a node with a docket looks at it.
const LOOK: Duration = Duration::from_secs(5);
/// Members begin within this time, so that not all of them dial at once.
const SPREAD: Duration = Duration::from_secs(30);
/// Members that voted for the sentence that was one too many who raise the alert: two of them may lie or be gone.
const HERALDS: usize = 3;

/// What this node knows of appeals.
#[derive(Debug)]
pub(super) struct Appeals {
    pub(super) docket: Docket,
    pub(super) trials: BTreeMap<DeviceId, Trial>,
    effect: Effect,
    /// This node's own votes, by whom they are about.
    own: BTreeMap<(DeviceId, Epoch), Signed<Vote>>,
    /// Committees for which it was not drawn.
    not_drawn: BTreeSet<(DeviceId, Epoch)>,
}

/// What a node writes down of appeals: whom it saw suspected, and how it voted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Kept {
    #[n(0)]
    docket: Vec<Docketed>,
    #[n(1)]
    votes: Vec<ByteVec>,
}

impl Appeals {
    pub(super) fn new(epoch: Duration) -> Self {
        Self {
            docket: Docket::new(epoch),
            trials: BTreeMap::new(),
            effect: Effect::default(),
            own: BTreeMap::new(),
            not_drawn: BTreeSet::new(),
        }
    }
}

impl Node {
    /// Which devices are to be tried, and how their committees voted.
    pub fn docket(&self) -> &Docket {
        &self.appeals.docket
    }

    /// The secret that was opened last, and so draws the committees that sit or will sit.
    pub fn opened_last(&self) -> Option<&Opened> {
        let seeds = self.beacon.seeds();
        seeds.opened(seeds.newest_open()?)
    }

    /// The seed that a secret opens, if it was dealt.
    pub fn seed_of(&self, opened: &Opened) -> Option<Digest> {
        self.beacon.seeds().seed(opened)
    }

    /// What sentences come to.
    pub fn effect(&self) -> &Effect {
        &self.appeals.effect
    }

    /// Whether anything is automated at this moment, and why not.
    pub fn automation(&self, now: Now) -> Automation {
        let roster = self.ledger.roster();
        Automation::of(roster, self.rotation(), &self.appeals.effect, now.wall)
    }

    /// A member who signed a vote does not vote again because it lost its power.
    pub(super) fn recall_appeals(&mut self, memory: &Memory, now: Now, out: &mut Vec<Output>) {
        let bytes = memory.appeals.as_deref().unwrap_or_default();
        let kept: Kept =
            cbor::decode("kept appeals", limits::FRAME_BYTES, bytes).unwrap_or_default();
        for summons in kept.docket.into_iter().take(limits::DOCKET) {
            self.appeals.docket.recall(summons);
        }
        for vote in kept.votes {
            let own = Signed::<Vote>::open(
                &vote,
                &self.identity.signer.public(),
                self.identity.verifier.as_ref(),
            );
            let Ok(own) = own else { continue };
            let piece = Evidence::from(&own);
            let place = (own.subject, own.opened.epoch);
            self.appeals.own.insert(place, own);
            if let Ok(Some(piece)) = self.take_vote(piece, now, out) {
                self.spread(vec![piece], None, now, out);
            }
        }
        self.plan_appeals(now);
    }

    /// Reports have changed: whoever is suspected on a ground that can be tried goes on the docket.
    pub(super) fn summon<'d>(
        &mut self,
        concerned: impl Iterator<Item = &'d DeviceId>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if self.ledger.roster().charter().automate.is_empty() {
            return;
        }
        let (epoch, _) = self.epoch_at(now);
        let suspected = concerned.filter(|device| self.is_triable(device));
        let suspected: Vec<DeviceId> = suspected.copied().collect();
        let docket = &mut self.appeals.docket;
        let news = suspected
            .into_iter()
            .fold(false, |news, device| docket.summon(device, epoch) | news);
        if news {
            self.save_appeals(out);
            self.plan_appeals(now);
        }
    }

    /// Whether enough witnesses suspect a device on such grounds, and have seen more since it was last cleared.
    fn is_triable(&self, device: &DeviceId) -> bool {
        let roster = self.ledger.roster();
        let cleared = self.rulings.cleared(device);
        let case = self.suspicion.case_of(device, roster, |suspect| {
            suspect.ground.is_triable() && cleared.is_none_or(|cleared| suspect.since > cleared)
        });
        case.is_suspected() && may_automate(device, roster)
    }

    /// Looks at the docket: begins trials, goes on with them, votes, and forgets what is over.
    pub(super) fn appeal_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let docketed: Vec<DeviceId> = self
            .appeals
            .docket
            .docketed()
            .map(|summons| summons.subject)
            .collect();
        self.summon(docketed.iter(), now, out);
        self.begin_trials(now);
        self.drive_trials(now, out);
        let (epoch, _) = self.epoch_at(now);
        for vote in self.appeals.docket.prune(epoch, now.wall) {
            self.gossip.forget(&Evidence::from(&vote).id());
        }
        let appeals = &mut self.appeals;
        let docket = &appeals.docket;
        appeals
            .own
            .retain(|(subject, of), _| docket.sitting(subject, *of).is_some());
        appeals.not_drawn.retain(|(_, of)| *of >= epoch);
        self.weigh_sentences(now, out);
        self.plan_appeals(now);
    }

    fn plan_appeals(&mut self, now: Now) {
        if !self.appeals.docket.is_empty() {
            self.deadlines
                .hasten(Deadline::Appeal, now.monotonic + LOOK);
        }
    }

    /// This node sits on the committees that the open seeds have drawn it for.
    fn begin_trials(&mut self, now: Now) {
        if self.boot.is_some() {
            return;
        }
        let (epoch, _) = self.epoch_at(now);
        for epoch in [epoch, epoch.plus(1)] {
            let docketed = self.appeals.docket.docketed();
            let subjects: Vec<DeviceId> = docketed
                .map(|summons| summons.subject)
                .filter(|subject| self.is_open(subject, epoch, now))
                .collect();
            for subject in subjects {
                if self.is_drawn(&subject, epoch) {
                    let spread = u64::try_from(SPREAD.as_millis()).unwrap_or(u64::MAX);
                    let begins = now.monotonic + Duration::from_millis(self.dice.below(1 + spread));
                    let trial = Trial::new(epoch, begins);
                    self.appeals.trials.insert(subject, trial);
                } else {
                    self.appeals.not_drawn.insert((subject, epoch));
                }
            }
        }
    }

    /// Whether a committee of this epoch tries the device, of which this node may be a member.
    fn is_open(&self, subject: &DeviceId, epoch: Epoch, now: Now) -> bool {
        let (appeals, place) = (&self.appeals, (*subject, epoch));
        let done = appeals.own.contains_key(&place) || appeals.not_drawn.contains(&place);
        let running = appeals.trials.contains_key(subject);
        let open = self.beacon.seeds().is_open(epoch) && appeals.docket.tries(subject, epoch);
        open && !done && !running && !self.is_held(subject, now)
    }

    fn is_drawn(&self, subject: &DeviceId, epoch: Epoch) -> bool {
        let (roster, me) = (self.ledger.roster(), &self.identity.device);
        let open = self.beacon.seeds().open(epoch);
        let drawn = open.and_then(|(_, seed)| committee(seed, subject, roster));
        drawn.is_some_and(|drawn| drawn.contains(me))
    }

    /// Signs what this member found, saved before anybody hears of it.
    pub(super) fn vote(
        &mut self,
        subject: DeviceId,
        epoch: Epoch,
        finding: Finding,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some((opened, _)) = self.beacon.seeds().open(epoch) else {
            return;
        };
        let opened = opened.clone();
        let vote = Vote {
            member: self.identity.device,
            subject,
            opened,
            time: now.wall,
            kin: Kin::of(&self.host),
            finding,
        };
        let vote = Signed::seal(vote, self.identity.signer.as_ref());
        let piece = Evidence::from(&vote);
        self.appeals.own.insert((subject, epoch), vote);
        self.save_appeals(out);
        out.push(Output::Notice(Notice::Tried {
            device: subject,
            finding,
        }));
        if let Ok(Some(piece)) = self.take_vote(piece, now, out) {
            self.spread(vec![piece], None, now, out);
        }
    }

    fn save_appeals(&self, out: &mut Vec<Output>) {
        let votes = self.appeals.own.values();
        let kept = Kept {
            docket: self.appeals.docket.docketed().collect(),
            votes: votes.map(|vote| vote.bytes().to_vec().into()).collect(),
        };
        out.push(Output::Save(Save::Appeals(cbor::encode(&kept))));
    }

    /// Checks a vote; what is returned is news that may be passed on.
    pub(super) fn take_vote(
        &mut self,
        piece: Evidence,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Option<Evidence>, &'static str> {
        let Evidence::Vote(bytes) = &piece else {
            return Ok(None);
        };
        let roster = self.ledger.roster();
        let vote = match Vote::open(bytes, roster, self.identity.verifier.as_ref()) {
            Ok(vote) => vote,
            Err(VoteError::Stranger) => return Ok(None),
            Err(VoteError::Unreadable) => return Err("a vote that cannot be read"),
            Err(VoteError::Unsigned) => return Err("a vote that does not check"),
        };
        // Its dealing may be on its way.
        let Some(seed) = self.beacon.seeds().seed(&vote.opened) else {
            return Ok(None);
        };
        let (subject, roster) = (vote.subject, std::sync::Arc::clone(roster));
        let Ok(taken) = self.appeals.docket.take(vote, &seed, &roster, now.wall) else {
            return Ok(None);
        };
        self.weigh_sentences(now, out);
        if let Taken::Sentences { votes } = taken {
            out.push(Output::Notice(Notice::Sentenced {
                device: subject,
                votes,
                spared: self.appeals.effect.spared(&subject),
            }));
        }
        Ok(Some(piece))
    }

    /// Somebody has cleared a device: it is tried again on what is seen of it from here on, and not before.
    pub(super) fn cleared_by_ruling(&mut self, device: &DeviceId, now: Now, out: &mut Vec<Output>) {
        let Some(struck) = self.appeals.docket.strike(device) else {
            return;
        };
        for vote in &struck {
            self.gossip.forget(&Evidence::from(vote).id());
        }
        self.appeals.trials.remove(device);
        self.appeals.own.retain(|(subject, _), _| subject != device);
        self.save_appeals(out);
        self.weigh_sentences(now, out);
    }

    /// What all sentences come to, whenever something has changed that bears on it.
    pub(super) fn weigh_sentences(&mut self, now: Now, out: &mut Vec<Output>) {
        let sentences = self.appeals.docket.sentences();
        if sentences.is_empty() && self.appeals.effect == Effect::default() {
            return;
        }
        let effect = Effect::of(sentences, &self.rulings, self.ledger.roster());
        let brake = effect.brake().cloned();
        let news = brake.filter(|brake| self.appeals.effect.brake() != Some(brake));
        self.appeals.effect = effect;
        if let Some(brake) = news {
            self.say_that_automation_stopped(&brake, now, out);
        }
    }

    fn say_that_automation_stopped(&mut self, brake: &Brake, now: Now, out: &mut Vec<Output>) {
        out.push(Output::Notice(Notice::Braked {
            cell: brake.cell.clone(),
        }));
        let me = &self.identity.device;
        let sitting = self
            .appeals
            .docket
            .sitting(&brake.by.subject, brake.by.epoch);
        let is_herald = sitting.is_some_and(|sitting| {
            let voted = sitting.committee().iter().filter(|member| {
                let vote = sitting.vote(member);
                vote.is_some_and(|vote| vote.finding.is_against())
            });
            voted.take(HERALDS).any(|member| member == me)
        });
        if is_herald {
            let alarm = Alarm {
                subject: brake.by.subject,
                matter: Matter::AutomationStopped {
                    cell: brake.cell.clone(),
                },
            };
            self.raise(alarm, now, out);
        }
    }
}

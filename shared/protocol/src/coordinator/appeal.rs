//! Appeals at the coordinator: it hears the votes, draws the conclusion that everybody draws, and has none itself.

use super::save::Save;
use super::{Coordinator, Event, Output};
use crate::appeal::{Automation, Docket, Docketed, Effect, Taken, Vote, may_automate};
use crate::id::{DeviceId, Epoch};
use crate::signed::Signed;
use crate::time::{Now, Timestamp};

/// What the coordinator knows of appeals.
#[derive(Debug)]
pub(super) struct Appeals {
    docket: Docket,
    effect: Effect,
}

impl Appeals {
    pub(super) fn new(epoch: std::time::Duration) -> Self {
        Self {
            docket: Docket::new(epoch),
            effect: Effect::default(),
        }
    }
}

impl Coordinator {
    /// Which devices are to be tried, and how their committees voted.
    pub fn docket(&self) -> &Docket {
        &self.appeals.docket
    }

    /// What sentences come to.
    pub fn effect(&self) -> &Effect {
        &self.appeals.effect
    }

    /// Whether anything is automated at this moment, and why not.
    pub fn automation(&self, now: Timestamp) -> Automation {
        Automation::of(&self.roster, self.rotation(), &self.appeals.effect, now)
    }

    /// What the store holds was counted before: whoever was voted on then was suspected.
    pub(super) fn recall_votes(&mut self, votes: &[Vec<u8>], now: Now) {
        for bytes in votes {
            let opened = Vote::open(bytes, &self.roster, self.offices.verifier.as_ref());
            let Ok(vote) = opened else { continue };
            let Some(seed) = self.beacon.seeds().seed(&vote.opened) else {
                continue;
            };
            let epoch = vote.opened.epoch;
            self.appeals.docket.recall(Docketed {
                subject: vote.subject,
                first: epoch,
                last: epoch,
            });
            self.appeals.docket.summon(vote.subject, epoch);
            // What is too old by now was for the pages of its day.
            let taken = self
                .appeals
                .docket
                .take(vote, &seed, &self.roster, now.wall);
            taken.ok();
        }
        self.weigh_sentences(&mut Vec::new());
    }

    /// Reports have changed, or time has gone on: whoever is suspected on a ground that can be tried is on the docket.
    pub(super) fn summon(&mut self, concerned: &[DeviceId], now: Now) {
        if self.roster.charter().automate.is_empty() {
            return;
        }
        let (epoch, _) = Epoch::at(now.wall, self.config.epoch);
        for device in concerned {
            let cleared = self.rulings.cleared(device);
            let case = self.suspicion.case_of(device, &self.roster, |suspect| {
                suspect.ground.is_triable() && cleared.is_none_or(|cleared| suspect.since > cleared)
            });
            if case.is_suspected() && may_automate(device, &self.roster) {
                self.appeals.docket.summon(*device, epoch);
            }
        }
    }

    /// Somebody brings a vote.
    pub(super) fn take_vote(&mut self, bytes: &[u8], now: Now, out: &mut Vec<Output>) {
        let opened = Vote::open(bytes, &self.roster, self.offices.verifier.as_ref());
        let Some(vote) = opened
            .ok()
            .filter(|vote| !self.roster.is_convicted(&vote.member))
        else {
            return;
        };
        let Some(seed) = self.beacon.seeds().seed(&vote.opened) else {
            return;
        };
        let save = Self::save_vote(&vote);
        let device = vote.subject;
        let taken = self
            .appeals
            .docket
            .take(vote, &seed, &self.roster, now.wall);
        let Ok(taken) = taken else { return };
        out.push(Output::Save(save));
        self.weigh_sentences(out);
        if let Taken::Sentences { votes } = taken {
            out.push(Output::Event(Event::Sentenced {
                device,
                votes,
                spared: self.appeals.effect.spared(&device),
            }));
        }
    }

    fn save_vote(vote: &Signed<Vote>) -> Save {
        Save::Vote {
            subject: vote.subject,
            epoch: vote.opened.epoch,
            member: vote.member,
            vote: vote.bytes().to_vec(),
        }
    }

    /// Those who are on the docket stay there while they are suspected; what is over is forgotten.
    pub(super) fn appeals_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let docketed = self.appeals.docket.docketed();
        let docketed: Vec<DeviceId> = docketed.map(|summons| summons.subject).collect();
        self.summon(&docketed, now);
        let (epoch, _) = Epoch::at(now.wall, self.config.epoch);
        self.appeals.docket.prune(epoch, now.wall);
        self.weigh_sentences(out);
    }

    /// A ruling was taken: what was held against a device that is cleared is over.
    pub(super) fn ruled_on(&mut self, device: &DeviceId, out: &mut Vec<Output>) {
        let cleared = self.rulings.cleared(device).is_some();
        if cleared {
            self.appeals.docket.strike(device);
        }
        self.weigh_sentences(out);
    }

    fn weigh_sentences(&mut self, out: &mut Vec<Output>) {
        let sentences = self.appeals.docket.sentences();
        let effect = Effect::of(sentences, &self.rulings, &self.roster);
        let brake = effect.brake();
        let news = brake.filter(|brake| self.appeals.effect.brake() != Some(brake));
        if let Some(brake) = news {
            let cell = brake.cell.clone();
            out.push(Output::Event(Event::Braked { cell }));
        }
        self.appeals.effect = effect;
    }
}

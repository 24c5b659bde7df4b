//! A trial: one member of a committee challenges a device over a link of its own, and looks at what comes.

use std::time::Duration;

use super::{Deadline, Node, Output};
use crate::appeal::Finding;
use crate::id::{DeviceId, Epoch};
use crate::key::PeerKey;
use crate::message::Message;
use crate::record::Position;
use crate::suspicion::Ground;
use crate::time::{Instant, Now};

/// How long a member looks.
const LASTS: Duration = Duration::from_secs(60);
/// Between two challenges.
const PAUSE: Duration = Duration::from_secs(10);
/// Answers that show that the device signs as it is asked: one head alone may be a recording.
const ANSWERS: u32 = 2;
/// Sightings within a trial that are no accident.
const SIGHTINGS: u32 = 3;

/// What this member saw so far.
#[derive(Debug)]
pub(super) struct Trial {
    epoch: Epoch,
    begins: Instant,
    challenged: Option<Instant>,
    newest: Option<Position>,
    answers: u32,
    garbage: u32,
    replays: u32,
}

impl Trial {
    pub(super) fn new(epoch: Epoch, begins: Instant) -> Self {
        Self {
            epoch,
            begins,
            challenged: None,
            newest: None,
            answers: 0,
            garbage: 0,
            replays: 0,
        }
    }

    fn runs(&self, now: Instant) -> bool {
        self.begins <= now && now < self.begins + LASTS
    }

    fn shown(&mut self, position: Position) {
        match self.newest {
            Some(newest) if position < newest => self.replays += 1,
            Some(newest) if position == newest => {}
            _ => {
                self.newest = Some(position);
                self.answers += 1;
            }
        }
    }

    fn finding(&self) -> Finding {
        if self.garbage >= SIGHTINGS {
            Finding::Saw(Ground::Garbage)
        } else if self.replays >= SIGHTINGS {
            Finding::Saw(Ground::Replay)
        } else if self.answers >= ANSWERS {
            Finding::Answered
        } else {
            Finding::Unreached
        }
    }
}

impl Node {
    /// Wants a link to each device on trial, challenges it, and votes when the time is over.
    pub(super) fn drive_trials(&mut self, now: Now, out: &mut Vec<Output>) {
        let (epoch, _) = self.epoch_at(now);
        let at = now.monotonic;
        let subjects: Vec<DeviceId> = self.appeals.trials.keys().copied().collect();
        for subject in subjects {
            let Some(peer) = self.peer(&subject) else {
                self.appeals.trials.remove(&subject);
                continue;
            };
            self.challenge(subject, peer, now, out);
            let over = |trial: &Trial| at >= trial.begins + LASTS;
            let Some(trial) = self.appeals.trials.remove(&subject) else {
                continue;
            };
            if !over(&trial) {
                self.appeals.trials.insert(subject, trial);
            } else if trial.epoch >= epoch {
                self.vote(subject, trial.epoch, trial.finding(), now, out);
            }
        }
    }

    fn challenge(&mut self, subject: DeviceId, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        let at = now.monotonic;
        let Some(trial) = self.appeals.trials.get_mut(&subject) else {
            return;
        };
        if !trial.runs(at) {
            return;
        }
        self.doubts.pool(peer, at);
        let due = trial.challenged.is_none_or(|last| at.since(last) >= PAUSE);
        if !self.links.is_up(peer) {
            self.deadlines.hasten(Deadline::Links, at);
        } else if due {
            trial.challenged = Some(at);
            self.ask(subject, Message::Challenge, out);
        }
    }

    /// The device on trial shows a head that it signed.
    pub(super) fn tried_by_head(&mut self, subject: &DeviceId, position: Position, now: Now) {
        let trial = self.appeals.trials.get_mut(subject);
        if let Some(trial) = trial.filter(|trial| trial.runs(now.monotonic)) {
            trial.shown(position);
        }
    }

    /// The device on trial has sent what no honest program makes.
    pub(super) fn tried_by_garbage(&mut self, subject: &DeviceId, now: Now) {
        let trial = self.appeals.trials.get_mut(subject);
        if let Some(trial) = trial.filter(|trial| trial.runs(now.monotonic)) {
            trial.garbage += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Incarnation;

    fn trial(sequences: &[u32], garbage: u32) -> Finding {
        let mut trial = Trial::new(Epoch::FROZEN, Instant::default());
        for &sequence in sequences {
            trial.shown(Position {
                incarnation: Incarnation(1),
                sequence,
            });
        }
        trial.garbage = garbage;
        trial.finding()
    }

    #[test]
    fn fresh_heads_are_an_answer_and_one_head_again_and_again_is_none() {
        assert_eq!(trial(&[4, 5], 0), Finding::Answered);
        assert_eq!(trial(&[4, 4, 4, 4], 0), Finding::Unreached);
        assert_eq!(trial(&[], 0), Finding::Unreached);
    }

    #[test]
    fn what_is_wrong_three_times_is_seen_and_twice_is_an_accident() {
        assert_eq!(trial(&[9, 1, 2, 10], 0), Finding::Answered);
        assert_eq!(trial(&[9, 1, 2, 1], 0), Finding::Saw(Ground::Replay));
        assert_eq!(trial(&[9, 10], 2), Finding::Answered);
        assert_eq!(trial(&[9, 10], 3), Finding::Saw(Ground::Garbage));
    }
}

//! What people say to a rollout, and what may be said when.

use thiserror::Error;

use super::{Approval, Candidate, Output, Progress, Rollout, Stage, Standing};
use crate::text::Name;
use crate::time::Timestamp;

/// What a person wants of a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Approve,
    Start,
    Pause,
    Resume,
    Abort,
    RollBack,
}

/// Why a word changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Objection {
    #[error("the rollout is {0}: it cannot be told to {1}")]
    Stage(&'static str, &'static str),
    #[error("nobody else has to agree to this rollout")]
    NotAsked,
    #[error("{0} has agreed to it already")]
    Approved(Name),
    #[error("somebody else than {0}, who asked for the rollout, has to agree")]
    SamePerson(Name),
    #[error("a second person has to agree first")]
    Unapproved,
}

impl Word {
    pub const ALL: [Self; 6] = [
        Self::Approve,
        Self::Start,
        Self::Pause,
        Self::Resume,
        Self::Abort,
        Self::RollBack,
    ];

    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Abort => "abort",
            Self::RollBack => "roll-back",
        }
    }
}

impl Rollout {
    /// Whether this person may say this now.
    pub fn judge(&self, word: Word, by: &Name) -> Result<(), Objection> {
        let stage = &self.course.stage;
        let fits = match word {
            Word::Approve | Word::Start => *stage == Stage::Planned,
            Word::Pause => *stage == Stage::Running,
            Word::Resume => matches!(stage, Stage::Paused | Stage::Halted(_)),
            Word::Abort => !stage.is_over(),
            Word::RollBack => !matches!(stage, Stage::Planned | Stage::RolledBack),
        };
        if !fits {
            return Err(Objection::Stage(stage.word(), word.word()));
        }
        match word {
            Word::Approve => self.judge_approval(by),
            Word::Start if self.lacks_approval() => Err(Objection::Unapproved),
            _ => Ok(()),
        }
    }

    /// Whether a second person has to agree before it can start.
    pub fn lacks_approval(&self) -> bool {
        self.course.plan.approval == Approval::Second && self.course.approved.is_none()
    }

    fn judge_approval(&self, by: &Name) -> Result<(), Objection> {
        let plan = &self.course.plan;
        match &self.course.approved {
            _ if plan.approval == Approval::None => Err(Objection::NotAsked),
            Some(who) => Err(Objection::Approved(who.clone())),
            None if *by == plan.by => Err(Objection::SamePerson(by.clone())),
            None => Ok(()),
        }
    }

    /// Whether a word fits the moment, whoever says it.
    fn may(&self, word: Word) -> bool {
        self.judge(word, &self.course.plan.by).is_ok()
    }

    pub(super) fn approve(&mut self, by: Name, out: &mut Vec<Output>) {
        if self.judge(Word::Approve, &by).is_ok() {
            self.course.approved = Some(by);
            self.save(out);
        }
    }

    pub(super) fn start(&mut self, fleet: &[Candidate], now: Timestamp, out: &mut Vec<Output>) {
        if !self.may(Word::Start) {
            return;
        }
        self.course.stage = Stage::Running;
        self.save(out);
        self.draw(fleet, out);
        self.order_waiting(now, out);
        self.settle(now, out);
    }

    pub(super) fn pause(&mut self, out: &mut Vec<Output>) {
        if self.may(Word::Pause) {
            self.course.stage = Stage::Paused;
            self.save(out);
        }
    }

    pub(super) fn resume(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        if !self.may(Word::Resume) {
            return;
        }
        let was_halted = matches!(self.course.stage, Stage::Halted(_));
        if was_halted {
            self.pardon();
        }
        self.course.stage = Stage::Running;
        self.save(out);
        if was_halted {
            out.push(Output::Stand(Standing::Lifted));
        }
        self.order_waiting(now, out);
        self.settle(now, out);
    }

    pub(super) fn abort(&mut self, out: &mut Vec<Output>) {
        if self.may(Word::Abort) {
            self.course.stage = Stage::Aborted;
            self.save(out);
        }
    }

    pub(super) fn roll_back(&mut self, out: &mut Vec<Output>) {
        if self.may(Word::RollBack) {
            self.course.stage = Stage::RolledBack;
            self.save(out);
            out.push(Output::Stand(Standing::Halted));
        }
    }

    /// Those whom going back does not reach: they have committed, their floor is the counter of this image, and what
    /// they ran before is below it.
    pub fn kept(&self) -> usize {
        let entries = self.entries.values();
        entries
            .filter(|entry| entry.progress == Progress::Committed)
            .count()
    }
}

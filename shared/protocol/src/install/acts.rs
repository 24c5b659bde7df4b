//! Acts that are being done, how long each may take, and what is tried again.

use std::time::Duration;

use super::{Act, Deadline, Ending, Install, Mishap, Output, Reason, State};
use crate::time::Now;

/// What is being done, and how often in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doing {
    pub act: Act,
    tries: u32,
}

/// The longest pause before what must be done is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// After this an act counts as hung. Fetching waits for neighbours, the others for a disk or a program.
const fn patience(act: Act) -> Duration {
    Duration::from_secs(match act {
        Act::Verify => 600,
        Act::Fetch => 7 * 86_400,
        Act::Stage => 3_600,
        Act::Switch | Act::RollBack => 300,
        Act::Check => 30,
        Act::Commit => 120,
    })
}

impl Install {
    pub(super) fn begin(&mut self, act: Act, now: Now, out: &mut Vec<Output>) {
        let before = self.doing.filter(|doing| doing.act == act);
        let tries = before.map_or(0, |doing| doing.tries.saturating_add(1));
        self.doing = Some(Doing { act, tries });
        self.deadlines
            .set(Deadline::Act, now.monotonic + patience(act));
        out.push(Output::Act(act));
    }

    pub(super) fn is_doing(&self, act: Act) -> bool {
        self.doing.is_some_and(|doing| doing.act == act)
    }

    /// Whether this is the act that is being done; it no longer is.
    pub(super) fn ends(&mut self, act: Act) -> bool {
        if !self.is_doing(act) {
            return false;
        }
        self.doing = None;
        self.deadlines.clear(Deadline::Act);
        true
    }

    pub(super) fn failed(&mut self, act: Act, mishap: Mishap, now: Now, out: &mut Vec<Output>) {
        let reason = match act {
            Act::Check => Reason::Unhealthy,
            act => Reason::Failed(act, mishap),
        };
        if self.is_doing(act) {
            self.ended_badly(act, reason, now, out);
        }
    }

    pub(super) fn hung(&mut self, now: Now, out: &mut Vec<Output>) {
        if let Some(doing) = self.doing {
            self.ended_badly(doing.act, Reason::Hung(doing.act), now, out);
        }
    }

    fn ended_badly(&mut self, act: Act, reason: Reason, now: Now, out: &mut Vec<Output>) {
        self.deadlines.clear(Deadline::Act);
        match act {
            Act::Commit | Act::RollBack => self.pause(now),
            _ => self.give_up(reason, now, out),
        }
    }

    /// Committing and going back have no alternative: they are tried until they succeed.
    fn pause(&mut self, now: Now) {
        let tries = self.doing.map_or(0, |doing| doing.tries);
        let pause = Duration::from_secs(1_u64 << tries.min(6)).min(LONGEST_PAUSE);
        self.deadlines.set(Deadline::Again, now.monotonic + pause);
    }

    pub(super) fn again(&mut self, now: Now, out: &mut Vec<Output>) {
        if let Some(act) = self.due() {
            self.begin(act, now, out);
        }
    }

    /// What the last state still asks of the slot.
    pub(super) fn due(&self) -> Option<Act> {
        let attempt = self.attempt()?;
        match (&attempt.state, attempt.ending) {
            (State::Committed, Ending::Due) => Some(Act::Commit),
            (State::RolledBack(_), Ending::Due) => Some(Act::RollBack),
            _ => None,
        }
    }
}

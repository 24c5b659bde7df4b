//! The three ends of an update: committed, rolled back, refused.

use super::{Act, Deadline, Ending, Install, Output, Reason, State};
use crate::time::Now;

impl Install {
    /// Ends the update for a reason: what may have been switched goes back, anything earlier is dropped.
    pub(super) fn give_up(&mut self, reason: Reason, now: Now, out: &mut Vec<Output>) {
        let switching = self.is_doing(Act::Switch);
        match self.state() {
            Some(State::Announced | State::Trusted | State::Fetched) => self.refuse(reason, out),
            Some(State::Installed) if !switching => self.refuse(reason, out),
            Some(State::Installed | State::Probation) => self.roll_back(reason, now, out),
            Some(State::Committed | State::RolledBack(_) | State::Refused(_)) | None => {}
        }
    }

    pub(super) fn refuse(&mut self, reason: Reason, out: &mut Vec<Output>) {
        self.stop();
        self.enter(State::Refused(reason), out);
        out.extend(self.target().map(Output::Discard));
    }

    /// Decided and written down first: no restart can make a bad release run on.
    pub(super) fn roll_back(&mut self, reason: Reason, now: Now, out: &mut Vec<Output>) {
        self.stop();
        self.decide(State::RolledBack(reason), Act::RollBack, now, out);
    }

    /// The floor stays where it is until the slot has committed: until then, the other slot may come back.
    pub(super) fn commit(&mut self, now: Now, out: &mut Vec<Output>) {
        self.stop();
        self.decide(State::Committed, Act::Commit, now, out);
    }

    fn decide(&mut self, state: State, act: Act, now: Now, out: &mut Vec<Output>) {
        if let Some(attempt) = &mut self.memory.attempt {
            attempt.reach(state);
            attempt.ending = Ending::Due;
        }
        self.save(out);
        self.begin(act, now, out);
    }

    pub(super) fn committed(&mut self, out: &mut Vec<Output>) {
        let image = self.attempt().and_then(|attempt| attempt.image.as_ref());
        let counter = image.map(|image| image.counter);
        self.memory.floor = self.memory.floor.max(counter.unwrap_or_default());
        self.running = self.target();
        self.end(out);
    }

    pub(super) fn rolled_back(&mut self, out: &mut Vec<Output>) {
        self.running = self.attempt().and_then(|attempt| attempt.before);
        self.end(out);
        out.extend(self.target().map(Output::Discard));
    }

    /// It is said only now, when it is true.
    fn end(&mut self, out: &mut Vec<Output>) {
        if let Some(attempt) = &mut self.memory.attempt {
            attempt.ending = Ending::Done;
        }
        self.save(out);
        self.say(out);
    }

    fn stop(&mut self) {
        self.doing = None;
        for deadline in [
            Deadline::Act,
            Deadline::Again,
            Deadline::Window,
            Deadline::Check,
            Deadline::Probation,
        ] {
            self.deadlines.clear(deadline);
        }
    }
}

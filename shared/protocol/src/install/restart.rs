//! Where the machine goes on after a start: what was saved says what was meant, the slots say what came of it.

use super::{
    Act, Attempt, Deadlines, Ending, Found, Install, Memory, Output, Probation, Reason, State,
    Terms, Trial,
};
use crate::time::Now;

impl Install {
    /// A device begins with [`Memory::default`] and what its slots say.
    pub fn restore(terms: Terms, memory: Memory, found: Found, now: Now) -> (Self, Vec<Output>) {
        let mut install = Self {
            terms,
            memory,
            running: found.running,
            listening: None,
            doing: None,
            probation: Probation::default(),
            deadlines: Deadlines::default(),
        };
        let mut out = Vec::new();
        install.resume(found, now, &mut out);
        (install, out)
    }

    fn resume(&mut self, found: Found, now: Now, out: &mut Vec<Output>) {
        let Some(attempt) = self.attempt().filter(|attempt| !attempt.is_over()) else {
            return;
        };
        let state = attempt.state.clone();
        let runs = found.running == Some(attempt.order.target);
        if self.is_tired(out) {
            return self.give_up_where(&state, runs, now, out);
        }
        match state {
            State::Announced => self.begin(Act::Verify, now, out),
            State::Trusted => self.begin(Act::Fetch, now, out),
            State::Fetched => self.begin(Act::Stage, now, out),
            State::Installed if runs => self.switched(now, out),
            State::Installed => self.switch_when_open(now, out),
            State::Probation if runs => self.probe(now, out),
            State::Probation => self.roll_back(Reason::FellBack, now, out),
            State::Committed if !runs => self.roll_back(Reason::FellBack, now, out),
            State::Committed if found.trial == Trial::Settled => self.committed(out),
            State::Committed => self.begin(Act::Commit, now, out),
            State::RolledBack(_) if !runs && found.trial == Trial::Settled => self.rolled_back(out),
            State::RolledBack(_) => self.begin(Act::RollBack, now, out),
            State::Refused(_) => {}
        }
    }

    /// Counts the start before anything is done in it, so that whatever fells the device is counted.
    fn is_tired(&mut self, out: &mut Vec<Output>) -> bool {
        let Some(attempt) = &mut self.memory.attempt else {
            return false;
        };
        let Some(bound) = attempt.state.starts() else {
            return false;
        };
        attempt.starts = attempt.starts.saturating_add(1);
        let tired = attempt.starts > bound;
        self.save(out);
        tired
    }

    fn give_up_where(&mut self, state: &State, runs: bool, now: Now, out: &mut Vec<Output>) {
        if runs || *state == State::Probation {
            self.roll_back(Reason::Restarts, now, out);
        } else {
            self.refuse(Reason::Restarts, out);
        }
    }
}

impl Attempt {
    /// Whether the slot still owes what the last state asks.
    pub fn is_settling(&self) -> bool {
        self.ending == Ending::Due && matches!(self.state, State::Committed | State::RolledBack(_))
    }
}

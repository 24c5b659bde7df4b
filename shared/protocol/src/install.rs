//! One update on one device, from its announcement to its end: what is tried, what is believed of it, and when it goes back.
//!
//! The machine orders acts and is told how they ended; a deadline stands behind each. What it decides is saved before
//! anything is done about it, so that it goes on where it was after any restart. It asks nobody for leave to go back.

mod acts;
mod course;
mod endings;
mod input;
mod memory;
mod output;
mod probation;
mod restart;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod window;
mod words;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::deadlines::Deadlines;
use crate::id::Digest;
use crate::limits;
use crate::release::{Counter, Release};
use crate::time::{Instant, Now};

pub use course::{Course, Misstep};
pub use input::{Found, Input, Sight, Trial, View, Viewer, Worry};
pub use memory::{Attempt, Image, Memory, Nonce, Order};
pub use output::{Decline, Output};
pub use probation::Terms;
pub use state::{Act, Mishap, Reason, State};
pub use step::Step;
pub use window::Window;

use acts::Doing;
use memory::Ending;
use probation::Probation;

/// How often a closed window is looked at again.
const WINDOW: Duration = Duration::from_secs(60);

/// The update of one device; there is at most one at a time.
#[derive(Debug)]
pub struct Install {
    terms: Terms,
    memory: Memory,
    /// What runs, as far as this machine was told.
    running: Option<Digest>,
    /// What listens towards the network, as it was last told; nothing is switched before it was.
    listening: Option<BTreeSet<u16>>,
    doing: Option<Doing>,
    probation: Probation,
    deadlines: Deadlines<Deadline>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deadline {
    /// The act that is being done takes too long.
    Act,
    /// What failed and must be done is tried again.
    Again,
    Window,
    Check,
    Probation,
}

impl Install {
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Ordered(order) => self.ordered(order, now, &mut out),
            Input::Trusted { target, release } => self.trusted(target, &release, now, &mut out),
            Input::Done(act) => self.done(act, now, &mut out),
            Input::Failed(act, mishap) => self.failed(act, mishap, now, &mut out),
            Input::Viewed(view) => self.viewed(view, now, &mut out),
            Input::Listening(ports) => self.listens(ports, now, &mut out),
            Input::Halted => self.halted(now, &mut out),
            Input::Tick => self.tick(now, &mut out),
        }
        out
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// The update that is being tried, or the last one.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.memory.attempt.as_ref()
    }

    /// What runs, as far as is known.
    pub const fn running(&self) -> Option<Digest> {
        self.running
    }

    /// No release with a lower counter is installed.
    pub fn floor(&self) -> Counter {
        self.memory.floor
    }

    /// The ports on which the new version may listen: those of before, and those that the terms allow.
    pub fn may_listen(&self) -> Vec<u16> {
        let before = self.attempt().map(|attempt| attempt.listened.as_slice());
        let ports = before.unwrap_or_default().iter().chain(&self.terms.ports);
        ports.copied().take(limits::LISTENING).collect()
    }

    /// Whether the image is being fetched.
    pub fn fetches(&self) -> bool {
        self.is_doing(Act::Fetch)
    }

    fn state(&self) -> Option<&State> {
        self.attempt().map(|attempt| &attempt.state)
    }

    fn is_at(&self, state: &State) -> bool {
        self.state() == Some(state)
    }

    /// Whether an update is between its announcement and its end.
    pub fn is_busy(&self) -> bool {
        self.attempt().is_some_and(|attempt| !attempt.is_over())
    }

    fn ordered(&mut self, order: Order, now: Now, out: &mut Vec<Output>) {
        let why = if self.memory.spent.contains(&order.nonce) {
            Some(Decline::Replayed)
        } else if self.is_busy() {
            Some(Decline::Busy)
        } else {
            None
        };
        if let Some(why) = why {
            out.push(Output::Declined { order, why });
            return;
        }
        self.memory.spend(order.nonce);
        self.memory.attempt = Some(Attempt::new(order));
        self.save(out);
        self.say(out);
        self.begin(Act::Verify, now, out);
    }

    /// The metadata says what the target is; that ends the act of verifying.
    fn trusted(&mut self, target: Digest, release: &Release, now: Now, out: &mut Vec<Output>) {
        if !self.ends(Act::Verify) {
            return;
        }
        let objection = self.objection(target, release);
        if let Some(attempt) = &mut self.memory.attempt {
            attempt.image = Some(Image::of(target, release));
        }
        match objection {
            Some(reason) => self.refuse(reason, out),
            None => {
                self.enter(State::Trusted, out);
                self.begin(Act::Fetch, now, out);
            }
        }
    }

    fn objection(&self, target: Digest, release: &Release) -> Option<Reason> {
        if self.target() != Some(target) {
            Some(Reason::Untrusted)
        } else if release.product != self.terms.product {
            Some(Reason::OtherProduct)
        } else if !release.hardware.contains(&self.terms.model) {
            Some(Reason::OtherHardware)
        } else if release.counter < self.memory.floor {
            Some(Reason::BelowFloor)
        } else if self.running == Some(target) {
            Some(Reason::AlreadyRuns)
        } else {
            None
        }
    }

    /// An act has ended well.
    fn done(&mut self, act: Act, now: Now, out: &mut Vec<Output>) {
        if act == Act::Verify || !self.ends(act) {
            return;
        }
        match act {
            Act::Verify => {}
            Act::Fetch => {
                self.enter(State::Fetched, out);
                self.begin(Act::Stage, now, out);
            }
            Act::Stage => {
                self.enter(State::Installed, out);
                self.switch_when_open(now, out);
            }
            Act::Switch => self.switched(now, out),
            Act::Check => self.is_healthy(now, out),
            Act::Commit => self.committed(out),
            Act::RollBack => self.rolled_back(out),
        }
    }

    /// The switch waits for its window, and for a first look at what listens.
    fn switch_when_open(&mut self, now: Now, out: &mut Vec<Output>) {
        let open = self.terms.window.is_open(now.wall);
        let Some(listening) = self.listening.as_ref().filter(|_| open) else {
            self.deadlines.set(Deadline::Window, now.monotonic + WINDOW);
            return;
        };
        if let Some(attempt) = &mut self.memory.attempt {
            attempt.listened = listening.iter().copied().collect();
            attempt.before = self.running;
        }
        self.deadlines.clear(Deadline::Window);
        self.save(out);
        self.begin(Act::Switch, now, out);
    }

    fn switched(&mut self, now: Now, out: &mut Vec<Output>) {
        self.running = self.target();
        self.enter(State::Probation, out);
        self.probe(now, out);
    }

    /// No later than this the update stops; what was switched goes back.
    fn halted(&mut self, now: Now, out: &mut Vec<Output>) {
        self.give_up(Reason::Halted, now, out);
    }

    fn tick(&mut self, now: Now, out: &mut Vec<Output>) {
        while let Some(deadline) = self.deadlines.pop(now.monotonic) {
            match deadline {
                Deadline::Act => self.hung(now, out),
                Deadline::Again => self.again(now, out),
                Deadline::Window => self.switch_when_open(now, out),
                Deadline::Check => self.begin(Act::Check, now, out),
                Deadline::Probation => self.judge(now, out),
            }
        }
    }

    /// Reaches a state on the way: written down, then said.
    fn enter(&mut self, state: State, out: &mut Vec<Output>) {
        if let Some(attempt) = &mut self.memory.attempt {
            attempt.reach(state);
        }
        self.save(out);
        self.say(out);
    }

    fn save(&self, out: &mut Vec<Output>) {
        out.push(Output::Save(self.memory.encode()));
    }

    fn say(&self, out: &mut Vec<Output>) {
        if let Some(attempt) = self.attempt() {
            out.push(Output::Say(attempt.step()));
        }
    }

    fn target(&self) -> Option<Digest> {
        self.attempt().map(|attempt| attempt.order.target)
    }

    fn listens(&mut self, ports: BTreeSet<u16>, now: Now, out: &mut Vec<Output>) {
        self.listening = Some(ports.into_iter().take(limits::LISTENING).collect());
        match self.state() {
            Some(State::Installed) if self.doing.is_none() => self.switch_when_open(now, out),
            Some(State::Probation) => self.look_at_ports(now, out),
            _ => {}
        }
    }
}

//! The time in which a new version runs and has to show that it is no worse: to itself, and to its witnesses.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Act, Deadline, Install, Output, Reason, Sight, State, View, Viewer, Window, Worry};
use crate::id::DeviceId;
use crate::limits;
use crate::text::Name;
use crate::time::Now;

/// What this device is, and what a new version has to stand on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub product: Name,
    /// The hardware, as releases name it.
    pub model: Name,
    pub probation: Duration,
    /// The pause between two runs of the health command.
    pub check_every: Duration,
    /// Witnesses that must have said that it answers.
    pub affirmed_by: usize,
    /// Witnesses that share a worry and so end it; one alone could stop every update.
    pub worried: usize,
    /// Ports that may begin to listen.
    pub ports: Vec<u16>,
    pub window: Window,
}

/// What was seen since the switch. A restart forgets it, and the probation begins anew.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Probation {
    health: Health,
    seen: BTreeMap<DeviceId, Seen>,
}

/// What the health command has said, and whether the verdict waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Health {
    #[default]
    Unknown,
    Good,
    /// The time is over while the command still runs.
    Awaited,
}

/// The newest word of one witness.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Seen {
    answers: bool,
    /// Whoever saw a port or strange traffic saw it, whatever it sees later.
    worries: Vec<Worry>,
}

impl Terms {
    pub fn of(product: Name, model: Name) -> Self {
        Self {
            product,
            model,
            probation: Duration::from_secs(300),
            check_every: Duration::from_secs(15),
            affirmed_by: 2,
            worried: 2,
            ports: Vec::new(),
            window: Window::Always,
        }
    }
}

impl Seen {
    fn note(&mut self, sight: Sight) {
        match sight {
            Sight::Answers => {
                self.answers = true;
                self.worries.retain(|worry| *worry != Worry::Silent);
            }
            Sight::Worries(worry) => {
                self.answers &= worry != Worry::Silent;
                if !self.shares(worry) && self.worries.len() < limits::PORTS {
                    self.worries.push(worry);
                }
            }
        }
    }

    /// Two witnesses need not name the same port to have seen the same fault.
    fn shares(&self, worry: Worry) -> bool {
        let same = |known: &Worry| match (known, worry) {
            (Worry::Port(_), Worry::Port(_)) => true,
            (known, worry) => *known == worry,
        };
        self.worries.iter().any(same)
    }
}

impl Probation {
    fn note(&mut self, by: DeviceId, sight: Sight) {
        if self.seen.contains_key(&by) || self.seen.len() < 2 * limits::WITNESSES {
            self.seen.entry(by).or_default().note(sight);
        }
    }

    fn affirmed(&self) -> usize {
        self.seen.values().filter(|seen| seen.answers).count()
    }

    fn sharing(&self, worry: Worry) -> Vec<DeviceId> {
        let sharing = self.seen.iter().filter(|(_, seen)| seen.shares(worry));
        let witnesses = sharing.map(|(witness, _)| *witness);
        witnesses.take(limits::WITNESSES).collect()
    }
}

impl Install {
    /// The new version runs: its probation begins.
    pub(super) fn probe(&mut self, now: Now, out: &mut Vec<Output>) {
        self.probation = Probation::default();
        let end = now.monotonic + self.terms.probation;
        self.deadlines.set(Deadline::Probation, end);
        self.begin(Act::Check, now, out);
    }

    pub(super) fn is_healthy(&mut self, now: Now, out: &mut Vec<Output>) {
        let before = std::mem::replace(&mut self.probation.health, Health::Good);
        if before == Health::Awaited {
            return self.judge(now, out);
        }
        let next = now.monotonic + self.terms.check_every;
        self.deadlines.set(Deadline::Check, next);
    }

    pub(super) fn viewed(&mut self, view: View, now: Now, out: &mut Vec<Output>) {
        if !self.is_at(&State::Probation) {
            return;
        }
        match (view.by, view.sight) {
            (Viewer::Witness(witness), sight) => {
                self.probation.note(witness, sight);
                if let Sight::Worries(worry) = sight {
                    self.weigh(worry, now, out);
                }
            }
            (Viewer::Itself, Sight::Worries(worry)) => {
                let by = self.probation.sharing(worry);
                self.roll_back(Reason::Seen(worry, by), now, out);
            }
            (Viewer::Itself, Sight::Answers) => {}
        }
    }

    fn weigh(&mut self, worry: Worry, now: Now, out: &mut Vec<Output>) {
        let by = self.probation.sharing(worry);
        if by.len() >= self.terms.worried.max(1) {
            self.roll_back(Reason::Seen(worry, by), now, out);
        }
    }

    /// A port that did not listen before the switch is a worry of the device itself.
    pub(super) fn look_at_ports(&mut self, now: Now, out: &mut Vec<Output>) {
        let (Some(attempt), Some(listening)) = (self.attempt(), &self.listening) else {
            return;
        };
        let is_new =
            |port: &&u16| !attempt.listened.contains(port) && !self.terms.ports.contains(port);
        if let Some(port) = listening.iter().find(is_new).copied() {
            let (by, sight) = (Viewer::Itself, Sight::Worries(Worry::Port(port)));
            self.viewed(View { by, sight }, now, out);
        }
    }

    /// The time is over without a fault.
    pub(super) fn judge(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.is_doing(Act::Check) {
            self.probation.health = Health::Awaited;
        } else if self.probation.health != Health::Good {
            self.roll_back(Reason::Unhealthy, now, out);
        } else if self.probation.affirmed() < self.terms.affirmed_by {
            self.roll_back(Reason::Unwitnessed, now, out);
        } else {
            self.commit(now, out);
        }
    }
}

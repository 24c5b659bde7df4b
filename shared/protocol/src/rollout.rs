//! A rollout: one target, brought to the devices ring by ring, and halted as soon as it turns out to be bad.
//!
//! The machine is told what people want and what devices say of their updates; it orders, and says when a halt is to be
//! signed. What it decides is saved before anything is ordered, so that after a restart it goes on where it was. Its
//! times are those of the wall clock, because a soak outlives the coordinator.

mod draw;
mod halt;
mod memory;
mod plan;
mod progress;
mod rings;
mod step;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use minicbor::{Decode, Encode};

use crate::dice::Dice;
use crate::id::{DeviceId, Digest};
use crate::install::{Nonce, Order, Step};
use crate::text::Name;
use crate::time::Timestamp;

pub use draw::{Candidate, Liberty, Model};
pub use halt::{Halt, HaltError, Halts, Stale, Standing};
pub use memory::{Cause, Course, Memory, Stage};
pub use plan::{Approval, Image, Plan, PlanError, Reach, Ring};
pub use progress::{Entry, Exclusion, Fault, Progress};
pub use rings::Tally;
pub use words::{Objection, Word};

/// Numbers the rollouts of one coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct RolloutId(#[n(0)] pub u64);

impl fmt::Display for RolloutId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What happens to a rollout. A word that does not fit the moment changes nothing: [`Rollout::judge`] says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A person agrees to it.
    Approve {
        by: Name,
    },
    /// It begins, with the fleet as it is.
    Start {
        fleet: Vec<Candidate>,
    },
    /// Nobody else is ordered to update for the moment.
    Pause,
    /// It goes on, after a halt as well: what went wrong until here is pardoned.
    Resume,
    /// It ends here; who is in the middle of it finishes.
    Abort,
    /// It ends here; who has not committed goes back.
    RollBack,
    /// The fleet as it is.
    Members(Vec<Candidate>),
    /// A device said how far it is.
    Stepped {
        device: DeviceId,
        step: Step,
    },
    Tick,
}

/// What is asked for, in an order that the shell keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Replaces the course that was saved before.
    Save(Vec<u8>),
    /// Replaces what was saved of this device before.
    Keep { device: DeviceId, entry: Vec<u8> },
    /// To be told to the device until it says a step of it.
    Order { device: DeviceId, order: Order },
    /// The word about the target that everybody has to hear.
    Stand(Standing),
}

/// One rollout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    course: Course,
    entries: BTreeMap<DeviceId, Entry>,
    /// Of each ring how many are where; it follows from the entries.
    tallies: Vec<Tally>,
    /// When a device that says nothing more is given up; it follows from the entries.
    patience: BTreeSet<(Timestamp, DeviceId)>,
}

impl Rollout {
    /// A rollout that waits for its start; what is returned has to be saved.
    pub fn new(id: RolloutId, plan: Plan, dice: &mut Dice, now: Timestamp) -> (Self, Vec<Output>) {
        let course = Course::new(id, plan, dice.bytes(), now);
        let out = vec![Output::Save(course.encode())];
        let memory = Memory {
            course,
            entries: BTreeMap::new(),
        };
        (Self::recalled(memory), out)
    }

    /// A rollout as it was saved.
    pub fn recalled(memory: Memory) -> Self {
        let Memory { course, entries } = memory;
        let mut rollout = Self {
            tallies: vec![Tally::default(); course.plan.rings.len()],
            course,
            entries: BTreeMap::new(),
            patience: BTreeSet::new(),
        };
        for (device, entry) in entries {
            rollout.note(device, entry);
        }
        rollout
    }

    pub fn handle(&mut self, input: Input, now: Timestamp) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Approve { by } => self.approve(by, &mut out),
            Input::Start { fleet } => self.start(&fleet, now, &mut out),
            Input::Pause => self.pause(&mut out),
            Input::Resume => self.resume(now, &mut out),
            Input::Abort => self.abort(&mut out),
            Input::RollBack => self.roll_back(&mut out),
            Input::Members(fleet) => self.members(&fleet, now, &mut out),
            Input::Stepped { device, step } => self.stepped(device, &step, now, &mut out),
            Input::Tick => {}
        }
        self.tick(now, &mut out);
        out
    }

    /// When [`Input::Tick`] is due at the latest.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let patience = self.patience.first().map(|(at, _)| *at);
        [patience, self.soaked_at()].into_iter().flatten().min()
    }

    pub fn id(&self) -> RolloutId {
        self.course.id
    }

    pub fn plan(&self) -> &Plan {
        &self.course.plan
    }

    pub fn course(&self) -> &Course {
        &self.course
    }

    pub fn stage(&self) -> &Stage {
        &self.course.stage
    }

    /// Every device that belongs to it or was left out, and where it is.
    pub fn entries(&self) -> &BTreeMap<DeviceId, Entry> {
        &self.entries
    }

    pub fn tally(&self, ring: usize) -> Tally {
        self.tallies.get(ring).copied().unwrap_or_default()
    }

    /// Those whose updates ended in a way that speaks against the image.
    pub fn failures(&self) -> impl Iterator<Item = (&DeviceId, &Fault)> {
        let entries = self.entries.iter();
        entries.filter_map(|(device, entry)| match &entry.progress {
            Progress::Failed(fault) => Some((device, fault)),
            _ => None,
        })
    }

    /// The order of a device that has not said anything about it.
    pub fn due(&self, device: &DeviceId) -> Option<Order> {
        let entry = self.entries.get(device)?;
        let unheard = matches!(
            entry.progress,
            Progress::Ordered { .. } | Progress::Away { last: None, .. }
        );
        (unheard && self.is_running()).then(|| self.order(device))
    }

    /// Everybody for whom an order is due.
    pub fn all_due(&self) -> impl Iterator<Item = (DeviceId, Order)> + '_ {
        let devices = self.entries.keys();
        devices.filter_map(|device| Some((*device, self.due(device)?)))
    }

    fn order(&self, device: &DeviceId) -> Order {
        Order {
            target: self.course.plan.image.target,
            nonce: self.nonce(device),
            path: self.course.plan.image.path.clone(),
        }
    }

    /// Nobody else can know it, and a restart draws no other.
    fn nonce(&self, device: &DeviceId) -> Nonce {
        let parts: [&[u8]; 2] = [&self.course.seed, device.as_bytes()];
        let digest = Digest::of("palisade 2026 rollout nonce", &parts);
        let mut nonce = [0; 16];
        nonce.copy_from_slice(&digest.as_bytes()[..16]);
        Nonce(nonce)
    }

    fn is_running(&self) -> bool {
        self.course.stage == Stage::Running
    }

    fn save(&self, out: &mut Vec<Output>) {
        out.push(Output::Save(self.course.encode()));
    }

    /// A device is somewhere else from here on.
    fn put(&mut self, device: DeviceId, entry: Entry, out: &mut Vec<Output>) {
        out.push(Output::Keep {
            device,
            entry: entry.encode(),
        });
        self.note(device, entry);
    }

    fn note(&mut self, device: DeviceId, entry: Entry) {
        let patience = self.course.plan.patience();
        let given_up = |entry: &Entry| entry.waits_since().map(|at| at.saturating_add(patience));
        if let Some(at) = given_up(&entry) {
            self.patience.insert((at, device));
        }
        if let Some(tally) = entry
            .ring
            .and_then(|ring| self.tallies.get_mut(usize::from(ring)))
        {
            tally.add(&entry.progress);
        }
        let Some(before) = self.entries.insert(device, entry) else {
            return;
        };
        if let Some(at) = given_up(&before)
            && self.entries.get(&device).and_then(given_up) != Some(at)
        {
            self.patience.remove(&(at, device));
        }
        if let Some(tally) = before
            .ring
            .and_then(|ring| self.tallies.get_mut(usize::from(ring)))
        {
            tally.remove(&before.progress);
        }
    }
}

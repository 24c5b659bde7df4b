//! One alert: one rule of one device, how often it was seen, and what people have done about it.

use minicbor::{Decode, Encode};
use protocol::class::DeviceClass;
use protocol::id::DeviceId;
use protocol::time::Timestamp;

use crate::limits;
use crate::origins::Origins;
use crate::severity::Severity;
use crate::sighting::{Rule, Sighting, Value, Witness};
use crate::text::{Name, Says, Title, fitted};

/// An alert as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Alert {
    /// Counts up; never used again.
    #[n(0)]
    pub number: u64,
    #[n(1)]
    pub rule: Rule,
    /// As people have tuned it.
    #[n(2)]
    pub severity: Severity,
    /// `None`: the mesh as a whole.
    #[n(3)]
    pub device: Option<DeviceId>,
    #[n(4)]
    pub class: Option<DeviceClass>,
    #[n(5)]
    pub count: u32,
    #[n(6)]
    pub first: Timestamp,
    #[n(7)]
    pub last: Timestamp,
    /// What was seen last.
    #[n(8)]
    pub says: Says,
    #[n(9)]
    pub values: Vec<Value>,
    /// The newest [`limits::WITNESSES`].
    #[n(10)]
    pub witnesses: Vec<Witness>,
    #[n(11)]
    pub cause: Option<Title>,
    #[n(12)]
    pub incident: u64,
    #[n(13)]
    pub state: State,
    /// The newest thing that somebody did about it.
    #[n(14)]
    pub done: Option<Done>,
    /// The alert of the same rule and device that was closed before this one began.
    #[n(15)]
    pub before: Option<u64>,
    /// What it is about where that is no member.
    #[n(16)]
    pub about: Option<Name>,
    /// Whoever did it, where its rule speaks of somebody else than the device.
    #[n(17)]
    pub origins: Origins,
}

/// What people have said about an alert.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum State {
    /// Nobody has looked at it.
    #[n(0)]
    Open,
    #[n(1)]
    Acknowledged,
    #[n(2)]
    Assigned(#[n(0)] Name),
    /// Counts on, and is open again from then on.
    #[n(3)]
    Snoozed(#[n(0)] Timestamp),
    #[n(4)]
    Closed,
    /// Counts on, and tells nobody until somebody opens it again.
    #[n(5)]
    FalsePositive,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Done {
    #[n(0)]
    pub by: Name,
    #[n(1)]
    pub at: Timestamp,
    #[n(2)]
    pub why: Option<Says>,
}

impl State {
    /// The stable words used in addresses and interfaces.
    pub const WORDS: [&'static str; 6] = [
        "open",
        "acknowledged",
        "assigned",
        "snoozed",
        "closed",
        "false_positive",
    ];

    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => Self::WORDS[0],
            Self::Acknowledged => Self::WORDS[1],
            Self::Assigned(_) => Self::WORDS[2],
            Self::Snoozed(_) => Self::WORDS[3],
            Self::Closed => Self::WORDS[4],
            Self::FalsePositive => Self::WORDS[5],
        }
    }

    /// Whether it is done with: nothing of it waits for anybody.
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Closed | Self::FalsePositive)
    }
}

impl Alert {
    /// The state at a moment: a snooze ends by itself.
    pub fn state_at(&self, now: Timestamp) -> State {
        match &self.state {
            State::Snoozed(until) if *until <= now => State::Open,
            state => state.clone(),
        }
    }

    /// Whether it waits for somebody to look at it.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state_at(now) == State::Open
    }

    /// Counts another sighting; one that every witness has told before is none.
    pub(crate) fn count(&mut self, sighting: &Sighting) -> bool {
        if self.is_told(sighting) {
            return false;
        }
        self.count = self.count.saturating_add(sighting.times.max(1));
        self.first = self.first.min(sighting.at);
        self.last = self.last.max(sighting.at);
        self.says = sighting.says.clone();
        self.rule = sighting.rule.clone();
        if !sighting.values.is_empty() {
            self.values = added(&self.values, bounded(&sighting.values));
        }
        if sighting.cause.is_some() {
            self.cause = sighting.cause.clone();
        }
        self.hear(&sighting.witnesses);
        self.came_from(sighting);
        true
    }

    /// The same record of the same device says nothing new, however often it comes.
    fn is_told(&self, sighting: &Sighting) -> bool {
        let told = |witness: &Witness| {
            let known = self.witnesses.iter().find(|w| w.device == witness.device);
            let known = known.and_then(|known| known.position);
            witness.position.is_some() && witness.position <= known
        };
        !sighting.witnesses.is_empty() && sighting.witnesses.iter().all(told)
    }

    pub(crate) fn came_from(&mut self, sighting: &Sighting) {
        if let Some(source) = &sighting.source {
            let times = sighting.times.max(1);
            self.origins.take(source, sighting.at, times);
        }
    }

    pub(crate) fn hear(&mut self, witnesses: &[Witness]) {
        for witness in witnesses {
            self.witnesses
                .retain(|known| known.device != witness.device);
            self.witnesses.push(*witness);
        }
        let surplus = self.witnesses.len().saturating_sub(limits::WITNESSES);
        self.witnesses.drain(..surplus);
    }
}

/// The newest values; what is added up goes on from what it was.
fn added(before: &[Value], mut values: Vec<Value>) -> Vec<Value> {
    for value in &mut values {
        let Some(total) = &mut value.total else {
            continue;
        };
        let known = before.iter().find(|known| known.what == value.what);
        if let Some(known) = known.and_then(|known| known.total) {
            *total = total.saturating_add(known);
            value.seen = fitted(&total.to_string());
        }
    }
    values
}

pub(crate) fn bounded(values: &[Value]) -> Vec<Value> {
    values.iter().take(limits::VALUES).cloned().collect()
}

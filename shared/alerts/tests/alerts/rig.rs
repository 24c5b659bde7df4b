//! A book, an outbox and a clock.

use std::time::Duration;

use alerts::act::Act;
use alerts::book::{Book, Outcome};
use alerts::letter::Letter;
use alerts::outbox::Outbox;
use alerts::planner::write_letters;
use alerts::route::{Plan, Route};
use alerts::severity::Severity;
use alerts::sighting::{Known, Sighting};
use alerts::text::{Name, fitted};
use language::Language;
use protocol::class::DeviceClass;
use protocol::id::DeviceId;
use protocol::time::Timestamp;

/// Ten in the morning, UTC.
pub const MORNING: u64 = 1_760_004_000_000;

pub struct Rig {
    pub book: Book,
    pub outbox: Outbox,
    pub plan: Plan,
    pub now: Timestamp,
}

pub const LOGINS: Known = Known {
    name: "failed_logins",
    title: "Failed logins",
    severity: Severity::High,
    attack: Some("T1110"),
    stops: "Nobody tries to log in with a wrong password any more.",
};
pub const PACE: Known = Known {
    name: "degraded",
    title: "A device comes late",
    severity: Severity::Low,
    attack: None,
    stops: "It comes in time.",
};

pub fn name(text: &str) -> Name {
    fitted(text)
}

pub fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 8])
}

pub fn route(text: &str, to: &[&str], severity: Severity) -> Route {
    Route {
        name: name(text),
        to: to.iter().map(|to| name(to)).collect(),
        severity,
        classes: <_>::default(),
        hours: None,
        after: Duration::ZERO,
        language: Language::English,
    }
}

impl Rig {
    pub fn new() -> Self {
        let plan = Plan {
            routes: vec![route("all", &["mail"], Severity::Low)],
            channels: ["mail", "phone"].map(name).into(),
            ..Plan::default()
        };
        Self {
            book: Book::default(),
            outbox: Outbox::default(),
            plan,
            now: Timestamp::from_millis(MORNING),
        }
    }

    pub fn wait(&mut self, seconds: u64) -> &mut Self {
        self.now = self.now.saturating_add(Duration::from_secs(seconds));
        self
    }

    pub fn sighting(&self, known: &Known, number: u8) -> Sighting {
        known.sighting(Some(device(number)), self.now, "somebody tried")
    }

    pub fn see(&mut self, known: &Known, number: u8) -> Outcome {
        let sighting = self.sighting(known, number);
        self.take(&sighting)
    }

    pub fn take(&mut self, sighting: &Sighting) -> Outcome {
        self.book
            .sight(sighting, Some(DeviceClass::Camera), self.now)
    }

    pub fn act(&mut self, number: u64, act: &Act) {
        self.book
            .act(
                number,
                act,
                &name("amina"),
                Some(fitted("because")),
                self.now,
            )
            .expect("it can be done");
    }

    /// Letters that are written at this moment, and taken by everybody.
    pub fn letters(&mut self) -> Vec<Letter> {
        let called = |device: &DeviceId| name(&format!("cam-{}", device.as_bytes()[0]));
        write_letters(
            &self.plan,
            &mut self.book,
            &mut self.outbox,
            &called,
            self.now,
        );
        let due = self.outbox.due(self.now);
        for entry in &due {
            self.outbox.sent(entry.number, self.now);
        }
        due.into_iter().map(|entry| entry.letter).collect()
    }
}

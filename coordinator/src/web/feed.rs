//! What happens in the mesh, numbered and kept for a while, so that a program that was away goes on where it was.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use protocol::coordinator::Event;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::watch;
use ui::layout::Tone;

use super::api::instant;
use super::chronicle;
use crate::bulletin::document::Named;
use crate::live::Live;

/// Happenings that are kept for those who were away.
const KEPT: usize = 10_000;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Happening {
    /// To go on behind it: `after`, or `Last-Event-ID`.
    pub id: String,
    pub at: String,
    pub kind: &'static str,
    /// `bad`, `notable`, `good` or `calm`.
    pub tone: &'static str,
    pub device: Option<Named>,
    pub says: String,
}

/// A place in the feed of one run of the coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    run: u64,
    number: u64,
}

/// What a follower is given next.
#[derive(Debug, PartialEq, Eq)]
pub struct Batch {
    pub happenings: Vec<Happening>,
    /// Where the next one begins.
    pub place: Place,
}

#[derive(Debug)]
pub struct Feed {
    run: u64,
    kept: Mutex<Kept>,
    grown: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The number of the newest one; the first is 1.
    newest: u64,
    happenings: VecDeque<Happening>,
}

/// An event in words.
#[derive(Debug, Clone)]
pub struct Told {
    kind: &'static str,
    tone: Tone,
    device: Option<Named>,
    says: String,
}

impl Told {
    /// Nothing for what has no words.
    pub fn of(event: &Event, live: &Live) -> Option<Self> {
        let (tone, device, says) = chronicle::words(event, live)?;
        let named = |device: DeviceId| {
            let id = device.to_string();
            let name = live.name(&device).unwrap_or_else(|| id.clone());
            Named { id, name }
        };
        Some(Self {
            kind: kind(event),
            tone,
            device: device.map(named),
            says,
        })
    }
}

impl Feed {
    pub fn begun(at: Timestamp) -> Self {
        Self {
            run: at.as_millis(),
            kept: Mutex::default(),
            grown: watch::Sender::new(0),
        }
    }

    pub fn write_down(&self, told: Told, at: Timestamp) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.newest += 1;
        let place = Place {
            run: self.run,
            number: kept.newest,
        };
        if kept.happenings.len() >= KEPT {
            kept.happenings.pop_front();
        }
        kept.happenings.push_back(Happening {
            id: place.to_string(),
            at: instant(at.as_millis()),
            kind: told.kind,
            tone: told.tone.slug(),
            device: told.device,
            says: told.says,
        });
        self.grown.send_replace(place.number);
    }

    /// Wakes whoever waits for more.
    pub fn grown(&self) -> watch::Receiver<u64> {
        self.grown.subscribe()
    }

    /// The place behind everything so far.
    pub fn end(&self) -> Place {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        Place {
            run: self.run,
            number: kept.newest,
        }
    }

    /// What came behind a place. Where some of that is lost, the first happening says so.
    pub fn after(&self, place: Place, now: Timestamp) -> Batch {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let length = u64::try_from(kept.happenings.len()).unwrap_or(u64::MAX);
        let lost = kept.newest - length;
        let known = place.run == self.run && place.number <= kept.newest;
        let from = if known { place.number.max(lost) } else { lost };
        let mut happenings = Vec::new();
        if !known || place.number < lost {
            happenings.push(self.gap(from, now));
        }
        let skip = usize::try_from(from - lost).unwrap_or(usize::MAX);
        happenings.extend(kept.happenings.iter().skip(skip).cloned());
        Batch {
            happenings,
            place: Place {
                run: self.run,
                number: kept.newest,
            },
        }
    }

    fn gap(&self, from: u64, now: Timestamp) -> Happening {
        let place = Place {
            run: self.run,
            number: from,
        };
        Happening {
            id: place.to_string(),
            at: instant(now.as_millis()),
            kind: "gap",
            tone: Tone::Notice.slug(),
            device: None,
            says: "what happened between is not kept: read the lists anew".to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.run, self.number)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (run, number) = text.split_once('-').ok_or(())?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(run) || !digits(number) {
            return Err(());
        }
        Ok(Self {
            run: run.parse().map_err(|_| ())?,
            number: number.parse().map_err(|_| ())?,
        })
    }
}

fn kind(event: &Event) -> &'static str {
    match event {
        Event::Admitted { .. } => "admitted",
        Event::Renewed { .. } => "renewed",
        Event::Withdrawn { .. } => "withdrawn",
        Event::Retired { .. } => "wiped",
        Event::Status { .. } => "status",
        Event::Pace { .. } => "pace",
        Event::Proven { .. } => "proven",
        Event::Verdict(_) => "silence",
        Event::Returned { .. } => "returned",
        Event::Observed(_) => "observation",
        Event::Ruled { .. } => "quarantine",
        Event::Rollout { .. } => "rollout",
        Event::Halted { .. } => "halt",
        Event::Excused { .. } => "excused",
        Event::Suspected { .. } => "suspicion",
        Event::Sentenced { .. } => "sentence",
        Event::Braked { .. } => "brake",
        Event::Alert(_) => "alert",
        Event::Delivered(_) => "told",
        Event::NotSuspended { .. } => "not_suspended",
        Event::Stepped { .. } => "update",
        Event::Obeys { .. } => "settings",
        Event::Scanned { .. } => "scan",
        Event::Answered { .. } => "command",
        Event::Collected { .. } => "collected",
        Event::Refused { .. } => "refused",
        Event::Log { .. } => "identity_log",
        Event::Rotation(_) => "rotation",
        Event::LogRegained { .. } => "log_regained",
        Event::KeyLost { .. } => "key_lost",
        Event::Misbehaviour { .. } => "misbehaviour",
        Event::Countersigned { .. } => "countersigned",
        Event::HoldsAudit { .. } => "holds_audit",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn filled(count: usize) -> Feed {
        let feed = Feed::begun(NOW);
        for _ in 0..count {
            let told = Told {
                kind: "log_regained",
                tone: Tone::Good,
                device: None,
                says: "members gave back 2 entries".to_owned(),
            };
            feed.write_down(told, NOW);
        }
        feed
    }

    fn numbers(batch: &Batch) -> Vec<(&'static str, u64)> {
        let told = batch.happenings.iter();
        told.map(|one| (one.kind, one.id.parse::<Place>().expect("a place").number))
            .collect()
    }

    #[test]
    fn a_follower_goes_on_where_it_was() {
        let feed = filled(3);
        let place: Place = "1000-1".parse().expect("a place");
        let batch = feed.after(place, NOW);
        assert_eq!(numbers(&batch), [("log_regained", 2), ("log_regained", 3)]);
        assert_eq!(batch.place, feed.end());
        assert!(feed.after(batch.place, NOW).happenings.is_empty());
    }

    #[test]
    fn what_is_lost_is_said_first() {
        let feed = filled(KEPT + 2);
        let batch = feed.after("1000-1".parse().expect("a place"), NOW);
        assert_eq!(numbers(&batch)[..2], [("gap", 2), ("log_regained", 3)]);
        assert_eq!(batch.happenings.len(), KEPT + 1);
        let elsewhere = filled(1).after("999-1".parse().expect("a place"), NOW);
        assert_eq!(numbers(&elsewhere), [("gap", 0), ("log_regained", 1)]);
        let ahead = filled(1).after("1000-7".parse().expect("a place"), NOW);
        assert_eq!(numbers(&ahead), [("gap", 0), ("log_regained", 1)]);
    }

    #[test]
    fn what_names_no_place_is_refused() {
        for text in [
            "",
            "1",
            "-",
            "1-x",
            "+1-2",
            "1-2-3",
            "99999999999999999999-1",
        ] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}

//! What is measured of the coordinator itself; what cannot be measured here is absent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::integrity::Checkup;

/// Bytes, seconds and counts; moments are seconds of Unix time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SystemFigures")]
pub struct Figures {
    pub version: String,
    pub started: u64,
    pub uptime_s: u64,
    pub resident_memory_bytes: Option<u64>,
    pub store_bytes: Option<u64>,
    pub disk_free_bytes: Option<u64>,
    pub disk_bytes: Option<u64>,
    pub records: u64,
    /// The newest check of everything.
    pub checkup: Option<Checkup>,
    pub backup: Option<u64>,
    /// When the certificate of the pages ends.
    pub certificate_until: Option<u64>,
    /// When the timestamp that devices are served ends; absent before anything was published.
    pub timestamp_until: Option<u64>,
    /// The first to end of the documents that people sign.
    pub signed_until: Option<DocumentEnd>,
    /// As of when the oldest part of the vulnerability feed is.
    pub feed: Option<u64>,
    pub delivery: DeliveryFigures,
    pub queues: Vec<QueueFigures>,
    /// Sightings that found no room since the start: their alerts lack a count.
    pub sightings_missed: u64,
    pub clock: Option<ClockFigures>,
    /// Since the start: requests that panicked, and answers of 500 and above.
    pub panics: u64,
    pub failed_answers: u64,
    /// Why nobody can be admitted or retired, where that is so.
    pub identity_log: Option<String>,
}

/// When a document that people sign ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentEnd {
    pub role: String,
    pub until: u64,
}

/// Letters to people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryFigures {
    pub channels: usize,
    pub waiting: usize,
    /// Channels whose newest letter was not taken, with the reason.
    pub failing: Vec<String>,
    /// Why delivery.toml as it is is not used.
    pub error: Option<String>,
}

/// How full a queue is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QueueFigures {
    pub name: String,
    pub waiting: usize,
    pub room: usize,
}

/// What the clocks of devices say of this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClockFigures {
    /// The median of what devices' clocks are ahead of this one, in milliseconds.
    pub ahead_ms: i64,
    pub devices: usize,
}

impl ClockFigures {
    /// Of how much each device is ahead.
    pub fn of(mut ahead_ms: Vec<i64>) -> Option<Self> {
        ahead_ms.sort_unstable();
        let median = ahead_ms.get(ahead_ms.len() / 2)?;
        Some(Self {
            ahead_ms: *median,
            devices: ahead_ms.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_device_with_a_wrong_clock_does_not_move_the_median() {
        assert_eq!(ClockFigures::of(Vec::new()), None);
        let found = ClockFigures::of(vec![-40, 9_000_000, 12]).expect("a median");
        assert_eq!((found.ahead_ms, found.devices), (12, 3));
    }
}

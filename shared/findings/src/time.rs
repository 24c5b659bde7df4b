//! Moments as scans and advisories write them, to the second.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Seconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub u64);

/// Seconds of one day.
pub const DAY_S: u64 = 86_400;

impl Moment {
    /// Reads RFC 3339, the same without a zone (as NVD writes, meaning UTC), or a date alone.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let timestamp = text
            .parse::<jiff::Timestamp>()
            .or_else(|_| {
                let civil = text.parse::<DateTime>();
                let civil = civil.or_else(|_| text.parse::<Date>().map(DateTime::from));
                civil
                    .and_then(|civil| civil.to_zoned(TimeZone::UTC))
                    .map(|zoned| zoned.timestamp())
            })
            .ok()?;
        u64::try_from(timestamp.as_second()).ok().map(Self)
    }

    /// RFC 3339 in UTC: `2026-11-27T13:00:00Z`.
    pub fn rfc3339(self) -> String {
        let second = i64::try_from(self.0).unwrap_or(i64::MAX);
        let timestamp = jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::MAX);
        timestamp.to_string()
    }

    /// Whole days from an earlier moment; none when it is not earlier.
    pub fn days_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0) / DAY_S
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_all_feeds_are_read() {
        for (text, second) in [
            ("1970-01-02", 86_400),
            ("2025-08-25T17:04:19.9796Z", 1_756_141_459),
            ("2025-08-25T17:04:19.977", 1_756_141_459),
            ("2025-08-25T19:04:19+02:00", 1_756_141_459),
            ("2025-08-25T17:04:19+0000", 1_756_141_459),
        ] {
            assert_eq!(Moment::parse(text), Some(Moment(second)), "{text}");
        }
        assert_eq!(Moment::parse("yesterday"), None);
        assert_eq!(Moment::parse("1950-01-01"), None);
        assert_eq!(Moment(1_756_141_459).rfc3339(), "2025-08-25T17:04:19Z");
        assert!(Moment(u64::MAX).rfc3339().starts_with("9999-"));
    }
}

//! Times of day, as a wall clock at some offset from UTC shows them.

use std::fmt;
use std::str::FromStr;

use protocol::time::Timestamp;
use thiserror::Error;

/// Minutes of a day.
const DAY: i64 = 1_440;
const MINUTE_MS: u64 = 60_000;

/// From one time of day up to another; over midnight where the second is the earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: u16,
    to: u16,
}

/// Minutes that a wall clock is ahead of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offset(i16);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HoursError {
    #[error("write a time of day as 22:00")]
    Time,
    #[error("write hours as 22:00-06:30")]
    Hours,
    #[error("write an offset from UTC as +02:00 or -05:30")]
    Offset,
}

impl Hours {
    pub fn covers(self, minute: u16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

impl Offset {
    /// The minute of the day at a moment.
    pub fn minute(self, at: Timestamp) -> u16 {
        let minutes = i64::try_from(at.as_millis() / MINUTE_MS).unwrap_or_default();
        let local = (minutes + i64::from(self.0)).rem_euclid(DAY);
        u16::try_from(local).expect("a day has 1440 minutes")
    }

    /// What a wall clock shows at a moment, as if it were UTC.
    pub fn shown(self, at: Timestamp) -> Timestamp {
        let ahead = i64::from(self.0) * i64::try_from(MINUTE_MS).unwrap_or_default();
        Timestamp::from_millis(at.as_millis().saturating_add_signed(ahead))
    }

    /// The number of the day at a moment.
    pub fn day(self, at: Timestamp) -> i64 {
        let minutes = i64::try_from(at.as_millis() / MINUTE_MS).unwrap_or_default();
        (minutes + i64::from(self.0)).div_euclid(DAY)
    }
}

/// A time of day in minutes, of `08:30`.
pub fn time_of_day(text: &str) -> Result<u16, HoursError> {
    let (hours, minutes) = text.split_once(':').ok_or(HoursError::Time)?;
    let number = |digits: &str| match digits.len() {
        2 if digits.bytes().all(|digit| digit.is_ascii_digit()) => digits.parse::<u16>().ok(),
        _ => None,
    };
    match (number(hours), number(minutes)) {
        (Some(hours @ 0..=23), Some(minutes @ 0..=59)) => Ok(hours * 60 + minutes),
        _ => Err(HoursError::Time),
    }
}

impl FromStr for Hours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let (from, to) = text.split_once('-').ok_or(HoursError::Hours)?;
        let (from, to) = (time_of_day(from.trim())?, time_of_day(to.trim())?);
        (from != to)
            .then_some(Self { from, to })
            .ok_or(HoursError::Hours)
    }
}

impl FromStr for Offset {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let (sign, time) = match text.split_at_checked(1) {
            Some(("+", time)) => (1, time),
            Some(("-", time)) => (-1, time),
            _ => return Err(HoursError::Offset),
        };
        let minutes = time_of_day(time).map_err(|_| HoursError::Offset)?;
        let minutes = i16::try_from(minutes).map_err(|_| HoursError::Offset)?;
        (minutes <= 14 * 60)
            .then_some(Self(sign * minutes))
            .ok_or(HoursError::Offset)
    }
}

/// The zone as letters say it: `UTC`, `UTC+01:00`.
impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, minutes) = match self.0 {
            0 => return f.write_str("UTC"),
            east @ 1.. => ('+', east),
            west => ('-', -west),
        };
        write!(f, "UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from, self.to);
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_goes_over_midnight() {
        let night: Hours = "22:00-06:30".parse().expect("hours");
        for (minute, covered) in [
            (1_320, true),
            (0, true),
            (389, true),
            (390, false),
            (720, false),
        ] {
            assert_eq!(night.covers(minute), covered, "{minute}");
        }
        assert_eq!(night.to_string(), "22:00-06:30");
    }

    #[test]
    fn a_clock_is_read_where_its_owner_lives() {
        let noon = Timestamp::from_millis(1_760_000_400_000);
        let utc = Offset::default().minute(noon);
        let east: Offset = "+02:00".parse().expect("an offset");
        let west: Offset = "-10:30".parse().expect("an offset");
        assert_eq!(east.minute(noon), (utc + 120) % 1_440);
        assert_eq!(west.minute(noon), (utc + 1_440 - 630) % 1_440);
        assert_eq!(west.day(Timestamp::from_millis(0)), -1);
        assert_eq!(east.shown(noon).as_millis(), 1_760_007_600_000);
        let zones = [Offset::default(), east, west].map(|zone| zone.to_string());
        assert_eq!(zones, ["UTC", "UTC+02:00", "UTC-10:30"]);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["24:00", "7:00", "07:60", "0700", "", "aa:bb", "+1:+2"] {
            assert!(time_of_day(text).is_err(), "{text}");
        }
        for text in ["07:00-07:00", "07:00", "07:00-"] {
            assert!(text.parse::<Hours>().is_err(), "{text}");
        }
        for text in ["02:00", "+15:00", "é2:00", ""] {
            assert!(text.parse::<Offset>().is_err(), "{text}");
        }
    }
}

//! Expiry times as metadata writes them: UTC, whole seconds, from 1970 to 9999.

use crate::canonical::Json;
use crate::limits;

const DAY_S: u64 = 86_400;
/// The first second of the year 10000, which four digits cannot write.
const END_S: u64 = 253_402_300_800;

/// When a document ends, in seconds since 1970, by its own word: nobody has checked it here.
pub fn of(document: &[u8]) -> Option<u64> {
    let Ok(Json::Object(envelope)) = Json::parse(document, limits::TARGETS_BYTES) else {
        return None;
    };
    match envelope.get("signed") {
        Some(Json::Object(signed)) => match signed.get("expires") {
            Some(Json::Text(text)) => parse(text),
            _ => None,
        },
        _ => None,
    }
}

/// Reads `YYYY-MM-DDTHH:MM:SSZ` and nothing else.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let separators = [
        (4, b'-'),
        (7, b'-'),
        (10, b'T'),
        (13, b':'),
        (16, b':'),
        (19, b'Z'),
    ];
    if separators
        .iter()
        .any(|&(at, separator)| bytes[at] != separator)
    {
        return None;
    }
    let (year, month, day) = (
        digits(&bytes[0..4])?,
        digits(&bytes[5..7])?,
        digits(&bytes[8..10])?,
    );
    let (hour, minute, second) = (
        digits(&bytes[11..13])?,
        digits(&bytes[14..16])?,
        digits(&bytes[17..19])?,
    );
    if year < 1970 || !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_before_year(year)
        + (1..month)
            .map(|earlier| days_of(year, earlier))
            .sum::<u64>()
        + day
        - 1;
    Some(days * DAY_S + hour * 3600 + minute * 60 + second)
}

/// Writes what [`parse`] reads; `None` from the year 10000 on.
pub(crate) fn format(unix_s: u64) -> Option<String> {
    if unix_s >= END_S {
        return None;
    }
    let (mut days, second) = (unix_s / DAY_S, unix_s % DAY_S);
    let mut year = 1970 + days / 366;
    while days_before_year(year + 1) <= days {
        year += 1;
    }
    days -= days_before_year(year);
    let mut month = 1;
    while days >= days_of(year, month) {
        days -= days_of(year, month);
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    Some(format!(
        "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
        days + 1
    ))
}

fn digits(bytes: &[u8]) -> Option<u64> {
    bytes.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u64::from(byte - b'0'))
    })
}

/// Days from 1970-01-01 to the first day of `year`.
fn days_before_year(year: u64) -> u64 {
    let leap_days = |before: u64| before / 4 - before / 100 + before / 400;
    (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969)
}

fn days_of(year: u64, month: u64) -> u64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times_are_read_and_written() {
        for (text, unix_s) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:34:56Z", 951_827_696),
            ("2026-12-31T23:59:59Z", 1_798_761_599),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", END_S - 1),
        ] {
            assert_eq!(parse(text), Some(unix_s), "{text}");
            assert_eq!(format(unix_s).as_deref(), Some(text));
        }
        assert_eq!(format(END_S), None);
    }

    #[test]
    fn every_day_until_the_year_3000_comes_back() {
        for day in 0..376_200 {
            let unix_s = day * DAY_S + day % DAY_S;
            assert_eq!(
                parse(&format(unix_s).expect("before the year 10000")),
                Some(unix_s)
            );
        }
    }

    #[test]
    fn probe_a_time_that_is_no_time_is_refused() {
        for text in [
            "2026-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00+",
            "2026-01-01 00:00:00Z",
            "+026-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-01-01T00:00:00.0Z",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

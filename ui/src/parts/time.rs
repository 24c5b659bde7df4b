//! Moments and ages: a short relative word to read, the exact instant for machines and on hover.

use jiff::{Timestamp, tz::TimeZone};
use language::{Language, present::present};
use language::{count, say};
use maud::{Markup, html};

/// "12 s ago", with the instant behind it.
pub fn ago(now_ms: u64, at_ms: u64) -> Markup {
    moment(at_ms, &words_since(now_ms, at_ms))
}

/// The same, or a word for "it never happened".
pub fn ago_or(now_ms: u64, at_ms: Option<u64>, never: &str) -> Markup {
    match at_ms {
        Some(at_ms) => ago(now_ms, at_ms),
        None => html! { span.quiet { (never) } },
    }
}

/// "for 25 h", of a state that began then.
pub fn lasting(now_ms: u64, since_ms: u64) -> Markup {
    moment(
        since_ms,
        &say!("for {span}", span = span(now_ms.saturating_sub(since_ms))),
    )
}

/// A full date and time of day.
pub fn stamp(at_ms: u64) -> Markup {
    moment(at_ms, &format(at_ms, "%Y-%m-%d %H:%M:%S"))
}

/// "in 58 min", or "expired".
pub fn until(now_ms: u64, at_ms: u64) -> Markup {
    let words = match at_ms.checked_sub(now_ms) {
        Some(left) if left > 0 => say!("in {span}", span = span(left)),
        _ => say!("expired").to_owned(),
    };
    moment(at_ms, &words)
}

/// A length of time in its largest fitting unit.
pub fn span(length_ms: u64) -> String {
    let seconds = length_ms / 1000;
    match seconds {
        0..=99 => say!("{n} s", n = seconds),
        100..=5_999 => say!("{n} min", n = seconds / 60),
        6_000..=172_799 => say!("{n} h", n = seconds / 3_600),
        _ => count!(seconds / 86_400, "{n} day", "{n} days"),
    }
}

/// A UTC rendering by a `strftime` pattern, whose dates are written in the order of the language: `%Y-%m-%d` and `%-d %b`
/// show as 27/11/2026 and 27/11 in French.
pub fn format(at_ms: u64, pattern: &str) -> String {
    let pattern = match present() {
        Language::English => pattern.to_owned(),
        Language::French => pattern
            .replace("%Y-%m-%d", "%d/%m/%Y")
            .replace("%-d %b", "%d/%m"),
    };
    instant(at_ms)
        .to_zoned(TimeZone::UTC)
        .strftime(&pattern)
        .to_string()
}

fn words_since(now_ms: u64, at_ms: u64) -> String {
    match now_ms.saturating_sub(at_ms) {
        0..=1_999 => say!("just now").to_owned(),
        age => say!("{span} ago", span = span(age)),
    }
}

fn moment(at_ms: u64, words: &str) -> Markup {
    let instant = instant(at_ms);
    html! {
        time datetime=(instant) title=(format(at_ms, "%Y-%m-%d %H:%M:%S UTC")) { (words) }
    }
}

/// Moments beyond what a calendar holds come only from broken clocks, and show as the epoch.
fn instant(at_ms: u64) -> Timestamp {
    let signed = i64::try_from(at_ms).unwrap_or_default();
    Timestamp::from_millisecond(signed).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use language::present::speaking;

    use super::*;

    #[test]
    fn french_writes_ages_and_dates_in_its_own_order() {
        let drawn = |write: fn() -> Markup| speaking(Language::French, || write().into_string());
        let old = drawn(|| ago(86_400_000, 0));
        assert!(
            old.contains("title=\"01/01/1970 00:00:00 UTC\">il y a 24\u{202f}h<"),
            "{old}"
        );
        let date = drawn(|| stamp(0));
        assert!(date.contains("datetime=\"1970-01-01T00:00:00Z\""), "{date}");
        assert!(date.contains(">01/01/1970 00:00:00<"), "{date}");
    }

    #[test]
    fn ages_use_their_largest_fitting_unit() {
        let now = 1_800_000_000_000;
        let age = |ms| words_since(now, now - ms);
        assert_eq!(age(500), "just now");
        assert_eq!(age(12_000), "12 s ago");
        assert_eq!(age(600_000), "10 min ago");
        assert_eq!(age(7_200_000), "2 h ago");
        assert_eq!(age(3 * 86_400_000), "3 days ago");
    }

    #[test]
    fn a_moment_ahead_of_our_clock_is_just_now() {
        assert_eq!(words_since(1_000, 9_000), "just now");
    }

    #[test]
    fn the_exact_instant_stands_behind_the_words() {
        let markup = ago(12_000, 0).into_string();
        assert!(
            markup.contains("datetime=\"1970-01-01T00:00:00Z\""),
            "{markup}"
        );
        assert!(ago(0, u64::MAX).into_string().contains("1970"));
    }
}

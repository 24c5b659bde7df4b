//! How long a certificate of our own holds, and when it is time for the next one.

use std::time::Duration;

use jiff::Timestamp as Moment;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rcgen::{CertificateParams, date_time_ymd};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;

const DAY_S: i64 = 86_400;
/// Browsers take nothing that holds for longer (Apple, Mozilla and Google since 2020).
const LONGEST_DAYS: i64 = 398;
/// For how long one is made, from midnight to midnight: a day back, for clocks that are behind.
const BACK_DAYS: i64 = 1;
const AHEAD_DAYS: i64 = 396;
/// So long before its end it is replaced: twice the time at which *System* would begin to warn.
const LEFT_DAYS: i64 = 60;
/// How often a running coordinator looks.
pub const LOOKED_AT: Duration = Duration::from_secs(3600);
/// Clocks that say more are not believed: 1 January 9000.
const LATEST_S: i64 = 221_845_392_000;

/// Bounds a certificate that is made at `now_s` (Unix time).
pub fn bound(params: &mut CertificateParams, now_s: u64) {
    let now_s = i64::try_from(now_s).map_or(LATEST_S, |now_s| now_s.min(LATEST_S));
    let (year, month, day) = date(now_s - BACK_DAYS * DAY_S);
    params.not_before = date_time_ymd(year, month, day);
    let (year, month, day) = date(now_s + AHEAD_DAYS * DAY_S);
    params.not_after = date_time_ymd(year, month, day);
}

/// Whether it holds now and for a while, no longer than it may, and says whose key has signed it.
pub fn holds(certificate: &X509Certificate<'_>, now_s: u64) -> bool {
    let now_s = i64::try_from(now_s).unwrap_or(i64::MAX);
    let validity = certificate.validity();
    let (from, until) = (
        validity.not_before.timestamp(),
        validity.not_after.timestamp(),
    );
    let mut extensions = certificate.extensions().iter();
    let names_its_signer = extensions.any(|extension| {
        matches!(
            extension.parsed_extension(),
            ParsedExtension::AuthorityKeyIdentifier(_)
        )
    });
    from <= now_s
        && until.saturating_sub(now_s) >= LEFT_DAYS * DAY_S
        && until.saturating_sub(from) <= LONGEST_DAYS * DAY_S
        && names_its_signer
}

/// The day in which a second lies, in UTC.
fn date(second: i64) -> (i32, u8, u8) {
    let date: Date = Moment::from_second(second)
        .expect("it was bounded")
        .to_zoned(TimeZone::UTC)
        .date();
    (
        i32::from(date.year()),
        date.month().unsigned_abs(),
        date.day().unsigned_abs(),
    )
}

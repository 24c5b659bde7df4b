//! The language a browser asks for: `Accept-Language`, RFC 9110 §12.5.4, matched as RFC 4647 §3.3.1 says.

use crate::Language;
use crate::limits::ACCEPTED_RANGES;

/// Thousandths of a quality value.
type Quality = u16;

/// The language of ours that the header prefers; English where it prefers none, or is malformed.
pub fn of_accepted(header: &str) -> Language {
    let ranges: Vec<(&str, Quality)> = header
        .split(',')
        .take(ACCEPTED_RANGES)
        .filter_map(range)
        .collect();
    let mut best = (Language::English, 0);
    for (tag, _) in &ranges {
        let Some(language) = Language::ALL.into_iter().find(|one| names(tag, *one)) else {
            continue;
        };
        let quality = quality_of(language, &ranges);
        if quality > best.1 {
            best = (language, quality);
        }
    }
    best.0
}

/// What the most generous range that names the language says of it; else what the wildcard says.
fn quality_of(language: Language, ranges: &[(&str, Quality)]) -> Quality {
    let named = ranges.iter().filter(|(tag, _)| names(tag, language));
    named.map(|(_, quality)| *quality).max().unwrap_or_default()
}

fn range(text: &str) -> Option<(&str, Quality)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty())?;
    let mut quality = 1_000;
    for parameter in parts {
        let (name, value) = parameter.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("q") {
            quality = thousandths(value.trim())?;
        }
    }
    Some((tag, quality))
}

/// `0`, `1`, and up to three digits after a point.
fn thousandths(value: &str) -> Option<Quality> {
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: Quality = format!("{part:0<3}").parse().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1_000),
        _ => None,
    }
}

/// Whether a range is the language or one of its regions; the wildcard names English, which everybody gets who asks for nothing.
fn names(range: &str, language: Language) -> bool {
    let primary = range.split('-').next().unwrap_or_default();
    primary.eq_ignore_ascii_case(language.tag()) || (range == "*" && language == Language::English)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Language::{English, French};

    #[test]
    fn the_language_of_the_highest_quality_is_spoken() {
        assert_eq!(of_accepted("fr-FR,fr;q=0.9,en;q=0.8"), French);
        assert_eq!(of_accepted("en;q=0.4, fr;q=0.5"), French);
        assert_eq!(of_accepted("fr;q=0.5,en-GB"), English);
        assert_eq!(of_accepted("FR"), French);
    }

    #[test]
    fn of_equal_qualities_the_first_is_meant() {
        assert_eq!(of_accepted("fr,en"), French);
        assert_eq!(of_accepted("en,fr"), English);
    }

    #[test]
    fn whoever_asks_for_none_of_ours_gets_english() {
        for header in [
            "",
            "de",
            "de,*",
            "*;q=0.1",
            "fr;q=0",
            "frr",
            ",,;q=1",
            "fr;q=2",
            "fr;q=0.1234",
        ] {
            assert_eq!(of_accepted(header), English, "{header}");
        }
        assert_eq!(of_accepted("de, fr;q=0.1"), French);
    }

    #[test]
    fn what_stands_beyond_the_bound_is_not_read() {
        let many = "de,".repeat(ACCEPTED_RANGES) + "fr";
        assert_eq!(of_accepted(&many), English);
    }

    proptest! {
        #[test]
        fn no_header_panics(header in "\\PC*") {
            of_accepted(&header);
        }
    }
}

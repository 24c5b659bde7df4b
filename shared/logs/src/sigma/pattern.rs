//! One value of a selection: text with wildcards, in any case of letters, or a regular expression.

use regex::{Regex, RegexBuilder};

use super::{RuleError, wrong};
use crate::limits;

#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// In small letters.
    Glob(Vec<Part>),
    Regex(Regex),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// `*`
    Any,
    /// `?`
    One,
}

/// Where in a text the value has to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Whole,
    Start,
    End,
    Anywhere,
}

impl Pattern {
    pub fn glob(value: &str, place: Place) -> Self {
        let mut parts = Vec::new();
        if matches!(place, Place::End | Place::Anywhere) {
            parts.push(Part::Any);
        }
        let mut text = String::new();
        let mut letters = value.chars().peekable();
        while let Some(letter) = letters.next() {
            let special = match letter {
                '*' => Part::Any,
                '?' => Part::One,
                '\\' if matches!(letters.peek(), Some('*' | '?' | '\\')) => {
                    text.extend(letters.next());
                    continue;
                }
                letter => {
                    text.extend(letter.to_lowercase());
                    continue;
                }
            };
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(special);
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        if matches!(place, Place::Start | Place::Anywhere) {
            parts.push(Part::Any);
        }
        Self::Glob(parts)
    }

    pub fn regex(field: &str, value: &str) -> Result<Self, RuleError> {
        let built = RegexBuilder::new(value)
            .size_limit(limits::REGEX_BYTES)
            .build();
        built
            .map(Self::Regex)
            .map_err(|error| wrong(field, error.to_string()))
    }

    /// `text` is also given in small letters.
    pub fn matches(&self, text: &str, small: &str) -> bool {
        match self {
            Self::Regex(regex) => regex.is_match(text),
            Self::Glob(parts) => glob(parts, small),
        }
    }
}

/// The last `*` is the only place to go back to, so this takes no longer than the lengths multiplied.
fn glob(parts: &[Part], text: &str) -> bool {
    let (mut at, mut part) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    loop {
        match parts.get(part) {
            None if at == text.len() => return true,
            Some(Part::Any) => {
                back = Some((at, part));
                part += 1;
                continue;
            }
            Some(Part::Text(wanted)) if text[at..].starts_with(wanted.as_str()) => {
                at += wanted.len();
                part += 1;
                continue;
            }
            Some(Part::One) => {
                if let Some(letter) = text[at..].chars().next() {
                    at += letter.len_utf8();
                    part += 1;
                    continue;
                }
            }
            None | Some(Part::Text(_)) => {}
        }
        let Some((from, any)) = back else {
            return false;
        };
        let Some(letter) = text[from..].chars().next() else {
            return false;
        };
        at = from + letter.len_utf8();
        back = Some((at, any));
        part = any + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_sigma_says() {
        let cases = [
            (
                "Failed password*",
                Place::Whole,
                "failed password for root",
                true,
            ),
            ("failed", Place::Whole, "failed password", false),
            ("PASSWORD", Place::Anywhere, "failed password", true),
            ("fail?d", Place::Start, "failed password", true),
            ("word", Place::End, "failed password", true),
            ("a\\*b", Place::Whole, "a*b", true),
            ("a\\*b", Place::Whole, "axb", false),
            ("*a*b*c", Place::Whole, "xxaxxbxxbxxc", true),
            ("*é?", Place::Whole, "caféx", true),
            ("", Place::Whole, "", true),
            ("", Place::Whole, "x", false),
        ];
        for (pattern, place, text, fits) in cases {
            let pattern_of = Pattern::glob(pattern, place);
            assert_eq!(
                pattern_of.matches(text, &text.to_lowercase()),
                fits,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn a_hostile_line_takes_no_time() {
        let pattern = Pattern::glob(&"*a".repeat(40), Place::Whole);
        let text = "a".repeat(2_000) + "b";
        assert!(!pattern.matches(&text, &text));
    }
}

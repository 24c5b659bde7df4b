//! The part of a name that a maker owns: habits keep it when the host before it changes.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A suffix of domain names in lower case; it covers itself and every name below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Suffix(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SuffixError {
    #[error("a name has {0} characters: between 1 and 253")]
    Length(usize),
    #[error(
        "a label of the name is empty, longer than 63, or holds more than letters, digits, `-` and `_`"
    )]
    Label,
}

/// Under a national domain these are shared by everybody: what one party owns begins a label further down.
const SHARED_SECOND: &[&str] = &[
    "ac", "co", "com", "edu", "go", "gov", "ne", "net", "nic", "or", "org",
];

/// Names directly below the root, as the public suffix list has them; no maker and no house owns one of them alone.
const TOPS: &str = include_str!("tops.txt");

impl Suffix {
    /// The whole name as a suffix: it covers the name itself and what lies below it.
    pub fn exactly(name: &str) -> Result<Self, SuffixError> {
        let name = name.strip_suffix('.').unwrap_or(name);
        if !(1..=253).contains(&name.len()) {
            return Err(SuffixError::Length(name.len()));
        }
        let top = name.rsplit('.').next().unwrap_or(name);
        if !name.split('.').all(is_label) || top.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SuffixError::Label);
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// The last two labels of a name, or three below the likes of `co.uk`.
    pub fn of(name: &str) -> Result<Self, SuffixError> {
        Self::exactly(name).map(|whole| whole.owner())
    }

    /// The same, of a name that was checked.
    #[must_use]
    pub fn owner(&self) -> Self {
        let labels: Vec<&str> = self.0.split('.').collect();
        let kept = if has_shared_second(&labels) { 3 } else { 2 };
        Self(labels[labels.len().saturating_sub(kept)..].join("."))
    }

    /// Whether strangers share it: `com` and `co.uk` are nobody's, while `localhost` and a bare `nas` are names of a house.
    pub fn is_shared(&self) -> bool {
        match self.0.split('.').collect::<Vec<_>>()[..] {
            [name] => TOPS.split_ascii_whitespace().any(|top| top == name),
            [second, top] => has_shared_second(&[second, top]),
            _ => false,
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a name, in any case, is this one or lies below it.
    pub fn covers(&self, name: &str) -> bool {
        let name = name.strip_suffix('.').unwrap_or(name);
        let Some(rest) = name.len().checked_sub(self.0.len()) else {
            return false;
        };
        let ends = name.as_bytes()[rest..].eq_ignore_ascii_case(self.0.as_bytes());
        ends && (rest == 0 || name.as_bytes()[rest - 1] == b'.')
    }
}

fn has_shared_second(labels: &[&str]) -> bool {
    matches!(labels, [.., second, top] if top.len() == 2 && SHARED_SECOND.contains(second))
}

fn is_label(label: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(known)
}

impl TryFrom<String> for Suffix {
    type Error = SuffixError;

    fn try_from(name: String) -> Result<Self, SuffixError> {
        let suffix = Self::exactly(&name)?;
        if suffix.0 == name {
            Ok(suffix)
        } else {
            Err(SuffixError::Label)
        }
    }
}

impl From<Suffix> for String {
    fn from(suffix: Suffix) -> Self {
        suffix.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_is_what_one_party_owns() {
        for (name, owner) in [
            ("a.b.Example.com.", "example.com"),
            ("cam.maker.co.uk", "maker.co.uk"),
            ("localhost", "localhost"),
            ("x.y.com.cn", "y.com.cn"),
            ("co.uk", "co.uk"),
        ] {
            assert_eq!(Suffix::of(name).unwrap().as_str(), owner);
        }
    }

    #[test]
    fn what_strangers_share_is_told_from_names_of_a_house() {
        let is_shared = |name: &str| Suffix::exactly(name).unwrap().is_shared();
        for name in ["com", "Com.", "de", "xn--p1ai", "cloud", "co.uk", "com.cn"] {
            assert!(is_shared(name), "{name}");
        }
        for name in [
            "local",
            "lan",
            "home",
            "internal",
            "localhost",
            "nas",
            "maker.com",
            "m.co.uk",
        ] {
            assert!(!is_shared(name), "{name}");
        }
    }

    #[test]
    fn it_covers_names_below_it_and_no_lookalike() {
        let suffix = Suffix::of("api.maker.com").unwrap();
        for name in ["maker.com", "A.Maker.Com", "x.y.maker.com."] {
            assert!(suffix.covers(name), "{name}");
        }
        for name in ["notmaker.com", "maker.com.evil.org", "com", "", "é"] {
            assert!(!suffix.covers(name), "{name}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for name in [
            "",
            ".",
            "a..b",
            "a b",
            "ä.de",
            &"x".repeat(64),
            &"a.".repeat(200),
        ] {
            assert!(Suffix::of(name).is_err(), "{name}");
        }
    }
}

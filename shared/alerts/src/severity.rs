//! How much an alert matters, in the five steps of Sigma's levels.

use std::fmt;
use std::str::FromStr;

use language::say;
use minicbor::{Decode, Encode};
use thiserror::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Severity {
    /// Worth reading once.
    #[n(0)]
    Info,
    #[n(1)]
    Low,
    #[n(2)]
    Medium,
    #[n(3)]
    High,
    /// Wakes somebody.
    #[n(4)]
    Critical,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no severity: use info, low, medium, high or critical")]
pub struct SeverityError(String);

impl Severity {
    pub const ALL: [Self; 5] = [
        Self::Info,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The stable word used in interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The same for people, in the language of the moment.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Info => say!("level|info"),
            Self::Low => say!("level|low"),
            Self::Medium => say!("level|medium"),
            Self::High => say!("level|high"),
            Self::Critical => say!("level|critical"),
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Severity {
    type Err = SeverityError;

    fn from_str(word: &str) -> Result<Self, SeverityError> {
        let found = Self::ALL
            .into_iter()
            .find(|severity| severity.word() == word);
        found.ok_or_else(|| SeverityError(word.chars().take(32).collect()))
    }
}

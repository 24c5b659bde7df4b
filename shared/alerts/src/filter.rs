//! Which alerts somebody wants to see, and in which order.

use protocol::id::DeviceId;
use protocol::time::Timestamp;

use crate::alert::{Alert, State};
use crate::severity::Severity;
use crate::text::Name;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub states: Shown,
    pub severity: Option<Severity>,
    pub device: Option<DeviceId>,
    pub rule: Option<Name>,
    pub incident: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Shown {
    /// Those that are not over.
    #[default]
    Current,
    All,
    /// Those of one state, by its word.
    Only(&'static str),
}

impl Shown {
    /// Reads a state's word, `current` or `all`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "" | "current" => Some(Self::Current),
            "all" => Some(Self::All),
            word => State::WORDS
                .into_iter()
                .find(|known| *known == word)
                .map(Self::Only),
        }
    }

    pub fn word(&self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::All => "all",
            Self::Only(word) => word,
        }
    }
}

impl Filter {
    pub fn shows(&self, alert: &Alert, now: Timestamp) -> bool {
        let state = alert.state_at(now);
        let of_state = match self.states {
            Shown::All => true,
            Shown::Current => !state.is_over(),
            Shown::Only(word) => state.word() == word,
        };
        of_state
            && self.severity.is_none_or(|least| alert.severity >= least)
            && self
                .device
                .is_none_or(|device| alert.device == Some(device))
            && self
                .rule
                .as_ref()
                .is_none_or(|rule| alert.rule.name == *rule)
            && self.incident.is_none_or(|number| alert.incident == number)
    }
}

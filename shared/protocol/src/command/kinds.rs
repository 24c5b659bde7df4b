//! What can be commanded, and which of it the coordinator may sign by itself.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Encode};
use thiserror::Error;

/// What a device can be told to do once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Starts the service anew that the node runs from its slot.
    Restart,
    /// Collects the node's newest log lines.
    Logs,
    /// Scans the subnets that the device is in.
    Scan,
    /// Removes keys and journal: only an order in the identity log does.
    Wipe,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` cannot be commanded: choose restart, logs, scan or wipe")]
pub struct KindError(String);

/// Some kinds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Kinds(#[n(0)] u8);

impl Kind {
    pub const ALL: [Self; 4] = [Self::Restart, Self::Logs, Self::Scan, Self::Wipe];
    /// The number of no kind.
    pub const UNKNOWN: u16 = u16::MAX;

    pub const fn number(self) -> u16 {
        match self {
            Self::Restart => 0,
            Self::Logs => 1,
            Self::Scan => 2,
            Self::Wipe => 3,
        }
    }

    pub fn of(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The stable word used in documents, logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Logs => "logs",
            Self::Scan => "scan",
            Self::Wipe => "wipe",
        }
    }
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(word: &str) -> Result<Self, KindError> {
        let found = Self::ALL.into_iter().find(|kind| kind.word() == word);
        found.ok_or_else(|| KindError(word.to_owned()))
    }
}

impl Kinds {
    pub const NONE: Self = Self(0);
    /// What the coordinator may sign where administrators say nothing else: what touches the addressed device alone. A
    /// scan touches its neighbours, some of which must not be scanned.
    pub const USUAL: Self = Self::NONE.with(Kind::Restart).with(Kind::Logs);

    pub const fn contains(self, kind: Kind) -> bool {
        self.0 & (1 << kind.number()) != 0
    }

    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind.number())
    }

    pub fn all(self) -> impl Iterator<Item = Kind> {
        Kind::ALL
            .into_iter()
            .filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.all().map(Kind::word).collect();
        match words.is_empty() {
            true => f.write_str("none"),
            false => f.write_str(&words.join(",")),
        }
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// `none`, or words with commas between them.
impl FromStr for Kinds {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        match text.trim() {
            "none" => Ok(Self::NONE),
            words => words.split(',').map(|word| word.trim().parse()).collect(),
        }
    }
}

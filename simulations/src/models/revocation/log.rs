//! Identity logs in short: what became of one device, entry by entry behind its admission.

use std::fmt;

/// Entries of the longest log.
pub const LENGTH: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    Admission,
    /// Another admission under the same key and id.
    Renewal,
    /// By the admission key, until the end of this day.
    Suspension {
        day: u8,
    },
    /// By an administrator's key.
    Revocation,
    /// A revocation signed by the admission key.
    Forgery,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Log {
    length: u8,
    entries: [Entry; LENGTH],
}

impl Log {
    /// The log that holds the admission alone.
    pub const FIRST: Self = Self {
        length: 1,
        entries: [Entry::Admission; LENGTH],
    };

    pub fn entries(&self) -> &[Entry] {
        &self.entries[..usize::from(self.length)]
    }

    pub fn len(&self) -> u8 {
        self.length
    }

    pub fn is_full(&self) -> bool {
        self.entries().len() == LENGTH
    }

    pub fn push(&mut self, entry: Entry) {
        self.entries[usize::from(self.length)] = entry;
        self.length += 1;
    }

    pub fn up_to(&self, length: usize) -> Self {
        let mut log = Self::FIRST;
        self.entries()[1..length]
            .iter()
            .for_each(|entry| log.push(*entry));
        log
    }

    pub fn has(&self, entry: Entry) -> bool {
        self.entries().contains(&entry)
    }

    pub fn starts_with(&self, other: &Self) -> bool {
        self.entries().starts_with(other.entries())
    }

    /// Whether one is the beginning of the other.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.starts_with(other) || other.starts_with(self)
    }

    /// The day of the newest suspension.
    pub fn suspension(&self) -> Option<u8> {
        self.entries().iter().rev().find_map(|entry| match entry {
            Entry::Suspension { day } => Some(*day),
            _ => None,
        })
    }

    pub fn last_word(&self) -> Option<Entry> {
        self.entries().last().copied()
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Admission => "the admission",
            Self::Renewal => "a renewal",
            Self::Suspension { .. } => "a suspension",
            Self::Revocation => "the revocation",
            Self::Forgery => "a revocation of his own signing",
        })
    }
}

//! "This is normal", who said so, and taking it back.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Entry, Origin, Profile, Standing};
use crate::limits::{PROFILE_CHANGES, PROFILE_ENTRIES};

/// One word of a person, and what stood there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Counts up over the life of the profile.
    pub number: u64,
    pub entry: Entry,
    pub at_s: u64,
    before: Option<Standing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UndoError {
    #[error("change {0} is not among the last {PROFILE_CHANGES}: remove its entry instead")]
    Unknown(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the profile holds {PROFILE_ENTRIES} entries: forget some first")]
pub struct FullError;

impl Profile {
    /// Adds what a person says is normal, at any stage. The last [`PROFILE_CHANGES`] can be undone.
    pub fn allow(&mut self, entry: Entry, now_s: u64) -> Result<u64, FullError> {
        let before = self.entries.get(&entry).copied();
        if before.is_none() && self.entries.len() >= PROFILE_ENTRIES {
            return Err(FullError);
        }
        let standing = before.unwrap_or(Standing {
            origin: Origin::Allowed,
            first_s: now_s,
            last_s: now_s,
            support: 0,
        });
        self.entries.insert(
            entry.clone(),
            Standing {
                origin: Origin::Allowed,
                ..standing
            },
        );
        let number = self.next_change;
        self.next_change += 1;
        if self.changes.len() == PROFILE_CHANGES {
            self.changes.remove(0);
        }
        self.changes.push(Change {
            number,
            entry,
            at_s: now_s,
            before,
        });
        Ok(number)
    }

    /// Takes a person's word back: the entry stands as it did before, or not at all. What was said of the same entry
    /// later goes with it.
    pub fn undo(&mut self, number: u64) -> Result<Entry, UndoError> {
        let found = self
            .changes
            .iter()
            .position(|change| change.number == number);
        let change = self
            .changes
            .remove(found.ok_or(UndoError::Unknown(number))?);
        self.changes
            .retain(|later| later.number < number || later.entry != change.entry);
        match change.before {
            Some(standing) => self.entries.insert(change.entry.clone(), standing),
            None => self.entries.remove(&change.entry),
        };
        Ok(change.entry)
    }

    /// What can be undone, the oldest first.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}

pub(super) fn plausible(changes: &[Change], next: u64) -> bool {
    let rising = changes
        .windows(2)
        .all(|pair| pair[0].number < pair[1].number);
    rising
        && changes.len() <= PROFILE_CHANGES
        && changes.last().is_none_or(|last| last.number < next)
}

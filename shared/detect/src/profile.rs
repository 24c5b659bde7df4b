//! What one device usually does: learnt, tried, then held to.
//!
//! While learning, every flow of good times becomes an entry. On trial, what no entry allows is unusual and said. Only
//! a person's word makes it enforcing: then it is denied. "This is normal" adds an entry at any stage and can be undone.

mod change;
mod domain;
mod entry;
mod roaming;
mod share;
mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use change::{Change, UndoError};
pub use domain::{Suffix, SuffixError};
pub use entry::{Direction, Entry, Flow, Network, NetworkError, Peer, Role, Service, Span};
pub use share::{MergeError, merged};
pub use words::EntryError;

use crate::limits::{PROFILE_BYTES, PROFILE_ENTRIES};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Learning,
    Trial,
    Enforcing,
}

/// Where an entry comes from; people see it beside the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Seen in the device's own good times.
    Learnt,
    /// From the baseline of its class, not seen here yet.
    Lent,
    /// From the maker's MUD file, not seen here yet.
    Declared,
    /// Somebody said that this is normal.
    Allowed,
}

/// How well an entry is founded. Times are seconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    pub origin: Origin,
    pub first_s: u64,
    pub last_s: u64,
    /// Flows that it was seen in.
    pub support: u64,
}

/// Whether the times are good: a firing rule stops learning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    Good,
    Suspect,
}

/// What is said of one flow, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This entry allows it.
    Allowed { entry: Entry, standing: Standing },
    /// It was learnt just now.
    Learnt { entry: Entry },
    /// Nothing allows it, and nothing is learnt of it; `entry` would allow it.
    Unusual { entry: Entry, why: Unusual },
    /// The profile is enforced and nothing allows it; `entry` would.
    Denied { entry: Entry },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusual {
    /// The profile is on trial and knows no such flow.
    Unknown,
    /// A rule fires on the device, so nothing is learnt.
    Suspect,
    /// The device has more habits than a profile holds.
    Full,
}

/// How long a device is watched before its profile is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileConfig {
    pub learning: Duration,
    /// Flows without which it goes on learning, however long.
    pub flows: u64,
}

impl Default for ProfileConfig {
    fn default() -> Self {
        Self {
            learning: Duration::from_secs(24 * 60 * 60),
            flows: 50,
        }
    }
}

/// One device's profile: at most [`PROFILE_ENTRIES`] entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    config: ProfileConfig,
    stage: Stage,
    since_s: u64,
    flows: u64,
    #[serde(with = "entry::pairs")]
    entries: BTreeMap<Entry, Standing>,
    changes: Vec<Change>,
    next_change: u64,
}

#[derive(Debug, Error)]
pub enum ProfileError {
    #[error("{0} bytes are more than a profile may have ({PROFILE_BYTES})")]
    TooLong(usize),
    #[error("the bytes are no profile: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("{0} entries are more than a profile may have ({PROFILE_ENTRIES})")]
    TooMany(usize),
    #[error("the profile names more undone or later changes than it holds")]
    Changes,
}

impl Profile {
    pub const fn new(config: ProfileConfig, now_s: u64) -> Self {
        Self {
            config,
            stage: Stage::Learning,
            since_s: now_s,
            flows: 0,
            entries: BTreeMap::new(),
            changes: Vec::new(),
            next_change: 0,
        }
    }

    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// When it came to this stage.
    pub const fn since_s(&self) -> u64 {
        self.since_s
    }

    pub fn entries(&self) -> impl ExactSizeIterator<Item = (&Entry, &Standing)> {
        self.entries.iter()
    }

    /// Flows that it was learnt from and that it allowed.
    pub const fn flows(&self) -> u64 {
        self.flows
    }

    pub fn standing(&self, entry: &Entry) -> Option<&Standing> {
        self.entries.get(entry)
    }

    /// Takes up what is declared or lent beside what is known, as far as there is room; says how many are new.
    pub fn add<'a>(
        &mut self,
        entries: impl IntoIterator<Item = &'a Entry>,
        origin: Origin,
        now_s: u64,
    ) -> usize {
        let before = self.entries.len();
        for entry in entries {
            if self.entries.len() >= PROFILE_ENTRIES {
                break;
            }
            self.entries.entry(entry.clone()).or_insert(Standing {
                origin,
                first_s: now_s,
                last_s: now_s,
                support: 0,
            });
        }
        self.entries.len() - before
    }

    /// What would be said of a flow; nothing changes.
    pub fn judge(&self, flow: &Flow<'_>) -> Verdict {
        if let Some((entry, standing)) = self.allowing(flow) {
            return Verdict::Allowed {
                entry: entry.clone(),
                standing: *standing,
            };
        }
        let entry = Entry::of(flow);
        match self.stage {
            Stage::Enforcing => Verdict::Denied { entry },
            Stage::Learning | Stage::Trial => Verdict::Unusual {
                entry,
                why: Unusual::Unknown,
            },
        }
    }

    /// Judges a flow, counts it with its entry and, in good times of the learning stage, learns it.
    pub fn observe(&mut self, flow: &Flow<'_>, times: Times, now_s: u64) -> Verdict {
        let verdict = self.judge(flow);
        match (verdict, times) {
            (Verdict::Allowed { entry, standing }, Times::Good) => {
                self.count(&entry, now_s);
                Verdict::Allowed { entry, standing }
            }
            (Verdict::Unusual { entry, .. }, times) if self.stage == Stage::Learning => {
                if times == Times::Suspect {
                    return Verdict::Unusual {
                        entry,
                        why: Unusual::Suspect,
                    };
                }
                let wide = self.roaming(&entry, flow);
                self.learn(wide.unwrap_or(entry), now_s)
            }
            (verdict, _) => verdict,
        }
    }

    fn learn(&mut self, entry: Entry, now_s: u64) -> Verdict {
        if self.entries.len() >= PROFILE_ENTRIES {
            return Verdict::Unusual {
                entry,
                why: Unusual::Full,
            };
        }
        let standing = Standing {
            origin: Origin::Learnt,
            first_s: now_s,
            last_s: now_s,
            support: 1,
        };
        self.entries.insert(entry.clone(), standing);
        self.flows = self.flows.saturating_add(1);
        Verdict::Learnt { entry }
    }

    fn count(&mut self, entry: &Entry, now_s: u64) {
        self.flows = self.flows.saturating_add(1);
        if let Some(standing) = self.entries.get_mut(entry) {
            if standing.support == 0 {
                standing.first_s = now_s;
            }
            standing.support = standing.support.saturating_add(1);
            standing.last_s = standing.last_s.max(now_s);
            // What was only borrowed has become the device's own.
            if standing.origin == Origin::Lent {
                standing.origin = Origin::Learnt;
            }
        }
    }

    fn allowing(&self, flow: &Flow<'_>) -> Option<(&Entry, &Standing)> {
        let own = Entry::of(flow);
        if let Some(known) = self.entries.get_key_value(&own) {
            return Some(known);
        }
        self.entries.iter().find(|(entry, _)| entry.allows(flow))
    }

    /// Goes on trial when it has learnt long enough and enough; says whether it did.
    pub fn advance(&mut self, now_s: u64) -> bool {
        let long_enough = now_s.saturating_sub(self.since_s) >= self.config.learning.as_secs();
        let due = self.stage == Stage::Learning && long_enough && self.flows >= self.config.flows;
        if due {
            self.enter(Stage::Trial, now_s);
        }
        due
    }

    /// A person's word: to enforce what was tried, or to go back to trial or learning.
    pub const fn enter(&mut self, stage: Stage, now_s: u64) {
        self.stage = stage;
        self.since_s = now_s;
    }

    /// Forgets what was learnt or lent and not seen since; what a person or the maker allowed stays. Says how many.
    pub fn forget_before(&mut self, then_s: u64) -> usize {
        let before = self.entries.len();
        let stays = |origin| matches!(origin, Origin::Allowed | Origin::Declared);
        self.entries
            .retain(|_, standing| stays(standing.origin) || standing.last_s >= then_s);
        before - self.entries.len()
    }

    /// The form in which it is stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a profile holds nothing that JSON cannot say")
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProfileError> {
        if bytes.len() > PROFILE_BYTES {
            return Err(ProfileError::TooLong(bytes.len()));
        }
        let profile: Self = serde_json::from_slice(bytes)?;
        if profile.entries.len() > PROFILE_ENTRIES {
            return Err(ProfileError::TooMany(profile.entries.len()));
        }
        if !change::plausible(&profile.changes, profile.next_change) {
            return Err(ProfileError::Changes);
        }
        Ok(profile)
    }
}

#[cfg(test)]
mod tests;

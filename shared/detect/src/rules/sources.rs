//! A bounded memory of sources: whoever was active longest ago gives way.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use super::limits::{AGAIN_US, SOURCES};

#[derive(Debug, Clone)]
pub(super) struct Sources<T> {
    memory: BTreeMap<Subject, Kept<T>>,
    /// By the time of the last activity.
    order: BTreeSet<(u64, Subject)>,
}

#[derive(Debug, Clone)]
struct Kept<T> {
    last_us: u64,
    said_us: Option<u64>,
    state: T,
}

impl<T> Default for Sources<T> {
    fn default() -> Self {
        Self {
            memory: BTreeMap::new(),
            order: BTreeSet::new(),
        }
    }
}

impl<T: Default> Sources<T> {
    /// What is remembered of a source, from now on at least.
    pub fn state(&mut self, at_us: u64, source: Subject) -> &mut T {
        let is_new = !self.memory.contains_key(&source);
        if is_new
            && self.memory.len() >= SOURCES
            && let Some((_, quietest)) = self.order.pop_first()
        {
            self.memory.remove(&quietest);
        }
        let kept = self.memory.entry(source).or_insert_with(|| Kept {
            last_us: at_us,
            said_us: None,
            state: T::default(),
        });
        self.order.remove(&(kept.last_us, source));
        kept.last_us = kept.last_us.max(at_us);
        self.order.insert((kept.last_us, source));
        &mut kept.state
    }
}

impl<T> Sources<T> {
    pub fn find(&self, source: Subject) -> Option<&T> {
        self.memory.get(&source).map(|kept| &kept.state)
    }

    /// The same, to judge it without any activity of its own.
    pub fn find_mut(&mut self, source: Subject) -> Option<&mut T> {
        self.memory.get_mut(&source).map(|kept| &mut kept.state)
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.memory.len()
    }

    /// Everybody who was active since then.
    pub fn active_since(&self, since_us: u64) -> Vec<Subject> {
        let from = (since_us, Subject(0));
        self.order
            .range(from..)
            .map(|(_, source)| *source)
            .collect()
    }

    /// Whether a rule may speak of the source: not if it just has.
    pub fn may_say(&mut self, at_us: u64, source: Subject) -> bool {
        let Some(kept) = self.memory.get_mut(&source) else {
            return false;
        };
        let is_due = kept
            .said_us
            .is_none_or(|said| at_us.saturating_sub(said) >= AGAIN_US);
        if is_due {
            kept.said_us = Some(at_us);
        }
        is_due
    }

    pub fn said(&self, source: Subject) -> Option<u64> {
        self.memory.get(&source)?.said_us
    }
}

//! One ordered queue for all deadlines of a machine, so that none can be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use crate::time::Instant;

/// At most one deadline for each kind; setting it again moves it.
#[derive(Debug, Clone)]
pub struct Deadlines<K> {
    by_time: BTreeSet<(Instant, K)>,
    by_kind: BTreeMap<K, Instant>,
}

impl<K: Copy + Ord> Default for Deadlines<K> {
    fn default() -> Self {
        Self {
            by_time: BTreeSet::new(),
            by_kind: BTreeMap::new(),
        }
    }
}

impl<K: Copy + Ord> Deadlines<K> {
    pub fn set(&mut self, kind: K, at: Instant) {
        self.clear(kind);
        self.by_kind.insert(kind, at);
        self.by_time.insert((at, kind));
    }

    /// Moves a deadline only if this is sooner.
    pub fn hasten(&mut self, kind: K, at: Instant) {
        if self.by_kind.get(&kind).is_none_or(|&current| at < current) {
            self.set(kind, at);
        }
    }

    pub fn clear(&mut self, kind: K) {
        if let Some(at) = self.by_kind.remove(&kind) {
            self.by_time.remove(&(at, kind));
        }
    }

    pub fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|&(at, _)| at)
    }

    /// Takes the oldest deadline that is due.
    pub fn pop(&mut self, now: Instant) -> Option<K> {
        let &(at, kind) = self.by_time.first()?;
        if at > now {
            return None;
        }
        self.clear(kind);
        Some(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_fall_due_in_order_and_only_once() {
        let at = Instant::from_millis;
        let mut deadlines = Deadlines::default();
        deadlines.set('b', at(20));
        deadlines.set('a', at(30));
        deadlines.set('a', at(10));
        deadlines.hasten('b', at(40));
        assert_eq!(deadlines.next(), Some(at(10)));
        assert_eq!(deadlines.pop(at(25)), Some('a'));
        assert_eq!(deadlines.pop(at(25)), Some('b'));
        assert_eq!(deadlines.pop(at(99)), None);
    }
}

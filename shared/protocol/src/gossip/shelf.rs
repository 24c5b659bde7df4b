//! What is held to be passed on, by age, and the names of what has come before.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::evidence::{Evidence, EvidenceId, Slot};
use crate::limits;

/// Evidence for whoever asks, and enough memory to recognise what comes again.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    held: BTreeMap<EvidenceId, Held>,
    /// By age.
    order: BTreeMap<u64, EvidenceId>,
    taken: u64,
    /// The version that is held where only one counts.
    slots: BTreeMap<Slot, EvidenceId>,
    /// Names of what came and is not held: it was out of date, or nothing that others need.
    seen: BTreeSet<EvidenceId>,
    seen_by_age: VecDeque<EvidenceId>,
}

#[derive(Debug)]
struct Held {
    evidence: Evidence,
    place: u64,
}

impl Shelf {
    pub(super) fn holds(&self, id: &EvidenceId) -> bool {
        self.held.contains_key(id)
    }

    /// Whether it came before, whatever became of it.
    pub(super) fn knows(&self, id: &EvidenceId) -> bool {
        self.holds(id) || self.seen.contains(id)
    }

    pub(super) fn version(&self, slot: &Slot) -> Option<&Evidence> {
        self.get(self.slots.get(slot)?)
    }

    pub(super) fn get(&self, id: &EvidenceId) -> Option<&Evidence> {
        self.held.get(id).map(|held| &held.evidence)
    }

    pub(super) fn evidence(&self) -> impl Iterator<Item = &Evidence> {
        self.held.values().map(|held| &held.evidence)
    }

    pub(super) fn names(&self) -> BTreeSet<EvidenceId> {
        self.held.keys().copied().collect()
    }

    /// Keeps a piece in place of the one that it makes out of date, whose name is returned; beyond
    /// [`limits::EVIDENCE_KEPT`] the oldest goes.
    pub(super) fn keep(&mut self, evidence: Evidence) -> Option<EvidenceId> {
        let id = evidence.id();
        let replaced = evidence
            .slot()
            .and_then(|slot| self.slots.insert(slot, id))
            .filter(|replaced| *replaced != id);
        if let Some(replaced) = replaced {
            self.forget(&replaced);
        }
        self.taken += 1;
        let place = self.taken;
        self.order.insert(place, id);
        self.held.insert(id, Held { evidence, place });
        if self.order.len() > limits::EVIDENCE_KEPT
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.drop(&oldest);
        }
        replaced
    }

    /// Remembers that something came; beyond [`limits::EVIDENCE_SEEN`] the oldest name goes.
    pub(super) fn see(&mut self, id: EvidenceId) {
        if self.seen.insert(id) {
            self.seen_by_age.push_back(id);
        }
        if self.seen_by_age.len() > limits::EVIDENCE_SEEN
            && let Some(oldest) = self.seen_by_age.pop_front()
        {
            self.seen.remove(&oldest);
        }
    }

    /// Something is out of date: only its name is kept, so that it is known when it comes again.
    pub(super) fn forget(&mut self, id: &EvidenceId) {
        if let Some(place) = self.drop(id) {
            self.order.remove(&place);
            self.see(*id);
        }
    }

    fn drop(&mut self, id: &EvidenceId) -> Option<u64> {
        let held = self.held.remove(id)?;
        if let Some(slot) = held.evidence.slot()
            && self.slots.get(&slot) == Some(id)
        {
            self.slots.remove(&slot);
        }
        Some(held.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(number: usize) -> Evidence {
        Evidence::Head(number.to_be_bytes().to_vec().into())
    }

    #[test]
    fn what_is_forgotten_is_still_known() {
        let mut shelf = Shelf::default();
        shelf.keep(piece(1));
        shelf.forget(&piece(1).id());
        assert!(!shelf.holds(&piece(1).id()) && shelf.knows(&piece(1).id()));
        shelf.keep(piece(1));
        assert!(shelf.holds(&piece(1).id()), "it may come back");
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let mut shelf = Shelf::default();
        for number in 0..=limits::EVIDENCE_SEEN {
            shelf.see(piece(number).id());
        }
        assert!(!shelf.knows(&piece(0).id()) && shelf.knows(&piece(1).id()));
        for number in 0..=limits::EVIDENCE_KEPT {
            shelf.keep(piece(number));
        }
        assert!(!shelf.holds(&piece(0).id()) && shelf.holds(&piece(1).id()));
    }
}

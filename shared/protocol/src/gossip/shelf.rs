//! What is held to be passed on, by age, and the names of what has come before.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::evidence::{Evidence, EvidenceId, Slot};
use crate::limits;
use crate::name::Name;

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

    /// Whether anything that is called so came before.
    pub(super) fn knows_as(&self, name: &Name) -> bool {
        match name {
            Name::Whole(id) => self.knows(id),
            Name::Short(word) => {
                let (first, last) = word.bounds();
                self.called(*name).next().is_some()
                    || self.seen.range(first..=last).next().is_some()
            }
        }
    }

    /// What is held under a name.
    pub(super) fn called(&self, name: Name) -> impl Iterator<Item = &Evidence> {
        let (first, last) = match name {
            Name::Whole(id) => (id, id),
            Name::Short(word) => word.bounds(),
        };
        let held = self.held.range(first..=last);
        held.map(|(_, held)| &held.evidence)
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

    /// What others are told of those that are held; what was forgotten meanwhile is out of date.
    pub(super) fn names_of(&self, ids: &[EvidenceId]) -> Vec<Name> {
        let held = ids.iter().filter_map(|id| self.get(id));
        held.map(Name::of).collect()
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

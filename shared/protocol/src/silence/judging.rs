//! The judgement: who goes down and who comes back, by what has changed since the last one.

use super::{Down, SETTLED_AFTER, Silence, WEAKER_AFTER};
use crate::id::DeviceId;
use crate::quorum;
use crate::rings::Rings;
use crate::time::Instant;

/// Deaths that follow from deaths are followed so far at once; what is left waits for the next judgement.
const ROUNDS: u32 = 16;

/// Who changed sides in one judgement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub went_down: Vec<DeviceId>,
    pub came_back: Vec<DeviceId>,
}

impl Changes {
    /// Whoever changes sides and changes back has not changed.
    fn add(&mut self, device: DeviceId, goes_down: bool) {
        let (there, back) = if goes_down {
            (&mut self.went_down, &mut self.came_back)
        } else {
            (&mut self.came_back, &mut self.went_down)
        };
        match back.iter().position(|other| *other == device) {
            Some(place) => _ = back.remove(place),
            None => there.push(device),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.went_down.is_empty() && self.came_back.is_empty()
    }
}

impl Silence {
    /// Judges those anew of whom something has changed; returns who went down and who came back.
    pub fn judge(&mut self, rings: &Rings, now: Instant) -> Changes {
        let ripe = self.waiting.iter().take_while(|(at, _)| *at <= now);
        self.open.extend(ripe.map(|(_, device)| *device));
        self.waiting.retain(|(at, _)| *at > now);
        self.fallen.retain(|_, at| now.since(*at) < SETTLED_AFTER);
        let mut changes = Changes::default();
        for _ in 0..ROUNDS {
            for device in self.with_dependants(rings) {
                let certified = self.is_held_down(&device, rings, now);
                if certified == self.down.contains(&device) {
                    continue;
                }
                // Its seats pass on, or come back: those whom it watches are judged with others.
                let charges = self.charges(device, rings);
                self.open.extend(charges);
                if certified {
                    self.down.insert(device);
                    self.fallen.insert(device, now);
                } else {
                    self.down.remove(&device);
                    self.fallen.remove(&device);
                }
                changes.add(device, certified);
            }
        }
        changes
    }

    /// The open cases, and those in which somebody has a seat who is expected to vote no more, or again.
    fn with_dependants(&mut self, rings: &Rings) -> Down {
        let mut cases = std::mem::take(&mut self.open);
        for device in std::mem::take(&mut self.shaken) {
            cases.extend(self.charges(device, rings));
        }
        cases.retain(|device| self.accusers.contains_key(device) || self.down.contains(device));
        cases.retain(|device| !self.buried.contains(device));
        cases
    }

    /// Those whom a device watches while it is there.
    fn charges(&mut self, device: DeviceId, rings: &Rings) -> Vec<DeviceId> {
        let is_down = self.down.remove(&device);
        let charges = rings.charges(&device, &self.down);
        if is_down {
            self.down.insert(device);
        }
        charges
    }

    pub(super) fn is_held_down(&mut self, device: &DeviceId, rings: &Rings, now: Instant) -> bool {
        if self.me.as_ref() == Some(device) {
            return false;
        }
        if self.is_certified(device, rings, now) {
            self.inherited.remove(device);
            return true;
        }
        let held = self.inherited.contains(device) && self.voters(device).next().is_some();
        if !held {
            self.inherited.remove(device);
        }
        held
    }

    fn is_certified(&self, device: &DeviceId, rings: &Rings, now: Instant) -> bool {
        let jury = rings.jury(device);
        let least = quorum::reduced_liveness_quorum(jury, 0);
        if least.is_none_or(|least| self.voters(device).count() < least) {
            return false;
        }
        let seats = self.seats(device, rings);
        let votes = quorum::votes(&seats, self.voters(device));
        if quorum::liveness_quorum(jury).is_some_and(|needed| votes >= needed) {
            return true;
        }
        let since = self.doubted.get(device);
        if since.is_none_or(|since| now.since(*since) < WEAKER_AFTER) {
            return false;
        }
        let answering = self.answering(device, seats, rings);
        quorum::reduced_liveness_quorum(jury, answering).is_some_and(|needed| votes >= needed)
    }

    /// Of how many a word can be expected. Whoever has just taken over a seat has none yet, and none is needed of those
    /// who take over when the device is down already: the word of the witnesses whom it had stands.
    fn answering(&self, device: &DeviceId, seats: Vec<DeviceId>, rings: &Rings) -> usize {
        let asked = if self.down.contains(device) {
            self.seats_without(device, &Down::default(), rings)
        } else if self.fallen.is_empty() {
            seats
        } else {
            let mut settled = self.down.clone();
            settled.retain(|device| !self.fallen.contains_key(device));
            self.seats_without(device, &settled, rings)
        };
        asked.iter().filter(|seat| self.is_expected(seat)).count()
    }

    /// Whether a witness can be expected to have a word in this.
    fn is_expected(&self, witness: &DeviceId) -> bool {
        !self.down.contains(witness) && self.is_answering(witness)
    }
}

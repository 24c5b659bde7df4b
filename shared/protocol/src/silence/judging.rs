//! The judgement: who goes down and who comes back, by what has changed since the last one.

use std::collections::BTreeSet;

use super::{Down, SETTLED_AFTER, Silence, WEAKER_AFTER};
use crate::id::DeviceId;
use crate::quorum;
use crate::rings::Rings;
use crate::time::{Instant, Timestamp};

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
        self.settle(rings, now);
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
                    self.fell
                        .extend(self.newest_word(&device).map(|at| (device, at)));
                } else {
                    self.down.remove(&device);
                    self.fallen.remove(&device);
                    self.fell.remove(&device);
                }
                changes.add(device, certified);
            }
        }
        changes
    }

    /// Whoever took over a seat long enough ago counts from here on.
    fn settle(&mut self, rings: &Rings, now: Instant) {
        let fallen = self.fallen.iter();
        let settled = fallen.filter(|(_, at)| now.since(**at) >= SETTLED_AFTER);
        let settled: Vec<DeviceId> = settled.map(|(device, _)| *device).collect();
        for device in settled {
            self.fallen.remove(&device);
            let charges = self.charges(device, rings);
            self.open.extend(charges);
        }
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

    /// Those on whom a device has a seat while it is there, whoever else is counted as gone.
    fn charges(&mut self, device: DeviceId, rings: &Rings) -> Down {
        let is_down = self.down.remove(&device);
        let mut charges = Down::new();
        charges.extend(rings.charges(&device, &self.down));
        if !self.down.is_empty() {
            charges.extend(rings.charges(&device, &Down::new()));
        }
        if !self.fallen.is_empty() {
            charges.extend(rings.charges(&device, &self.settled()));
        }
        if is_down {
            self.down.insert(device);
        }
        charges
    }

    /// Those who went down so long ago that others have their seats for certain.
    fn settled(&self) -> Down {
        let down = self.down.iter();
        let settled = down.filter(|device| !self.fallen.contains_key(device));
        settled.copied().collect()
    }

    /// Those of them who were down so long before the words about a device as well: whoever hears of a storm late hears
    /// of the witnesses and of those whom they watched at different times, and takes the words as they were meant.
    fn settled_for(&self, device: &DeviceId) -> Down {
        let mut settled = self.settled();
        let said = self.newest_word(device);
        settled.retain(|other| {
            let times = self.fell.get(other).zip(said);
            times.is_none_or(|(fell, said)| said.since(*fell) >= SETTLED_AFTER)
        });
        settled
    }

    /// When the newest of the words that count against a device was signed.
    fn newest_word(&self, device: &DeviceId) -> Option<Timestamp> {
        let words = self
            .voters(device)
            .filter_map(|voter| self.accusations.get(voter));
        words.map(|word| word.time).max()
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
        let Some(least) = quorum::reduced_liveness_quorum(jury, 0) else {
            return false;
        };
        if self.voters(device).count() < least {
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
        let enough = |seats: &[DeviceId]| {
            let answering = seats.iter().filter(|seat| self.is_expected(seat)).count();
            let votes = quorum::votes(seats, self.voters(device));
            quorum::reduced_liveness_quorum(jury, answering).is_some_and(|needed| votes >= needed)
        };
        if enough(&seats) {
            return true;
        }
        // Whoever has just taken over a seat may not have found the device yet: no word of it can be expected, and where
        // few words are enough its word counts only beside those of all who were there before.
        let stands =
            |before: &[DeviceId]| enough(before) || votes >= least && self.agree(device, before);
        if !self.fell.is_empty()
            && stands(&self.seats_without(device, &self.settled_for(device), rings))
        {
            return true;
        }
        // Of a device that is down nobody who takes over has to have a word: that of the witnesses whom it had stands.
        self.down.contains(device) && stands(&self.seats_without(device, &Down::new(), rings))
    }

    /// Whether some of these can be expected to have a word, and all who can have the same.
    fn agree(&self, device: &DeviceId, seats: &[DeviceId]) -> bool {
        let voters: BTreeSet<&DeviceId> = self.voters(device).collect();
        let expected = seats.iter().filter(|seat| self.is_expected(seat));
        let mut expected = expected.peekable();
        expected.peek().is_some() && expected.all(|seat| voters.contains(seat))
    }

    /// Whether a witness can be expected to have a word in this.
    fn is_expected(&self, witness: &DeviceId) -> bool {
        !self.down.contains(witness) && self.is_answering(witness)
    }
}

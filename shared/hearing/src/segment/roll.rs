//! Who is remembered: known devices for good, strangers in the order in which they came.

use std::collections::{BTreeMap, VecDeque};

use crate::limits::{ACQUAINTANCE, KNOWN_DEVICES, LONG_SILENCE, STRANGERS};
use crate::mac::Mac;
use crate::moment::Moment;

use super::{Neighbour, Way};

#[derive(Debug, Clone, Default)]
pub(super) struct Roll {
    known: BTreeMap<Mac, Neighbour>,
    strangers: BTreeMap<Mac, Neighbour>,
    /// The strangers as they came, and some who left since.
    order: VecDeque<Mac>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    New,
    Before,
}

impl Roll {
    pub const fn new() -> Self {
        Self {
            known: BTreeMap::new(),
            strangers: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }

    pub fn all(&self) -> impl Iterator<Item = &Neighbour> {
        self.known.values().chain(self.strangers.values())
    }

    pub fn find(&self, mac: Mac) -> Option<&Neighbour> {
        self.known.get(&mac).or_else(|| self.strangers.get(&mac))
    }

    pub fn find_mut(&mut self, mac: Mac) -> Option<&mut Neighbour> {
        let stranger = self.strangers.get_mut(&mac);
        self.known.get_mut(&mac).or(stranger)
    }

    /// Finds a device or enters it, and makes a stranger known who is heard again.
    pub fn meet(&mut self, now: Moment, mac: Mac, way: Way) -> (Found, &mut Neighbour) {
        let found = if self.known.contains_key(&mac) {
            Found::Before
        } else if self.strangers.contains_key(&mac) {
            self.befriend(now, mac);
            Found::Before
        } else {
            self.enter(now, mac);
            Found::New
        };
        let neighbour = self.find_mut(mac).expect("it was found or entered above");
        neighbour.sighting.last = neighbour.sighting.last.max(now);
        neighbour.ways.insert(way);
        (found, neighbour)
    }

    fn enter(&mut self, now: Moment, mac: Mac) {
        while self.strangers.len() >= STRANGERS {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            self.strangers.remove(&oldest);
        }
        self.strangers.insert(mac, Neighbour::new(now, mac));
        self.order.push_back(mac);
    }

    fn befriend(&mut self, now: Moment, mac: Mac) {
        let first = self
            .strangers
            .get(&mac)
            .map(|stranger| stranger.sighting.first);
        let is_due = first.is_some_and(|first| now.since(first) >= ACQUAINTANCE);
        if is_due && self.has_room(now) {
            if let Some(neighbour) = self.strangers.remove(&mac) {
                self.known.insert(mac, neighbour);
            }
            self.order.retain(|stranger| *stranger != mac);
        }
    }

    /// A place is free, or becomes free because somebody has been silent for very long.
    fn has_room(&mut self, now: Moment) -> bool {
        if self.known.len() < KNOWN_DEVICES {
            return true;
        }
        let quietest = self
            .known
            .iter()
            .min_by_key(|(_, neighbour)| neighbour.sighting.last);
        let gone = quietest
            .filter(|(_, neighbour)| now.since(neighbour.sighting.last) >= LONG_SILENCE)
            .map(|(mac, _)| *mac);
        gone.is_some_and(|gone| self.known.remove(&gone).is_some())
    }
}

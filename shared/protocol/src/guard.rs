//! Who of the nodes on a segment guards a device that runs none, how it is watched, and what is written of it.
//!
//! Nobody assigns guardians. Members who hear each other's hardware on one of their segments tell each other which
//! devices they hear there ([`Word`]), and each computes the same two names for each device by rendezvous hashing
//! (Thaler and Ravishankar 1998) over those who are alive. Whoever finds itself among them watches: it listens, asks
//! the device for a sign of life when it has been quiet, as gently as its class demands, and writes lines of its
//! dossier ([`Watched`]). When one of the two is gone the others compute again, and the next one begins at once.
//!
//! A member that does not know of another may watch as well: there may be more guardians than two, and while anybody
//! hears the device there is one, since the first of all candidates is the first of every choice that it is in.

mod charge;
mod hearer;
mod pages;
mod rendezvous;
mod word;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::heard::{
    Address, Cite, Device, Ears, Happening, Heard, Mac, Means, Missing, Presence, What,
};
use crate::id::DeviceId;
use crate::limits;
use crate::record::Position;
use crate::time::{Now, Timestamp};
use charge::Charge;
pub use charge::{CALLS, PAUSE, QUIET};
use hearer::Hearer;
pub use rendezvous::{guardians, panel};
pub use word::{Line, Told, Word};

#[cfg(doc)]
use crate::heard::Watched;

/// Between two looks at everything.
pub const LOOK: Duration = Duration::from_secs(1);
/// A co-hearer of whom nothing came for so long takes no part in the choice.
pub const ALIVE: Duration = Duration::from_secs(12);
/// A member says something to each co-hearer at least so often.
pub const SPEAK: Duration = Duration::from_secs(4);
/// Whoever begins to listen first finds out who else does.
const SETTLE: Duration = Duration::from_secs(10);
/// Members whose hardware is told from devices without a node.
const HEARERS_KEPT: usize = 2 * limits::CO_HEARERS;

/// What the shell heard since it last said so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hearing {
    pub ears: Ears,
    /// Whatever spoke since then, or is known better, with the number of the segment on which it did: one for each
    /// interface and VLAN, of this node's own counting.
    pub devices: Vec<(u32, Device)>,
    pub events: Vec<Happening>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Ask a device for a sign of life; no answer is an answer too.
    Call {
        mac: Mac,
        address: Address,
        means: Means,
        /// Ports of which one may be tried.
        ports: Vec<u16>,
    },
    /// Write a page into the own log, and tell where: [`Guard::said`].
    Say(Heard),
    Tell {
        to: DeviceId,
        word: Word,
    },
}

/// A device as this node guards it, or leaves it to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded<'a> {
    pub mac: Mac,
    pub device: Option<&'a Device>,
    pub guardians: &'a [DeviceId],
    /// `None` where others guard it.
    pub presence: Option<Presence>,
}

/// The guard of one node.
#[derive(Debug)]
pub struct Guard {
    me: DeviceId,
    ears: Option<Ears>,
    ears_unsaid: bool,
    since: Now,
    charges: BTreeMap<Mac, Charge>,
    hearers: BTreeMap<DeviceId, Hearer>,
    events: VecDeque<Happening>,
    unsaid: u32,
}

impl Guard {
    pub const fn new(me: DeviceId) -> Self {
        Self {
            me,
            ears: None,
            ears_unsaid: false,
            since: Now {
                monotonic: crate::time::Instant::from_millis(0),
                wall: Timestamp::from_millis(0),
            },
            charges: BTreeMap::new(),
            hearers: BTreeMap::new(),
            events: VecDeque::new(),
            unsaid: 0,
        }
    }

    /// Whether this node listens at all.
    pub const fn listens(&self) -> bool {
        self.ears.is_some()
    }

    /// With what this node listens.
    pub const fn ears(&self) -> Option<&Ears> {
        self.ears.as_ref()
    }

    /// What to say to a member of whom it is not known whether it hears the same, or who was told everything.
    pub fn greeting(&self) -> Word {
        let own = self.ears.iter().flat_map(|ears| ears.own.iter().copied());
        Word {
            own: own.take(limits::OWN_MACS).collect(),
            told: Vec::new(),
        }
    }

    /// Members who hear one of the segments that this node hears.
    pub fn co_hearers(&self) -> impl Iterator<Item = DeviceId> + '_ {
        let sharing = self.hearers.iter().filter(|(_, hearer)| hearer.shares());
        sharing.map(|(device, _)| *device)
    }

    /// Every device that is known here and belongs to no member.
    pub fn guarded(&self) -> impl Iterator<Item = Guarded<'_>> {
        let own = self.hardware();
        let devices = self.charges.iter();
        devices
            .filter(move |(mac, _)| !own.contains(mac))
            .map(|(mac, charge)| charge.view(*mac))
    }

    /// Takes in what the shell has heard.
    pub fn hear(&mut self, hearing: Hearing, now: Now) {
        if self.ears.is_none() {
            self.since = now;
        }
        if self.ears.as_ref() != Some(&hearing.ears) {
            self.ears_unsaid = true;
            self.ears = Some(hearing.ears);
        }
        for (segment, device) in hearing.devices {
            let mac = device.mac;
            if !self.is_own(mac) && self.make_room(mac, now) {
                let charge = self.charges.entry(mac).or_insert_with(|| Charge::new(now));
                if charge.hear(segment, device, now) {
                    self.hearers.values_mut().for_each(|one| one.learns(mac));
                }
            }
        }
        for event in hearing.events {
            self.happened(event);
        }
    }

    /// Takes in what a co-hearer tells.
    pub fn told(&mut self, from: DeviceId, word: Word, now: Now) {
        let known = self.hearers.contains_key(&from);
        if !known && self.hearers.len() >= HEARERS_KEPT {
            return;
        }
        let hearer = self.hearers.entry(from).or_default();
        hearer.own = word.own.iter().copied().collect();
        hearer.keep(word.told);
        self.find_segments();
        self.learn(now);
    }

    /// Takes in what was told by those of whom it is known on which segment they hear it.
    fn learn(&mut self, now: Now) {
        let mut news = Vec::new();
        for (device, hearer) in &mut self.hearers {
            if let Some(segment) = hearer.first_segment() {
                let told = std::mem::take(&mut hearer.told);
                news.extend(told.into_values().map(|told| (*device, segment, told)));
            }
        }
        for (from, segment, told) in news {
            if self.is_own(told.mac) || !self.make_room(told.mac, now) {
                continue;
            }
            if !self.charges.contains_key(&told.mac) {
                let (at, mac) = (now.wall, told.mac);
                self.happened(Happening {
                    at,
                    what: What::New { mac },
                });
            }
            let charge = self.charges.entry(told.mac);
            let charge = charge.or_insert_with(|| Charge::new(now));
            charge.told(from, segment, &told);
        }
    }

    /// A member whose link stands anew is told everything again: it may have forgotten.
    pub fn meets(&mut self, member: &DeviceId) {
        if let Some(hearer) = self.hearers.get_mut(member) {
            hearer.forgets();
        }
    }

    /// A device has answered a call.
    pub fn answered(&mut self, mac: Mac, means: Means, now: Now) {
        if let Some(charge) = self.charges.get_mut(&mac) {
            charge.met(means, now);
        }
    }

    /// Where the lines that [`Deed::Say`] held have found their place in the own log.
    pub fn said(&mut self, heard: &Heard, position: Position) {
        for line in &heard.watched {
            if let Some(charge) = self.charges.get_mut(&line.mac) {
                charge.said(position, line.until);
                self.hearers
                    .values_mut()
                    .for_each(|one| one.learns(line.mac));
            }
        }
    }

    /// Looks at everything: `living` are members who were heard lately and whom nobody holds to be down.
    pub fn look(&mut self, living: &BTreeSet<DeviceId>, now: Now) -> Vec<Deed> {
        let mut deeds = Vec::new();
        if !self.listens() {
            return deeds;
        }
        self.find_segments();
        self.learn(now);
        if now.monotonic.since(self.since.monotonic) >= SETTLE {
            self.choose(living, now);
            self.call(now, &mut deeds);
            self.write(now, &mut deeds);
        }
        self.tell(living, &mut deeds);
        deeds
    }

    /// Who shares which segment: whoever's hardware is heard there.
    fn find_segments(&mut self) {
        for hearer in self.hearers.values_mut() {
            let heard = hearer.own.iter().filter_map(|mac| self.charges.get(mac));
            let segments: BTreeSet<u32> = heard.filter_map(Charge::heard_on).collect();
            if segments != hearer.segments {
                hearer.segments = segments;
                hearer.untold = self.charges.keys().copied().collect();
            }
        }
    }

    fn choose(&mut self, living: &BTreeSet<DeviceId>, now: Now) {
        let hardware = self.hardware();
        let mut panels: BTreeMap<u32, Vec<DeviceId>> = BTreeMap::new();
        for (mac, charge) in &mut self.charges {
            let Some(segment) = charge.segment() else {
                continue;
            };
            if hardware.contains(mac) {
                charge.leave();
                continue;
            }
            let panel = panels.entry(segment).or_insert_with(|| {
                let sharing = self.hearers.iter();
                let sharing = sharing.filter(|(device, hearer)| {
                    living.contains(device) && hearer.segments.contains(&segment)
                });
                panel(sharing.map(|(device, _)| *device).chain([self.me]))
            });
            charge.assign(*mac, panel, self.me, living, now);
        }
    }

    fn call(&mut self, now: Now, deeds: &mut Vec<Deed>) {
        let missing = self.ears.as_ref().map_or(&[][..], |ears| &ears.missing);
        let able = |means: Means| match means {
            Means::Heard => false,
            Means::Arp => !missing.contains(&Missing::Arp),
            Means::Icmp => !missing.contains(&Missing::Icmp),
            Means::Tcp => true,
        };
        let mut events = Vec::new();
        for (mac, charge) in &mut self.charges {
            deeds.extend(charge.call(*mac, &able, now));
            events.extend(charge.turned(*mac, now));
        }
        events.into_iter().for_each(|event| self.happened(event));
    }

    fn tell(&mut self, living: &BTreeSet<DeviceId>, deeds: &mut Vec<Deed>) {
        let (greeting, hardware) = (self.greeting(), self.hardware());
        for (device, hearer) in &mut self.hearers {
            if !hearer.shares() || !living.contains(device) {
                continue;
            }
            let mut told = Vec::new();
            while told.len() < limits::TOLD_PER_WORD
                && let Some(mac) = hearer.untold.pop_first()
            {
                let charge = self.charges.get(&mac).filter(|charge| {
                    let segment = charge.segment();
                    segment.is_some_and(|segment| hearer.segments.contains(&segment))
                });
                let charge = charge.filter(|_| !hardware.contains(&mac));
                told.extend(charge.and_then(|charge| charge.tell(mac)));
            }
            if !told.is_empty() {
                let (to, own) = (*device, greeting.own.clone());
                let word = Word { own, told };
                deeds.push(Deed::Tell { to, word });
            }
        }
    }

    /// The hardware of members who are heard on a segment of this node.
    fn hardware(&self) -> BTreeSet<Mac> {
        let sharing = self.hearers.values().filter(|hearer| hearer.shares());
        sharing.flat_map(|one| one.own.iter().copied()).collect()
    }

    fn is_own(&self, mac: Mac) -> bool {
        self.ears
            .as_ref()
            .is_some_and(|ears| ears.own.contains(&mac))
    }

    /// Whether there is a place for a device. A flood of invented ones only pushes out its own kind.
    fn make_room(&mut self, mac: Mac, now: Now) -> bool {
        if self.charges.len() < limits::HEARD_DEVICES || self.charges.contains_key(&mac) {
            return true;
        }
        let replaceable = self
            .charges
            .iter()
            .filter(|(_, charge)| charge.is_fleeting(now));
        let oldest = replaceable.min_by_key(|(_, charge)| charge.known_since());
        let oldest = oldest.map(|(mac, _)| *mac);
        oldest.is_some_and(|oldest| self.charges.remove(&oldest).is_some())
    }

    fn happened(&mut self, event: Happening) {
        if self.events.len() < limits::HAPPENINGS_WAITING {
            self.events.push_back(event);
        } else {
            self.unsaid = self.unsaid.saturating_add(1);
        }
    }

    /// Cites are for one device; of two the newer line.
    fn newer(one: Option<(Cite, Timestamp)>, other: (Cite, Timestamp)) -> (Cite, Timestamp) {
        match one {
            Some(one) if one.1 > other.1 => one,
            _ => other,
        }
    }
}

#[cfg(test)]
mod tests;

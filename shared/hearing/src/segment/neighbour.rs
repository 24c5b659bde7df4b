//! One device as its segment hears it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::class::{self, Guess, Hint};
use crate::limits::{ADDRESSES_PER_DEVICE, HINTS_PER_DEVICE, NAMES_PER_DEVICE};
use crate::mac::Mac;
use crate::moment::Moment;

use super::Place;

/// When something was heard for the first and for the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    pub first: Moment,
    pub last: Moment,
}

/// How a device was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Frame,
    Datagram,
    NeighbourTable,
    Arp,
    Ndp,
    Dhcp,
    Mdns,
    Multicast,
    Llmnr,
    NetBios,
    Ssdp,
    Igmp,
}

/// Who says that a device has a name; the later, the more likely it is one that its owner knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameSource {
    Ssdp,
    Llmnr,
    NetBios,
    Mdns,
    Service,
    DhcpFullName,
    DhcpHostName,
}

/// A name that the device gave itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub text: String,
    pub source: NameSource,
    pub sighting: Sighting,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    pub mac: Mac,
    pub sighting: Sighting,
    pub place: Option<Place>,
    /// Who made it, by its hardware address.
    pub vendor: Option<String>,
    pub addresses: BTreeMap<IpAddr, Sighting>,
    pub names: Vec<Name>,
    pub ways: BTreeSet<Way>,
    /// Ports on which it accepted connections or offered services.
    pub ports: BTreeMap<u16, Sighting>,
    /// What it sent as DHCP option 60.
    pub dhcp_class: Option<String>,
    /// What it sent as DHCP option 55.
    pub dhcp_parameters: Vec<u8>,
    /// How its TLS clients are built.
    pub tls: BTreeSet<String>,
    hints: Vec<Hint>,
}

impl Neighbour {
    pub(super) fn new(now: Moment, mac: Mac) -> Self {
        Self {
            mac,
            sighting: Sighting {
                first: now,
                last: now,
            },
            place: None,
            vendor: None,
            addresses: BTreeMap::new(),
            names: Vec::new(),
            ways: BTreeSet::new(),
            ports: BTreeMap::new(),
            dhcp_class: None,
            dhcp_parameters: Vec::new(),
            tls: BTreeSet::new(),
            hints: Vec::new(),
        }
    }

    /// What it probably is, and why.
    pub fn class(&self) -> Guess {
        Guess::from_hints(&self.hints)
    }

    /// The name that people would call it.
    pub fn best_name(&self) -> Option<&str> {
        let best = self
            .names
            .iter()
            .max_by_key(|name| (name.source, name.sighting.last));
        best.map(|name| name.text.as_str())
    }

    pub fn has(&self, address: IpAddr) -> bool {
        self.addresses.contains_key(&address)
    }

    pub(super) fn way(&mut self, way: Way) {
        self.ways.insert(way);
    }

    pub(super) fn address(&mut self, now: Moment, address: IpAddr) {
        sight(&mut self.addresses, now, address, ADDRESSES_PER_DEVICE);
    }

    pub(super) fn listens(&mut self, now: Moment, port: u16) {
        sight(&mut self.ports, now, port, HINTS_PER_DEVICE);
        self.hints(class::of_port(port));
    }

    pub(super) fn name(&mut self, now: Moment, source: NameSource, text: &str) {
        if text.is_empty() {
            return;
        }
        let known = self
            .names
            .iter_mut()
            .find(|name| name.source == source && name.text == text);
        if let Some(known) = known {
            known.sighting.last = now;
            return;
        }
        if self.names.len() >= NAMES_PER_DEVICE {
            let oldest = self
                .names
                .iter()
                .enumerate()
                .min_by_key(|(_, name)| name.sighting.last);
            let oldest = oldest.map(|(at, _)| at);
            oldest.map(|at| self.names.swap_remove(at));
        }
        self.hints(class::of_name(text));
        self.names.push(Name {
            text: text.to_owned(),
            source,
            sighting: Sighting {
                first: now,
                last: now,
            },
        });
    }

    pub(super) fn tls(&mut self, fingerprint: String) {
        if self.tls.len() < HINTS_PER_DEVICE {
            self.tls.insert(fingerprint);
        }
    }

    pub(super) fn hints(&mut self, hint: Option<Hint>) {
        if let Some(hint) = hint {
            self.hint(hint);
        }
    }

    /// Each reason counts once, however often it is heard.
    pub(super) fn hint(&mut self, hint: Hint) {
        if self.hints.len() < HINTS_PER_DEVICE && !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }
}

/// Notes that something was heard; what was heard longest ago goes when there is no more room.
fn sight<K: Ord + Copy>(seen: &mut BTreeMap<K, Sighting>, now: Moment, key: K, limit: usize) {
    let sighting = seen.entry(key).or_insert(Sighting {
        first: now,
        last: now,
    });
    sighting.last = now;
    if seen.len() > limit {
        let others = seen.iter().filter(|(other, _)| **other != key);
        let oldest = others
            .min_by_key(|(_, sighting)| sighting.last)
            .map(|(key, _)| *key);
        oldest.map(|oldest| seen.remove(&oldest));
    }
}

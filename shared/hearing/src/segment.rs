//! The devices that are heard on one segment: addresses, names, what they probably are, and what changed.
//!
//! Nothing is sent. Whoever floods the segment with invented hardware addresses pushes out strangers, never the
//! devices that are known.

mod announced;
mod claims;
mod neighbour;
mod roll;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use crate::announcement::Announcement;
use crate::class::Hint;
use crate::frame::{Frame, Transport};
use crate::limits::{EVENT_WINDOW, EVENTS_PER_WINDOW};
use crate::mac::Mac;
use crate::moment::Moment;
use crate::vendor::Vendors;

use self::claims::{Claim, Claims};
pub use self::neighbour::{Name, NameSource, Neighbour, Sighting, Way};
use self::roll::{Found, Roll};

/// Where on the node something was heard: an interface by its number, and the VLAN on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub interface: u32,
    pub vlan: Option<u16>,
}

/// What changed on the segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    NewDevice(Mac),
    /// An address that one device had is another's, who took it when the first had not spoken for it lately.
    AddressMoved {
        address: IpAddr,
        from: Mac,
        to: Mac,
    },
    /// Two devices claim one address at the same time: one of them is wrong, or lies.
    ClaimedTwice {
        address: IpAddr,
        first: Mac,
        second: Mac,
    },
    /// A device that was heard in one place is heard in another.
    DeviceMoved {
        mac: Mac,
        from: Place,
        to: Place,
    },
    /// Somebody gives out addresses who was not heard to do so before.
    NewDhcpServer {
        mac: Mac,
        address: Option<Ipv4Addr>,
    },
    /// More happened in one window than is told one by one: many new devices at once, or a flood.
    Unsaid {
        events: u32,
    },
}

/// What is heard on the segment of one node.
#[derive(Debug, Clone)]
pub struct Segment {
    vendors: Vendors,
    roll: Roll,
    claims: Claims,
    dhcp_servers: BTreeMap<Mac, Moment>,
    said: Said,
}

/// How many events the current window has handed out, and how many it has held back.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    since: Moment,
    told: u32,
    unsaid: u32,
}

impl Segment {
    pub const fn new(vendors: Vendors) -> Self {
        Self {
            vendors,
            roll: Roll::new(),
            claims: Claims::new(),
            dhcp_servers: BTreeMap::new(),
            said: Said {
                since: Moment::from_micros(0),
                told: 0,
                unsaid: 0,
            },
        }
    }

    /// Takes one frame in and says what it changed. Frames without a hardware address change nothing.
    pub fn hear(&mut self, now: Moment, interface: u32, frame: &Frame<'_>) -> Vec<Event> {
        let mut events = Vec::new();
        let Some(mac) = frame.device() else {
            return events;
        };
        let place = Place {
            interface,
            vlan: frame.vlan,
        };
        self.meet(now, mac, Way::Frame, Some(place), &mut events);
        self.note_listening(now, mac, frame);
        if let Some(announcement) = Announcement::of(frame) {
            self.take(
                now,
                mac,
                frame.as_ip().map(|ip| ip.source),
                &announcement,
                &mut events,
            );
        }
        self.within_window(now, events)
    }

    /// Takes in a datagram that a multicast or broadcast socket received. The hardware address is the one that the
    /// neighbour table has for the sender; a sender nobody has told of is passed over.
    pub fn hear_datagram(
        &mut self,
        now: Moment,
        from: (IpAddr, u16),
        to_port: u16,
        payload: &[u8],
    ) -> Vec<Event> {
        let mut events = Vec::new();
        let Some(mac) = self.claims.holder(from.0) else {
            return events;
        };
        self.meet(now, mac, Way::Datagram, None, &mut events);
        if let Some(announcement) = Announcement::of_datagram(from.1, to_port, payload) {
            self.take(now, mac, Some(from.0), &announcement, &mut events);
        }
        self.within_window(now, events)
    }

    /// Takes in one line of the system's neighbour table.
    pub fn hear_neighbour(
        &mut self,
        now: Moment,
        interface: u32,
        mac: Mac,
        address: IpAddr,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        if mac.is_device() {
            let place = Place {
                interface,
                vlan: None,
            };
            self.meet(now, mac, Way::NeighbourTable, Some(place), &mut events);
            self.claim(now, mac, address, Way::NeighbourTable, &mut events);
        }
        self.within_window(now, events)
    }

    /// Everybody who is remembered, known devices and strangers.
    pub fn neighbours(&self) -> impl Iterator<Item = &Neighbour> {
        self.roll.all()
    }

    pub fn neighbour(&self, mac: Mac) -> Option<&Neighbour> {
        self.roll.find(mac)
    }

    /// Who spoke for an address last.
    pub fn holder(&self, address: IpAddr) -> Option<Mac> {
        self.claims.holder(address)
    }

    fn meet(
        &mut self,
        now: Moment,
        mac: Mac,
        way: Way,
        place: Option<Place>,
        events: &mut Vec<Event>,
    ) {
        let (found, neighbour) = self.roll.meet(now, mac, way);
        if found == Found::New {
            if let Some(vendor) = self.vendors.of(mac) {
                neighbour.vendor = Some(vendor.name.clone());
                if let Some(class) = vendor.class {
                    let reason = format!("made by {}, who mostly make such", vendor.name);
                    neighbour.hint(Hint::new(class, VENDOR_WEIGHT, &reason));
                }
            }
            events.push(Event::NewDevice(mac));
        }
        if let Some(to) = place {
            match neighbour.place.replace(to) {
                Some(from) if from != to => events.push(Event::DeviceMoved { mac, from, to }),
                _ => {}
            }
        }
    }

    /// A device that accepts a connection listens there.
    fn note_listening(&mut self, now: Moment, mac: Mac, frame: &Frame<'_>) {
        let Some(ip) = frame.as_ip() else { return };
        // What a router passes on comes from elsewhere.
        if self.claims.holder(ip.source) != Some(mac) {
            return;
        }
        if let (Transport::Tcp(tcp), Some(neighbour)) = (&ip.transport, self.roll.find_mut(mac))
            && tcp.flags.accepts()
        {
            neighbour.listens(now, tcp.source);
        }
    }

    fn claim(&mut self, now: Moment, mac: Mac, address: IpAddr, way: Way, events: &mut Vec<Event>) {
        if address.is_unspecified() || address.is_multicast() || address.is_loopback() {
            return;
        }
        if self.roll.find(mac).is_none() {
            self.meet(now, mac, way, None, events);
        }
        if let Some(neighbour) = self.roll.find_mut(mac) {
            neighbour.way(way);
            neighbour.address(now, address);
        }
        events.extend(match self.claims.claim(now, address, mac) {
            Claim::Held => None,
            Claim::Moved { from } => Some(Event::AddressMoved {
                address,
                from,
                to: mac,
            }),
            Claim::Twice { other } => Some(Event::ClaimedTwice {
                address,
                first: other,
                second: mac,
            }),
        });
    }

    /// Holds back what is more than one window may say; the next window begins with how much that was.
    fn within_window(&mut self, now: Moment, mut events: Vec<Event>) -> Vec<Event> {
        let said = &mut self.said;
        let mut told = Vec::new();
        if now.since(said.since) >= EVENT_WINDOW {
            if said.unsaid > 0 {
                told.push(Event::Unsaid {
                    events: said.unsaid,
                });
            }
            *said = Said {
                since: now,
                ..Said::default()
            };
        }
        let room = EVENTS_PER_WINDOW.saturating_sub(said.told) as usize;
        let held_back = events.len().saturating_sub(room);
        events.truncate(room);
        said.told += events.len() as u32;
        said.unsaid = said.unsaid.saturating_add(held_back as u32);
        told.append(&mut events);
        told
    }
}

/// A vendor is a weak sign: it makes more than one thing.
const VENDOR_WEIGHT: u8 = 25;

#[cfg(test)]
mod tests;

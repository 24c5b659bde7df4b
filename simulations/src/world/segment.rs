//! Devices that run no node, behind the same switches as nodes: when they speak, who hears them, and what they answer.

use std::collections::BTreeSet;

use protocol::class::DeviceClass;
use protocol::guard::{Hearing, Word};
use protocol::heard::{Address, Device, Ears, Mac, Means};
use protocol::message::Message;
use protocol::node::Input;
use protocol::time::Timestamp;

use super::event::Event;
use super::settings::GuardFlaw;
use super::update::Told;
use super::{World, wall_at};
use crate::host::HostId;

/// A node's shell hands on what it heard so often.
const LISTEN_MS: u64 = 2_000;
/// What comes back on a segment comes within this time.
const ANSWER_MS: (u64, u64) = (1, 40);

/// A device that runs no node.
#[derive(Debug, Clone, Copy)]
pub struct Dumb {
    /// The switch that it is plugged into.
    pub switch: usize,
    pub class: DeviceClass,
    pub mac: Mac,
    pub first_ms: u64,
    /// How often it announces itself; `None` for one that does so once, and answers when it is asked.
    pub every_ms: Option<u64>,
}

impl Dumb {
    fn address(&self) -> Address {
        let [_, _, _, a, b, c] = self.mac.0;
        Address::from([172, a | 16, b, c])
    }

    /// When it spoke last, up to a moment.
    fn spoke_ms(&self, now_ms: u64) -> Option<u64> {
        let since = now_ms.checked_sub(self.first_ms)?;
        Some(match self.every_ms {
            Some(every_ms) => self.first_ms + since / every_ms * every_ms,
            None => self.first_ms,
        })
    }

    /// Its class allows no more than to be asked for its hardware address.
    fn is_delicate(&self) -> bool {
        matches!(self.class, DeviceClass::Plc | DeviceClass::Medical)
    }
}

/// What one node's shell remembers of what it heard.
#[derive(Debug, Clone, Default)]
pub(super) struct Ear {
    life: u32,
    upto_ms: u64,
    met: BTreeSet<usize>,
}

/// All devices without a node, and the ears of all nodes.
#[derive(Debug, Default)]
pub(super) struct Segments {
    dumb: Vec<Dumb>,
    ears: Vec<Ear>,
    calls: u64,
    rude: u64,
}

impl World {
    /// From here on these devices are there, and every node listens.
    pub fn inhabit(&mut self, dumb: Vec<Dumb>) {
        self.segments.dumb = dumb;
        self.segments.ears = vec![Ear::default(); self.seats.len()];
        for seat in 0..self.seats.len() {
            let host = HostId::node(seat);
            let at_ms = self.now_ms + self.chance.below(LISTEN_MS);
            self.queue.push(at_ms, Event::Listen { host });
        }
    }

    /// How many calls devices have got, and how many of them their class forbids.
    pub fn calls(&self) -> (u64, u64) {
        (self.segments.calls, self.segments.rude)
    }

    pub(super) fn listen(&mut self, host: HostId) {
        self.queue
            .push(self.now_ms + LISTEN_MS, Event::Listen { host });
        let Some(seat) = host.seat().filter(|_| self.is_running(host)) else {
            return;
        };
        let life = self.seats[seat].life;
        if self.segments.ears[seat].life != life {
            self.segments.ears[seat] = Ear {
                life,
                ..Ear::default()
            };
        }
        self.discover(seat);
        let hearing = self.hearing_of(seat);
        self.segments.ears[seat].upto_ms = self.now_ms;
        self.tell_node(seat, Input::Hearing(Box::new(hearing)));
        if self.sabotage.guard == GuardFlaw::TheDeadSpeak {
            self.echo_the_dead(seat);
        }
    }

    /// Members on one segment find each other by multicast.
    fn discover(&mut self, seat: usize) {
        for mate in self.mates(seat) {
            if self.segments.ears[seat].met.insert(mate) {
                let peer = self.key(HostId::node(mate)).peer();
                let addresses = vec![HostId::node(mate).address()];
                self.tell_node(seat, Input::Discovered { peer, addresses });
            }
        }
    }

    fn hearing_of(&self, seat: usize) -> Hearing {
        let (upto_ms, now_ms) = (self.segments.ears[seat].upto_ms, self.now_ms);
        let skew_ms = self.seats[seat].skew_ms;
        let time = |at_ms: u64| wall_at(at_ms, skew_ms);
        let switch = self.switch_of(seat);
        let dumb = self.segments.dumb.iter().filter(|one| one.switch == switch);
        let heard = dumb.filter_map(|one| {
            let spoke_ms = one.spoke_ms(now_ms).filter(|at_ms| *at_ms > upto_ms)?;
            let first = time(one.first_ms);
            Some(device(
                one.mac,
                one.address(),
                one.class,
                (first, time(spoke_ms)),
            ))
        });
        let mates = self.mates(seat).into_iter().map(|mate| {
            let address = Address::from([10, 0, 0, 1]);
            let times = (time(0), time(now_ms));
            device(hardware(mate), address, DeviceClass::Computer, times)
        });
        Hearing {
            ears: Ears {
                own: vec![hardware(seat)],
                ..Ears::default()
            },
            devices: mates.chain(heard).map(|device| (0, device)).collect(),
            events: Vec::new(),
        }
    }

    /// A guardian asks a device; whoever is on its segment and asks as its class allows has an answer.
    pub(super) fn call_device(&mut self, place: usize, mac: Mac, means: Means) {
        let switch = self.switch_of(place);
        let found = self.segments.dumb.iter().find(|one| one.mac == mac);
        let Some(dumb) = found.copied().filter(|one| one.switch == switch) else {
            return;
        };
        self.segments.calls += 1;
        if dumb.is_delicate() && means != Means::Arp {
            self.segments.rude += 1;
        }
        let delay_ms = self.chance.within(ANSWER_MS.0..=ANSWER_MS.1);
        let told = Told::Node(Input::Answered { mac, means });
        self.pass_later(HostId::node(place), None, delay_ms, told);
    }

    /// Shells that play back what dead members of the segment would say.
    fn echo_the_dead(&mut self, seat: usize) {
        let behind = self.ground().behind(self.switch_of(seat), self.size());
        let dead: Vec<usize> = behind
            .filter(|mate| !self.is_running(HostId::node(*mate)) && self.seats[*mate].life > 0)
            .collect();
        for mate in dead {
            let from = self.key(HostId::node(mate)).peer();
            let word = Word {
                own: vec![hardware(mate)],
                told: Vec::new(),
            };
            let message = Message::Hearing { word };
            self.tell_node(seat, Input::Frame { from, message });
        }
    }

    /// Others on the same switch whose hosts run.
    fn mates(&self, seat: usize) -> Vec<usize> {
        let switch = self.switch_of(seat);
        let behind = self.ground().behind(switch, self.size());
        let others = behind.filter(|mate| *mate != seat);
        others
            .filter(|mate| self.is_running(HostId::node(*mate)))
            .collect()
    }

    fn switch_of(&self, seat: usize) -> usize {
        seat / self.ground().per_switch
    }
}

/// The network card of a seat's host.
fn hardware(seat: usize) -> Mac {
    let [.., a, b, c] = (seat as u64).to_be_bytes();
    Mac([0x02, 0xaa, 0, a, b, c])
}

fn device(
    mac: Mac,
    address: Address,
    class: DeviceClass,
    (first, last): (Timestamp, Timestamp),
) -> Device {
    Device {
        mac,
        addresses: vec![address],
        names: Vec::new(),
        vendor: None,
        class,
        confidence: 80,
        reasons: Vec::new(),
        ports: vec![80],
        first,
        last,
    }
}

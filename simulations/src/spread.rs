//! A release that spreads: the machines that ship, over links whose hosts send and take so many bytes in a second.

mod deeds;
mod liars;
mod load;
mod plan;
mod report;
mod seat;
mod ways;

use std::collections::{BTreeMap, BTreeSet};

use protocol::dice::Dice;
use protocol::spread::chunks::Chunks;
use protocol::spread::image::Piece;
use protocol::spread::member::Member;
use protocol::spread::source::Source;
use protocol::spread::{Config, Delivery, Input, Part};

use crate::chance::{Chance, seed_bytes};
use crate::host::HostId;
use crate::network::Conditions;
use crate::network::rates::Rates;
use crate::queue::Queue;
use crate::trace::Trace;
use crate::world::SpreadFlaw;
use load::Load;
pub use plan::{Coordinator, Plan};
pub use report::Report;
use seat::{Mind, Seat, key};
use ways::Said;

/// Round trips of a link that comes up again.
const HANDSHAKE_WAYS: u64 = 6;
/// How many times the least time a run may take before it is given up.
const GIVEN_UP: u64 = 8;

/// Everything between and around the machines.
#[derive(Debug)]
pub struct Spread {
    plan: Plan,
    load: Load,
    conditions: Conditions,
    chance: Chance,
    rates: Rates,
    seats: Vec<Seat>,
    /// All that could be linked.
    kin: BTreeMap<HostId, BTreeSet<HostId>>,
    queue: Queue<Event>,
    now_ms: u64,
    /// When the last frame from one host to another arrives: streams keep their order.
    last_ms: BTreeMap<(HostId, HostId), u64>,
    questions: u64,
    liars: BTreeSet<HostId>,
    exposed: BTreeSet<HostId>,
    /// Chunks that were ever stored by a node.
    out_there: Chunks,
    one_copy_ms: Option<u64>,
    /// When the coordinator went away for good.
    left_ms: Option<u64>,
    /// Nodes that are away and will come back.
    away: usize,
    chunks_sent: u64,
    /// Whether nothing changed since it was last asked if all is over.
    settled: bool,
    trace: Trace,
}

#[derive(Debug)]
enum Event {
    Arrive {
        from: HostId,
        to: HostId,
        lives: (u32, u32),
        said: Said,
    },
    /// The first byte of a chunk is there.
    Land {
        from: HostId,
        to: HostId,
        lives: (u32, u32),
        said: Said,
        payload: usize,
    },
    Sent {
        host: HostId,
        life: u32,
        to: HostId,
    },
    Stored {
        host: HostId,
        life: u32,
        chunk: u32,
        piece: Piece,
    },
    Linked {
        one: HostId,
        other: HostId,
    },
    Lost {
        host: HostId,
        peer: HostId,
    },
    /// A statement that names a peer is with the coordinator.
    Named {
        peer: HostId,
        by: HostId,
    },
    Wake {
        host: HostId,
    },
    Leave {
        host: HostId,
    },
    Return {
        host: HostId,
    },
}

impl Spread {
    pub fn new(plan: Plan, trace: Trace) -> Self {
        let liars = plan.liars();
        let load = Load::new(plan.seed, plan.bytes, plan.changed);
        let mut out_there = Chunks::none(load.image.chunks());
        load.made.keys().for_each(|chunk| out_there.insert(*chunk));
        let mut spread = Self {
            out_there,
            one_copy_ms: None,
            left_ms: None,
            away: 0,
            chunks_sent: 0,
            settled: false,
            load,
            conditions: Conditions::CALM,
            chance: Chance::new(plan.seed, "spread ways"),
            rates: Rates::new(plan.nodes + 1, plan.bytes_per_s),
            seats: Vec::new(),
            kin: plan.links(),
            queue: Queue::default(),
            now_ms: 0,
            last_ms: BTreeMap::new(),
            questions: 0,
            liars,
            exposed: BTreeSet::new(),
            trace,
            plan,
        };
        spread.people();
        spread
    }

    fn people(&mut self) {
        let source = Source::new(
            self.load.image,
            Config::default(),
            self.dice(HostId::COORDINATOR),
        );
        self.seats.push(Seat::new(Mind::Source(Box::new(source))));
        let hosts = (0..self.plan.nodes).map(HostId::node);
        for node in hosts.clone() {
            let disk = self.load.made.clone();
            let mind = self.mind(node, &disk);
            self.seats.push(Seat {
                disk,
                ..Seat::new(mind)
            });
        }
        for node in hosts {
            self.link_later(node, 0);
        }
        for absence in self.plan.absences(&self.liars) {
            let host = absence.host;
            self.queue.push(absence.at_ms, Event::Leave { host });
            if let Some(at_ms) = absence.back_ms {
                self.queue.push(at_ms, Event::Return { host });
                self.away += 1;
            }
        }
    }

    fn mind(&self, node: HostId, disk: &BTreeMap<u32, Piece>) -> Mind {
        if self.liars.contains(&node) {
            return Mind::Liar;
        }
        let stored = disk.keys().copied();
        let member = Member::new(self.load.image, stored, Config::default(), self.dice(node));
        Mind::Member(Box::new(member))
    }

    fn dice(&self, host: HostId) -> Dice {
        let life = self.seats.get(host.index()).map_or(0, |seat| seat.life);
        let number = (u64::from(life) << 32) | host.index() as u64;
        Dice::from_seed(seed_bytes(self.plan.seed, "spread dice", number))
    }

    /// Links to the coordinator and to all who are there.
    fn link_later(&mut self, node: HostId, from_ms: u64) {
        let kin = self.kin.get(&node).into_iter().flatten().copied();
        // At first the links stand, and what travels is the news of the release.
        let ways = if from_ms == 0 { 1 } else { HANDSHAKE_WAYS };
        let peers: Vec<HostId> = kin.chain([HostId::COORDINATOR]).collect();
        for other in peers {
            let way_ms = self.way_ms(node, other);
            let linked = Event::Linked { one: node, other };
            self.queue.push(from_ms + ways * way_ms, linked);
        }
    }

    /// Lives until everybody who is there has everything, or until that has taken far too long.
    pub fn run(mut self) -> Report {
        let end_ms = (self.plan.bound_s() * 1000.0) as u64 * GIVEN_UP + 60_000;
        while let Some((now_ms, event)) = self.queue.pop_until(end_ms) {
            self.now_ms = now_ms;
            self.happen(event);
            if !std::mem::replace(&mut self.settled, true) && self.is_over() {
                break;
            }
        }
        self.report()
    }

    fn is_over(&self) -> bool {
        let done = |seat: &Seat| !seat.mind.is_member() || seat.whole_ms.is_some();
        self.away == 0 && self.seats.iter().all(done)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive {
                from,
                to,
                lives,
                said,
            } => {
                if lives == (self.life(from), self.life(to)) {
                    self.arrive(from, to, said);
                }
            }
            Event::Land {
                from,
                to,
                lives,
                said,
                payload,
            } => {
                if lives == (self.life(from), self.life(to)) {
                    self.land(
                        to,
                        payload,
                        Event::Arrive {
                            from,
                            to,
                            lives,
                            said,
                        },
                    );
                }
            }
            Event::Sent { host, life, to } if life == self.life(host) => {
                let (to, how) = (key(to), Delivery::Taken);
                self.tell(host, Input::Served { to, how });
            }
            Event::Stored {
                host,
                life,
                chunk,
                piece,
            } if life == self.life(host) => {
                self.stored(host, chunk, piece);
            }
            Event::Named { peer, by } => {
                let (peer, by) = (key(peer), key(by));
                self.tell(HostId::COORDINATOR, Input::Named { peer, by });
            }
            Event::Linked { one, other } => self.linked(one, other),
            Event::Lost { host, peer } => self.lost(host, peer),
            Event::Wake { host } => {
                if self.seats[host.index()].wakes_ms == Some(self.now_ms) {
                    self.seats[host.index()].wakes_ms = None;
                    self.tell(host, Input::Tick);
                }
            }
            Event::Leave { host } => self.leave(host),
            Event::Return { host } => self.come_back(host),
            Event::Sent { .. } | Event::Stored { .. } => {}
        }
    }

    fn linked(&mut self, one: HostId, other: HostId) {
        let gone = |host: HostId| matches!(self.seats[host.index()].mind, Mind::Gone);
        if gone(one) || gone(other) || !self.seats[one.index()].links.insert(other) {
            return;
        }
        self.seats[other.index()].links.insert(one);
        for (host, peer) in [(one, other), (other, one)] {
            let part = match peer {
                HostId::COORDINATOR => Part::Source,
                _ => Part::Neighbour,
            };
            self.tell(
                host,
                Input::Joined {
                    peer: key(peer),
                    part,
                },
            );
            if self.liars.contains(&host) {
                self.pretend(host, peer);
            }
        }
    }

    fn lost(&mut self, host: HostId, peer: HostId) {
        let seat = &mut self.seats[host.index()];
        if seat.links.remove(&peer) {
            seat.asking.remove(&peer);
            seat.asked.remove(&peer);
            self.tell(host, Input::Left { peer: key(peer) });
        }
    }

    /// The program is killed; its system closes its links.
    fn leave(&mut self, host: HostId) {
        let peers = std::mem::take(&mut self.seats[host.index()].links);
        self.seats[host.index()].stop();
        self.settled = false;
        for peer in peers {
            let way_ms = self.way_ms(host, peer);
            let lost = Event::Lost {
                host: peer,
                peer: host,
            };
            self.queue.push(self.now_ms + way_ms, lost);
        }
    }

    fn come_back(&mut self, host: HostId) {
        if self.plan.flaw == SpreadFlaw::Unmarked {
            self.seats[host.index()].disk.clear();
        }
        self.seats[host.index()].mind = self.mind(host, &self.seats[host.index()].disk);
        self.away -= 1;
        self.link_later(host, self.now_ms);
    }

    fn way_ms(&mut self, one: HostId, other: HostId) -> u64 {
        let base_ms = self.conditions.distance_ms(self.plan.seed, one, other);
        self.conditions.one_way_ms(base_ms, &mut self.chance)
    }

    fn life(&self, host: HostId) -> u32 {
        self.seats[host.index()].life
    }

    fn whole(&mut self, host: HostId) {
        self.seats[host.index()].whole_ms = Some(self.now_ms);
        self.settled = false;
    }
}

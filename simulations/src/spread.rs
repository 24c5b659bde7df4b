//! A release that spreads: the machines that ship, over links whose hosts send and take so many bytes in a second.

mod load;
mod plan;
mod report;
mod seat;

use std::collections::{BTreeMap, BTreeSet};

use protocol::cbor;
use protocol::dice::Dice;
use protocol::spread::chunks::Chunks;
use protocol::spread::frame::{Answer, Frame, Want};
use protocol::spread::image::Piece;
use protocol::spread::member::Member;
use protocol::spread::source::Source;
use protocol::spread::{Config, Delivery, Input, Output, Part};

use crate::chance::{Chance, seed_bytes};
use crate::host::HostId;
use crate::network::rates::Rates;
use crate::network::{Conditions, wire};
use crate::queue::Queue;
use crate::trace::Trace;
use crate::world::SpreadFlaw;
use load::Load;
pub use plan::{Coordinator, Plan};
pub use report::Report;
use seat::{Mind, Seat, host, key};

/// How long a disk takes to write a chunk, sync it and mark it.
const DISK_MS: u64 = 8;
/// How long a statement takes to the coordinator.
const RECORD_MS: u64 = 1_000;
/// Round trips of a link that comes up again.
const HANDSHAKE_WAYS: u64 = 6;
/// Bytes around a frame, a question and an answer: which message it is, and of which image.
const FRAME_AROUND: usize = 14;
const ANSWER_AROUND: usize = 16;
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

#[derive(Debug)]
enum Said {
    Frame(Frame),
    Ask { question: u64, want: Want },
    Withdraw { question: u64 },
    Answer { question: u64, answer: Answer },
}

impl Spread {
    pub fn new(plan: Plan, trace: Trace) -> Self {
        let liars = plan.liars();
        let load = Load::new(plan.seed, plan.bytes);
        let mut spread = Self {
            out_there: Chunks::none(load.image.chunks()),
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
            let mind = self.mind(node);
            self.seats.push(Seat::new(mind));
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

    fn mind(&self, node: HostId) -> Mind {
        if self.liars.contains(&node) {
            return Mind::Liar;
        }
        let seat = self.seats.get(node.index());
        let stored = seat.into_iter().flat_map(|seat| seat.disk.keys().copied());
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

    /// A liar says that it has everything, and takes from the coordinator what nobody has yet.
    fn pretend(&mut self, liar: HostId, peer: HostId) {
        let chunks = self.load.image.chunks();
        if peer == HostId::COORDINATOR {
            let held = Chunks::none(chunks).to_bytes().into();
            self.ask(liar, peer, Want::Any { held });
        } else {
            let bits = Chunks::all(chunks).to_bytes().into();
            self.say(liar, peer, Said::Frame(Frame::Map { bits }));
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
        self.seats[host.index()].mind = self.mind(host);
        self.away -= 1;
        self.link_later(host, self.now_ms);
    }

    fn arrive(&mut self, from: HostId, to: HostId, said: Said) {
        let flaw = self.plan.flaw;
        match said {
            Said::Frame(_) if flaw == SpreadFlaw::Unannounced && from != HostId::COORDINATOR => {}
            Said::Frame(frame) if self.liars.contains(&to) => {
                // A liar goes on asking, for whatever the coordinator will send again.
                if from == HostId::COORDINATOR && matches!(frame, Frame::Map { .. }) {
                    self.ask_for_anything(to);
                }
            }
            Said::Frame(frame) => self.tell(
                to,
                Input::Frame {
                    from: key(from),
                    frame,
                },
            ),
            Said::Ask { question, want } => self.asked(from, to, question, want),
            Said::Withdraw { question } => {
                if self.seats[to.index()].asked.get(&from) == Some(&question) {
                    self.tell(to, Input::Withdrawn { from: key(from) });
                }
            }
            Said::Answer { question, answer } => self.answered(from, to, question, &answer),
        }
    }

    fn asked(&mut self, from: HostId, to: HostId, question: u64, want: Want) {
        self.seats[to.index()].asked.insert(from, question);
        match want {
            Want::Chunk { chunk } if self.liars.contains(&to) => {
                let piece = self.load.false_piece(chunk);
                self.give(to, from, chunk, piece);
            }
            want => self.tell(
                to,
                Input::Asked {
                    from: key(from),
                    want,
                },
            ),
        }
    }

    fn answered(&mut self, from: HostId, to: HostId, question: u64, answer: &Answer) {
        let seat = &mut self.seats[to.index()];
        if seat.asking.get(&from) != Some(&question) {
            // The stream of a question that was withdrawn is closed.
            return;
        }
        seat.asking.remove(&from);
        if self.liars.contains(&to) {
            return self.take_and_keep(to, answer);
        }
        let shown = match (answer, self.plan.flaw) {
            (Answer::Chunk { chunk, .. }, SpreadFlaw::Unchecked) => Answer::Chunk {
                chunk: *chunk,
                piece: self.load.piece(*chunk),
            },
            _ => answer.clone(),
        };
        let outputs = self.think(
            to,
            Input::Answered {
                from: key(from),
                answer: shown,
            },
        );
        for output in outputs {
            match (output, answer) {
                (Output::Store { chunk, .. }, Answer::Chunk { piece, .. }) => {
                    let piece = piece.clone();
                    self.perform(to, Output::Store { chunk, piece });
                }
                (output, _) => self.perform(to, output),
            }
        }
        self.wake(to);
    }

    /// A liar that got a chunk passes it to nobody, and asks for more.
    fn take_and_keep(&mut self, liar: HostId, answer: &Answer) {
        if matches!(answer, Answer::Chunk { .. }) {
            let held = Chunks::none(self.load.image.chunks());
            let held = held.to_bytes().into();
            self.ask(liar, HostId::COORDINATOR, Want::Any { held });
        } else {
            self.ask_for_anything(liar);
        }
    }

    fn ask_for_anything(&mut self, liar: HostId) {
        let chunks = u64::from(self.load.image.chunks());
        let chunk = self.chance.below(chunks) as u32;
        self.ask(liar, HostId::COORDINATOR, Want::Chunk { chunk });
    }

    fn tell(&mut self, host: HostId, input: Input) {
        for output in self.think(host, input) {
            self.perform(host, output);
        }
        self.wake(host);
    }

    fn think(&mut self, host: HostId, input: Input) -> Vec<Output> {
        self.trace.event(self.now_ms, host.index(), 0);
        let outputs = self.seats[host.index()].mind.handle(input, self.now_ms);
        for output in &outputs {
            if !matches!(output, Output::Store { .. }) {
                self.trace.text(output);
            }
        }
        outputs
    }

    fn perform(&mut self, host_id: HostId, output: Output) {
        match output {
            Output::Send { to, frame } => self.say(host_id, host(to), Said::Frame(frame)),
            Output::Ask { to, want } => self.ask(host_id, host(to), want),
            Output::Withdraw { to } => {
                let to = host(to);
                if let Some(question) = self.seats[host_id.index()].asking.remove(&to) {
                    self.say(host_id, to, Said::Withdraw { question });
                }
            }
            Output::Serve { to, chunk } => {
                let piece = match self.seats[host_id.index()].disk.get(&chunk) {
                    Some(piece) => piece.clone(),
                    None => self.load.piece(chunk),
                };
                self.give(host_id, host(to), chunk, piece);
            }
            Output::Refuse { to } => self.answer_nothing(host_id, host(to)),
            Output::Store { chunk, piece } => self.store(host_id, chunk, piece),
            Output::Expose { peer, .. } => self.expose(host(peer), host_id),
            Output::Whole => self.whole(host_id),
        }
    }

    /// A statement goes to the coordinator with the next record.
    fn expose(&mut self, peer: HostId, by: HostId) {
        self.exposed.insert(peer);
        self.queue
            .push(self.now_ms + RECORD_MS, Event::Named { peer, by });
    }

    fn store(&mut self, host: HostId, chunk: u32, piece: Piece) {
        let seat = &mut self.seats[host.index()];
        if !seat.taken.insert(chunk) {
            seat.fetched_again += 1;
        }
        let life = seat.life;
        let stored = Event::Stored {
            host,
            life,
            chunk,
            piece,
        };
        self.queue.push(self.now_ms + DISK_MS, stored);
    }

    fn stored(&mut self, host: HostId, chunk: u32, piece: Piece) {
        self.seats[host.index()].disk.insert(chunk, piece);
        self.tell(host, Input::Stored { chunk });
        self.out_there.insert(chunk);
        if self.one_copy_ms.is_none() && self.out_there.is_all() {
            self.one_copy_ms = Some(self.now_ms);
            if self.plan.coordinator == Coordinator::LeavesOneCopy {
                self.left_ms = Some(self.now_ms);
                self.leave(HostId::COORDINATOR);
            }
        }
    }

    fn ask(&mut self, from: HostId, to: HostId, want: Want) {
        self.questions += 1;
        let question = self.questions;
        self.seats[from.index()].asking.insert(to, question);
        self.say(from, to, Said::Ask { question, want });
    }

    fn answer_nothing(&mut self, from: HostId, to: HostId) {
        if let Some(question) = self.seats[from.index()].asked.remove(&to) {
            let answer = Answer::Nothing;
            self.say(from, to, Said::Answer { question, answer });
        }
    }

    /// Everything short: it does not wait behind chunks.
    fn say(&mut self, from: HostId, to: HostId, said: Said) {
        let bytes = wire::frame_bytes(said.length());
        let way_ms = self.way_ms(from, to);
        let there_ms = self.rates.frame(from, to, bytes, self.now_ms, way_ms);
        self.post(from, to, said, there_ms);
    }

    /// A chunk: it waits at both ends for those before it.
    fn give(&mut self, from: HostId, to: HostId, chunk: u32, piece: Piece) {
        let life = self.life(from);
        let Some(question) = self.seats[from.index()].asked.remove(&to) else {
            // The question was withdrawn: its stream is closed.
            return self.queue.push(
                self.now_ms,
                Event::Sent {
                    host: from,
                    life,
                    to,
                },
            );
        };
        let payload = piece.data.len() + 32 * piece.path.len() + ANSWER_AROUND;
        let way_ms = self.way_ms(from, to);
        let bytes = wire::frame_bytes(payload);
        self.chunks_sent += 1;
        let departure = self.rates.depart(from, bytes, self.now_ms, way_ms);
        self.queue.push(
            departure.left_ms,
            Event::Sent {
                host: from,
                life,
                to,
            },
        );
        let answer = Answer::Chunk { chunk, piece };
        let said = Said::Answer { question, answer };
        let lives = (self.life(from), self.life(to));
        let landing = Event::Land {
            from,
            to,
            lives,
            said,
            payload,
        };
        self.queue.push(departure.lands_ms, landing);
    }

    fn land(&mut self, to: HostId, payload: usize, arrival: Event) {
        let there_ms = self.rates.land(to, wire::frame_bytes(payload), self.now_ms);
        self.rates
            .spent(to, wire::acknowledgement_bytes(payload), self.now_ms);
        self.queue.push(there_ms, arrival);
    }

    fn post(&mut self, from: HostId, to: HostId, said: Said, there_ms: u64) {
        let lives = (self.life(from), self.life(to));
        let last = self.last_ms.entry((from, to)).or_default();
        *last = there_ms.max(*last);
        self.queue.push(
            *last,
            Event::Arrive {
                from,
                to,
                lives,
                said,
            },
        );
    }

    fn wake(&mut self, host: HostId) {
        let seat = &mut self.seats[host.index()];
        let Some(due) = seat.mind.next_deadline() else {
            return;
        };
        let due_ms = due.as_millis().max(self.now_ms + 1);
        if seat.wakes_ms.is_none_or(|wakes_ms| due_ms < wakes_ms) {
            seat.wakes_ms = Some(due_ms);
            self.queue.push(due_ms, Event::Wake { host });
        }
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

impl Said {
    /// Bytes of what travels, before the stream puts its own around it.
    fn length(&self) -> usize {
        match self {
            Self::Frame(frame) => cbor::length(frame) + FRAME_AROUND,
            Self::Ask { want, .. } => cbor::length(want) + FRAME_AROUND,
            Self::Withdraw { .. } => 0,
            Self::Answer { .. } => ANSWER_AROUND,
        }
    }
}

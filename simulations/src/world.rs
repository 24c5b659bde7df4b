//! One world: hosts, links and disks on one clock, and every output of every machine performed in order.

mod centre;
mod event;
mod fault;
mod gate;
mod seat;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use protocol::evidence::EvidenceId;
use protocol::id::DeviceId;
use protocol::key::PeerKey;
use protocol::node;
use protocol::node::Node;
use protocol::roster::ExtendError;
use protocol::time::{Instant, Now};
use thiserror::Error;

use crate::chance::Chance;
use crate::disk::{Disk, JournalFlaw};
use crate::fleet::{BEGINNING, Fleet};
use crate::host::HostId;
use crate::network::{Arrival, Arrived, Conditions, Network};
use crate::power::Honesty;
use crate::queue::Queue;
use crate::store::{Store, StoreFlaw};
use crate::trace::Trace;
use crate::truth::{Difference, Truth};
use centre::Centre;
use event::Event;
pub use fault::{Fault, Stop};
use seat::Seat;

/// What is on purpose broken in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sabotage {
    pub journal: JournalFlaw,
    pub store: StoreFlaw,
    pub disk: Honesty,
}

/// How a world differs from the plain one.
#[derive(Debug)]
pub struct Settings {
    pub conditions: Conditions,
    pub sabotage: Sabotage,
    pub trace: Trace,
    /// Nodes are switched on one after the other over this time.
    pub power_on_ms: u64,
}

/// What happened that should be known in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub events: u64,
    pub frames: u64,
    pub node_restarts: u64,
    pub coordinator_restarts: u64,
    pub dials: u64,
    pub refusals: u64,
    /// Somebody honest was said to break the protocol.
    pub misbehaviour: u64,
    /// Somebody honest was said to have signed two histories.
    pub equivocations: u64,
    /// Incarnations that began without word of where their log ended.
    pub unlinked: u64,
    /// Frames that could not be parsed.
    pub malformed: u64,
}

/// Whether hosts still take readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sampling {
    On,
    /// The world drains: what exists is delivered, and nothing new is made.
    Off,
}

#[derive(Debug)]
pub struct World {
    seed: u64,
    now_ms: u64,
    queue: Queue<Event>,
    fleet: Fleet,
    seats: Vec<Seat>,
    centre: Centre,
    network: Network,
    truth: Truth,
    trace: Trace,
    chance: Chance,
    sampling: Sampling,
    counts: Counts,
    /// Bytes that nodes sent, by the word of the message.
    traffic: BTreeMap<&'static str, u64>,
    by_key: HashMap<PeerKey, HostId>,
    /// What deputies told somebody outside: when, who, and under which name.
    outside: Vec<(u64, HostId, EvidenceId)>,
    /// Answers of a host's shell to its own machine, taken before anything else happens.
    answers: VecDeque<node::Input>,
}

#[derive(Debug, Error)]
pub enum WorldError {
    #[error("the coordinator cannot start over its own store: {0}")]
    Coordinator(#[from] ExtendError),
}

impl World {
    pub fn new(mut fleet: Fleet, settings: Settings) -> Result<Self, WorldError> {
        let (seed, nodes) = (fleet.blueprint.seed, fleet.members.len());
        let store = std::mem::take(&mut fleet.store);
        let journal = settings.sabotage.journal;
        let seats = (0..nodes)
            .map(|seat| Seat::new(seed, seat, Arc::clone(&fleet.roster), journal))
            .collect();
        let by_key = fleet.members.iter().enumerate();
        let by_key = by_key
            .map(|(seat, member)| (member.key.peer(), HostId::node(seat)))
            .collect();
        let mut world = Self {
            seed,
            now_ms: 0,
            queue: Queue::default(),
            seats,
            centre: Centre::new(store, settings.sabotage.store, Arc::clone(&fleet.roster)),
            network: Network::new(nodes + 1, seed, settings.conditions),
            truth: Truth::new(nodes),
            trace: settings.trace,
            chance: Chance::new(seed, "world"),
            sampling: Sampling::On,
            counts: Counts::default(),
            traffic: BTreeMap::new(),
            outside: Vec::new(),
            answers: VecDeque::new(),
            by_key,
            fleet,
        };
        world.power_up(HostId::COORDINATOR)?;
        let mut stagger = Chance::new(seed, "power on");
        for seat in 0..nodes {
            let at_ms = stagger.below(settings.power_on_ms.max(1));
            world.queue.push(
                at_ms,
                Event::PowerUp {
                    host: HostId::node(seat),
                },
            );
        }
        Ok(world)
    }

    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// Lets everything happen that is due until then.
    pub fn run_until(&mut self, until_ms: u64) -> Result<(), WorldError> {
        while let Some((at_ms, event)) = self.queue.pop_until(until_ms) {
            self.now_ms = at_ms;
            self.counts.events += 1;
            self.happen(event)?;
        }
        self.now_ms = until_ms;
        Ok(())
    }

    /// Plans a fault.
    pub fn plan(&mut self, at_ms: u64, fault: Fault) {
        self.queue.push(at_ms, Event::Fault(Box::new(fault)));
    }

    /// No more readings are taken; what exists is still delivered.
    pub fn stop_sampling(&mut self) {
        self.sampling = Sampling::Off;
    }

    /// From here on these conditions hold on every link.
    pub fn set_conditions(&mut self, conditions: Conditions) {
        self.network.set_conditions(conditions);
    }

    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    pub fn node(&self, seat: usize) -> Option<&Node> {
        self.seats[seat].machine.as_ref()
    }

    pub fn coordinator(&self) -> Option<&protocol::coordinator::Coordinator> {
        self.centre.machine.as_ref()
    }

    pub fn disk(&self, seat: usize) -> &Disk {
        &self.seats[seat].disk
    }

    /// Puts another disk into a host, as somebody does who restores a backup.
    pub fn replace_disk(&mut self, seat: usize, disk: Disk) {
        self.seats[seat].disk = disk;
    }

    pub fn store(&self) -> &Store {
        &self.centre.store
    }

    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What deputies told somebody outside: at which millisecond, who, and under which name.
    pub fn told_outside(&self) -> &[(u64, HostId, EvidenceId)] {
        &self.outside
    }

    pub fn device(&self, seat: usize) -> DeviceId {
        self.fleet.members[seat].device
    }

    pub fn sent_bytes(&self, host: HostId) -> u64 {
        self.network.sent_bytes(host)
    }

    /// Bytes that all nodes have sent, the coordinator's left out.
    pub fn sent_by_nodes(&self) -> u64 {
        (0..self.seats.len())
            .map(|seat| self.network.sent_bytes(HostId::node(seat)))
            .sum()
    }

    /// Of these bytes, those of each kind of message; the rest are acknowledgements and handshakes.
    pub fn traffic(&self) -> &BTreeMap<&'static str, u64> {
        &self.traffic
    }

    /// What the store shows against what the journals promised.
    pub fn difference(&self) -> Difference {
        let of = |seat| {
            self.truth
                .compare(seat, self.centre.store.marks(&self.device(seat)))
        };
        (0..self.seats.len())
            .map(of)
            .fold(Difference::default(), std::ops::Add::add)
    }

    pub fn into_trace(self) -> Trace {
        self.trace
    }

    fn happen(&mut self, event: Event) -> Result<(), WorldError> {
        self.trace.event(self.now_ms, event.place(), event.kind());
        match event {
            Event::Tick { host } => self.tick(host),
            Event::Arrive { link, to, parcel } => {
                let arrived = self.network.arrive(link, to, parcel);
                self.arrived(arrived);
            }
            Event::Flush { link, to } => {
                for parcel in self.network.flush(link, to) {
                    let arrived = self.network.deliver(link, to, parcel);
                    self.arrived(arrived);
                }
            }
            Event::Dialled {
                from,
                to,
                life,
                answered,
            } => self.dialled(from, to, life, answered),
            Event::PowerUp { host } => self.power_up(host)?,
            Event::Commit { life } => self.commit_due(life),
            Event::Fault(fault) => self.strike(*fault),
        }
        Ok(())
    }

    fn arrived(&mut self, arrived: Arrived) {
        match arrived {
            Arrived::Frame { to, from, frame } => self.frame(to, from, &frame),
            Arrived::Closed { host, peer } => self.link_down(host, peer),
            Arrived::Nothing => {}
        }
    }

    fn tick(&mut self, host: HostId) {
        match host.seat() {
            Some(seat) => self.tick_node(seat),
            None => self.tick_coordinator(),
        }
    }

    fn power_up(&mut self, host: HostId) -> Result<(), WorldError> {
        for reset in self.network.come_up(host, self.now_ms) {
            self.expect(reset);
        }
        match host.seat() {
            Some(seat) => self.start_node(seat),
            None => self.start_coordinator()?,
        }
        Ok(())
    }

    fn expect(&mut self, arrival: Arrival) {
        let Arrival {
            at_ms,
            link,
            to,
            parcel,
        } = arrival;
        self.queue.push(at_ms, Event::Arrive { link, to, parcel });
    }

    /// Both clocks of a machine that was started at `since_ms`.
    fn clocks(&self, since_ms: u64, skew_ms: i64) -> Now {
        let wall = BEGINNING
            .as_millis()
            .saturating_add(self.now_ms)
            .saturating_add_signed(skew_ms);
        Now {
            monotonic: Instant::from_millis(self.now_ms - since_ms),
            wall: protocol::time::Timestamp::from_millis(wall),
        }
    }
}

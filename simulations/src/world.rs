//! One world: hosts, links and disks on one clock, and every output of every machine performed in order.

mod centre;
mod copies;
mod deeds;
mod event;
mod fault;
mod gate;
mod pace;
mod said;
mod seat;
mod segment;
mod settings;
mod stage;
mod strike;
mod tripwire;
mod update;
mod view;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use protocol::evidence::EvidenceId;
use protocol::id::DeviceId;
use protocol::install::Terms;
use protocol::key::PeerKey;
use protocol::node;
use protocol::roster::ExtendError;
use protocol::time::{Instant, Now, Timestamp};
use thiserror::Error;

use crate::chance::Chance;
use crate::fleet::{BEGINNING, Fleet};
use crate::host::HostId;
use crate::model::Model;
use crate::network::{Arrival, Arrived, Network};
use crate::observers::{LOOK_MS, Observer};
use crate::queue::Queue;
use crate::slots::Firmware;
use crate::trace::Trace;
use crate::truth::Truth;
use centre::Centre;
use event::Event;
pub use fault::{Fault, Line, Stop};
pub use pace::Stalls;
pub use said::Said;
use seat::Seat;
pub use segment::Dumb;
use segment::Segments;
pub use settings::{GuardFlaw, Hints, Looks, Overlap, RulesFlaw, Sabotage, Settings, SpreadFlaw};

/// What happened that should be known in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub events: u64,
    pub frames: u64,
    pub node_restarts: u64,
    pub coordinator_restarts: u64,
    pub dials: u64,
    pub refusals: u64,
    /// Links that a node has ended though it had a use for them.
    pub broken: u64,
    /// Disks that were put back into an older state.
    pub rollbacks: u64,
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
    sabotage: Sabotage,
    truth: Truth,
    model: Model,
    trace: Trace,
    chance: Chance,
    sampling: Sampling,
    counts: Counts,
    /// Bytes that nodes sent, by the word of the message.
    traffic: BTreeMap<&'static str, u64>,
    /// How many frames that were, by the same word.
    frames: BTreeMap<&'static str, u64>,
    by_key: HashMap<PeerKey, HostId>,
    by_device: HashMap<DeviceId, usize>,
    /// What deputies told somebody outside: when, who, and under which name.
    outside: Vec<(u64, HostId, EvidenceId)>,
    /// Hosts with the keys of another.
    copies: BTreeMap<PeerKey, Vec<HostId>>,
    /// What was said in the present event.
    said: Vec<Said>,
    /// What hosts with slots can be updated with, and on what terms.
    firmware: Vec<Firmware>,
    terms: Option<Terms>,
    segments: Segments,
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
        let members = || fleet.members.iter().enumerate();
        let by_key = members().map(|(seat, member)| (member.key.peer(), HostId::node(seat)));
        let by_device = members().map(|(seat, member)| (member.device, seat));
        let mut world = Self {
            seed,
            now_ms: 0,
            queue: Queue::default(),
            seats,
            centre: Centre::new(store, settings.sabotage.store, Arc::clone(&fleet.roster)),
            network: Network::new(nodes + 1, seed, settings.conditions),
            sabotage: settings.sabotage,
            truth: Truth::new(nodes),
            model: Model::new(nodes + 1),
            trace: settings.trace,
            chance: Chance::new(seed, "world"),
            sampling: Sampling::On,
            counts: Counts::default(),
            traffic: BTreeMap::new(),
            frames: BTreeMap::new(),
            outside: Vec::new(),
            answers: VecDeque::new(),
            firmware: Vec::new(),
            terms: None,
            segments: Segments::default(),
            by_key: by_key.collect(),
            by_device: by_device.collect(),
            copies: BTreeMap::new(),
            said: Vec::new(),
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

    /// Lets everything happen that is due until then.
    pub fn run_until(&mut self, until_ms: u64) -> Result<(), WorldError> {
        self.run_watched(until_ms, &mut [])
    }

    /// The same while others look on.
    pub fn run_watched(
        &mut self,
        until_ms: u64,
        observers: &mut [&mut dyn Observer],
    ) -> Result<(), WorldError> {
        while self.now_ms < until_ms {
            let look_ms = (self.now_ms / LOOK_MS + 1) * LOOK_MS;
            self.run_to(look_ms.min(until_ms), observers)?;
            if self.now_ms == look_ms {
                observers.iter_mut().for_each(|one| one.looked(self));
            }
        }
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

    fn run_to(
        &mut self,
        stop_ms: u64,
        observers: &mut [&mut dyn Observer],
    ) -> Result<(), WorldError> {
        while let Some((at_ms, event)) = self.queue.pop_until(stop_ms) {
            self.now_ms = at_ms;
            self.counts.events += 1;
            self.happen(event)?;
            if self.said.is_empty() {
                continue;
            }
            let said = std::mem::take(&mut self.said);
            for observer in observers.iter_mut() {
                said.iter().for_each(|one| observer.heard(self, one));
            }
        }
        self.now_ms = stop_ms;
        Ok(())
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
            Event::Fault(fault) => self.strike(*fault)?,
            Event::Bulk(passing) => self.passed(*passing),
            Event::Wake { host } => self.wake(host),
            Event::Scheme { host } => self.scheme(host),
            Event::Listen { host } => self.listen(host),
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

    /// Switches a host on that is off.
    fn power_up(&mut self, host: HostId) -> Result<(), WorldError> {
        if self.is_running(host) {
            return Ok(());
        }
        self.model.rose(host, self.now_ms);
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
        Now {
            monotonic: Instant::from_millis(self.now_ms - since_ms),
            wall: wall_at(self.now_ms, skew_ms),
        }
    }
}

/// What a clock that is off by so much shows at a moment.
fn wall_at(at_ms: u64, skew_ms: i64) -> Timestamp {
    let wall = BEGINNING
        .as_millis()
        .saturating_add(at_ms)
        .saturating_add_signed(skew_ms);
    Timestamp::from_millis(wall)
}

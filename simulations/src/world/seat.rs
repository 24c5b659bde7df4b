//! The shell of one simulated node: its clocks, its disk, its waiting inputs, and the life of its machine.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use protocol::dice::Dice;
use protocol::node::{Config, Identity, Input, Node};
use protocol::roster::Roster;
use protocol::text::Name;

use super::World;
use super::event::Event;
use super::fault::Doom;
use super::pace::Stalls;
use super::settings::Hints;
use super::tripwire::Filter;
use crate::actors::{Actor, Role};
use crate::chance::{Chance, seed_bytes};
use protocol::command::{CommandId, Kind};

use crate::disk::{Disk, JournalFlaw};
use crate::host::HostId;
use crate::slots::{MODEL, PRODUCT, Slots};

/// Wall clocks differ from the world's by at most this.
const SKEW_MS: u64 = 400;

/// One node's machine and everything around it.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) host: HostId,
    /// Whose keys it holds: another's, if it is a copy.
    pub(super) member: usize,
    pub(super) machine: Option<Node>,
    pub(super) disk: Disk,
    /// What somebody will put back one day.
    pub(super) backup: Option<(Disk, usize)>,
    /// Judges who is let in.
    pub(super) gate: Arc<Roster>,
    /// What this node shows at other doors, made when first needed.
    pub(super) credentials: Option<Rc<[u8]>>,
    pub(super) doom: Option<Doom>,
    pub(super) stalls: Option<Stalls>,
    /// What came while the host stood still.
    pub(super) waiting: VecDeque<Input>,
    /// Who speaks in place of the machine, if it does not itself.
    pub(super) actor: Option<Box<dyn Actor>>,
    pub(super) lied_ms: Option<u64>,
    /// Starts so far.
    pub(super) life: u32,
    pub(super) since_ms: u64,
    pub(super) skew_ms: i64,
    tick_ms: Option<u64>,
    pub(super) gauges: Chance,
    pub(super) fresh: bool,
    /// How often somebody has changed the file that is watched, and what was said of it last.
    pub(super) tampered: u64,
    pub(super) told: Option<u64>,
    pub(super) slots: Slots,
    pub(super) filter: Filter,
    /// What commands have had it do, in this life and those before.
    pub(super) commanded: Vec<(CommandId, Kind)>,
}

impl Seat {
    pub(super) fn new(seed: u64, seat: usize, roster: Arc<Roster>, flaw: JournalFlaw) -> Self {
        let mut gauges = Chance::new(seed, &format!("gauges {seat}"));
        let skew_ms = gauges.below(2 * SKEW_MS + 1) as i64 - SKEW_MS as i64;
        Self {
            host: HostId::node(seat),
            member: seat,
            machine: None,
            disk: Disk::new(Arc::clone(&roster), flaw),
            backup: None,
            gate: roster,
            credentials: None,
            doom: None,
            stalls: None,
            waiting: VecDeque::new(),
            actor: None,
            lied_ms: None,
            life: 0,
            since_ms: 0,
            skew_ms,
            tick_ms: None,
            gauges,
            fresh: true,
            tampered: 0,
            told: None,
            slots: Slots::default(),
            filter: Filter::default(),
            commanded: Vec::new(),
        }
    }

    /// From here on another speaks in place of the machine; returns the word for what it does.
    pub(super) fn takes_on(&mut self, role: Role) -> &'static str {
        let word = role.word();
        self.actor = Some(role.actor());
        word
    }
}

impl World {
    pub(super) fn start_node(&mut self, place: usize) {
        let member = &self.fleet.members[self.seats[place].member];
        let profile = self.fleet.profile(member);
        let seat = &mut self.seats[place];
        seat.life += 1;
        (seat.since_ms, seat.tick_ms, seat.fresh) = (self.now_ms, None, true);
        seat.told = None;
        self.counts.node_restarts += u64::from(seat.life > 1);
        let identity = Identity {
            device: member.device,
            signer: Arc::clone(&member.signer),
            verifier: Arc::clone(&self.fleet.verifier),
            data_key: member.data_key.clone(),
            unsealing: Arc::clone(&member.unsealing),
            coordinator: vec![HostId::COORDINATOR.address()],
        };
        let config = Config {
            telemetry: std::time::Duration::from_secs(profile.period_s),
            epoch: self.fleet.blueprint.epoch,
            ..Config::default()
        };
        let dice = Dice::from_seed(seed_bytes(
            self.seed,
            &format!("dice {place}"),
            u64::from(seat.life),
        ));
        let mut host = profile.start(&format!("host-{place:04}"));
        if self.terms.is_some() {
            host.model = Name::new(MODEL).ok();
            host.product = Name::new(PRODUCT).ok();
        }
        let (roster, memory) = (Arc::clone(seat.disk.roster()), seat.disk.memory());
        let now = self.clocks(self.now_ms, self.seats[place].skew_ms);
        let (node, outputs) = Node::new(config, identity, host, roster, &memory, dice, now);
        self.seats[place].machine = Some(node);
        self.answers.push_back(Input::Listening {
            addresses: vec![HostId::node(place).address()],
        });
        let hint = match self.sabotage.hints {
            Hints::Known => Some(self.fleet.blueprint.ground.hint(self.seats[place].member)),
            Hints::Unknown => None,
        };
        self.answers.push_back(Input::Attached { hint });
        self.perform(place, outputs);
        self.equip_node(place);
        self.settle(place);
    }

    /// The machine is gone; says whether there was one.
    pub(super) fn stop_node(&mut self, place: usize) -> bool {
        let seat = &mut self.seats[place];
        (seat.doom, seat.tick_ms) = (None, None);
        seat.waiting.clear();
        seat.machine.take().is_some()
    }

    pub(super) fn tell_node(&mut self, place: usize, input: Input) {
        if let Some(input) = self.must_wait(place, input) {
            self.answers.push_back(input);
            self.settle(place);
        }
    }

    pub(super) fn tick_node(&mut self, place: usize) {
        let seat = &mut self.seats[place];
        // A tick that was planned by an earlier life, or that a sooner one has replaced.
        if seat.tick_ms != Some(self.now_ms) {
            return;
        }
        seat.tick_ms = None;
        let due = seat.machine.as_ref().and_then(Node::next_deadline);
        if due.is_some_and(|due| seat.since_ms + due.as_millis() <= self.now_ms) {
            self.tell_node(place, Input::Tick);
        } else {
            self.settle(place);
        }
    }

    /// Hands the machine its inputs until its shell has no more answers, then plans its next tick.
    pub(super) fn settle(&mut self, place: usize) {
        while let Some(input) = self.answers.pop_front() {
            let Some(input) = self.misheard(place, input) else {
                continue;
            };
            let now = self.clocks(self.seats[place].since_ms, self.seats[place].skew_ms);
            let Some(machine) = &mut self.seats[place].machine else {
                continue;
            };
            let outputs = machine.handle(input, now);
            self.perform(place, outputs);
        }
        let seat = &mut self.seats[place];
        let Some(due) = seat.machine.as_ref().and_then(Node::next_deadline) else {
            return;
        };
        let at_ms = (seat.since_ms + due.as_millis()).max(self.now_ms);
        if seat.tick_ms.is_none_or(|planned| at_ms < planned) {
            seat.tick_ms = Some(at_ms);
            self.queue.push(at_ms, Event::Tick { host: seat.host });
        }
    }

    /// Stops a host at once, as a pulled plug does.
    pub fn pull_plug(&mut self, seat: usize, down_ms: u64) {
        self.fall(HostId::node(seat), Doom::power_cut(down_ms));
    }
}

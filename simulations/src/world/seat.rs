//! The shell of one simulated node: its clocks, its disk, its readings, and the outputs of its machine.

use std::rc::Rc;
use std::sync::Arc;

use protocol::dice::Dice;
use protocol::node::save::Save;
use protocol::node::{Config, Identity, Input, Linked, Node, Notice, Output};
use protocol::roster::Roster;

use super::event::Event;
use super::fault::Doom;
use super::gate::Encoder;
use super::{Sampling, World};
use crate::chance::{Chance, seed_bytes};
use crate::disk::{Disk, JournalFlaw};
use crate::host::HostId;
use crate::network::Downfall;

/// Wall clocks differ from the world's by at most this.
const SKEW_MS: u64 = 400;

/// One node's machine and everything around it.
#[derive(Debug)]
pub(super) struct Seat {
    host: HostId,
    pub(super) machine: Option<Node>,
    pub(super) disk: Disk,
    /// Judges who is let in.
    pub(super) gate: Arc<Roster>,
    /// What this node shows at other doors, made when first needed.
    pub(super) credentials: Option<Rc<[u8]>>,
    pub(super) doom: Option<Doom>,
    /// Starts so far.
    pub(super) life: u32,
    pub(super) since_ms: u64,
    pub(super) skew_ms: i64,
    tick_ms: Option<u64>,
    gauges: Chance,
    fresh: bool,
}

impl Seat {
    pub(super) fn new(seed: u64, seat: usize, roster: Arc<Roster>, flaw: JournalFlaw) -> Self {
        let mut gauges = Chance::new(seed, &format!("gauges {seat}"));
        let skew_ms = gauges.below(2 * SKEW_MS + 1) as i64 - SKEW_MS as i64;
        Self {
            host: HostId::node(seat),
            machine: None,
            disk: Disk::new(Arc::clone(&roster), flaw),
            gate: roster,
            credentials: None,
            doom: None,
            life: 0,
            since_ms: 0,
            skew_ms,
            tick_ms: None,
            gauges,
            fresh: true,
        }
    }
}

/// Where a crash cuts a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    BeforeTheTransaction,
    /// After the transaction and so many of the other outputs.
    After(usize),
}

impl World {
    pub(super) fn start_node(&mut self, place: usize) {
        let member = &self.fleet.members[place];
        let profile = self.fleet.profile(member);
        let seat = &mut self.seats[place];
        seat.life += 1;
        (seat.since_ms, seat.tick_ms, seat.fresh) = (self.now_ms, None, true);
        self.counts.node_restarts += u64::from(seat.life > 1);
        let identity = Identity {
            device: member.device,
            signer: Arc::clone(&member.signer),
            verifier: Arc::clone(&self.fleet.verifier),
            data_key: member.data_key.clone(),
            coordinator: vec![HostId::COORDINATOR.address()],
        };
        let config = Config {
            telemetry: std::time::Duration::from_secs(profile.period_s),
            ..Config::default()
        };
        let dice = Dice::from_seed(seed_bytes(
            self.seed,
            &format!("dice {place}"),
            u64::from(seat.life),
        ));
        let host = profile.start(&format!("host-{place:04}"));
        let (roster, memory) = (Arc::clone(seat.disk.roster()), seat.disk.memory());
        let now = self.clocks(self.now_ms, self.seats[place].skew_ms);
        let (node, outputs) = Node::new(config, identity, host, roster, &memory, dice, now);
        self.seats[place].machine = Some(node);
        self.answers.push_back(Input::Listening {
            addresses: vec![HostId::node(place).address()],
        });
        self.answers
            .push_back(Input::Attached { hint: Some([1; 8]) });
        self.perform(place, outputs);
        self.settle(place);
    }

    /// The machine is gone; says whether there was one.
    pub(super) fn stop_node(&mut self, place: usize) -> bool {
        let seat = &mut self.seats[place];
        (seat.doom, seat.tick_ms) = (None, None);
        seat.machine.take().is_some()
    }

    pub(super) fn tell_node(&mut self, place: usize, input: Input) {
        self.answers.push_back(input);
        self.settle(place);
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
    fn settle(&mut self, place: usize) {
        while let Some(input) = self.answers.pop_front() {
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

    /// The transaction first, then everything else in order, unless a crash cuts the batch.
    fn perform(&mut self, place: usize, outputs: Vec<Output>) {
        if outputs.is_empty() {
            return;
        }
        let (mut saves, mut others, mut roster) =
            (Vec::new(), Vec::with_capacity(outputs.len()), None);
        for output in outputs {
            match output {
                Output::Save(save) => saves.push(save),
                Output::Roster(snapshot) => {
                    roster = Some(Arc::clone(&snapshot));
                    others.push(Output::Roster(snapshot));
                }
                other => others.push(other),
            }
        }
        let doom = self.seats[place]
            .doom
            .filter(|_| saves.iter().any(|save| matches!(save, Save::Record { .. })));
        let cut = doom.map(|_| self.cut_of(others.len()));
        if cut != Some(Cut::BeforeTheTransaction) {
            self.commit(place, saves, roster.as_ref());
        }
        let performed = match cut {
            None => others.len(),
            Some(Cut::BeforeTheTransaction) => 0,
            Some(Cut::After(count)) => count,
        };
        let mut encoder = Encoder::default();
        for output in others.into_iter().take(performed) {
            self.perform_one(place, output, &mut encoder);
        }
        if let Some(doom) = doom {
            self.fall(HostId::node(place), doom);
        }
    }

    fn cut_of(&mut self, others: usize) -> Cut {
        match self.chance.below(others as u64 + 2).checked_sub(1) {
            None => Cut::BeforeTheTransaction,
            Some(performed) => Cut::After(performed as usize),
        }
    }

    fn commit(&mut self, place: usize, saves: Vec<Save>, roster: Option<&Arc<Roster>>) {
        if saves.is_empty() {
            return;
        }
        if self.trace.is_recording() {
            saves
                .iter()
                .for_each(|save| trace_save(&mut self.trace, save));
        }
        for mark in self.seats[place].disk.commit(saves, roster) {
            self.truth.saved(place, mark);
        }
    }

    fn perform_one(&mut self, place: usize, output: Output, encoder: &mut Encoder) {
        let host = HostId::node(place);
        match output {
            Output::Save(_) => unreachable!("saves were taken out of the batch"),
            Output::Send { to, message } => {
                self.send(host, to, message, encoder);
            }
            Output::Sample => self.sample(place),
            Output::Load { after, limit } => {
                let records = self.seats[place].disk.read(after, limit);
                self.answers.push_back(Input::Backlog(records));
            }
            Output::Connect { peer, addresses } => self.dial(host, peer, &addresses),
            Output::Disconnect { peer, .. } => {
                if self.hang_up(host, peer).is_some() {
                    self.answers.push_back(Input::LinkDown { peer });
                }
            }
            Output::Deliver { id, .. } => {
                self.outside.push((self.now_ms, host, id));
                self.answers.push_back(Input::Delivered { id });
            }
            Output::Roster(roster) => {
                let seat = &mut self.seats[place];
                (seat.gate, seat.credentials) = (roster, None);
            }
            Output::Notice(notice) => self.notice(&notice),
        }
    }

    fn sample(&mut self, place: usize) {
        if self.sampling == Sampling::Off {
            return;
        }
        let profile = self.fleet.profile(&self.fleet.members[place]);
        let seat = &mut self.seats[place];
        let uptime_s = (self.now_ms - seat.since_ms) / 1000;
        let reading = profile.reading(&mut seat.gauges, uptime_s, std::mem::take(&mut seat.fresh));
        self.answers.push_back(Input::Reading(Box::new(reading)));
    }

    fn notice(&mut self, notice: &Notice) {
        self.trace.text(notice);
        match notice {
            Notice::Began {
                linked: Linked::Unlinked,
                ..
            } => self.counts.unlinked += 1,
            Notice::Misbehaviour { .. } => self.counts.misbehaviour += 1,
            Notice::Proven { .. } => self.counts.equivocations += 1,
            _ => {}
        }
    }

    /// Stops a host at once, as a pulled plug does.
    pub fn pull_plug(&mut self, seat: usize, down_ms: u64) {
        self.fall(
            HostId::node(seat),
            Doom {
                downfall: Downfall::Power,
                down_ms,
            },
        );
    }
}

fn trace_save(trace: &mut crate::trace::Trace, save: &Save) {
    match save {
        Save::Record { record, .. } => trace.bytes(&record.head),
        Save::Custody { record, .. } => trace.bytes(&record.head),
        Save::Witnessed { head, .. } => trace.bytes(head),
        Save::Contact { contact, .. } => trace.bytes(contact),
        Save::Conviction(proof) => trace.bytes(proof),
        other => trace.text(other),
    }
}

//! The shell of the simulated coordinator: batches are committed together, and nothing that depends on
//! a batch leaves before it is durable.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use protocol::coordinator::{
    Command, Config, Coordinator, Event as Announcement, Input, Offices, Output,
};
use protocol::key::{PeerKey, Signer};
use protocol::message::Message;
use protocol::roster::Roster;

use super::event::Event;
use super::fault::Doom;
use super::gate::Encoder;
use super::{Said, World, WorldError};
use crate::host::HostId;
use crate::store::{Store, StoreFlaw};

/// How long a batch gathers writes before it is made durable.
const BATCH_MS: u64 = 20;

/// The coordinator's machine and everything around it.
#[derive(Debug)]
pub(super) struct Centre {
    pub(super) machine: Option<Coordinator>,
    pub(super) store: Store,
    flaw: StoreFlaw,
    pub(super) gate: Arc<Roster>,
    /// Outputs behind writes that are not durable.
    held: VecDeque<Output>,
    pub(super) doom: Option<Doom>,
    pub(super) life: u32,
    pub(super) since_ms: u64,
    pub(super) skew_ms: i64,
    tick_ms: Option<u64>,
    /// The admission key that took the place of the first one.
    admission: Option<Arc<dyn Signer>>,
}

/// Where a crash cuts a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    BeforeTheCommit,
    /// Durable, and nobody was told.
    BeforeTheWord,
    /// Durable, and some were told.
    Amid,
}

impl Centre {
    pub(super) fn new(store: Store, flaw: StoreFlaw, gate: Arc<Roster>) -> Self {
        Self {
            machine: None,
            store,
            flaw,
            gate,
            held: VecDeque::new(),
            doom: None,
            life: 0,
            since_ms: 0,
            skew_ms: 0,
            tick_ms: None,
            admission: None,
        }
    }
}

impl World {
    /// An administrator gives an order; the shell keeps the admission key that comes with it.
    pub fn order(&mut self, command: Command) {
        if let Command::Succeed { admission, .. } = &command {
            self.centre.admission = Some(Arc::clone(admission));
        }
        self.tell_coordinator(Input::Command(command));
    }

    pub(super) fn start_coordinator(&mut self) -> Result<(), WorldError> {
        self.centre.life += 1;
        (self.centre.since_ms, self.centre.tick_ms) = (self.now_ms, None);
        self.counts.coordinator_restarts += u64::from(self.centre.life > 1);
        let config = Config {
            addresses: vec![HostId::COORDINATOR.address()],
            epoch: self.fleet.blueprint.epoch,
            ..Config::default()
        };
        let empty = self.fleet.empty();
        let memory = self.centre.store.memory(self.centre.flaw);
        let now = self.clocks(self.now_ms, self.centre.skew_ms);
        let first = self.fleet.offices();
        let offices = Offices {
            admission: self.centre.admission.clone().unwrap_or(first.admission),
            ..first
        };
        let (coordinator, outputs) = Coordinator::new(config, offices, empty, memory, now)?;
        self.centre.machine = Some(coordinator);
        self.announce(outputs);
        self.tell_coordinator(Input::Listening {
            addresses: vec![HostId::COORDINATOR.address()],
        });
        Ok(())
    }

    /// The machine is gone with all that was not durable; says whether there was one.
    pub(super) fn stop_coordinator(&mut self) -> bool {
        self.centre.store.crash();
        self.centre.held.clear();
        (self.centre.doom, self.centre.tick_ms) = (None, None);
        self.centre.machine.take().is_some()
    }

    pub(super) fn tell_coordinator(&mut self, input: Input) {
        let now = self.clocks(self.centre.since_ms, self.centre.skew_ms);
        let Some(machine) = &mut self.centre.machine else {
            return;
        };
        let outputs = machine.handle(input, now);
        self.announce(outputs);
        self.plan_coordinator();
    }

    pub(super) fn tick_coordinator(&mut self) {
        if self.centre.tick_ms != Some(self.now_ms) {
            return;
        }
        self.centre.tick_ms = None;
        self.tell_coordinator(Input::Tick);
    }

    /// The batch becomes durable, and what waited for it leaves; a crash strikes before or amid that.
    pub(super) fn commit_due(&mut self, life: u32) {
        if life != self.centre.life || self.centre.machine.is_none() {
            return;
        }
        let store = &self.centre.store;
        let doom = self.centre.doom.take_if(|_| store.holds_records());
        let cut = doom.map(|_| self.cut_of_batch());
        if let (Some(doom), Some(Cut::BeforeTheCommit)) = (doom, cut) {
            return self.fall(HostId::COORDINATOR, doom);
        }
        self.centre.store.commit();
        let held = std::mem::take(&mut self.centre.held);
        let leaving = match cut {
            Some(Cut::Amid) => self.chance.below(held.len() as u64 + 1) as usize,
            Some(Cut::BeforeTheCommit | Cut::BeforeTheWord) => 0,
            None => held.len(),
        };
        self.release(held.into_iter().take(leaving));
        if let Some(doom) = doom {
            self.fall(HostId::COORDINATOR, doom);
        }
    }

    /// A flawed store meets the crash that its flaw does not survive.
    fn cut_of_batch(&mut self) -> Cut {
        match self.centre.flaw {
            StoreFlaw::AcknowledgesFirst => Cut::BeforeTheCommit,
            StoreFlaw::ForgetsCursor => Cut::BeforeTheWord,
            StoreFlaw::None => [Cut::BeforeTheCommit, Cut::Amid][self.chance.below(2) as usize],
        }
    }

    fn plan_coordinator(&mut self) {
        let Some(due) = self
            .centre
            .machine
            .as_ref()
            .and_then(Coordinator::next_deadline)
        else {
            return;
        };
        let at_ms = (self.centre.since_ms + due.as_millis()).max(self.now_ms);
        if self.centre.tick_ms.is_none_or(|planned| at_ms < planned) {
            self.centre.tick_ms = Some(at_ms);
            self.queue.push(
                at_ms,
                Event::Tick {
                    host: HostId::COORDINATOR,
                },
            );
        }
    }

    /// Performs outputs in order: behind a write that is not durable, everything waits.
    fn announce(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Save(save) => {
                    if self.centre.store.is_clean() {
                        let life = self.centre.life;
                        self.queue
                            .push(self.now_ms + BATCH_MS, Event::Commit { life });
                    }
                    self.centre.store.write(save);
                }
                Output::Roster(roster) => self.centre.gate = roster,
                // The store of a world keeps a print of each record, and no records.
                Output::Recall { device, .. } => {
                    self.tell_coordinator(Input::Recalled { device, head: None });
                }
                Output::Depot(output) => self.give_out(output),
                Output::ScanPart { .. } | Output::CommandPart { .. } | Output::Tailed { .. } => {}
                Output::Event(announcement) => self.announced(announcement),
                Output::Ack { .. }
                | Output::Send { .. }
                | Output::Disconnect { .. }
                | Output::Enrolled { .. } => {
                    self.hold_or_release(output);
                }
            }
        }
    }

    fn hold_or_release(&mut self, output: Output) {
        if self.centre.store.is_clean() || self.centre.flaw == StoreFlaw::AcknowledgesFirst {
            self.release([output].into_iter());
        } else {
            self.centre.held.push_back(output);
        }
    }

    /// Of several acknowledgements to one node the newest is enough.
    fn release(&mut self, outputs: impl Iterator<Item = Output>) {
        let outputs: Vec<Output> = outputs.collect();
        let newest: BTreeMap<PeerKey, usize> = outputs
            .iter()
            .enumerate()
            .filter_map(|(place, output)| match output {
                Output::Ack { to, .. } => Some((*to, place)),
                _ => None,
            })
            .collect();
        let mut encoder = Encoder::default();
        for (place, output) in outputs.into_iter().enumerate() {
            match output {
                Output::Ack { to, position } if newest.get(&to) == Some(&place) => {
                    let message = Message::Ack { position };
                    self.send(HostId::COORDINATOR, to, message, &mut encoder);
                }
                Output::Send { to, message } => {
                    self.send(HostId::COORDINATOR, to, message, &mut encoder);
                }
                Output::Disconnect { peer, .. } => self.part(peer),
                _ => {}
            }
        }
    }

    fn part(&mut self, peer: PeerKey) {
        if self.hang_up(HostId::COORDINATOR, peer).is_some() {
            self.tell_coordinator(Input::LinkDown { peer });
        }
    }

    fn announced(&mut self, announcement: Announcement) {
        self.trace.text(&announcement);
        if let Announcement::Misbehaviour { device, .. } = &announcement {
            let seat = device.and_then(|device| self.seat_of(device));
            let wronged = seat.is_none_or(|seat| self.model.is_honest(HostId::node(seat)));
            self.counts.misbehaviour += u64::from(wronged);
        }
        self.said.push(Said::Coordinator(announcement));
    }
}

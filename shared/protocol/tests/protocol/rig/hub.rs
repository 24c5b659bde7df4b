//! The coordinator of a story, and the store that outlives it.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::charter::Charter;
use protocol::command::CommandPart;
use protocol::coordinator::presence::Presence;
use protocol::coordinator::save::{Collected, Memory, Remembered, Save};
use protocol::coordinator::{Config, Coordinator, Event, Input, Offices, Output};
use protocol::dice::Dice;
use protocol::enrolment::{EnrolAnswer, TokenId};
use protocol::id::DeviceId;
use protocol::key::{PeerKey, Strict};
use protocol::message::{Last, Message};
use protocol::roster::Roster;
use protocol::scan::ScanPart;

use super::Mesh;
use crate::samples as sample;
use crate::samples::repository::Firmware;

pub struct Hub {
    pub config: Config,
    /// `None` while it does not run.
    pub machine: Option<Coordinator>,
    pub roster: Arc<Roster>,
    pub store: Store,
    pub events: Vec<Event>,
    /// What members have found by scans.
    pub parts: Vec<(DeviceId, ScanPart)>,
    /// What came of commands.
    pub results: Vec<(DeviceId, CommandPart)>,
    pub tailed: Vec<(DeviceId, protocol::tail::Tailed)>,
    pub answers: Vec<(u64, EnrolAnswer)>,
    /// Seed of the admission key that it holds.
    pub admission: u8,
    /// What it has published, and how many chunks it has given out.
    pub firmware: Vec<Firmware>,
    pub given: usize,
    peer: PeerKey,
}

/// What survives a restart.
#[derive(Clone, Default)]
pub struct Store {
    pub memory: Memory,
    pub records: BTreeMap<DeviceId, Vec<Collected>>,
}

impl Hub {
    pub fn new(charter: &Arc<Charter>) -> Self {
        Self {
            config: Config {
                addresses: vec![sample::path("/memory/0")],
                ..Config::default()
            },
            machine: None,
            roster: Arc::new(Roster::new(Arc::clone(charter)).anchored(sample::anchor())),
            admission: sample::ADMISSION,
            store: Store::default(),
            events: Vec::new(),
            parts: Vec::new(),
            results: Vec::new(),
            tailed: Vec::new(),
            answers: Vec::new(),
            firmware: Vec::new(),
            given: 0,
            peer: charter.coordinator.peer(),
        }
    }

    pub fn peer(&self) -> PeerKey {
        self.peer
    }

    /// The records of a device in the order in which they were stored.
    pub fn records(&self, device: DeviceId) -> &[Collected] {
        self.store.records.get(&device).map_or(&[], Vec::as_slice)
    }

    pub fn presence(&self, device: DeviceId) -> &Presence {
        let machine = self.machine.as_ref().expect("the coordinator runs");
        machine.presence(&device).expect("the device is known")
    }

    /// How many events are of a kind.
    pub fn count(&self, is: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| is(event)).count()
    }
}

impl Store {
    fn save(&mut self, save: Save) {
        let memory = &mut self.memory;
        match save {
            Save::Record(collected) => {
                let known = memory
                    .devices
                    .get_mut(&collected.device)
                    .expect("it is enrolled");
                known.last = Some(Last {
                    position: collected.position,
                    digest: collected.digest,
                });
                known.received = Some(collected.received);
                self.records
                    .entry(collected.device)
                    .or_default()
                    .push(*collected);
            }
            Save::Entries {
                from,
                entries,
                head,
            } => {
                assert_eq!(from, memory.entries.len() as u64);
                memory.entries.extend(entries);
                memory.log_head = Some(head);
            }
            Save::Enrolled {
                device,
                data_key,
                at,
            } => {
                let remembered = Remembered {
                    data_key,
                    enrolled: at,
                    last: None,
                    received: None,
                    contact: None,
                    retired: None,
                    obeyed: None,
                };
                memory.devices.insert(device, remembered);
            }
            Save::Token(token) => {
                memory.tokens.retain(|known| known.id != token.id);
                memory.tokens.push(token);
            }
            Save::Observation(_) => {}
            Save::Retired { device, at } => {
                let known = memory.devices.get_mut(&device).expect("it is enrolled");
                known.retired = Some(at);
            }
            Save::Ruling { ruling, .. } => memory.rulings.push(ruling),
            Save::Halt { halt, .. } => memory.halts.push(halt),
            Save::Rollout { id, course } => memory.rollouts.entry(id).or_default().course = course,
            Save::RolloutDevice { id, device, entry } => {
                let kept = memory.rollouts.entry(id).or_default();
                kept.entries.insert(device, entry);
            }
            Save::RolloutGone { id } => drop(memory.rollouts.remove(&id)),
            Save::Vote { vote, .. } => memory.votes.push(vote),
            Save::Conviction { proof, .. } => memory.convictions.push(proof.bytes().to_vec()),
            Save::Seeds(seeds) => memory.seeds = Some(seeds),
            Save::Cosigned(envelopes) => memory.cosigned = envelopes,
            Save::Contact { device, contact } => {
                let known = memory.devices.get_mut(&device).expect("it is enrolled");
                known.contact = Some(contact);
            }
        }
    }
}

impl Mesh {
    /// Starts the coordinator over what its store holds.
    pub fn start_hub(&mut self) {
        let offices = Offices {
            admission: Arc::new(sample::key(self.hub.admission)),
            unsealing: sample::unsealing(),
            verifier: Arc::new(Strict),
            dice: Dice::from_seed([0x42; 32]),
        };
        let empty = Roster::new(Arc::clone(&self.charter)).anchored(sample::anchor());
        let memory = self.hub.store.memory.clone();
        let (machine, outputs) =
            Coordinator::new(self.hub.config.clone(), offices, empty, memory, self.now())
                .expect("the store holds a good log");
        self.hub.machine = Some(machine);
        self.perform_hub(outputs);
    }

    /// The coordinator's machine loses its power.
    pub fn stop_hub(&mut self) {
        self.hub.machine = None;
        let peer = self.hub.peer();
        for other in self.linked(peer) {
            self.part(peer, other);
        }
    }

    pub(super) fn perform_hub(&mut self, outputs: Vec<Output>) {
        let hub = self.hub.peer();
        for output in outputs {
            match output {
                Output::Save(save) => self.hub.store.save(save),
                Output::Ack { to, position } => {
                    let device = self
                        .hub
                        .roster
                        .device(to)
                        .expect("only members are answered");
                    let stored = self
                        .hub
                        .records(device)
                        .last()
                        .map(|record| record.position);
                    assert_eq!(stored, Some(position), "acknowledged before it was stored");
                    self.send(hub, to, &Message::Ack { position });
                }
                Output::Send { to, message } => self.send(hub, to, &message),
                Output::Disconnect { peer, why } => {
                    self.refusals.push((hub, peer, why));
                    self.part(hub, peer);
                }
                Output::Roster(roster) => self.hub.roster = roster,
                Output::Recall { device, position } => {
                    let records = self.hub.records(device).iter();
                    let stored = records.rev().find(|record| record.position == position);
                    let head = stored.map(|stored| stored.record.head.to_vec());
                    self.tell_hub(Input::Recalled { device, head });
                }
                Output::Enrolled { ticket, answer } => self.hub.answers.push((ticket, answer)),
                Output::Depot(output) => self.perform_depot(output),
                Output::CommandPart { device, part } => self.hub.results.push((device, part)),
                Output::Tailed { device, tailed } => self.hub.tailed.push((device, tailed)),
                Output::ScanPart { device, part } => self.hub.parts.push((device, part)),
                Output::Event(event) => self.hub.events.push(event),
            }
        }
    }

    pub fn token_id(number: u8) -> TokenId {
        TokenId([number; 8])
    }
}

//! A device of a story, and the disk that outlives its node.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use protocol::address::Address;
use protocol::dice::Dice;
use protocol::evidence::EvidenceId;
use protocol::id::DeviceId;
use protocol::key::{PeerKey, SecretKey, Signer as _, Strict};
use protocol::ledger::Withdrawal;
use protocol::message::Message;
use protocol::node::save::{Memory, Save};
use protocol::node::{
    CommandAsked, Config, Identity, Input, Linked, Node, Notice, Output, Parting, ScanAsked,
};
use protocol::record::{Position, Record};
use protocol::roster::{Credentials, Roster};
use protocol::seal::{DataKey, UnsealingKey};
use protocol::statement::host::Reading;
use protocol::time::Timestamp;

use super::{Event, Host, LATENCY, Mesh};
use crate::samples as sample;

pub struct Member {
    pub device: DeviceId,
    pub seed: [u8; 32],
    peer: PeerKey,
    membership: Vec<u8>,
    /// `None` while it does not run.
    pub machine: Option<Node>,
    pub roster: Arc<Roster>,
    pub disk: Disk,
    pub config: Config,
    pub reading: Reading,
    pub clock_ahead: Duration,
    /// What this member told somebody outside, who may not answer.
    pub outside: Vec<(EvidenceId, Vec<u8>)>,
    pub outside_answers: bool,
    pub notices: Vec<Notice>,
    /// Whom it was told to keep away, and how long.
    pub kept_away: Vec<(Address, Duration)>,
    /// What it was asked to scan.
    pub scans: Vec<ScanAsked>,
    /// What commands have told it to do.
    pub commands: Vec<CommandAsked>,
    /// What it was told of its profiles.
    /// Batches of lines that the coordinator has stored.
    pub stored: Vec<u64>,
    pub habits: Vec<protocol::flows::HabitOrder>,
    pub partings: Vec<(PeerKey, Parting)>,
    /// The order by which it wiped itself, and when.
    pub wiped: Option<(Withdrawal, Timestamp)>,
    /// All records that were ever made, whatever became of the disk.
    pub made: Vec<Position>,
    pub host: Host,
    /// Counts the starts: what was asked for in one life is not answered in the next.
    pub life: u32,
}

/// What survives a restart.
#[derive(Clone, Default)]
pub struct Disk {
    pub memory: Memory,
    pub journal: BTreeMap<Position, Record>,
    pub custody: BTreeMap<DeviceId, BTreeMap<Position, Record>>,
}

impl Member {
    pub fn new(device: DeviceId, seed: [u8; 32], membership: Vec<u8>, empty: Arc<Roster>) -> Self {
        Self {
            device,
            seed,
            peer: SecretKey::from_seed(&seed).public().peer(),
            membership,
            machine: None,
            roster: empty,
            disk: Disk::default(),
            config: Config::default(),
            reading: Reading::default(),
            clock_ahead: Duration::ZERO,
            outside: Vec::new(),
            outside_answers: true,
            notices: Vec::new(),
            kept_away: Vec::new(),
            scans: Vec::new(),
            commands: Vec::new(),
            habits: Vec::new(),
            stored: Vec::new(),
            partings: Vec::new(),
            wiped: None,
            made: Vec::new(),
            host: Host::default(),
            life: 0,
        }
    }

    pub fn key(&self) -> SecretKey {
        SecretKey::from_seed(&self.seed)
    }

    pub fn peer(&self) -> PeerKey {
        self.peer
    }

    pub fn credentials(&self) -> Vec<u8> {
        self.roster
            .credentials(&self.device)
            .unwrap_or_else(|| Credentials::newcomer(&self.membership))
            .encode()
    }

    /// Whom this member has learnt to be convicted, in the order in which it did.
    pub fn convicted(&self) -> Vec<DeviceId> {
        let proven = self.notices.iter().filter_map(|notice| match notice {
            Notice::Proven { device, .. } => *device,
            _ => None,
        });
        proven.collect()
    }

    /// How each start went.
    pub fn starts(&self) -> Vec<(u32, Linked)> {
        let begun = self.notices.iter().filter_map(|notice| match notice {
            Notice::Began {
                incarnation,
                linked,
            } => Some((incarnation.0, *linked)),
            _ => None,
        });
        begun.collect()
    }
}

impl Disk {
    fn save(&mut self, save: Save) {
        match save {
            Save::Incarnation(incarnation) => {
                assert!(
                    self.memory
                        .incarnation
                        .is_none_or(|before| before < incarnation)
                );
                self.memory.incarnation = Some(incarnation);
            }
            Save::Record { position, record } => {
                let last = self.memory.last.as_ref().map(|(last, _)| *last);
                assert!(
                    last.is_none_or(|last| last < position),
                    "{last:?} {position:?}"
                );
                self.memory.last = Some((position, record.clone()));
                self.journal.insert(position, record);
            }
            Save::Acknowledged(position) => {
                self.memory.acknowledged = Some(position);
                self.journal.retain(|kept, _| *kept > position);
            }
            Save::GivenUp(last) => self.journal.retain(|kept, _| *kept > last),
            Save::Contact { device, contact } => {
                self.memory.contacts.insert(device, contact);
            }
            Save::Watched(files) => self.memory.watched = Some(files),
            Save::Capability(sealed) => self.memory.capability = Some(sealed),
            Save::Order(order) => self.memory.order = Some(order),
            Save::Update(save) => self.memory.update.take(save),
            Save::Report(report) => self.memory.report = Some(report),
            Save::Appeals(appeals) => self.memory.appeals = Some(appeals),
            Save::Commands(commands) => self.memory.commands = Some(commands),
            Save::Halts(halts) => self.memory.halts = Some(halts),
            Save::Witnessed { subject, head } => {
                self.memory.witnessed.insert(subject, head);
            }
            Save::Conviction(proof) => {
                assert!(!self.memory.convictions.contains(&proof));
                self.memory.convictions.push(proof);
            }
            Save::Seeds(seeds) => self.memory.seeds = Some(seeds),
            Save::Countersigned(head) => self.memory.countersigned = Some(head),
            Save::Cosigned(envelopes) => self.memory.cosigned = envelopes,
            Save::Custody {
                subject,
                position,
                record,
            } => {
                self.custody
                    .entry(subject)
                    .or_default()
                    .insert(position, record);
            }
            Save::Entries {
                from,
                entries,
                head,
            } => {
                assert_eq!(from, self.memory.entries.len() as u64);
                self.memory.entries.extend(entries);
                self.memory.log_head = Some(head);
            }
        }
    }

    fn after(&self, position: Option<Position>, limit: usize) -> Vec<(Position, Record)> {
        let from = position.map_or(Bound::Unbounded, Bound::Excluded);
        let records = self.journal.range((from, Bound::Unbounded)).take(limit);
        records
            .map(|(position, record)| (*position, record.clone()))
            .collect()
    }
}

impl Mesh {
    /// Starts a member's node over what its disk holds.
    pub fn start(&mut self, index: usize) {
        let now = self.now_of(index);
        let coordinator = self.hub.config.addresses.clone();
        let charter = Arc::clone(&self.charter);
        let member = &mut self.members[index];
        member.life += 1;
        let roster = Roster::new(charter).anchored(sample::anchor());
        let memory = Memory {
            waiting: member.disk.journal.keys().copied().collect(),
            ..member.disk.memory.clone()
        };
        let roster = match &memory.log_head {
            Some(head) => roster.extend(0, &memory.entries, head, &Strict).unwrap(),
            None => roster,
        };
        let identity = Identity {
            device: member.device,
            signer: Arc::new(member.key()),
            verifier: Arc::new(Strict),
            data_key: DataKey::from_bytes(member.seed),
            unsealing: Arc::new(UnsealingKey::from_seed(&member.seed)),
            coordinator,
        };
        let mut seed = member.seed;
        seed[31] = u8::try_from(member.life).unwrap();
        let dice = Dice::from_seed(seed);
        let mut host = sample::start_of(index % self.models);
        host.product = self
            .products
            .get(&index)
            .map(|product| sample::name(product));
        let config = Config {
            epoch: self.epoch,
            ..member.config
        };
        let (machine, outputs) =
            Node::new(config, identity, host, Arc::new(roster), &memory, dice, now);
        member.machine = Some(machine);
        self.perform(index, outputs);
        let addresses = vec![sample::path(&format!("/memory/{}", index + 1))];
        self.tell(index, Input::Listening { addresses });
    }

    /// A member's machine loses its power.
    pub fn stop(&mut self, index: usize) {
        self.members[index].machine = None;
        self.members[index].life += 1;
        let peer = self.members[index].peer();
        for other in self.linked(peer) {
            self.part(peer, other);
        }
    }

    /// A member's machine loses its power, of which nobody is told who is linked to it.
    pub fn lose_power(&mut self, index: usize) {
        self.members[index].machine = None;
        self.members[index].life += 1;
        self.cut.insert(self.members[index].peer());
    }

    pub(super) fn perform(&mut self, index: usize, outputs: Vec<Output>) {
        let (me, wall) = (self.members[index].peer(), self.wall());
        for output in outputs {
            let member = &mut self.members[index];
            let life = member.life;
            match output {
                // The shell ends with what came before the order to wipe.
                _ if member.wiped.is_some() => {}
                Output::Save(save) => {
                    if let Save::Record { position, .. } = &save {
                        member.made.push(*position);
                    }
                    member.disk.save(save);
                }
                Output::Send { to, message } => {
                    self.check_saved(index, &message);
                    self.send(me, to, &message);
                }
                Output::Sample => self.later(5, Event::Reading { at: me, life }),
                Output::Load { after, limit } => {
                    let records = member.disk.after(after, limit);
                    self.later(
                        1,
                        Event::Backlog {
                            at: me,
                            life,
                            records,
                        },
                    );
                }
                Output::Connect { peer, addresses } => {
                    assert!(
                        !addresses.is_empty(),
                        "nobody can be dialled without an address"
                    );
                    self.later(LATENCY, Event::Dial { from: me, to: peer });
                }
                Output::Disconnect { peer, why } => {
                    member.partings.push((peer, why));
                    self.part(me, peer);
                }
                Output::Roster(roster) => member.roster = roster,
                Output::Deliver { id, alert } => {
                    member.outside.push((id, alert));
                    if member.outside_answers {
                        self.later(20, Event::Delivered { at: me, life, id });
                    }
                }
                // What is queued still leaves before the links end.
                Output::Wipe { order } => {
                    member.disk = Disk::default();
                    member.wiped = Some((*order, wall));
                    self.later(2 * LATENCY, Event::Wiped { at: me, life });
                }
                Output::Update(output) => self.perform_update(index, output),
                Output::Look {
                    to,
                    addresses,
                    listened,
                } => self.look(index, to, &addresses, &listened),
                Output::Block { source, length } => member.kept_away.push((source, length)),
                // Nobody answers: the guard has a rig of its own.
                Output::Call { .. } => {}
                Output::Scan(asked) => member.scans.push(asked),
                Output::Command(asked) => member.commands.push(asked),
                Output::Tailed { number } => member.stored.push(number),
                Output::Habit(order) => member.habits.push(*order),
                Output::Notice(notice) => member.notices.push(notice),
            }
        }
    }

    /// What a node signs must be on its disk before anybody hears of it.
    fn check_saved(&mut self, index: usize, message: &Message) {
        let head = match message {
            Message::Record { record } => &record.head,
            Message::Head { head } => head,
            _ => return,
        };
        self.note_signed(head);
        let disk = &self.members[index].disk;
        let newest = disk.memory.last.as_ref().map(|(_, record)| &record.head);
        let saved = newest == Some(head) || disk.journal.values().any(|kept| kept.head == *head);
        assert!(saved, "a record was sent before it was saved");
    }
}

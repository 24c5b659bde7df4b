//! A node whose peers, clock and power follow a script.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use protocol::class::DeviceClass;
use protocol::dice::Dice;
use protocol::guard::Hearing;
use protocol::heard::{Address, Device, Ears, Mac};
use protocol::id::Digest;
use protocol::key::PeerKey;
use protocol::limits;
use protocol::message::{Last, Message};
use protocol::node::save::{Memory, Save};
use protocol::node::{Config, Identity, Input, Linked, Node, Notice, Output};
use protocol::record::{Head, Position, Record};
use protocol::seal::DataKey;
use protocol::signed::Unchecked;
use protocol::statement::Farewell;
use protocol::statement::host::{Process, Reading};
use protocol::time::{Instant, Now, Timestamp};
use protocol::updater;

use crate::bodies::{Tally, count};
use crate::frames::{self, Scene};
use crate::script::Script;
use crate::world::{COORDINATOR, Hashes, LOG, START, WORLD, key, name, path, roster, unsealing};

/// Decisions that one script makes at most.
const STEPS: usize = 400;
/// Outputs that one input may cause, whatever it is.
const OUTPUTS: usize = 250;
/// Own records that the node keeps: few, so that some are given up.
const WAITING: usize = 16;

struct Rig {
    node: Node,
    memory: Memory,
    journal: BTreeMap<Position, Record>,
    now: Now,
    lives: u8,
    /// What was signed for each place, over all lives: the disk is never lost here.
    signed: BTreeMap<Position, Digest>,
    heads: Vec<Vec<u8>>,
    tally: Tally,
    asked: Vec<Option<Position>>,
}

/// Runs the script; the first byte says how much of the identity log the node begins with.
pub fn node_inputs(data: &[u8]) {
    run(data);
}

/// Runs the script and counts what came of it, so that a test can tell whether the corpus reaches it.
pub fn node_tally(data: &[u8]) -> Tally {
    run(data)
}

fn run(data: &[u8]) -> Tally {
    let mut script = Script::new(data);
    let mut rig = Rig::new(script.below(LOG + 1));
    for _ in 0..STEPS {
        if script.is_over() {
            break;
        }
        rig.step(&mut script);
    }
    rig.tally
}

impl Rig {
    fn new(known: usize) -> Self {
        let mut memory = Memory {
            entries: WORLD.entries[..known].to_vec(),
            ..Memory::default()
        };
        memory.log_head = known.checked_sub(1).map(|last| WORLD.heads[last].clone());
        let now = Now {
            monotonic: Instant::from_millis(1_000),
            wall: START,
        };
        let (node, outputs) = begin(&memory, now, 0);
        let mut rig = Self {
            node,
            memory,
            journal: BTreeMap::new(),
            now,
            lives: 0,
            signed: BTreeMap::new(),
            heads: Vec::new(),
            tally: Tally::new(),
            asked: Vec::new(),
        };
        rig.perform(outputs);
        rig
    }

    fn step(&mut self, script: &mut Script<'_>) {
        let input = match script.below(14) {
            0 | 1 => Input::LinkUp { peer: peer(script) },
            2 => Input::LinkDown { peer: peer(script) },
            3..=6 => {
                let from = self.linked(script);
                match self.frame(from, script) {
                    Some(message) => Input::Frame { from, message },
                    None => return,
                }
            }
            7 => Input::Reading(Box::new(reading(script))),
            8 => self.backlog(script),
            9 => Input::Discovered {
                peer: peer(script),
                addresses: vec![path("/memory/1"); script.below(9)],
            },
            10 => Input::Listening {
                addresses: vec![path("/memory/2"); script.below(9)],
            },
            11 => match script.below(4) {
                0 => Input::Attached {
                    hint: Some(script.array()),
                },
                1 => Input::Stop(Farewell::Stopped),
                2 => Input::Hearing(Box::new(hearing(script))),
                _ => return self.reboot(script),
            },
            _ => {
                self.pass(script);
                Input::Tick
            }
        };
        let outputs = self.node.handle(input, self.now);
        self.perform(outputs);
    }

    /// Somebody with a link mostly: frames of others are not looked at.
    fn linked(&self, script: &mut Script<'_>) -> PeerKey {
        let links: Vec<_> = self.node.links().collect();
        match script.below(8) {
            0 => peer(script),
            _ if links.is_empty() => peer(script),
            _ => *script.pick(&links),
        }
    }

    fn frame(&self, from: PeerKey, script: &mut Script<'_>) -> Option<Message> {
        let newest = self.memory.last.as_ref().map(|(position, _)| Last {
            position: *position,
            digest: self.signed[position],
        });
        let scene = Scene {
            sender: WORLD.people[1..]
                .iter()
                .find(|person| person.peer() == from),
            heads: &self.heads,
            newest,
            size: self.memory.entries.len(),
        };
        frames::arriving(script, &scene)
    }

    /// Time passes on the one clock, and may do anything on the other.
    fn pass(&mut self, script: &mut Script<'_>) {
        let by = script.duration();
        self.now.monotonic = self.now.monotonic + by;
        self.now.wall = match script.below(8) {
            0 => self.now.wall.saturating_sub(script.duration()),
            1 => self.now.wall.saturating_add(script.duration()),
            _ => self.now.wall.saturating_add(by),
        };
    }

    fn reboot(&mut self, script: &mut Script<'_>) {
        self.pass(script);
        self.lives = self.lives.saturating_add(1);
        self.memory.waiting = self.journal.keys().copied().collect();
        let (node, outputs) = begin(&self.memory, self.now, self.lives);
        self.node = node;
        self.asked.clear();
        self.perform(outputs);
    }

    /// What the journal answers: what was asked for, or what was asked for long ago.
    fn backlog(&mut self, script: &mut Script<'_>) -> Input {
        let after = self.asked.pop().flatten();
        let from = if script.below(8) == 0 { None } else { after };
        let records = self
            .journal
            .iter()
            .filter(|(position, _)| Some(**position) > from);
        let records = records.take(limits::RECORDS_PER_READ);
        Input::Backlog(
            records
                .map(|(position, record)| (*position, record.clone()))
                .collect(),
        )
    }

    fn perform(&mut self, outputs: Vec<Output>) {
        assert!(
            outputs.len() <= OUTPUTS,
            "{} outputs of one input",
            outputs.len()
        );
        for output in outputs {
            match output {
                Output::Save(save) => self.save(save),
                Output::Send { to, message } => self.sent(to, &message),
                Output::Load { after, limit } => {
                    assert!(limit <= limits::RECORDS_PER_READ);
                    self.asked.push(after);
                }
                Output::Connect { peer, addresses } => {
                    assert!((1..=limits::ADDRESSES).contains(&addresses.len()));
                    assert_ne!(peer, WORLD.people[0].peer(), "it dials itself");
                }
                Output::Roster(roster) => {
                    assert_eq!(
                        roster.size(),
                        self.memory.entries.len() as u64,
                        "saved before used"
                    );
                }
                Output::Notice(notice) => count(&mut self.tally, word(&notice)),
                Output::Disconnect { .. } => count(&mut self.tally, "parted"),
                Output::Update(output) => self.update(output),
                Output::Look { listened, .. } => assert!(listened.len() <= limits::LISTENING),
                Output::Wipe { .. } => panic!("nobody has ordered it to wipe itself"),
                Output::Scan(_) => count(&mut self.tally, "scans"),
                Output::Command(_) => count(&mut self.tally, "commands"),
                Output::Tailed { .. } => count(&mut self.tally, "lines are stored"),
                Output::Habit(_) => count(&mut self.tally, "words about profiles"),
                Output::Call { ports, .. } => assert!(ports.len() <= limits::HEARD_PORTS),
                Output::Deliver { .. } => count(&mut self.tally, "told outside"),
                Output::Block { length, .. } => {
                    assert!(
                        length <= Duration::from_secs(1800),
                        "nobody is kept away for longer"
                    );
                }
                Output::Sample => {}
            }
        }
        let next = self
            .node
            .next_deadline()
            .expect("a node always has something to come");
        assert!(next > self.now.monotonic, "a deadline that is never met");
    }

    /// Nobody answers on substreams; whoever asks too much is noticed by the count.
    fn update(&mut self, output: updater::Output) {
        match output {
            updater::Output::Ask { .. } => count(&mut self.tally, "asked on a substream"),
            updater::Output::Answer { .. } => count(&mut self.tally, "answered on a substream"),
            updater::Output::Withdraw { .. } => count(&mut self.tally, "withdrew a question"),
            other => panic!("this host has no slots: {other:?}"),
        }
    }

    fn save(&mut self, save: Save) {
        match save {
            Save::Incarnation(incarnation) => {
                assert!(
                    self.memory.incarnation < Some(incarnation),
                    "incarnations rise"
                );
                self.memory.incarnation = Some(incarnation);
            }
            Save::Record { position, record } => self.record(position, record),
            Save::Acknowledged(position) => {
                assert!(self.memory.acknowledged < Some(position));
                self.memory.acknowledged = Some(position);
                count(&mut self.tally, "acknowledged");
                self.journal.retain(|kept, _| *kept > position);
            }
            Save::GivenUp(position) => {
                count(&mut self.tally, "given up");
                self.journal.retain(|kept, _| *kept > position);
            }
            Save::Witnessed { subject, head } => {
                self.memory.witnessed.insert(subject, head);
                count(&mut self.tally, "witnessed");
                assert!(self.memory.witnessed.len() <= crate::world::MEMBERS);
            }
            Save::Conviction(proof) => {
                self.memory.convictions.push(proof);
                count(&mut self.tally, "conviction");
                assert!(self.memory.convictions.len() <= crate::world::MEMBERS + 1);
            }
            Save::Seeds(seeds) => self.memory.seeds = Some(seeds),
            Save::Countersigned(head) => self.memory.countersigned = Some(head),
            Save::Cosigned(envelopes) => self.memory.cosigned = envelopes,
            Save::Contact { device, contact } => {
                self.memory.contacts.insert(device, contact);
                count(&mut self.tally, "contact");
                assert!(self.memory.contacts.len() <= crate::world::MEMBERS);
            }
            Save::Watched(files) => self.memory.watched = Some(files),
            Save::Capability(sealed) => self.memory.capability = Some(sealed),
            Save::Order(_) => panic!("nobody has ordered it to retire"),
            Save::Report(report) => self.memory.report = Some(report),
            Save::Appeals(appeals) => self.memory.appeals = Some(appeals),
            Save::Commands(commands) => self.memory.commands = Some(commands),
            Save::Halts(halts) => self.memory.halts = Some(halts),
            Save::Update(save) => self.memory.update.take(save),
            Save::Custody { .. } => count(&mut self.tally, "kept for another"),
            Save::Entries {
                from,
                entries,
                head,
            } => {
                assert_eq!(from, self.memory.entries.len() as u64);
                self.memory.entries.extend(entries);
                assert_eq!(
                    self.memory.entries,
                    WORLD.entries[..self.memory.entries.len()]
                );
                self.memory.log_head = Some(head);
            }
        }
    }

    fn record(&mut self, position: Position, record: Record) {
        let last = self.memory.last.as_ref().map(|(last, _)| *last);
        assert!(last < Some(position), "{position:?} behind {last:?}");
        assert_eq!(self.memory.incarnation, Some(position.incarnation));
        let head = Unchecked::<Head>::parse(&record.head).expect("it signs heads");
        let before = self.signed.insert(position, head.digest());
        assert_eq!(before, None, "two heads for one place");
        self.heads.push(record.head.to_vec());
        count(&mut self.tally, "recorded");
        self.memory.last = Some((position, record.clone()));
        self.journal.insert(position, record);
        assert!(self.journal.len() <= WAITING + 1, "what waits is bounded");
    }

    fn sent(&mut self, to: PeerKey, message: &Message) {
        count(&mut self.tally, message.word());
        let bytes = message.encode();
        assert!(bytes.len() <= limits::FRAME_BYTES);
        assert_eq!(
            Message::decode(&bytes).as_ref(),
            Ok(message),
            "others can read it"
        );
        assert!(
            self.node
                .links()
                .chain(self.node.guests())
                .any(|peer| peer == to),
            "sent where no link stands"
        );
        let head = match message {
            Message::Record { record } => &record.head,
            Message::Head { head } => head,
            _ => return,
        };
        assert!(self.heads.contains(head), "sent before it was saved");
    }
}

fn word(notice: &Notice) -> &'static str {
    match notice {
        Notice::Began {
            linked: Linked::Confirmed,
            ..
        } => "began confirmed",
        Notice::Began { .. } => "began",
        Notice::LinkUp { .. } => "link up",
        Notice::LinkDown { .. } => "link down",
        Notice::RosterGrown { .. } => "roster grown",
        Notice::Misbehaviour { .. } => "misbehaviour",
        Notice::Proven { .. } => "proven",
        Notice::Update(_) => "of an update",
        Notice::Doubled { .. } => "doubled",
        Notice::Covered { .. } => "covered",
        Notice::Turned { .. } => "turned",
        Notice::Rotation(_) => "rotation",
        Notice::CaughtUp => "caught up",
        Notice::GivenUp { .. } => "told of what was given up",
        Notice::Unplaced { .. } => "told of what has no place",
        Notice::Withdrawn => "withdrawn",
        Notice::Retiring => "retiring",
        Notice::Alert { .. } => "alert",
        Notice::Delivered { .. } => "delivered",
        Notice::Unequal { .. } => "unequal accounts",
        Notice::Suspected { .. } => "suspected",
        Notice::Tried { .. } => "tried",
        Notice::Sentenced { .. } => "sentenced",
        Notice::Braked { .. } => "braked",
        Notice::Obeys(_) => "obeys",
        Notice::Stale { .. } => "stale",
        Notice::Commanded { .. } => "commanded",
        Notice::Declines { .. } => "declines",
        Notice::Refuses(_) => "refuses",
        Notice::AuditRewritten { .. } => "audit rewritten",
        Notice::Ruled { .. } => "ruled",
        Notice::Blocked(_) => "blocked",
        Notice::Excused { .. } => "excused",
        Notice::Halted { .. } => "halted",
        Notice::Cleared { .. } => "cleared",
        Notice::Down { .. } => "down",
        Notice::Back { .. } => "back",
    }
}

fn begin(memory: &Memory, now: Now, life: u8) -> (Node, Vec<Output>) {
    let me = &WORLD.people[0];
    let identity = Identity {
        device: me.device,
        signer: Arc::new(me.signer()),
        verifier: Arc::new(Hashes),
        data_key: DataKey::from_bytes([9; 32]),
        unsealing: Arc::new(unsealing()),
        coordinator: vec![path("/memory/0")],
    };
    let config = Config {
        epoch: protocol::beacon::EPOCH,
        beat: Duration::from_secs(5),
        telemetry: Duration::from_secs(10),
        accounts: Duration::from_secs(3_600),
        waiting: WAITING,
    };
    let roster = roster(memory.entries.len());
    let dice = Dice::from_seed([life; 32]);
    Node::new(config, identity, frames::start(), roster, memory, dice, now)
}

/// The coordinator often, members mostly, strangers and the node itself at times.
fn peer(script: &mut Script<'_>) -> PeerKey {
    match script.below(16) {
        0..=5 => key(COORDINATOR).peer(),
        6 => PeerKey([script.byte(); 32]),
        choice => WORLD.people[choice - 6].peer(),
    }
}

fn reading(script: &mut Script<'_>) -> Reading {
    let process = Process {
        name: name("a process with a name of some length"),
        count: 1,
        memory_kib: 1,
    };
    Reading {
        cpu_permille: 500,
        processes: script.flag().then(|| vec![process; script.below(64)]),
        ..Reading::default()
    }
}

/// A few devices, members' hardware of [`crate::frames`] among them.
fn hearing(script: &mut Script<'_>) -> Hearing {
    let mac = |script: &mut Script<'_>| Mac([2, 0, 0, 0, 0, script.byte() % 8]);
    let own = vec![mac(script)];
    let mut devices = Vec::new();
    for _ in 0..script.below(6) {
        let at = Timestamp::from_millis(script.number());
        let device = Device {
            mac: mac(script),
            addresses: vec![Address::from([10, 0, 0, script.byte()]); script.below(3)],
            names: Vec::new(),
            vendor: None,
            class: *script.pick(&DeviceClass::ALL),
            confidence: 0,
            reasons: Vec::new(),
            ports: vec![80; script.below(2)],
            first: at,
            last: at,
        };
        devices.push((u32::from(script.byte() % 2), device));
    }
    Hearing {
        ears: Ears {
            own,
            ..Ears::default()
        },
        devices,
        events: Vec::new(),
    }
}

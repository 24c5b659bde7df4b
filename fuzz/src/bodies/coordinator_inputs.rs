//! A coordinator whose devices, people, clock and power follow a script.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use protocol::class::DeviceClass;
use protocol::coordinator::presence::Status;
use protocol::coordinator::save::{Link, Memory, Remembered, Save, Token, TokenState};
use protocol::coordinator::{
    Command, Config, Coordinator, Enrol, Event, Input, LogState, Offices, Output, Warrant,
};
use protocol::dice::Dice;
use protocol::enrolment::{DATA_KEY_PURPOSE, EnrolRequest, TokenId};
use protocol::key::{PeerKey, Signer};
use protocol::limits;
use protocol::message::{Last, Message};
use protocol::time::{Instant, Now};

use crate::bodies::{Tally, count};
use crate::frames::{self, Scene};
use crate::script::Script;
use crate::world::{
    ADMINISTRATOR, ADMISSION, Hashes, START, WORLD, hashed, key, name, path, unsealing,
};

/// Decisions that one script makes at most.
const STEPS: usize = 300;
/// Outputs that one input may cause, whatever it is.
const OUTPUTS: usize = 250;
/// Members at the beginning.
const KNOWN: usize = 6;
/// Strangers who may come to enrol.
const STRANGERS: u8 = 6;
const HANDSHAKE: [u8; 32] = [5; 32];

struct Rig {
    machine: Coordinator,
    memory: Memory,
    chains: BTreeMap<protocol::id::DeviceId, Last>,
    now: Now,
    tickets: u64,
    heads: Vec<Vec<u8>>,
    tally: Tally,
}

/// Runs the script.
pub fn coordinator_inputs(data: &[u8]) {
    run(data);
}

/// Runs the script and counts what came of it, so that a test can tell whether the corpus reaches it.
pub fn coordinator_tally(data: &[u8]) -> Tally {
    run(data)
}

fn run(data: &[u8]) -> Tally {
    let mut script = Script::new(data);
    let mut rig = Rig::new();
    for _ in 0..STEPS {
        if script.is_over() {
            break;
        }
        rig.step(&mut script);
    }
    rig.tally
}

impl Rig {
    fn new() -> Self {
        let remembered = |index: usize| Remembered {
            data_key: WORLD.people[index].data_key.clone(),
            enrolled: START,
            last: None,
            received: None,
            contact: None,
            retired: None,
            obeyed: None,
        };
        let memory = Memory {
            entries: WORLD.entries[..KNOWN].to_vec(),
            log_head: Some(WORLD.heads[KNOWN - 1].clone()),
            devices: (0..KNOWN)
                .map(|index| (WORLD.people[index].device, remembered(index)))
                .collect(),
            tokens: Vec::new(),
            convictions: Vec::new(),
            rulings: Vec::new(),
            halts: Vec::new(),
            rollouts: BTreeMap::new(),
            votes: Vec::new(),
            cosigned: Vec::new(),
            seeds: None,
        };
        let now = Now {
            monotonic: Instant::from_millis(1_000),
            wall: START,
        };
        let (machine, outputs) = begin(&memory, now);
        let mut rig = Self {
            machine,
            memory,
            chains: BTreeMap::new(),
            now,
            tickets: 0,
            heads: Vec::new(),
            tally: Tally::new(),
        };
        rig.perform(outputs);
        rig
    }

    fn step(&mut self, script: &mut Script<'_>) {
        let input = match script.below(14) {
            0 | 1 => Input::LinkUp { peer: peer(script) },
            2 => Input::LinkDown { peer: peer(script) },
            3..=5 => {
                let from = peer(script);
                match self.frame(from, script) {
                    Some(message) => Input::Frame { from, message },
                    None => return,
                }
            }
            6 | 7 => self.next_record(script),
            8 | 9 => self.enrol(script),
            10 => Input::Command(command(script, self.now)),
            11 => match script.below(3) {
                0 => Input::Listening {
                    addresses: vec![path("/memory/2"); script.below(5)],
                },
                _ => return self.restart(script),
            },
            _ => {
                self.pass(script);
                Input::Tick
            }
        };
        let before = self.tickets;
        let outputs = self.machine.handle(input, self.now);
        self.perform(outputs);
        assert!(self.tickets - before <= 1);
    }

    fn frame(&self, from: PeerKey, script: &mut Script<'_>) -> Option<Message> {
        let scene = Scene {
            sender: WORLD.people[1..]
                .iter()
                .find(|person| person.peer() == from),
            heads: &self.heads,
            newest: None,
            size: self.memory.entries.len(),
        };
        frames::arriving(script, &scene)
    }

    fn pass(&mut self, script: &mut Script<'_>) {
        let by = script.duration();
        self.now.monotonic = self.now.monotonic + by;
        self.now.wall = match script.below(8) {
            0 => self.now.wall.saturating_sub(script.duration()),
            1 => self.now.wall.saturating_add(script.duration()),
            _ => self.now.wall.saturating_add(by),
        };
    }

    fn restart(&mut self, script: &mut Script<'_>) {
        self.pass(script);
        let (machine, outputs) = begin(&self.memory, self.now);
        self.machine = machine;
        self.perform(outputs);
    }

    /// A record that continues a device's chain, or nearly so.
    fn next_record(&mut self, script: &mut Script<'_>) -> Input {
        let author = frames::person(script);
        let body = frames::body(script, author);
        let last = self.chains.get(&author.device);
        let mut head = protocol::record::Head {
            device: author.device,
            position: last.map_or_else(Default::default, |last| last.position.next()),
            time: self.now.wall,
            previous: last.map_or(protocol::id::Digest::ZERO, |last| last.digest),
            body: body.digest(),
            epoch: protocol::id::Epoch::FROZEN,
            entangled: None,
            flags: protocol::record::Flags::NONE,
            ring_mask: 0,
            attachment: None,
            checkpoint: None,
        };
        match script.below(8) {
            0 => head.position = frames::position(script),
            1 => head.previous = protocol::id::Digest::from_bytes([script.byte(); 32]),
            2 => {
                head.position = protocol::record::Position::first(head.position.incarnation.next())
            }
            _ => {}
        }
        let head = author.sign(head);
        self.heads.push(head.bytes().to_vec());
        let record = protocol::record::Record::new(&head, body);
        Input::Frame {
            from: author.peer(),
            message: Message::Record { record },
        }
    }

    fn enrol(&mut self, script: &mut Script<'_>) -> Input {
        let mut request = REQUESTS[script.below(REQUESTS.len())].clone();
        if script.below(8) == 0 {
            request.possession.0[3] ^= 1;
        }
        let warrant = if script.below(4) == 0 {
            Warrant::Approval {
                name: name("approved"),
                class: DeviceClass::Other,
                cell: name("cell"),
            }
        } else {
            Warrant::Token(token_id(script))
        };
        Input::Enrol(Box::new(Enrol {
            ticket: self.tickets,
            warrant,
            handshake_hash: HANDSHAKE.to_vec(),
            request,
        }))
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
                Output::Ack { to, position } => {
                    let device = self.machine.roster().device(to).expect("a member sent it");
                    let stored = self.memory.devices[&device].last.map(|last| last.position);
                    assert_eq!(stored, Some(position), "acknowledged before it was stored");
                }
                Output::Send { message, .. } => {
                    count(&mut self.tally, message.word());
                    let bytes = message.encode();
                    assert_eq!(Message::decode(&bytes), Ok(message), "others can read it");
                }
                Output::Roster(roster) => {
                    assert_eq!(
                        roster.size(),
                        self.memory.entries.len() as u64,
                        "saved before used"
                    );
                }
                Output::Recall { .. } => count(&mut self.tally, "recall"),
                Output::Enrolled { ticket, .. } => {
                    assert_eq!(ticket, self.tickets);
                    self.tickets += 1;
                }
                Output::Depot(_) => count(&mut self.tally, "answered on a substream"),
                Output::CommandPart { .. } => count(&mut self.tally, "part of a result"),
                Output::Tailed { tailed, .. } => assert!(tailed.lines.len() <= limits::TAIL_BYTES),
                Output::ScanPart { .. } => count(&mut self.tally, "part of a scan"),
                Output::Event(event) => count(&mut self.tally, word(&event)),
                Output::Disconnect { .. } => count(&mut self.tally, "parted"),
            }
        }
        let next = self
            .machine
            .next_deadline()
            .expect("it always looks for silence");
        assert!(next >= self.now.monotonic);
        assert!(self.machine.tokens().len() <= limits::TOKENS);
    }

    fn save(&mut self, save: Save) {
        match save {
            Save::Record(collected) => {
                let known = self
                    .memory
                    .devices
                    .get_mut(&collected.device)
                    .expect("it is enrolled");
                let before = known.last.map(|last| last.position);
                assert!(
                    before < Some(collected.position),
                    "records are stored in order"
                );
                let next = before.map(|before| before.next());
                let begins = collected.position.sequence == 0;
                assert!(begins || next == Some(collected.position) || collected.link == Link::Gap);
                if collected.link == Link::Gap {
                    count(&mut self.tally, "gap");
                }
                let last = Last {
                    position: collected.position,
                    digest: collected.digest,
                };
                known.last = Some(last);
                known.received = Some(collected.received);
                self.chains.insert(collected.device, last);
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
                let before = self.memory.devices.insert(device, remembered);
                assert!(before.is_none(), "one id for two devices");
            }
            Save::Token(token) => {
                self.memory.tokens.retain(|known| known.id != token.id);
                self.memory.tokens.push(token);
            }
            Save::Conviction { proof, .. } => {
                self.memory.convictions.push(proof.bytes().to_vec());
                count(&mut self.tally, "conviction");
                assert!(self.memory.convictions.len() <= crate::world::MEMBERS + 1);
            }
            Save::Ruling { ruling, .. } => {
                self.memory.rulings.push(ruling);
                count(&mut self.tally, "ruling");
            }
            Save::Halt { .. } => panic!("nobody here holds the key that halts"),
            Save::Rollout { .. } | Save::RolloutDevice { .. } | Save::RolloutGone { .. } => {
                panic!("nobody has asked for a rollout")
            }
            Save::Retired { .. } => panic!("nobody was ordered to wipe itself"),
            Save::Vote { vote, .. } => {
                self.memory.votes.push(vote);
                count(&mut self.tally, "vote");
            }
            Save::Observation(_) => count(&mut self.tally, "observation"),
            Save::Seeds(seeds) => self.memory.seeds = Some(seeds),
            Save::Cosigned(envelopes) => self.memory.cosigned = envelopes,
            Save::Contact { device, contact } => {
                let known = self
                    .memory
                    .devices
                    .get_mut(&device)
                    .expect("it is enrolled");
                known.contact = Some(contact);
                count(&mut self.tally, "contact");
            }
        }
    }
}

fn word(event: &Event) -> &'static str {
    match event {
        Event::Admitted { .. } => "admitted",
        Event::Renewed { .. } => "renewed",
        Event::Withdrawn { .. } => "withdrawn",
        Event::Retired { .. } => "retired",
        Event::Status { status, .. } => match status {
            Status::Enrolled => "enrolled",
            Status::Online => "online",
            Status::Stopped => "stopped",
            Status::Silent => "silent",
        },
        Event::Pace { degraded, .. } => match degraded {
            Some(_) => "degraded",
            None => "in time",
        },
        Event::Proven { .. } => "proven",
        Event::Collected { .. } => "collected",
        Event::Refused { .. } => "refused",
        Event::Log { state } => match state {
            LogState::Open => "log open",
            LogState::Listening => "log compared",
            LogState::Behind { .. } => "log behind",
            LogState::Forked => "log forked",
            LogState::Superseded => "log superseded",
        },
        Event::LogRegained { .. } => "log regained",
        Event::Rotation(_) => "rotation",
        Event::KeyLost { .. } => "key lost",
        Event::Stepped { .. } => "stepped",
        Event::NotSuspended { .. } => "not suspended",
        Event::Obeys { .. } => "obeys",
        Event::Scanned { .. } => "scanned",
        Event::Answered { .. } => "answered a command",
        Event::Countersigned { .. } => "countersigned",
        Event::HoldsAudit { .. } => "holds audit",
        Event::Misbehaviour { .. } => "misbehaviour",
        Event::Observed(_) => "observed",
        Event::Suspected { .. } => "suspected",
        Event::Ruled { .. } => "ruled",
        Event::Excused { .. } => "excused",
        Event::Halted { .. } => "halted",
        Event::Rollout { .. } => "rollout",
        Event::Sentenced { .. } => "sentenced",
        Event::Braked { .. } => "braked",
        Event::Alert(_) => "alert",
        Event::Delivered(_) => "delivered",
        Event::Verdict(_) => "verdict",
        Event::Returned { .. } => "returned",
    }
}

fn begin(memory: &Memory, now: Now) -> (Coordinator, Vec<Output>) {
    let offices = Offices {
        admission: Arc::new(hashed(ADMISSION)),
        unsealing: unsealing(),
        verifier: Arc::new(Hashes),
        dice: Dice::from_seed([11; 32]),
    };
    let config = Config {
        addresses: vec![path("/memory/0")],
        ..Config::default()
    };
    Coordinator::new(config, offices, WORLD.empty(), memory.clone(), now)
        .expect("what was saved can be read")
}

fn peer(script: &mut Script<'_>) -> PeerKey {
    match script.below(12) {
        0 => PeerKey([script.byte(); 32]),
        1 | 2 => key(0x60 + script.byte() % STRANGERS).peer(),
        choice => WORLD.people[choice - 3].peer(),
    }
}

fn token_id(script: &mut Script<'_>) -> TokenId {
    TokenId([script.byte() % 6; 8])
}

fn command(script: &mut Script<'_>, now: Now) -> Command {
    match script.below(4) {
        0 | 1 => Command::MakeToken(Token {
            id: token_id(script),
            psk: [1; 32].into(),
            name: name("by token"),
            class: DeviceClass::Sensor,
            cell: name("cell"),
            created: now.wall,
            expires: now.wall.saturating_add(Duration::from_secs(3600)),
            state: TokenState::Open,
        }),
        2 => Command::WithdrawToken(token_id(script)),
        _ => {
            let administrator: Arc<dyn Signer> = match script.below(8) {
                0 => Arc::new(hashed(0x67)),
                _ => Arc::new(hashed(ADMINISTRATOR)),
            };
            Command::Retire {
                device: script.pick(&WORLD.people).device,
                reason: name("lost"),
                administrator: script.flag().then_some(administrator),
            }
        }
    }
}

/// Sealing is dear, so every stranger's request is made once.
static REQUESTS: LazyLock<Vec<EnrolRequest>> = LazyLock::new(|| {
    let request = |seed: u8| {
        let sealing = unsealing().public();
        let mut dice = Dice::from_seed([seed; 32]);
        let data_key = sealing
            .seal(DATA_KEY_PURPOSE, &[seed; 32], &mut dice)
            .expect("the key is sound");
        EnrolRequest {
            key: key(seed),
            sealing,
            possession: EnrolRequest::prove(&hashed(seed), &HANDSHAKE, &sealing),
            data_key,
            name: name("stranger"),
            class: None,
            agent: name("palisade-node"),
        }
    };
    (0x60..0x60 + STRANGERS).map(request).collect()
});

//! A small mesh in memory under virtual time: one coordinator and some nodes, all of them the real machines.
//!
//! Every batch of outputs is performed in order, and the rig fails a story at once where a machine
//! sends a record before it is saved, or acknowledges one that is not.

mod door;
mod hub;
mod member;
mod orders;
mod updates;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use protocol::charter::Charter;
use protocol::coordinator::{self, Coordinator};
use protocol::dice::Dice;
use protocol::evidence::EvidenceId;
use protocol::id::{DeviceId, Digest};
use protocol::key::{PeerKey, Strict};
use protocol::message::Message;
use protocol::node::{self, Node};
use protocol::proof::Proof;
use protocol::record::{Head, Position, Record};
use protocol::refusal::Refusal;
use protocol::signed::{Signed, Unchecked};
use protocol::time::{Instant, Now, Timestamp};

use crate::samples as sample;
pub use hub::Hub;
pub use member::{Disk, Member};
pub use updates::Host;
use updates::Told;

/// What a frame or a dial takes on its way.
const LATENCY: u64 = 3;
/// Steps at one moment after which a story is called endless.
const STEPS_AT_ONCE: u32 = 20_000;

/// The world of one story.
pub struct Mesh {
    now: u64,
    pub charter: Arc<Charter>,
    /// How long the epochs of this world are.
    pub epoch: Duration,
    /// The periods of members that join.
    pub usual: node::Config,
    /// Of how many models its devices are.
    pub models: usize,
    /// Of which product members take releases, where they say so when they start.
    pub products: BTreeMap<usize, &'static str>,
    /// Members join these sites in turn.
    pub cells: Vec<&'static str>,
    pub hub: Hub,
    pub members: Vec<Member>,
    /// Who cannot be reached at the moment.
    cut: BTreeSet<PeerKey>,
    /// Who cannot reach whom.
    blocked: BTreeSet<Ends>,
    /// Frames of these kinds between these two are lost.
    pub losing: BTreeSet<(PeerKey, PeerKey, &'static str)>,
    /// Parties of whom no frame gets through, while their links stand.
    pub muted: BTreeSet<PeerKey>,
    /// Of a hundred frames between members so many are lost.
    pub loss_percent: u64,
    dice: Dice,
    links: BTreeMap<Ends, u64>,
    events: BTreeMap<(u64, u64), Event>,
    made: u64,
    /// Who turned whom away, and why.
    pub refusals: Vec<(PeerKey, PeerKey, Refusal)>,
    /// What every device has signed for each place: more than one digest is an equivocation.
    pub signed: BTreeMap<(DeviceId, Position), BTreeSet<Digest>>,
    /// Every head that a device has shown anybody.
    pub shown: BTreeMap<DeviceId, BTreeMap<Digest, Vec<u8>>>,
    /// Every frame that was sent, with its sender and its receiver.
    pub sent: Vec<(PeerKey, PeerKey, &'static str)>,
    /// What kind every frame was and its bytes, in a story that listens.
    pub overheard: Option<Vec<(&'static str, Vec<u8>)>>,
}

/// The two ends of a link, the smaller key first.
type Ends = (PeerKey, PeerKey);

enum Event {
    Dial {
        from: PeerKey,
        to: PeerKey,
    },
    LinkUp {
        at: PeerKey,
        peer: PeerKey,
    },
    LinkDown {
        at: PeerKey,
        peer: PeerKey,
    },
    Frame {
        to: PeerKey,
        from: PeerKey,
        link: u64,
        bytes: Vec<u8>,
    },
    Ordered {
        at: PeerKey,
        by: PeerKey,
        order: Vec<u8>,
    },
    /// The shell has wiped what was on the disk.
    Wiped {
        at: PeerKey,
        life: u32,
    },
    Reading {
        at: PeerKey,
        life: u32,
    },
    Delivered {
        at: PeerKey,
        life: u32,
        id: EvidenceId,
    },
    Backlog {
        at: PeerKey,
        life: u32,
        records: Vec<(Position, Record)>,
    },
    /// Over a substream, or by the host itself.
    Told {
        at: PeerKey,
        told: Told,
    },
}

impl Mesh {
    /// A mesh with nobody but its coordinator.
    pub fn new() -> Self {
        Self::under(sample::charter())
    }

    /// The same under another charter.
    pub fn under(charter: Charter) -> Self {
        let charter = Arc::new(charter);
        let mut mesh = Self {
            now: 0,
            hub: Hub::new(&charter),
            epoch: protocol::beacon::EPOCH,
            usual: node::Config::default(),
            models: 1,
            products: BTreeMap::new(),
            cells: vec!["hall"],
            charter,
            members: Vec::new(),
            cut: BTreeSet::new(),
            blocked: BTreeSet::new(),
            losing: BTreeSet::new(),
            muted: BTreeSet::new(),
            loss_percent: 0,
            dice: Dice::from_seed([0x10; 32]),
            links: BTreeMap::new(),
            events: BTreeMap::new(),
            made: 0,
            refusals: Vec::new(),
            signed: BTreeMap::new(),
            shown: BTreeMap::new(),
            sent: Vec::new(),
            overheard: None,
        };
        mesh.start_hub();
        mesh
    }

    /// A mesh of so many members that have found each other.
    pub fn of(members: usize) -> Self {
        let mut mesh = Self::new();
        for _ in 0..members {
            mesh.join();
        }
        mesh.run(40);
        mesh
    }

    pub fn wall(&self) -> Timestamp {
        sample::time(1000).saturating_add(Duration::from_millis(self.now))
    }

    /// Lets so many seconds pass.
    pub fn run(&mut self, seconds: u64) {
        self.run_ms(seconds * 1000);
    }

    pub fn run_ms(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        let mut steps = 0;
        while let Some(at) = self.next_moment().filter(|at| *at <= end) {
            steps = if at > self.now { 0 } else { steps + 1 };
            assert!(steps < STEPS_AT_ONCE, "no end at {at} ms");
            self.now = self.now.max(at);
            self.step();
        }
        self.now = end;
    }

    fn next_moment(&self) -> Option<u64> {
        let event = self.events.keys().next().map(|(at, _)| *at);
        let hub = self
            .hub
            .machine
            .as_ref()
            .and_then(Coordinator::next_deadline);
        let nodes = self
            .members
            .iter()
            .filter_map(|member| member.machine.as_ref()?.next_deadline());
        let deadlines = nodes.chain(hub).map(Instant::as_millis);
        deadlines.chain(event).min()
    }

    fn step(&mut self) {
        let due = self
            .events
            .first_entry()
            .filter(|entry| entry.key().0 <= self.now);
        if let Some(entry) = due {
            let event = entry.remove();
            return self.happen(event);
        }
        let due = |at: Option<Instant>| at.is_some_and(|at| at.as_millis() <= self.now);
        if due(self
            .hub
            .machine
            .as_ref()
            .and_then(Coordinator::next_deadline))
        {
            return self.tell_hub(coordinator::Input::Tick);
        }
        let late = self
            .members
            .iter()
            .position(|member| due(member.machine.as_ref().and_then(Node::next_deadline)));
        if let Some(index) = late {
            self.tell(index, node::Input::Tick);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Dial { from, to } => self.dial(from, to),
            Event::LinkUp { at, peer } => self.link_changed(at, peer, true),
            Event::LinkDown { at, peer } => self.link_changed(at, peer, false),
            Event::Frame {
                to,
                from,
                link,
                bytes,
            } => self.deliver(to, from, link, &bytes),
            Event::Ordered { at, by, order } => {
                if let Some(index) = self.index(at) {
                    self.tell(index, node::Input::Ordered { by, order });
                }
            }
            Event::Wiped { at, life } => {
                if let Some(index) = self.alive(at, life) {
                    self.stop(index);
                }
            }
            Event::Reading { at, life } => {
                if let Some(index) = self.alive(at, life) {
                    let reading = Box::new(self.members[index].reading.clone());
                    self.tell(index, node::Input::Reading(reading));
                }
            }
            Event::Delivered { at, life, id } => {
                if let Some(index) = self.alive(at, life) {
                    self.tell(index, node::Input::Delivered { id });
                }
            }
            Event::Told { at, told } => self.told(at, told),
            Event::Backlog { at, life, records } => {
                if let Some(index) = self.alive(at, life) {
                    self.tell(index, node::Input::Backlog(records));
                }
            }
        }
    }

    fn deliver(&mut self, to: PeerKey, from: PeerKey, link: u64, bytes: &[u8]) {
        if self.links.get(&ends(to, from)) != Some(&link) {
            return;
        }
        let message = Message::decode(bytes).expect("machines send what machines can read");
        if to == self.hub.peer() {
            self.tell_hub(coordinator::Input::Frame { from, message });
        } else if let Some(index) = self.index(to) {
            self.tell(index, node::Input::Frame { from, message });
        }
    }

    /// Gives a node an input and performs what it answers.
    pub fn tell(&mut self, index: usize, input: node::Input) {
        let now = self.now_of(index);
        if let Some(machine) = &mut self.members[index].machine {
            let outputs = machine.handle(input, now);
            self.perform(index, outputs);
        }
    }

    /// Gives the coordinator an input and performs what it answers.
    pub fn tell_hub(&mut self, input: coordinator::Input) {
        let now = self.now();
        if let Some(machine) = &mut self.hub.machine {
            let outputs = machine.handle(input, now);
            self.perform_hub(outputs);
        }
    }

    pub fn now(&self) -> Now {
        Now {
            monotonic: Instant::from_millis(self.now),
            wall: self.wall(),
        }
    }

    fn now_of(&self, index: usize) -> Now {
        let ahead = self.members[index].clock_ahead;
        Now {
            wall: self.wall().saturating_add(ahead),
            ..self.now()
        }
    }

    /// Puts a frame on a link that stands; without one it is lost.
    pub fn send(&mut self, from: PeerKey, to: PeerKey, message: &Message) {
        let sent = (from, to, message.word());
        self.sent.push(sent);
        let between_members = ![from, to].contains(&self.hub.peer());
        let lost = between_members && self.dice.below(100) < self.loss_percent;
        let muted = self.muted.contains(&from) || self.muted.contains(&to);
        if lost || muted || self.losing.contains(&sent) {
            return;
        }
        if let Some(&link) = self.links.get(&ends(from, to)) {
            let bytes = message.encode();
            if let Some(overheard) = &mut self.overheard {
                overheard.push((message.word(), bytes.clone()));
            }
            self.later(
                LATENCY,
                Event::Frame {
                    to,
                    from,
                    link,
                    bytes,
                },
            );
        }
    }

    fn are_linked(&self, one: PeerKey, other: PeerKey) -> bool {
        self.links.contains_key(&ends(one, other))
    }

    fn later(&mut self, delay: u64, event: Event) {
        self.made += 1;
        self.events.insert((self.now + delay, self.made), event);
    }

    fn note_signed(&mut self, bytes: &[u8]) {
        let head = Unchecked::<Head>::parse(bytes).expect("machines sign heads");
        let shown = self.shown.entry(head.claim().device).or_default();
        shown.insert(head.digest(), bytes.to_vec());
        let place = (head.claim().device, head.claim().position);
        self.signed.entry(place).or_default().insert(head.digest());
    }

    /// Places for which somebody has signed two heads.
    pub fn equivocations(&self) -> usize {
        self.signed
            .values()
            .filter(|digests| digests.len() > 1)
            .count()
    }

    /// What all heads that a device has ever shown anybody prove against it.
    pub fn proofs_against(&self, device: DeviceId) -> Vec<Proof> {
        let membership = &self.hub.roster.member(&device).unwrap().membership;
        let shown = self.shown.get(&device).into_iter().flatten();
        let heads: Vec<Signed<Head>> = shown
            .map(|(_, bytes)| Signed::open(bytes, &membership.key, &Strict).unwrap())
            .collect();
        let pairs = (0..heads.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
        pairs
            .filter_map(|(one, other)| Proof::of_heads(membership, &heads[one], &heads[other]))
            .collect()
    }

    /// How many frames of a kind one party has sent to another.
    pub fn count(&self, from: PeerKey, to: PeerKey, word: &str) -> usize {
        self.sent
            .iter()
            .filter(|sent| **sent == (from, to, word))
            .count()
    }

    fn index(&self, peer: PeerKey) -> Option<usize> {
        self.members.iter().position(|member| member.peer() == peer)
    }

    fn alive(&self, peer: PeerKey, life: u32) -> Option<usize> {
        self.index(peer)
            .filter(|&index| self.members[index].life == life)
    }
}

fn ends(one: PeerKey, other: PeerKey) -> Ends {
    (one.min(other), one.max(other))
}

//! A device with slots in memory and a shell that does what it is asked, badly where a story wants it.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::super::*;
use crate::id::DeviceId;
use crate::text::{Name, Path};
use crate::time::{Instant, Timestamp};

pub const OLD: Counter = Counter(1);

/// How an act ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    Well,
    Badly,
    Never,
}

/// What goes wrong in the shell.
#[derive(Debug)]
pub struct Script {
    pub healthy: bool,
    pub affirmed: bool,
    pub commit: Shell,
    pub check: Shell,
    /// The target that the metadata names, if not the one that was ordered.
    pub verified: Option<Digest>,
    /// What happens to the next acts that are done in a state.
    pub at: Option<(State, Shell)>,
}

/// Two slots, one of which runs.
#[derive(Debug)]
pub struct Slots {
    runs: Image,
    other: Option<Image>,
    trial: Trial,
}

#[derive(Debug)]
pub struct Device {
    pub terms: Terms,
    pub install: Install,
    pub slots: Slots,
    pub shell: Script,
    pub release: Release,
    pub target: Digest,
    pub saved: Vec<u8>,
    pub said: Vec<Step>,
    pub declined: Vec<Decline>,
    pub discarded: Vec<Digest>,
    acts: VecDeque<Act>,
    listening: BTreeSet<u16>,
    clock_ms: u64,
}

/// The target of a counter.
pub fn target(counter: u8) -> Digest {
    Digest::from_bytes([counter; 32])
}

pub fn release(counter: u8) -> Release {
    Release {
        product: name("camera"),
        version: name(&format!("1.{counter}")),
        counter: Counter(counter.into()),
        hardware: BTreeSet::from([name("ipc-3")]),
        length: 1,
        chunk_root: [counter; 32],
        sbom: None,
        index: None,
    }
}

fn name(text: &str) -> Name {
    text.parse().expect("a short name")
}

fn image(counter: u8) -> Image {
    Image::of(target(counter), &release(counter))
}

pub fn nonce(number: u8) -> Nonce {
    Nonce([number; 16])
}

pub fn witness(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 8])
}

impl Slots {
    pub fn fall_back(&mut self) {
        if let Some(other) = self.other.take() {
            self.other = Some(std::mem::replace(&mut self.runs, other));
        }
        self.trial = Trial::Settled;
    }

    fn found(&self) -> Found {
        Found {
            running: Some(self.runs.target),
            trial: self.trial,
        }
    }

    fn perform(&mut self, act: Act, image: &Image) {
        match act {
            Act::Stage => self.other = Some(image.clone()),
            Act::Switch => {
                self.fall_back();
                self.trial = Trial::Open;
            }
            Act::RollBack if self.trial == Trial::Open => self.fall_back(),
            Act::Commit => self.trial = Trial::Settled,
            Act::Verify | Act::Fetch | Act::Check | Act::RollBack => {}
        }
    }
}

impl Device {
    pub fn new() -> Self {
        let (terms, memory) = (
            Terms::of(name("camera"), name("ipc-3")),
            Memory::with_floor(OLD),
        );
        let slots = Slots {
            runs: image(1),
            other: None,
            trial: Trial::Settled,
        };
        let saved = memory.encode();
        let now = Now::default();
        let (install, _) = Install::restore(terms.clone(), memory, slots.found(), now);
        Self {
            terms,
            install,
            slots,
            shell: Script {
                healthy: true,
                affirmed: true,
                commit: Shell::Well,
                check: Shell::Well,
                verified: None,
                at: None,
            },
            release: release(2),
            target: target(2),
            saved,
            said: Vec::new(),
            declined: Vec::new(),
            discarded: Vec::new(),
            acts: VecDeque::new(),
            listening: BTreeSet::new(),
            clock_ms: 0,
        }
        .listening()
    }

    fn listening(mut self) -> Self {
        self.listen(&[]);
        self
    }

    /// Its new version runs, and nobody has said anything of it.
    pub fn on_probation() -> Self {
        let mut device = Self::new();
        device.shell.affirmed = false;
        device.order(1);
        device.run_until(&State::Probation);
        device
    }

    pub fn now(&self) -> Now {
        Now {
            monotonic: Instant::from_millis(self.clock_ms),
            wall: Timestamp::from_millis(self.clock_ms),
        }
    }

    pub fn state(&self) -> &State {
        self.install.state().expect("an update was ordered")
    }

    pub fn runs(&self) -> Digest {
        self.slots.runs.target
    }

    /// What orders name from here on.
    pub fn offer(&mut self, counter: u8) {
        (self.release, self.target) = (release(counter), target(counter));
    }

    pub fn order(&mut self, number: u8) {
        let order = Order {
            target: self.target,
            nonce: nonce(number),
            path: Path::new("firmware/camera/2.1.0").expect("it fits"),
        };
        self.hear(Input::Ordered(order));
    }

    pub fn views(&mut self, by: u8, sight: Sight) {
        let by = Viewer::Witness(witness(by));
        self.hear(Input::Viewed(View { by, sight }));
    }

    pub fn listen(&mut self, ports: &[u16]) {
        self.listening = ports.iter().copied().collect();
        self.hear(Input::Listening(self.listening.clone()));
    }

    pub fn hear(&mut self, input: Input) {
        let outputs = self.install.handle(input, self.now());
        self.take(outputs);
    }

    /// The power goes and comes back: what was not saved is forgotten, and what was begun is not ended.
    pub fn restart(&mut self) {
        self.acts.clear();
        let memory = Memory::decode(&self.saved).expect("it was encoded by this version");
        let found = self.slots.found();
        let restored = Install::restore(self.terms.clone(), memory, found, self.now());
        self.install = restored.0;
        self.take(restored.1);
        self.hear(Input::Listening(self.listening.clone()));
    }

    fn take(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Save(memory) => self.saved = memory,
                Output::Say(step) => self.said.push(step),
                Output::Act(act) => self.acts.push_back(act),
                Output::Discard(target) => self.discarded.push(target),
                Output::Declined { why, .. } => self.declined.push(why),
            }
        }
        self.is_never_below_the_floor();
    }

    fn is_never_below_the_floor(&self) {
        let runs = &self.slots.runs;
        assert!(runs.counter >= self.install.floor(), "{runs:?}");
    }

    /// Lets everything happen that can, until the update is over.
    pub fn settle(&mut self) {
        for _ in 0..10_000 {
            if !self.install.is_busy() {
                return;
            }
            self.go_on();
        }
        panic!("{:?} never ends", self.install.attempt());
    }

    pub fn run_until(&mut self, state: &State) {
        for _ in 0..10_000 {
            if self.state() == state {
                return;
            }
            self.go_on();
        }
        panic!("{state:?} was not reached");
    }

    pub fn run_for(&mut self, span: Duration) {
        let end = self.now().monotonic + span;
        loop {
            let deadline = self.install.next_deadline();
            if self.acts.is_empty() && deadline.is_none_or(|at| at > end) {
                return;
            }
            self.go_on();
        }
    }

    pub fn go_on(&mut self) {
        if let Some(act) = self.acts.pop_front() {
            return self.perform(act);
        }
        let deadline = self.install.next_deadline();
        let deadline = deadline.expect("something is due while an update is not over");
        self.clock_ms = self.clock_ms.max(deadline.as_millis());
        self.hear(Input::Tick);
    }

    fn perform(&mut self, act: Act) {
        match self.ending(act) {
            Shell::Never => {}
            Shell::Badly => self.hear(Input::Failed(act, Mishap::Io)),
            Shell::Well => {
                self.do_it(act);
                self.tell(act);
            }
        }
    }

    fn ending(&self, act: Act) -> Shell {
        match (act, &self.shell.at) {
            (_, Some((state, shell))) if self.state().word() == state.word() => *shell,
            (Act::Commit, _) => self.shell.commit,
            (Act::Check, _) if !self.shell.healthy => Shell::Badly,
            (Act::Check, _) => self.shell.check,
            _ => Shell::Well,
        }
    }

    /// Does the next act without telling the machine.
    pub fn do_next(&mut self) {
        if let Some(act) = self.acts.pop_front() {
            self.do_it(act);
        }
    }

    fn do_it(&mut self, act: Act) {
        let image = Image::of(self.target, &self.release);
        self.slots.perform(act, &image);
        self.is_never_below_the_floor();
        if act == Act::Check && self.shell.affirmed {
            self.views(1, Sight::Answers);
            self.views(2, Sight::Answers);
        }
    }

    fn tell(&mut self, act: Act) {
        let input = match act {
            Act::Verify => Input::Trusted {
                target: self.shell.verified.unwrap_or(self.target),
                release: self.release.clone(),
            },
            act => Input::Done(act),
        };
        self.hear(input);
    }
}

//! One start of a device: the real machine over the real directory pair, and a shell that does what it says.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Read as _};
use std::path::Path;

use node::install::disk::{Disk as _, Mode};
use node::install::pair::DirectoryPair;
use node::install::{Slots as _, Standing};
use protocol::cbor;
use protocol::install::{Act, Input, Install, Memory, Mishap, Nonce, Order, Output, State, Terms};
use protocol::text;
use protocol::time::{Instant, Now, Timestamp};

use super::offers::file;
use super::{Rig, Tally};
use crate::disk::InstallFlaw;
use crate::power::files::FileDisk;

const MEMORY: &str = "memory";

/// One start of the device.
pub(super) struct Device<'a> {
    rig: &'a Rig,
    disk: &'a FileDisk,
    flaw: InstallFlaw,
    pair: DirectoryPair<FileDisk>,
    pub(super) install: Install,
    acts: VecDeque<Act>,
    clock_ms: u64,
}

impl<'a> Device<'a> {
    pub(super) fn start(
        rig: &'a Rig,
        disk: &'a FileDisk,
        flaw: InstallFlaw,
    ) -> Result<Self, String> {
        let mut pair = DirectoryPair::new(disk.clone());
        let Standing { running, trial } = pair.standing().map_err(words)?;
        let found = Standing { running, trial }.found();
        let now = Now::default();
        let (install, outputs) = Install::restore(terms(), memory(disk)?, found, now);
        let mut device = Self {
            rig,
            disk,
            flaw,
            pair,
            install,
            acts: VecDeque::new(),
            clock_ms: 0,
        };
        device.take(outputs, &mut Tally::default());
        device.hear(Input::Listening(BTreeSet::new()), &mut Tally::default());
        Ok(device)
    }

    /// One step; nothing when there is nothing more to do.
    pub(super) fn go_on(&mut self, tally: &mut Tally) -> Option<()> {
        if let Some(act) = self.acts.pop_front() {
            let input = self.perform(act);
            self.hear(input, tally);
        } else if self.install.is_busy() {
            let deadline = self.install.next_deadline()?;
            self.clock_ms = self.clock_ms.max(deadline.as_millis());
            self.hear(Input::Tick, tally);
        } else {
            let order = self.next_order()?;
            self.hear(Input::Ordered(order), tally);
        }
        Some(())
    }

    pub(super) fn next_order(&self) -> Option<Order> {
        let last = self.install.attempt();
        let number = last.map_or(1, |attempt| usize::from(attempt.order().nonce.0[0]) + 1);
        let target = self.rig.offers.get(number)?.image.target;
        let nonce = Nonce([u8::try_from(number).expect("a short list"); 16]);
        let path = text::Path::new("firmware/camera/2").expect("it fits");
        Some(Order {
            target,
            nonce,
            path,
        })
    }

    fn hear(&mut self, input: Input, tally: &mut Tally) {
        let time = self.clock_ms;
        let now = Now {
            monotonic: Instant::from_millis(time),
            wall: Timestamp::from_millis(time),
        };
        let outputs = self.install.handle(input, now);
        self.take(outputs, tally);
    }

    /// As a shell does: nothing of a batch is done when its save failed.
    fn take(&mut self, outputs: Vec<Output>, tally: &mut Tally) {
        for output in outputs {
            match output {
                Output::Save(memory) => {
                    if save(self.disk, &self.flawed(memory)).is_err() {
                        return;
                    }
                }
                Output::Act(act) => self.acts.push_back(act),
                Output::Say(step) => tally.count(&step.state),
                Output::Discard(_) | Output::Declined { .. } => {}
            }
        }
    }

    /// The floor is the first field of the memory: a number below 24, so one byte.
    fn flawed(&self, mut memory: Vec<u8>) -> Vec<u8> {
        let attempt = self.install.attempt();
        let switched = attempt
            .filter(|attempt| matches!(attempt.state(), State::Probation | State::RolledBack(_)));
        let image = switched.and_then(|attempt| attempt.image());
        if let (Some(image), InstallFlaw::FloorAtSwitch) = (image, self.flaw) {
            memory[1] = u8::try_from(image.counter.0).expect("counters are small here");
        }
        memory
    }

    fn perform(&mut self, act: Act) -> Input {
        let number = self.ordered();
        let offer = &self.rig.offers[number];
        let done = match act {
            Act::Verify => {
                return Input::Trusted {
                    target: offer.image.target,
                    release: offer.release.clone(),
                };
            }
            Act::Fetch => Ok(()),
            Act::Stage => self.pair.stage(&offer.image, &file(number)),
            Act::Switch => self.pair.switch(&offer.image, &file(number)).map(drop),
            Act::Commit => self.pair.commit(),
            Act::RollBack => self.pair.roll_back().map(drop),
            Act::Check => {
                let runs = self.rig.runs(self.disk);
                return match runs {
                    Ok(offer) if offer.healthy => Input::Done(act),
                    _ => Input::Failed(act, Mishap::Program),
                };
            }
        };
        match done {
            Ok(()) => Input::Done(act),
            Err(error) => Input::Failed(act, error.mishap()),
        }
    }

    fn ordered(&self) -> usize {
        let attempt = self.install.attempt().expect("acts belong to an order");
        usize::from(attempt.order().nonce.0[0])
    }
}

fn terms() -> Terms {
    let name = |text: &str| text.parse().expect("a short name");
    Terms {
        affirmed_by: 0,
        ..Terms::of(name("camera"), name("ipc-3"))
    }
}

pub(super) fn memory(disk: &FileDisk) -> Result<Memory, String> {
    let bytes = read(disk, Path::new(MEMORY)).map_err(words)?;
    Memory::decode(&bytes).map_err(|error: cbor::DecodeError| error.to_string())
}

/// One file, replaced by a rename, stands for the journal's transaction. A disk that is broken on purpose loses it too.
pub(super) fn save(disk: &FileDisk, memory: &[u8]) -> io::Result<()> {
    let fresh = Path::new("memory.new");
    disk.remove(fresh)?;
    let mut file = disk.create(fresh, Mode::Plain)?;
    file.write_all(memory)?;
    file.seal()?;
    disk.rename(fresh, Path::new(MEMORY))?;
    disk.sync_dir(Path::new(""))
}

pub(super) fn read(disk: &FileDisk, path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    disk.open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

//! Devices that lose their power while they install: the real machine over the real directory pair, on a disk that forgets.
//!
//! Each story takes one device through a list of releases, good and bad and too old. After each cut the device is looked at
//! as it lies there, before anything is mended: it has to run a version that is whole, and none below its floor.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use node::install::disk::{Disk as _, Mode};
use node::install::pair::{DirectoryPair, RUNNING};
use node::install::{Slots as _, Standing};
use protocol::cbor;
use protocol::dice::Dice;
use protocol::id::Digest;
use protocol::install::{
    Act, Image, Input, Install, Memory, Mishap, Nonce, Order, Output, State, Terms,
};
use protocol::release::{Counter, Release};
use protocol::time::{Instant, Now, Timestamp};
use sha2::{Digest as _, Sha256};

use super::files::{FileDisk, Shelf};
use crate::disk::InstallFlaw;

const MEMORY: &str = "memory";
/// A story has so many cuts at most.
const CUTS: u64 = 12;
/// Operations until the next cut, at most: two updates have as many.
const LONGEST: u64 = 260;
/// Outputs and deadlines that one start may take.
const PATIENCE: usize = 4096;

/// What all stories came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub cuts: u64,
    pub bricks: u64,
    pub below_floor: u64,
    pub committed: u64,
    pub rolled_back: u64,
    pub refused: u64,
    pub first_failure: Option<(u64, String)>,
}

/// What a device without power shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Runs(Counter),
    Brick(String),
    BelowFloor(String),
}

/// A release as this rig makes it.
#[derive(Debug, Clone)]
struct Offer {
    image: Image,
    release: Release,
    healthy: bool,
}

/// All that is the same in every story.
#[derive(Debug)]
pub struct Rig {
    offers: Vec<Offer>,
    provisioned: Shelf,
}

/// Tells stories until so many cuts have been made.
pub fn run(seed: u64, cuts: u64, flaw: InstallFlaw) -> Tally {
    let (rig, mut tally) = (Rig::begun(), Tally::default());
    let mut story = 0;
    while tally.cuts < cuts {
        let mut dice = Dice::from_seed(super::story_seed(seed, story));
        rig.tell(story, flaw, &mut dice, &mut tally);
        story += 1;
    }
    tally
}

impl Rig {
    /// A device that runs the first release, and the images of all.
    pub fn begun() -> Self {
        let offers: Vec<Offer> = [(1, true), (2, true), (3, false), (1, true), (4, true)]
            .into_iter()
            .enumerate()
            .map(|(number, (counter, healthy))| offer(number, counter, healthy))
            .collect();
        let disk = FileDisk::new(Shelf::default(), None, InstallFlaw::None, [0; 32]);
        for (number, _) in offers.iter().enumerate() {
            let mut file = disk
                .create(&file(number), Mode::Plain)
                .expect("the disk is empty");
            file.write_all(&archive(number)).expect("there is power");
            file.seal().expect("there is power");
        }
        let first = &offers[0].image;
        let mut pair = DirectoryPair::new(disk.clone());
        pair.stage(first, &file(0)).expect("there is power");
        pair.switch(first, &file(0)).expect("it is staged");
        pair.commit().expect("there is power");
        save(&disk, &Memory::with_floor(first.counter).encode()).expect("there is power");
        let provisioned = disk.survivors();
        Self {
            offers,
            provisioned,
        }
    }

    fn tell(&self, story: u64, flaw: InstallFlaw, dice: &mut Dice, tally: &mut Tally) {
        let mut shelf = self.provisioned.clone();
        for _ in 0..1 + dice.below(CUTS) {
            let disk = FileDisk::new(shelf, Some(1 + dice.below(LONGEST)), flaw, dice.bytes());
            self.live(&disk, flaw, tally);
            tally.cuts += u64::from(disk.is_cut());
            shelf = disk.survivors();
            if !tally.note(story, &self.judge(&shelf)) {
                return;
            }
        }
        let end = self.ends(shelf, flaw, dice, tally);
        tally.note(story, &end);
    }

    /// A last life without a cut, in which every update comes to its end.
    fn ends(&self, shelf: Shelf, flaw: InstallFlaw, dice: &mut Dice, tally: &mut Tally) -> Verdict {
        let disk = FileDisk::new(shelf, None, flaw, dice.bytes());
        self.live(&disk, flaw, tally);
        match self.judge(&disk.survivors()) {
            Verdict::Runs(counter) if self.is_over(&disk) => Verdict::Runs(counter),
            Verdict::Runs(_) => Verdict::Brick("it never comes to an end".to_owned()),
            broken => broken,
        }
    }

    /// Counts the operations of a life without a cut.
    pub fn operations(&self) -> u64 {
        let disk = FileDisk::new(self.provisioned.clone(), None, InstallFlaw::None, [1; 32]);
        self.live(&disk, InstallFlaw::None, &mut Tally::default());
        disk.operations()
    }

    /// A life that is cut at these operations, each counted from the start before it, and its verdicts.
    pub fn cut_at(&self, cuts: &[u64], flaw: InstallFlaw, dice: &mut Dice) -> Tally {
        let (mut shelf, mut tally) = (self.provisioned.clone(), Tally::default());
        for at in cuts {
            let disk = FileDisk::new(shelf, Some(*at), flaw, dice.bytes());
            self.live(&disk, flaw, &mut tally);
            tally.cuts += u64::from(disk.is_cut());
            shelf = disk.survivors();
            tally.note(*at, &self.judge(&shelf));
        }
        let end = self.ends(shelf, flaw, dice, &mut tally);
        tally.note(0, &end);
        tally
    }

    /// What the device runs, looked at without mending anything.
    fn judge(&self, shelf: &Shelf) -> Verdict {
        let disk = FileDisk::new(shelf.clone(), None, InstallFlaw::None, [2; 32]);
        let memory = match memory(&disk) {
            Ok(memory) => memory,
            Err(why) => return Verdict::Brick(format!("its memory: {why}")),
        };
        let runs = match self.runs(&disk) {
            Ok(offer) => offer.image.counter,
            Err(why) => return Verdict::Brick(why),
        };
        if runs < memory.floor() {
            return Verdict::BelowFloor(format!(
                "{runs:?} runs, {:?} is the floor",
                memory.floor()
            ));
        }
        Verdict::Runs(runs)
    }

    /// The release whose files lie whole where `current` leads.
    fn runs(&self, disk: &FileDisk) -> Result<&Offer, String> {
        let slot = disk.leads(Path::new(RUNNING)).map_err(words)?;
        let slot = PathBuf::from(slot.ok_or("nothing is current")?);
        let service = read(disk, &slot.join("bin/service")).map_err(words)?;
        let data = read(disk, &slot.join("share/data")).map_err(words)?;
        let number = (0..self.offers.len()).find(|number| service == script(*number));
        let number = number.ok_or("the service is torn")?;
        if data != blob(number) {
            return Err("its data are torn".to_owned());
        }
        Ok(&self.offers[number])
    }

    fn is_over(&self, disk: &FileDisk) -> bool {
        let again = FileDisk::new(disk.survivors(), None, InstallFlaw::None, [3; 32]);
        let Ok(device) = Device::start(self, &again, InstallFlaw::None) else {
            return false;
        };
        !device.install.is_busy() && device.next_order().is_none()
    }

    /// From one start to the end of all updates, or to a cut.
    fn live(&self, disk: &FileDisk, flaw: InstallFlaw, tally: &mut Tally) {
        let Ok(mut device) = Device::start(self, disk, flaw) else {
            return;
        };
        for _ in 0..PATIENCE {
            if disk.is_cut() || device.go_on(tally).is_none() {
                return;
            }
        }
    }
}

/// One start of the device.
struct Device<'a> {
    rig: &'a Rig,
    disk: &'a FileDisk,
    flaw: InstallFlaw,
    pair: DirectoryPair<FileDisk>,
    install: Install,
    acts: VecDeque<Act>,
    clock_ms: u64,
}

impl<'a> Device<'a> {
    fn start(rig: &'a Rig, disk: &'a FileDisk, flaw: InstallFlaw) -> Result<Self, String> {
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
    fn go_on(&mut self, tally: &mut Tally) -> Option<()> {
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

    fn next_order(&self) -> Option<Order> {
        let last = self.install.attempt();
        let number = last.map_or(1, |attempt| usize::from(attempt.order().nonce.0[0]) + 1);
        let target = self.rig.offers.get(number)?.image.target;
        let nonce = Nonce([u8::try_from(number).expect("a short list"); 16]);
        Some(Order { target, nonce })
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

impl Tally {
    fn count(&mut self, state: &State) {
        match state {
            State::Committed => self.committed += 1,
            State::RolledBack(_) => self.rolled_back += 1,
            State::Refused(_) => self.refused += 1,
            _ => {}
        }
    }

    /// Whether the device is well.
    fn note(&mut self, story: u64, verdict: &Verdict) -> bool {
        let why = match verdict {
            Verdict::Runs(_) => return true,
            Verdict::Brick(why) => {
                self.bricks += 1;
                why
            }
            Verdict::BelowFloor(why) => {
                self.below_floor += 1;
                why
            }
        };
        self.first_failure.get_or_insert((story, why.clone()));
        false
    }
}

fn terms() -> Terms {
    let name = |text: &str| text.parse().expect("a short name");
    Terms {
        affirmed_by: 0,
        ..Terms::of(name("camera"), name("ipc-3"))
    }
}

fn offer(number: usize, counter: u64, healthy: bool) -> Offer {
    let name = |text: &str| text.parse().expect("a short name");
    let archive = archive(number);
    let release = Release {
        product: name("camera"),
        version: name(&format!("1.{number}")),
        counter: Counter(counter),
        hardware: BTreeSet::from([name("ipc-3")]),
        length: archive.len() as u64,
        chunk_root: [0; 32],
        sbom: None,
    };
    let target = Digest::from_bytes(Sha256::digest(&archive).into());
    Offer {
        image: Image::of(target, &release),
        release,
        healthy,
    }
}

fn archive(number: usize) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in [
        ("bin/service", script(number)),
        ("share/data", blob(number)),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o755);
        let added = builder.append_data(&mut header, path, &bytes[..]);
        added.expect("writing into memory cannot fail");
    }
    builder
        .into_inner()
        .expect("writing into memory cannot fail")
}

fn script(number: usize) -> Vec<u8> {
    format!("#!/bin/sh\necho release {number}\n").into_bytes()
}

/// Some sectors, so that a cut can tear them.
fn blob(number: usize) -> Vec<u8> {
    vec![u8::try_from(number).expect("a short list") + 1; 3000]
}

fn file(number: usize) -> PathBuf {
    PathBuf::from(format!("image-{number}.tar"))
}

fn memory(disk: &FileDisk) -> Result<Memory, String> {
    let bytes = read(disk, Path::new(MEMORY)).map_err(words)?;
    Memory::decode(&bytes).map_err(|error: cbor::DecodeError| error.to_string())
}

/// One file, replaced by a rename, stands for the journal's transaction; its own fsync is not the one that is broken on purpose.
fn save(disk: &FileDisk, memory: &[u8]) -> io::Result<()> {
    let fresh = Path::new("memory.new");
    disk.remove(fresh)?;
    let mut file = disk.create(fresh, Mode::Plain)?;
    file.write_all(memory)?;
    file.seal()?;
    disk.rename(fresh, Path::new(MEMORY))?;
    disk.sync_dir(Path::new(""))
}

fn read(disk: &FileDisk, path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    disk.open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is lost and what is torn is drawn anew so often for each place.
    const DRAWS: u64 = 6;
    const PAIRS: u64 = 3000;

    fn dice(number: u64) -> Dice {
        Dice::from_seed(*blake3::hash(&number.to_le_bytes()).as_bytes())
    }

    fn is_well(tally: &Tally, cuts: &[u64]) {
        let failure = &tally.first_failure;
        assert_eq!(
            (tally.bricks, tally.below_floor),
            (0, 0),
            "{cuts:?} {failure:?}"
        );
    }

    #[test]
    fn a_cut_at_any_operation_leaves_a_version_that_runs() {
        let rig = Rig::begun();
        let operations = rig.operations();
        assert!(operations > 150, "{operations}");
        for at in 1..=operations {
            for draw in 0..DRAWS {
                let tally = rig.cut_at(&[at], InstallFlaw::None, &mut dice(at * DRAWS + draw));
                assert_eq!(tally.cuts, 1, "at {at}");
                is_well(&tally, &[at]);
            }
        }
    }

    #[test]
    fn two_cuts_leave_a_version_that_runs() {
        let rig = Rig::begun();
        let operations = rig.operations();
        for pair in 0..PAIRS {
            let mut dice = dice(pair);
            let cuts = [1 + dice.below(operations), 1 + dice.below(operations)];
            let tally = rig.cut_at(&cuts, InstallFlaw::None, &mut dice);
            is_well(&tally, &cuts);
        }
    }

    #[test]
    fn without_a_cut_two_are_committed_one_goes_back_and_one_is_too_old() {
        let tally = Rig::begun().cut_at(&[], InstallFlaw::None, &mut dice(1));
        assert_eq!(
            (tally.committed, tally.rolled_back, tally.refused),
            (2, 1, 1)
        );
        is_well(&tally, &[]);
    }
}

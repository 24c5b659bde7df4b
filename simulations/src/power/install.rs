//! Devices that lose their power while they install: the real machine over the real directory pair, on a disk that forgets.
//!
//! Each story takes one device through a list of releases, good and bad and too old. After each cut the device is looked at
//! as it lies there, before anything is mended: it has to run a version that is whole, and none below its floor.

mod device;
mod offers;

use std::path::{Path, PathBuf};

use node::install::Slots as _;
use node::install::disk::{Disk as _, Mode};
use node::install::pair::{DirectoryPair, RUNNING};
use protocol::dice::Dice;
use protocol::install::{Memory, State};
use protocol::release::Counter;

use super::files::{FileDisk, Shelf};
use crate::disk::InstallFlaw;
use device::{Device, memory, read, save, words};
use offers::{Offer, archive, blob, file, offer, script};

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

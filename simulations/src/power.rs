//! Power cuts: the journal and the coordinator's real tables on a disk that forgets what was not synced.
//!
//! Each story commits batches until the power fails at a drawn operation, opens what is left
//! (often to be cut again while it recovers), and compares with a model of what was acknowledged.

pub mod bits;
pub mod coordinator;
pub mod disk;
pub mod files;
pub mod install;
pub mod journal;
pub mod records;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

pub use crate::disk::Honesty;
use disk::{Disk, Platter};
use protocol::dice::Dice;

/// Operations after which the power fails at the latest.
const LONGEST: u64 = 160;
/// Of a hundred recoveries so many are cut as well.
const CUT_AGAIN: u64 = 70;

/// What all stories together came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub cuts: u64,
    pub acknowledged: u64,
    pub records_lost: u64,
    pub wrong: u64,
    pub unopenable: u64,
    /// The first story that went wrong, to be told again by its seed.
    pub first_failure: Option<(u64, String)>,
}

/// How a story ended, if not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Kept,
    Lost(String),
    Wrong(String),
    Unopenable(String),
}

/// One thing that is stored on a disk and has to survive.
pub trait Subject: Sized {
    /// Opens what the disk holds.
    fn open(disk: &Disk) -> Result<Self, String>;
    /// Commits batch number `index`; says whether it was acknowledged.
    fn commit(&mut self, index: u64) -> Result<(), String>;
    /// Compares with the model: all of `acknowledged` batches, and of the next one all or nothing.
    fn check(&self, acknowledged: u64) -> Verdict;
}

/// Tells stories on all cores until `cuts` cuts have been made.
pub fn run<S: Subject>(seed: u64, cuts: u64, honesty: Honesty) -> Tally {
    let made = AtomicU64::new(0);
    let next = AtomicU64::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let tallies = thread::scope(|scope| {
        let work = || {
            let mut tally = Tally::default();
            while made.load(Ordering::Relaxed) < cuts {
                let story = next.fetch_add(1, Ordering::Relaxed);
                let before = tally.cuts;
                tell::<S>(story_seed(seed, story), story, honesty, &mut tally);
                made.fetch_add(tally.cuts - before, Ordering::Relaxed);
            }
            tally
        };
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let joined = handles
            .into_iter()
            .map(|handle| handle.join().expect("a story returns its verdict"));
        joined.collect::<Vec<_>>()
    });
    tallies.into_iter().fold(Tally::default(), Tally::with)
}

fn story_seed(seed: u64, story: u64) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("palisade 2026 power cut story");
    hasher
        .update(&seed.to_le_bytes())
        .update(&story.to_le_bytes());
    *hasher.finalize().as_bytes()
}

/// One story: commits and cuts, then the judgement over what is left.
fn tell<S: Subject>(seed: [u8; 32], story: u64, honesty: Honesty, tally: &mut Tally) {
    let mut dice = Dice::from_seed(seed);
    // Files are created under another name and renamed, so no cut ever meets a half-made one.
    let blank = Disk::new(Platter::default(), None, Honesty::Honest, dice.bytes());
    drop(S::open(&blank));
    let mut platter = blank.survivors();
    let mut acknowledged = 0;
    for chapter in 0..1 + dice.below(3) {
        let disk = Disk::new(
            platter,
            Some(1 + dice.below(LONGEST)),
            honesty,
            dice.bytes(),
        );
        acknowledged = write_until_cut::<S>(&disk, acknowledged, chapter);
        tally.cuts += 1;
        platter = disk.survivors();
        while dice.below(100) < CUT_AGAIN {
            let disk = Disk::new(
                platter,
                Some(1 + dice.below(LONGEST / 4)),
                honesty,
                dice.bytes(),
            );
            drop(S::open(&disk));
            tally.cuts += 1;
            platter = disk.survivors();
        }
        let verdict = judge::<S>(platter.clone(), acknowledged, &mut dice);
        tally.note(story, &verdict);
        if verdict != Verdict::Kept {
            return;
        }
        acknowledged = settled::<S>(platter.clone(), acknowledged, &mut dice);
    }
    tally.acknowledged += acknowledged;
}

fn write_until_cut<S: Subject>(disk: &Disk, mut acknowledged: u64, _chapter: u64) -> u64 {
    let Ok(mut subject) = S::open(disk) else {
        return acknowledged;
    };
    while subject.commit(acknowledged).is_ok() {
        acknowledged += 1;
        if disk.is_cut() {
            break;
        }
    }
    acknowledged
}

fn judge<S: Subject>(platter: Platter, acknowledged: u64, dice: &mut Dice) -> Verdict {
    let disk = Disk::new(platter, None, Honesty::Honest, dice.bytes());
    match S::open(&disk) {
        Ok(subject) => subject.check(acknowledged),
        Err(why) => Verdict::Unopenable(why),
    }
}

/// The batch in flight may have been stored; then the next story goes on behind it.
fn settled<S: Subject>(platter: Platter, acknowledged: u64, dice: &mut Dice) -> u64 {
    let disk = Disk::new(platter, None, Honesty::Honest, dice.bytes());
    let further =
        S::open(&disk).is_ok_and(|subject| subject.check(acknowledged + 1) == Verdict::Kept);
    acknowledged + u64::from(further)
}

impl Tally {
    fn note(&mut self, story: u64, verdict: &Verdict) {
        let why = match verdict {
            Verdict::Kept => return,
            Verdict::Lost(why) => {
                self.records_lost += 1;
                why
            }
            Verdict::Wrong(why) => {
                self.wrong += 1;
                why
            }
            Verdict::Unopenable(why) => {
                self.unopenable += 1;
                why
            }
        };
        self.first_failure.get_or_insert((story, why.clone()));
    }

    pub fn with(mut self, other: Self) -> Self {
        self.cuts += other.cuts;
        self.acknowledged += other.acknowledged;
        self.records_lost += other.records_lost;
        self.wrong += other.wrong;
        self.unopenable += other.unopenable;
        self.first_failure = self.first_failure.or(other.first_failure);
        self
    }

    pub fn is_clean(&self) -> bool {
        self.records_lost == 0 && self.wrong == 0 && self.unopenable == 0
    }
}

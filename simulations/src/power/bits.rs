//! Bit-rot: single bits flipped in a closed store, each of which has to be noticed.

use protocol::dice::Dice;

use super::coordinator::StoreSubject;
use super::disk::{Disk, Platter};
use super::{Honesty, Subject as _, Verdict};

const SECTOR: usize = 512;
/// Batches in the store that rots.
const BATCHES: u64 = 40;

/// What became of the flips.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flips {
    pub flips: u64,
    /// The opening or the nightly check refused, or a row was refused when read.
    pub detected: u64,
    /// The bit lay where nothing is stored: everything reads back as written.
    pub harmless: u64,
    /// Something was read back that was never written.
    pub silent: u64,
}

/// Flips one bit at a time in a closed store and reads everything.
pub fn flip(seed: u64, flips: u64) -> Flips {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut dice = Dice::from_seed(bytes);
    let sound = sound_store(&mut dice);
    let mut result = Flips::default();
    for _ in 0..flips {
        let mut rotten = sound.bytes().to_vec();
        let place = written(&rotten, &mut dice);
        rotten[place] ^= 1 << dice.below(8);
        result.flips += 1;
        match read_all(Platter::from_bytes(rotten), &mut dice) {
            Verdict::Kept => result.harmless += 1,
            Verdict::Unopenable(_) => result.detected += 1,
            Verdict::Wrong(_) | Verdict::Lost(_) => result.silent += 1,
        }
    }
    result
}

/// A byte in a sector that holds something: most of a young file is empty.
fn written(bytes: &[u8], dice: &mut Dice) -> usize {
    loop {
        let place = usize::try_from(dice.below(bytes.len() as u64)).expect("a small store");
        let sector = place - place % SECTOR;
        let end = bytes.len().min(sector + SECTOR);
        if bytes[sector..end].iter().any(|byte| *byte != 0) {
            return place;
        }
    }
}

fn sound_store(dice: &mut Dice) -> Platter {
    let disk = Disk::new(Platter::default(), None, Honesty::Honest, dice.bytes());
    let mut store = StoreSubject::open(&disk).expect("an empty disk opens");
    for index in 0..BATCHES {
        store
            .commit(index)
            .expect("a disk under power takes every batch");
    }
    drop(store);
    disk.survivors()
}

fn read_all(platter: Platter, dice: &mut Dice) -> Verdict {
    let disk = Disk::new(platter, None, Honesty::Honest, dice.bytes());
    match StoreSubject::open(&disk) {
        Ok(mut store) => match store.is_sound() {
            true => store.check(BATCHES),
            false => Verdict::Unopenable("the check of the night finds it".to_owned()),
        },
        Err(why) => Verdict::Unopenable(why),
    }
}

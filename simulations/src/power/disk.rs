//! A disk whose power can fail at any operation: what was not synced survives in torn parts, or not at all.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use coordinator::store::StorageBackend;
use protocol::dice::Dice;

use super::Honesty;

/// Disks write whole sectors; a longer write may be torn between two of them.
const SECTOR: u64 = 512;

/// What lies on the disk while it has no power.
#[derive(Debug, Clone, Default)]
pub struct Platter(Arc<Vec<u8>>);

/// A disk under power; clones are the same disk.
#[derive(Debug, Clone)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    durable: Arc<Vec<u8>>,
    /// What a reader sees.
    present: Vec<u8>,
    pending: Vec<Pending>,
    cuts_in: Option<u64>,
    cut: bool,
    honesty: Honesty,
    dice: Dice,
}

/// An operation that has not been synced.
#[derive(Debug)]
enum Pending {
    Write { offset: u64, data: Vec<u8> },
    Resize(u64),
}

impl Platter {
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Disk {
    /// Powers a disk up; the power fails at the operation `cuts_in` from here, if ever.
    pub fn new(platter: Platter, cuts_in: Option<u64>, honesty: Honesty, seed: [u8; 32]) -> Self {
        let present = platter.0.to_vec();
        Self(Arc::new(Mutex::new(State {
            durable: platter.0,
            present,
            pending: Vec::new(),
            cuts_in,
            cut: false,
            honesty,
            dice: Dice::from_seed(seed),
        })))
    }

    pub fn is_cut(&self) -> bool {
        self.state().cut
    }

    /// Takes the power away and says what is left: of what was not synced a drawn part, torn at sectors.
    pub fn survivors(&self) -> Platter {
        let mut state = self.state();
        state.cut = true;
        let mut left = state.durable.to_vec();
        let keep = state.dice.below(101);
        let mut pending = std::mem::take(&mut state.pending);
        shuffle(&mut pending, &mut state.dice);
        for one in pending {
            match one {
                Pending::Resize(length) if state.dice.below(100) < keep => {
                    left.resize(to_usize(length), 0);
                }
                Pending::Resize(_) => {}
                Pending::Write { offset, data } => {
                    tear(&mut left, offset, &data, keep, &mut state.dice);
                }
            }
        }
        Platter(Arc::new(left))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn powered(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        if let Some(left) = &mut state.cuts_in {
            *left = left.saturating_sub(1);
            state.cut |= *left == 0;
        }
        if state.cut {
            Err(io::Error::other("the power is off"))
        } else {
            Ok(state)
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        let state = self.state();
        if state.cut {
            Err(io::Error::other("the power is off"))
        } else {
            Ok(state.present.len() as u64)
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        let start = to_usize(offset);
        let found = state
            .present
            .get(start..start + out.len())
            .filter(|_| !state.cut);
        out.copy_from_slice(
            found.ok_or_else(|| io::Error::other("beyond the end, or without power"))?,
        );
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.powered()?;
        state.present.resize(to_usize(length), 0);
        state.pending.push(Pending::Resize(length));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.powered()?;
        if state.honesty == Honesty::Honest {
            state.durable = Arc::new(state.present.clone());
            state.pending.clear();
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.powered()?;
        let start = to_usize(offset);
        let Some(place) = state.present.get_mut(start..start + data.len()) else {
            return Err(io::Error::other("a write beyond the end"));
        };
        place.copy_from_slice(data);
        state.pending.push(Pending::Write {
            offset,
            data: data.to_vec(),
        });
        Ok(())
    }
}

/// Keeps some sectors of a write, each with a chance of `keep` in a hundred.
fn tear(left: &mut Vec<u8>, offset: u64, data: &[u8], keep: u64, dice: &mut Dice) {
    let mut from = 0;
    while from < data.len() {
        let until_sector = to_usize(SECTOR - (offset + from as u64) % SECTOR);
        let to = data.len().min(from + until_sector);
        let start = to_usize(offset) + from;
        if dice.below(100) < keep {
            if left.len() < start + (to - from) {
                left.resize(start + (to - from), 0);
            }
            left[start..start + (to - from)].copy_from_slice(&data[from..to]);
        }
        from = to;
    }
}

fn shuffle<T>(items: &mut [T], dice: &mut Dice) {
    for last in (1..items.len()).rev() {
        let other = to_usize(dice.below(last as u64 + 1));
        items.swap(last, other);
    }
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).expect("the disk is far smaller than the address space")
}

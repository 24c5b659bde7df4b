//! A disk in memory that fills up, rots, and forgets what was not synced when its power goes.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use protocol::dice::Dice;
use redb::StorageBackend;

const SECTOR: usize = 512;

/// Handles share one disk, so that it can be opened again.
#[derive(Debug, Clone, Default)]
pub(super) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What reads see.
    content: Vec<u8>,
    /// What survives a power cut for certain.
    synced: Vec<u8>,
    /// What may survive it, in part and in any order.
    unsynced: Vec<Change>,
    capacity: Option<usize>,
    /// Changes and syncs until the power goes.
    left: Option<u64>,
}

#[derive(Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Length(usize),
}

impl Disk {
    /// For [`super::Journal::create_with_backend`].
    pub(super) fn opener(disk: &Self) -> impl Fn() -> Self + Send + 'static {
        let disk = disk.clone();
        move || disk.clone()
    }

    pub(super) fn image(&self) -> Vec<u8> {
        self.state().content.clone()
    }

    pub(super) fn of(content: Vec<u8>) -> Self {
        let state = State {
            synced: content.clone(),
            content,
            ..State::default()
        };
        Self(Arc::new(Mutex::new(state)))
    }

    pub(super) fn fill(&self) {
        let mut state = self.state();
        state.capacity = Some(state.content.len());
    }

    pub(super) fn make_room(&self) {
        self.state().capacity = None;
    }

    pub(super) fn cut_after(&self, operations: u64) {
        self.state().left = Some(operations);
    }

    /// Power again: of the changes since the last sync some sectors are there, and others not.
    pub(super) fn restart(&self, dice: &mut Dice) {
        let mut state = self.state();
        let mut content = std::mem::take(&mut state.synced);
        let mut changes = std::mem::take(&mut state.unsynced);
        while !changes.is_empty() {
            let at = dice.below(changes.len() as u64) as usize;
            apply_in_part(&mut content, changes.swap_remove(at), dice);
        }
        *state = State {
            synced: content.clone(),
            content,
            ..State::default()
        };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no holder panics")
    }
}

impl State {
    fn spend(&mut self) -> io::Result<()> {
        match &mut self.left {
            Some(0) => Err(io::Error::other("the power is off")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().content.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let bytes = start
            .checked_add(out.len())
            .and_then(|end| state.content.get(start..end));
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        state.spend()?;
        let len = usize::try_from(len).map_err(io::Error::other)?;
        if state.capacity.is_some_and(|capacity| len > capacity) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.content.resize(len, 0);
        state.unsynced.push(Change::Length(len));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        state.spend()?;
        state.synced = state.content.clone();
        state.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        state.spend()?;
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let place = state.content.get_mut(offset..offset + data.len());
        place
            .ok_or(io::ErrorKind::UnexpectedEof)?
            .copy_from_slice(data);
        state.unsynced.push(Change::Write {
            offset,
            bytes: data.to_vec(),
        });
        Ok(())
    }
}

fn apply_in_part(content: &mut Vec<u8>, change: Change, dice: &mut Dice) {
    match change {
        Change::Length(len) if dice.below(2) == 0 => content.resize(len, 0),
        Change::Length(_) => {}
        Change::Write { offset, bytes } => {
            for (index, sector) in bytes.chunks(SECTOR).enumerate() {
                let start = offset + index * SECTOR;
                let place = content.get_mut(start..start + sector.len());
                if let Some(place) = place.filter(|_| dice.below(2) == 0) {
                    place.copy_from_slice(sector);
                }
            }
        }
    }
}

//! The engine's first page in two places: it holds the roots of everything, so a torn write of it must leave the one before.

use std::io;

use redb::StorageBackend;

use super::page::{PAGE, PageKey, Place, SEALED};

/// Bytes from one place to the other: neither shares a sector with anything else.
const STRIDE: u64 = 8192;
/// Where the first place begins.
pub const BEGIN: u64 = 4096;
/// Where the second ends.
pub const END: u64 = BEGIN + 2 * STRIDE;
const GENERATION: usize = 8;

/// The first page as it is, and where it may be written.
#[derive(Debug)]
pub struct Head {
    page: Box<[u8; PAGE]>,
    /// How often it was written.
    generation: u64,
    /// The place that holds what was last synced; it is never written to.
    kept: u64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was synced since the opening: what was read may not be on the disk itself yet.
    Unsettled,
    Synced,
    /// The other place is newer.
    Ahead,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            page: Box::new([0; PAGE]),
            generation: 0,
            kept: 0,
            state: State::Synced,
        }
    }
}

impl Head {
    /// The newest of the two that opens; zeroes where neither does.
    pub fn read(disk: &impl StorageBackend, key: &PageKey) -> io::Result<Self> {
        let mut head = Self {
            state: State::Unsettled,
            ..Self::default()
        };
        if disk.len()? < END {
            return Ok(head);
        }
        for place in 0..2 {
            let mut bytes = vec![0; GENERATION + SEALED];
            disk.read(BEGIN + place * STRIDE, &mut bytes)?;
            let (generation, sealed) = bytes
                .split_first_chunk::<GENERATION>()
                .expect("it is longer than that");
            let generation = u64::from_be_bytes(*generation);
            let mut page = Box::new([0; PAGE]);
            let opened = key.open(Place::Head(generation), sealed, page.as_mut_slice());
            if opened.is_ok() && generation > head.generation {
                head = Self {
                    page,
                    generation,
                    kept: place,
                    state: State::Unsettled,
                };
            }
        }
        Ok(head)
    }

    /// Whether neither place opened.
    pub fn is_unread(&self) -> bool {
        self.generation == 0
    }

    pub fn page(&self) -> &[u8; PAGE] {
        &self.page
    }

    /// Replaces bytes from `start` on, in the place that a cut of power may take.
    pub fn write(
        &mut self,
        disk: &impl StorageBackend,
        key: &PageKey,
        start: usize,
        bytes: &[u8],
    ) -> io::Result<()> {
        if self.state == State::Unsettled {
            disk.sync_data()?;
            self.state = State::Synced;
        }
        let mut page = self.page.clone();
        page[start..start + bytes.len()].copy_from_slice(bytes);
        let generation = self.generation + 1;
        let mut sealed = generation.to_be_bytes().to_vec();
        key.seal(Place::Head(generation), page.as_slice(), &mut sealed)?;
        disk.write(BEGIN + (1 - self.kept) * STRIDE, &sealed)?;
        (self.page, self.generation, self.state) = (page, generation, State::Ahead);
        Ok(())
    }

    /// Everything that was written is on the disk.
    pub fn synced(&mut self) {
        if self.state == State::Ahead {
            self.kept = 1 - self.kept;
        }
        self.state = State::Synced;
    }
}

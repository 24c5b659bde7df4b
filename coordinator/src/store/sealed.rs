//! The whole file under a key: a storage backend that seals every page before it reaches the disk.
//!
//! Behind a preamble and two places for the engine's first page, page after page follows, each 28 bytes longer than the
//! engine knows. A page that does not open reads as zeroes, which no checksum of the engine fits: after a cut of power it
//! is a page that was never committed, at any other time a damaged one. The first page is never overwritten where it was
//! last synced, so a torn write of it leaves the one before.

mod convert;
mod head;
mod page;
mod preamble;
mod shut;

use std::io;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::{BackendError, StorageBackend};

use super::key::StoreKey;
use head::Head;
use page::{PAGE, PageKey, Place, SEALED};

pub use convert::{ConvertError, Converted, beside, convert, in_the_clear};
pub(super) use preamble::Form;
pub(super) use shut::Shut;

/// Where the pages behind the first begin.
const PAGES_AT: u64 = head::END;

/// Storage of which only whoever has the key can read anything.
#[derive(Debug)]
pub(super) struct Sealed<B> {
    disk: B,
    key: PageKey,
    head: Mutex<Head>,
    /// Pages that did not open.
    shut: Shut,
}

/// Why storage is not taken for a sealed store.
#[derive(Debug)]
pub(super) enum UnsealError {
    WrongKey,
    Io(io::Error),
}

impl From<io::Error> for UnsealError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl<B: StorageBackend> Sealed<B> {
    /// Makes empty storage a sealed one; what it held is gone.
    pub fn create(disk: B, key: &StoreKey) -> Result<Self, UnsealError> {
        let salt = preamble::write(&disk, key)?;
        Ok(Self {
            key: PageKey::of(key, &salt),
            disk,
            head: Mutex::new(Head::default()),
            shut: Shut::default(),
        })
    }

    /// Opens what [`Self::create`] made, and notes in `shut` which pages turn out not to open.
    pub fn open(disk: B, key: &StoreKey, shut: &Shut) -> Result<Self, UnsealError> {
        let salt = preamble::read(&disk, key)?;
        let key = PageKey::of(key, &salt);
        let head = Head::read(&disk, &key)?;
        if head.is_unread() {
            shut.note(0);
        }
        Ok(Self {
            disk,
            key,
            head: Mutex::new(head),
            shut: shut.clone(),
        })
    }

    fn head(&self) -> MutexGuard<'_, Head> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads whole pages behind the first into `out`; one that does not open makes zeroes of them all.
    fn read_pages(&self, first: u64, out: &mut [u8]) -> io::Result<()> {
        let mut sealed = vec![0; out.len() / PAGE * SEALED];
        self.disk.read(place_of(first), &mut sealed)?;
        let pages = sealed.chunks_exact(SEALED).zip(out.chunks_exact_mut(PAGE));
        let mut refused = None;
        for (number, (sealed, page)) in (first..).zip(pages) {
            if self.key.open(Place::Page(number), sealed, page).is_err() {
                self.shut.note(number);
                refused = Some(number);
            }
        }
        if let Some(page) = refused {
            tracing::warn!(page, "a page of the store does not open under its key");
            out.fill(0);
        }
        Ok(())
    }

    fn write_pages(&self, first: u64, pages: &[u8]) -> io::Result<()> {
        let mut sealed = Vec::with_capacity(pages.len() / PAGE * SEALED);
        for (number, page) in (first..).zip(pages.chunks_exact(PAGE)) {
            self.key.seal(Place::Page(number), page, &mut sealed)?;
        }
        self.disk.write(place_of(first), &sealed)
    }
}

impl<B: StorageBackend> StorageBackend for Sealed<B> {
    fn len(&self) -> io::Result<u64> {
        let behind = self.disk.len()?.checked_sub(PAGES_AT);
        Ok(behind.map_or(0, |bytes| (1 + bytes / SEALED as u64) * PAGE as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let span = Span::of(offset, out.len());
        let (head, rest) = out.split_at_mut(span.of_head);
        if !head.is_empty() {
            let start = to_usize(offset)?;
            head.copy_from_slice(&self.head().page()[start..start + head.len()]);
        }
        if rest.is_empty() {
            return Ok(());
        }
        if span.is_whole {
            return self.read_pages(span.first, rest);
        }
        let mut pages = vec![0; span.pages * PAGE];
        self.read_pages(span.first, &mut pages)?;
        rest.copy_from_slice(&pages[span.skipped..span.skipped + rest.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let pages = len / PAGE as u64;
        if pages * PAGE as u64 != len {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a sealed store holds whole pages",
            ));
        }
        self.disk.set_len(match pages.checked_sub(1) {
            Some(behind) => PAGES_AT + behind * SEALED as u64,
            None => head::BEGIN,
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut head = self.head();
        self.disk.sync_data()?;
        head.synced();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let span = Span::of(offset, data.len());
        let (head, rest) = data.split_at(span.of_head);
        if !head.is_empty() {
            let start = to_usize(offset)?;
            self.head().write(&self.disk, &self.key, start, head)?;
        }
        if rest.is_empty() {
            return Ok(());
        }
        if span.is_whole {
            return self.write_pages(span.first, rest);
        }
        let mut pages = vec![0; span.pages * PAGE];
        self.read_pages(span.first, &mut pages)?;
        pages[span.skipped..span.skipped + rest.len()].copy_from_slice(rest);
        self.write_pages(span.first, &pages)
    }

    fn close(&self) -> io::Result<()> {
        self.disk.close()
    }

    fn try_lock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<bool, BackendError> {
        self.disk.try_lock_range(from, to)
    }

    fn try_lock_shared_range(
        &self,
        from: Bound<u64>,
        to: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.disk.try_lock_shared_range(from, to)
    }

    fn lock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<(), BackendError> {
        self.disk.lock_range(from, to)
    }

    fn lock_shared_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<(), BackendError> {
        self.disk.lock_shared_range(from, to)
    }

    fn unlock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<(), BackendError> {
        self.disk.unlock_range(from, to)
    }

    fn query_lock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<bool, BackendError> {
        self.disk.query_lock_range(from, to)
    }
}

/// Which pages bytes lie in.
struct Span {
    /// How many of the bytes lie in the first page.
    of_head: usize,
    /// The first page behind that, and how many there are.
    first: u64,
    pages: usize,
    /// Bytes of `first` before those that are meant.
    skipped: usize,
    is_whole: bool,
}

impl Span {
    fn of(offset: u64, length: usize) -> Self {
        let page = PAGE as u64;
        let of_head =
            usize::try_from(page.saturating_sub(offset)).map_or(length, |left| left.min(length));
        let begin = offset + of_head as u64;
        let rest = length - of_head;
        let skipped = usize::try_from(begin % page).unwrap_or_default();
        let pages = (skipped + rest).div_ceil(PAGE);
        Self {
            of_head,
            first: begin / page,
            pages,
            skipped,
            is_whole: skipped == 0 && rest.is_multiple_of(PAGE),
        }
    }
}

/// Where a page behind the first lies on the disk.
fn place_of(page: u64) -> u64 {
    PAGES_AT + (page - 1) * SEALED as u64
}

fn to_usize(number: u64) -> io::Result<usize> {
    usize::try_from(number).map_err(io::Error::other)
}

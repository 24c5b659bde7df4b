//! Whatever an image holds, it writes below its slot only, each name once, and no more than it is long.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::install::archive::{DEPTH, unpack};
use crate::install::disk::{Disk, Kind, Mode, Writing};

use super::{Tally, count};

const SLOT: &str = "slots/b";
const BLOCK: usize = 512;
/// Where a header has its sum, which a mutation would almost never hit.
const SUM: std::ops::Range<usize> = 148..156;

/// The first byte says whether the sums of all blocks that could be headers are mended first.
pub fn archive(data: &[u8]) {
    archive_tally(data);
}

/// What an image has brought about.
pub fn archive_tally(data: &[u8]) -> Tally {
    let mut tally = Tally::new();
    let Some((choice, image)) = data.split_first() else {
        return tally;
    };
    let mut image = image.to_vec();
    if choice & 1 == 1 {
        mend_blocks(&mut image);
    }
    let slot = Slot::default();
    let unpacked = unpack(&slot, Path::new(SLOT), &mut image.as_slice());
    let seen = seen(&slot.0);
    assert!(seen.bytes <= image.len(), "more is written than came");
    match unpacked {
        Ok(()) => {
            seen.assert_durable();
            count(&mut tally, "unpacked");
        }
        Err(error) => count(&mut tally, word(&error)),
    }
    if !seen.files.is_empty() {
        count(&mut tally, "file");
    }
    if seen.dirs.len() > 1 {
        count(&mut tally, "directory");
    }
    tally
}

fn word(error: &crate::install::archive::ArchiveError) -> &'static str {
    use crate::install::archive::ArchiveError::{Kind, Path, Read, TooLarge, Twice, Write};
    match error {
        Read(_) => "unreadable",
        Write(_) => "unwritable",
        TooLarge => "too large",
        Path(_) => "path",
        Kind(_) => "kind",
        Twice(_) => "twice",
    }
}

/// Gives every block that could be a header the sum that it needs.
pub(super) fn mend_blocks(archive: &mut [u8]) {
    archive.chunks_exact_mut(BLOCK).for_each(mend);
}

fn mend(block: &mut [u8]) {
    if block.iter().all(|byte| *byte == 0) {
        return;
    }
    block[SUM].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[SUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// A slot that remembers what was done, and takes nothing that no unpacking may do.
#[derive(Default)]
struct Slot(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    /// Whether the names in it are synced.
    dirs: BTreeMap<PathBuf, bool>,
    /// Whether its bytes are.
    files: BTreeMap<PathBuf, bool>,
    bytes: usize,
}

impl Seen {
    /// A new name, where a directory was made for it.
    fn enter(&mut self, path: &Path) {
        let below = path.strip_prefix(SLOT).expect("it is below the slot");
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        assert!(below.components().all(plain), "{}", below.display());
        assert!((1..=DEPTH).contains(&below.components().count()));
        assert!(!self.dirs.contains_key(path) && !self.files.contains_key(path));
        let parent = path.parent().expect("it is below the slot");
        if parent == Path::new(SLOT) {
            self.dirs.entry(parent.to_owned()).or_default();
        }
        let synced = self.dirs.get_mut(parent).expect("its directory was made");
        *synced = false;
    }

    fn assert_durable(&self) {
        assert!(self.files.values().all(|sealed| *sealed));
        assert!(self.dirs.values().all(|synced| *synced));
    }
}

fn seen(slot: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    slot.lock().expect("a panic ends the run")
}

struct Open {
    path: PathBuf,
    seen: Arc<Mutex<Seen>>,
}

impl Write for Open {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        seen(&self.seen).bytes += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Writing for Open {
    fn seal(self: Box<Self>) -> io::Result<()> {
        seen(&self.seen).files.insert(self.path.clone(), true);
        Ok(())
    }
}

impl Disk for Slot {
    fn create(&self, path: &Path, _: Mode) -> io::Result<Box<dyn Writing>> {
        let mut seen = seen(&self.0);
        seen.enter(path);
        seen.files.insert(path.to_owned(), false);
        Ok(Box::new(Open {
            path: path.to_owned(),
            seen: Arc::clone(&self.0),
        }))
    }

    fn make_dir(&self, path: &Path) -> io::Result<()> {
        let mut seen = seen(&self.0);
        seen.enter(path);
        seen.dirs.insert(path.to_owned(), false);
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        seen(&self.0).dirs.insert(path.to_owned(), true);
        Ok(())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        unreachable!("unpacking reads {}", path.display())
    }

    fn link(&self, to: &str, _: &Path) -> io::Result<()> {
        unreachable!("unpacking makes a link to {to}")
    }

    fn leads(&self, path: &Path) -> io::Result<Option<String>> {
        unreachable!("unpacking follows {}", path.display())
    }

    fn rename(&self, from: &Path, _: &Path) -> io::Result<()> {
        unreachable!("unpacking renames {}", from.display())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        unreachable!("unpacking removes {}", path.display())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<(String, Kind)>> {
        unreachable!("unpacking lists {}", path.display())
    }
}

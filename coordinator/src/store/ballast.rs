//! A file that is in the way on purpose: when the disk is full, giving it up lets the store live.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Bytes given up when the disk is full: enough to reopen, and for some hundred small writes.
pub const BALLAST_BYTES: usize = 4 * 1024 * 1024;
/// Free bytes that must be there before the ballast is taken aboard again.
const ROOM_BYTES: u64 = 2 * BALLAST_BYTES as u64;
/// Free bytes without which an opening would fail half-way.
const OPENING_BYTES: u64 = BALLAST_BYTES as u64 / 4;

/// The file beside the store.
#[derive(Debug)]
pub(super) struct Ballast {
    path: PathBuf,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Aboard,
    /// There never was room for it.
    Missing,
    /// The disk is full, or was when this was last looked at.
    GivenUp,
}

impl Ballast {
    pub fn beside(store: &Path) -> Self {
        let path = store.with_file_name("ballast");
        let whole = fs::metadata(&path).is_ok_and(|file| file.len() == BALLAST_BYTES as u64);
        let state = if whole { State::Aboard } else { State::Missing };
        Self { path, state }
    }

    /// Gives the room back to the disk.
    pub fn give_up(&mut self) {
        if self.state == State::Aboard && fs::remove_file(&self.path).is_ok() {
            self.state = State::GivenUp;
        }
    }

    /// Takes the room again if there is plenty.
    pub fn take_aboard(&mut self) {
        if self.state == State::Aboard || self.free() < ROOM_BYTES {
            return;
        }
        if self.write().is_ok() {
            self.state = State::Aboard;
        } else {
            // A half-written ballast only takes what the store needs; the next try replaces it.
            drop(fs::remove_file(&self.path));
        }
    }

    /// Whether what is left of the disk is kept for small writes.
    pub fn is_given_up(&self) -> bool {
        self.state == State::GivenUp
    }

    /// Whether there is room enough to open the store.
    pub fn lets_open(&self) -> bool {
        self.free() >= OPENING_BYTES
    }

    /// Free bytes on the disk of the store; plenty where the system does not say.
    fn free(&self) -> u64 {
        let folder = self
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let free = nix::sys::statvfs::statvfs(folder.unwrap_or(Path::new(".")));
        free.map_or(u64::MAX, |free| {
            free.blocks_available().saturating_mul(free.fragment_size())
        })
    }

    /// Real bytes that no file system stores as a hole.
    fn write(&self) -> io::Result<()> {
        let mut file = File::create(&self.path)?;
        let mut stream = blake3::Hasher::new().finalize_xof();
        let mut piece = vec![0; 64 * 1024];
        for _ in 0..BALLAST_BYTES / piece.len() {
            stream.fill(&mut piece);
            file.write_all(&piece)?;
        }
        file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ballast_is_given_up_and_taken_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ballast");
        let mut ballast = Ballast::beside(&folder.path().join("store"));
        ballast.give_up();
        assert!(!ballast.is_given_up(), "there was none to give up");
        ballast.take_aboard();
        let written = fs::metadata(&file).expect("it was written");
        assert_eq!(written.len(), BALLAST_BYTES as u64);
        let mut ballast = Ballast::beside(&folder.path().join("store"));
        ballast.give_up();
        assert!(ballast.is_given_up() && !file.exists());
        ballast.take_aboard();
        assert!(!ballast.is_given_up() && file.exists());
    }
}

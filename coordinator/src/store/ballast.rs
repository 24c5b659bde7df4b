//! A file that is in the way on purpose: when the disk is full, giving it up lets the store live.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Bytes given up when the disk is full: enough to reopen, and for some hundred small writes.
pub const BALLAST_BYTES: usize = 4 * 1024 * 1024;
/// Free bytes that must be there before the ballast is taken aboard again.
const ROOM_BYTES: u64 = 4 * BALLAST_BYTES as u64;

/// The file beside the store.
#[derive(Debug)]
pub(super) struct Ballast {
    path: PathBuf,
    aboard: bool,
}

impl Ballast {
    pub fn beside(store: &Path) -> Self {
        let path = store.with_file_name("ballast");
        let aboard = fs::metadata(&path).is_ok_and(|file| file.len() == BALLAST_BYTES as u64);
        Self { path, aboard }
    }

    /// Gives the room back to the disk; tells whether there was any to give.
    pub fn release(&mut self) -> bool {
        let released = self.aboard && fs::remove_file(&self.path).is_ok();
        self.aboard = false;
        released
    }

    /// Takes the room again if there is plenty; tells whether it is aboard.
    pub fn restore(&mut self) -> bool {
        if !self.aboard && self.has_room() {
            self.aboard = self.write().is_ok();
            if !self.aboard {
                // A half-written ballast would only take what the store needs.
                drop(fs::remove_file(&self.path));
            }
        }
        self.aboard
    }

    fn has_room(&self) -> bool {
        let folder = self
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let free = nix::sys::statvfs::statvfs(folder.unwrap_or(Path::new(".")));
        free.is_ok_and(|free| free.blocks_available() * free.fragment_size() >= ROOM_BYTES)
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
    fn the_ballast_is_given_up_once_and_taken_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut ballast = Ballast::beside(&folder.path().join("store"));
        assert!(!ballast.release());
        assert!(ballast.restore());
        let written = fs::metadata(folder.path().join("ballast")).expect("it was written");
        assert_eq!(written.len(), BALLAST_BYTES as u64);
        assert!(Ballast::beside(&folder.path().join("store")).release());
        assert!(!folder.path().join("ballast").exists());
    }
}

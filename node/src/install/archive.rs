//! Images are plain tar files (ustar); their regular files and directories are taken, and nothing else is.
//!
//! An image is signed, and is read as if it were not: bounded in entries, paths and bytes, and no path and no link leads
//! out of the slot. It is streamed from and to the disk.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use tar::{Archive, Entry, EntryType};
use thiserror::Error;

use super::disk::{Disk, Mode};

/// Files and directories in one image.
pub const ENTRIES: usize = 8192;
/// Bytes of all files of one image.
pub const BYTES: u64 = 4 << 30;
/// Names in one path.
pub const DEPTH: usize = 16;
/// Read and written at once.
const PIECE: usize = 64 * 1024;

#[derive(Debug, Error)]
pub enum ArchiveError {
    #[error("cannot read the image, or it is no tar file")]
    Read(#[source] io::Error),
    #[error("cannot write the slot")]
    Write(#[source] io::Error),
    #[error("the image holds more than {ENTRIES} entries, or more than {BYTES} bytes")]
    TooLarge,
    #[error("`{0}` is no path within the image")]
    Path(String),
    #[error(
        "`{0}` is a link, a device or of a later format: images are ustar with files and directories only"
    )]
    Kind(String),
    #[error("`{0}` is there twice")]
    Twice(String),
}

/// Unpacks an image into a directory that is there and empty. All of it is durable afterwards.
pub fn unpack(disk: &dyn Disk, into: &Path, image: &mut dyn Read) -> Result<(), ArchiveError> {
    let mut unpacking = Unpacking {
        disk,
        into,
        dirs: BTreeSet::new(),
        files: BTreeSet::new(),
        bytes: 0,
    };
    let mut archive = Archive::new(image);
    // Raw: names that go on in other entries are refused instead of gathered in memory.
    let entries = archive.entries().map_err(ArchiveError::Read)?.raw(true);
    for entry in entries {
        unpacking.take(&mut entry.map_err(ArchiveError::Read)?)?;
    }
    unpacking.sync()
}

struct Unpacking<'a> {
    disk: &'a dyn Disk,
    into: &'a Path,
    dirs: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
    bytes: u64,
}

impl Unpacking<'_> {
    fn take<R: Read>(&mut self, entry: &mut Entry<'_, R>) -> Result<(), ArchiveError> {
        let path = path(&entry.path_bytes())?;
        self.bytes = self.bytes.saturating_add(entry.size());
        if self.dirs.len() + self.files.len() >= ENTRIES || self.bytes > BYTES {
            return Err(ArchiveError::TooLarge);
        }
        match entry.header().entry_type() {
            EntryType::Directory => self.dir(&path),
            EntryType::Regular if !path.as_os_str().is_empty() => self.file(path, entry),
            _ => Err(ArchiveError::Kind(shown(&path))),
        }
    }

    /// Makes a directory and those above it.
    fn dir(&mut self, path: &Path) -> Result<(), ArchiveError> {
        let above: Vec<&Path> = path.ancestors().collect();
        for dir in above.into_iter().rev() {
            if dir.as_os_str().is_empty() || self.dirs.contains(dir) {
                continue;
            }
            if self.files.contains(dir) {
                return Err(ArchiveError::Twice(shown(dir)));
            }
            let made = self.disk.make_dir(&self.into.join(dir));
            made.map_err(ArchiveError::Write)?;
            self.dirs.insert(dir.to_owned());
        }
        Ok(())
    }

    fn file<R: Read>(
        &mut self,
        path: PathBuf,
        entry: &mut Entry<'_, R>,
    ) -> Result<(), ArchiveError> {
        if let Some(parent) = path.parent() {
            self.dir(parent)?;
        }
        if self.dirs.contains(&path) || self.files.contains(&path) {
            return Err(ArchiveError::Twice(shown(&path)));
        }
        let bits = entry.header().mode().map_err(ArchiveError::Read)?;
        let mode = if bits & 0o111 == 0 {
            Mode::Plain
        } else {
            Mode::Executable
        };
        let created = self.disk.create(&self.into.join(&path), mode);
        let mut file = created.map_err(ArchiveError::Write)?;
        let mut piece = vec![0; PIECE];
        loop {
            let read = entry.read(&mut piece).map_err(ArchiveError::Read)?;
            if read == 0 {
                break;
            }
            let written = file.write_all(&piece[..read]);
            written.map_err(ArchiveError::Write)?;
        }
        file.seal().map_err(ArchiveError::Write)?;
        self.files.insert(path);
        Ok(())
    }

    fn sync(&self) -> Result<(), ArchiveError> {
        let dirs = self.dirs.iter().rev().map(|dir| self.into.join(dir));
        for dir in dirs.chain([self.into.to_owned()]) {
            self.disk.sync_dir(&dir).map_err(ArchiveError::Write)?;
        }
        Ok(())
    }
}

/// A path of plain names; empty for the image's own root.
fn path(bytes: &[u8]) -> Result<PathBuf, ArchiveError> {
    let refused = || ArchiveError::Path(String::from_utf8_lossy(bytes).into_owned());
    let text = std::str::from_utf8(bytes).map_err(|_| refused())?;
    let mut path = PathBuf::new();
    let mut depth = 0;
    for component in Path::new(text).components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => {
                path.push(name);
                depth += 1;
            }
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(refused());
            }
        }
    }
    if depth > DEPTH || text.contains('\0') {
        return Err(refused());
    }
    Ok(path)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

//! Chunks of a new image, made of what lies on this host already: the image that runs, and the files that came out of it.
//!
//! Nothing of it is believed. What runs may have been changed since; bytes are put to their places by what they are, and a
//! chunk counts as there when it leads to the signed root, like one that a neighbour gave.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::libc;
use protocol::limits;
use protocol::spread::parts::{Cutter, Index};
use protocol::spread::reuse::Reuse;
use tracing::debug;

use super::archive;
use super::chunks::Chunks;

/// Read at once.
const PIECE: usize = 64 * 1024;

/// What of this host is read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The image that was fetched of what runs.
    pub image: Option<PathBuf>,
    /// The folder into which what runs was unpacked.
    pub slot: Option<PathBuf>,
}

impl Sources {
    /// Whether there is anything.
    pub fn is_any(&self) -> bool {
        let image = self.image.as_deref().is_some_and(Path::is_file);
        image || self.slot.as_deref().is_some_and(Path::is_dir)
    }

    /// Files in a fixed order: the image first, which has all of it as it was.
    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = self.image.clone().into_iter().collect();
        if let Some(slot) = &self.slot {
            // The slot itself may be named by a link.
            let slot = fs::canonicalize(slot).unwrap_or_else(|_| slot.clone());
            gather(&slot, archive::DEPTH, &mut files);
        }
        files
    }
}

/// Regular files only, and no more of them than an image may have.
fn gather(dir: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    let entries = entries.flatten().take(archive::ENTRIES);
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let kind = path.symlink_metadata().map(|found| found.file_type());
        match kind {
            Ok(kind) if kind.is_dir() && depth > 0 => gather(&path, depth - 1, files),
            Ok(kind) if kind.is_file() && files.len() <= archive::ENTRIES => files.push(path),
            _ => {}
        }
    }
}

/// Puts what it finds to its places, writes the chunks that are right, and says which are there then beside those that
/// were before.
pub fn make(
    chunks: &Chunks,
    before: Vec<u32>,
    index: &Path,
    sources: &Sources,
) -> io::Result<Vec<u32>> {
    let mut bytes = Vec::new();
    let bound = limits::INDEX_BYTES as u64 + 1;
    File::open(index)?.take(bound).read_to_end(&mut bytes)?;
    let index = Index::decode(*chunks.image(), &bytes).map_err(io::Error::other)?;
    let mut there: BTreeSet<u32> = before.into_iter().collect();
    let mut reuse = Reuse::new(*chunks.image(), index);
    let mut left = archive::BYTES;
    for file in sources.files() {
        if reuse.is_all() || left == 0 {
            break;
        }
        let put = |part: &[u8]| {
            let mut places = reuse.offer(part).into_iter();
            places.try_for_each(|at| chunks.put(at, part, &there))
        };
        if let Err(error) = parts(&file, &mut left, put) {
            debug!(file = %file.display(), %error, "not all of it is used");
        }
    }
    for chunk in reuse.chunks() {
        let data = Arc::from(chunks.lies(chunk)?);
        if !there.contains(&chunk)
            && let Some(piece) = reuse.prove(chunk, data)
        {
            chunks.write(chunk, &piece)?;
            there.insert(chunk);
        }
    }
    Ok(there.into_iter().collect())
}

/// Cuts a file, of which no more is read than is left to read of all.
fn parts(
    file: &Path,
    left: &mut u64,
    mut put: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = open(file)?;
    let (mut cutter, mut piece) = (Cutter::default(), vec![0; PIECE]);
    let mut ended = Ok(());
    let mut found = |part: &[u8]| {
        if ended.is_ok() {
            ended = put(part);
        }
    };
    loop {
        let read = file.read(&mut piece)?;
        *left = left.saturating_sub(read as u64);
        if read == 0 || *left == 0 {
            break;
        }
        cutter.push(&piece[..read], &mut found);
    }
    cutter.end(&mut found);
    ended
}

/// Whoever runs from the slot may have put something else there since it was listed: no link is followed, and nothing is
/// waited for.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    let file = options
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::ErrorKind::InvalidInput.into()),
    }
}

#[cfg(test)]
mod tests;

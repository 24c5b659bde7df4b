//! What an administrator ordered to be wiped: keys first, so that nothing can be signed any more, then the journal.
//!
//! A note is written before anything goes and says so when all of it is gone. Whatever cuts the wiping off, the
//! next start finds the note and goes on; nothing begins before the note is on the disk.
//!
//! Each file is written over before it is removed. On flash and on file systems that copy on write that is a
//! best effort: the medium may keep the old blocks until it erases them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::sources::{flows, tail};
use crate::{console, journal, keys, member, private, results, status};

const NOTE: &str = "retired.json";
/// Bytes that are written over at once.
static BLANK: [u8; 64 * 1024] = [0; 64 * 1024];

/// What stays of a device that was retired. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    pub device: String,
    pub name: String,
    pub mesh: String,
    /// The administrator's reason.
    pub reason: String,
    pub ordered_ms: u64,
    /// When keys and journal were gone; nothing while they are being wiped.
    pub wiped_ms: Option<u64>,
}

/// Why a retired device does not run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{name} ({device}) was retired by an administrator ({reason}): its keys and its journal are wiped; to use this machine again, join a mesh with `palisade-node join`",
    name = .0.name, device = .0.device, reason = .0.reason
)]
pub struct RetiredError(pub Retired);

#[derive(Debug, Error)]
pub enum WipeError {
    #[error("cannot wipe {path}: it is tried again at the next start", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is damaged: remove the directory", path = path.display())]
    Note {
        path: PathBuf,
        source: serde_json::Error,
    },
}

/// One thing to do; each may be done again.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// Write zeros over a file, as far as the medium lets that matter.
    Blank(PathBuf),
    Remove(PathBuf),
    /// What was removed before stays removed.
    Sync,
}

/// Notes the order, and carries it out.
pub fn carry_out(dir: &Path, retired: Retired, now_ms: u64) -> Result<Retired, WipeError> {
    begin(dir, &retired)?;
    finish(dir, retired, now_ms)
}

/// Goes on where a wiping was cut off; says what stays of a device that was retired.
pub fn resume(dir: &Path, now_ms: u64) -> Result<Option<Retired>, WipeError> {
    match read(dir)? {
        Some(retired) if retired.wiped_ms.is_none() => finish(dir, retired, now_ms).map(Some),
        found => Ok(found),
    }
}

/// What stays of a device that was retired, and changes nothing.
pub fn read(dir: &Path) -> Result<Option<Retired>, WipeError> {
    let path = dir.join(NOTE);
    let text = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|source| failed(&path, source))?,
    };
    let note = serde_json::from_slice(&text);
    note.map(Some)
        .map_err(|source| WipeError::Note { path, source })
}

/// The machine has joined a mesh again.
pub fn forget(dir: &Path) -> Result<(), WipeError> {
    perform(dir, &Step::Remove(dir.join(NOTE)))?;
    perform(dir, &Step::Sync)
}

fn begin(dir: &Path, retired: &Retired) -> Result<(), WipeError> {
    let (path, fresh) = (dir.join(NOTE), dir.join("retired.json.new"));
    let text = serde_json::to_vec(retired).expect("plain values always have a JSON form");
    let written = || -> io::Result<()> {
        private::write(&fresh, &text)?.sync_all()?;
        fs::rename(&fresh, &path)
    };
    written().map_err(|source| failed(&path, source))?;
    perform(dir, &Step::Sync)
}

fn finish(dir: &Path, retired: Retired, now_ms: u64) -> Result<Retired, WipeError> {
    for step in plan(dir)? {
        perform(dir, &step)?;
    }
    let retired = Retired {
        wiped_ms: Some(now_ms),
        ..retired
    };
    begin(dir, &retired)?;
    Ok(retired)
}

/// Keys are gone for good before the first byte of the journal goes.
fn plan(dir: &Path) -> Result<Vec<Step>, WipeError> {
    let journals = journal::files(dir).map_err(|source| failed(dir, source))?;
    let enrolment = member::FILES.iter().map(|name| dir.join(name));
    let rest = enrolment.chain([
        console::folder(dir),
        status::path(dir),
        results::folder(dir),
    ]);
    let mut steps = Vec::new();
    let learnt = flows::files(dir).into_iter().chain(tail::files(dir));
    for path in keys::files(dir).chain(journals).chain(learnt) {
        steps.extend([Step::Blank(path.clone()), Step::Remove(path), Step::Sync]);
    }
    steps.extend(rest.map(Step::Remove));
    steps.push(Step::Sync);
    Ok(steps)
}

fn perform(dir: &Path, step: &Step) -> Result<(), WipeError> {
    match step {
        Step::Blank(path) => {
            if let Err(error) = blank(path) {
                tracing::warn!(%error, path = %path.display(), "not written over, only removed");
            }
            Ok(())
        }
        Step::Remove(path) => remove(path).map_err(|source| failed(path, source)),
        Step::Sync => File::open(dir)
            .and_then(|dir| dir.sync_all())
            .map_err(|source| failed(dir, source)),
    }
}

fn blank(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    // Neither through a link nor into a pipe.
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    options.write(true).custom_flags(flags.bits());
    let mut file = match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let mut left = file.metadata()?.len();
    while left > 0 {
        let some = usize::try_from(left).map_or(BLANK.len(), |left| left.min(BLANK.len()));
        file.write_all(&BLANK[..some])?;
        left -= some as u64;
    }
    file.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn failed(path: &Path, source: io::Error) -> WipeError {
    let path = path.to_owned();
    WipeError::Io { path, source }
}

#[cfg(test)]
mod tests;

//! A gateway's console: what somebody on site signs there, and how the running node comes to know of it.
//!
//! The command writes a signed ruling into a folder of the node's directory, which its owner alone can write
//! to; the running node takes it from there within seconds. So no further door is open on the device.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use protocol::id::DeviceId;
use protocol::key::Signer;
use protocol::limits;
use protocol::ruling::{Decision, Ruling, lasts};
use protocol::signed::Signed;
use protocol::text::Name;
use protocol::time::Timestamp;
use thiserror::Error;

use crate::member::Member;

const FOLDER: &str = "console";
/// Rulings that are taken at once.
const TAKEN: usize = 16;
/// A wish to have everybody asked, and how long the name of a subnet is at most.
const SWEEP: &str = "sweep.order";
const SUBNET_BYTES: u64 = 32;

#[derive(Debug, Error)]
pub enum ConsoleError {
    #[error("this device is no gateway of its mesh: the root document's charter names those")]
    NoGateway,
    #[error("cannot write {path}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// Signs that a device is cleared of its quarantine, for a day, and leaves that for the running node.
pub fn clear(
    dir: &Path,
    member: &Member,
    signer: &dyn Signer,
    device: DeviceId,
    reason: Name,
    now: Timestamp,
) -> Result<(), ConsoleError> {
    if !member.charter.gateways.contains(&signer.public()) {
        return Err(ConsoleError::NoGateway);
    }
    let ruling = Ruling {
        mesh: member.mesh,
        device,
        decision: Decision::Release,
        gateway: Some(member.membership.device),
        time: now,
        until: now.saturating_add(lasts()),
        reason,
    };
    let signed = Signed::seal(ruling, signer);
    let folder = folder(dir);
    let (fresh, path) = (
        folder.join(format!("{device}.new")),
        folder.join(format!("{device}.ruling")),
    );
    let written = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&fresh, signed.bytes()))
        .and_then(|()| fs::rename(&fresh, &path));
    written.map_err(|source| ConsoleError::Io { path, source })
}

/// Where rulings wait for the running node.
pub(crate) fn folder(dir: &Path) -> PathBuf {
    dir.join(FOLDER)
}

/// Takes what was signed since the last look; each is taken once.
pub fn take(dir: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder(dir)) else {
        return Vec::new();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let ready = paths.filter(|path| path.extension().is_some_and(|end| end == "ruling"));
    ready.take(TAKEN).filter_map(|path| taken(&path)).collect()
}

/// Leaves for the running node that it shall ask everybody on its own subnets, or on one of them.
pub fn ask_everybody(dir: &Path, subnet: &str) -> Result<(), ConsoleError> {
    let folder = folder(dir);
    let (fresh, path) = (folder.join("sweep.new"), folder.join(SWEEP));
    let written = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&fresh, subnet))
        .and_then(|()| fs::rename(&fresh, &path));
    written.map_err(|source| ConsoleError::Io { path, source })
}

/// Takes such a wish: the subnet, or nothing for all of them.
pub fn sweep(dir: &Path) -> Option<String> {
    let path = folder(dir).join(SWEEP);
    let small =
        fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() <= SUBNET_BYTES);
    let subnet = small.then(|| fs::read_to_string(&path).ok()).flatten();
    // What is not there need not be removed.
    fs::remove_file(&path).ok();
    subnet
}

fn taken(path: &Path) -> Option<Vec<u8>> {
    let small = fs::metadata(path)
        .is_ok_and(|found| found.is_file() && found.len() <= limits::RULING_BYTES as u64);
    let ruling = small.then(|| fs::read(path).ok()).flatten();
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(%error, path = %path.display(), "a ruling stays in the console's folder");
        return None;
    }
    ruling
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_for_a_sweep_is_taken_once() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        assert_eq!(sweep(dir.path()), None);
        ask_everybody(dir.path(), "10.0.0.0/24").expect("the directory is ours");
        assert_eq!(sweep(dir.path()).as_deref(), Some("10.0.0.0/24"));
        assert_eq!(sweep(dir.path()), None);
    }

    #[test]
    fn what_was_signed_is_taken_once_and_nothing_else_is() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        assert!(take(dir.path()).is_empty(), "there is no folder yet");
        let folder = dir.path().join(FOLDER);
        fs::create_dir_all(&folder).expect("the directory is ours");
        let files = [
            ("a.ruling", vec![1; 200]),
            ("b.new", vec![2; 200]),
            ("c.ruling", vec![3; limits::RULING_BYTES + 1]),
        ];
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes).expect("the directory is ours");
        }
        assert_eq!(take(dir.path()), [vec![1; 200]]);
        assert!(take(dir.path()).is_empty());
        assert!(folder.join("b.new").exists(), "it is not complete");
    }
}

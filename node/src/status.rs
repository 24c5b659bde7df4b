//! What a running node writes about itself, and `palisade-node status` reads.

mod explain;
pub mod hearing;
mod render;
pub mod watch;

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use hearing::Hearing;
use watch::Watch;

use crate::private;

pub use render::retired;

const FILE: &str = "status.json";
/// Bytes of a status that are read at most.
const BYTES: u64 = 1 << 20;
/// Refusals that a status remembers.
pub const REFUSALS: usize = 16;
/// The version of this form.
pub const VERSION: u32 = 4;

/// The node as it sees itself. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub version: u32,
    /// When this was written.
    pub written_ms: u64,
    pub device: String,
    pub name: String,
    pub class: String,
    pub cell: String,
    pub coordinator: Coordinator,
    pub links: Vec<Link>,
    pub watch: Watch,
    /// Devices without a node.
    #[serde(default)]
    pub hearing: Hearing,
    pub incarnation: u32,
    /// Whether the incarnation began without word from any witness.
    pub unlinked: bool,
    /// The newest own record.
    pub last_record: Option<Place>,
    /// The newest record that the coordinator has stored.
    pub acknowledged: Option<Place>,
    /// Records that the coordinator has not stored.
    pub backlog: u64,
    pub membership_until_ms: u64,
    /// Since when the signed repository has ended here and nothing newer has come.
    #[serde(default)]
    pub stale_since_ms: Option<u64>,
    /// The latest refusals, oldest first, at most [`REFUSALS`].
    pub refusals: Vec<Refusal>,
}

/// The link to the coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Coordinator {
    Connected { since_ms: u64, address: String },
    Disconnected { since_ms: u64 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub device: String,
    pub name: Option<String>,
    pub address: String,
    pub direction: Direction,
    pub since_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Inbound,
    Outbound,
}

/// A record's place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub incarnation: u32,
    pub sequence: u32,
}

/// Somebody was turned away, or turned this node away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub at_ms: u64,
    /// Who asked, or an address if the key is not known.
    pub who: String,
    pub reason: String,
    pub by: Judge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judge {
    Us,
    Them,
}

#[derive(Debug, Error)]
pub enum StatusError {
    #[error("{path} is missing: `palisade-node run` writes it")]
    Missing { path: PathBuf },
    #[error("cannot read or write {path}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is not a status of this release")]
    Form {
        path: PathBuf,
        source: serde_json::Error,
    },
}

/// Where the status of a directory's node is.
pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

impl Status {
    /// Replaces the status in `dir`; a reader sees the old one or the new one. It need not survive a power cut.
    pub fn write(&self, dir: &Path) -> Result<(), StatusError> {
        let (path, fresh) = (path(dir), dir.join("status.json.new"));
        let form = |source| StatusError::Form {
            path: path.clone(),
            source,
        };
        let text = serde_json::to_vec(self).map_err(form)?;
        let written = || -> io::Result<()> {
            private::write(&fresh, &text)?;
            std::fs::rename(&fresh, &path)
        };
        written().map_err(|source| StatusError::Io {
            path: path.clone(),
            source,
        })
    }

    pub fn read(dir: &Path) -> Result<Self, StatusError> {
        let path = path(dir);
        let text = read_bounded(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => StatusError::Missing { path: path.clone() },
            _ => StatusError::Io {
                path: path.clone(),
                source,
            },
        })?;
        serde_json::from_slice(&text).map_err(|source| StatusError::Form { path, source })
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    io::Read::read_to_end(
        &mut io::Read::take(std::fs::File::open(path)?, BYTES),
        &mut text,
    )?;
    Ok(text)
}

#[cfg(test)]
mod tests;

//! How far each log was brought, kept over restarts.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::private;

const FILE: &str = "tail.json";
/// Bytes of the file: some lines for each log.
const BYTES: u64 = 256 * 1024;

/// Where a log goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Journal { cursor: String },
    File { path: String, spot: Spot },
}

/// A place in a file, which its number names over renames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    pub device: u64,
    pub inode: u64,
    pub offset: u64,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, Spot>,
}

#[derive(Debug)]
pub struct Places {
    path: PathBuf,
    kept: Kept,
}

impl Place {
    /// Whether both are of one log.
    pub fn is_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Journal { .. }, Self::Journal { .. }) => true,
            (Self::File { path, .. }, Self::File { path: other, .. }) => path == other,
            _ => false,
        }
    }
}

pub fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

impl Places {
    /// What cannot be read is begun anew: at the end of each log.
    pub fn read(dir: &Path) -> Self {
        let path = path(dir);
        let short = |path: &Path| fs::metadata(path).is_ok_and(|found| found.len() <= BYTES);
        let kept = match short(&path).then(|| fs::read(&path)) {
            Some(Ok(text)) => serde_json::from_slice(&text).unwrap_or_else(|error| {
                warn!(%error, path = %path.display(), "logs are followed from their end");
                Kept::default()
            }),
            _ => Kept::default(),
        };
        Self { path, kept }
    }

    pub fn cursor(&self) -> Option<String> {
        self.kept.cursor.clone()
    }

    pub fn spot(&self, path: &str) -> Option<Spot> {
        self.kept.files.get(path).copied()
    }

    pub fn take(&mut self, places: Vec<Place>) {
        for place in places {
            match place {
                Place::Journal { cursor } => self.kept.cursor = Some(cursor),
                Place::File { path, spot } => {
                    self.kept.files.insert(path, spot);
                }
            }
        }
    }

    /// Not synced: whoever loses it sends some lines twice or begins at the end.
    pub fn write(&self) -> io::Result<()> {
        let text = serde_json::to_vec(&self.kept)?;
        let fresh = self.path.with_extension("new");
        private::write(&fresh, &text)?;
        fs::rename(&fresh, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_each_log_was_brought_is_known_at_the_next_start() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut places = Places::read(dir.path());
        assert_eq!((places.cursor(), places.spot("/a")), (None, None));
        let spot = Spot {
            device: 1,
            inode: 2,
            offset: 3,
        };
        let (cursor, path) = ("s=1".to_owned(), "/a".to_owned());
        places.take(vec![Place::Journal { cursor }, Place::File { path, spot }]);
        places.write().expect("it is written");
        let again = Places::read(dir.path());
        assert_eq!(again.cursor().as_deref(), Some("s=1"));
        assert_eq!(again.spot("/a"), Some(spot));
        fs::write(path_of(&dir), b"{").expect("damage");
        assert_eq!(Places::read(dir.path()).cursor(), None);
    }

    fn path_of(dir: &tempfile::TempDir) -> PathBuf {
        path(dir.path())
    }
}

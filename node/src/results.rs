//! What came of commands: sealed under the device's data key, and kept until the coordinator has fetched it.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use protocol::command::{self, CommandId, CommandPart, Yield};
use protocol::limits;
use protocol::seal::DataKey;

use crate::keys::entropy;
use crate::pieces;

/// Results that are kept; the oldest goes first.
const KEPT: usize = 16;

#[derive(Debug)]
pub(crate) struct Results {
    folder: PathBuf,
    key: DataKey,
}

/// Where they lie.
pub(crate) fn folder(dir: &Path) -> PathBuf {
    dir.join("commands")
}

impl Results {
    pub fn new(dir: &Path, key: DataKey) -> Self {
        let folder = folder(dir);
        Self { folder, key }
    }

    /// Seals a result: the salt, then what only the holder of the device's data key reads.
    pub fn keep(&self, id: CommandId, plain: &[u8]) -> io::Result<Yield> {
        let mut salt = [0; 16];
        salt.copy_from_slice(&entropy().map_err(io::Error::other)?[..16]);
        let mut sealed = salt.to_vec();
        sealed.extend(self.key.seal(&salt, plain));
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        self.clear_out();
        let part = self.folder.join("part");
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&part)?;
        file.write_all(&sealed)?;
        file.sync_all()?;
        fs::rename(&part, self.folder.join(id.to_string()))?;
        Ok(Yield {
            digest: command::digest(&sealed),
            bytes: sealed.len() as u64,
        })
    }

    /// From a byte on; empty where there is nothing.
    pub fn part(&self, id: CommandId, from: u64) -> CommandPart {
        let path = self.folder.join(id.to_string());
        let piece = pieces::read(&path, from, limits::COMMAND_PART_BYTES);
        CommandPart {
            command: id,
            from,
            total: piece.total,
            bytes: piece.bytes.into(),
        }
    }

    fn clear_out(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let dated = entries.filter_map(|entry| {
            let path = entry.ok()?.path();
            path.file_name()?.to_str()?.parse::<CommandId>().ok()?;
            let changed = path.metadata().and_then(|found| found.modified());
            Some((changed.unwrap_or(SystemTime::UNIX_EPOCH), path))
        });
        let mut dated: Vec<(SystemTime, PathBuf)> = dated.collect();
        dated.sort();
        let over = (dated.len() + 1).saturating_sub(KEPT);
        for (_, path) in dated.drain(..over) {
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(%error, "an old result stays");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_sealed_and_handed_over_in_parts_that_fit_what_was_signed() {
        let dir = tempfile::tempdir().expect("a folder");
        let key = DataKey::from_bytes([9; 32]);
        let results = Results::new(dir.path(), key.clone());
        let plain = vec![b'l'; 100_000];
        let id = CommandId([3; 16]);
        let kept = results.keep(id, &plain).expect("it is kept");
        let mut sealed = Vec::new();
        while (sealed.len() as u64) < kept.bytes {
            let part = results.part(id, sealed.len() as u64);
            assert!(part.total == kept.bytes && !part.bytes.is_empty());
            sealed.extend_from_slice(&part.bytes);
        }
        assert_eq!(command::digest(&sealed), kept.digest);
        assert!(!sealed.windows(8).any(|window| window == b"llllllll"));
        let (salt, rest) = sealed.split_first_chunk().expect("a salt");
        assert_eq!(key.open(salt, rest), Ok(plain));
        assert_eq!(results.part(CommandId([4; 16]), 0).total, 0);
    }

    #[test]
    fn no_more_results_are_kept_than_there_is_room_for() {
        let dir = tempfile::tempdir().expect("a folder");
        let results = Results::new(dir.path(), DataKey::from_bytes([9; 32]));
        for number in 0..20 {
            results
                .keep(CommandId([number; 16]), b"x")
                .expect("it is kept");
        }
        let kept = fs::read_dir(dir.path().join("commands")).expect("it is there");
        assert_eq!(kept.count(), KEPT);
        assert!(results.part(CommandId([19; 16]), 0).total > 0);
    }
}

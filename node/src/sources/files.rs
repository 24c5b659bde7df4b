//! Files whose change matters: their digests, computed again only when the file was touched.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::time::{Duration, SystemTime};

use nix::fcntl::OFlag;
use protocol::id::Digest;
use protocol::statement::host::WatchedFile;
use protocol::text::Path;
use protocol::{cbor, limits};
use thiserror::Error;

use super::LIST_BYTES;

/// A longer file counts as unreadable.
const FILE_BYTES: u64 = 16 * 1024 * 1024;
const CHUNK: usize = 64 * 1024;
/// Two changes within one tick of the file system's clock look like one, so a fresh file is read again.
const SETTLED: Duration = Duration::from_secs(2);

/// Why these files cannot be watched together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WatchError {
    #[error("no more than {bound} files can be watched", bound = limits::FILES)]
    TooMany,
    #[error(
        "the paths do not fit into one reading: shorten them by {surplus} letters, or watch fewer files"
    )]
    TooLong { surplus: usize },
}

/// Whether one reading can carry all of these files.
pub fn fits(files: &[Path]) -> Result<(), WatchError> {
    if files.len() > limits::FILES {
        return Err(WatchError::TooMany);
    }
    let row = |path: &Path| WatchedFile {
        path: path.clone(),
        digest: Some(Digest::ZERO),
    };
    let bytes = cbor::encode(&files.iter().map(row).collect::<Vec<_>>()).len();
    match bytes.saturating_sub(LIST_BYTES) {
        0 => Ok(()),
        surplus => Err(WatchError::TooLong { surplus }),
    }
}

#[derive(Debug)]
pub(super) struct Files {
    watched: Vec<Watched>,
    sent: Option<Vec<WatchedFile>>,
}

#[derive(Debug)]
struct Watched {
    row: WatchedFile,
    /// As the file was when its digest was computed; `None` if it has to be computed again.
    seen: Option<Stamp>,
}

/// Whatever of a file changes when its content does. The time of the last status change cannot be set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Files {
    pub(super) fn new(paths: Vec<Path>) -> Self {
        let watched = |path| Watched {
            row: WatchedFile { path, digest: None },
            seen: None,
        };
        Self {
            watched: paths.into_iter().take(limits::FILES).map(watched).collect(),
            sent: None,
        }
    }

    pub(super) fn look(&mut self) {
        let now = SystemTime::now();
        self.watched
            .iter_mut()
            .for_each(|watched| watched.look(now));
    }

    pub(super) fn due(&self) -> Option<Vec<WatchedFile>> {
        let rows: Vec<_> = self
            .watched
            .iter()
            .map(|watched| watched.row.clone())
            .collect();
        (self.sent.as_ref() != Some(&rows)).then_some(rows)
    }

    pub(super) fn sent(&mut self, list: Option<&[WatchedFile]>) {
        if let Some(list) = list {
            self.sent = Some(list.to_vec());
        }
    }
}

impl Watched {
    fn look(&mut self, now: SystemTime) {
        let found = fs::metadata(self.row.path.as_str()).ok();
        let stamp = found.as_ref().filter(|meta| meta.is_file()).map(Stamp::of);
        if stamp.is_some() && stamp == self.seen {
            return;
        }
        // A device or a pipe is not even opened: that alone can have an effect.
        let hashed = stamp.and_then(|_| hashed(self.row.path.as_str()).ok());
        self.row.digest = hashed.map(|(digest, _)| digest);
        self.seen = hashed
            .map(|(_, stamp)| stamp)
            .filter(|after| stamp == Some(*after) && after.is_settled(now));
    }
}

impl Stamp {
    fn of(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }

    fn is_settled(&self, now: SystemTime) -> bool {
        let changed = u64::try_from(self.changed.0).unwrap_or(0);
        now.duration_since(SystemTime::UNIX_EPOCH + Duration::from_secs(changed))
            .is_ok_and(|age| age > SETTLED)
    }
}

/// The digest of the content, and the stamp of the file after it was read.
fn hashed(path: &str) -> io::Result<(Digest, Stamp)> {
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() || meta.len() > FILE_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let digest = digest(&mut file)?;
    Ok((digest, Stamp::of(&file.metadata()?)))
}

fn digest(file: &mut File) -> io::Result<Digest> {
    let mut hasher = blake3::Hasher::new();
    let mut chunk = vec![0; CHUNK];
    let mut bounded = file.take(FILE_BYTES + 1);
    loop {
        match bounded.read(&mut chunk)? {
            0 => break,
            length => hasher.update(&chunk[..length]),
        };
    }
    if hasher.count() > FILE_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Digest::from_bytes(*hasher.finalize().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_due_once() {
        let (dir, mut files) = watching("one");
        assert_eq!(looked(&mut files), Some(Some(digest_of("one"))));
        assert_eq!(looked(&mut files), None);
        fs::write(dir.path().join("watched"), "two").expect("it is ours");
        assert_eq!(looked(&mut files), Some(Some(digest_of("two"))));
    }

    #[test]
    fn a_change_that_hides_its_time_and_size_is_found() {
        let (dir, mut files) = watching("one");
        let path = dir.path().join("watched");
        let before = fs::metadata(&path)
            .expect("it is there")
            .modified()
            .expect("it has a time");
        assert!(looked(&mut files).is_some());
        fs::write(&path, "two").expect("it is ours");
        File::options()
            .write(true)
            .open(&path)
            .expect("it is ours")
            .set_modified(before)
            .expect("it is ours");
        assert_eq!(looked(&mut files), Some(Some(digest_of("two"))));
    }

    #[test]
    fn a_file_that_goes_or_is_none_has_no_digest() {
        let (dir, mut files) = watching("one");
        let path = dir.path().join("watched");
        assert!(looked(&mut files).is_some());
        fs::remove_file(&path).expect("it is ours");
        assert_eq!(looked(&mut files), Some(None));
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).expect("its name is free");
        assert_eq!(looked(&mut files), None);
    }

    #[test]
    fn a_settled_file_is_not_read_again() {
        let mut files = Files::new(vec![Path::new("/proc/self/exe").expect("it is a path")]);
        files.look();
        let seen = files.watched[0].seen;
        assert!(seen.is_none_or(|stamp| stamp.size <= FILE_BYTES));
        let far = SystemTime::now() + Duration::from_secs(3600);
        let (_dir, mut files) = watching("one");
        files.watched[0].look(far);
        assert!(files.watched[0].seen.is_some());
    }

    #[test]
    fn only_a_file_of_bounded_length_is_read() {
        let (dir, mut files) = watching("one");
        let path = dir.path().join("watched");
        File::options()
            .write(true)
            .open(&path)
            .expect("it is ours")
            .set_len(FILE_BYTES + 1)
            .expect("it is sparse");
        assert_eq!(looked(&mut files), Some(None));
    }

    #[test]
    fn files_that_do_not_fit_one_reading_are_refused() {
        let path = |length: usize| {
            Path::new(format!("/{}", "x".repeat(length))).expect("it is short enough")
        };
        assert_eq!(fits(&vec![path(10); limits::FILES]), Ok(()));
        assert_eq!(
            fits(&vec![path(10); limits::FILES + 1]),
            Err(WatchError::TooMany)
        );
        assert!(matches!(
            fits(&vec![path(150); 3]),
            Err(WatchError::TooLong { .. })
        ));
    }

    fn watching(content: &str) -> (tempfile::TempDir, Files) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("watched");
        fs::write(&path, content).expect("the directory is ours");
        let path = Path::new(path.to_str().expect("it is text")).expect("it is short");
        (dir, Files::new(vec![path]))
    }

    /// The digest that is due, if one is.
    fn looked(files: &mut Files) -> Option<Option<Digest>> {
        files.look();
        let due = files.due();
        files.sent(due.as_deref());
        due.map(|rows| rows[0].digest)
    }

    fn digest_of(content: &str) -> Digest {
        Digest::from_bytes(*blake3::hash(content.as_bytes()).as_bytes())
    }
}

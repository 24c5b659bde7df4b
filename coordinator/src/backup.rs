//! A backup: everything that a coordinator needs, in one encrypted file, made while it runs, and put back elsewhere.
//!
//! The rows of the store are those of one moment. Beside them go the keys, the settings and what the repository vouches for.

pub mod envelope;
mod proof;

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};

use protocol::id::Digest;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::offices::Paths;
use crate::secrets::{Secret, SecretError, private_dir};
use crate::store::dump::StateHash;
use crate::store::fault::{ChangeError, OpenStoreError, ReadError};
use crate::store::key::StoreKey;
use crate::store::sealed;
use crate::store::{Reader, Store};
use envelope::{EnvelopeError, Opening, Sealing};

pub use proof::{BackupNote, Deed, newest, note};

const FILE: u8 = 1;
const ROW: u8 = 2;
const END: u8 = 3;

/// Bytes of one name or key.
const NAME_BYTES: usize = 4 * 1024;
/// Bytes of one file or row.
const PART_BYTES: usize = 512 * 1024 * 1024;
/// Rows of one transaction while they are put back.
const ROWS_AT_ONCE: usize = 4_096;
/// Folders and files that another machine makes anew, or that are no part of a coordinator.
const LEFT_OUT: [&str; 3] = ["run", "intake", "offline"];

/// What was written, or put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupDocument {
    pub files: u64,
    pub rows: u64,
    /// What every row hashes to: the same where it was made and where it was put back.
    pub state: String,
}

#[derive(Debug, Error)]
pub enum BackupError {
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error("cannot {act} {path}: {source}", path = path.display())]
    Io {
        act: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{path} is there already: name a folder that does not exist", path = path.display())]
    Exists { path: PathBuf },
    #[error("the backup holds what no backup of this release holds: {0}")]
    Form(&'static str),
    #[error("the backup holds no key of the store")]
    NoKey,
    #[error("what was put back hashes to {found}, and the backup says {said}: take another copy")]
    State { found: Digest, said: Digest },
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Open(#[from] OpenStoreError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

fn failed(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io { act, path, source }
}

/// Writes a backup of the coordinator in a directory; an existing file is never replaced, and a broken one not left behind.
pub fn write(
    paths: &Paths,
    reader: &Reader,
    to: &Path,
    passphrase: &str,
) -> Result<BackupDocument, BackupError> {
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(failed("make", to))?;
    let written = written(paths, reader, &file, passphrase);
    let synced = written.and_then(|done| {
        file.sync_all().map_err(failed("write", to))?;
        Ok(done)
    });
    if synced.is_err() {
        // What cannot be removed either is refused when somebody tries to restore it.
        drop(fs::remove_file(to));
    }
    synced
}

fn written(
    paths: &Paths,
    reader: &Reader,
    file: &File,
    passphrase: &str,
) -> Result<BackupDocument, BackupError> {
    let mut sealing = Sealing::begin(BufWriter::new(file), passphrase)?;
    let files = files_of(paths)?;
    for path in &files {
        let bytes = fs::read(paths.dir().join(path)).map_err(failed("read", path))?;
        let name = path
            .to_str()
            .ok_or(BackupError::Form("a name that is no text"))?;
        part(&mut sealing, FILE, &[name.as_bytes(), &bytes])?;
    }
    let key = paths.store_key();
    let key = key.strip_prefix(paths.dir()).expect("it lies below");
    let is_elsewhere = !files.iter().any(|file| file == key);
    if is_elsewhere {
        let name = key.to_str().expect("a plain name");
        part(&mut sealing, FILE, &[name.as_bytes(), &*reader.key()])?;
    }
    let (mut hash, mut rows) = (StateHash::default(), 0);
    let dumped = reader.dump(|row| {
        hash.add(row.table, row.key, row.value);
        rows += 1;
        part(
            &mut sealing,
            ROW,
            &[row.table.as_bytes(), row.key, row.value],
        )
    })?;
    dumped?;
    let state = hash.finish();
    part(&mut sealing, END, &[state.as_bytes()])?;
    sealing.finish().map_err(EnvelopeError::Io)?;
    Ok(BackupDocument {
        files: files.len() as u64 + u64::from(is_elsewhere),
        rows,
        state: state.to_string(),
    })
}

fn part(to: &mut impl Write, kind: u8, parts: &[&[u8]]) -> Result<(), BackupError> {
    let mut write = || -> io::Result<()> {
        to.write_all(&[kind])?;
        for part in parts {
            to.write_all(&(part.len() as u64).to_be_bytes())?;
            to.write_all(part)?;
        }
        Ok(())
    };
    write().map_err(|error| EnvelopeError::Io(error).into())
}

/// The store, what it keeps room with, and what is left of one that was being made or sealed.
fn beside_store(paths: &Paths) -> [PathBuf; 4] {
    let store = paths.store();
    let (ballast, fresh) = (store.with_file_name("ballast"), store.with_extension("new"));
    let sealing = sealed::beside(&store);
    [store, ballast, fresh, sealing]
}

/// Every file below the directory but the store, sockets, links and what is left out, by its path from there.
fn files_of(paths: &Paths) -> Result<Vec<PathBuf>, BackupError> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        let whole = paths.dir().join(&folder);
        for entry in fs::read_dir(&whole).map_err(failed("list", &whole))? {
            let entry = entry.map_err(failed("list", &whole))?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type().map_err(failed("inspect", &path))?;
            let first = path.components().next();
            let left_out = LEFT_OUT
                .iter()
                .any(|name| first == Some(Component::Normal(name.as_ref())));
            let whole = paths.dir().join(&path);
            let is_store = beside_store(paths).contains(&whole);
            match () {
                () if left_out || is_store => {}
                () if kind.is_dir() => folders.push(path),
                () if kind.is_file() => found.push(path),
                () => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Puts a backup back into a folder that does not exist; nothing is left of one that does not hold to its end.
pub fn restore(from: &Path, into: &Path, passphrase: &str) -> Result<BackupDocument, BackupError> {
    if fs::symlink_metadata(into).is_ok() {
        let path = into.to_owned();
        return Err(BackupError::Exists { path });
    }
    let mut name = into.file_name().unwrap_or_default().to_owned();
    name.push(".restoring");
    let fresh = into.with_file_name(name);
    private_dir(&fresh)?;
    let restored = restored(from, &Paths::new(&fresh), passphrase);
    let moved = restored.and_then(|done| {
        fs::rename(&fresh, into).map_err(failed("rename", &fresh))?;
        Ok(done)
    });
    if moved.is_err() {
        // The next attempt says that it is there.
        drop(fs::remove_dir_all(&fresh));
    }
    moved
}

fn restored(from: &Path, paths: &Paths, passphrase: &str) -> Result<BackupDocument, BackupError> {
    let file = File::open(from).map_err(failed("read", from))?;
    let mut opening = Opening::begin(BufReader::new(file), passphrase)?;
    let (mut files, mut kind) = (0, next(&mut opening)?);
    while kind == FILE {
        let name = bytes(&mut opening, NAME_BYTES)?;
        let contents = bytes(&mut opening, PART_BYTES)?;
        put_file(paths, &name, &contents)?;
        files += 1;
        kind = next(&mut opening)?;
    }
    if !paths.store_key().exists() {
        return Err(BackupError::NoKey);
    }
    let key = Secret::load(&paths.store_key())?;
    let (store, _) = Store::open(&paths.store(), StoreKey::from_bytes(*key.bytes()))?;
    let (writer, mut rows) = (store.writer(), 0);
    while kind == ROW {
        let more = writer.write(|changes| -> Result<_, BackupError> {
            for _ in 0..ROWS_AT_ONCE {
                let table = bytes(&mut opening, NAME_BYTES)?;
                let table =
                    std::str::from_utf8(&table).map_err(|_| BackupError::Form("a table"))?;
                let key = bytes(&mut opening, NAME_BYTES)?;
                let value = bytes(&mut opening, PART_BYTES)?;
                changes.restore_row(table, &key, &value)?;
                rows += 1;
                let kind = next(&mut opening)?;
                if kind != ROW {
                    return Ok(kind);
                }
            }
            Ok(ROW)
        });
        kind = more?;
    }
    if kind != END {
        return Err(BackupError::Form("a part of another kind"));
    }
    let said = bytes(&mut opening, 32)?;
    let said = Digest::from_bytes(said.try_into().map_err(|_| BackupError::Form("its end"))?);
    if !opening.is_over()? {
        return Err(BackupError::Form("something behind its end"));
    }
    let found = store.reader().state_hash()?;
    if found != said {
        return Err(BackupError::State { found, said });
    }
    Ok(BackupDocument {
        files,
        rows,
        state: found.to_string(),
    })
}

fn next(opening: &mut Opening<impl io::Read>) -> Result<u8, BackupError> {
    let mut kind = [0];
    opening.exactly(&mut kind)?;
    Ok(kind[0])
}

fn bytes(opening: &mut Opening<impl io::Read>, bound: usize) -> Result<Vec<u8>, BackupError> {
    let mut length = [0; 8];
    opening.exactly(&mut length)?;
    let length = usize::try_from(u64::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > bound {
        return Err(BackupError::Form("a part that is too long"));
    }
    let mut bytes = vec![0; length];
    opening.exactly(&mut bytes)?;
    Ok(bytes)
}

/// Names lead down from the folder and nowhere else.
fn put_file(paths: &Paths, name: &[u8], contents: &[u8]) -> Result<(), BackupError> {
    let name =
        std::str::from_utf8(name).map_err(|_| BackupError::Form("a name that is no text"))?;
    let path = Path::new(name);
    let plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !plain || name.is_empty() {
        return Err(BackupError::Form("a name that leads elsewhere"));
    }
    let whole = paths.dir().join(path);
    if let Some(folder) = whole.parent().filter(|folder| *folder != paths.dir()) {
        private_dir(folder)?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&whole)
        .map_err(failed("make", &whole))?;
    file.write_all(contents).map_err(failed("write", &whole))?;
    file.sync_all().map_err(failed("write", &whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access;

    const PASSPHRASE: &str = "eight small wet stones";

    fn coordinator(dir: &Path) -> Store {
        let paths = Paths::new(dir);
        private_dir(&paths.keys()).expect("a folder");
        private_dir(&paths.run()).expect("a folder");
        Secret::from_bytes([7; 32])
            .create(&paths.store_key())
            .expect("a key");
        fs::write(dir.join("coordinator.toml"), "people = \"127.0.0.1:0\"").expect("a file");
        fs::write(paths.run().join("left-behind"), "x").expect("a file");
        let key = StoreKey::from_bytes([7; 32]);
        let (store, _) = Store::open(&paths.store(), key).expect("it opens");
        for number in 0..300 {
            access::note(&store.writer(), "look", &format!("thing {number}")).expect("it is noted");
        }
        store
    }

    #[test]
    fn a_backup_of_a_running_store_is_put_back_with_the_same_state() {
        let home = tempfile::tempdir().expect("a folder");
        let (one, two) = (home.path().join("one"), home.path().join("two"));
        let store = coordinator(&one);
        let file = home.path().join("backup");
        let made =
            write(&Paths::new(&one), &store.reader(), &file, PASSPHRASE).expect("it is made");
        access::note(&store.writer(), "look", "later").expect("the store goes on");
        let back = restore(&file, &two, PASSPHRASE).expect("it is put back");
        assert_eq!(made, back);
        assert_eq!(made.files, 2);
        assert!(!two.join("run").exists());
        let key = StoreKey::from_bytes([7; 32]);
        let (again, _) = Store::open(&Paths::new(&two).store(), key).expect("it opens");
        assert_eq!(again.reader().counts().expect("it is read").audit, 300);
        assert!(again.reader().audit_check().expect("it is read").is_whole());
        let taken = restore(&file, &two, PASSPHRASE);
        assert!(matches!(taken, Err(BackupError::Exists { .. })));
    }

    /// A key that the system hands over is in no folder of the coordinator, and a backup without it would be of no use.
    #[test]
    fn a_backup_holds_the_key_of_the_store_wherever_it_was() {
        let home = tempfile::tempdir().expect("a folder");
        let (one, two) = (home.path().join("one"), home.path().join("two"));
        let store = coordinator(&one);
        fs::remove_file(Paths::new(&one).store_key()).expect("it is elsewhere");
        let file = home.path().join("backup");
        let made =
            write(&Paths::new(&one), &store.reader(), &file, PASSPHRASE).expect("it is made");
        assert_eq!(made.files, 2);
        assert_eq!(
            restore(&file, &two, PASSPHRASE).expect("it is put back"),
            made
        );
        let key = Secret::load(&Paths::new(&two).store_key()).expect("it is a file again");
        assert_eq!(key.bytes(), &[7; 32]);
    }

    #[test]
    fn a_wrong_passphrase_a_cut_and_an_altered_file_leave_nothing_behind() {
        let home = tempfile::tempdir().expect("a folder");
        let store = coordinator(&home.path().join("one"));
        let file = home.path().join("backup");
        let paths = Paths::new(&home.path().join("one"));
        write(&paths, &store.reader(), &file, PASSPHRASE).expect("it is made");
        let again = write(&paths, &store.reader(), &file, PASSPHRASE);
        assert!(
            matches!(again, Err(BackupError::Io { .. })),
            "it replaces nothing"
        );
        let into = home.path().join("two");
        let refused = |bytes: &[u8], passphrase: &str| {
            let broken = home.path().join("broken");
            fs::write(&broken, bytes).expect("a file");
            let error = restore(&broken, &into, passphrase).expect_err("it does not hold");
            assert!(!into.exists() && !home.path().join("two.restoring").exists());
            error.to_string()
        };
        let bytes = fs::read(&file).expect("it is read");
        assert!(refused(&bytes, "nine large dry stones").contains("passphrase is wrong"));
        assert!(refused(&bytes[..bytes.len() - 20], PASSPHRASE).contains("end of the file"));
        let mut altered = bytes.clone();
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        refused(&altered, PASSPHRASE);
        assert!(refused(b"hello", PASSPHRASE).contains("no backup"));
    }
}

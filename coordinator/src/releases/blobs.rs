//! The bytes of targets: files named by their hash beside the store, written whole or not at all.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use protocol::merkle::{Frontier, Hash, leaf_hash};
use protocol::release::CHUNK_BYTES;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::secrets::{SecretError, private_dir, random};

/// Bytes of one image.
pub const IMAGE_BYTES: u64 = 512 * 1024 * 1024;
/// Bytes of one list of parts.
pub const SBOM_BYTES: u64 = 16 * 1024 * 1024;

/// What a file's name begins with until it has its hash.
const INCOMING: &str = "incoming-";

/// A file that is there under its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blob {
    pub sha256: [u8; 32],
    pub length: u64,
    /// The root of the Merkle tree over its chunks.
    pub chunk_root: Hash,
}

#[derive(Debug, Error)]
pub enum BlobError {
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    #[error("the file is empty")]
    Empty,
    #[error("the file that was signed for is not there: give it again")]
    Missing,
    #[error("the file cannot be kept: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// The folder of all target bytes.
#[derive(Debug, Clone)]
pub struct Blobs(PathBuf);

/// A file on its way in; dropped before it is kept, it leaves nothing.
#[derive(Debug)]
pub struct Incoming {
    folder: PathBuf,
    path: PathBuf,
    file: File,
    bound: u64,
    length: u64,
    sha256: Sha256,
    chunk: Vec<u8>,
    chunks: Frontier,
    kept: bool,
}

impl Blobs {
    pub fn open(folder: &Path) -> Result<Self, BlobError> {
        private_dir(folder)?;
        Ok(Self(folder.to_owned()))
    }

    pub fn path(&self, sha256: &[u8; 32]) -> PathBuf {
        self.0.join(HEXLOWER.encode(sha256))
    }

    /// Whether a file of this length is there; its hash was checked when it came.
    pub fn has(&self, sha256: &[u8; 32], length: u64) -> bool {
        let found = self.path(sha256).metadata();
        found.is_ok_and(|found| found.is_file() && found.len() == length)
    }

    /// Begins to take a file of at most `bound` bytes.
    pub fn incoming(&self, bound: u64) -> Result<Incoming, BlobError> {
        let name = format!("{INCOMING}{}", HEXLOWER.encode(&random::<8>()?));
        let path = self.0.join(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Incoming {
            folder: self.0.clone(),
            path,
            file,
            bound,
            length: 0,
            sha256: Sha256::new(),
            chunk: Vec::new(),
            chunks: Frontier::new(),
            kept: false,
        })
    }

    /// Takes a whole file, piece by piece.
    pub fn take(&self, mut from: impl Read, bound: u64) -> Result<Blob, BlobError> {
        let mut incoming = self.incoming(bound)?;
        let mut piece = vec![0; 64 * 1024];
        loop {
            match from.read(&mut piece)? {
                0 => return incoming.keep(),
                read => incoming.write(&piece[..read])?,
            }
        }
    }

    /// Removes one file, if it is there.
    pub fn remove(&self, sha256: &[u8; 32]) -> Result<(), BlobError> {
        match fs::remove_file(self.path(sha256)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Removes what nothing speaks of: what was never kept, and what no document and no draft names.
    pub fn sweep(&self, wanted: &BTreeSet<[u8; 32]>) -> Result<usize, BlobError> {
        let mut removed = 0;
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let name = entry.file_name();
            let hash = HEXLOWER.decode(name.as_encoded_bytes()).ok();
            let hash = hash.and_then(|hash| <[u8; 32]>::try_from(hash).ok());
            let is_ours =
                hash.is_some() || name.as_encoded_bytes().starts_with(INCOMING.as_bytes());
            if is_ours && hash.is_none_or(|hash| !wanted.contains(&hash)) {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

impl Incoming {
    pub fn write(&mut self, piece: &[u8]) -> Result<(), BlobError> {
        self.length += piece.len() as u64;
        if self.length > self.bound {
            return Err(BlobError::TooLarge(self.bound));
        }
        self.sha256.update(piece);
        let mut rest = piece;
        while !rest.is_empty() {
            let room = CHUNK_BYTES as usize - self.chunk.len();
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.chunk.extend_from_slice(now);
            rest = later;
            self.end_chunk(CHUNK_BYTES as usize);
        }
        Ok(self.file.write_all(piece)?)
    }

    /// On the disk under its hash, or not at all.
    pub fn keep(mut self) -> Result<Blob, BlobError> {
        if self.length == 0 {
            return Err(BlobError::Empty);
        }
        self.end_chunk(1);
        self.file.sync_all()?;
        let sha256: [u8; 32] = self.sha256.clone().finalize().into();
        fs::rename(&self.path, self.folder.join(HEXLOWER.encode(&sha256)))?;
        self.kept = true;
        File::open(&self.folder)?.sync_all()?;
        Ok(Blob {
            sha256,
            length: self.length,
            chunk_root: self.chunks.root(),
        })
    }

    fn end_chunk(&mut self, at_least: usize) {
        if self.chunk.len() >= at_least {
            self.chunks.push(leaf_hash(&self.chunk));
            self.chunk.clear();
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.kept {
            // What stays behind is swept at the next start.
            fs::remove_file(&self.path).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).expect("the folder is there").count()
    }

    #[test]
    fn a_file_is_there_whole_under_its_hash_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = dir.path().join("targets");
        let blobs = Blobs::open(&folder).expect("it is made");
        let content = vec![7; 3 * CHUNK_BYTES as usize + 5];
        let blob = blobs
            .take(content.as_slice(), IMAGE_BYTES)
            .expect("it fits");
        assert_eq!(
            fs::read(blobs.path(&blob.sha256)).expect("it is there"),
            content
        );
        assert!(blobs.has(&blob.sha256, blob.length));
        let mut chunks = Frontier::new();
        for chunk in content.chunks(CHUNK_BYTES as usize) {
            chunks.push(leaf_hash(chunk));
        }
        assert_eq!(blob.chunk_root, chunks.root());
        let large = blobs.take(content.as_slice(), 1000);
        assert!(matches!(large, Err(BlobError::TooLarge(1000))));
        assert!(matches!(blobs.take(&[][..], 1000), Err(BlobError::Empty)));
        assert_eq!(names(&folder), 1);
    }

    #[test]
    fn what_nothing_speaks_of_is_swept() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = dir.path().join("targets");
        let blobs = Blobs::open(&folder).expect("it is made");
        let kept = blobs.take(&b"kept"[..], 100).expect("it fits");
        blobs.take(&b"orphan"[..], 100).expect("it fits");
        fs::write(folder.join("incoming-00"), b"half").expect("there is room");
        fs::write(folder.join("README"), b"not ours").expect("there is room");
        let wanted = BTreeSet::from([kept.sha256]);
        assert_eq!(blobs.sweep(&wanted).expect("swept"), 2);
        assert!(blobs.has(&kept.sha256, 4));
        assert_eq!(names(&folder), 2);
    }
}

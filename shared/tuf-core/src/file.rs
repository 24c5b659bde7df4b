//! What one document promises of a file: its version, its length, its hashes.

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256, Sha512};
use thiserror::Error;

use crate::canonical::Json;
use crate::fields::{FieldError, Fields};

/// Hashes of a file; algorithms other than these two are not looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hashes {
    pub sha256: Option<[u8; 32]>,
    pub sha512: Option<[u8; 64]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FileError {
    #[error("the file has not the promised length of {promised} bytes")]
    Length { promised: u64 },
    #[error("the file has not the promised {0}")]
    Hash(&'static str),
    #[error("no hash is listed that can be checked")]
    NoHash,
}

/// What a timestamp says of the snapshot, and a snapshot of a targets role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Promise {
    pub(crate) version: u64,
    pub(crate) length: Option<u64>,
    pub(crate) hashes: Option<Hashes>,
}

impl Promise {
    pub(crate) fn read(json: &Json) -> Result<Self, FieldError> {
        let fields = Fields::of(json, "meta")?;
        let hashes = fields.0.get("hashes").map(Hashes::read).transpose()?;
        Ok(Self {
            version: fields.positive("version")?,
            length: read_length(fields)?,
            hashes,
        })
    }

    pub(crate) fn check(&self, bytes: &[u8]) -> Result<(), FileError> {
        if let Some(promised) = self.length
            && bytes.len() as u64 != promised
        {
            return Err(FileError::Length { promised });
        }
        let Some(hashes) = self.hashes else {
            return Ok(());
        };
        let mut check = Check::new(hashes, bytes.len() as u64)?;
        check.take(bytes)?;
        check.finish()
    }

    /// The most bytes that are asked for.
    pub(crate) fn max_bytes(&self, bound: usize) -> usize {
        self.length.map_or(bound, |length| {
            bound.min(usize::try_from(length).unwrap_or(bound))
        })
    }
}

/// A length that may be left out.
fn read_length(fields: Fields<'_>) -> Result<Option<u64>, FieldError> {
    match fields.0.get("length") {
        None => Ok(None),
        Some(_) => fields.natural("length").map(Some),
    }
}

impl Hashes {
    pub(crate) fn read(json: &Json) -> Result<Self, FieldError> {
        let fields = Fields::of(json, "hashes")?;
        if fields.0.is_empty() {
            return Err(FieldError("hashes"));
        }
        Ok(Self {
            sha256: read_hash(fields, "sha256")?,
            sha512: read_hash(fields, "sha512")?,
        })
    }

    /// SHA-256 as people compare it.
    pub fn sha256_of(bytes: &[u8]) -> String {
        HEXLOWER.encode(&Sha256::digest(bytes))
    }

    /// The hash that stands before a file's name where repositories keep every version of it.
    pub fn prefix(&self) -> Option<String> {
        let sha256 = self.sha256.map(|hash| HEXLOWER.encode(&hash));
        sha256.or_else(|| self.sha512.map(|hash| HEXLOWER.encode(&hash)))
    }
}

fn read_hash<const N: usize>(
    fields: Fields<'_>,
    name: &'static str,
) -> Result<Option<[u8; N]>, FieldError> {
    if !fields.0.contains_key(name) {
        return Ok(None);
    }
    let bytes = HEXLOWER.decode(fields.text(name)?.as_bytes());
    let hash = bytes.ok().and_then(|bytes| bytes.try_into().ok());
    hash.map(Some).ok_or(FieldError(name))
}

/// Checks a file piece by piece, and stops at the first byte too many.
#[derive(Clone)]
pub struct Check {
    hashes: Hashes,
    promised: u64,
    taken: u64,
    sha256: Sha256,
    sha512: Sha512,
}

impl Check {
    pub fn new(hashes: Hashes, length: u64) -> Result<Self, FileError> {
        if hashes == Hashes::default() {
            return Err(FileError::NoHash);
        }
        Ok(Self {
            hashes,
            promised: length,
            taken: 0,
            sha256: Sha256::new(),
            sha512: Sha512::new(),
        })
    }

    pub fn take(&mut self, piece: &[u8]) -> Result<(), FileError> {
        self.taken += piece.len() as u64;
        if self.taken > self.promised {
            return Err(self.length_error());
        }
        if self.hashes.sha256.is_some() {
            self.sha256.update(piece);
        }
        if self.hashes.sha512.is_some() {
            self.sha512.update(piece);
        }
        Ok(())
    }

    pub fn finish(self) -> Result<(), FileError> {
        if self.taken != self.promised {
            return Err(self.length_error());
        }
        let sha256: [u8; 32] = self.sha256.finalize().into();
        if self.hashes.sha256.is_some_and(|hash| hash != sha256) {
            return Err(FileError::Hash("sha256"));
        }
        let sha512: [u8; 64] = self.sha512.finalize().into();
        if self.hashes.sha512.is_some_and(|hash| hash != sha512) {
            return Err(FileError::Hash("sha512"));
        }
        Ok(())
    }

    const fn length_error(&self) -> FileError {
        FileError::Length {
            promised: self.promised,
        }
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Check({} of {} bytes)", self.taken, self.promised)
    }
}

//! The only clear bytes of a sealed store: what it is, the salt of its key, and whether a key is the right one.

use std::io;

use redb::StorageBackend;

use super::super::key::StoreKey;
use super::{UnsealError, head};

const MAGIC: &[u8; 8] = b"plsdstr1";
/// How a store in the clear begins.
const ENGINE: &[u8] = b"redb";
const SALT: usize = 32;
const PROOF: usize = 32;
const LENGTH: usize = MAGIC.len() + SALT + PROOF;

/// What storage holds, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Empty,
    Sealed,
    /// The engine's own pages, or nothing that anybody knows.
    Plain,
}

impl Form {
    pub fn of(disk: &impl StorageBackend) -> io::Result<Self> {
        let length = disk.len()?;
        let mut bytes = [0; LENGTH];
        if length >= LENGTH as u64 {
            disk.read(0, &mut bytes)?;
        }
        // Its making was cut off before a single byte was certain.
        let unmade = length <= head::BEGIN && bytes == [0; LENGTH];
        Ok(match bytes.starts_with(MAGIC) {
            true => Self::Sealed,
            false if length == 0 || unmade => Self::Empty,
            false => Self::Plain,
        })
    }

    /// What is wrong with a file that has its name, and so was whole once; nothing where it may be opened. The engine
    /// would begin anew in a file that was emptied, and say nothing.
    pub fn torn(disk: &impl StorageBackend) -> io::Result<Option<String>> {
        let length = disk.len()?;
        let mut first = [0; MAGIC.len()];
        if length >= LENGTH as u64 {
            disk.read(0, &mut first)?;
        }
        Ok(match () {
            () if length < head::END && first == *MAGIC || length < LENGTH as u64 => {
                Some(format!("the file was cut: it holds {length} bytes"))
            }
            () if first == *MAGIC || first.starts_with(ENGINE) => None,
            () => Some("its first bytes are those of no store".to_owned()),
        })
    }
}

/// Writes it with a fresh salt, durably, before anything is sealed under it.
pub fn write(disk: &impl StorageBackend, key: &StoreKey) -> io::Result<[u8; SALT]> {
    let mut salt = [0; SALT];
    getrandom::fill(&mut salt).map_err(io::Error::other)?;
    let bytes = [MAGIC.as_slice(), &salt, &proof(key, &salt)].concat();
    disk.set_len(head::BEGIN)?;
    disk.write(0, &bytes)?;
    disk.sync_data()?;
    Ok(salt)
}

pub fn read(disk: &impl StorageBackend, key: &StoreKey) -> Result<[u8; SALT], UnsealError> {
    let mut bytes = [0; LENGTH];
    disk.read(0, &mut bytes)?;
    let (salt, said) = bytes[MAGIC.len()..].split_at(SALT);
    let salt = <[u8; SALT]>::try_from(salt).expect("it was cut to that length");
    match said == proof(key, &salt) {
        true => Ok(salt),
        false => Err(UnsealError::WrongKey),
    }
}

fn proof(key: &StoreKey, salt: &[u8; SALT]) -> [u8; PROOF] {
    key.derived("palisade 2026 proof of the store's key", salt)
}

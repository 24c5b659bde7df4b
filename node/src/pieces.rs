//! What lies here until the coordinator has fetched it, piece by piece.

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// A part of a file.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    /// Bytes of the whole.
    pub total: u64,
    pub bytes: Vec<u8>,
}

/// From a byte on; empty where there is nothing.
pub(crate) fn read(path: &Path, from: u64, at_most: usize) -> Piece {
    let read = || -> io::Result<Piece> {
        let mut file = fs::File::open(path)?;
        let total = file.metadata()?.len();
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(at_most as u64).read_to_end(&mut bytes)?;
        Ok(Piece { total, bytes })
    };
    read().unwrap_or_default()
}

//! The file of a release with the hashes that devices of this kind ask for.

use std::fs::File;
use std::io::{self, Read as _};

use md5::Md5;
use protocol::text::{Path, TextError};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::releases::blobs::Blobs;
use crate::releases::firmware::Published;
use crate::store::ddi::Artifact;

#[derive(Debug, Error)]
pub enum HashError {
    #[error("the image cannot be read")]
    Read(#[from] io::Error),
    #[error("the image is not what was signed: restore it from a backup, or release it again")]
    Changed,
    #[error("the path of the image does not fit: {0}")]
    Path(#[from] TextError),
}

/// Reads the whole file, and holds it against the hash that was signed. The older hashes are not trusted for anything:
/// they tell a device that a transfer went wrong.
pub fn of(published: &Published, blobs: &Blobs) -> Result<Artifact, HashError> {
    let mut file = File::open(blobs.path(&published.sha256))?;
    let (mut sha256, mut sha1, mut md5) = (Sha256::new(), Sha1::new(), Md5::new());
    let (mut length, mut piece) = (0, vec![0; 64 * 1024]);
    let mut ending = "img";
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        if length == 0 {
            ending = ending_of(&piece[..read]);
        }
        length += read as u64;
        sha256.update(&piece[..read]);
        sha1.update(&piece[..read]);
        md5.update(&piece[..read]);
    }
    if published.sha256[..] != sha256.finalize()[..] {
        return Err(HashError::Changed);
    }
    let release = &published.release;
    Ok(Artifact {
        path: Path::new(published.path.clone())?,
        file: Path::new(format!("{}-{}.{ending}", release.product, release.version))?,
        length,
        sha256: published.sha256,
        sha1: sha1.finalize().into(),
        md5: md5.finalize().into(),
    })
}

/// Updaters look at the name first: SWUpdate takes only what ends in `swu`, a cpio archive.
fn ending_of(beginning: &[u8]) -> &'static str {
    match beginning {
        [b'0', b'7', b'0', b'7', b'0', b'1' | b'2', ..] => "swu",
        [b'h', b's', b'q', b's', ..] => "raucb",
        _ => "img",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updaters_know_their_files_by_the_ending() {
        assert_eq!(ending_of(b"0707020000"), "swu");
        assert_eq!(ending_of(b"0707010000"), "swu");
        assert_eq!(ending_of(b"hsqs0000"), "raucb");
        for other in [&b""[..], b"07070", b"070703", b"the image"] {
            assert_eq!(ending_of(other), "img");
        }
    }
}

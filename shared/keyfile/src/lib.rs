//! Key files: a magic word, a salt, then 32 secret bytes sealed under argon2id of a passphrase and the salt.
#![forbid(unsafe_code)]

use argon2::{Algorithm, Argon2, Params, Version};
use protocol::seal::DataKey;
use thiserror::Error;
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"plsdkey1";
/// Memory in KiB, passes and lanes of argon2id.
const COST: (u32, u32, u32) = (64 * 1024, 3, 1);

#[derive(Debug, Error)]
pub enum KeyFileError {
    #[error("the passphrase cannot be used: {0}")]
    Passphrase(argon2::Error),
    #[error("the passphrase is wrong, or the key file was changed")]
    WrongPassphrase,
    #[error("this is no Palisade key file")]
    NotAKeyFile,
}

/// Whether these bytes are a key file, whatever the passphrase.
pub fn is_key_file(file: &[u8]) -> bool {
    file.starts_with(MAGIC)
}

/// The file that keeps `seed`; the salt must be fresh.
pub fn seal(seed: &[u8; 32], salt: &[u8; 16], passphrase: &str) -> Result<Vec<u8>, KeyFileError> {
    let sealed = stretch(passphrase, salt)?.seal(salt, seed);
    Ok([MAGIC.as_slice(), salt, &sealed].concat())
}

pub fn open(file: &[u8], passphrase: &str) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let rest = file
        .strip_prefix(MAGIC.as_slice())
        .ok_or(KeyFileError::NotAKeyFile)?;
    let (salt, sealed) = rest
        .split_first_chunk::<16>()
        .ok_or(KeyFileError::NotAKeyFile)?;
    let opened = stretch(passphrase, salt)?.open(salt, sealed);
    let opened = Zeroizing::new(opened.map_err(|_| KeyFileError::WrongPassphrase)?);
    let seed = <[u8; 32]>::try_from(opened.as_slice()).map_err(|_| KeyFileError::NotAKeyFile)?;
    Ok(Zeroizing::new(seed))
}

fn stretch(passphrase: &str, salt: &[u8; 16]) -> Result<DataKey, KeyFileError> {
    let params = Params::new(COST.0, COST.1, COST.2, Some(32)).map_err(KeyFileError::Passphrase)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .map_err(KeyFileError::Passphrase)?;
    Ok(DataKey::from_bytes(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_opens_with_its_passphrase_only() {
        let file = seal(&[5; 32], &[1; 16], "correct horse").expect("sealed");
        assert!(is_key_file(&file));
        assert_eq!(*open(&file, "correct horse").expect("opened"), [5; 32]);
        let wrong = open(&file, "wrong horse");
        assert!(matches!(wrong, Err(KeyFileError::WrongPassphrase)));
        let mut changed = file.clone();
        changed[8] ^= 1;
        let changed = open(&changed, "correct horse");
        assert!(matches!(changed, Err(KeyFileError::WrongPassphrase)));
        let short = open(b"plsdkey1", "x");
        assert!(matches!(short, Err(KeyFileError::NotAKeyFile)));
    }
}

//! What leaves the machine after `init`: recovery words, and key files under a passphrase.

use std::path::PathBuf;

use argon2::{Algorithm, Argon2, Params, Version};
use hkdf::Hkdf;
use protocol::seal::DataKey;
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::offices::Paths;
use crate::secrets::{Secret, SecretError, private_dir, random, write_private};

const MAGIC: &[u8; 8] = b"plsdkey1";
/// Memory in KiB, passes and lanes of argon2id for a key file.
const COST: (u32, u32, u32) = (64 * 1024, 3, 1);

#[derive(Debug, Error)]
pub enum OfflineError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("the passphrase cannot be used: {0}")]
    Passphrase(argon2::Error),
    #[error("the passphrase is wrong, or the key file was changed")]
    WrongPassphrase,
    #[error("this is no Palisade key file")]
    NotAKeyFile,
}

/// The administrator's key follows from the first root key, so that the same words bring both back.
pub fn administrator(root: &Secret) -> Secret {
    let mut seed = [0; 32];
    Hkdf::<Sha256>::new(None, root.bytes())
        .expand(b"palisade/administrator/v1", &mut seed)
        .expect("32 bytes are within what HKDF-SHA256 gives");
    Secret::from_bytes(seed)
}

/// The words from which a root key can be made again.
pub fn words(seed: &Secret) -> Result<Zeroizing<String>, OfflineError> {
    Ok(protocol::words::spell(seed.bytes()))
}

/// Writes the encrypted key files, if there is a passphrase to encrypt them with.
pub fn write_files(
    paths: &Paths,
    roots: &[Secret],
    administrator: &Secret,
    passphrase: Option<&str>,
) -> Result<Vec<PathBuf>, OfflineError> {
    let Some(passphrase) = passphrase else {
        return Ok(Vec::new());
    };
    private_dir(&paths.offline())?;
    let named = roots
        .iter()
        .enumerate()
        .map(|(index, seed)| (format!("root-{}.key", index + 1), seed));
    let all = named.chain([("administrator.key".to_owned(), administrator)]);
    let mut written = Vec::new();
    for (name, seed) in all {
        let path = paths.offline().join(name);
        write_private(&path, &encrypt(seed, passphrase)?)?;
        written.push(path);
    }
    Ok(written)
}

/// Writes key files in the place of former ones, which are of no use any more.
pub fn replace_files(
    paths: &Paths,
    roots: &[Secret],
    administrator: &Secret,
    passphrase: Option<&str>,
) -> Result<Vec<PathBuf>, OfflineError> {
    let offline = paths.offline();
    if passphrase.is_some() && offline.exists() {
        std::fs::remove_dir_all(&offline).map_err(|source| SecretError::Io {
            act: "remove",
            path: offline,
            source,
        })?;
    }
    write_files(paths, roots, administrator, passphrase)
}

/// Magic, salt, then the seed sealed under argon2id of passphrase and salt.
pub fn encrypt(seed: &Secret, passphrase: &str) -> Result<Vec<u8>, OfflineError> {
    let salt: [u8; 16] = random()?;
    let sealed = stretch(passphrase, &salt)?.seal(&salt, seed.bytes());
    Ok([MAGIC.as_slice(), &salt, &sealed].concat())
}

/// Whether these bytes are one of our key files, whatever the passphrase.
pub fn is_key_file(file: &[u8]) -> bool {
    file.starts_with(MAGIC)
}

pub fn decrypt(file: &[u8], passphrase: &str) -> Result<Secret, OfflineError> {
    let rest = file
        .strip_prefix(MAGIC.as_slice())
        .ok_or(OfflineError::NotAKeyFile)?;
    let (salt, sealed) = rest
        .split_first_chunk::<16>()
        .ok_or(OfflineError::NotAKeyFile)?;
    let opened = stretch(passphrase, salt)?
        .open(salt, sealed)
        .map_err(|_| OfflineError::WrongPassphrase)?;
    let seed = <[u8; 32]>::try_from(opened).map_err(|_| OfflineError::NotAKeyFile)?;
    Ok(Secret::from_bytes(seed))
}

fn stretch(passphrase: &str, salt: &[u8; 16]) -> Result<DataKey, OfflineError> {
    let params = Params::new(COST.0, COST.1, COST.2, Some(32)).map_err(OfflineError::Passphrase)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .map_err(OfflineError::Passphrase)?;
    Ok(DataKey::from_bytes(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_opens_with_its_passphrase_only() {
        let seed = Secret::from_bytes([5; 32]);
        let file = encrypt(&seed, "correct horse").expect("encrypted");
        assert_eq!(
            decrypt(&file, "correct horse").expect("opened").bytes(),
            seed.bytes()
        );
        assert!(matches!(
            decrypt(&file, "wrong horse"),
            Err(OfflineError::WrongPassphrase)
        ));
        assert!(matches!(
            decrypt(b"plsdkey1", "x"),
            Err(OfflineError::NotAKeyFile)
        ));
    }
}

//! What leaves the machine after `init`: recovery words, and key files under a passphrase.

use std::path::PathBuf;

use hkdf::Hkdf;
use keyfile::KeyFileError;
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::offices::Paths;
use crate::secrets::{Secret, SecretError, private_dir, random, write_private};

#[derive(Debug, Error)]
pub enum OfflineError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
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

/// The seed as a key file under the passphrase.
pub fn encrypt(seed: &Secret, passphrase: &str) -> Result<Vec<u8>, OfflineError> {
    Ok(keyfile::seal(seed.bytes(), &random()?, passphrase)?)
}

pub fn decrypt(file: &[u8], passphrase: &str) -> Result<Secret, OfflineError> {
    Ok(Secret::from_bytes(*keyfile::open(file, passphrase)?))
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
            Err(OfflineError::KeyFile(KeyFileError::WrongPassphrase))
        ));
        assert!(matches!(
            decrypt(b"plsdkey1", "x"),
            Err(OfflineError::KeyFile(KeyFileError::NotAKeyFile))
        ));
    }
}

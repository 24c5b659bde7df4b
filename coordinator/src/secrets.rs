//! Secret files: 32 bytes each, readable by their owner alone, never followed through a link.

use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

/// Rights that nobody may have to a secret file: everybody's but the owner's.
const OWNER_ONLY: u32 = 0o077;
/// The same, where the group may read.
const OWNER_AND_LIST: u32 = 0o037;

/// Thirty-two secret bytes, wiped when dropped and never shown.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; 32]>);

#[derive(Debug, Error)]
pub enum SecretError {
    #[error("cannot {act} {path}", path = path.display())]
    Io {
        act: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{path} may be read by others: run chmod {mode} {path}", path = path.display())]
    TooOpen { path: PathBuf, mode: &'static str },
    #[error("{path} does not hold 32 bytes: restore it from a backup", path = path.display())]
    WrongLength { path: PathBuf },
    #[error("the system gave no random bytes: {0}")]
    Entropy(getrandom::Error),
}

impl Secret {
    pub fn random() -> Result<Self, SecretError> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Writes a new file; an existing one is never replaced.
    pub fn create(&self, path: &Path) -> Result<(), SecretError> {
        write_private(path, self.bytes())
    }

    pub fn load(path: &Path) -> Result<Self, SecretError> {
        Self::read(path, OWNER_ONLY)
    }

    /// A secret that systemd hands over (`LoadCredential=` or `LoadCredentialEncrypted=` of this name), else the file.
    pub fn handed_over_or(name: &str, path: &Path) -> Result<Self, SecretError> {
        let folder = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        Self::from_folder_or(folder.as_deref(), name, path)
    }

    fn from_folder_or(folder: Option<&Path>, name: &str, path: &Path) -> Result<Self, SecretError> {
        let handed_over = folder.map(|folder| folder.join(name));
        match handed_over.filter(|path| path.exists()) {
            // The service's right to read it may be an entry of an access list, whose mask shows as the group's.
            Some(credential) => Self::read(&credential, OWNER_AND_LIST),
            None => Self::load(path),
        }
    }

    fn read(path: &Path, forbidden: u32) -> Result<Self, SecretError> {
        let io = |act| {
            move |source| SecretError::Io {
                act,
                path: path.to_owned(),
                source,
            }
        };
        let mut file = OpenOptions::new()
            .read(true)
            .custom_flags(nix::libc::O_NOFOLLOW)
            .open(path)
            .map_err(io("open"))?;
        let mode = file.metadata().map_err(io("inspect"))?.permissions().mode();
        if mode & forbidden != 0 {
            return Err(SecretError::TooOpen {
                path: path.to_owned(),
                mode: "600",
            });
        }
        let mut bytes = Zeroizing::new(Vec::new());
        (&mut file)
            .take(33)
            .read_to_end(&mut bytes)
            .map_err(io("read"))?;
        let array = <[u8; 32]>::try_from(bytes.as_slice());
        array
            .map(Self::from_bytes)
            .map_err(|_| SecretError::WrongLength {
                path: path.to_owned(),
            })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// Bytes from the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(SecretError::Entropy)?;
    Ok(bytes)
}

/// Writes a file that only its owner can read.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), SecretError> {
    let io = |act| {
        move |source| SecretError::Io {
            act,
            path: path.to_owned(),
            source,
        }
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(io("create"))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(io("write"))
}

/// Makes a directory for its owner alone, or checks that one is.
pub fn private_dir(path: &Path) -> Result<(), SecretError> {
    let io = |act| {
        move |source| SecretError::Io {
            act,
            path: path.to_owned(),
            source,
        }
    };
    if !path.exists() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(io("create"))?;
    }
    let mode = fs::metadata(path)
        .map_err(io("inspect"))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(SecretError::TooOpen {
            path: path.to_owned(),
            mode: "700",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("key");
        Secret::from_bytes([7; 32]).create(&path).expect("written");
        assert_eq!(Secret::load(&path).expect("read back").bytes(), &[7; 32]);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("changed");
        assert!(matches!(
            Secret::load(&path),
            Err(SecretError::TooOpen { .. })
        ));
    }

    #[test]
    fn a_secret_behind_a_link_is_refused_and_none_is_replaced() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (path, link) = (dir.path().join("key"), dir.path().join("link"));
        Secret::from_bytes([7; 32]).create(&path).expect("written");
        std::os::unix::fs::symlink(&path, &link).expect("linked");
        assert!(matches!(Secret::load(&link), Err(SecretError::Io { .. })));
        assert!(Secret::from_bytes([8; 32]).create(&path).is_err());
    }

    #[test]
    fn a_secret_that_the_system_hands_over_is_taken_before_the_file() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (path, folder) = (dir.path().join("key"), dir.path().join("credentials"));
        Secret::from_bytes([7; 32]).create(&path).expect("written");
        private_dir(&folder).expect("made");
        let found = || Secret::from_folder_or(Some(&folder), "store-key", &path);
        assert_eq!(found().expect("the file").bytes(), &[7; 32]);
        let handed_over = folder.join("store-key");
        Secret::from_bytes([8; 32])
            .create(&handed_over)
            .expect("written");
        fs::set_permissions(&handed_over, fs::Permissions::from_mode(0o440)).expect("changed");
        assert_eq!(found().expect("what was handed over").bytes(), &[8; 32]);
        fs::set_permissions(&handed_over, fs::Permissions::from_mode(0o444)).expect("changed");
        assert!(matches!(found(), Err(SecretError::TooOpen { .. })));
    }
}

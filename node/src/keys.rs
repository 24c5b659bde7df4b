//! The secrets of a device: three files that only their owner may read.

use std::fmt;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::geteuid;
use protocol::dice::Dice;
use protocol::key::SecretKey;
use protocol::seal::{DataKey, UnsealingKey};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::private;

const IDENTITY: &str = "identity.key";
const DATA: &str = "data.key";
const SEALING: &str = "sealing.key";
const OTHERS: u32 = 0o077;

type Secret = Zeroizing<[u8; 32]>;

/// What makes a device itself, wiped when dropped.
pub struct Keys {
    identity: Secret,
    data: Secret,
    sealing: Secret,
}

#[derive(Debug, Error)]
pub enum KeysError {
    #[error(
        "{path} is already there: this device has joined a mesh; `palisade-node leave` ends that"
    )]
    AlreadyThere { path: PathBuf },
    #[error("{path} is missing: join a mesh with `palisade-node join`")]
    Missing { path: PathBuf },
    #[error("others can reach {path}: run `chmod {mode:o} {path}`")]
    TooOpen { path: PathBuf, mode: u32 },
    #[error(
        "{path} belongs to another user: run `chown {user} {path}`, or run palisade-node as its owner"
    )]
    NotOurs { path: PathBuf, user: u32 },
    #[error("{path} is not a key: restore it, or remove the directory and join again")]
    NotAKey { path: PathBuf },
    #[error("cannot read or write {path}")]
    Io { path: PathBuf, source: io::Error },
}

/// The operating system gave no random bytes.
#[derive(Debug, Error)]
#[error("the operating system gives no random bytes: {0}")]
pub struct EntropyError(getrandom::Error);

/// A seed from the operating system.
pub fn entropy() -> Result<[u8; 32], EntropyError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(EntropyError)?;
    Ok(seed)
}

/// Where the secrets of a device lie, and what a start that was cut off may have left of them.
pub(crate) fn files(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let names = [IDENTITY, SEALING, DATA];
    let files = names.map(|name| [dir.join(name), fresh(dir, name)]);
    files.into_iter().flatten()
}

impl Keys {
    /// Makes new secrets and writes them; the identity comes last, so that half a set is never taken for one.
    pub fn create(dir: &Path, dice: &mut Dice) -> Result<Self, KeysError> {
        make_dir(dir)?;
        check_dir(dir)?;
        let identity = dir.join(IDENTITY);
        if identity.symlink_metadata().is_ok() {
            return Err(KeysError::AlreadyThere { path: identity });
        }
        let mut draw = || Zeroizing::new(dice.bytes());
        let keys = Self {
            identity: draw(),
            data: draw(),
            sealing: draw(),
        };
        for (name, secret) in [
            (DATA, &keys.data),
            (SEALING, &keys.sealing),
            (IDENTITY, &keys.identity),
        ] {
            write(dir, name, secret)?;
        }
        Ok(keys)
    }

    /// Reads the secrets, unless somebody else can as well.
    pub fn load(dir: &Path) -> Result<Self, KeysError> {
        let identity = dir.join(IDENTITY);
        if !identity.exists() {
            return Err(KeysError::Missing { path: identity });
        }
        check_dir(dir)?;
        Ok(Self {
            identity: read(dir, IDENTITY)?,
            data: read(dir, DATA)?,
            sealing: read(dir, SEALING)?,
        })
    }

    /// Removes the secrets: the device can no longer speak as it did.
    pub fn destroy(dir: &Path) -> Result<(), KeysError> {
        for name in [IDENTITY, SEALING, DATA] {
            let path = dir.join(name);
            match std::fs::remove_file(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(KeysError::Io { path, source });
                }
                Ok(()) | Err(_) => {}
            }
        }
        sync_dir(dir)
    }

    /// Signs what this device says.
    pub fn signer(&self) -> SecretKey {
        SecretKey::from_seed(&self.identity)
    }

    /// The seed of the signing key: the device is known by the same key on every link.
    pub fn identity_seed(&self) -> Zeroizing<[u8; 32]> {
        self.identity.clone()
    }

    pub fn data_key(&self) -> DataKey {
        DataKey::from_bytes(*self.data)
    }

    /// Opens what others seal to this device.
    pub fn unsealing(&self) -> UnsealingKey {
        UnsealingKey::from_seed(&self.sealing)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys(of {:?})", self.signer())
    }
}

fn make_dir(dir: &Path) -> Result<(), KeysError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|source| KeysError::Io {
        path: dir.to_owned(),
        source,
    })
}

fn check_dir(dir: &Path) -> Result<(), KeysError> {
    let meta = dir.metadata().map_err(|source| KeysError::Io {
        path: dir.to_owned(),
        source,
    })?;
    check_owner(dir, &meta, 0o700)
}

fn check_owner(path: &Path, meta: &Metadata, mode: u32) -> Result<(), KeysError> {
    let user = geteuid().as_raw();
    if meta.mode() & OTHERS != 0 {
        Err(KeysError::TooOpen {
            path: path.to_owned(),
            mode,
        })
    } else if meta.uid() != user {
        Err(KeysError::NotOurs {
            path: path.to_owned(),
            user,
        })
    } else {
        Ok(())
    }
}

/// Where a secret is written before it takes its place.
fn fresh(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.new"))
}

fn write(dir: &Path, name: &str, secret: &Secret) -> Result<(), KeysError> {
    let path = dir.join(name);
    let fresh = fresh(dir, name);
    let written = || -> io::Result<()> {
        private::write(&fresh, secret.as_slice())?.sync_all()?;
        std::fs::rename(&fresh, &path)
    };
    written().map_err(|source| KeysError::Io {
        path: path.clone(),
        source,
    })?;
    sync_dir(dir)
}

fn sync_dir(dir: &Path) -> Result<(), KeysError> {
    let synced = File::open(dir).and_then(|dir| dir.sync_all());
    synced.map_err(|source| KeysError::Io {
        path: dir.to_owned(),
        source,
    })
}

fn read(dir: &Path, name: &str) -> Result<Secret, KeysError> {
    let path = dir.join(name);
    let io = |source| KeysError::Io {
        path: path.clone(),
        source,
    };
    let mut options = OpenOptions::new();
    // A named pipe in the place of a key must not stop the start.
    options
        .read(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits());
    let mut file = options.open(&path).map_err(io)?;
    let meta = file.metadata().map_err(io)?;
    if !meta.is_file() || meta.len() != 32 {
        return Err(KeysError::NotAKey { path });
    }
    check_owner(&path, &meta, 0o600)?;
    let mut secret = Zeroizing::new([0; 32]);
    file.read_exact(secret.as_mut_slice()).map_err(io)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use protocol::key::Signer as _;

    use super::*;

    #[test]
    fn what_was_created_is_loaded_again() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let dir = home.path().join("state");
        let made =
            Keys::create(&dir, &mut Dice::from_seed([1; 32])).expect("nothing is in the way");
        let loaded = Keys::load(&dir).expect("it was just written");
        assert_eq!(made.signer().public(), loaded.signer().public());
        assert_eq!(made.data_key().as_bytes(), loaded.data_key().as_bytes());
        assert_eq!(dir.metadata().expect("it is there").mode() & 0o777, 0o700);
        for name in [IDENTITY, DATA, SEALING] {
            assert_eq!(
                dir.join(name).metadata().expect("it is there").mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn an_identity_is_never_overwritten() {
        let dir = created();
        let again = Keys::create(dir.path(), &mut Dice::from_seed([2; 32]));
        assert!(matches!(again, Err(KeysError::AlreadyThere { .. })));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_its_cure() {
        let dir = created();
        let path = dir.path().join(DATA);
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("it is ours");
        let words = Keys::load(dir.path())
            .expect_err("the group can read it")
            .to_string();
        assert!(
            words.contains(&format!("chmod 600 {}", path.display())),
            "{words}"
        );
    }

    #[test]
    fn a_directory_that_others_can_list_is_refused_with_its_cure() {
        let dir = created();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).expect("it is ours");
        let words = Keys::load(dir.path())
            .expect_err("others can list it")
            .to_string();
        assert!(
            words.contains(&format!("chmod 700 {}", dir.path().display())),
            "{words}"
        );
    }

    #[test]
    fn a_link_in_the_place_of_a_key_is_not_followed() {
        let dir = created();
        let (path, moved) = (dir.path().join(SEALING), dir.path().join("elsewhere"));
        fs::rename(&path, &moved).expect("it is there");
        symlink(&moved, &path).expect("its place is free");
        assert!(matches!(Keys::load(dir.path()), Err(KeysError::Io { .. })));
    }

    #[test]
    fn a_short_key_and_a_missing_identity_are_told_apart() {
        let dir = created();
        fs::write(dir.path().join(DATA), b"short").expect("it is ours");
        assert!(matches!(
            Keys::load(dir.path()),
            Err(KeysError::NotAKey { .. })
        ));
        Keys::destroy(dir.path()).expect("the files are ours");
        assert!(matches!(
            Keys::load(dir.path()),
            Err(KeysError::Missing { .. })
        ));
    }

    #[test]
    fn debug_shows_the_public_key_only() {
        let dir = created();
        let keys = Keys::load(dir.path()).expect("it was just written");
        let secret = data_encoding::HEXLOWER.encode(keys.identity_seed().as_slice());
        assert!(!format!("{keys:?}").contains(&secret));
    }

    fn created() -> tempfile::TempDir {
        let dir = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .expect("a directory");
        Keys::create(dir.path(), &mut Dice::from_seed([1; 32])).expect("nothing is in the way");
        dir
    }
}

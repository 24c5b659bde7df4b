//! The coordinator's own files: where they are, and the keys of its offices.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::charter::{Charter, CharterError};
use protocol::coordinator::Offices;
use protocol::dice::Dice;
use protocol::id::MeshId;
use protocol::key::{SecretKey, Signer, Strict};
use protocol::limits;
use protocol::seal::UnsealingKey;
use protocol::succession::{Succession, SuccessionError, Trust};
use thiserror::Error;
use tuf_core::root::{Root, RootError};

use crate::secrets::{Secret, SecretError, private_dir};

/// The layout of a coordinator's directory.
#[derive(Debug, Clone)]
pub struct Paths {
    dir: PathBuf,
}

impl Paths {
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
        }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn root(&self) -> PathBuf {
        self.dir.join("root.json")
    }

    pub fn charter(&self) -> PathBuf {
        self.dir.join("charter.cbor")
    }

    /// What followed the first root and the first charter.
    pub fn succession(&self) -> PathBuf {
        self.dir.join("succession.cbor")
    }

    pub fn config(&self) -> PathBuf {
        self.dir.join("coordinator.toml")
    }

    pub fn store(&self) -> PathBuf {
        self.dir.join("coordinator.redb")
    }

    /// Rules that read log lines, beside those that come with the coordinator.
    pub fn rules(&self) -> PathBuf {
        self.dir.join("rules")
    }

    pub fn tls(&self) -> PathBuf {
        self.dir.join("tls")
    }

    pub fn run(&self) -> PathBuf {
        self.dir.join("run")
    }

    pub fn addresses(&self) -> PathBuf {
        self.run().join("addresses.json")
    }

    pub fn ports(&self) -> PathBuf {
        self.run().join("ports.json")
    }

    pub fn control(&self) -> PathBuf {
        self.run().join("control.sock")
    }

    pub fn offline(&self) -> PathBuf {
        self.dir.join("offline")
    }

    pub fn keys(&self) -> PathBuf {
        self.dir.join("keys")
    }

    pub fn admission(&self) -> PathBuf {
        self.keys().join("admission.key")
    }

    /// The admission key that a charter names which is not in force yet.
    pub fn next_admission(&self) -> PathBuf {
        self.keys().join("admission.next")
    }

    pub fn identity(&self) -> PathBuf {
        self.keys().join("identity.key")
    }

    pub fn enrolment(&self) -> PathBuf {
        self.keys().join("enrolment.key")
    }

    pub fn sealing(&self) -> PathBuf {
        self.keys().join("sealing.key")
    }

    /// The key of a role that signs online.
    pub fn online(&self, role: &str) -> PathBuf {
        self.keys().join(format!("{role}.key"))
    }

    /// The same, where no root appoints it yet.
    pub fn next_online(&self, role: &str) -> PathBuf {
        self.keys().join(format!("{role}.next"))
    }

    /// The bytes of what the repository vouches for.
    pub fn targets(&self) -> PathBuf {
        self.dir.join("targets")
    }

    /// Where the command line lays files that the running coordinator is to take in.
    pub fn intake(&self) -> PathBuf {
        self.dir.join("intake")
    }

    /// What `init` has signed, until the first start publishes it.
    pub fn first_documents(&self) -> PathBuf {
        self.dir.join("first-documents.cbor")
    }

    pub fn store_key(&self) -> PathBuf {
        self.keys().join("store.key")
    }
}

/// Everything that the root has certified for this coordinator.
#[derive(Debug)]
pub struct Certified {
    pub mesh: MeshId,
    pub root: Vec<u8>,
    pub charter_bytes: Vec<u8>,
    /// The first root and charter: the identity log begins under them.
    pub first: Trust,
    pub succession: Succession,
    /// The charter in force.
    pub charter: Arc<Charter>,
    pub identity: Secret,
    pub enrolment: Secret,
    pub store_key: Secret,
    pub offices: Offices,
}

#[derive(Debug, Error)]
pub enum LoadError {
    #[error("there is no mesh in {path}: run palisade-coordinator init --dir {path}", path = .0.display())]
    NoMesh(PathBuf),
    #[error("cannot read {path}", path = path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the root document does not verify: {0}")]
    Root(#[from] RootError),
    #[error("the charter does not verify: {0}")]
    Charter(#[from] CharterError),
    #[error("what followed the first root and charter does not verify: {0}")]
    Succession(#[from] SuccessionError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(
        "{0} is not the key that the charter certifies: restore keys and charter from one backup"
    )]
    ForeignKey(&'static str),
}

/// Reads and checks everything; a key that the charter does not name is refused.
pub fn load(paths: &Paths) -> Result<Certified, LoadError> {
    begun(paths)?;
    for private in [paths.keys(), paths.tls(), paths.run()] {
        private_dir(&private)?;
    }
    let root_bytes = read(&paths.root())?;
    let charter_bytes = read(&paths.charter())?;
    let first = first_trust(paths)?;
    let mesh = first.charter().mesh;
    let succession = succession(paths)?;
    let charter = Arc::clone(first.followed(&succession)?.charter());
    promote_admission_key(paths, &charter)?;
    let admission = SecretKey::from_seed(Secret::load(&paths.admission())?.bytes());
    let identity = Secret::load(&paths.identity())?;
    let unsealing = UnsealingKey::from_seed(Secret::load(&paths.sealing())?.bytes());
    if admission.public() != charter.admission {
        return Err(LoadError::ForeignKey("admission.key"));
    }
    if SecretKey::from_seed(identity.bytes()).public() != charter.coordinator {
        return Err(LoadError::ForeignKey("identity.key"));
    }
    if unsealing.public() != charter.sealing {
        return Err(LoadError::ForeignKey("sealing.key"));
    }
    Ok(Certified {
        mesh,
        root: root_bytes,
        charter_bytes,
        first,
        succession,
        charter,
        identity,
        enrolment: Secret::load(&paths.enrolment())?,
        store_key: store_key(paths)?,
        offices: Offices {
            admission: Arc::new(admission),
            unsealing,
            verifier: Arc::new(Strict),
            dice: Dice::from_seed(*Secret::random()?.bytes()),
        },
    })
}

/// The name under which systemd may hand over the store's key, so that it is not on the disk of the store.
pub const STORE_KEY_CREDENTIAL: &str = "palisade-store-key";

/// The store's key: what systemd hands over, else `keys/store.key`.
pub fn store_key(paths: &Paths) -> Result<Secret, SecretError> {
    Secret::handed_over_or(STORE_KEY_CREDENTIAL, &paths.store_key())
}

/// The root and the charter in force of a coordinator's directory.
pub fn trust(paths: &Paths) -> Result<Trust, LoadError> {
    begun(paths)?;
    Ok(first_trust(paths)?.followed(&succession(paths)?)?)
}

/// Where a directory may not be looked into, nobody is told to begin a mesh in it.
fn begun(paths: &Paths) -> Result<(), LoadError> {
    let path = paths.root();
    match path.try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(LoadError::NoMesh(paths.dir().to_owned())),
        Err(source) => Err(LoadError::Read { path, source }),
    }
}

/// What followed the first root and charter; nothing where nothing was replaced.
pub fn succession(paths: &Paths) -> Result<Succession, LoadError> {
    if !paths.succession().exists() {
        return Ok(Succession::default());
    }
    let bytes = read(&paths.succession())?;
    let read = protocol::cbor::decode("succession", limits::FRAME_BYTES, &bytes);
    Ok(read.map_err(SuccessionError::from)?)
}

/// The next admission key takes its place once the charter that names it is written down.
pub fn promote_admission_key(paths: &Paths, charter: &Charter) -> Result<(), LoadError> {
    let next = paths.next_admission();
    if !next.exists() {
        return Ok(());
    }
    let key = SecretKey::from_seed(Secret::load(&next)?.bytes());
    if key.public() != charter.admission {
        return Ok(());
    }
    fs::rename(&next, paths.admission()).map_err(|source| LoadError::Read { path: next, source })
}

fn first_trust(paths: &Paths) -> Result<Trust, LoadError> {
    let root = Root::open(&read(&paths.root())?)?;
    let mesh = MeshId::from_bytes(root.digest());
    let charter = Charter::open(&read(&paths.charter())?, &root, &mesh)?;
    Ok(Trust::new(Arc::new(root), Arc::new(charter)))
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    fs::read(path).map_err(|source| LoadError::Read {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Story: another user's directory was taken for an empty one, and the advice was to begin a mesh in it.
    #[test]
    fn a_directory_that_cannot_be_looked_into_is_not_called_empty() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let nothing = trust(&Paths::new(dir.path())).expect_err("it is empty");
        assert!(matches!(nothing, LoadError::NoMesh(_)), "{nothing}");
        let file = dir.path().join("file");
        fs::write(&file, b"").expect("the directory is ours");
        let closed = trust(&Paths::new(&file)).expect_err("nothing can be in a file");
        assert!(matches!(closed, LoadError::Read { .. }), "{closed}");
    }
}

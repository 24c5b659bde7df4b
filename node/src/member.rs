//! What a device keeps of its enrolment: the mesh it trusts and its place there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::charter::{Charter, CharterError};
use protocol::enrolment::Welcome;
use protocol::id::MeshId;
use protocol::key::Strict;
use protocol::limits;
use protocol::membership::Membership;
use protocol::signed::{OpenError, Signed};
use protocol::succession::{Succession, SuccessionError, Trust};
use protocol::text;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tuf_core::root::{Root, RootError};

const ROOT: &str = "root.json";
const CHARTER: &str = "charter.cbor";
const SUCCESSION: &str = "succession.cbor";
const MEMBERSHIP: &str = "membership.cbor";
const COORDINATOR: &str = "coordinator.json";

/// The files of an enrolment, the one that makes it whole first.
pub(crate) const FILES: [&str; 5] = [MEMBERSHIP, CHARTER, SUCCESSION, ROOT, COORDINATOR];

/// A device's enrolment, checked against the root that its join string pinned.
#[derive(Debug, Clone)]
pub struct Member {
    pub mesh: MeshId,
    pub root: Arc<Root>,
    /// The first charter of the mesh: the identity log says which ones followed.
    pub charter: Arc<Charter>,
    /// The membership of the enrolment; the identity log may hold a newer one.
    pub membership: Signed<Membership>,
    /// Where the coordinator's mesh listener was.
    pub coordinator: Vec<text::Path>,
}

/// The documents as they came over the enrolment channel.
#[derive(Debug, Clone)]
pub struct Documents {
    pub root: Vec<u8>,
    pub charter: Vec<u8>,
    pub succession: Succession,
    pub welcome: Welcome,
}

#[derive(Debug, Error)]
pub enum MemberError {
    #[error("this device is in no mesh: join one with `palisade-node join`")]
    NotJoined,
    #[error("cannot read or write {path}", path = path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the root document does not verify: {0}")]
    Root(#[from] RootError),
    #[error("the root document is not the one that was pinned")]
    OtherMesh,
    #[error("the charter does not verify: {0}")]
    Charter(#[from] CharterError),
    #[error("what followed the first root and charter does not verify: {0}")]
    Succession(#[from] SuccessionError),
    #[error("the membership does not verify: {0}")]
    Membership(#[from] OpenError),
    #[error("{path} is damaged: remove the directory and join again", path = path.display())]
    Addresses {
        path: PathBuf,
        source: serde_json::Error,
    },
}

#[derive(Serialize, Deserialize)]
struct Pinned {
    mesh: String,
    addresses: Vec<String>,
}

impl Member {
    /// Checks what the coordinator sent against the mesh id that is pinned.
    pub fn check(documents: &Documents, pinned: MeshId) -> Result<Self, MemberError> {
        let first = check_charter(&documents.root, &documents.charter, pinned)?;
        let newest = first.followed(&documents.succession)?;
        let admission = &newest.charter().admission;
        let membership = Signed::open(&documents.welcome.membership, admission, &Strict)?;
        let coordinator = documents.welcome.addresses.clone();
        Ok(Self {
            mesh: pinned,
            root: first.root().cloned().ok_or(SuccessionError::NoRoot)?,
            charter: Arc::clone(first.charter()),
            membership,
            coordinator,
        })
    }

    /// Writes the enrolment; the membership comes last, so that half of it is never taken for one.
    pub fn store(dir: &Path, documents: &Documents, mesh: MeshId) -> Result<(), MemberError> {
        let addresses = documents
            .welcome
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect();
        let pinned = Pinned {
            mesh: mesh.to_string(),
            addresses,
        };
        let json = serde_json::to_vec_pretty(&pinned).expect("plain text always has a JSON form");
        write(&dir.join(ROOT), &documents.root)?;
        write(&dir.join(CHARTER), &documents.charter)?;
        write(
            &dir.join(SUCCESSION),
            &protocol::cbor::encode(&documents.succession),
        )?;
        write(&dir.join(COORDINATOR), &json)?;
        write(&dir.join(MEMBERSHIP), &documents.welcome.membership)
    }

    pub fn load(dir: &Path) -> Result<Self, MemberError> {
        if !dir.join(MEMBERSHIP).exists() {
            return Err(MemberError::NotJoined);
        }
        let path = dir.join(COORDINATOR);
        let pinned: Pinned =
            serde_json::from_slice(&read(&path)?).map_err(|source| MemberError::Addresses {
                path: path.clone(),
                source,
            })?;
        let mesh = parse_mesh(&pinned.mesh).ok_or(MemberError::OtherMesh)?;
        let addresses = pinned
            .addresses
            .into_iter()
            .filter_map(|one| text::Path::new(one).ok())
            .collect();
        let documents = Documents {
            root: read(&dir.join(ROOT))?,
            charter: read(&dir.join(CHARTER))?,
            succession: read_succession(&dir.join(SUCCESSION))?,
            welcome: Welcome {
                membership: read(&dir.join(MEMBERSHIP))?.into(),
                log_size: 0,
                addresses,
            },
        };
        Self::check(&documents, mesh)
    }

    /// Forgets the enrolment.
    pub fn remove(dir: &Path) -> Result<(), MemberError> {
        for name in FILES {
            let path = dir.join(name);
            match fs::remove_file(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(MemberError::Io { path, source }),
            }
        }
        Ok(())
    }
}

/// The charter of the pinned mesh: root document, its hash, its signatures.
pub fn check_charter(root: &[u8], charter: &[u8], pinned: MeshId) -> Result<Trust, MemberError> {
    let root = Root::open(root)?;
    if MeshId::from_bytes(root.digest()) != pinned {
        return Err(MemberError::OtherMesh);
    }
    let charter = Charter::open(charter, &root, &pinned)?;
    Ok(Trust::new(Arc::new(root), Arc::new(charter)))
}

/// A device that joined before anything was replaced has no such file.
fn read_succession(path: &Path) -> Result<Succession, MemberError> {
    if !path.exists() {
        return Ok(Succession::default());
    }
    let bytes = read(path)?;
    let succession = protocol::cbor::decode("succession", limits::FRAME_BYTES, &bytes);
    Ok(succession.map_err(SuccessionError::from)?)
}

fn parse_mesh(text: &str) -> Option<MeshId> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .ok()?;
    Some(MeshId::from_bytes(bytes.try_into().ok()?))
}

fn read(path: &Path) -> Result<Vec<u8>, MemberError> {
    fs::read(path).map_err(|source| MemberError::Io {
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), MemberError> {
    fs::write(path, bytes).map_err(|source| MemberError::Io {
        path: path.to_owned(),
        source,
    })
}

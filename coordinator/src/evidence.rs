//! Evidence as people and programs see it: one form for the pages, the interface and the command line.

use protocol::charter::Charter;
use protocol::id::{DeviceId, Digest, MeshId};
use protocol::key::Strict;
use protocol::limits;
use protocol::proof::{Accused, Dossier, DossierError, Proof, ProofError};
use protocol::roster::Roster;
use serde::{Deserialize, Serialize};

use crate::store::Reader;
use crate::store::evidence::StoredProof;
use crate::store::fault::ReadError;

/// Digits of a proof's name that are enough to ask for it.
const SHORT: usize = 8;

/// The first documents of a mesh: with what followed them they make a proof verify elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    pub root: Vec<u8>,
    pub charter: Vec<u8>,
}

/// A proof in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub id: String,
    /// `None`: the admission key is convicted.
    pub device: Option<String>,
    pub name: Option<String>,
    pub kind: String,
    pub says: String,
    pub remedy: String,
    pub signed: Vec<Signed>,
    pub bytes: usize,
}

/// One of the two things that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub time_ms: u64,
    pub digest: String,
}

/// A proof that this coordinator keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    #[serde(flatten)]
    pub finding: Finding,
    pub at_ms: u64,
    /// The device that brought it; `None` if the coordinator found it itself.
    pub brought_by: Option<String>,
}

impl Documents {
    /// The file that verifies without network.
    pub fn dossier(&self, roster: &Roster, proof: &StoredProof) -> Vec<u8> {
        let succession = roster.succession();
        Dossier::assemble(&self.root, &self.charter, succession, &proof.proof)
    }
}

impl Finding {
    pub fn of(proof: &Proof) -> Self {
        let (device, name) = match proof.accused() {
            Accused::Device { device, name, .. } => {
                (Some(device.to_string()), Some(name.to_string()))
            }
            Accused::Admission { .. } | Accused::Log { .. } => (None, None),
        };
        Self {
            id: proof.digest().to_string(),
            device,
            name,
            kind: proof.contradiction().word().to_owned(),
            says: proof.to_string(),
            remedy: proof.remedy().to_owned(),
            signed: proof
                .signed()
                .iter()
                .map(|mark| Signed {
                    time_ms: mark.time.as_millis(),
                    digest: mark.digest.to_string(),
                })
                .collect(),
            bytes: proof.bytes().len(),
        }
    }
}

impl Kept {
    /// Checks the proof again: what is shown is what it says.
    pub fn of(stored: &StoredProof, charter: &Charter) -> Result<Self, ProofError> {
        let proof = Proof::open(&stored.proof, charter, &Strict)?;
        Ok(Self {
            finding: Finding::of(&proof),
            at_ms: stored.at.as_millis(),
            brought_by: stored.brought.by().map(|device| device.to_string()),
        })
    }
}

/// What a file of evidence is called.
pub fn file_name(digest: &Digest) -> String {
    format!("evidence-{}.palisade", &digest.to_string()[..12])
}

/// The kept proof that a person means: by its name or the beginning of it, or by the device it convicts.
pub fn find(
    reader: &Reader,
    charter: &Charter,
    asked: &str,
) -> Result<Option<StoredProof>, ReadError> {
    let device: Option<DeviceId> = asked.parse().ok();
    let all = reader.evidence()?;
    let convicts = |stored: &StoredProof| {
        let proof = Proof::open(&stored.proof, charter, &Strict).ok();
        proof.and_then(|proof| proof.convicts())
    };
    let by_name = |stored: &&StoredProof| {
        asked.len() >= SHORT && stored.digest.to_string().starts_with(asked)
    };
    let named = all.iter().find(by_name);
    let found = named.or_else(|| {
        let device = device?;
        all.iter().find(|stored| convicts(stored) == Some(device))
    });
    Ok(found.cloned())
}

/// Checks a file on its own, or against a mesh that is named.
pub fn verify(file: &[u8], mesh: Option<&MeshId>) -> Result<(MeshId, Finding), DossierError> {
    let dossier = Dossier::open(file, mesh, &Strict)?;
    Ok((*dossier.mesh(), Finding::of(dossier.proof())))
}

/// Bytes of a file that are read before it is called no evidence.
pub const FILE_BYTES: u64 = limits::DOSSIER_BYTES as u64 + 1;

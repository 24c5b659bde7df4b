//! One file that verifies on a machine without network: root document, charter, what followed them, and proof.

use std::sync::Arc;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;
use tuf_core::root::Root;

use super::{Proof, ProofError};
use crate::cbor::{self, DecodeError};
use crate::charter::{Charter, CharterError};
use crate::id::MeshId;
use crate::key::Verifier;
use crate::limits;
use crate::succession::{Succession, SuccessionError, Trust};

const KIND: &str = "palisade evidence v1";

/// A checked file: what it says hangs on the root document that it carries.
#[derive(Debug, Clone)]
pub struct Dossier {
    mesh: MeshId,
    proof: Proof,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Form {
    #[n(0)]
    kind: String,
    #[n(1)]
    root: ByteVec,
    #[n(2)]
    charter: ByteVec,
    #[n(3)]
    proof: ByteVec,
    #[cbor(n(4), skip_if = "Succession::is_empty")]
    succession: Succession,
}

/// Why a file proves nothing, and which part of it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DossierError {
    #[error("this is no file of evidence: {0}")]
    Decode(#[from] DecodeError),
    #[error("this is no file of evidence, or one of a later version: it calls itself `{0}`")]
    Kind(String),
    #[error("the root document in the file does not check: {0}")]
    Root(String),
    #[error("the file is about mesh {found}, not about the one that was asked for")]
    OtherMesh { found: MeshId },
    #[error("the charter in the file does not check: {0}")]
    Charter(CharterError),
    #[error("what follows the root document and the charter in the file does not check: {0}")]
    Succession(SuccessionError),
    #[error("the proof in the file does not check: {0}")]
    Proof(ProofError),
}

impl Dossier {
    /// The file for a proof that the mesh of these first documents, and of what followed, has accepted.
    pub fn assemble(root: &[u8], charter: &[u8], succession: &Succession, proof: &[u8]) -> Vec<u8> {
        cbor::encode(&Form {
            kind: KIND.to_owned(),
            root: root.to_vec().into(),
            charter: charter.to_vec().into(),
            proof: proof.to_vec().into(),
            succession: succession.clone(),
        })
    }

    /// Checks a file from its root document down, and that it is about this mesh if one is named.
    pub fn open(
        bytes: &[u8],
        mesh: Option<&MeshId>,
        verifier: &dyn Verifier,
    ) -> Result<Self, DossierError> {
        let form: Form = cbor::decode("file of evidence", limits::DOSSIER_BYTES, bytes)?;
        if form.kind != KIND {
            return Err(DossierError::Kind(form.kind));
        }
        let root = Root::open(&form.root).map_err(|error| DossierError::Root(error.to_string()))?;
        let found = MeshId::from_bytes(root.digest());
        if mesh.is_some_and(|mesh| *mesh != found) {
            return Err(DossierError::OtherMesh { found });
        }
        let charter = Charter::open(&form.charter, &root, &found).map_err(DossierError::Charter)?;
        let first = Trust::new(Arc::new(root), Arc::new(charter));
        let trust = first
            .followed(&form.succession)
            .map_err(DossierError::Succession)?;
        let proof = Proof::open(&form.proof, trust.charter(), verifier);
        let proof = proof.map_err(DossierError::Proof)?;
        Ok(Self { mesh: found, proof })
    }

    pub fn mesh(&self) -> &MeshId {
        &self.mesh
    }

    pub fn proof(&self) -> &Proof {
        &self.proof
    }
}

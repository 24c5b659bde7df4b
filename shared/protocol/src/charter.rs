//! What the offline root certifies: the keys of the coordinator, and who outranks it.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;
use tuf_core::root::Root;

use crate::cbor::{self, DecodeError};
use crate::class::{Classified, DataClass, DeviceClass};
use crate::id::MeshId;
use crate::key::{PublicKey, Signature, Verifier};
use crate::ledger::LogHead;
use crate::limits;
use crate::membership::Membership;
use crate::seal::SealingKey;
use crate::signed::{Signed, Unchecked};
use crate::time::Timestamp;

const NAME: &str = "charter";
const DOMAIN: &[u8] = b"palisade/charter/v1\0";
const BOUND: usize = limits::TRUST_BYTES;

/// The root-signed roster of offices. A stolen coordinator cannot change it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Charter {
    #[n(0)]
    pub mesh: MeshId,
    /// Higher versions replace lower ones.
    #[n(1)]
    pub version: u32,
    #[n(2)]
    pub issued: Timestamp,
    /// Admits and renews ordinary members, and suspends them for a day at most.
    #[n(3)]
    pub admission: PublicKey,
    /// The coordinator's identity on the mesh.
    #[n(4)]
    pub coordinator: PublicKey,
    /// SHA-256 of the coordinator's X25519 enrolment key, as join strings pin it.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub enrolment_pin: [u8; 32],
    /// SHA-256 of the public key in the certificate that the coordinator shows to browsers.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub tls_pin: [u8; 32],
    /// To this key devices seal what only the coordinator may read.
    #[n(7)]
    pub sealing: SealingKey,
    /// Keys of people whose word revokes for good.
    #[n(8)]
    pub administrators: Vec<PublicKey>,
    /// Devices that cosign the identity log and hold shares of the epoch seeds.
    #[n(9)]
    pub gateways: Vec<PublicKey>,
    /// Classes for which nothing is ever automated.
    #[n(10)]
    pub exempt: Vec<DeviceClass>,
    /// Every admission key before this one, the newest first.
    #[cbor(n(11), skip_if = "Vec::is_empty")]
    pub former: Vec<Former>,
    /// Classes whose devices a committee may put into quarantine by itself (`appeal`); none unless the root says so.
    #[cbor(n(12), skip_if = "Vec::is_empty")]
    pub automate: Vec<DeviceClass>,
}

/// An admission key that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Former {
    #[n(0)]
    pub admission: PublicKey,
    /// Memberships that it had signed open doors until then.
    #[n(1)]
    pub until: Timestamp,
}

impl Classified for Former {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("admission", DataClass::Internal),
        ("until", DataClass::Internal),
    ];
}

impl Classified for Charter {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("mesh", DataClass::Public),
        ("version", DataClass::Internal),
        ("issued", DataClass::Internal),
        ("admission", DataClass::Internal),
        ("coordinator", DataClass::Internal),
        ("enrolment_pin", DataClass::Internal),
        ("tls_pin", DataClass::Internal),
        ("sealing", DataClass::Internal),
        ("administrators", DataClass::Internal),
        ("gateways", DataClass::Internal),
        ("exempt", DataClass::Internal),
        ("former", DataClass::Internal),
        ("automate", DataClass::Internal),
    ];
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CharterError {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("the charter is not signed by enough root keys: {0}")]
    Threshold(String),
    #[error("the charter belongs to another mesh")]
    WrongMesh,
    #[error("the charter names more than {bound} admission keys before its own", bound = limits::FORMER_KEYS)]
    TooManyFormer,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Envelope {
    #[n(0)]
    payload: ByteVec,
    #[n(1)]
    signatures: Vec<RootSignature>,
}

/// One root key's signature.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RootSignature {
    #[n(0)]
    pub key: PublicKey,
    #[n(1)]
    pub signature: Signature,
}

impl Charter {
    /// The bytes that each root key signs.
    pub fn message(&self) -> Vec<u8> {
        [DOMAIN, &cbor::encode(self)].concat()
    }

    /// Puts the signatures beside the charter.
    pub fn assemble(&self, signatures: Vec<RootSignature>) -> Vec<u8> {
        cbor::encode(&Envelope {
            payload: cbor::encode(self).into(),
            signatures,
        })
    }

    /// The version that an unchecked charter claims: good for passing over one that is out of force.
    pub fn claimed_version(bytes: &[u8]) -> Result<u32, DecodeError> {
        let envelope: Envelope = cbor::decode(NAME, BOUND, bytes)?;
        cbor::decode::<Self>(NAME, BOUND, &envelope.payload).map(|charter| charter.version)
    }

    /// Parses a charter and checks it against the root document of its mesh.
    pub fn open(bytes: &[u8], root: &Root, mesh: &MeshId) -> Result<Self, CharterError> {
        let envelope: Envelope = cbor::decode(NAME, BOUND, bytes)?;
        let charter: Self = cbor::decode(NAME, BOUND, &envelope.payload)?;
        let signatures: Vec<([u8; 32], [u8; 64])> = envelope
            .signatures
            .iter()
            .map(|one| (*one.key.as_bytes(), one.signature.0))
            .collect();
        root.verify_threshold(&charter.message(), &signatures)
            .map_err(|error| CharterError::Threshold(error.to_string()))?;
        if charter.mesh != *mesh {
            return Err(CharterError::WrongMesh);
        }
        if charter.former.len() > limits::FORMER_KEYS {
            return Err(CharterError::TooManyFormer);
        }
        Ok(charter)
    }

    /// Whether this charter may stand in the place of another: a later one that hides no admission key,
    /// since what a former key has signed must stay attributable.
    pub fn replaces(&self, before: &Self) -> Result<(), &'static str> {
        let named = |key: &PublicKey| {
            self.admission == *key || self.former.iter().any(|one| one.admission == *key)
        };
        if self.version <= before.version {
            Err("its version is not higher than the one in force")
        } else if !before.admission_keys().all(named) {
            Err("it does not name an admission key that was there before")
        } else {
            Ok(())
        }
    }

    /// The admission key in force, then the former ones.
    pub fn admission_keys(&self) -> impl Iterator<Item = &PublicKey> {
        let former = self.former.iter().map(|one| &one.admission);
        [&self.admission].into_iter().chain(former)
    }

    /// Until when memberships by this key open doors; `None` for a key that never admitted here.
    pub fn trusts_until(&self, admission: &PublicKey) -> Option<Timestamp> {
        if *admission == self.admission {
            return Some(Timestamp::from_millis(u64::MAX));
        }
        let former = self.former.iter().find(|one| one.admission == *admission);
        former.map(|one| one.until)
    }

    /// Checks a log head against the admission key in force and those before it; says which one signed.
    pub fn open_log_head(
        &self,
        head: &[u8],
        verifier: &dyn Verifier,
    ) -> Option<(Signed<LogHead>, PublicKey)> {
        let head = Unchecked::<LogHead>::parse(head).ok()?;
        let head = Some(head).filter(|head| head.claim().mesh == self.mesh)?;
        self.admission_keys().find_map(|key| {
            let signed = head.clone().check(key, verifier).ok()?;
            Some((signed, *key))
        })
    }

    /// Checks a membership against the admission key in force and those before it; says which one signed.
    pub fn open_membership(
        &self,
        membership: &Unchecked<Membership>,
        verifier: &dyn Verifier,
    ) -> Option<(Signed<Membership>, PublicKey)> {
        self.admission_keys().find_map(|key| {
            let signed = membership.clone().check(key, verifier).ok()?;
            Some((signed, *key))
        })
    }
}

//! The root: the keys that everything else is measured by, opened only if it vouches for itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::canonical::{Json, Object};
use crate::envelope::{Envelope, EnvelopeError};
use crate::fields::{FieldError, Fields};
use crate::header::{Header, HeaderError};
use crate::key::{DetachedSignature, Key, KeyError, PublicKey};
use crate::keyring::{Keyring, KeyringError};
use crate::limits;
use crate::role::{Role, RoleError, RoleName, ThresholdError};
use crate::schemes::{Ed25519Only, Schemes};

/// A root whose own keys have signed it; its bytes are kept as they came.
#[derive(Clone)]
pub struct Root {
    bytes: Vec<u8>,
    header: Header,
    consistent_snapshot: bool,
    keys: Keyring,
    roles: BTreeMap<RoleName, Role>,
    signed: Object,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RootError {
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("the document is not a root")]
    NotARoot,
    #[error("the root follows a version of the specification other than 1.x")]
    SpecVersion,
    #[error("the time of expiry is not UTC as YYYY-MM-DDTHH:MM:SSZ")]
    Expires,
    #[error("the root names more than {} keys", limits::KEYS)]
    TooManyKeys,
    #[error("a key id is longer than {} bytes", limits::KEY_ID_BYTES)]
    LongKeyId,
    #[error("the key {id} cannot be used: {source}")]
    Key { id: String, source: KeyError },
    #[error("the root appoints other roles than root, timestamp, snapshot and targets")]
    RoleNames,
    #[error(transparent)]
    Role(#[from] RoleError),
    #[error("the root is not signed by its own keys: {0}")]
    OwnKeys(ThresholdError),
    #[error("the root is not signed by the keys of the root before it: {0}")]
    FormerKeys(ThresholdError),
    #[error("version {found} does not follow version {trusted}")]
    NotTheNext { trusted: u64, found: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EndorsementError {
    #[error("more than {} signatures were presented", limits::SIGNATURES)]
    TooManySignatures,
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
}

impl Root {
    /// Parses a root and checks that enough of its own keys have signed it; expiry is asked for apart.
    pub fn open(bytes: &[u8]) -> Result<Self, RootError> {
        Self::open_with(bytes, &Ed25519Only)
    }

    /// Like [`Root::open`], with further schemes of signatures.
    pub fn open_with(bytes: &[u8], schemes: &dyn Schemes) -> Result<Self, RootError> {
        let envelope = Envelope::parse(bytes, limits::ROOT_BYTES)?;
        let root = Self::read(bytes, &envelope)?;
        root.verify(RoleName::Root, &envelope, schemes)
            .map_err(RootError::OwnKeys)?;
        Ok(root)
    }

    /// Parses a root that nobody has signed yet: for drafts, never for trust.
    pub(crate) fn read_unsigned(bytes: &[u8]) -> Result<Self, RootError> {
        Self::read(bytes, &Envelope::parse(bytes, limits::ROOT_BYTES)?)
    }

    /// Opens the root that follows this one: the next version, signed by the keys of both.
    pub fn successor(&self, bytes: &[u8]) -> Result<Self, RootError> {
        self.successor_with(bytes, &Ed25519Only)
    }

    /// Like [`Root::successor`], with further schemes of signatures.
    pub fn successor_with(&self, bytes: &[u8], schemes: &dyn Schemes) -> Result<Self, RootError> {
        let envelope = Envelope::parse(bytes, limits::ROOT_BYTES)?;
        self.verify(RoleName::Root, &envelope, schemes)
            .map_err(RootError::FormerKeys)?;
        let next = Self::read(bytes, &envelope)?;
        next.verify(RoleName::Root, &envelope, schemes)
            .map_err(RootError::OwnKeys)?;
        let (trusted, found) = (self.version(), next.version());
        if trusted.checked_add(1) != Some(found) {
            return Err(RootError::NotTheNext { trusted, found });
        }
        Ok(next)
    }

    /// Checks that enough root keys have signed `message`, which must begin with a label of its own:
    /// these keys sign several kinds of documents, and none may pass for another.
    pub fn verify_threshold(
        &self,
        message: &[u8],
        signatures: &[DetachedSignature],
    ) -> Result<(), EndorsementError> {
        if signatures.len() > limits::SIGNATURES {
            return Err(EndorsementError::TooManySignatures);
        }
        let appointed = self.keys(RoleName::Root);
        let mut signers = BTreeSet::new();
        for (key, signature) in signatures {
            let Some(appointed) = appointed
                .iter()
                .find(|appointed| appointed.as_bytes() == key)
            else {
                continue;
            };
            if appointed.verify(message, signature).is_ok() {
                signers.insert(*key);
            }
        }
        Ok(self.role(RoleName::Root).enough(signers.len())?)
    }

    /// The document exactly as it came.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the document exactly as it came; of the first root, this is the mesh id.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }

    pub const fn version(&self) -> u64 {
        self.header.version
    }

    pub const fn expires_unix_s(&self) -> u64 {
        self.header.expires_unix_s
    }

    pub const fn expired(&self, now_unix_s: u64) -> bool {
        self.header.expired(now_unix_s)
    }

    pub const fn consistent_snapshot(&self) -> bool {
        self.consistent_snapshot
    }

    pub fn threshold(&self, role: RoleName) -> u32 {
        self.role(role).threshold
    }

    /// The Ed25519 keys of a role; one listed under two ids appears once.
    pub fn keys(&self, role: RoleName) -> Vec<PublicKey> {
        let listed = self
            .role(role)
            .key_ids
            .iter()
            .filter_map(|id| match self.keys.key(id) {
                Some(Key::Ed25519(key)) => Some((*key.as_bytes(), *key)),
                _ => None,
            });
        listed.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    /// A signed field by name, of those too that the specification does not know.
    pub fn field(&self, name: &str) -> Option<&Json> {
        self.signed.get(name)
    }

    /// Whether a key that could sign for `role` cannot do so any more under `next`.
    pub(crate) fn withdraws(&self, role: RoleName, next: &Self) -> bool {
        let after = next.role(role).signers(&next.keys);
        let mut before = self.role(role).signers(&self.keys).into_iter();
        before.any(|signer| !after.contains(signer))
    }

    pub(crate) fn verify(
        &self,
        role: RoleName,
        envelope: &Envelope,
        schemes: &dyn Schemes,
    ) -> Result<(), ThresholdError> {
        self.role(role).verify(&self.keys, envelope, schemes)
    }

    fn read(bytes: &[u8], envelope: &Envelope) -> Result<Self, RootError> {
        let fields = Fields(&envelope.signed);
        Ok(Self {
            bytes: bytes.to_vec(),
            header: Header::read(&envelope.signed, RoleName::Root.word())?,
            consistent_snapshot: fields.flag("consistent_snapshot")?,
            keys: Keyring::read(fields.object("keys")?, limits::KEYS)?,
            roles: read_roles(fields.object("roles")?)?,
            signed: envelope.signed.clone(),
        })
    }

    fn role(&self, name: RoleName) -> &Role {
        self.roles
            .get(&name)
            .expect("a root is only read with all four roles")
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Root(version {}, {})",
            self.version(),
            HEXLOWER.encode(&self.digest()[..8])
        )
    }
}

impl From<HeaderError> for RootError {
    fn from(error: HeaderError) -> Self {
        match error {
            HeaderError::Kind(_) => Self::NotARoot,
            HeaderError::SpecVersion => Self::SpecVersion,
            HeaderError::Expires => Self::Expires,
            HeaderError::Field(field) => Self::Field(field),
        }
    }
}

impl From<KeyringError> for RootError {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::TooMany(_) => Self::TooManyKeys,
            KeyringError::LongId => Self::LongKeyId,
            KeyringError::Key { id, source } => Self::Key { id, source },
        }
    }
}

fn read_roles(fields: Fields<'_>) -> Result<BTreeMap<RoleName, Role>, RootError> {
    if fields.0.len() != RoleName::ALL.len() {
        return Err(RootError::RoleNames);
    }
    let mut roles = BTreeMap::new();
    for name in RoleName::ALL {
        let json = fields.0.get(name.word()).ok_or(RootError::RoleNames)?;
        roles.insert(name, Role::read(Fields::of(json, name.word())?)?);
    }
    Ok(roles)
}

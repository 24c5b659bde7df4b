//! Writing metadata: first the bytes that any number of people sign apart, then the document.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use thiserror::Error;

use crate::canonical::{Json, JsonError, Object};
use crate::document::ReadError;
use crate::key::{DetachedSignature, KeyError, PublicKey};
use crate::limits;
use crate::role::RoleName;
use crate::root::{Root, RootError};

pub mod detached;
pub mod edition;
pub mod online;
pub mod targets;
pub mod unsigned;

use unsigned::{HeaderDraft, SpecVersion, Unsigned, object, own_fields};

const OWN_FIELDS: [&str; 7] = [
    "_type",
    "consistent_snapshot",
    "expires",
    "keys",
    "roles",
    "spec_version",
    "version",
];

/// The keys of a role and how many of them must sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signers {
    pub threshold: u32,
    pub keys: Vec<[u8; 32]>,
}

/// A root that nobody has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootDraft {
    pub version: u64,
    pub expires_unix_s: u64,
    /// How many of `keys` must sign, for the root and every role without signers of its own.
    pub threshold: u32,
    pub keys: Vec<[u8; 32]>,
    /// Roles with other signers than the root.
    pub others: BTreeMap<RoleName, Signers>,
    /// Signed fields that the specification does not know.
    pub custom: Object,
    pub spec_version: SpecVersion,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DraftError {
    #[error("versions begin at 1")]
    Version,
    #[error("the time of expiry lies after the year 9999")]
    Expires,
    #[error("the role {role} needs a threshold of at least 1 and at most its number of keys")]
    Threshold { role: String },
    #[error("the role {role} lists one key twice")]
    DuplicateKey { role: String },
    #[error("the root names more than {} keys", limits::KEYS)]
    TooManyKeys,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the custom field `{0}` has the name of one that the specification defines")]
    ReservedName(String),
    #[error("the signature of the key {} is not on this draft", HEXLOWER.encode(key))]
    BadSignature { key: [u8; 32] },
    #[error("the key {} signs twice", HEXLOWER.encode(key))]
    DuplicateSignature { key: [u8; 32] },
    #[error("more than {} signatures were given", limits::SIGNATURES)]
    TooManySignatures,
    #[error("the payload is not in its canonical form")]
    NotCanonical,
    #[error("the payload is neither a root nor a targets role")]
    SignedOnline,
    #[error("no reader would take the document: {0}")]
    Unreadable(JsonError),
    #[error("no reader would take the document: {0}")]
    Unread(#[from] ReadError),
    #[error("no reader would take the document: {0}")]
    NoRoot(RootError),
}

impl RootDraft {
    /// A root in which the same keys hold all four roles.
    pub fn new(version: u64, expires_unix_s: u64, threshold: u32, keys: Vec<[u8; 32]>) -> Self {
        Self {
            version,
            expires_unix_s,
            threshold,
            keys,
            others: BTreeMap::new(),
            custom: BTreeMap::new(),
            spec_version: SpecVersion::Latest,
        }
    }

    /// The root that follows `root` and appoints the same keys.
    pub fn after(root: &Root, expires_unix_s: u64) -> Self {
        Self {
            version: root.version() + 1,
            expires_unix_s,
            ..Self::of(root)
        }
    }

    /// Reads back what [`Self::payload`] gave. Signed fields that the specification does not know are left out.
    pub fn read(payload: &[u8]) -> Result<Self, DraftError> {
        let document = Unsigned::parse(payload)?.assemble(&[])?;
        let root = Root::read_unsigned(&document);
        Ok(Self::of(&root.map_err(DraftError::NoRoot)?))
    }

    fn of(root: &Root) -> Self {
        let own = Signers::of(root, RoleName::Root);
        let roles = RoleName::ALL.map(|role| (role, Signers::of(root, role)));
        let others = roles.into_iter().filter(|(_, signers)| *signers != own);
        let others = others.collect();
        let (version, expires) = (root.version(), root.expires_unix_s());
        Self {
            others,
            ..Self::new(version, expires, own.threshold, own.keys)
        }
    }

    /// The bytes to sign; equal drafts give equal bytes.
    pub fn payload(&self) -> Result<Vec<u8>, DraftError> {
        Ok(self.unsigned()?.payload())
    }

    /// The document with the signatures collected so far: each is on this draft, whether or not they are enough.
    /// The keys of the root before this one sign as well.
    pub fn assemble(&self, signatures: &[DetachedSignature]) -> Result<Vec<u8>, DraftError> {
        self.unsigned()?.assemble(signatures)
    }

    pub fn unsigned(&self) -> Result<Unsigned, DraftError> {
        if let Some(name) = self
            .custom
            .keys()
            .find(|name| OWN_FIELDS.contains(&name.as_str()))
        {
            return Err(DraftError::ReservedName(name.clone()));
        }
        let (keys, roles) = self.keys_and_roles()?;
        let mut fields = self.custom.clone();
        fields.extend(own_fields([
            ("consistent_snapshot", Json::Bool(true)),
            ("keys", Json::Object(keys)),
            ("roles", Json::Object(roles)),
        ]));
        let header = HeaderDraft {
            version: self.version,
            expires_unix_s: self.expires_unix_s,
        };
        Unsigned::new(
            "root",
            self.spec_version,
            header,
            fields,
            limits::ROOT_BYTES,
        )
    }

    fn keys_and_roles(&self) -> Result<(Object, Object), DraftError> {
        let own = Signers {
            threshold: self.threshold,
            keys: self.keys.clone(),
        };
        let (mut keys, mut roles) = (BTreeMap::new(), BTreeMap::new());
        for role in RoleName::ALL {
            let signers = self
                .others
                .get(&role)
                .filter(|_| role != RoleName::Root)
                .unwrap_or(&own);
            let listed = signers.listed(role.word())?;
            roles.insert(role.word().to_owned(), object(signers.appointed(&listed)));
            keys.extend(listed);
        }
        if keys.len() > limits::KEYS {
            Err(DraftError::TooManyKeys)
        } else {
            Ok((keys, roles))
        }
    }
}

impl Signers {
    /// Whom a root appoints.
    pub fn of(root: &Root, role: RoleName) -> Self {
        let keys = root.keys(role).into_iter();
        Self {
            threshold: root.threshold(role),
            keys: keys.map(|key| *key.as_bytes()).collect(),
        }
    }

    /// Which of them have signed `payload`, each once.
    pub fn signed<'a>(
        &'a self,
        payload: &'a [u8],
        signatures: &'a [DetachedSignature],
    ) -> impl Iterator<Item = PublicKey> + 'a {
        let keys = self
            .keys
            .iter()
            .filter_map(|key| PublicKey::from_bytes(key).ok());
        keys.filter(|key| {
            let mut own = signatures.iter().filter(|(by, _)| by == key.as_bytes());
            own.any(|(_, signature)| key.verify(payload, signature).is_ok())
        })
    }

    /// The fields of a role with these signers.
    fn appointed(&self, listed: &Object) -> [(&'static str, Json); 2] {
        let key_ids = listed.keys().cloned().map(Json::Text).collect();
        [
            ("keyids", Json::List(key_ids)),
            ("threshold", Json::Integer(self.threshold.into())),
        ]
    }

    /// The keys by their ids, if the threshold can be met with them.
    fn listed(&self, role: &str) -> Result<Object, DraftError> {
        let role = || role.to_owned();
        if self.keys.len() > limits::KEY_IDS_PER_ROLE {
            return Err(DraftError::TooManyKeys);
        }
        let mut listed = BTreeMap::new();
        for key in &self.keys {
            let key = PublicKey::from_bytes(key)?;
            if listed.insert(key.id(), key.to_json()).is_some() {
                return Err(DraftError::DuplicateKey { role: role() });
            }
        }
        let reachable = usize::try_from(self.threshold)
            .is_ok_and(|threshold| (1..=listed.len()).contains(&threshold));
        if reachable {
            Ok(listed)
        } else {
            Err(DraftError::Threshold { role: role() })
        }
    }
}

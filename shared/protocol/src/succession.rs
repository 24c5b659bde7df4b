//! What leads from the first root and charter of a mesh to those in force, checked step by step.

use std::sync::Arc;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;
use tuf_core::root::{Root, RootError};

use crate::cbor::DecodeError;
use crate::charter::{Charter, CharterError};
use crate::ledger::Entry;
use crate::limits;

/// Whom a member trusts above all: the root, and the charter that it has signed.
#[derive(Debug, Clone)]
pub struct Trust {
    /// `None` where nobody can replace the charter, because the root document is not held.
    root: Option<Arc<Root>>,
    charter: Arc<Charter>,
}

/// Entries of the identity log that replaced a root or a charter, in their order. Charters between are
/// left out: each is signed by the root alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Succession(#[n(0)] Vec<ByteVec>);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SuccessionError {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("without the root document nobody can replace the charter")]
    NoRoot,
    #[error("the root document is longer than {} bytes", limits::TRUST_BYTES)]
    LongRoot,
    #[error(transparent)]
    Root(#[from] RootError),
    #[error(transparent)]
    Charter(#[from] CharterError),
    #[error("{0}")]
    NotLater(&'static str),
    #[error("this entry replaces neither root nor charter")]
    OtherEntry,
    #[error("more than {} documents follow one another", limits::SUCCESSION)]
    TooMany,
}

impl Trust {
    pub fn new(root: Arc<Root>, charter: Arc<Charter>) -> Self {
        Self::of(Some(root), charter)
    }

    pub(crate) fn of(root: Option<Arc<Root>>, charter: Arc<Charter>) -> Self {
        Self { root, charter }
    }

    pub fn charter(&self) -> &Arc<Charter> {
        &self.charter
    }

    pub fn root(&self) -> Option<&Arc<Root>> {
        self.root.as_ref()
    }

    /// The trust after one document more, which must follow the one in force.
    pub fn after(&self, entry: &Entry) -> Result<Self, SuccessionError> {
        let root = self.root.as_ref().ok_or(SuccessionError::NoRoot)?;
        match entry {
            Entry::Root(bytes) if bytes.len() > limits::TRUST_BYTES => {
                Err(SuccessionError::LongRoot)
            }
            Entry::Root(bytes) => Ok(Self {
                root: Some(Arc::new(root.successor(bytes)?)),
                charter: Arc::clone(&self.charter),
            }),
            Entry::Charter(bytes) => {
                let charter = Charter::open(bytes, root, &self.charter.mesh)?;
                charter
                    .replaces(&self.charter)
                    .map_err(SuccessionError::NotLater)?;
                Ok(Self {
                    root: Some(Arc::clone(root)),
                    charter: Arc::new(charter),
                })
            }
            _ => Err(SuccessionError::OtherEntry),
        }
    }

    /// The trust to which a succession leads from here; what is in force already is passed over.
    pub fn followed(&self, succession: &Succession) -> Result<Self, SuccessionError> {
        if succession.0.len() > limits::SUCCESSION {
            return Err(SuccessionError::TooMany);
        }
        let mut trust = self.clone();
        for bytes in &succession.0 {
            let entry = Entry::decode(bytes)?;
            if !trust.is_past(&entry)? {
                trust = trust.after(&entry)?;
            }
        }
        Ok(trust)
    }

    /// Whether a document of this version or a later one is in force; who signed it makes no difference then.
    pub fn is_past(&self, entry: &Entry) -> Result<bool, SuccessionError> {
        match entry {
            Entry::Charter(bytes) => Ok(Charter::claimed_version(bytes)? <= self.charter.version),
            Entry::Root(bytes) => {
                let found = Root::open(bytes)?.version();
                Ok(self
                    .root
                    .as_ref()
                    .is_some_and(|root| found <= root.version()))
            }
            _ => Err(SuccessionError::OtherEntry),
        }
    }
}

impl Succession {
    pub fn of(entries: &[Entry]) -> Self {
        let mut succession = Self::default();
        for entry in entries {
            succession.push(entry.encode().as_slice());
        }
        succession
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The documents as the identity log holds them.
    pub fn entries(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|bytes| bytes.as_slice())
    }

    /// All documents if they are so short, or none: half of them lead nowhere.
    pub fn fitting(&self, bytes: usize) -> Self {
        let weight: usize = self.entries().map(<[u8]>::len).sum();
        if weight <= bytes {
            self.clone()
        } else {
            Self::default()
        }
    }

    /// The succession with one document more, if it may still grow.
    pub(crate) fn and(mut self, entry: &[u8]) -> Result<Self, SuccessionError> {
        self.push(entry);
        if self.0.len() > limits::SUCCESSION {
            return Err(SuccessionError::TooMany);
        }
        Ok(self)
    }

    /// Appends a document; a charter takes the place of the one before it.
    pub fn push(&mut self, entry: &[u8]) {
        if is_charter(entry) {
            self.0.retain(|bytes| !is_charter(bytes));
        }
        self.0.push(entry.to_vec().into());
    }
}

fn is_charter(entry: &[u8]) -> bool {
    matches!(Entry::decode(entry), Ok(Entry::Charter(_)))
}

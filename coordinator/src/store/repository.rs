//! The signed repository: its documents as they are served, and what waits for signatures.

use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use protocol::cbor;
use protocol::time::Timestamp;
use tuf_core::key::DetachedSignature;

use super::fault::{ChangeError, Fault, ReadError};
use super::rows::{Readable, Rows, Table};
use super::{Changes, Reader};

/// Documents by the name under which they are served.
pub(super) static REPOSITORY: Table = Table::new("repository");
pub(super) static DRAFTS: Table = Table::new("drafts");
/// No document has a name like this.
const CURRENT: &[u8] = b"\0current";
/// Bytes of one draft: its payloads are targets roles at most.
const DRAFT_BYTES: usize = 32 * 1024 * 1024;
/// Drafts that wait at once.
pub const DRAFTS_AT_MOST: u64 = 16;
/// Publications whose documents stay, for whoever is in the middle of an update.
const KEPT: usize = 16;

/// Documents as they are served, by name.
pub type Documents = BTreeMap<String, Vec<u8>>;

/// Which documents belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Current {
    #[n(0)]
    pub root: u64,
    #[n(1)]
    pub timestamp: u64,
    #[n(2)]
    pub snapshot: u64,
    /// Targets roles by their names.
    #[n(3)]
    pub roles: BTreeMap<String, u64>,
    /// Names of the documents that earlier publications have replaced, the oldest first.
    #[n(4)]
    pub replaced: Vec<Vec<String>>,
}

/// One publication: what is served from now on, all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    pub current: Current,
    /// New ones.
    pub documents: Documents,
}

/// Documents that wait until enough people have signed them; they are published together.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Draft {
    #[n(0)]
    pub number: u64,
    #[n(1)]
    pub made: Timestamp,
    /// What it is for, in words.
    #[n(2)]
    pub purpose: String,
    #[n(3)]
    pub papers: Vec<Paper>,
}

/// One document to sign, and who has.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Paper {
    #[n(0)]
    pub role: String,
    #[n(1)]
    pub version: u64,
    #[n(2)]
    payload: ByteVec,
    #[n(3)]
    signatures: Vec<Signed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Signed {
    #[cbor(n(0), with = "minicbor::bytes")]
    key: [u8; 32],
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
}

impl Paper {
    pub fn new(role: String, version: u64, payload: Vec<u8>) -> Self {
        Self {
            role,
            version,
            payload: payload.into(),
            signatures: Vec::new(),
        }
    }

    /// The bytes to sign.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// How the file with the bytes to sign is called.
    pub fn file_name(&self, draft: u64) -> String {
        payload_name(draft, &self.role, self.version)
    }

    pub fn signatures(&self) -> Vec<DetachedSignature> {
        let all = self.signatures.iter();
        all.map(|one| (one.key, one.signature)).collect()
    }

    /// One signature for each key; a later one takes the place of an earlier one.
    pub fn sign(&mut self, (key, signature): DetachedSignature) {
        self.signatures.retain(|one| one.key != key);
        self.signatures.push(Signed { key, signature });
    }
}

/// How the file with the bytes to sign is called, of which draft, for which role and as which version of its document.
pub fn payload_name(draft: u64, role: &str, version: u64) -> String {
    format!("draft-{draft}-{role}-{version}.payload")
}

impl Reader {
    /// Which documents are served; `None` before the first publication.
    pub fn repository(&self) -> Result<Option<Current>, ReadError> {
        let read = self.engine.read(|txn| current(&REPOSITORY.readable(txn)?));
        Ok(read?)
    }

    /// One document as it is served.
    pub fn repository_document(&self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let read = self.engine.read(|txn| {
            let rows = REPOSITORY.readable(txn)?;
            rows.read(name.as_bytes(), |document| Some(document.to_vec()))
        });
        Ok(read?)
    }

    /// Everything that is served together, by name: from one moment, whatever is published meanwhile.
    pub fn repository_documents(&self) -> Result<Option<(Current, Documents)>, ReadError> {
        let read = self.engine.read(|txn| {
            let rows = REPOSITORY.readable(txn)?;
            let Some(current) = current(&rows)? else {
                return Ok(None);
            };
            let mut documents = BTreeMap::new();
            for name in current.names() {
                let document = rows.read(name.as_bytes(), |bytes| Some(bytes.to_vec()))?;
                documents.insert(name, document.ok_or_else(|| rows.malformed())?);
            }
            Ok(Some((current, documents)))
        });
        Ok(read?)
    }

    /// Drafts that wait, the oldest first.
    pub fn drafts(&self) -> Result<Vec<Draft>, ReadError> {
        let read = self.engine.read(|txn| {
            let rows: Readable = DRAFTS.readable(txn)?;
            rows.all(|_, row| Some(((), decode(row)?)))
        });
        Ok(read?.into_iter().map(|((), draft)| draft).collect())
    }

    pub fn draft(&self, number: u64) -> Result<Option<Draft>, ReadError> {
        let key = number.to_be_bytes();
        let read = self
            .engine
            .read(|txn| DRAFTS.readable(txn)?.read(&key, decode));
        Ok(read?)
    }
}

impl Changes<'_> {
    /// Serves other documents from now on; those of much earlier publications go.
    pub fn publish(&mut self, publication: &Publication) -> Result<(), ChangeError> {
        let mut rows = REPOSITORY.writable(self.txn)?;
        let before = current(&rows)?.unwrap_or_default();
        let mut current = publication.current.clone();
        let names: Vec<_> = current.names().collect();
        let replaced = before.versioned().filter(|name| !names.contains(name));
        current.replaced = before.replaced.clone();
        current.replaced.push(replaced.collect());
        while current.replaced.len() > KEPT {
            for name in current.replaced.remove(0) {
                rows.remove(name.as_bytes())?;
            }
        }
        for (name, document) in &publication.documents {
            rows.put(name.as_bytes(), &mut document.clone())?;
        }
        Ok(rows.put_encoded(CURRENT, &current)?)
    }

    /// Keeps a draft under a number of its own; earlier drafts of the same roles are void.
    pub fn add_draft(&mut self, mut draft: Draft) -> Result<Draft, ChangeError> {
        let mut rows = DRAFTS.writable(self.txn)?;
        let roles: Vec<_> = draft.papers.iter().map(|paper| &paper.role).collect();
        let waiting: Vec<(u64, Draft)> =
            rows.all(|_, row| decode(row).map(|draft: Draft| (draft.number, draft)))?;
        for (number, earlier) in &waiting {
            if earlier
                .papers
                .iter()
                .any(|paper| roles.contains(&&paper.role))
            {
                rows.remove(&number.to_be_bytes())?;
            }
        }
        if rows.len()? >= DRAFTS_AT_MOST {
            return Err(ChangeError::TooMany("drafts"));
        }
        let mut meta = super::meta::META.writable(self.txn)?;
        let last = meta.read(LAST_DRAFT, |row| {
            row.try_into().ok().map(u64::from_be_bytes)
        })?;
        draft.number = last.unwrap_or_default() + 1;
        meta.put(LAST_DRAFT, &mut draft.number.to_be_bytes().to_vec())?;
        rows.put_encoded(&draft.number.to_be_bytes(), &draft)?;
        Ok(draft)
    }

    /// Keeps what changed in a draft that is still there.
    pub fn set_draft(&mut self, draft: &Draft) -> Result<(), ChangeError> {
        let mut rows = DRAFTS.writable(self.txn)?;
        let key = draft.number.to_be_bytes();
        if !rows.contains(&key)? {
            return Err(ChangeError::Missing("draft"));
        }
        Ok(rows.put_encoded(&key, draft)?)
    }

    pub fn remove_draft(&mut self, number: u64) -> Result<(), ChangeError> {
        let mut rows = DRAFTS.writable(self.txn)?;
        match rows.remove(&number.to_be_bytes())? {
            true => Ok(()),
            false => Err(ChangeError::Missing("draft")),
        }
    }
}

/// The number of the newest draft, so that none is given twice.
const LAST_DRAFT: &[u8] = b"\0draft";

impl Current {
    /// The names of all documents that are served together.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let roots = (1..=self.root).map(|version| format!("{version}.root.json"));
        let timestamp = std::iter::once(TIMESTAMP.to_owned());
        roots.chain(timestamp).chain(self.versioned())
    }

    /// The names of those that another publication replaces by others.
    fn versioned(&self) -> impl Iterator<Item = String> {
        let snapshot = (self.snapshot > 0).then(|| format!("{}.snapshot.json", self.snapshot));
        let roles = self.roles.iter();
        let roles = roles.map(|(role, version)| format!("{version}.{role}.json"));
        roles.chain(snapshot).collect::<Vec<_>>().into_iter()
    }
}

/// The one document whose name tells no version.
pub const TIMESTAMP: &str = "timestamp.json";

fn current<T>(rows: &Rows<T>) -> Result<Option<Current>, Fault>
where
    T: redb::ReadableTable<&'static [u8], &'static [u8]>,
{
    rows.decoded(CURRENT)
}

fn decode(row: &[u8]) -> Option<Draft> {
    cbor::decode("draft", DRAFT_BYTES, row).ok()
}

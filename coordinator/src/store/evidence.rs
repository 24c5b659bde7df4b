//! Proofs that have convicted somebody: kept for good, as they were received.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use protocol::coordinator::save::Brought;
use protocol::id::{DeviceId, Digest};
use protocol::proof::Proof;
use protocol::time::Timestamp;
use redb::ReadTransaction;

use super::Reader;
use super::fault::{Fault, ReadError};
use super::rows::{Table, Writable, decode};

pub(super) static EVIDENCE: Table = Table::new("evidence");

/// A proof as it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProof {
    pub digest: Digest,
    pub at: Timestamp,
    pub brought: Brought,
    /// The proof as it travels.
    pub proof: Vec<u8>,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    at: Timestamp,
    /// `None` if the coordinator found it.
    #[n(1)]
    by: Option<DeviceId>,
    #[n(2)]
    proof: ByteVec,
}

/// Stores a proof; the same one again keeps its first date.
pub(super) fn put(
    evidence: &mut Writable<'_>,
    proof: &Proof,
    brought: Brought,
    at: Timestamp,
) -> Result<(), Fault> {
    let digest = proof.digest();
    if evidence.contains(digest.as_bytes())? {
        return Ok(());
    }
    let row = Row {
        at,
        by: brought.by(),
        proof: proof.bytes().to_vec().into(),
    };
    evidence.put_encoded(digest.as_bytes(), &row)
}

/// All proofs, the oldest first.
pub(super) fn all(txn: &ReadTransaction) -> Result<Vec<StoredProof>, Fault> {
    let rows = EVIDENCE.readable(txn)?;
    let mut all = rows.all(|digest, row| {
        let stored = stored(digest, row)?;
        Some((stored.at, stored))
    })?;
    all.sort_by_key(|(at, stored)| (*at, stored.digest));
    Ok(all.into_iter().map(|(_, stored)| stored).collect())
}

fn stored(digest: &[u8], row: &[u8]) -> Option<StoredProof> {
    let row: Row = decode(row)?;
    Some(StoredProof {
        digest: Digest::from_bytes(digest.try_into().ok()?),
        at: row.at,
        brought: row.by.map_or(Brought::Found, Brought::By),
        proof: row.proof.into(),
    })
}

impl Reader {
    /// Every proof, the oldest first: there is one for each convicted device at most.
    pub fn evidence(&self) -> Result<Vec<StoredProof>, ReadError> {
        Ok(self.engine.read(all)?)
    }

    pub fn proof(&self, digest: &Digest) -> Result<Option<StoredProof>, ReadError> {
        let read = self.engine.read(|txn| {
            let key = digest.as_bytes();
            EVIDENCE.readable(txn)?.read(key, |row| stored(key, row))
        });
        Ok(read?)
    }
}

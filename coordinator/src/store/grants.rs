//! What programs were granted for a name and a password: one row for each chain of refresh tokens.

use minicbor::{Decode, Encode};
use protocol::text::{Name, Path};
use protocol::time::Timestamp;

use super::fault::{ChangeError, Fault, ReadError};
use super::rows::{Rows, Table, Writable, decode};
use super::secret_hash::SecretHash;
use super::{Changes, Reader};

pub(super) static GRANTS: Table = Table::new("grants");

/// Grants of one person; the one that was used least lately goes.
pub const GRANTS_PER_OPERATOR: usize = 20;

/// One chain of refresh tokens, of which the newest alone is good.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Grant {
    #[n(0)]
    pub operator: Name,
    #[n(1)]
    pub created: Timestamp,
    /// When it was last refreshed.
    #[n(2)]
    pub seen: Timestamp,
    #[n(3)]
    pub expires: Timestamp,
    /// The newest refresh token.
    #[n(4)]
    pub current: SecretHash,
    #[n(5)]
    pub address: Option<Name>,
    #[n(6)]
    pub agent: Option<Path>,
}

/// What became of a refresh token that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// It was the newest, and another one is.
    Rotated(Grant),
    /// It belongs to the chain and is not the newest: two hold it, so the whole chain is gone.
    Reused(Grant),
    /// It has expired, was ended, or never was.
    Unknown,
}

impl Reader {
    /// A grant that is not over.
    pub fn grant(&self, id: &SecretHash, now: Timestamp) -> Result<Option<Grant>, ReadError> {
        let read: Option<Grant> = self
            .engine
            .read(|txn| GRANTS.readable(txn)?.decoded(id.as_bytes()))?;
        Ok(read.filter(|grant| now < grant.expires))
    }

    /// All grants, those that are over among them until they are replaced.
    pub fn grants(&self) -> Result<Vec<(SecretHash, Grant)>, ReadError> {
        let all = self.engine.read(|txn| {
            let rows = GRANTS.readable(txn)?;
            Rows::all(&rows, grant)
        });
        Ok(all?)
    }
}

impl Changes<'_> {
    pub fn open_grant(&mut self, id: &SecretHash, granted: &Grant) -> Result<(), ChangeError> {
        let mut rows = GRANTS.writable(self.txn)?;
        let mut own = of_operator(&rows, &granted.operator)?;
        own.sort_by_key(|(_, grant)| (grant.expires > granted.created, grant.seen));
        let over = own.iter().filter(|(_, it)| it.expires <= granted.created);
        let surplus = (own.len() + 1).saturating_sub(GRANTS_PER_OPERATOR);
        let goes = surplus.max(over.count());
        for (old, _) in own.iter().take(goes) {
            rows.remove(old.as_bytes())?;
        }
        Ok(rows.put_encoded(id.as_bytes(), granted)?)
    }

    /// Takes the newest refresh token of a chain for the next; an older one ends the chain.
    pub fn refresh_grant(
        &mut self,
        id: &SecretHash,
        shown: &SecretHash,
        next: &SecretHash,
        now: Timestamp,
    ) -> Result<Refresh, ChangeError> {
        let mut rows = GRANTS.writable(self.txn)?;
        let kept: Option<Grant> = rows.decoded(id.as_bytes())?;
        let Some(mut grant) = kept.filter(|grant| now < grant.expires) else {
            return Ok(Refresh::Unknown);
        };
        if grant.current != *shown {
            rows.remove(id.as_bytes())?;
            return Ok(Refresh::Reused(grant));
        }
        grant.current = *next;
        grant.seen = grant.seen.max(now);
        rows.put_encoded(id.as_bytes(), &grant)?;
        Ok(Refresh::Rotated(grant))
    }

    /// Ends a grant.
    pub fn close_grant(&mut self, id: &SecretHash) -> Result<(), ChangeError> {
        let closed = GRANTS.writable(self.txn)?.remove(id.as_bytes())?;
        closed.then_some(()).ok_or(ChangeError::Missing("grant"))
    }

    /// Ends all grants of a person.
    pub fn close_grants_of(&mut self, operator: &Name) -> Result<(), ChangeError> {
        let mut rows = GRANTS.writable(self.txn)?;
        for (id, _) in of_operator(&rows, operator)? {
            rows.remove(id.as_bytes())?;
        }
        Ok(())
    }
}

fn of_operator(rows: &Writable<'_>, operator: &Name) -> Result<Vec<(SecretHash, Grant)>, Fault> {
    let mut own = rows.all(grant)?;
    own.retain(|(_, grant)| grant.operator == *operator);
    Ok(own)
}

fn grant(key: &[u8], row: &[u8]) -> Option<(SecretHash, Grant)> {
    Some((SecretHash::from_row(key)?, decode(row)?))
}

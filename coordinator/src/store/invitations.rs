//! One-time links with which somebody gets an account, or another password for the one they have.

use minicbor::{Decode, Encode};
use protocol::text::Name;
use protocol::time::Timestamp;

use super::fault::{ChangeError, Fault, ReadError};
use super::operators::{Role, refuse_look_alikes};
use super::rows::{Rows, Table, Writable, decode};
use super::secret_hash::SecretHash;
use super::{Changes, Reader};

pub(super) static INVITATIONS: Table = Table::new("invitations");

/// Links that may wait at once.
pub const INVITATIONS_AT_MOST: u64 = 1_000;

/// What a link is good for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Invitation {
    /// Whose account it makes or opens.
    #[n(0)]
    pub name: Name,
    /// The role of an account that is to be made; nothing where only the password is set anew.
    #[n(1)]
    pub role: Option<Role>,
    #[n(2)]
    pub by: Name,
    #[n(3)]
    pub created: Timestamp,
    #[n(4)]
    pub expires: Timestamp,
}

impl Reader {
    /// What a link is good for now.
    pub fn invitation(
        &self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<Invitation>, ReadError> {
        let read: Option<Invitation> = self
            .engine
            .read(|txn| INVITATIONS.readable(txn)?.decoded(hash.as_bytes()))?;
        Ok(read.filter(|invitation| now < invitation.expires))
    }

    /// All links that wait, those that have expired among them until they are replaced.
    pub fn invitations(&self) -> Result<Vec<Invitation>, ReadError> {
        let all = self.engine.read(|txn| {
            let rows = INVITATIONS.readable(txn)?;
            Rows::all(&rows, invitation)
        })?;
        Ok(all.into_iter().map(|(_, invitation)| invitation).collect())
    }
}

impl Changes<'_> {
    /// Makes a link the only one that counts for a person; those that have expired go.
    pub fn invite(
        &mut self,
        hash: &SecretHash,
        invitation: &Invitation,
    ) -> Result<(), ChangeError> {
        let mut rows = INVITATIONS.writable(self.txn)?;
        remove(&mut rows, |other| {
            other.name == invitation.name || other.expires <= invitation.created
        })?;
        if rows.len()? >= INVITATIONS_AT_MOST {
            return Err(ChangeError::TooMany("invitations"));
        }
        if invitation.role.is_some() {
            let waiting = rows.all(self::invitation)?.into_iter();
            refuse_look_alikes(&invitation.name, waiting.map(|(_, waiting)| waiting.name))?;
            self.refuse_look_alike_of_operators(&invitation.name)?;
        }
        Ok(rows.put_encoded(hash.as_bytes(), invitation)?)
    }

    /// Uses a link up; nothing where it has expired, was used or was never made.
    pub fn redeem_invitation(
        &mut self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<Invitation>, ChangeError> {
        let mut rows = INVITATIONS.writable(self.txn)?;
        let waiting: Option<Invitation> = rows.decoded(hash.as_bytes())?;
        let Some(waiting) = waiting.filter(|waiting| now < waiting.expires) else {
            return Ok(None);
        };
        rows.remove(hash.as_bytes())?;
        Ok(Some(waiting))
    }

    /// Takes back whatever waits for a person.
    pub fn uninvite(&mut self, name: &Name) -> Result<usize, ChangeError> {
        let mut rows = INVITATIONS.writable(self.txn)?;
        Ok(remove(&mut rows, |invitation| invitation.name == *name)?)
    }
}

fn remove(rows: &mut Writable<'_>, goes: impl Fn(&Invitation) -> bool) -> Result<usize, Fault> {
    let mut gone = rows.all(invitation)?;
    gone.retain(|(_, invitation)| goes(invitation));
    for (hash, _) in &gone {
        rows.remove(hash.as_bytes())?;
    }
    Ok(gone.len())
}

fn invitation(key: &[u8], row: &[u8]) -> Option<(SecretHash, Invitation)> {
    Some((SecretHash::from_row(key)?, decode(row)?))
}

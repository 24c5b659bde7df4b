//! Passkeys of people: public keys, how often each has signed, and the rule that somebody who has no password keeps one.

use std::fmt;

use language::word;
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};
use protocol::id::Digest;
use protocol::text::Name;
use protocol::time::Timestamp;

use super::fault::{ChangeError, ReadError};
use super::rows::{Rows, Table, Writable, decode};
use super::{Changes, Reader};
use crate::passkeys::USER_BYTES;
use crate::passkeys::key::PublicKey;

pub(super) static PASSKEYS: Table = Table::new("passkeys");

/// Passkeys that one person may have.
pub const PASSKEYS_PER_OPERATOR: usize = 10;

/// The name of a passkey, by the digest of its credential's id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PasskeyId(Digest);

/// What is kept of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    pub operator: Name,
    /// What its owner calls it.
    pub name: Name,
    pub credential: Vec<u8>,
    pub key: PublicKey,
    /// How often it had signed when it was used last.
    pub count: u32,
    /// The host for which it was made.
    pub site: String,
    /// By which authenticators know its owner.
    pub user: [u8; USER_BYTES],
    pub created: Timestamp,
    pub used: Option<Timestamp>,
}

/// Whether an authenticator has counted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    On,
    /// It has signed less often than it had: a copy of it is about.
    Back {
        from: u32,
    },
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    operator: Name,
    #[n(1)]
    name: Name,
    #[n(2)]
    credential: ByteVec,
    #[n(3)]
    key: ByteVec,
    #[n(4)]
    count: u32,
    #[n(5)]
    site: String,
    #[n(6)]
    user: ByteArray<USER_BYTES>,
    #[n(7)]
    created: Timestamp,
    #[n(8)]
    used: Option<Timestamp>,
}

impl PasskeyId {
    pub fn of(credential: &[u8]) -> Self {
        Self(Digest::of("palisade 2026 passkey id", &[credential]))
    }

    /// Reads back what its `Display` made.
    pub fn from_shown(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    fn from_row(key: &[u8]) -> Option<Self> {
        key.try_into().ok().map(Digest::from_bytes).map(Self)
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for PasskeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for PasskeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasskeyId({self})")
    }
}

impl Row {
    fn of(passkey: &Passkey) -> Self {
        Self {
            operator: passkey.operator.clone(),
            name: passkey.name.clone(),
            credential: passkey.credential.clone().into(),
            key: passkey.key.kept().to_vec().into(),
            count: passkey.count,
            site: passkey.site.clone(),
            user: passkey.user.into(),
            created: passkey.created,
            used: passkey.used,
        }
    }
}

fn open(row: &[u8]) -> Option<Passkey> {
    let row: Row = decode(row)?;
    Some(Passkey {
        operator: row.operator,
        name: row.name,
        key: PublicKey::from_kept(&row.key)?,
        credential: row.credential.into(),
        count: row.count,
        site: row.site,
        user: row.user.into(),
        created: row.created,
        used: row.used,
    })
}

impl Reader {
    pub fn passkey(&self, id: &PasskeyId) -> Result<Option<Passkey>, ReadError> {
        let read = self
            .engine
            .read(|txn| PASSKEYS.readable(txn)?.read(id.as_bytes(), open));
        Ok(read?)
    }

    /// All of them, as they were made.
    pub fn passkeys(&self) -> Result<Vec<(PasskeyId, Passkey)>, ReadError> {
        let mut all = self.engine.read(|txn| {
            let rows = PASSKEYS.readable(txn)?;
            Rows::all(&rows, |key, row| {
                Some((PasskeyId::from_row(key)?, open(row)?))
            })
        })?;
        all.sort_by_key(|(id, passkey)| (passkey.created, *id));
        Ok(all)
    }

    /// Those of one person.
    pub fn passkeys_of(&self, name: &Name) -> Result<Vec<(PasskeyId, Passkey)>, ReadError> {
        let mut all = self.passkeys()?;
        all.retain(|(_, passkey)| passkey.operator == *name);
        Ok(all)
    }
}

impl Changes<'_> {
    /// Keeps one. Whom a provider vouches for has no password here and gets none: the provider decides who they are.
    pub fn add_passkey(&mut self, id: &PasskeyId, passkey: &Passkey) -> Result<(), ChangeError> {
        let has_password = self.has_password(&passkey.operator)?;
        let mut rows = PASSKEYS.writable(self.txn)?;
        if rows.contains(id.as_bytes())? {
            return Err(ChangeError::Exists("this passkey"));
        }
        let own = of(&rows, &passkey.operator)?;
        if own.is_empty() && !has_password {
            return Err(ChangeError::LastWayIn(word!(
                "a provider vouches for this account"
            )));
        }
        if own.len() >= PASSKEYS_PER_OPERATOR {
            return Err(ChangeError::Exists("ten passkeys: remove one first"));
        }
        Ok(rows.put_encoded(id.as_bytes(), &Row::of(passkey))?)
    }

    /// Calls one otherwise; the name until now.
    pub fn rename_passkey(
        &mut self,
        (owner, id): (&Name, &PasskeyId),
        name: &Name,
    ) -> Result<Name, ChangeError> {
        let mut rows = PASSKEYS.writable(self.txn)?;
        let mut passkey = owned(&rows, owner, id)?;
        let before = std::mem::replace(&mut passkey.name, name.clone());
        rows.put_encoded(id.as_bytes(), &Row::of(&passkey))?;
        Ok(before)
    }

    /// Removes one, but not the last way into an account; what it was called.
    pub fn remove_passkey(&mut self, owner: &Name, id: &PasskeyId) -> Result<Name, ChangeError> {
        let has_password = self.has_password(owner)?;
        let mut rows = PASSKEYS.writable(self.txn)?;
        let passkey = owned(&rows, owner, id)?;
        if !has_password && of(&rows, owner)?.len() == 1 {
            return Err(ChangeError::LastWayIn(word!(
                "it is the only way into the account: choose a password or add another passkey first"
            )));
        }
        rows.remove(id.as_bytes())?;
        Ok(passkey.name)
    }

    /// Removes all of a person's, who then has a password; tells how many.
    pub fn remove_passkeys(&mut self, owner: &Name) -> Result<usize, ChangeError> {
        if !self.has_password(owner)? {
            return Err(ChangeError::LastWayIn(word!(
                "the account has no password: hand out a link for one, and remove its passkeys once that was used"
            )));
        }
        self.forget_passkeys_of(owner)
    }

    pub(super) fn forget_passkeys_of(&mut self, owner: &Name) -> Result<usize, ChangeError> {
        let mut rows = PASSKEYS.writable(self.txn)?;
        let own = of(&rows, owner)?;
        for id in &own {
            rows.remove(id.as_bytes())?;
        }
        Ok(own.len())
    }

    /// Asks for no password any more, and ends all sessions: passkeys alone open the account.
    pub fn drop_password(&mut self, owner: &Name) -> Result<(), ChangeError> {
        if of(&PASSKEYS.writable(self.txn)?, owner)?.is_empty() {
            return Err(ChangeError::LastWayIn(word!(
                "the password is the only way into the account: add a passkey first"
            )));
        }
        self.set_password(owner, "")
    }

    /// Notes that one was used. Where its count does not go on, nothing is noted.
    pub fn use_passkey(
        &mut self,
        id: &PasskeyId,
        count: u32,
        now: Timestamp,
    ) -> Result<Counted, ChangeError> {
        let mut rows = PASSKEYS.writable(self.txn)?;
        let passkey = rows.read(id.as_bytes(), open)?;
        let mut passkey = passkey.ok_or(ChangeError::Missing("passkey"))?;
        // Authenticators that do not count always say 0.
        if count <= passkey.count && (count, passkey.count) != (0, 0) {
            return Ok(Counted::Back {
                from: passkey.count,
            });
        }
        (passkey.count, passkey.used) = (count, Some(now));
        rows.put_encoded(id.as_bytes(), &Row::of(&passkey))?;
        Ok(Counted::On)
    }
}

fn of(rows: &Writable<'_>, owner: &Name) -> Result<Vec<PasskeyId>, ChangeError> {
    let all =
        rows.all(|key, row| Some((PasskeyId::from_row(key)?, decode::<Row>(row)?.operator)))?;
    let own = all.into_iter().filter(|(_, operator)| operator == owner);
    Ok(own.map(|(id, _)| id).collect())
}

fn owned(rows: &Writable<'_>, owner: &Name, id: &PasskeyId) -> Result<Passkey, ChangeError> {
    let found = rows.read(id.as_bytes(), open)?;
    let own = found.filter(|passkey| passkey.operator == *owner);
    own.ok_or(ChangeError::Missing("passkey"))
}

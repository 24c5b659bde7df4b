//! The people who may log in; what their passwords are checked against is sealed.

use std::fmt;
use std::str::FromStr;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use protocol::text::Name;
use protocol::time::Timestamp;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::accounts::names::look_alike;

use super::barred::BARRED;
use super::fault::{ChangeError, Fault, ReadError};
use super::key::StoreKey;
use super::languages::LANGUAGES;
use super::rows::{Rows, Table, Writable, decode};
use super::{Changes, Reader};

pub(super) static OPERATORS: Table = Table::new("operators");

/// People who may have an account.
pub const OPERATORS_AT_MOST: u64 = 1_000;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// Sees the mesh.
    #[n(0)]
    Viewer,
    /// Also acts on devices.
    #[n(1)]
    Operator,
    /// Also decides who may do what.
    #[n(2)]
    Admin,
    /// Sees everything, the audit log included, and changes nothing.
    #[n(3)]
    Auditor,
}

/// One person's account.
#[derive(Clone, PartialEq, Eq)]
pub struct Operator {
    pub name: Name,
    pub role: Role,
    pub created: Timestamp,
    /// An argon2id hash in PHC form; empty where passkeys or a provider open the account.
    pub password: Zeroizing<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no such role: use viewer, operator, admin or auditor")]
pub struct RoleError;

#[derive(Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    role: Role,
    #[n(1)]
    created: Timestamp,
    #[n(2)]
    password: ByteVec,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Operator, Self::Admin, Self::Auditor];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }
}

impl Role {
    /// Whether whoever has this role may hand out the other one.
    pub const fn includes(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Admin, _)
                | (Self::Operator, Self::Operator | Self::Viewer)
                | (Self::Auditor, Self::Auditor | Self::Viewer)
                | (Self::Viewer, Self::Viewer)
        )
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(word: &str) -> Result<Self, RoleError> {
        let found = Self::ALL.into_iter().find(|role| role.word() == word);
        found.ok_or(RoleError)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Operator({} {})", self.name, self.role)
    }
}

fn open(name: &[u8], row: &Row, key: &StoreKey) -> Option<Operator> {
    let password = key.open(&OPERATORS, name, &row.password)?;
    let password = std::str::from_utf8(&password).ok()?.to_owned();
    Some(Operator {
        name: Name::new(std::str::from_utf8(name).ok()?).ok()?,
        role: row.role,
        created: row.created,
        password: Zeroizing::new(password),
    })
}

impl Reader {
    /// Everybody with an account, in the order of their names.
    pub fn operators(&self) -> Result<Vec<Operator>, ReadError> {
        let key = &self.engine.key;
        let all = self.engine.read(|txn| {
            let rows = OPERATORS.readable(txn)?;
            Rows::all(&rows, |name, row| {
                Some(((), open(name, &decode(row)?, key)?))
            })
        })?;
        Ok(all.into_iter().map(|(_, operator)| operator).collect())
    }

    pub fn operator(&self, name: &Name) -> Result<Option<Operator>, ReadError> {
        let name = name.as_str().as_bytes();
        let read = self.engine.read(|txn| {
            OPERATORS
                .readable(txn)?
                .read(name, |row| open(name, &decode(row)?, &self.engine.key))
        });
        Ok(read?)
    }
}

/// Whom people would take for somebody who is there already is given no account.
fn refuse_look_alike(rows: &Writable<'_>, name: &Name) -> Result<(), ChangeError> {
    let names = rows.all(|key, _| Some((Name::new(std::str::from_utf8(key).ok()?).ok()?, ())))?;
    refuse_look_alikes(name, names.into_iter().map(|(name, ())| name))
}

/// The same among names that wait for an account.
pub(super) fn refuse_look_alikes(
    name: &Name,
    mut others: impl Iterator<Item = Name>,
) -> Result<(), ChangeError> {
    let alike = |other: &Name| other != name && look_alike(other.as_str(), name.as_str());
    match others.find(alike) {
        Some(other) => Err(ChangeError::LooksLike(other)),
        None => Ok(()),
    }
}

impl Changes<'_> {
    pub fn add_operator(&mut self, operator: &Operator) -> Result<(), ChangeError> {
        let mut rows = OPERATORS.writable(self.txn)?;
        if rows.contains(operator.name.as_str().as_bytes())? {
            return Err(ChangeError::Exists("an operator of this name"));
        }
        refuse_look_alike(&rows, &operator.name)?;
        if rows.len()? >= OPERATORS_AT_MOST {
            return Err(ChangeError::TooMany("operators"));
        }
        Ok(self.put_operator(&mut rows, operator)?)
    }

    pub(super) fn refuse_look_alike_of_operators(&self, name: &Name) -> Result<(), ChangeError> {
        refuse_look_alike(&OPERATORS.writable(self.txn)?, name)
    }

    /// Replaces a password and ends all sessions of the operator.
    pub fn set_password(&mut self, name: &Name, password: &str) -> Result<(), ChangeError> {
        self.change_operator(name, |operator| {
            operator.password = Zeroizing::new(password.to_owned());
        })
    }

    /// Gives another role, ends all sessions of the operator, and tokens that would allow more than the role.
    pub fn set_role(&mut self, name: &Name, role: Role) -> Result<(), ChangeError> {
        if role != Role::Admin {
            self.keep_an_admin(name)?;
        }
        self.change_operator(name, |operator| operator.role = role)?;
        self.remove_api_tokens_of(name, |token| !role.includes(token.role))
            .map(drop)
    }

    pub(super) fn role_of(&self, name: &Name) -> Result<Role, ChangeError> {
        let key = name.as_str().as_bytes();
        let rows = OPERATORS.writable(self.txn)?;
        let role = rows.read(key, |row| Some(decode::<Row>(row)?.role))?;
        role.ok_or(ChangeError::Missing("operator"))
    }

    /// Whether a password opens the account: somebody with passkeys may do without, and so does whom a provider vouches for.
    pub(super) fn has_password(&self, name: &Name) -> Result<bool, ChangeError> {
        let key = name.as_str().as_bytes();
        let rows = OPERATORS.writable(self.txn)?;
        let operator = rows.read(key, |row| open(key, &decode(row)?, self.key))?;
        let operator = operator.ok_or(ChangeError::Missing("operator"))?;
        Ok(!operator.password.is_empty())
    }

    /// Replaces a hash by another one of the same password: nothing ends.
    pub fn rehash(&mut self, name: &Name, password: &str) -> Result<(), ChangeError> {
        let key = name.as_str().as_bytes();
        let mut rows = OPERATORS.writable(self.txn)?;
        let mut operator = rows
            .read(key, |row| open(key, &decode(row)?, self.key))?
            .ok_or(ChangeError::Missing("operator"))?;
        operator.password = Zeroizing::new(password.to_owned());
        Ok(self.put_operator(&mut rows, &operator)?)
    }

    /// Removes an account and ends its sessions.
    pub fn remove_operator(&mut self, name: &Name) -> Result<(), ChangeError> {
        self.keep_an_admin(name)?;
        if !OPERATORS
            .writable(self.txn)?
            .remove(name.as_str().as_bytes())?
        {
            return Err(ChangeError::Missing("operator"));
        }
        self.forget_traces_of(name)?;
        self.close_sessions_of(name).map(drop)
    }

    /// Of somebody who has no account any more nothing stays that could be used, or that the next of that name would inherit.
    fn forget_traces_of(&mut self, name: &Name) -> Result<(), ChangeError> {
        BARRED
            .writable(self.txn)?
            .remove(name.as_str().as_bytes())?;
        LANGUAGES
            .writable(self.txn)?
            .remove(name.as_str().as_bytes())?;
        self.forget_second_factor(name)?;
        self.forget_passkeys_of(name)?;
        self.uninvite(name)?;
        self.forget_federated(name)?;
        self.close_grants_of(name)?;
        self.remove_api_tokens_of(name, |_| true).map(drop)
    }

    fn change_operator(
        &mut self,
        name: &Name,
        change: impl FnOnce(&mut Operator),
    ) -> Result<(), ChangeError> {
        let key = name.as_str().as_bytes();
        let mut rows = OPERATORS.writable(self.txn)?;
        let mut operator = rows
            .read(key, |row| open(key, &decode(row)?, self.key))?
            .ok_or(ChangeError::Missing("operator"))?;
        change(&mut operator);
        self.put_operator(&mut rows, &operator)?;
        drop(rows);
        self.close_grants_of(name)?;
        self.close_sessions_of(name).map(drop)
    }

    fn put_operator(&self, rows: &mut Writable<'_>, operator: &Operator) -> Result<(), Fault> {
        let name = operator.name.as_str().as_bytes();
        let sealed = self
            .key
            .seal(&OPERATORS, name, operator.password.as_bytes());
        let row = Row {
            role: operator.role,
            created: operator.created,
            password: sealed.into(),
        };
        rows.put_encoded(name, &row)
    }

    /// Refuses what would leave nobody who may decide.
    pub(super) fn keep_an_admin(&self, without: &Name) -> Result<(), ChangeError> {
        let rows = OPERATORS.writable(self.txn)?;
        let mut all = rows.all(|name, row| Some((name.to_vec(), decode::<Row>(row)?.role)))?;
        // Whoever cannot get in cannot decide.
        let barred = BARRED
            .writable(self.txn)?
            .all(|name, _| Some((name.to_vec(), ())))?;
        all.retain(|(name, _)| !barred.iter().any(|(barred, ())| barred == name));
        let without = without.as_str().as_bytes();
        let is_admin = |(name, role): &(Vec<u8>, Role)| *role == Role::Admin && name != without;
        let loses = all
            .iter()
            .any(|(name, role)| *role == Role::Admin && name == without);
        if loses && !all.iter().any(is_admin) {
            return Err(ChangeError::LastAdmin);
        }
        Ok(())
    }
}

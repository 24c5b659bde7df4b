//! Accounts that are shut and kept: who shut them, and since when.

use minicbor::{Decode, Encode};
use protocol::text::Name;
use protocol::time::Timestamp;

use super::fault::{ChangeError, ReadError};
use super::operators::OPERATORS;
use super::rows::{Rows, Table, decode};
use super::{Changes, Reader};

/// At most one row for each operator.
pub(super) static BARRED: Table = Table::new("barred");

/// Why somebody who has an account does not get in.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Barred {
    #[n(0)]
    pub since: Timestamp,
    #[n(1)]
    pub by: Name,
}

impl Reader {
    /// Whether an account is shut.
    pub fn barred(&self, name: &Name) -> Result<Option<Barred>, ReadError> {
        let key = name.as_str().as_bytes();
        Ok(self.engine.read(|txn| BARRED.readable(txn)?.decoded(key))?)
    }

    /// All accounts that are shut, in the order of their names.
    pub fn all_barred(&self) -> Result<Vec<(Name, Barred)>, ReadError> {
        let all = self.engine.read(|txn| {
            let rows = BARRED.readable(txn)?;
            Rows::all(&rows, |name, row| {
                let name = Name::new(std::str::from_utf8(name).ok()?).ok()?;
                Some((name, decode(row)?))
            })
        });
        Ok(all?)
    }
}

impl Changes<'_> {
    /// Shuts an account, and ends whatever was let in with it.
    pub fn bar(&mut self, name: &Name, barred: &Barred) -> Result<(), ChangeError> {
        self.keep_an_admin(name)?;
        let key = name.as_str().as_bytes();
        if !OPERATORS.writable(self.txn)?.contains(key)? {
            return Err(ChangeError::Missing("operator"));
        }
        BARRED.writable(self.txn)?.put_encoded(key, barred)?;
        self.close_grants_of(name)?;
        self.close_sessions_of(name).map(drop)
    }

    /// Opens an account again.
    pub fn unbar(&mut self, name: &Name) -> Result<(), ChangeError> {
        let key = name.as_str().as_bytes();
        let was = BARRED.writable(self.txn)?.remove(key)?;
        was.then_some(())
            .ok_or(ChangeError::Missing("account that is shut"))
    }
}

//! Accounts of people whom an identity provider vouches for: whose account belongs to whom there.

use minicbor::{Decode, Encode};
use protocol::id::Digest;
use protocol::text::Name;
use protocol::time::Timestamp;
use zeroize::Zeroizing;

use super::fault::{ChangeError, ReadError};
use super::operators::{Operator, Role};
use super::rows::{Table, decode};
use super::{Changes, Reader};

/// At most one row for each operator.
pub(super) static FEDERATED: Table = Table::new("federated");

/// Somebody at a provider; it is never given to anybody else there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject(Digest);

#[derive(Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    name: Name,
    #[n(1)]
    created: Timestamp,
}

/// What became of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entrance {
    /// The first: an account was made.
    Made(Name),
    /// Another one, perhaps with another role than before.
    Known { name: Name, before: Role },
}

impl Subject {
    pub fn new(issuer: &str, subject: &str) -> Self {
        let issuer = Digest::of("palisade 2026 issuer", &[issuer.as_bytes()]);
        let parts = [issuer.as_bytes().as_slice(), subject.as_bytes()];
        Self(Digest::of("palisade 2026 subject at an issuer", &parts))
    }
}

impl Reader {
    /// Whose account it is, if somebody from the provider has been here before.
    pub fn federated(&self, subject: Subject) -> Result<Option<Name>, ReadError> {
        let key = subject.0;
        let row: Option<Row> = self
            .engine
            .read(|txn| FEDERATED.readable(txn)?.decoded(key.as_bytes()))?;
        Ok(row.map(|row| row.name))
    }
}

impl Changes<'_> {
    /// Lets somebody in whom a provider vouches for: into an account that the provider's word made, and into no other.
    pub fn enter_federated(
        &mut self,
        subject: Subject,
        (name, role): (&Name, Role),
        now: Timestamp,
    ) -> Result<Entrance, ChangeError> {
        let key = subject.0.as_bytes();
        let known: Option<Row> = FEDERATED.writable(self.txn)?.decoded(key)?;
        let Some(known) = known else {
            // Fails where somebody has the name: a provider's name never opens an account that was made here.
            self.add_operator(&Operator {
                name: name.clone(),
                role,
                created: now,
                password: Zeroizing::default(),
            })?;
            let row = Row {
                name: name.clone(),
                created: now,
            };
            FEDERATED.writable(self.txn)?.put_encoded(key, &row)?;
            return Ok(Entrance::Made(name.clone()));
        };
        let before = self.role_of(&known.name)?;
        if before != role {
            self.set_role(&known.name, role)?;
        }
        Ok(Entrance::Known {
            name: known.name,
            before,
        })
    }

    /// The next of this name at the provider begins anew.
    pub(super) fn forget_federated(&mut self, name: &Name) -> Result<(), ChangeError> {
        let mut rows = FEDERATED.writable(self.txn)?;
        let all = rows.all(|key, row| Some((key.to_vec(), decode::<Row>(row)?)))?;
        for (key, _) in all.iter().filter(|(_, row)| row.name == *name) {
            rows.remove(key)?;
        }
        Ok(())
    }
}

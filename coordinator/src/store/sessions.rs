//! Who is logged in: sessions by the hash of their ids.

use minicbor::{Decode, Encode};
use protocol::text::{Name, Path};
use protocol::time::Timestamp;

use super::fault::{ChangeError, Fault, ReadError};
use super::rows::{Rows, Table, Writable, decode};
use super::secret_hash::SecretHash;
use super::{Changes, Reader};

pub(super) static SESSIONS: Table = Table::new("sessions");

/// Sessions of one person; the one that was used least lately goes.
pub const SESSIONS_PER_OPERATOR: usize = 20;

/// One login.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Session {
    #[n(0)]
    pub operator: Name,
    #[n(1)]
    pub created: Timestamp,
    /// When it was last used, as exactly as [`Changes::touch_session`] is called.
    #[n(2)]
    pub seen: Timestamp,
    #[n(3)]
    pub expires: Timestamp,
    /// From where the login came.
    #[n(4)]
    pub address: Option<Name>,
    /// What the browser calls itself.
    #[n(5)]
    pub agent: Option<Path>,
}

impl Reader {
    /// A session that is not over.
    pub fn session(&self, id: &SecretHash, now: Timestamp) -> Result<Option<Session>, ReadError> {
        let read: Option<Session> = self
            .engine
            .read(|txn| SESSIONS.readable(txn)?.decoded(id.as_bytes()))?;
        Ok(read.filter(|session| now < session.expires))
    }

    /// All sessions, those that are over among them until they are pruned.
    pub fn sessions(&self) -> Result<Vec<(SecretHash, Session)>, ReadError> {
        let all = self.engine.read(|txn| {
            let rows = SESSIONS.readable(txn)?;
            Rows::all(&rows, session)
        });
        Ok(all?)
    }
}

impl Changes<'_> {
    pub fn open_session(&mut self, id: &SecretHash, session: &Session) -> Result<(), ChangeError> {
        let mut rows = SESSIONS.writable(self.txn)?;
        let mut own = of_operator(&rows, &session.operator)?;
        own.sort_by_key(|(_, session)| session.seen);
        let surplus = (own.len() + 1).saturating_sub(SESSIONS_PER_OPERATOR);
        for (old, _) in own.iter().take(surplus) {
            rows.remove(old.as_bytes())?;
        }
        Ok(rows.put_encoded(id.as_bytes(), session)?)
    }

    /// Notes that a session was used.
    pub fn touch_session(&mut self, id: &SecretHash, seen: Timestamp) -> Result<(), ChangeError> {
        let mut rows = SESSIONS.writable(self.txn)?;
        let session: Option<Session> = rows.decoded(id.as_bytes())?;
        let mut session = session.ok_or(ChangeError::Missing("session"))?;
        session.seen = session.seen.max(seen);
        Ok(rows.put_encoded(id.as_bytes(), &session)?)
    }

    pub fn close_session(&mut self, id: &SecretHash) -> Result<(), ChangeError> {
        let closed = SESSIONS.writable(self.txn)?.remove(id.as_bytes())?;
        closed.then_some(()).ok_or(ChangeError::Missing("session"))
    }

    /// Ends all sessions of a person; tells how many there were.
    pub fn close_sessions_of(&mut self, operator: &Name) -> Result<usize, ChangeError> {
        let mut rows = SESSIONS.writable(self.txn)?;
        let own = of_operator(&rows, operator)?;
        for (id, _) in &own {
            rows.remove(id.as_bytes())?;
        }
        Ok(own.len())
    }
}

/// Removes sessions that are over, `budget` of them at most; tells how many.
pub(super) fn prune(
    rows: &mut Writable<'_>,
    now: Timestamp,
    budget: usize,
) -> Result<usize, Fault> {
    let mut over = rows.all(session)?;
    over.retain(|(_, session)| session.expires <= now);
    for (id, _) in over.iter().take(budget) {
        rows.remove(id.as_bytes())?;
    }
    Ok(over.len().min(budget))
}

fn of_operator(rows: &Writable<'_>, operator: &Name) -> Result<Vec<(SecretHash, Session)>, Fault> {
    let mut own = rows.all(session)?;
    own.retain(|(_, session)| session.operator == *operator);
    Ok(own)
}

fn session(key: &[u8], row: &[u8]) -> Option<(SecretHash, Session)> {
    Some((SecretHash::from_row(key)?, decode(row)?))
}

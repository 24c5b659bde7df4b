//! The second thing that somebody shows beside a password: a secret shared with an authenticator, sealed, and the
//! hashes of recovery codes.

use std::fmt;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use protocol::text::Name;
use protocol::time::Timestamp;
use zeroize::Zeroizing;

use super::fault::{ChangeError, ReadError};
use super::key::StoreKey;
use super::rows::{Rows, Table, decode};
use super::secret_hash::SecretHash;
use super::{Changes, Reader};

/// At most one row for each operator.
pub(super) static SECOND_FACTORS: Table = Table::new("second_factors");

/// Recovery codes that somebody gets.
pub const RECOVERY_CODES: usize = 10;

/// What somebody's codes are checked against.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    pub secret: Zeroizing<Vec<u8>>,
    pub since: Timestamp,
    pub standing: Standing,
    /// The newest step of which a code was taken: neither it nor an older one is taken again.
    pub last_step: u64,
    /// Those that are left.
    pub recovery: Vec<SecretHash>,
}

/// Whether codes are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Standing {
    /// Shown, and no code of it has been typed yet: nothing is asked for.
    #[n(0)]
    Offered,
    #[n(1)]
    Asked,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    secret: ByteVec,
    #[n(1)]
    since: Timestamp,
    #[n(2)]
    standing: Standing,
    #[n(3)]
    last_step: u64,
    #[n(4)]
    recovery: Vec<SecretHash>,
}

impl fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecondFactor({:?})", self.standing)
    }
}

fn open(name: &[u8], row: Row, key: &StoreKey) -> Option<SecondFactor> {
    Some(SecondFactor {
        secret: key.open(&SECOND_FACTORS, name, &row.secret)?,
        since: row.since,
        standing: row.standing,
        last_step: row.last_step,
        recovery: row.recovery,
    })
}

impl Reader {
    pub fn second_factor(&self, name: &Name) -> Result<Option<SecondFactor>, ReadError> {
        let name = name.as_str().as_bytes();
        let read = self.engine.read(|txn| {
            SECOND_FACTORS
                .readable(txn)?
                .read(name, |row| open(name, decode(row)?, &self.engine.key))
        });
        Ok(read?)
    }

    /// Whoever is asked for codes.
    pub fn with_second_factor(&self) -> Result<Vec<Name>, ReadError> {
        let all = self.engine.read(|txn| {
            let rows = SECOND_FACTORS.readable(txn)?;
            Rows::all(&rows, |name, row| {
                let name = Name::new(std::str::from_utf8(name).ok()?).ok()?;
                Some((name, decode::<Row>(row)?.standing))
            })
        })?;
        let asked = all
            .into_iter()
            .filter(|(_, standing)| *standing == Standing::Asked);
        Ok(asked.map(|(name, _)| name).collect())
    }
}

impl Changes<'_> {
    /// Keeps a second factor in the place of the one before.
    pub fn set_second_factor(
        &mut self,
        name: &Name,
        factor: &SecondFactor,
    ) -> Result<(), ChangeError> {
        let key = name.as_str().as_bytes();
        let row = Row {
            secret: self.key.seal(&SECOND_FACTORS, key, &factor.secret).into(),
            since: factor.since,
            standing: factor.standing,
            last_step: factor.last_step,
            recovery: factor.recovery.clone(),
        };
        let mut rows = SECOND_FACTORS.writable(self.txn)?;
        Ok(rows.put_encoded(key, &row)?)
    }

    /// Uses the code of a step up; whether it was still to be had.
    pub fn use_step(&mut self, name: &Name, step: u64) -> Result<Use, ChangeError> {
        self.change_factor(name, |row| {
            if step <= row.last_step {
                return Use::Before;
            }
            row.last_step = step;
            Use::Now
        })
    }

    /// Uses a recovery code up; whether it was still to be had.
    pub fn use_recovery_code(
        &mut self,
        name: &Name,
        code: &SecretHash,
    ) -> Result<Use, ChangeError> {
        self.change_factor(name, |row| {
            let left = row.recovery.len();
            row.recovery.retain(|kept| kept != code);
            if row.recovery.len() < left {
                Use::Now
            } else {
                Use::Before
            }
        })
    }

    /// Asks for no second thing any more; whether one was kept.
    pub fn forget_second_factor(&mut self, name: &Name) -> Result<Forgotten, ChangeError> {
        let mut rows = SECOND_FACTORS.writable(self.txn)?;
        Ok(if rows.remove(name.as_str().as_bytes())? {
            Forgotten::Now
        } else {
            Forgotten::Never
        })
    }

    fn change_factor(
        &mut self,
        name: &Name,
        change: impl FnOnce(&mut Row) -> Use,
    ) -> Result<Use, ChangeError> {
        let key = name.as_str().as_bytes();
        let mut rows = SECOND_FACTORS.writable(self.txn)?;
        let row: Option<Row> = rows.decoded(key)?;
        let mut row = row.ok_or(ChangeError::Missing("second factor"))?;
        let done = change(&mut row);
        if done == Use::Now {
            rows.put_encoded(key, &row)?;
        }
        Ok(done)
    }
}

/// Whether something that works once has worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Now,
    /// It was used before, or never made.
    Before,
}

/// Whether there was something to forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgotten {
    Now,
    Never,
}

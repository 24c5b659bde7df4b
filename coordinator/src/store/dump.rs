//! The whole store as rows, out of it and into another, and what they all hash to.

use std::ops::ControlFlow;

use protocol::id::Digest;

use super::fault::{ChangeError, ReadError};
use super::rows::Table;
use super::{Changes, Reader, tables};

/// One row of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DumpedRow<'r> {
    pub table: &'static str,
    pub key: &'r [u8],
    pub value: &'r [u8],
}

/// What all rows of a store hash to, in the order of tables and keys.
#[derive(Debug, Default)]
pub struct StateHash(blake3::Hasher);

impl StateHash {
    pub fn add(&mut self, table: &str, key: &[u8], value: &[u8]) {
        for part in [table.as_bytes(), key, value] {
            self.0.update(&(part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    pub fn finish(&self) -> Digest {
        Digest::from_bytes(*self.0.finalize().as_bytes())
    }
}

/// Tables in the order of their names, whatever order they are listed in.
fn ordered() -> Vec<&'static Table> {
    let mut all: Vec<&'static Table> = tables().collect();
    all.sort_by_key(|table| table.name());
    all
}

impl Reader {
    /// Every row as it was at one moment, while the writer goes on. What `each` says ends it.
    pub fn dump<E>(
        &self,
        mut each: impl FnMut(DumpedRow<'_>) -> Result<(), E>,
    ) -> Result<Result<(), E>, ReadError> {
        let dumped = self.engine.read(|txn| {
            for table in ordered() {
                let mut outcome = Ok(());
                let rows = table.readable(txn)?;
                rows.visit(.., |key, value| {
                    outcome = each(DumpedRow {
                        table: table.name(),
                        key,
                        value,
                    });
                    Ok(match outcome {
                        Ok(()) => ControlFlow::Continue(()),
                        Err(_) => ControlFlow::Break(()),
                    })
                })?;
                if outcome.is_err() {
                    return Ok(outcome);
                }
            }
            Ok(Ok(()))
        });
        Ok(dumped?)
    }

    /// What every row of every table hashes to.
    pub fn state_hash(&self) -> Result<Digest, ReadError> {
        let mut hash = StateHash::default();
        let dumped = self.dump(|row| {
            hash.add(row.table, row.key, row.value);
            Ok::<_, std::convert::Infallible>(())
        })?;
        let Ok(()) = dumped;
        Ok(hash.finish())
    }
}

impl Changes<'_> {
    /// Puts a row back as it was; a table that this release does not know is refused.
    pub fn restore_row(
        &mut self,
        table: &str,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), ChangeError> {
        let known = tables().find(|known| known.name() == table);
        let known = known.ok_or(ChangeError::Missing("table"))?;
        Ok(known.writable(self.txn)?.put(key, &mut value.to_vec())?)
    }
}

//! How many rows there are of each kind.

use super::Reader;
use super::api_tokens::API_TOKENS;
use super::audit::AUDIT;
use super::contacts::CONTACTS;
use super::devices::DEVICES;
use super::entries::ENTRIES;
use super::fault::ReadError;
use super::operators::OPERATORS;
use super::records::RECORDS;
use super::samples::LEVELS;
use super::sessions::SESSIONS;
use super::tokens::TOKENS;

/// Rows of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub records: u64,
    /// Buckets of all levels.
    pub samples: u64,
    pub devices: u64,
    pub contacts: u64,
    /// Entries of the identity log.
    pub entries: u64,
    pub tokens: u64,
    pub operators: u64,
    pub sessions: u64,
    pub api_tokens: u64,
    pub audit: u64,
}

impl Reader {
    pub fn counts(&self) -> Result<Counts, ReadError> {
        let counts = self.engine.read(|txn| {
            let mut samples = 0;
            for level in &LEVELS {
                samples += level.table.readable(txn)?.len()?;
            }
            Ok(Counts {
                records: RECORDS.readable(txn)?.len()?,
                samples,
                devices: DEVICES.readable(txn)?.len()?,
                contacts: CONTACTS.readable(txn)?.len()?,
                entries: ENTRIES.readable(txn)?.len()?,
                tokens: TOKENS.readable(txn)?.len()?,
                operators: OPERATORS.readable(txn)?.len()?,
                sessions: SESSIONS.readable(txn)?.len()?,
                api_tokens: API_TOKENS.readable(txn)?.len()?,
                audit: AUDIT.readable(txn)?.len()?,
            })
        });
        Ok(counts?)
    }
}

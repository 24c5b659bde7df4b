//! The newest log lines of each device, and the keys with which devices send them.

use std::ops::{Bound, ControlFlow};

use logs::line::{Level, Line};
use minicbor::{Decode, Encode};
use protocol::id::DeviceId;
use protocol::time::Timestamp;

use super::fault::{ChangeError, Fault, ReadError};
use super::rows::{Table, Writable, decode};
use super::secret_hash::SecretHash;
use super::{Changes, Reader};

pub(super) static LOG_LINES: Table = Table::new("log_lines");
pub(super) static LOG_KEYS: Table = Table::new("log_keys");

/// Lines that are kept of one device; the oldest go.
pub const LINES_PER_DEVICE: u64 = 2_000;
/// Keys that may exist at once.
pub const LOG_KEYS_AT_MOST: u64 = 4_096;

/// A line in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLine {
    /// Counts up for each device.
    pub number: u64,
    pub received: Timestamp,
    pub line: Line,
}

/// Whose lines a key may send.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LogKey {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub created: Timestamp,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    received: Timestamp,
    #[n(1)]
    at_ms: Option<u64>,
    #[n(2)]
    level: Option<u8>,
    #[n(3)]
    host: Option<String>,
    #[n(4)]
    program: Option<String>,
    #[n(5)]
    message: String,
    #[n(6)]
    fields: Vec<(String, String)>,
}

fn key(device: &DeviceId, number: u64) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(device.as_bytes());
    key[8..].copy_from_slice(&number.to_be_bytes());
    key
}

fn number_in(key: &[u8]) -> Option<u64> {
    key.last_chunk().copied().map(u64::from_be_bytes)
}

fn stored(key: &[u8], row: &[u8]) -> Option<StoredLine> {
    let row: Row = decode(row)?;
    Some(StoredLine {
        number: number_in(key)?,
        received: row.received,
        line: Line {
            at_ms: row.at_ms,
            level: row.level.and_then(Level::new),
            host: row.host,
            program: row.program,
            message: row.message,
            fields: row.fields.into_iter().collect(),
        },
    })
}

impl Reader {
    /// Lines of a device before a number, the newest first.
    pub fn log_lines(
        &self,
        device: &DeviceId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredLine>, ReadError> {
        let first = key(device, 0);
        let end = key(device, before.unwrap_or(u64::MAX));
        let range = (
            Bound::Included(first.as_slice()),
            Bound::Excluded(end.as_slice()),
        );
        let page = self.engine.read(|txn| {
            let rows = LOG_LINES.readable(txn)?;
            let mut page = Vec::new();
            rows.visit_back(range, |key, row| {
                if page.len() == limit {
                    return Ok(ControlFlow::Break(()));
                }
                page.push(stored(key, row).ok_or_else(|| rows.malformed())?);
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(page)
        });
        Ok(page?)
    }

    /// Whose lines a key may send.
    pub fn log_key(&self, hash: &SecretHash) -> Result<Option<LogKey>, ReadError> {
        let read = self
            .engine
            .read(|txn| LOG_KEYS.readable(txn)?.decoded(hash.as_bytes()));
        Ok(read?)
    }
}

impl Changes<'_> {
    /// Appends lines of a device, and lets its oldest go.
    pub fn add_log_lines(
        &mut self,
        device: &DeviceId,
        lines: &[Line],
        received: Timestamp,
    ) -> Result<(), ChangeError> {
        let mut rows = LOG_LINES.writable(self.txn)?;
        let (oldest, newest) = ends(&rows, device)?;
        let mut next = newest.map_or(0, |newest| newest + 1);
        for line in lines {
            rows.put_encoded(&key(device, next), &row(line, received))?;
            next += 1;
        }
        let first = next.saturating_sub(LINES_PER_DEVICE);
        for number in oldest.unwrap_or(next)..first {
            rows.remove(&key(device, number))?;
        }
        Ok(())
    }

    /// A key for a device; those that it had are void.
    pub fn set_log_key(&mut self, hash: &SecretHash, granted: &LogKey) -> Result<(), ChangeError> {
        let mut rows = LOG_KEYS.writable(self.txn)?;
        let all = rows.all(|key, row| Some((key.to_vec(), decode::<LogKey>(row)?)))?;
        for (key, _) in all.iter().filter(|(_, it)| it.device == granted.device) {
            rows.remove(key)?;
        }
        if rows.len()? >= LOG_KEYS_AT_MOST {
            return Err(ChangeError::TooMany("log keys"));
        }
        Ok(rows.put_encoded(hash.as_bytes(), granted)?)
    }
}

fn row(line: &Line, received: Timestamp) -> Row {
    Row {
        received,
        at_ms: line.at_ms,
        level: line.level.map(Level::number),
        host: line.host.clone(),
        program: line.program.clone(),
        message: line.message.clone(),
        fields: line.fields.clone().into_iter().collect(),
    }
}

/// The numbers of a device's oldest and newest line; what lies between is whole.
fn ends(rows: &Writable<'_>, device: &DeviceId) -> Result<(Option<u64>, Option<u64>), Fault> {
    let (first, last) = (key(device, 0), key(device, u64::MAX));
    let range = || first.as_slice()..=last.as_slice();
    let (mut oldest, mut newest) = (None, None);
    rows.visit(range(), |key, _| {
        oldest = number_in(key);
        Ok(ControlFlow::Break(()))
    })?;
    rows.visit_back(range(), |key, _| {
        newest = number_in(key);
        Ok(ControlFlow::Break(()))
    })?;
    Ok((oldest, newest))
}

//! Commands that were given, what each device has answered, and what came of them.

use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use protocol::cbor;
use protocol::command::{Answer, By, CommandId, Outcome, Refusal};
use protocol::coordinator::save::Collected;
use protocol::id::DeviceId;
use protocol::limits;
use protocol::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::devices;
use super::fault::{ChangeError, Fault, ReadError};
use super::packed::{pack, unpack};
use super::rows::{Table, Writable};
use super::{Changes, Reader};

pub(super) static COMMANDS: Table = Table::new("commands");
pub(super) static COMMAND_ANSWERS: Table = Table::new("command_answers");
pub(super) static COMMAND_RESULTS: Table = Table::new("command_results");

/// Commands that are kept; the oldest goes for a new one, with all that was said of it.
pub const COMMANDS_KEPT: usize = 500;
/// Bytes of an answer's row, and room for fields of later versions.
const ANSWER: usize = 512;
/// Bytes of what is kept of one result beside the result itself.
const AROUND: usize = 512;

/// One command as somebody gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// In hexadecimal.
    pub id: String,
    pub kind: u16,
    /// A scope in words.
    pub to: String,
    pub given_ms: u64,
    pub until_ms: u64,
    pub by: String,
    /// The draft that administrators sign; nothing where the coordinator signs it.
    pub draft: Option<u64>,
}

/// A device's word, and when it said so by its own clock.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SaidOfCommand {
    #[n(0)]
    pub at: Timestamp,
    #[n(1)]
    pub answer: Answer,
}

/// What came of a command on one device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Fetched {
    /// What was done with it, in words.
    #[n(0)]
    pub note: String,
    /// As the device sealed it; empty where it was taken up elsewhere.
    #[n(1)]
    pub sealed: ByteVec,
}

/// Answers by device.
pub type SaidByDevice = BTreeMap<DeviceId, SaidOfCommand>;

impl Given {
    pub fn command(&self) -> Option<CommandId> {
        self.id.parse().ok()
    }

    pub const fn signed_by(&self) -> By {
        match self.draft {
            None => By::Online,
            Some(_) => By::Administrators,
        }
    }
}

fn key(id: CommandId, device: &DeviceId) -> [u8; 24] {
    let mut key = [0; 24];
    key[..16].copy_from_slice(&id.0);
    key[16..].copy_from_slice(device.as_bytes());
    key
}

/// The keys of everything that devices have said of a command.
fn of(id: CommandId) -> std::ops::RangeInclusive<[u8; 24]> {
    let last = DeviceId::from_bytes([u8::MAX; 8]);
    key(id, &DeviceId::from_bytes([0; 8]))..=key(id, &last)
}

/// A device's first word counts: that a copy came later is refused changes nothing. Of a command that nobody here gave
/// nothing is kept beside the record.
pub(super) fn answered(
    given: &Writable<'_>,
    answers: &mut Writable<'_>,
    record: &Collected,
    answer: &Answer,
) -> Result<(), Fault> {
    if !given.contains(&answer.command.0)? {
        return Ok(());
    }
    let key = key(answer.command, &record.device);
    let before: Option<SaidOfCommand> = answers.read(&key, read)?;
    let repeated = Outcome::Refused { why: Refusal::Seen };
    if before.is_some_and(|before| before.answer.outcome != repeated) {
        return Ok(());
    }
    let said = SaidOfCommand {
        at: record.time,
        answer: answer.clone(),
    };
    answers.put_encoded(&key, &said)
}

fn read(row: &[u8]) -> Option<SaidOfCommand> {
    cbor::decode("what is said of a command", ANSWER, row).ok()
}

impl Changes<'_> {
    pub fn put_command(&mut self, given: &Given) -> Result<(), ChangeError> {
        let Some(id) = given.command() else {
            return Err(ChangeError::Missing("command"));
        };
        let mut rows = COMMANDS.writable(self.txn)?;
        rows.put(&id.0, &mut pack(given))?;
        let all = rows.all(|_, row| Some(((), unpack::<Given>(row)?)))?;
        let mut all: Vec<Given> = all.into_iter().map(|((), given)| given).collect();
        all.sort_by_key(|given| given.given_ms);
        let over = all.len().saturating_sub(COMMANDS_KEPT);
        for id in all.iter().take(over).filter_map(Given::command) {
            rows.remove(&id.0)?;
            for table in [&COMMAND_ANSWERS, &COMMAND_RESULTS] {
                let mut rows = table.writable(self.txn)?;
                let range = of(id);
                let (first, last) = (range.start(), range.end());
                let mut keys = Vec::new();
                rows.visit(&first[..]..=&last[..], |key, _| {
                    keys.push(key.to_vec());
                    Ok(std::ops::ControlFlow::Continue(()))
                })?;
                for key in keys {
                    rows.remove(&key)?;
                }
            }
        }
        Ok(())
    }

    pub fn put_command_result(
        &mut self,
        id: CommandId,
        device: &DeviceId,
        fetched: &Fetched,
    ) -> Result<(), ChangeError> {
        let mut rows = COMMAND_RESULTS.writable(self.txn)?;
        Ok(rows.put_encoded(&key(id, device), fetched)?)
    }
}

impl Reader {
    /// The newest first.
    pub fn commands(&self) -> Result<Vec<Given>, ReadError> {
        let read = self.engine.read(|txn| {
            COMMANDS
                .readable(txn)?
                .all(|_, row| Some(((), unpack::<Given>(row)?)))
        });
        let mut all: Vec<Given> = read?.into_iter().map(|((), given)| given).collect();
        all.sort_by_key(|given| std::cmp::Reverse(given.given_ms));
        Ok(all)
    }

    pub fn command(&self, id: CommandId) -> Result<Option<Given>, ReadError> {
        let read = self
            .engine
            .read(|txn| COMMANDS.readable(txn)?.read(&id.0, unpack));
        Ok(read?)
    }

    pub fn command_answers(&self, id: CommandId) -> Result<SaidByDevice, ReadError> {
        let read = self.engine.read(|txn| {
            let rows = COMMAND_ANSWERS.readable(txn)?;
            let range = of(id);
            let (first, last) = (range.start(), range.end());
            let mut said = SaidByDevice::new();
            rows.visit(&first[..]..=&last[..], |key, row| {
                let device = key.get(16..).and_then(devices::device_in);
                let (device, row) = device.zip(read(row)).ok_or_else(|| rows.malformed())?;
                said.insert(device, row);
                Ok(std::ops::ControlFlow::Continue(()))
            })?;
            Ok(said)
        });
        Ok(read?)
    }

    pub fn command_answer(
        &self,
        id: CommandId,
        device: &DeviceId,
    ) -> Result<Option<SaidOfCommand>, ReadError> {
        let read = self
            .engine
            .read(|txn| COMMAND_ANSWERS.readable(txn)?.read(&key(id, device), read));
        Ok(read?)
    }

    /// What came of it, as the device sealed it.
    pub fn command_result(
        &self,
        id: CommandId,
        device: &DeviceId,
    ) -> Result<Option<Fetched>, ReadError> {
        let bound = usize::try_from(limits::COMMAND_RESULT_BYTES).unwrap_or(usize::MAX);
        let read = self.engine.read(|txn| {
            COMMAND_RESULTS
                .readable(txn)?
                .read(&key(id, device), |row| {
                    cbor::decode("what came of a command", bound + AROUND, row).ok()
                })
        });
        Ok(read?)
    }
}

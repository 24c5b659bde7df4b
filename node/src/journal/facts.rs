//! Single values: the format of the file, the incarnation, the acknowledgement, the head of the identity log,
//! the watched files, what a deputy was given, whom this node suspects, what gateways have signed,
//! the audit log as a gateway has countersigned it, the seeds of the epochs, the order to retire, the targets that were halted, commands, updates, the floors of the repository.

use minicbor::bytes::ByteVec;
use protocol::cbor;
use protocol::limits;
use protocol::record::{Incarnation, Position};
use protocol::statement::host::WatchedFile;
use redb::{ReadTransaction, TableDefinition, WriteTransaction};

use super::error::JournalError;
use super::row::{DamagedRow, Family};

const TABLE: TableDefinition<'_, u8, &[u8]> = TableDefinition::new("facts");
const FAMILY: Family = Family::new("facts", "palisade 2026 journal fact");
/// Bytes of a position or an incarnation at most.
const NUMBER_BYTES: usize = 16;

#[derive(Clone, Copy)]
enum Fact {
    Format = 0,
    Incarnation = 1,
    Acknowledged = 2,
    LogHead = 3,
    Watched = 4,
    Capability = 5,
    Report = 6,
    Cosigned = 7,
    Seeds = 8,
    Order = 9,
    Appeals = 10,
    Halts = 11,
    Updates = 12,
    Floors = 13,
    Countersigned = 14,
    Commands = 15,
}

pub(super) fn save_format(to: &WriteTransaction, format: u32) -> Result<(), JournalError> {
    put(to, Fact::Format, &format.to_be_bytes())
}

pub(super) fn save_incarnation(
    to: &WriteTransaction,
    incarnation: Incarnation,
) -> Result<(), JournalError> {
    put(to, Fact::Incarnation, &cbor::encode(&incarnation))
}

pub(super) fn save_acknowledged(
    to: &WriteTransaction,
    position: Position,
) -> Result<(), JournalError> {
    put(to, Fact::Acknowledged, &cbor::encode(&position))
}

pub(super) fn save_log_head(to: &WriteTransaction, head: &[u8]) -> Result<(), JournalError> {
    put(to, Fact::LogHead, head)
}

pub(super) fn save_watched(
    to: &WriteTransaction,
    files: &[WatchedFile],
) -> Result<(), JournalError> {
    put(to, Fact::Watched, &cbor::encode(&files.to_vec()))
}

pub(super) fn save_report(to: &WriteTransaction, report: &[u8]) -> Result<(), JournalError> {
    put(to, Fact::Report, report)
}

pub(super) fn save_order(to: &WriteTransaction, order: &[u8]) -> Result<(), JournalError> {
    put(to, Fact::Order, order)
}

pub(super) fn save_capability(to: &WriteTransaction, sealed: &[u8]) -> Result<(), JournalError> {
    put(to, Fact::Capability, sealed)
}

pub(super) fn save_seeds(to: &WriteTransaction, seeds: &[u8]) -> Result<(), JournalError> {
    put(to, Fact::Seeds, seeds)
}

pub(super) fn save_appeals(to: &WriteTransaction, appeals: &[u8]) -> Result<(), JournalError> {
    put(to, Fact::Appeals, appeals)
}

pub(super) fn save_halts(to: &WriteTransaction, halts: &[u8]) -> Result<(), JournalError> {
    put(to, Fact::Halts, halts)
}

pub(super) fn save_commands(to: &WriteTransaction, commands: &[u8]) -> Result<(), JournalError> {
    put(to, Fact::Commands, commands)
}

pub(super) fn save_updates(to: &WriteTransaction, updates: &[u8]) -> Result<(), JournalError> {
    put(to, Fact::Updates, updates)
}

pub(super) fn save_floors(to: &WriteTransaction, floors: &[u8]) -> Result<(), JournalError> {
    put(to, Fact::Floors, floors)
}

pub(super) fn save_countersigned(to: &WriteTransaction, head: &[u8]) -> Result<(), JournalError> {
    put(to, Fact::Countersigned, head)
}

pub(super) fn save_cosigned(
    to: &WriteTransaction,
    envelopes: &[Vec<u8>],
) -> Result<(), JournalError> {
    let envelopes: Vec<ByteVec> = envelopes.iter().cloned().map(ByteVec::from).collect();
    put(to, Fact::Cosigned, &cbor::encode(&envelopes))
}

/// `None` for a file that was never begun.
pub(super) fn format(from: &ReadTransaction) -> Result<Option<u32>, JournalError> {
    match from.open_table(TABLE) {
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
        Ok(_) => {}
    }
    let Some(bytes) = take(from, Fact::Format)? else {
        return Err(damaged(Fact::Format, &"it is missing").into());
    };
    let bytes = bytes
        .as_slice()
        .try_into()
        .map_err(|_| damaged(Fact::Format, &"it has not four bytes"))?;
    Ok(Some(u32::from_be_bytes(bytes)))
}

pub(super) fn incarnation(from: &ReadTransaction) -> Result<Option<Incarnation>, JournalError> {
    decoded(from, Fact::Incarnation, NUMBER_BYTES)
}

pub(super) fn acknowledged(from: &ReadTransaction) -> Result<Option<Position>, JournalError> {
    decoded(from, Fact::Acknowledged, NUMBER_BYTES)
}

pub(super) fn watched(from: &ReadTransaction) -> Result<Option<Vec<WatchedFile>>, JournalError> {
    decoded(from, Fact::Watched, limits::BODY_BYTES)
}

pub(super) fn capability(from: &ReadTransaction) -> Result<Option<Vec<u8>>, JournalError> {
    take(from, Fact::Capability)
}

pub(super) fn report(from: &ReadTransaction) -> Result<Option<Vec<u8>>, JournalError> {
    take(from, Fact::Report)
}

pub(super) fn order(from: &ReadTransaction) -> Result<Option<Vec<u8>>, JournalError> {
    take(from, Fact::Order)
}

pub(super) fn seeds(from: &ReadTransaction) -> Result<Option<Vec<u8>>, JournalError> {
    take(from, Fact::Seeds)
}

pub(super) fn appeals(from: &ReadTransaction) -> Result<Option<Vec<u8>>, JournalError> {
    take(from, Fact::Appeals)
}

pub(super) fn halts(from: &ReadTransaction) -> Result<Option<Vec<u8>>, JournalError> {
    take(from, Fact::Halts)
}

pub(super) fn commands(from: &ReadTransaction) -> Result<Option<Vec<u8>>, JournalError> {
    take(from, Fact::Commands)
}

pub(super) fn updates(from: &ReadTransaction) -> Result<Option<Vec<u8>>, JournalError> {
    take(from, Fact::Updates)
}

pub(super) fn floors(from: &ReadTransaction) -> Result<Option<Vec<u8>>, JournalError> {
    take(from, Fact::Floors)
}

pub(super) fn countersigned(from: &ReadTransaction) -> Result<Option<Vec<u8>>, JournalError> {
    take(from, Fact::Countersigned)
}

pub(super) fn cosigned(from: &ReadTransaction) -> Result<Vec<Vec<u8>>, JournalError> {
    let envelopes: Option<Vec<ByteVec>> = decoded(from, Fact::Cosigned, limits::FRAME_BYTES)?;
    let envelopes = envelopes.unwrap_or_default().into_iter();
    Ok(envelopes.map(Into::into).collect())
}

pub(super) fn log_head(from: &ReadTransaction) -> Result<Option<Vec<u8>>, JournalError> {
    take(from, Fact::LogHead)
}

fn decoded<T>(from: &ReadTransaction, fact: Fact, bound: usize) -> Result<Option<T>, JournalError>
where
    T: for<'b> minicbor::Decode<'b, ()> + minicbor::Encode<()>,
{
    let Some(bytes) = take(from, fact)? else {
        return Ok(None);
    };
    let value = cbor::decode("fact", bound, &bytes).map_err(|error| damaged(fact, &error))?;
    Ok(Some(value))
}

fn put(to: &WriteTransaction, fact: Fact, content: &[u8]) -> Result<(), JournalError> {
    let row = FAMILY.seal(&[fact as u8], content);
    to.open_table(TABLE)?.insert(fact as u8, row.as_slice())?;
    Ok(())
}

fn take(from: &ReadTransaction, fact: Fact) -> Result<Option<Vec<u8>>, JournalError> {
    let Some(row) = from.open_table(TABLE)?.get(fact as u8)? else {
        return Ok(None);
    };
    Ok(Some(FAMILY.open(&[fact as u8], row.value())?.to_vec()))
}

fn damaged(fact: Fact, what: &dyn std::fmt::Display) -> DamagedRow {
    FAMILY.damaged(&[fact as u8], what)
}

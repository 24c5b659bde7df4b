//! Whole records of subjects for which this node is a custodian, bounded for each subject and in subjects.

use protocol::id::DeviceId;
use protocol::record::{Incarnation, Position, Record};
use protocol::{cbor, limits};
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::error::JournalError;
use super::records::{self, RECORD_BYTES};
use super::row::{DamagedRow, Family};

type Subject = [u8; DeviceId::BYTES];
type Key<'a> = (&'a Subject, u32, u32);

const TABLE: TableDefinition<'_, Key<'_>, &[u8]> = TableDefinition::new("custody");
const FAMILY: Family = Family::new("custody", "palisade 2026 journal custody");
/// Subjects with a stamp that rises with every record, so that the longest silent one is known.
const TURNS: TableDefinition<'_, &Subject, &[u8]> = TableDefinition::new("custody_turns");
const TURN: Family = Family::new("custody_turns", "palisade 2026 journal custody turn");

/// Subjects whose records are kept at once. Seats move as the mesh grows; what former subjects
/// left behind makes room for the present ones.
pub const SUBJECTS: usize = 2 * limits::SIGHTINGS;

pub(super) fn create(to: &WriteTransaction) -> Result<(), JournalError> {
    to.open_table(TABLE)?;
    to.open_table(TURNS)?;
    Ok(())
}

pub(super) fn keep(
    to: &WriteTransaction,
    subject: DeviceId,
    position: Position,
    record: &Record,
) -> Result<(), JournalError> {
    let row = FAMILY.seal(&row_key(subject, position), &cbor::encode(record));
    let (incarnation, sequence) = records::place(position);
    to.open_table(TABLE)?
        .insert((subject.as_bytes(), incarnation, sequence), row.as_slice())?;
    drop_oldest(to, subject)?;
    take_turn(to, subject)
}

pub(super) fn of(
    from: &ReadTransaction,
    subject: DeviceId,
) -> Result<Vec<(Position, Record)>, JournalError> {
    let table = from.open_table(TABLE)?;
    let mut kept = Vec::new();
    for row in table.range(first(&subject)..=last(&subject))? {
        let (key, row) = row?;
        let (_, incarnation, sequence) = key.value();
        let position = Position {
            incarnation: Incarnation(incarnation),
            sequence,
        };
        kept.push((position, opened(subject, position, row.value())?));
    }
    Ok(kept)
}

fn drop_oldest(to: &WriteTransaction, subject: DeviceId) -> Result<(), JournalError> {
    let mut table = to.open_table(TABLE)?;
    let mut surplus = table
        .range(first(&subject)..=last(&subject))?
        .count()
        .saturating_sub(limits::CUSTODY_RECORDS);
    table.retain_in(first(&subject)..=last(&subject), |_, _| {
        let dropped = surplus > 0;
        surplus = surplus.saturating_sub(1);
        !dropped
    })?;
    Ok(())
}

fn take_turn(to: &WriteTransaction, subject: DeviceId) -> Result<(), JournalError> {
    let mut table = to.open_table(TURNS)?;
    let mut turns = Vec::new();
    for row in table.iter()? {
        let (known, row) = row?;
        turns.push((turn(known.value(), row.value())?, *known.value()));
    }
    turns.sort_unstable();
    if turns
        .last()
        .is_some_and(|(_, latest)| latest == subject.as_bytes())
    {
        return Ok(());
    }
    let next = turns.last().map_or(0, |(turn, _)| turn.saturating_add(1));
    let row = TURN.seal(subject.as_bytes(), &next.to_be_bytes());
    table.insert(subject.as_bytes(), row.as_slice())?;
    turns.retain(|(_, known)| known != subject.as_bytes());
    let surplus = (turns.len() + 1).saturating_sub(SUBJECTS);
    for (_, silent) in turns.into_iter().take(surplus) {
        table.remove(&silent)?;
        let silent = DeviceId::from_bytes(silent);
        to.open_table(TABLE)?
            .retain_in(first(&silent)..=last(&silent), |_, _| false)?;
    }
    Ok(())
}

fn turn(subject: &Subject, row: &[u8]) -> Result<u64, DamagedRow> {
    let bytes = TURN.open(subject, row)?.try_into();
    let bytes = bytes.map_err(|_| TURN.damaged(subject, &"it has not eight bytes"))?;
    Ok(u64::from_be_bytes(bytes))
}

fn first(subject: &DeviceId) -> Key<'_> {
    (subject.as_bytes(), 0, 0)
}

fn last(subject: &DeviceId) -> Key<'_> {
    (subject.as_bytes(), u32::MAX, u32::MAX)
}

fn row_key(subject: DeviceId, position: Position) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(subject.as_bytes());
    key[8..].copy_from_slice(&records::key(position));
    key
}

fn opened(subject: DeviceId, position: Position, row: &[u8]) -> Result<Record, DamagedRow> {
    let key = row_key(subject, position);
    let content = FAMILY.open(&key, row)?;
    cbor::decode("record", RECORD_BYTES, content).map_err(|error| FAMILY.damaged(&key, &error))
}

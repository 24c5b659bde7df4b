//! The node's own records, from the first that the coordinator has not stored to the newest.

use std::ops::Bound;

use protocol::node::waiting::Waiting;
use protocol::record::{Incarnation, Position, Record};
use protocol::{cbor, limits};
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::error::JournalError;
use super::row::{DamagedRow, Family};

const TABLE: TableDefinition<'_, Place, &[u8]> = TableDefinition::new("records");
const FAMILY: Family = Family::new("records", "palisade 2026 journal record");
/// Bytes of a record at rest at most: its head, its sealed body, and what frames them.
pub(super) const RECORD_BYTES: usize = limits::HEAD_BYTES + limits::BODY_BYTES + 128;

/// Incarnation and sequence, in the order of the log.
pub(super) type Place = (u32, u32);

pub(super) fn create(to: &WriteTransaction) -> Result<(), JournalError> {
    to.open_table(TABLE)?;
    Ok(())
}

pub(super) fn append(
    to: &WriteTransaction,
    position: Position,
    record: &Record,
) -> Result<(), JournalError> {
    let row = FAMILY.seal(&key(position), &cbor::encode(record));
    to.open_table(TABLE)?
        .insert(place(position), row.as_slice())?;
    Ok(())
}

/// Drops what the coordinator has stored, or what is given up. The newest record stays in any case: the log goes on from it.
pub(super) fn prune(to: &WriteTransaction, up_to: Position) -> Result<(), JournalError> {
    let mut table = to.open_table(TABLE)?;
    let newest = table.last()?.map(|(place, _)| place.value());
    table.retain_in(..=place(up_to), |place, _| Some(place) == newest)?;
    Ok(())
}

pub(super) fn newest(from: &ReadTransaction) -> Result<Option<(Position, Record)>, JournalError> {
    let table = from.open_table(TABLE)?;
    let Some((place, row)) = table.last()? else {
        return Ok(None);
    };
    Ok(Some(opened(place.value(), row.value())?))
}

/// Which records there are. Those of one incarnation have no gap, so its two ends are enough.
pub(super) fn waiting(from: &ReadTransaction) -> Result<Waiting, JournalError> {
    let table = from.open_table(TABLE)?;
    let (mut waiting, mut start) = (Waiting::default(), Bound::Unbounded);
    while let Some(row) = table.range::<Place>((start, Bound::Unbounded))?.next() {
        let first = row?.0.value();
        let end = (first.0, u32::MAX);
        let last = table.range(first..=end)?.next_back().transpose()?;
        let last = last.map_or(first, |(place, _)| place.value());
        waiting.push_run(position(first), position(last));
        start = Bound::Excluded(end);
    }
    Ok(waiting)
}

pub(super) fn after(
    from: &ReadTransaction,
    after: Option<Position>,
    limit: usize,
) -> Result<Vec<(Position, Record)>, JournalError> {
    let table = from.open_table(TABLE)?;
    let start = after.map_or(Bound::Unbounded, |position| {
        Bound::Excluded(place(position))
    });
    let mut records = Vec::new();
    for row in table.range::<Place>((start, Bound::Unbounded))?.take(limit) {
        let (place, row) = row?;
        records.push(opened(place.value(), row.value())?);
    }
    Ok(records)
}

pub(super) fn place(position: Position) -> Place {
    (position.incarnation.0, position.sequence)
}

pub(super) fn position((incarnation, sequence): Place) -> Position {
    Position {
        incarnation: Incarnation(incarnation),
        sequence,
    }
}

/// The bytes of a place, for checksums.
pub(super) fn key(position: Position) -> [u8; 8] {
    let (incarnation, sequence) = place(position);
    (u64::from(incarnation) << 32 | u64::from(sequence)).to_be_bytes()
}

fn opened(place: Place, row: &[u8]) -> Result<(Position, Record), DamagedRow> {
    let position = position(place);
    let content = FAMILY.open(&key(position), row)?;
    let record = cbor::decode("record", RECORD_BYTES, content);
    Ok((
        position,
        record.map_err(|error| FAMILY.damaged(&key(position), &error))?,
    ))
}

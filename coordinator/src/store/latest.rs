//! The newest word of a device on each topic, read out of the records that carry it.
//!
//! Nothing of it is stored a second time: whoever destroys a device's data key destroys this too.

use protocol::alert::Alarm;
use protocol::id::DeviceId;
use protocol::record::Position;
use protocol::seal::DataKey;
use protocol::statement::Statement;
use protocol::statement::host::{Port, Process, Reading, Start, WatchedFile};
use protocol::time::Timestamp;
use redb::ReadTransaction;

use super::Reader;
use super::cursors::{self, CURSORS, Spot, Topic};
use super::devices;
use super::fault::{Fault, ReadError};
use super::key::StoreKey;
use super::records::{self, RECORDS, StoredRecord};
use super::rows::Readable;

/// The newest words of one device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Latest {
    pub start: Option<Dated<Start>>,
    pub reading: Option<Dated<Reading>>,
    /// Of the newest reading that listed them, as the next three.
    pub processes: Option<Dated<Vec<Process>>>,
    pub ports: Option<Dated<Vec<Port>>>,
    pub files: Option<Dated<Vec<WatchedFile>>>,
}

/// A part of a statement, and the record that carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated<T> {
    pub value: T,
    pub position: Position,
    /// The device's time.
    pub time: Timestamp,
    /// The coordinator's time.
    pub received: Timestamp,
}

impl Reader {
    /// What a device said last; empty for one that said nothing that can be opened.
    pub fn latest(&self, device: &DeviceId) -> Result<Latest, ReadError> {
        let latest = self.engine.read(|txn| {
            let cursor = cursors::of(&CURSORS.readable(txn)?, device)?;
            let key = devices::data_key(txn, &self.engine.key, device)?;
            let (Some(cursor), Some(key)) = (cursor, key) else {
                return Ok(Latest::default());
            };
            let rows = RECORDS.readable(txn)?;
            let said = |topic| match cursor.word(topic) {
                Some(spot) => open(&rows, &key, device, spot),
                None => Ok(None),
            };
            Ok(Latest {
                start: said(Topic::Start)?.and_then(start),
                reading: said(Topic::Reading)?.and_then(|it| part(it, Some)),
                processes: said(Topic::Processes)?.and_then(|it| part(it, |it| it.processes)),
                ports: said(Topic::Ports)?.and_then(|it| part(it, |it| it.ports)),
                files: said(Topic::Files)?.and_then(|it| part(it, |it| it.files)),
            })
        });
        Ok(latest?)
    }
}

impl Reader {
    /// What a device said at its newest start.
    pub fn newest_start(&self, device: &DeviceId) -> Result<Option<Dated<Start>>, ReadError> {
        let said = self.engine.read(|txn| {
            let cursor = cursors::of(&CURSORS.readable(txn)?, device)?;
            let spot = cursor.and_then(|cursor| cursor.word(Topic::Start));
            let key = devices::data_key(txn, &self.engine.key, device)?;
            let (Some(spot), Some(key)) = (spot, key) else {
                return Ok(None);
            };
            let opened = open(&RECORDS.readable(txn)?, &key, device, spot)?;
            Ok(opened.and_then(start))
        });
        Ok(said?)
    }

    /// The newest lists of watched files that a device sent, the newest first.
    pub fn file_lists(&self, device: &DeviceId) -> Result<Vec<Dated<Vec<WatchedFile>>>, ReadError> {
        let lists = self.engine.read(|txn| {
            let cursor = cursors::of(&CURSORS.readable(txn)?, device)?;
            let key = devices::data_key(txn, &self.engine.key, device)?;
            let (Some(cursor), Some(key)) = (cursor, key) else {
                return Ok(Vec::new());
            };
            let rows = RECORDS.readable(txn)?;
            let mut lists = Vec::new();
            for spot in cursor.file_lists() {
                let opened = open(&rows, &key, device, spot)?;
                lists.extend(opened.and_then(|it| part(it, |it| it.files)));
            }
            Ok(lists)
        });
        Ok(lists?)
    }

    /// The newest alerts that a device raised, the newest first.
    pub fn alerts(&self, device: &DeviceId) -> Result<Vec<Dated<Alarm>>, ReadError> {
        let alerts = self.engine.read(|txn| {
            let cursor = cursors::of(&CURSORS.readable(txn)?, device)?;
            let key = devices::data_key(txn, &self.engine.key, device)?;
            let (Some(cursor), Some(key)) = (cursor, key) else {
                return Ok(Vec::new());
            };
            let rows = RECORDS.readable(txn)?;
            let mut alerts = Vec::new();
            for spot in cursor.alerts() {
                if let Some((stored, Statement::Alert(alarm))) = open(&rows, &key, device, spot)? {
                    alerts.push(dated(&stored, alarm));
                }
            }
            Ok(alerts)
        });
        Ok(alerts?)
    }
}

/// The newest reading of a device, if it can be opened.
pub(super) fn newest_reading(
    txn: &ReadTransaction,
    key: &StoreKey,
    device: &DeviceId,
) -> Result<Option<Dated<Reading>>, Fault> {
    let cursor = cursors::of(&CURSORS.readable(txn)?, device)?;
    let spot = cursor.and_then(|cursor| cursor.word(Topic::Reading));
    let (Some(spot), Some(key)) = (spot, devices::data_key(txn, key, device)?) else {
        return Ok(None);
    };
    let opened = open(&RECORDS.readable(txn)?, &key, device, spot)?;
    Ok(opened.and_then(|opened| part(opened, Some)))
}

type Opened = (StoredRecord, Statement);

fn open(
    rows: &Readable,
    key: &DataKey,
    device: &DeviceId,
    spot: Spot,
) -> Result<Option<Opened>, Fault> {
    let record = records::get(rows, device, spot)?;
    Ok(record.and_then(|stored| {
        let statement = stored.record.body.open(key).ok()?;
        Some((stored, statement))
    }))
}

fn start((stored, statement): Opened) -> Option<Dated<Start>> {
    match statement {
        Statement::Start(start) => Some(dated(&stored, start)),
        _ => None,
    }
}

fn part<T>((stored, statement): Opened, of: impl FnOnce(Reading) -> Option<T>) -> Option<Dated<T>> {
    match statement {
        Statement::Reading(reading) => of(reading).map(|value| dated(&stored, value)),
        _ => None,
    }
}

fn dated<T>(stored: &StoredRecord, value: T) -> Dated<T> {
    Dated {
        value,
        position: stored.position,
        time: stored.time,
        received: stored.received,
    }
}

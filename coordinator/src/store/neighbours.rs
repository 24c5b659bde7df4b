//! Devices that run no node, as members hear them: each member's own newest word about each device, with what members
//! listen and what happened. Nobody's word takes the place of another's.

use std::ops::ControlFlow;

use minicbor::{Decode, Encode};
use protocol::coordinator::save::Collected;
use protocol::heard::{Device, Ears, Happening, Heard, Mac, Watched};
use protocol::id::DeviceId;
use protocol::record::Position;
use protocol::time::Timestamp;
use redb::{ReadTransaction, WriteTransaction};

use super::Reader;
use super::fault::{Fault, ReadError};
use super::rows::{Table, Writable};

pub(super) static NEIGHBOURS: Table = Table::new("neighbours");
pub(super) static EARS: Table = Table::new("ears");
pub(super) static HAPPENINGS: Table = Table::new("happenings");

/// Devices of which one member's word is kept: four times as many as a node keeps track of at once. What a member
/// says of more is counted and not kept.
pub const WORDS_PER_MEMBER: u32 = 2048;
/// Events that are kept of one device.
const HAPPENINGS_PER_DEVICE: usize = 32;

/// What one member says of one device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Word {
    /// As it hears the device; `None` where it guards what others told of.
    #[n(0)]
    pub device: Option<Device>,
    /// The newest line that it wrote of the dossier, and where that stands in its log.
    #[n(1)]
    pub line: Option<Watched>,
    #[n(2)]
    pub position: Option<Position>,
    /// Lines so far.
    #[n(3)]
    pub lines: u64,
    /// When this came, by the coordinator's clock.
    #[n(4)]
    pub received: Timestamp,
}

/// With what one member listens.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Listener {
    #[n(0)]
    pub ears: Ears,
    /// Since when, by its own clock.
    #[n(1)]
    pub since: Timestamp,
    /// Devices of which its word is kept, and words that were not kept.
    #[n(2)]
    pub words: u32,
    #[n(3)]
    pub left_out: u64,
}

/// One event, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub by: DeviceId,
    pub happening: Happening,
}

/// Of which device, and by which member.
pub type Place = (Mac, DeviceId);

impl Reader {
    /// What happened to a device, newest first.
    pub fn happenings(&self, mac: Mac) -> Result<Vec<Told>, ReadError> {
        Ok(self.engine.read(|txn| {
            let rows = HAPPENINGS.readable(txn)?;
            let mut told = Vec::new();
            let (first, last) = span(mac);
            rows.visit_back(first.as_slice()..=last.as_slice(), |key, row| {
                let by = key.get(14..22).and_then(|by| by.try_into().ok());
                let by = DeviceId::from_bytes(by.ok_or_else(|| rows.malformed())?);
                let happening = protocol::cbor::decode("event", ROW, row);
                let happening = happening.map_err(|_| rows.malformed())?;
                told.push(Told { by, happening });
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(told)
        })?)
    }
}

/// Every word, by device and then by member.
pub(super) fn words(txn: &ReadTransaction) -> Result<Vec<(Place, Word)>, Fault> {
    NEIGHBOURS.readable(txn)?.all(|key, row| {
        let word = protocol::cbor::decode("word", ROW, row).ok()?;
        Some((place(key)?, word))
    })
}

/// What one member says of one device.
pub(super) fn word(txn: &ReadTransaction, (mac, member): &Place) -> Result<Option<Word>, Fault> {
    NEIGHBOURS.readable(txn)?.decoded(&key(*mac, member))
}

/// With what each member listens.
pub(super) fn listeners(txn: &ReadTransaction) -> Result<Vec<(DeviceId, Listener)>, Fault> {
    EARS.readable(txn)?.all(|key, row| {
        let listener = protocol::cbor::decode("listener", ROW, row).ok()?;
        Some((DeviceId::from_bytes(key.try_into().ok()?), listener))
    })
}

/// With what one member listens.
pub(super) fn listener(
    txn: &ReadTransaction,
    member: &DeviceId,
) -> Result<Option<Listener>, Fault> {
    EARS.readable(txn)?.decoded(member.as_bytes())
}

fn key(mac: Mac, member: &DeviceId) -> Vec<u8> {
    [&mac.0[..], member.as_bytes()].concat()
}

/// Bytes of a row, and room for fields of later versions.
const ROW: usize = 2048;

/// The tables that pages about devices without a node go into.
pub(super) struct Pages<'t> {
    words: Writable<'t>,
    ears: Writable<'t>,
    happenings: Writable<'t>,
}

impl<'t> Pages<'t> {
    pub(super) fn open(txn: &'t WriteTransaction) -> Result<Self, Fault> {
        Ok(Self {
            words: NEIGHBOURS.writable(txn)?,
            ears: EARS.writable(txn)?,
            happenings: HAPPENINGS.writable(txn)?,
        })
    }

    /// Takes in one page of a verified record. What holds more than a record may is nobody's honest work.
    pub(super) fn put(&mut self, record: &Collected, page: &Heard) -> Result<(), Fault> {
        if page.is_oversize() {
            return Ok(());
        }
        let member = record.device;
        let known: Option<Listener> = self.ears.decoded(member.as_bytes())?;
        let mut listener = known.clone().unwrap_or_default();
        listener.since = page.since;
        if let Some(ears) = &page.ears {
            listener.ears = ears.clone();
        }
        for device in &page.devices {
            self.change(record, device.mac, &mut listener, |word| {
                word.device = Some(device.clone());
            })?;
        }
        for line in &page.watched {
            self.change(record, line.mac, &mut listener, |word| {
                (word.line, word.position) = (Some(*line), Some(record.position));
                word.lines += 1;
            })?;
        }
        for (number, happening) in page.events.iter().enumerate() {
            self.tell(record, number, happening)?;
        }
        if known.as_ref() != Some(&listener) {
            self.ears.put_encoded(member.as_bytes(), &listener)?;
        }
        Ok(())
    }

    fn change(
        &mut self,
        record: &Collected,
        mac: Mac,
        listener: &mut Listener,
        change: impl FnOnce(&mut Word),
    ) -> Result<(), Fault> {
        let key = key(mac, &record.device);
        let known: Option<Word> = self.words.decoded(&key)?;
        if known.is_none() {
            if listener.words >= WORDS_PER_MEMBER {
                listener.left_out += 1;
                return Ok(());
            }
            listener.words += 1;
        }
        let mut word = known.unwrap_or_default();
        change(&mut word);
        word.received = record.received;
        self.words.put_encoded(&key, &word)
    }

    fn tell(
        &mut self,
        record: &Collected,
        number: usize,
        happening: &Happening,
    ) -> Result<(), Fault> {
        let (about, other) = happening.what.about();
        for mac in about.into_iter().chain(other) {
            let at = record.received.as_millis().to_be_bytes();
            let number = [u8::try_from(number).unwrap_or(u8::MAX)];
            let sequence = record.position.sequence.to_be_bytes();
            let key = [
                &mac.0[..],
                &at,
                record.device.as_bytes(),
                &sequence,
                &number,
            ]
            .concat();
            self.happenings.put_encoded(&key, happening)?;
            self.forget_oldest(mac)?;
        }
        Ok(())
    }

    fn forget_oldest(&mut self, mac: Mac) -> Result<(), Fault> {
        let mut keys = Vec::new();
        let (first, last) = span(mac);
        self.happenings
            .visit(first.as_slice()..=last.as_slice(), |key, _| {
                keys.push(key.to_vec());
                Ok(ControlFlow::Continue(()))
            })?;
        let over = keys.len().saturating_sub(HAPPENINGS_PER_DEVICE);
        for key in keys.iter().take(over) {
            self.happenings.remove(key)?;
        }
        Ok(())
    }
}

fn place(key: &[u8]) -> Option<(Mac, DeviceId)> {
    let (mac, member) = key.split_first_chunk::<6>()?;
    Some((Mac(*mac), DeviceId::from_bytes(member.try_into().ok()?)))
}

/// The keys of everything about one device.
fn span(mac: Mac) -> (Vec<u8>, Vec<u8>) {
    let first = mac.0.to_vec();
    let mut last = first.clone();
    last.extend([0xff; 24]);
    (first, last)
}

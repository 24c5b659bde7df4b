//! What each gateway has countersigned of the audit log, and what it refused: its own newest word.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use protocol::cbor;
use protocol::coordinator::save::Collected;
use protocol::countersign::{AuditHead, Countersigned};
use protocol::id::DeviceId;
use protocol::record::Position;
use protocol::time::Timestamp;

use super::Reader;
use super::fault::{Fault, ReadError};
use super::rows::{Table, Writable};

pub(super) static COUNTERSIGNED: Table = Table::new("countersigned");

/// Bytes of a row, and room for fields of later versions.
const ROW: usize = 512;

/// A gateway's word, and the record of its own log that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Word {
    /// By the gateway's own clock.
    #[n(0)]
    pub at: Timestamp,
    #[n(1)]
    pub position: Position,
    #[n(2)]
    pub held: AuditHead,
    /// What it refused last, and when.
    #[n(3)]
    pub refused: Option<AuditHead>,
    #[n(4)]
    pub refused_at: Option<Timestamp>,
}

impl Reader {
    /// Of every device that has countersigned; whether it is a gateway still, the roster says.
    pub fn countersigned(&self) -> Result<BTreeMap<DeviceId, Word>, ReadError> {
        let words = self.engine.read(|txn| {
            COUNTERSIGNED.readable(txn)?.all(|key, row| {
                let device = DeviceId::from_bytes(key.try_into().ok()?);
                Some((device, decode(row)?))
            })
        });
        Ok(words?.into_iter().collect())
    }
}

fn decode(row: &[u8]) -> Option<Word> {
    cbor::decode("what is countersigned", ROW, row).ok()
}

/// Records come in the order of the log, so a later one takes the place of the one before; a refusal stays beside what is
/// countersigned later.
pub(super) fn put(
    rows: &mut Writable<'_>,
    record: &Collected,
    word: Countersigned,
) -> Result<(), Fault> {
    let key = record.device.as_bytes();
    let before = rows.read(key, decode)?;
    let refused = match word.refused {
        Some(refused) => Some((refused, record.time)),
        None => before.and_then(|before| Some((before.refused?, before.refused_at?))),
    };
    let word = Word {
        at: record.time,
        position: record.position,
        held: word.held,
        refused: refused.map(|(head, _)| head),
        refused_at: refused.map(|(_, at)| at),
    };
    rows.put_encoded(key, &word)
}

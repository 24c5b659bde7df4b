//! Whom each witness heard, by its newest reading.

use std::ops::ControlFlow;
use std::time::Duration;

use protocol::id::DeviceId;
use protocol::statement::host::EvidenceKind;
use protocol::time::Timestamp;
use redb::ReadTransaction;

use super::Reader;
use super::cursors::CURSORS;
use super::devices::device_in;
use super::fault::{Fault, ReadError};
use super::latest::newest_reading;

/// One witness's word on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub witness: DeviceId,
    /// When the witness heard the device, by the witness's clock.
    pub at: Timestamp,
    /// When the witness said so.
    pub said: Timestamp,
    pub evidence: EvidenceKind,
}

impl Reader {
    /// What any device last said of a device, seated as its witness or not: the newest sign of
    /// life first. Opens the newest reading of every device, some ten microseconds each.
    pub fn sightings_of(&self, device: &DeviceId) -> Result<Vec<Seen>, ReadError> {
        let seen = self.engine.read(|txn| {
            let mut witnesses = Vec::new();
            let cursors = CURSORS.readable(txn)?;
            cursors.visit(.., |key, _| {
                witnesses.push(device_in(key).ok_or_else(|| cursors.malformed())?);
                Ok(ControlFlow::Continue(()))
            })?;
            self.seen_by(txn, &witnesses, device)
        });
        Ok(seen?)
    }

    /// The same for the witnesses one knows.
    pub fn sightings_by(
        &self,
        witnesses: &[DeviceId],
        device: &DeviceId,
    ) -> Result<Vec<Seen>, ReadError> {
        let seen = self.engine.read(|txn| self.seen_by(txn, witnesses, device));
        Ok(seen?)
    }

    fn seen_by(
        &self,
        txn: &ReadTransaction,
        witnesses: &[DeviceId],
        device: &DeviceId,
    ) -> Result<Vec<Seen>, Fault> {
        let mut seen = Vec::new();
        for witness in witnesses {
            let Some(reading) = newest_reading(txn, &self.engine.key, witness)? else {
                continue;
            };
            let said = reading.time.min(reading.received);
            let word = reading.value.heard.iter().find(|it| it.subject == *device);
            seen.extend(word.map(|heard| Seen {
                witness: *witness,
                at: said.saturating_sub(Duration::from_millis(u64::from(heard.age_ms))),
                said,
                evidence: heard.evidence,
            }));
        }
        seen.sort_by_key(|seen| (std::cmp::Reverse(seen.at), seen.witness));
        Ok(seen)
    }
}

//! Messages between a device and the coordinator once the handshake is done.

use std::time::Duration;

use snow::TransportState;

use super::{EnrolError, wire::Wire};
use crate::limits::MAX_ENROL_MESSAGE;

const TAG: usize = 16;

/// An encrypted channel. After any error it must be dropped.
pub struct Channel {
    pub(super) wire: Wire,
    pub(super) transport: TransportState,
    pub(super) hash: [u8; 32],
    pub(super) remote: [u8; 32],
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").finish_non_exhaustive()
    }
}

impl Channel {
    /// What both sides know to be the same only if nobody sits between them.
    pub fn handshake_hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The other side's static key.
    pub fn remote_static(&self) -> [u8; 32] {
        self.remote
    }

    pub async fn send(&mut self, message: &[u8]) -> Result<(), EnrolError> {
        let sealed = self.seal(message)?;
        self.wire.write(&[&sealed]).await
    }

    /// Waits for a message; people who compare a code need longer than machines.
    pub async fn recv(&mut self, within: Duration) -> Result<Vec<u8>, EnrolError> {
        let sealed = self
            .wire
            .read_within(within, MAX_ENROL_MESSAGE + TAG)
            .await?;
        self.open(&sealed)
    }

    pub(super) fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, EnrolError> {
        if message.len() > MAX_ENROL_MESSAGE {
            return Err(EnrolError::TooLong);
        }
        let mut sealed = vec![0; message.len() + TAG];
        let length = self
            .transport
            .write_message(message, &mut sealed)
            .map_err(|_| EnrolError::Malformed)?;
        sealed.truncate(length);
        Ok(sealed)
    }

    /// The coordinator's first sealed bytes show that it took the proof.
    pub(super) fn confirm(&mut self, sealed: &[u8]) -> Result<(), EnrolError> {
        match self.open(sealed)?.as_slice() {
            [] => Ok(()),
            _ => Err(EnrolError::Malformed),
        }
    }

    fn open(&mut self, sealed: &[u8]) -> Result<Vec<u8>, EnrolError> {
        let mut message = vec![0; sealed.len()];
        let length = self
            .transport
            .read_message(sealed, &mut message)
            .map_err(|_| EnrolError::Malformed)?;
        message.truncate(length);
        Ok(message)
    }
}

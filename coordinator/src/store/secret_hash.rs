//! What is kept of a secret that opens a door: enough to recognise it, nothing to use.

use std::fmt;

use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};
use protocol::id::Digest;

/// The digest of a session id, an API token, a device's token for DDI or a setup token; the secrets have 128 bits and more,
/// so that no salt is needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct SecretHash(#[n(0)] Digest);

impl SecretHash {
    pub fn of_session(id: &[u8]) -> Self {
        Self(Digest::of("palisade 2026 session id", &[id]))
    }

    pub fn of_api_token(token: &[u8]) -> Self {
        Self(Digest::of("palisade 2026 api token", &[token]))
    }

    pub fn of_ddi_token(token: &[u8]) -> Self {
        Self(Digest::of("palisade 2026 ddi token", &[token]))
    }

    pub fn of_log_key(key: &[u8]) -> Self {
        Self(Digest::of("palisade 2026 log key", &[key]))
    }

    pub fn of_setup_token(token: &[u8]) -> Self {
        Self(Digest::of("palisade 2026 setup token", &[token]))
    }

    pub fn of_invitation(token: &[u8]) -> Self {
        Self(Digest::of("palisade 2026 invitation", &[token]))
    }

    pub fn of_device_key(key: &[u8]) -> Self {
        Self(Digest::of("palisade 2026 device key", &[key]))
    }

    pub fn of_recovery_code(name: &str, code: &[u8]) -> Self {
        Self(Digest::of(
            "palisade 2026 recovery code",
            &[name.as_bytes(), code],
        ))
    }

    /// The name of a chain of refresh tokens.
    pub fn of_grant(id: &[u8]) -> Self {
        Self(Digest::of("palisade 2026 grant", &[id]))
    }

    pub fn of_refresh_token(token: &[u8]) -> Self {
        Self(Digest::of("palisade 2026 refresh token", &[token]))
    }

    /// The name under which lists and forms speak of the secret.
    pub fn shown(&self) -> String {
        HEXLOWER.encode(self.as_bytes())
    }

    /// Reads back what [`Self::shown`] made.
    pub fn from_shown(text: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        Self::from_row(&bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(super) fn from_row(key: &[u8]) -> Option<Self> {
        key.try_into().ok().map(Digest::from_bytes).map(Self)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0.short()))
    }
}

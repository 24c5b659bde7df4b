//! The one-time link that makes the first operator: its hash, and how long it holds.

use minicbor::{Decode, Encode};
use protocol::time::Timestamp;

use super::fault::{ChangeError, ReadError};
use super::rows::Table;
use super::secret_hash::SecretHash;
use super::{Changes, Reader};

pub(super) static SETUP: Table = Table::new("setup");
const ONLY: &[u8] = b"setup";

/// A setup token that waits to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SetupToken {
    #[n(0)]
    pub hash: SecretHash,
    #[n(1)]
    pub created: Timestamp,
    #[n(2)]
    pub expires: Timestamp,
}

/// What became of an attempt to use a setup token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redemption {
    /// It was good, and is gone.
    Redeemed,
    Expired,
    /// Another one, used already, or never made.
    Unknown,
}

impl Reader {
    /// The token that waits, whether it has expired or not.
    pub fn setup_token(&self) -> Result<Option<SetupToken>, ReadError> {
        let read = self.engine.read(|txn| SETUP.readable(txn)?.decoded(ONLY));
        Ok(read?)
    }
}

impl Changes<'_> {
    /// Makes a token the only one that counts.
    pub fn set_setup_token(&mut self, token: &SetupToken) -> Result<(), ChangeError> {
        Ok(SETUP.writable(self.txn)?.put_encoded(ONLY, token)?)
    }

    /// Uses a token up.
    pub fn redeem_setup_token(
        &mut self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<Redemption, ChangeError> {
        let mut rows = SETUP.writable(self.txn)?;
        let waiting: Option<SetupToken> = rows.decoded(ONLY)?;
        let Some(waiting) = waiting.filter(|waiting| waiting.hash == *hash) else {
            return Ok(Redemption::Unknown);
        };
        if now >= waiting.expires {
            return Ok(Redemption::Expired);
        }
        rows.remove(ONLY)?;
        Ok(Redemption::Redeemed)
    }
}

//! What the caller decides about admission.

use protocol::refusal::Refusal;

use crate::Key;

/// Both sides of a connection present credentials and judge the other's before anything else is said.
pub trait Gate: Send + Sync + 'static {
    /// What this side presents right after Noise, at most [`MAX_CREDENTIALS`](crate::limits::MAX_CREDENTIALS) bytes.
    fn credentials(&self) -> Vec<u8>;

    /// The judgement over what the other, whose key Noise has proven, presents.
    fn judge(&self, key: Key, credentials: &[u8]) -> Result<(), Refusal>;

    /// What a peer is shown that is turned away as revoked, at most
    /// [`MAX_CREDENTIALS`](crate::limits::MAX_CREDENTIALS) bytes: an order that it has to hear of.
    fn order_for(&self, _key: Key) -> Option<Vec<u8>> {
        None
    }
}

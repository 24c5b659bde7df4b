//! A member's key and the PeerId that libp2p derives from it, both ways.

use libp2p::{PeerId, identity};

/// A raw Ed25519 public key.
pub type Key = [u8; 32];

/// How a PeerId embeds an Ed25519 key: protobuf fields `type = ed25519` and `data` of 32 bytes.
const ED25519_PREFIX: [u8; 4] = [0x08, 0x01, 0x12, 0x20];
const IDENTITY_HASH: u64 = 0;

/// The PeerId of a key, unless the bytes are no point on the curve.
pub(crate) fn peer_of(key: &Key) -> Option<PeerId> {
    let key = identity::ed25519::PublicKey::try_from_bytes(key).ok()?;
    Some(identity::PublicKey::from(key).to_peer_id())
}

/// The key inside a PeerId, unless it is of another kind.
pub(crate) fn key_of(peer: &PeerId) -> Option<Key> {
    let hash = peer.as_ref();
    if hash.code() != IDENTITY_HASH {
        return None;
    }
    hash.digest().strip_prefix(&ED25519_PREFIX)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_the_way_through_a_peer_id() {
        let pair = identity::Keypair::generate_ed25519();
        let peer = pair.public().to_peer_id();
        let key = key_of(&peer).expect("an Ed25519 PeerId holds its key");
        assert_eq!(peer_of(&key), Some(peer));
    }

    #[test]
    fn a_peer_id_that_is_only_a_hash_has_no_key() {
        assert_eq!(key_of(&PeerId::random()), None);
    }
}

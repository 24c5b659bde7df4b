//! The key of the store: it seals the few columns that a thief of the file must not read.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use super::rows::Table;

const NONCE: usize = 24;

/// Seals secret columns; lives in a file of its own beside the store, never in it.
#[derive(Clone, ZeroizeOnDrop)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Seals a column for one row of one table, so that it cannot be moved to another.
    pub(super) fn seal(&self, table: &Table, row: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut sealed = vec![0; NONCE];
        getrandom::fill(&mut sealed).expect("the kernel has dice");
        let nonce = nonce(&sealed).expect("the nonce was just made");
        let place = place(table, row);
        let payload = Payload {
            msg: plain,
            aad: &place,
        };
        let ciphertext = self
            .cipher()
            .encrypt(&nonce, payload)
            .expect("a column is far below the cipher's 256 GiB");
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    pub(super) fn open(
        &self,
        table: &Table,
        row: &[u8],
        sealed: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let place = place(table, row);
        let payload = Payload {
            msg: sealed.get(NONCE..)?,
            aad: &place,
        };
        let plain = self.cipher().decrypt(&nonce(sealed)?, payload).ok()?;
        Some(Zeroizing::new(plain))
    }

    pub(super) fn open_key(
        &self,
        table: &Table,
        row: &[u8],
        sealed: &[u8],
    ) -> Option<Zeroizing<[u8; 32]>> {
        let plain = self.open(table, row, sealed)?;
        plain.as_slice().try_into().ok().map(Zeroizing::new)
    }

    /// A keyed digest: who has only the file can neither check nor forge it.
    pub(super) fn mark(&self, context: &'static str, bytes: &[u8]) -> [u8; 32] {
        let mut key = blake3::derive_key(context, &self.0);
        let mark = *blake3::keyed_hash(&key, bytes).as_bytes();
        key.zeroize();
        mark
    }

    /// The seed of the key that signs access tokens. It follows from the store's key, so that no other file has to be kept,
    /// and whoever has only the store's file cannot sign.
    pub fn token_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(
            "palisade 2026 access token seed",
            &self.0,
        ))
    }

    /// A key or a proof for one file, by its salt.
    pub(super) fn derived(&self, context: &'static str, salt: &[u8; 32]) -> [u8; 32] {
        let material = Zeroizing::new([self.0, *salt].concat());
        blake3::derive_key(context, &material)
    }

    /// The key itself, for a backup: it is no file of the coordinator where the system hands it over.
    pub(crate) fn secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.0))
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(hidden)")
    }
}

fn nonce(sealed: &[u8]) -> Option<XNonce> {
    let bytes = sealed.first_chunk::<NONCE>()?;
    Some(XNonce::from(*bytes))
}

fn place(table: &Table, row: &[u8]) -> Vec<u8> {
    [table.name().as_bytes(), &[0], row].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    static HERE: Table = Table::new("here");
    static THERE: Table = Table::new("there");

    #[test]
    fn a_sealed_column_opens_only_in_its_own_row() {
        let key = StoreKey::from_bytes([7; 32]);
        let sealed = key.seal(&HERE, b"one", b"secret");
        assert_eq!(
            key.open(&HERE, b"one", &sealed)
                .expect("its own row")
                .as_slice(),
            b"secret"
        );
        assert!(key.open(&HERE, b"two", &sealed).is_none());
        assert!(key.open(&THERE, b"one", &sealed).is_none());
        assert!(
            StoreKey::from_bytes([8; 32])
                .open(&HERE, b"one", &sealed)
                .is_none()
        );
        assert!(key.open(&HERE, b"one", &sealed[..10]).is_none());
    }
}

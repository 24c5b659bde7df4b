//! A verifier that remembers checks which succeeded: nine hosts of one world check the same head.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

use protocol::key::{BadSignature, PublicKey, Signature, Verifier};

/// Checks remembered in one generation; two generations are kept.
const GENERATION: usize = 1 << 16;

/// Remembers identical checks of (key, message, signature) inside one world, and nothing across worlds.
pub struct Memo<V> {
    inner: V,
    seen: Mutex<Generations>,
}

type Prints = HashSet<u128, BuildHasherDefault<PrintHasher>>;

#[derive(Default)]
struct Generations {
    young: Prints,
    old: Prints,
}

/// The prints are hashes already.
#[derive(Default)]
struct PrintHasher(u64);

impl Hasher for PrintHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 ^= u64::from_le_bytes(word);
        }
    }

    fn write_u128(&mut self, print: u128) {
        self.0 = (print >> 64) as u64;
    }
}

impl<V> Memo<V> {
    pub fn new(inner: V) -> Self {
        Self {
            inner,
            seen: Mutex::default(),
        }
    }
}

impl<V> fmt::Debug for Memo<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

impl Generations {
    fn knows(&self, print: u128) -> bool {
        self.young.contains(&print) || self.old.contains(&print)
    }

    fn remember(&mut self, print: u128) {
        if self.young.len() >= GENERATION {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(print);
    }
}

impl<V: Verifier> Verifier for Memo<V> {
    fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), BadSignature> {
        let print = print(key, message, signature);
        // A world runs on one thread; a lock that a panic poisoned still holds only true prints.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.knows(print) {
            return Ok(());
        }
        self.inner.verify(key, message, signature)?;
        seen.remember(print);
        Ok(())
    }
}

fn print(key: &PublicKey, message: &[u8], signature: &Signature) -> u128 {
    let hash = blake3::Hasher::new_keyed(key.as_bytes())
        .update(&signature.0)
        .update(message)
        .finalize();
    u128::from_le_bytes(hash.as_bytes()[..16].try_into().expect("16 of 32 bytes"))
}

//! One page under the key of its file: AES-256-GCM-SIV (RFC 8452), so that even a nonce that the dice repeat gives away
//! no more than that two writes of one page were the same.

use std::fmt;
use std::io;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::super::key::StoreKey;

/// Bytes of a page, as the engine knows it.
pub const PAGE: usize = 4096;
const NONCE: usize = 12;
const TAG: usize = 16;
/// Bytes of a page on the disk: nonce, ciphertext, tag.
pub const SEALED: usize = NONCE + PAGE + TAG;

/// Where a page belongs; it opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    Page(u64),
    /// The first page, as it was written for the n-th time.
    Head(u64),
}

/// The page was changed, torn, or belongs elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// The key of the pages of one file.
pub struct PageKey(LessSafeKey);

impl PageKey {
    /// Each file has its own, so that no page of one opens in another.
    pub fn of(key: &StoreKey, salt: &[u8; 32]) -> Self {
        let bytes = Zeroizing::new(key.derived("palisade 2026 pages of the store", salt));
        let unbound = UnboundKey::new(&AES_256_GCM_SIV, bytes.as_slice())
            .expect("a key of AES-256 has 32 bytes");
        Self(LessSafeKey::new(unbound))
    }

    /// Appends a sealed page.
    pub fn seal(&self, place: Place, page: &[u8], to: &mut Vec<u8>) -> io::Result<()> {
        let mut nonce = [0; NONCE];
        aws_lc_rs::rand::fill(&mut nonce).map_err(io::Error::other)?;
        to.extend_from_slice(&nonce);
        let start = to.len();
        to.extend_from_slice(page);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::from(place.bytes()), &mut to[start..])
            .map_err(io::Error::other)?;
        to.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens a sealed page. Where nothing was ever written the disk has zeroes, and so has the page.
    pub fn open(&self, place: Place, sealed: &[u8], page: &mut [u8]) -> Result<(), Refused> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>().ok_or(Refused)?;
        if *nonce == [0; NONCE] && rest.iter().all(|&byte| byte == 0) {
            page.fill(0);
            return Ok(());
        }
        let (ciphertext, tag) = rest.split_last_chunk::<TAG>().ok_or(Refused)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        self.0
            .open_separate_gather(nonce, Aad::from(place.bytes()), ciphertext, tag, page)
            .map_err(|_| Refused)
    }
}

impl Place {
    fn bytes(self) -> [u8; 9] {
        let (kind, number) = match self {
            Self::Page(number) => (0, number),
            Self::Head(generation) => (1, generation),
        };
        let mut bytes = [kind; 9];
        bytes[1..].copy_from_slice(&number.to_be_bytes());
        bytes
    }
}

impl fmt::Debug for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageKey(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &PageKey, place: Place) -> Vec<u8> {
        let mut sealed = Vec::new();
        key.seal(place, &[7; PAGE], &mut sealed).expect("it seals");
        sealed
    }

    #[test]
    fn a_page_opens_in_its_place_and_under_its_key_only() {
        let store = StoreKey::from_bytes([1; 32]);
        let key = PageKey::of(&store, &[2; 32]);
        let bytes = sealed(&key, Place::Page(3));
        assert_eq!(bytes.len(), SEALED);
        let mut page = [0; PAGE];
        assert_eq!(key.open(Place::Page(3), &bytes, &mut page), Ok(()));
        assert_eq!(page, [7; PAGE]);
        for place in [Place::Page(4), Place::Head(3)] {
            assert_eq!(key.open(place, &bytes, &mut page), Err(Refused));
        }
        let other = PageKey::of(&store, &[3; 32]);
        assert_eq!(other.open(Place::Page(3), &bytes, &mut page), Err(Refused));
        assert_ne!(bytes, sealed(&key, Place::Page(3)), "a fresh nonce");
    }

    #[test]
    fn a_page_with_any_bit_changed_is_refused() {
        let key = PageKey::of(&StoreKey::from_bytes([1; 32]), &[2; 32]);
        let bytes = sealed(&key, Place::Page(1));
        let mut page = [0; PAGE];
        for byte in (0..SEALED).step_by(61).chain([0, SEALED - 1]) {
            let mut changed = bytes.clone();
            changed[byte] ^= 0x10;
            let opened = key.open(Place::Page(1), &changed, &mut page);
            assert_eq!(opened, Err(Refused), "byte {byte}");
        }
    }

    #[test]
    fn what_was_never_written_reads_as_zeroes() {
        let key = PageKey::of(&StoreKey::from_bytes([1; 32]), &[2; 32]);
        let mut page = [9; PAGE];
        let opened = key.open(Place::Page(1), &[0; SEALED], &mut page);
        assert_eq!((opened, page), (Ok(()), [0; PAGE]));
    }
}

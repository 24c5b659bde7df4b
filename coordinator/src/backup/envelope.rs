//! Encryption of a backup as a stream: a passphrase, chunks that cannot be moved, left out or cut off, and an end that is signed for.
//!
//! The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015), as age uses it: XChaCha20-Poly1305 over chunks of 64 KiB, the
//! nonce being a random prefix, the number of the chunk, and whether it is the last.

use std::fmt;
use std::io::{self, Read, Write};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use thiserror::Error;
use zeroize::Zeroizing;

const MAGIC: &[u8] = b"palisade backup v1\n";
const SALT: usize = 16;
const PREFIX: usize = 19;
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
/// The cost of a guess: 64 MiB and three passes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;

#[derive(Debug, Error)]
pub enum EnvelopeError {
    #[error("this is no backup of Palisade")]
    NotABackup,
    #[error("the passphrase is wrong, or the beginning of the file was changed")]
    WrongKey,
    #[error("the file was changed or damaged at about byte {at}: take another copy")]
    Altered { at: u64 },
    #[error("the end of the file is missing or was changed: its copy is not complete")]
    Truncated,
    #[error("the backup cannot be read or written: {0}")]
    Io(#[from] io::Error),
    #[error("the system gave no random bytes: {0}")]
    Entropy(getrandom::Error),
}

/// Encrypts what is written to it; [`Sealing::finish`] writes the end.
pub struct Sealing<W> {
    to: W,
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    number: u32,
    waiting: Zeroizing<Vec<u8>>,
}

/// Decrypts chunk by chunk; nothing of a chunk is handed out before it is checked.
pub struct Opening<R> {
    from: R,
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    number: u32,
    read: u64,
    plain: Zeroizing<Vec<u8>>,
    used: usize,
    /// The chunk behind the one that is handed out.
    next: Vec<u8>,
    over: bool,
}

impl<W> fmt::Debug for Sealing<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealing").finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for Opening<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").finish_non_exhaustive()
    }
}

fn cipher(passphrase: &str, salt: &[u8]) -> XChaCha20Poly1305 {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32));
    let params = params.expect("the costs are within the bounds of argon2");
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .expect("a salt of 16 bytes and a key of 32 fit");
    XChaCha20Poly1305::new(&Key::from(*key))
}

fn nonce(prefix: &[u8; PREFIX], number: u32, last: bool) -> XNonce {
    let mut nonce = [0; 24];
    nonce[..PREFIX].copy_from_slice(prefix);
    nonce[PREFIX..23].copy_from_slice(&number.to_be_bytes());
    nonce[23] = u8::from(last);
    XNonce::from(nonce)
}

/// Shows that a key is the right one before anything is read: the tag of nothing, in the place of a chunk that there never is.
fn proof(cipher: &XChaCha20Poly1305, prefix: &[u8; PREFIX]) -> Vec<u8> {
    let nothing = cipher.encrypt(&nonce(prefix, u32::MAX, false), &[][..]);
    nothing.expect("nothing is short enough to be sealed")
}

impl<W: Write> Sealing<W> {
    pub fn begin(mut to: W, passphrase: &str) -> Result<Self, EnvelopeError> {
        let mut head = [0; SALT + PREFIX];
        getrandom::fill(&mut head).map_err(EnvelopeError::Entropy)?;
        to.write_all(MAGIC)?;
        to.write_all(&head)?;
        let mut prefix = [0; PREFIX];
        prefix.copy_from_slice(&head[SALT..]);
        let cipher = cipher(passphrase, &head[..SALT]);
        to.write_all(&proof(&cipher, &prefix))?;
        Ok(Self {
            to,
            cipher,
            prefix,
            number: 0,
            waiting: Zeroizing::new(Vec::with_capacity(CHUNK)),
        })
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let nonce = nonce(&self.prefix, self.number, last);
        let sealed = self.cipher.encrypt(&nonce, self.waiting.as_slice());
        let sealed = sealed.map_err(|_| io::Error::other("a chunk could not be sealed"))?;
        self.to.write_all(&sealed)?;
        self.waiting.clear();
        let next = self.number.checked_add(1);
        self.number = next.ok_or_else(|| io::Error::other("a backup has 256 TiB at most"))?;
        Ok(())
    }

    /// Writes the last chunk, without which nobody opens the file.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.to.flush()?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() == CHUNK {
            self.seal(false)?;
        }
        let room = CHUNK - self.waiting.len();
        let taken = &bytes[..bytes.len().min(room)];
        self.waiting.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<R: Read> Opening<R> {
    pub fn begin(mut from: R, passphrase: &str) -> Result<Self, EnvelopeError> {
        let mut magic = [0; MAGIC.len()];
        let mut head = [0; SALT + PREFIX];
        let short = |_| EnvelopeError::NotABackup;
        from.read_exact(&mut magic).map_err(short)?;
        if magic != *MAGIC {
            return Err(EnvelopeError::NotABackup);
        }
        from.read_exact(&mut head)
            .map_err(|_| EnvelopeError::Truncated)?;
        let mut prefix = [0; PREFIX];
        prefix.copy_from_slice(&head[SALT..]);
        let cipher = cipher(passphrase, &head[..SALT]);
        let mut shown = [0; TAG];
        from.read_exact(&mut shown)
            .map_err(|_| EnvelopeError::Truncated)?;
        if proof(&cipher, &prefix) != shown {
            return Err(EnvelopeError::WrongKey);
        }
        let mut opening = Self {
            from,
            cipher,
            prefix,
            number: 0,
            read: 0,
            plain: Zeroizing::new(Vec::new()),
            used: 0,
            next: Vec::new(),
            over: false,
        };
        opening.next = opening.chunk()?;
        Ok(opening)
    }

    fn chunk(&mut self) -> io::Result<Vec<u8>> {
        let mut chunk = Vec::with_capacity(CHUNK + TAG);
        let most = (CHUNK + TAG) as u64;
        (&mut self.from).take(most).read_to_end(&mut chunk)?;
        Ok(chunk)
    }

    /// Fills the buffer with the next chunk; false behind the last.
    fn advance(&mut self) -> Result<bool, EnvelopeError> {
        if self.over {
            return Ok(false);
        }
        let following = self.chunk()?;
        let sealed = std::mem::replace(&mut self.next, following);
        let last = self.next.is_empty();
        let nonce = nonce(&self.prefix, self.number, last);
        let Ok(plain) = self.cipher.decrypt(&nonce, sealed.as_slice()) else {
            return Err(self.refused(last));
        };
        self.plain = Zeroizing::new(plain);
        (self.used, self.over) = (0, last);
        self.number += 1;
        self.read += sealed.len() as u64;
        Ok(true)
    }

    /// A file that was cut ends with a chunk that does not open as the last one.
    const fn refused(&self, last: bool) -> EnvelopeError {
        match last {
            true => EnvelopeError::Truncated,
            false => EnvelopeError::Altered { at: self.read },
        }
    }

    /// Reads exactly so many bytes.
    pub fn exactly(&mut self, bytes: &mut [u8]) -> Result<(), EnvelopeError> {
        let mut filled = 0;
        while filled < bytes.len() {
            if self.used == self.plain.len() && !self.advance()? {
                return Err(EnvelopeError::Truncated);
            }
            let part = (self.plain.len() - self.used).min(bytes.len() - filled);
            bytes[filled..filled + part].copy_from_slice(&self.plain[self.used..self.used + part]);
            self.used += part;
            filled += part;
        }
        Ok(())
    }

    /// Whether everything was read, up to the signed end.
    pub fn is_over(&mut self) -> Result<bool, EnvelopeError> {
        while self.used == self.plain.len() {
            if !self.advance()? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(bytes: usize) -> Vec<u8> {
        let mut sealing = Sealing::begin(Vec::new(), "eight small wet stones").expect("it begins");
        let plain: Vec<u8> = (0..bytes).map(|number| number as u8).collect();
        sealing.write_all(&plain).expect("memory takes it");
        sealing.finish().expect("memory takes it")
    }

    fn opened(file: &[u8], bytes: usize) -> Result<Vec<u8>, EnvelopeError> {
        let mut opening = Opening::begin(file, "eight small wet stones")?;
        let mut plain = vec![0; bytes];
        opening.exactly(&mut plain)?;
        assert!(opening.is_over()?);
        Ok(plain)
    }

    #[test]
    fn what_is_sealed_opens_at_every_length_around_a_chunk() {
        for bytes in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let plain = opened(&sealed(bytes), bytes).expect("it opens");
            assert!(plain.iter().enumerate().all(|(at, byte)| *byte == at as u8));
        }
    }

    #[test]
    fn a_wrong_passphrase_a_cut_and_a_changed_byte_are_refused_in_words() {
        let bytes = 2 * CHUNK + 100;
        let file = sealed(bytes);
        let head = MAGIC.len() + SALT + PREFIX + TAG;
        let wrong = Opening::begin(file.as_slice(), "nine large dry stones")
            .and_then(|mut opening| opening.exactly(&mut [0]));
        assert!(matches!(wrong, Err(EnvelopeError::WrongKey)), "{wrong:?}");
        for cut in [
            head + CHUNK + TAG,
            head + 2 * (CHUNK + TAG),
            file.len() - 1,
            head + CHUNK + 50,
        ] {
            let told = opened(&file[..cut], bytes);
            assert!(
                matches!(told, Err(EnvelopeError::Truncated)),
                "{cut} {told:?}"
            );
        }
        let mut changed = file.clone();
        changed[head + CHUNK + TAG + 9] ^= 1;
        let told = opened(&changed, bytes);
        assert!(
            matches!(told, Err(EnvelopeError::Altered { .. })),
            "{told:?}"
        );
        assert!(matches!(
            opened(b"a zip", 1),
            Err(EnvelopeError::NotABackup)
        ));
        assert!(matches!(
            opened(&file[..30], 1),
            Err(EnvelopeError::Truncated)
        ));
    }

    #[test]
    fn chunks_cannot_change_their_places() {
        let bytes = 3 * CHUNK;
        let mut file = sealed(bytes);
        let (head, whole) = (MAGIC.len() + SALT + PREFIX + TAG, CHUNK + TAG);
        let second = file[head + whole..head + 2 * whole].to_vec();
        file.copy_within(head..head + whole, head + whole);
        file[head..head + whole].copy_from_slice(&second);
        opened(&file, bytes).expect_err("they were swapped");
    }
}

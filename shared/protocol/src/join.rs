//! The join string: one word that carries where a mesh is, how to know it, and one chance to enter.

use std::fmt;
use std::net::Ipv6Addr;
use std::sync::LazyLock;

use data_encoding::{DecodeKind, Encoding, HEXLOWER, Specification};
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

mod crc;

/// Addresses that one join string carries.
pub const ADDRESSES: usize = 4;
/// Bytes of one address.
pub const ADDRESS_BYTES: usize = 64;
/// Bytes of what is parsed at all: white space around and inside the longest string included.
pub const TEXT_BYTES: usize = 2048;

const PREFIX: &str = "plsd1_";
const VERSION: u8 = 1;
const PSK_LABEL: &[u8] = b"palisade/enrol/psk/v1";
const CHECKSUM_BYTES: usize = 4;

/// Base32 in Crockford's alphabet: one word to a double click, short in a QR code, the same in capitals,
/// and without letters that read like digits.
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification
        .symbols
        .push_str("0123456789abcdefghjkmnpqrstvwxyz");
    specification
        .translate
        .from
        .push_str("ABCDEFGHJKMNPQRSTVWXYZoOiIlL");
    specification
        .translate
        .to
        .push_str("abcdefghjkmnpqrstvwxyz001111");
    specification
        .encoding()
        .expect("32 different symbols make an encoding")
});

/// What a device needs to enter a mesh once. Its text is a secret until it is used or expires.
#[derive(Clone)]
pub struct JoinString {
    addresses: Vec<String>,
    mesh: [u8; 32],
    pin: [u8; 32],
    token_id: [u8; 8],
    secret: Zeroizing<[u8; 16]>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JoinError {
    #[error("this is not a join string: copy the whole word that begins with {PREFIX}")]
    WrongPrefix,
    #[error(
        "this join string has version {0}, which this program does not know: update palisade-node"
    )]
    UnknownVersion(u32),
    #[error("the join string is longer than any: copy only the word that begins with {PREFIX}")]
    TooLong,
    #[error("the join string ends too early: copy it again up to its last character")]
    Truncated,
    #[error("the join string is damaged (its checksum is wrong): copy it again or make a new one")]
    Damaged,
    #[error("the join string carries {0} addresses instead of 1 to {ADDRESSES}: make a new one")]
    AddressCount(usize),
    #[error(
        "the address {0:?} is not host:port: make a new join string with an address such as 192.0.2.7:7443"
    )]
    BadAddress(String),
}

impl JoinString {
    /// `pin` is [`pin_of`] the coordinator's static Noise key, `mesh` the digest of its first root.
    pub fn new(
        addresses: Vec<String>,
        mesh: [u8; 32],
        pin: [u8; 32],
        token_id: [u8; 8],
        secret: Zeroizing<[u8; 16]>,
    ) -> Result<Self, JoinError> {
        if !(1..=ADDRESSES).contains(&addresses.len()) {
            return Err(JoinError::AddressCount(addresses.len()));
        }
        if let Some(bad) = addresses.iter().find(|address| !is_host_and_port(address)) {
            return Err(JoinError::BadAddress(shown(bad)));
        }
        Ok(Self {
            addresses,
            mesh,
            pin,
            token_id,
            secret,
        })
    }

    /// Reads the word whatever the case of its letters and wherever white space stands.
    pub fn parse(text: &str) -> Result<Self, JoinError> {
        let text = text.trim();
        if text.len() > TEXT_BYTES {
            return Err(JoinError::TooLong);
        }
        let word = Zeroizing::new(text.split_whitespace().collect::<String>());
        let symbols = after_prefix(&word)?;
        let bytes = decoded(symbols)?;
        let content = checked(&bytes).ok_or_else(|| cause(symbols))?;
        let mut reader = Reader(content);
        let join = Self::read(&mut reader)?;
        if reader.0.is_empty() {
            Ok(join)
        } else {
            Err(JoinError::Damaged)
        }
    }

    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }

    pub const fn mesh(&self) -> &[u8; 32] {
        &self.mesh
    }

    pub const fn pin(&self) -> &[u8; 32] {
        &self.pin
    }

    pub const fn token_id(&self) -> &[u8; 8] {
        &self.token_id
    }

    pub fn secret(&self) -> &[u8; 16] {
        &self.secret
    }

    /// The pre-shared key of the enrolment handshake.
    pub fn psk(&self) -> Zeroizing<[u8; 32]> {
        psk_of(&self.secret)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, JoinError> {
        let [version] = reader.array()?;
        if version != VERSION {
            return Err(JoinError::UnknownVersion(version.into()));
        }
        let (mesh, pin, token_id) = (reader.array()?, reader.array()?, reader.array()?);
        let secret = Zeroizing::new(reader.array()?);
        let [count] = reader.array()?;
        if !(1..=ADDRESSES).contains(&usize::from(count)) {
            return Err(JoinError::AddressCount(count.into()));
        }
        let mut addresses = Vec::with_capacity(count.into());
        for _ in 0..count {
            let [length] = reader.array()?;
            let bytes = reader.take(length.into())?;
            addresses.push(String::from_utf8_lossy(bytes).into_owned());
        }
        Self::new(addresses, mesh, pin, token_id, secret)
    }

    fn content(&self) -> Zeroizing<Vec<u8>> {
        let texts: usize = self.addresses.iter().map(|address| 1 + address.len()).sum();
        let mut bytes = Zeroizing::new(Vec::with_capacity(
            1 + 32 + 32 + 8 + 16 + 1 + texts + CHECKSUM_BYTES,
        ));
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.mesh);
        bytes.extend_from_slice(&self.pin);
        bytes.extend_from_slice(&self.token_id);
        bytes.extend_from_slice(self.secret.as_slice());
        bytes.push(self.addresses.len() as u8);
        for address in &self.addresses {
            bytes.push(address.len() as u8);
            bytes.extend_from_slice(address.as_bytes());
        }
        bytes
    }
}

/// Prints the secret: the one place where it leaves this type as text.
impl fmt::Display for JoinString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.content();
        let checksum = crc::crc32(&bytes);
        bytes.extend_from_slice(&checksum.to_be_bytes());
        f.write_str(PREFIX)?;
        f.write_str(&Zeroizing::new(BASE32.encode(&bytes)))
    }
}

impl fmt::Debug for JoinString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinString")
            .field("addresses", &self.addresses)
            .field("mesh", &HEXLOWER.encode(&self.mesh))
            .field("pin", &HEXLOWER.encode(&self.pin))
            .field("token_id", &HEXLOWER.encode(&self.token_id))
            .finish_non_exhaustive()
    }
}

/// What a join string pins of the coordinator's static X25519 key.
pub fn pin_of(noise_key: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(noise_key).into()
}

/// What the coordinator keeps of a one-time secret: enough for the handshake, not for the string.
pub fn psk_of(secret: &[u8; 16]) -> Zeroizing<[u8; 32]> {
    let mut psk = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, secret)
        .expand(PSK_LABEL, psk.as_mut_slice())
        .expect("32 bytes are less than 255 hashes");
    psk
}

/// The symbols after `plsd1_`, in whatever case; another number is a version to come.
fn after_prefix(word: &str) -> Result<&str, JoinError> {
    let (prefix, symbols) = word.split_once('_').ok_or(JoinError::WrongPrefix)?;
    let version = prefix
        .get(..4)
        .filter(|name| name.eq_ignore_ascii_case(&PREFIX[..4]))
        .and(prefix.get(4..));
    match version.map(str::as_bytes) {
        Some(b"1") => Ok(symbols),
        Some([b'1'..=b'9', rest @ ..]) if rest.len() < 4 && rest.iter().all(u8::is_ascii_digit) => {
            let number = prefix[4..].parse().map_err(|_| JoinError::WrongPrefix)?;
            Err(JoinError::UnknownVersion(number))
        }
        _ => Err(JoinError::WrongPrefix),
    }
}

fn decoded(symbols: &str) -> Result<Zeroizing<Vec<u8>>, JoinError> {
    match BASE32.decode(symbols.as_bytes()) {
        Ok(bytes) => Ok(Zeroizing::new(bytes)),
        Err(error) if error.kind == DecodeKind::Symbol => Err(JoinError::Damaged),
        Err(_) => Err(cause(symbols)),
    }
}

/// The content before its checksum, if that fits.
fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (content, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>()?;
    (crc::crc32(content).to_be_bytes() == *checksum).then_some(content)
}

/// Whether symbols that do not fit their checksum are too few or wrong, as far as they can tell themselves.
fn cause(symbols: &str) -> JoinError {
    let whole = &symbols.as_bytes()[..symbols.len() - symbols.len() % 8];
    let Ok(bytes) = BASE32.decode(whole).map(Zeroizing::new) else {
        return JoinError::Damaged;
    };
    let mut reader = Reader(&bytes);
    match JoinString::read(&mut reader) {
        Err(JoinError::Truncated) => JoinError::Truncated,
        Ok(_)
            if symbols.len() < BASE32.encode_len(bytes.len() - reader.0.len() + CHECKSUM_BYTES) =>
        {
            JoinError::Truncated
        }
        _ => JoinError::Damaged,
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], JoinError> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(JoinError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], JoinError> {
        Ok(self.take(N)?.try_into().expect("as many bytes were taken"))
    }
}

fn is_host_and_port(address: &str) -> bool {
    let Some((host, port)) = address
        .rsplit_once(':')
        .filter(|_| address.len() <= ADDRESS_BYTES)
    else {
        return false;
    };
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    digits && port.parse::<u16>().is_ok_and(|port| port > 0) && is_host(host)
}

/// A name, an IPv4 address, or an IPv6 address in brackets with or without its zone.
fn is_host(host: &str) -> bool {
    let Some(inner) = host.strip_prefix('[') else {
        return !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    };
    let Some(inner) = inner.strip_suffix(']') else {
        return false;
    };
    let (address, zone) = inner.split_once('%').unwrap_or((inner, "none"));
    let is_zone = !zone.is_empty()
        && zone
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    is_zone && address.parse::<Ipv6Addr>().is_ok()
}

/// The beginning of an address that is not one, for the person who wrote it.
fn shown(address: &str) -> String {
    address.chars().take(ADDRESS_BYTES).collect()
}

#[cfg(test)]
mod tests;

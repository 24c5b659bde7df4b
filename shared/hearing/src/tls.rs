//! What a TLS client says before anything is secret (RFC 8446 §4.1.2): whom it wants, and how it is built.

mod ja4;

use thiserror::Error;

use crate::bytes::Reader;
use crate::limits::TLS_ITEMS;
use crate::text::plain;

/// Numbers of extensions (IANA, "TLS ExtensionType Values").
mod extension {
    pub const SERVER_NAME: u16 = 0;
    pub const SIGNATURES: u16 = 13;
    pub const PROTOCOLS: u16 = 16;
    pub const VERSIONS: u16 = 43;
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hello {
    /// The highest version offered, as on the wire: 0x0304 is TLS 1.3.
    pub version: u16,
    /// In the client's order, without the placeholders of RFC 8701.
    pub ciphers: Vec<u16>,
    pub extensions: Vec<u16>,
    pub signatures: Vec<u16>,
    /// The name of the server that is wanted (RFC 6066 §3).
    pub server_name: Option<String>,
    /// The protocols offered above TLS (RFC 7301).
    pub protocols: Vec<String>,
}

/// Why bytes are no hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TlsError {
    #[error("the bytes are no handshake record with a client's hello")]
    NoHello,
    #[error("the hello ends early: its rest is in a later segment")]
    CutOff,
}

impl Hello {
    /// Reads the first bytes that a client sends on a TCP connection.
    pub fn read(payload: &[u8]) -> Result<Self, TlsError> {
        let mut record = Reader(payload);
        let [kind, major, _, _, _] = record.array().ok_or(TlsError::NoHello)?;
        let [handshake, size @ ..] = record.array::<4>().ok_or(TlsError::NoHello)?;
        if kind != 0x16 || major != 3 || handshake != 1 {
            return Err(TlsError::NoHello);
        }
        let size = u32::from_be_bytes([0, size[0], size[1], size[2]]) as usize;
        let body = record.0.get(..size).ok_or(TlsError::CutOff)?;
        hello(Reader(body)).ok_or(TlsError::CutOff)
    }

    /// How the client is built, in the form of JA4 (FoxIO, TLS client part): equal software, equal word.
    pub fn fingerprint(&self) -> String {
        ja4::of(self)
    }
}

fn hello(mut body: Reader<'_>) -> Option<Hello> {
    let version = body.short()?;
    body.take(32)?;
    body.counted8()?;
    let mut hello = Hello {
        version,
        ciphers: numbers(body.counted16()?),
        ..Hello::default()
    };
    body.counted8()?;
    // Old clients end here.
    let mut extensions = Reader(body.counted16().unwrap_or_default());
    while let (Some(kind), Some(data)) = (extensions.short(), extensions.counted16()) {
        if hello.extensions.len() < TLS_ITEMS && !is_placeholder(kind) {
            hello.extensions.push(kind);
            hello.take(kind, data);
        }
    }
    Some(hello)
}

impl Hello {
    fn take(&mut self, kind: u16, data: &[u8]) {
        let mut data = Reader(data);
        match kind {
            extension::SERVER_NAME => self.server_name = server_name(data),
            extension::SIGNATURES => {
                self.signatures = data.counted16().map(numbers).unwrap_or_default();
            }
            extension::VERSIONS => {
                let offered = data.counted8().map(numbers).unwrap_or_default();
                self.version = offered.into_iter().max().unwrap_or(self.version);
            }
            extension::PROTOCOLS => {
                let mut list = Reader(data.counted16().unwrap_or_default());
                let each = std::iter::from_fn(|| list.counted8());
                self.protocols = each.take(TLS_ITEMS).map(plain).collect();
            }
            _ => {}
        }
    }
}

fn server_name(mut data: Reader<'_>) -> Option<String> {
    const HOST: u8 = 0;
    let mut list = Reader(data.counted16()?);
    let kind = list.byte()?;
    let name = plain(list.counted16()?).to_ascii_lowercase();
    (kind == HOST && !name.is_empty()).then_some(name)
}

fn numbers(bytes: &[u8]) -> Vec<u16> {
    let pairs = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    pairs
        .filter(|number| !is_placeholder(*number))
        .take(TLS_ITEMS)
        .collect()
}

/// 0x0a0a, 0x1a1a … 0xfafa mean nothing and vary (RFC 8701).
const fn is_placeholder(number: u16) -> bool {
    number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff
}

#[cfg(test)]
mod tests;

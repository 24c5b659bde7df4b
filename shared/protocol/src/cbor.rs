//! One deterministic encoding: any other bytes for the same value are refused.

use std::convert::Infallible;
use std::fmt;

use minicbor::decode::Decode;
use minicbor::encode::{Encode, Write};
use thiserror::Error;

/// Why bytes are not the one encoding of a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    #[error("{what} of {bytes} bytes is over its bound of {bound}")]
    TooLong {
        what: &'static str,
        bytes: usize,
        bound: usize,
    },
    #[error("not a {what}: {detail}")]
    Malformed { what: &'static str, detail: String },
    #[error("not the canonical encoding of a {what}")]
    NotCanonical { what: &'static str },
}

/// Encodes a value in its one form.
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    match minicbor::to_vec(value) {
        Ok(bytes) => bytes,
        Err(error) => unreachable_encoding(&error),
    }
}

/// How many bytes the encoding has, without making it.
pub fn length<T: Encode<()>>(value: &T) -> usize {
    let mut length = Length(0);
    match minicbor::encode(value, &mut length) {
        Ok(()) => length.0,
        Err(error) => unreachable_encoding(&error),
    }
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    type Error = Infallible;

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.0 += bytes.len();
        Ok(())
    }
}

fn unreachable_encoding(error: &impl fmt::Display) -> ! {
    unreachable!("writing into memory cannot fail, and no encoder of ours refuses a value: {error}")
}

/// Decodes a value of at most `bound` bytes and refuses every encoding but its own.
pub fn decode<'b, T>(what: &'static str, bound: usize, bytes: &'b [u8]) -> Result<T, DecodeError>
where
    T: Decode<'b, ()> + Encode<()>,
{
    if bytes.len() > bound {
        return Err(DecodeError::TooLong {
            what,
            bytes: bytes.len(),
            bound,
        });
    }
    let value: T = minicbor::decode(bytes).map_err(|error| DecodeError::Malformed {
        what,
        detail: error.to_string(),
    })?;
    if encode(&value) == bytes {
        Ok(value)
    } else {
        Err(DecodeError::NotCanonical { what })
    }
}

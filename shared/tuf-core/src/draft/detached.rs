//! A signature on its way from the one who signs to the one who collects, as a small file.

use data_encoding::HEXLOWER;
use thiserror::Error;

use crate::canonical::{Json, JsonError};
use crate::draft::unsigned::object;
use crate::fields::{FieldError, Fields};
use crate::key::DetachedSignature;

const MAX_BYTES: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DetachedError {
    #[error("the file holds no signature: {0}")]
    Json(#[from] JsonError),
    #[error("the file holds no signature: {0}")]
    Field(#[from] FieldError),
}

pub fn to_bytes((key, signature): &DetachedSignature) -> Vec<u8> {
    let hex = |bytes: &[u8]| Json::Text(HEXLOWER.encode(bytes));
    object([("key", hex(key)), ("signature", hex(signature))]).to_canonical()
}

/// Whether the signature is good is seen when it is put to its document.
pub fn parse(bytes: &[u8]) -> Result<DetachedSignature, DetachedError> {
    let json = Json::parse(bytes, MAX_BYTES)?;
    let fields = Fields::of(&json, "signature")?;
    Ok((read(fields, "key")?, read(fields, "signature")?))
}

fn read<const N: usize>(fields: Fields<'_>, name: &'static str) -> Result<[u8; N], FieldError> {
    let bytes = HEXLOWER.decode(fields.text(name)?.as_bytes());
    let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or(FieldError(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_arrives_as_it_was_sent_and_nothing_else_is_one() {
        let signature = ([1; 32], [2; 64]);
        let bytes = to_bytes(&signature);
        assert_eq!(parse(&bytes), Ok(signature));
        for length in 0..bytes.len() {
            assert!(parse(&bytes[..length]).is_err());
        }
        let text = String::from_utf8(bytes).expect("it is JSON");
        assert!(parse(text.replace("01", "0").as_bytes()).is_err());
    }
}

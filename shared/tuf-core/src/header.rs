//! What every signed document begins with: its kind, its specification, its version and its end.

use thiserror::Error;

use crate::canonical::Object;
use crate::expiry;
use crate::fields::{FieldError, Fields};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HeaderError {
    #[error("the document is not of the kind {0}")]
    Kind(&'static str),
    #[error("the document follows a version of the specification other than 1.x")]
    SpecVersion,
    #[error("the time of expiry is not UTC as YYYY-MM-DDTHH:MM:SSZ")]
    Expires,
    #[error(transparent)]
    Field(#[from] FieldError),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) version: u64,
    pub(crate) expires_unix_s: u64,
}

impl Header {
    pub(crate) fn read(signed: &Object, kind: &'static str) -> Result<Self, HeaderError> {
        let fields = Fields(signed);
        if fields.text("_type")? != kind {
            return Err(HeaderError::Kind(kind));
        }
        if !is_version_1(fields.text("spec_version")?) {
            return Err(HeaderError::SpecVersion);
        }
        Ok(Self {
            version: fields.positive("version")?,
            expires_unix_s: expiry::parse(fields.text("expires")?).ok_or(HeaderError::Expires)?,
        })
    }

    pub(crate) const fn expired(&self, now_unix_s: u64) -> bool {
        now_unix_s >= self.expires_unix_s
    }
}

/// Two or three numbers with dots, the first of them 1.
fn is_version_1(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    let numeric = parts
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    numeric && parts[0] == "1" && matches!(parts.len(), 2 | 3)
}

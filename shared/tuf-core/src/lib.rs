//! Trusted metadata of The Update Framework: bytes and a time in, a verdict out, no I/O.
#![forbid(unsafe_code)]

pub mod canonical;
pub mod envelope;
mod expiry;
pub mod fields;
pub mod key;
pub mod limits;
pub mod role;

pub mod draft;
pub mod root;

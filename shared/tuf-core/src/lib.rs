//! Trusted metadata of The Update Framework: bytes and a time in, a verdict out, no I/O.
#![forbid(unsafe_code)]

pub mod canonical;
pub mod envelope;
pub mod expiry;
pub mod fields;
pub mod file;
pub mod header;
pub mod key;
pub mod keyring;
pub mod limits;
pub mod role;
pub mod schemes;

pub mod draft;
pub mod root;

pub mod delegations;
pub mod document;
pub mod name;
mod paths;
mod snapshot;
pub mod targets;
mod timestamp;

pub mod floors;
mod load;
pub mod search;
pub mod trusted;
pub mod update;

//! Numbers in, verdict out: summaries and statistics without I/O.
#![forbid(unsafe_code)]

pub mod rules;
pub mod summary;

//! Benches: a ratio against a peer in the same run, never a time alone.

pub mod chart;
pub mod fill;
pub mod ingest;
pub mod killed;
pub mod sealed;

//! Log lines of devices, and the rules that read them: JSON lines and RFC 5424 in, hits of rules out.
//!
//! Rules are a subset of Sigma, told in `docs/rules.md`; each carries its own tests. Nothing here reads a file or a clock.
#![forbid(unsafe_code)]

pub mod limits;
pub mod line;

mod sudo;

pub mod frame;
pub mod json;
pub mod plain;
pub mod syslog;

pub mod builtin;
pub mod judge;
pub mod sigma;

//! The program on a device: sources, journal and keys around the node machine of `protocol`.
#![forbid(unsafe_code)]

pub mod config;
pub mod keys;
pub mod sources;

pub mod journal;

pub mod logging;
pub mod status;

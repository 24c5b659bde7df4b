//! Yardsticks that replay captures from a data folder: files in, figures out.
//!
//! A data folder that is absent or holds no capture is an error, so that nobody mistakes nothing for a good figure.
#![forbid(unsafe_code)]

mod dice;

pub mod archive;
pub mod captures;
pub mod traffic;
pub mod truth;

pub mod agent;
pub mod botnet;
pub mod connections;
pub mod exfiltration;
pub mod fingerprint;
pub mod scan;
pub mod setups;
pub mod week;

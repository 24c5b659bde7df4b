//! The program on a device: sources, journal and keys around the node machine of `protocol`.
#![forbid(unsafe_code)]

pub mod bundle;
pub mod commands;
pub mod config;
pub mod console;
pub mod decoys;
pub mod filter;

pub mod join;
pub mod keys;
pub mod member;

pub mod install;

mod pieces;
mod private;
mod results;
pub mod run;
pub mod sbom;
mod scan;
pub mod wipe;

pub mod journal;
pub mod sources;

pub mod logging;
pub mod status;

//! Whole fleets from a seed: the shipped state machines in a world of virtual time, links, disks and faults.
#![forbid(unsafe_code)]

pub mod scenario;
pub mod scenarios;

pub mod world;

pub mod models;

pub mod fleet;
pub mod profile;

pub mod disk;
pub mod host;
pub mod network;
pub mod spread;
pub mod store;

pub mod actors;

pub mod checks;
pub mod model;
pub mod observers;
pub mod truth;

pub mod chance;
pub mod memo;
mod queue;
pub mod signing;
pub mod slots;
pub mod trace;

#[cfg(feature = "shells")]
pub mod bench;
#[cfg(feature = "shells")]
pub mod demo;
pub mod peers;
#[cfg(feature = "shells")]
pub mod power;

pub mod commands;

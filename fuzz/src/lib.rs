//! The bodies of the fuzz targets, as ordinary functions that an ordinary test replays.
#![forbid(unsafe_code)]

pub mod bodies;
pub mod install;
pub mod script;
pub mod world;

mod frames;

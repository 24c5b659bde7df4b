//! The bodies of the fuzz targets, as ordinary functions that an ordinary test replays.
#![forbid(unsafe_code)]

pub mod bodies;
/// The node's reader of bundles, from its own source as well.
#[path = "../../node/src/bundle/carried.rs"]
pub mod carried;
pub mod install;
pub mod script;
pub mod world;

mod frames;

//! The node's reader of images, compiled here from its own source: the crate around it would bring the whole mesh along.

#[path = "../../node/src/install/archive.rs"]
pub mod archive;
#[path = "../../node/src/install/disk.rs"]
pub mod disk;

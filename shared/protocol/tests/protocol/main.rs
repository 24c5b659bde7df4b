//! The whole crate from outside: its formats to the byte, and its rules as stories.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod canonical;
mod classes;
mod forms;
mod golden;
mod head_deltas;
mod proofs;
mod rig;
mod samples;
mod spread;
mod stories;
mod succession;
mod tree;
mod wycheproof;

//! Holds THREAT_MODEL.md against the tree: what a row names must exist, and what exists must be named by a row.
#![forbid(unsafe_code)]

pub mod asvs;
pub mod check;
pub mod model;
pub mod rust;
pub mod tree;

//! The rules of the mesh: every decision, and no socket, disk, clock or dice.
#![forbid(unsafe_code)]

pub mod refusal;

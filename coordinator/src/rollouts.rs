//! Rollouts as people ask for them, and as they are shown: the machine in `protocol` decides, here are the words.

pub mod document;
pub mod wish;

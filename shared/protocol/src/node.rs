//! The node: a router over conversations.

pub mod save;

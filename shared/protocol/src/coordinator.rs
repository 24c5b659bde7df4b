//! The coordinator: a router over conversations.

pub mod save;

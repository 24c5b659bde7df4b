//! One way to the outside: a signed request to one address (Standard Webhooks), or one whose answer is read; bounded in time
//! and size.
//!
//! It knows neither alerts nor meshes: callers bring the bytes and the name under which a receiver
//! recognises a message that arrives twice.
#![forbid(unsafe_code)]

pub mod address;
pub mod fetch;
pub mod post;
pub mod secret;

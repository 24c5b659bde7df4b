//! Pages as pure functions: a view goes in, markup comes out, and nothing is read or written on the way.
#![forbid(unsafe_code)]

pub mod layout;
pub mod links;
pub mod live;
pub mod pages;
pub mod parts;

pub mod assets;
#[cfg(test)]
mod promises;
#[cfg(any(test, feature = "samples"))]
pub mod samples;

//! Numbers in, verdict out: profiles, statistics, forests and sequences without I/O, clocks or dice of their own.
//!
//! Everything that is trained takes a seed, does its arithmetic in an order that never changes and its logarithms by
//! `libm`, so that the same seed and data give the same bytes on every machine.
#![forbid(unsafe_code)]

pub mod rules;
pub mod summary;

pub mod limits;
pub mod rows;

pub mod forest;

pub mod stream;

pub mod mud;
pub mod profile;

pub mod sequence;

pub mod boosting;
pub mod drift;
pub mod trial;

pub mod conformal;
pub mod fusion;
pub mod hotelling;
pub mod robust;
pub mod tail;

pub mod dice;
pub mod model;

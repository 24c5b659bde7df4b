//! One value, one encoding: whatever else would say the same is refused.

mod every_flaw;
mod indices;
mod round_trips;
pub mod strategies;

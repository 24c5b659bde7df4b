//! Other programs' failure detectors in our kind of world, measured as ours is: same distances, loss and deaths.

pub mod comparison;
pub mod foca;
pub mod ours;
pub mod schedule;
pub mod tally;

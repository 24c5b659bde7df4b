//! Stories of the store as a whole, over a disk that can be looked into.

mod alerts;
mod audit;
mod countersigned;
mod faults;
mod people;
mod records;
mod repository;
mod retention;
pub mod rig;
pub mod rot;
mod samples;
mod schedules;
mod sealed;

//! What people are told: alerts, the incidents that group them, and who hears of them when.
//!
//! One alert is one rule of one device, with a count. Sightings go in, and alerts, incidents and letters come out;
//! time comes in as an argument, and saving and sending are left to the shell.
#![forbid(unsafe_code)]

pub mod limits;
pub mod severity;
pub mod text;

pub mod origins;
pub mod sighting;
pub mod sources;

pub mod act;
pub mod alert;
pub mod book;
pub mod filter;
pub mod incident;
pub mod tuning;

pub mod hours;
pub mod letter;
pub mod outbox;
pub mod planner;
pub mod route;

mod tongue;

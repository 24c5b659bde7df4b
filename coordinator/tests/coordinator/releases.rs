//! The repository as its people use it: documents are signed apart, and devices take what is served or nothing.

#[path = "releases/ceremonies.rs"]
mod ceremonies;
#[path = "releases/crashes.rs"]
mod crashes;
#[path = "releases/indices.rs"]
mod indices;
#[path = "releases/rig.rs"]
pub mod rig;
#[path = "releases/upkeep.rs"]
mod upkeep;

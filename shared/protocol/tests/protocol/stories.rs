//! The rules of the mesh, told as what happens to a few devices.

mod alerts;
mod catching_up;
mod doors;
mod enrolment;
mod gossip;
mod identity_log;
mod links;
mod presence;
mod reboots;
mod records;
mod retirement;
mod reunion;
mod silence;

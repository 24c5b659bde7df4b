//! The shipped programs over real sockets on loopback: a coordinator, and devices that join and run.
#![forbid(unsafe_code)]

#[path = "programs/demo.rs"]
mod demo;
#[path = "programs/enrolment.rs"]
mod enrolment;
#[path = "programs/mesh.rs"]
mod mesh;
#[path = "programs/offices.rs"]
mod offices;
#[path = "programs/rig.rs"]
mod rig;
#[path = "programs/rotation.rs"]
mod rotation;
#[path = "programs/wiping.rs"]
mod wiping;

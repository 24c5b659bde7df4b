//! Stories of links and enrolments on the loopback interface.

#[path = "mesh/admission.rs"]
mod admission;
#[path = "mesh/bulk.rs"]
mod bulk;
#[path = "mesh/discovery.rs"]
mod discovery;
#[path = "mesh/enrolment.rs"]
mod enrolment;
#[path = "mesh/links.rs"]
mod links;
#[path = "mesh/rig.rs"]
mod rig;
#[path = "mesh/road.rs"]
mod road;

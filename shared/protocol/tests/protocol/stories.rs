//! The rules of the mesh, told as what happens to a few devices.

mod accounts;
mod alerts;
mod appeals;
mod beacon;
mod catching_up;
mod copies;
mod cosigning;
mod doors;
mod enrolment;
mod gossip;
mod halts;
mod histories;
mod identity_log;
mod links;
mod presence;
mod quarantine;
mod reboots;
mod records;
mod retirement;
mod reunion;
mod rotation;
mod silence;
mod split_view;
mod suspicion;
mod threshold;
mod wiping;

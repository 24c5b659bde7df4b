//! The list of scenarios.

pub mod accuser_storm;
pub mod alert;
pub mod attacks;
pub mod bad_firmware;
pub mod beacon_starved;
pub mod benign_week;
pub mod botnet_replay;
pub mod burst_loss;
pub mod clone;
pub mod coordinator_off;
mod delivery;
pub mod equivocator;
pub mod exfiltration;
pub mod firmware_spread;
pub mod flash_rollback;
pub mod guardians;
#[cfg(feature = "shells")]
pub mod install_power_cut;
pub mod liars;
mod loss;
pub mod loss20;
pub mod mass_death;
pub mod offline;
pub mod partition;
mod plots;
#[cfg(feature = "shells")]
pub mod power_cut;
pub mod revocation;
pub mod rotation;
pub mod silence;
pub mod slow_nodes;
pub mod stolen_coordinator;
pub mod swarm;
pub mod telemetry;
mod watch;
pub mod worm;

use crate::scenario::Scenario;

/// All scenarios by name, in the order in which `all` runs them.
pub const ALL: &[Scenario] = &[
    telemetry::SCENARIO,
    offline::SCENARIO,
    #[cfg(feature = "shells")]
    power_cut::SCENARIO,
    #[cfg(feature = "shells")]
    install_power_cut::SCENARIO,
    silence::SCENARIO,
    loss20::SCENARIO,
    burst_loss::SCENARIO,
    slow_nodes::SCENARIO,
    mass_death::SCENARIO,
    partition::SCENARIO,
    revocation::SCENARIO,
    flash_rollback::SCENARIO,
    equivocator::SCENARIO,
    accuser_storm::SCENARIO,
    beacon_starved::SCENARIO,
    rotation::SCENARIO,
    liars::SCENARIO,
    alert::SCENARIO,
    coordinator_off::SCENARIO,
    clone::SCENARIO,
    attacks::SCENARIO,
    firmware_spread::SCENARIO,
    bad_firmware::SCENARIO,
    stolen_coordinator::SCENARIO,
    worm::SCENARIO,
    exfiltration::SCENARIO,
    botnet_replay::SCENARIO,
    benign_week::SCENARIO,
    guardians::SCENARIO,
    swarm::SCENARIO,
];

/// Scenarios whose goal is not met yet, with what is missing: `ops/test` counts them as skipped and says why.
pub const OPEN: &[(&str, &str)] = &[];

/// What a scenario still lacks.
pub fn open(name: &str) -> Option<&'static str> {
    let found = OPEN.iter().find(|(open, _)| *open == name);
    found.map(|(_, lacks)| *lacks)
}

pub fn find(name: &str) -> Option<&'static Scenario> {
    ALL.iter().find(|scenario| scenario.name == name)
}

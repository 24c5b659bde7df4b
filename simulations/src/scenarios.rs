//! The list of scenarios.

pub mod accuser_storm;
pub mod burst_loss;
mod delivery;
pub mod flash_rollback;
mod loss;
pub mod loss20;
pub mod mass_death;
pub mod offline;
pub mod partition;
mod plots;
pub mod power_cut;
pub mod revocation;
pub mod silence;
pub mod slow_nodes;
pub mod swarm;
pub mod telemetry;
mod watch;

use crate::scenario::Scenario;

/// All scenarios by name, in the order in which `all` runs them.
pub const ALL: &[Scenario] = &[
    telemetry::SCENARIO,
    offline::SCENARIO,
    power_cut::SCENARIO,
    silence::SCENARIO,
    loss20::SCENARIO,
    burst_loss::SCENARIO,
    slow_nodes::SCENARIO,
    mass_death::SCENARIO,
    partition::SCENARIO,
    revocation::SCENARIO,
    flash_rollback::SCENARIO,
    accuser_storm::SCENARIO,
    swarm::SCENARIO,
];

pub fn find(name: &str) -> Option<&'static Scenario> {
    ALL.iter().find(|scenario| scenario.name == name)
}

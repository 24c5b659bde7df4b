//! The list of scenarios.

mod delivery;
pub mod offline;
pub mod power_cut;
pub mod telemetry;

use crate::scenario::Scenario;

/// All scenarios by name, in the order in which `all` runs them.
pub const ALL: &[Scenario] = &[telemetry::SCENARIO, offline::SCENARIO, power_cut::SCENARIO];

pub fn find(name: &str) -> Option<&'static Scenario> {
    ALL.iter().find(|scenario| scenario.name == name)
}

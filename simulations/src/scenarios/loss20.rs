//! A fifth of all segments is lost for minutes on end: nobody who is there is called down for it.

use super::loss;
use super::watch::Watched;
use crate::fleet::Ground;
use crate::network::Conditions;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::world::Sabotage;

pub const SCENARIO: Scenario = Scenario {
    name: "loss20",
    about: "20 % of all segments are lost for ten minutes: no device that is there is held down, and a real death is noticed",
    mutations: &[Mutation {
        name: "nobody_passes_on",
        sabotage: Sabotage::unsaid(&["gossip", "words", "have"]),
    }],
    run,
};

const LOSS: f64 = 0.2;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let conditions = Conditions::lossy(setup.options.loss.unwrap_or(LOSS));
    let watched = Watched::new(setup, conditions, Ground::default())?;
    loss::endure(setup, watched)
}

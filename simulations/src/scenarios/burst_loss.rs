//! Loss comes in bursts, as radio does it: links are bad for seconds, and good for longer.

use super::loss;
use super::watch::Watched;
use crate::fleet::Ground;
use crate::network::{Conditions, Loss};
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::world::Sabotage;

pub const SCENARIO: Scenario = Scenario {
    name: "burst_loss",
    about: "bursts in which 60 % of a link's segments are lost, a tenth of the time: no device that is there is held down",
    mutations: &[Mutation {
        name: "nobody_passes_on",
        sabotage: Sabotage::unsaid(&["gossip", "words", "have"]),
    }],
    run,
};

/// Gilbert and Elliott's chain, stepped at each segment: bad a tenth of the time, ten segments long.
const BEGIN: f64 = 0.011;
const END: f64 = 0.1;
/// What a bad state loses, unless the run is told.
const LOST: f64 = 0.6;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let loss = Loss::Bursts {
        begin: BEGIN,
        end: END,
        lost: setup.options.loss.unwrap_or(LOST),
    };
    let conditions = Conditions {
        loss,
        ..Conditions::CALM
    };
    let watched = Watched::new(setup, conditions, Ground::default())?;
    loss::endure(setup, watched)
}

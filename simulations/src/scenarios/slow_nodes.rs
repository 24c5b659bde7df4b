//! Some hosts stand still half of the time, and links are bad: nobody else is called down for it.

use super::loss;
use super::plots;
use super::watch::{SETTLED_MS, Watched};
use crate::chance::Chance;
use crate::fleet::Ground;
use crate::network::Conditions;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::world::{Fault, Sabotage};

pub const SCENARIO: Scenario = Scenario {
    name: "slow_nodes",
    about: "5 % of the hosts stand still for half of each ten seconds under 10 % loss: nobody healthy is held down",
    mutations: &[Mutation {
        name: "nobody_passes_on",
        sabotage: Sabotage::unsaid(&["gossip", "words", "have"]),
    }],
    run,
};

const LOSS: f64 = 0.1;
/// Of a hundred hosts so many are slow, and two at least.
const SLOW_PERCENT: usize = 5;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let conditions = Conditions::lossy(setup.options.loss.unwrap_or(LOSS));
    let mut watched = Watched::new(setup, conditions, Ground::default())?;
    let mut chance = Chance::new(setup.seed, "slow nodes");
    let count = (setup.nodes * SLOW_PERCENT / 100).max(2);
    let slow = chance.choose(count, setup.nodes);
    for &seat in &slow {
        let stalls = plots::slow(&mut chance);
        watched.plan(SETTLED_MS / 2, Fault::Stall { seat, stalls });
    }
    loss::endure(setup, watched)
}

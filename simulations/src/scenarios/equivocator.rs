//! Devices sign two histories and show each to half of their witnesses: all are convicted, everywhere, and nobody else.

use serde_json::json;

use super::plots;
use super::watch::{Delays, SETTLED_MS, Watched, seconds};
use crate::actors::Role;
use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::Ground;
use crate::network::Conditions;
use crate::observers::convictions::Convictions;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::world::{Fault, Sabotage};

pub const SCENARIO: Scenario = Scenario {
    name: "equivocator",
    about: "2 % of the devices show two histories: each is convicted by every honest node, p99 within 12 s, and nobody else is",
    mutations: &[Mutation {
        name: "nobody_shows_proof",
        sabotage: Sabotage::unsaid(&["proof", "log_grown"]),
    }],
    run,
};

/// Of a hundred devices so many have two histories, and two at least.
const PERCENT: usize = 2;
/// Between the beginnings of two of them.
const APART_MS: u64 = 3_000;
const AFTERWARDS_MS: u64 = 60_000;
const P99_MS: u64 = 12_000;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let mut watched = Watched::new(setup, Conditions::CALM, Ground::default())?;
    let mut chance = Chance::new(setup.seed, "equivocator");
    let liars = chance.choose((setup.nodes * PERCENT / 100).max(2), setup.nodes);
    let begins = |turn: usize| SETTLED_MS + turn as u64 * APART_MS;
    for (turn, &seat) in liars.iter().enumerate() {
        let role = Role::Equivocator;
        watched.plan(begins(turn), Fault::Turn { seat, role });
    }
    let mut convictions = Convictions::default();
    watched.run_with(begins(liars.len()) + AFTERWARDS_MS, &mut convictions)?;
    let honest: Vec<usize> = (0..setup.nodes)
        .filter(|seat| !liars.contains(seat))
        .collect();
    let mut delays = Delays::default();
    for (turn, &seat) in liars.iter().enumerate() {
        let since_ms = watched.world.contradicted_ms(seat).unwrap_or(begins(turn));
        delays.add(convictions.delays(seat, since_ms, &honest));
    }
    let evicted = plots::honest_among(&watched, &convictions.subjects());
    let convicted = convictions.subjects().len() - evicted;
    let p99 = delays.percentile(99);
    let checks = vec![
        Check::none(
            "anytime_nobody_honest_is_convicted",
            evicted as u64,
            "devices",
        ),
        Check::none(
            "eventually_each_is_convicted_everywhere",
            delays.missing as u64,
            "pairs of an equivocator and an honest node",
        ),
        Check::that(
            "eventually_soon",
            p99.is_some_and(|p99| p99 <= P99_MS),
            || format!("p99 is {p99:?} ms"),
        ),
    ];
    let figures = [
        ("honest_evicted", json!(evicted)),
        ("equivocators", json!(liars.len())),
        ("convicted", json!(convicted)),
        ("conviction_s_p99", seconds(p99)),
    ];
    Ok(watched.conclude(checks, figures))
}

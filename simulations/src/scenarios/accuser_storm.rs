//! A fifth of the fleet accuses the same victims every second: they stay in, and the storm dies down to little.

use serde_json::json;

use super::plots::{self, Cast, LIARS, LIES_MS};
use super::watch::{Watched, seconds};
use crate::actors::Role;
use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::Ground;
use crate::network::Conditions;
use crate::observers::traffic::Traffic;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::world::Sabotage;

pub const SCENARIO: Scenario = Scenario {
    name: "accuser_storm",
    about: "20 % of the fleet (--liars) accuses chosen victims every second: nobody honest is out, traffic stays below twice the usual",
    mutations: &[Mutation {
        name: "nobody_refutes",
        sabotage: Sabotage::unsaid(&["refutation", "vouch"]),
    }],
    run,
};

const END_MS: u64 = 300_000;
/// No victim may be held down for longer.
const LONGEST_MS: u64 = 5_000;
const RATIO: f64 = 2.0;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let mut watched = Watched::new(setup, Conditions::CALM, Ground::default())?;
    let mut chance = Chance::new(setup.seed, "accuser storm");
    let share = setup.options.liars.unwrap_or(LIARS);
    let cast = Cast::draw(&watched, share, &mut chance);
    watched.traffic = Traffic::of(cast.honest(setup.nodes));
    cast.turn(&mut watched, LIES_MS, |_| Role::Stormer(cast.plot.clone()));
    watched.run(END_MS)?;
    let ratio = plots::traffic_ratio(&watched.traffic, END_MS);
    let longest_ms = watched.verdicts.longest_wrong(END_MS).ms;
    let framed = watched.verdicts.wronged();
    let checks = vec![
        Check::that(
            "anytime_no_victim_is_out_for_long",
            longest_ms <= LONGEST_MS,
            || format!("{framed} victims, one of them for {longest_ms} ms"),
        ),
        Check::none("finally_no_victim_is_out", plots::framed(&watched), "views"),
        Check::that("eventually_the_storm_costs_little", ratio <= RATIO, || {
            format!("{ratio:.2} times the usual traffic")
        }),
    ];
    let figures = [
        ("honest_evicted", json!(plots::framed(&watched))),
        ("convicted", json!(0)),
        ("framed", json!(framed)),
        ("framed_s_max", seconds(Some(longest_ms))),
        ("traffic_ratio", rounded(ratio)),
        ("liars", json!(cast.liars.len())),
    ];
    Ok(watched.conclude(checks, figures))
}

//! The mesh falls apart and comes together again: afterwards everybody agrees that everybody is there.

use protocol::rings::Down;
use serde_json::json;

use super::watch::{SETTLED_MS, Watched, seconds};
use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::network::Conditions;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::world::{Fault, Sabotage};

pub const SCENARIO: Scenario = Scenario {
    name: "partition",
    about: "the mesh is cut in two for a minute (--share, --seconds): within 10 s of the heal all views are equal and nobody is out",
    mutations: &[Mutation {
        name: "nobody_accuses",
        sabotage: Sabotage::unsaid(&["accuse", "accusation"]),
    }],
    run,
};

/// The share on the smaller side and the length of the cut, unless the run is told.
const SHARE: f64 = 0.5;
const SECONDS: f64 = 60.0;
/// How soon after the heal all views must be equal.
const LATEST_MS: u64 = 10_000;
/// How long they are watched to stay so.
const AFTERWARDS_MS: u64 = 40_000;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let share = setup.options.share.unwrap_or(SHARE);
    let length_ms = (setup.options.seconds.unwrap_or(SECONDS) * 1000.0) as u64;
    let mut watched = Watched::new(setup, Conditions::CALM, Ground::default())?;
    let mut chance = Chance::new(setup.seed, "partition");
    let count = ((setup.nodes as f64 * share).round() as usize).max(1);
    let side = chance.choose(count, setup.nodes);
    let hosts: Vec<HostId> = side.into_iter().map(HostId::node).collect();
    let (from_ms, until_ms) = (SETTLED_MS, SETTLED_MS + length_ms);
    let cut = |hosts, island| Fault::Cut { hosts, island };
    watched.plan(from_ms, cut(hosts.clone(), 1));
    watched.plan(until_ms, cut(hosts, 0));
    watched.run(until_ms)?;
    let apart = watched.verdicts.held_down().count();
    let healed = watched.run_until_true(until_ms + AFTERWARDS_MS, is_whole)?;
    watched.run(until_ms + AFTERWARDS_MS)?;
    let heal_ms = healed.map(|at_ms| at_ms - until_ms);
    let left = watched.verdicts.held_down().count();
    let wrong = watched.verdicts.wronged();
    let checks = vec![
        watched.nobody_healthy_is_down(),
        Check::that("anytime_the_cut_was_noticed", apart > 0, || {
            "nobody held anybody down".to_owned()
        }),
        Check::that(
            "eventually_all_views_are_equal",
            heal_ms.is_some_and(|ms| ms <= LATEST_MS),
            || format!("after {heal_ms:?} ms"),
        ),
        Check::none(
            "finally_nobody_is_out",
            left as u64,
            "views hold somebody down",
        ),
    ];
    let figures = [
        ("heal_s", seconds(heal_ms)),
        ("wrong_evictions", json!(left + wrong)),
        ("verdicts_while_apart", json!(apart)),
    ];
    Ok(watched.conclude(checks, figures))
}

/// Whether no machine holds anybody down.
fn is_whole(watched: &Watched) -> bool {
    let nodes = (0..watched.world.size()).filter_map(|seat| watched.world.node(seat));
    let agree = nodes.map(|node| node.silence().down()).all(Down::is_empty);
    let coordinator = watched.world.coordinator();
    agree && coordinator.is_some_and(|coordinator| coordinator.silence().down().is_empty())
}

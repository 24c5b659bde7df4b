//! A watched file changes on one device after the other: everybody knows of each within the blink of an eye.

use serde_json::json;

use super::watch::{Delays, SETTLED_MS, Watched, seconds};
use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::Ground;
use crate::network::Conditions;
use crate::observers::alarms::Alarms;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::world::{Fault, Sabotage};

pub const SCENARIO: Scenario = Scenario {
    name: "alert",
    about: "watched files change on ten devices: every node knows of each, p99 within 0.5 s (1 s beyond 1,000 nodes)",
    mutations: &[Mutation {
        name: "nobody_passes_on",
        sabotage: Sabotage::unsaid(&["alert"]),
    }],
    run,
};

/// Links as the goal names them.
const LATENCY_MS: (u64, u64) = (10, 50);
const ALERTS: usize = 10;
/// Between two of them: longer than the time between two readings, so that each stands alone.
const APART_MS: u64 = 15_000;
/// The goal, up to a size and beyond it.
const P99_MS: (u64, u64) = (500, 1_000);
const LARGE: usize = 1_000;
/// Words of the messages that carry alerts, or speak of them.
const CARRIERS: [&str; 4] = ["gossip", "have", "want", "prune"];

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let conditions = Conditions {
        latency_ms: LATENCY_MS,
        ..Conditions::CALM
    };
    let mut watched = Watched::new(setup, conditions, Ground::default())?;
    let mut chance = Chance::new(setup.seed, "alert");
    let tampered = chance.choose(ALERTS.min(setup.nodes), setup.nodes);
    let span_ms = tampered.len() as u64 * APART_MS;
    let begin_ms = SETTLED_MS + span_ms;
    for (turn, &seat) in tampered.iter().enumerate() {
        let at_ms = begin_ms + turn as u64 * APART_MS + chance.below(1_000);
        watched.plan(at_ms, Fault::Tamper { seat });
    }
    watched.run(SETTLED_MS)?;
    let settled = carried(&watched);
    watched.run(begin_ms)?;
    let quiet = carried(&watched) - settled;
    let mut alarms = Alarms::default();
    watched.run_with(begin_ms + span_ms, &mut alarms)?;
    let loud = carried(&watched) - settled - quiet;
    let shares = (setup.nodes * tampered.len()) as f64;
    let bytes = loud.saturating_sub(quiet) as f64 / shares;
    Ok(judge(watched, &alarms, &tampered, bytes))
}

fn judge(watched: Watched, alarms: &Alarms, tampered: &[usize], bytes: f64) -> Outcome {
    let (mut delays, unraised) = delays(&watched, alarms, tampered);
    let (p50, p99) = (delays.percentile(50), delays.percentile(99));
    let large = watched.world.size() > LARGE;
    let latest_ms = if large { P99_MS.1 } else { P99_MS.0 };
    let checks = vec![
        watched.nobody_healthy_is_down(),
        Check::that(
            "eventually_every_change_is_noticed",
            unraised.is_empty(),
            || format!("not those of nodes {unraised:?}"),
        ),
        Check::none(
            "finally_nobody_missed_an_alert",
            delays.missing as u64,
            "pairs of a node and an alert",
        ),
        Check::that(
            "eventually_nearly_all_know_at_once",
            p99.is_some_and(|p99| p99 <= latest_ms),
            || format!("p99 is {p99:?} ms, not {latest_ms} ms"),
        ),
    ];
    let figures = [
        ("deliver_s_p50", seconds(p50)),
        ("deliver_s_p99", seconds(p99)),
        ("bytes_per_node", rounded(bytes)),
        ("missed", json!(delays.missing)),
        ("alerts", json!(tampered.len())),
    ];
    watched.conclude(checks, figures)
}

/// How soon each other node knew of each alert, and whose change raised none.
fn delays(watched: &Watched, alarms: &Alarms, tampered: &[usize]) -> (Delays, Vec<usize>) {
    let (mut delays, mut unraised) = (Delays::default(), Vec::new());
    for &source in tampered {
        let mut others = watched.living();
        others.retain(|seat| *seat != source);
        match alarms.of(source) {
            Some(told) => delays.add(told.delays(&others)),
            None => {
                delays.missing += others.len();
                unraised.push(source);
            }
        }
    }
    (delays, unraised)
}

/// Bytes of all messages that carry evidence or speak of it, by every node so far.
fn carried(watched: &Watched) -> u64 {
    let traffic = watched.world.traffic();
    CARRIERS.iter().filter_map(|word| traffic.get(word)).sum()
}

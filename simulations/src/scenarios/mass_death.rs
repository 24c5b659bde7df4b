//! A large part of the fleet dies at once: everybody who is left knows of everybody who is gone, soon and cheaply.

mod bill;

use serde_json::json;

use self::bill::{Bill, Sent};

use super::watch::{Delays, SETTLED_MS, Watched, seconds};
use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::network::Conditions;
use crate::observers::traffic::Traffic;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::world::{Fault, Sabotage};

pub const SCENARIO: Scenario = Scenario {
    name: "mass_death",
    about: "30 % of the fleet (or --dead) dies at once: all who are left know of all who are gone, p99 within 25 s (30 s at half)",
    mutations: &[Mutation {
        name: "nobody_passes_on",
        sabotage: Sabotage::unsaid(&["gossip", "words", "have"]),
    }],
    run,
};

/// The share that dies, unless the run is told.
const DEAD: f64 = 0.3;
/// How long the aftermath is watched, and the stretch in which it may be worst.
const AFTERMATH_MS: u64 = 300_000;
const STRETCH_MS: u64 = 60_000;
/// Detection: up to a third of the fleet, and beyond.
const P99_MS: (u64, u64) = (25_000, 30_000);
/// Bytes of one node in one second: over the aftermath, and in its worst stretch.
const BYTES: (f64, f64) = (1_000.0, 3_000.0);

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let share = setup.options.dead.unwrap_or(DEAD);
    let mut watched = Watched::new(setup, Conditions::CALM, Ground::default())?;
    let mut chance = Chance::new(setup.seed, "mass death");
    let count = (setup.nodes as f64 * share).round() as usize;
    let dead = chance.choose(count, setup.nodes);
    let survivors: Vec<usize> = (0..setup.nodes)
        .filter(|seat| dead.binary_search(seat).is_err())
        .collect();
    watched.traffic = Traffic::of(survivors.iter().copied());
    let at_ms = SETTLED_MS + chance.below(10_000);
    let hosts = dead.iter().copied().map(HostId::node).collect();
    watched.plan(at_ms, Fault::Die { hosts });
    watched.run(SETTLED_MS / 2)?;
    let settled = Sent::by(&watched.world);
    watched.run(at_ms)?;
    let struck = Sent::by(&watched.world);
    watched.run(at_ms + AFTERMATH_MS)?;
    let over = Sent::by(&watched.world);
    let mut delays = Delays::default();
    for &subject in &dead {
        delays.add(watched.verdicts.delays(subject, at_ms, &survivors));
    }
    let latest = if share > 0.34 { P99_MS.1 } else { P99_MS.0 };
    let (p50, p99) = (delays.percentile(50), delays.percentile(99));
    let end_ms = at_ms + AFTERMATH_MS;
    let mean = watched.traffic.mean(at_ms, end_ms);
    let peak = watched.traffic.peak(at_ms, end_ms, STRETCH_MS);
    let before = watched.traffic.mean(SETTLED_MS / 2, at_ms);
    let calm = Bill {
        from: &settled,
        until: &struck,
        nodes: setup.nodes,
    };
    let storm = Bill {
        from: &struck,
        until: &over,
        nodes: survivors.len(),
    };
    let (beyond, frames) = (storm.beyond(&calm), storm.frames());
    let checks = vec![
        watched.nobody_healthy_is_down(),
        Check::none(
            "eventually_all_survivors_know_of_all_deaths",
            delays.missing as u64,
            "pairs of a survivor and a dead device",
        ),
        Check::that(
            "eventually_they_know_soon",
            p99.is_some_and(|p99| p99 <= latest),
            || format!("p99 is {p99:?} ms, not {latest} ms"),
        ),
        Check::that(
            "finally_it_was_cheap",
            mean <= BYTES.0 && peak <= BYTES.1,
            || format!("{mean:.0} bytes in the mean, {peak:.0} at the peak"),
        ),
    ];
    let figures = [
        ("detect_s_p50", seconds(p50)),
        ("detect_s_p99", seconds(p99)),
        ("observations_missing", json!(delays.missing)),
        ("bytes_per_node_s", rounded(mean)),
        ("peak_bytes_per_node_s", rounded(peak)),
        ("bytes_before", rounded(before)),
        ("dead", json!(dead.len())),
        ("storm_bytes_by_message", beyond),
        ("storm_frames_by_message", frames),
    ];
    Ok(watched.conclude(checks, figures))
}

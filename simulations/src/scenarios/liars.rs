//! A fifth of the fleet lies in every way there is, all at once: nobody honest is out, and who contradicts itself is.

use serde_json::json;

use super::plots::{self, Cast, LIARS, LIES_MS};
use super::watch::{Delays, Watched, seconds};
use crate::actors::Role;
use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::model::Faith;
use crate::network::Conditions;
use crate::observers::convictions::Convictions;
use crate::observers::traffic::Traffic;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::world::Sabotage;

pub const SCENARIO: Scenario = Scenario {
    name: "liars",
    about: "20 % of the fleet (--liars) lies, all kinds mixed: nobody honest is out, every equivocator is convicted, traffic stays below twice the usual",
    mutations: &[
        Mutation {
            name: "nobody_shows_proof",
            sabotage: Sabotage::unsaid(&["proof", "log_grown"]),
        },
        Mutation {
            name: "nobody_refutes",
            sabotage: Sabotage::unsaid(&["refutation", "vouch"]),
        },
    ],
    run,
};

const END_MS: u64 = 300_000;
/// No victim may be held down for longer.
const LONGEST_MS: u64 = 5_000;
const P99_MS: u64 = 12_000;
const RATIO: f64 = 2.0;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let mut watched = Watched::new(setup, Conditions::CALM, Ground::default())?;
    let mut chance = Chance::new(setup.seed, "liars");
    let share = setup.options.liars.unwrap_or(LIARS);
    let cast = Cast::draw(&watched, share, &mut chance);
    let honest = cast.honest(setup.nodes);
    watched.traffic = Traffic::of(honest.iter().copied());
    cast.turn(&mut watched, LIES_MS, |turn| Role::each(turn, &cast.plot));
    let mut convictions = Convictions::default();
    watched.run_with(END_MS, &mut convictions)?;
    let equivocators = equivocators(&watched, &cast);
    let mut delays = Delays::default();
    for &seat in &equivocators {
        let since_ms = watched.world.contradicted_ms(seat).unwrap_or(LIES_MS);
        delays.add(convictions.delays(seat, since_ms, &honest));
    }
    let evicted = plots::honest_among(&watched, &convictions.subjects());
    let subjects = convictions.subjects();
    let convicted = equivocators
        .iter()
        .filter(|seat| subjects.contains(seat))
        .count();
    let ratio = plots::traffic_ratio(&watched.traffic, END_MS);
    let longest_ms = watched.verdicts.longest_wrong(END_MS).ms;
    let p99 = delays.percentile(99);
    let framed = plots::framed(&watched);
    let checks = vec![
        Check::none(
            "anytime_nobody_honest_is_convicted",
            evicted as u64,
            "devices",
        ),
        Check::that(
            "anytime_no_victim_is_out_for_long",
            longest_ms <= LONGEST_MS,
            || {
                format!(
                    "{} victims, one of them for {longest_ms} ms",
                    watched.verdicts.wronged()
                )
            },
        ),
        Check::none(
            "eventually_each_equivocator_is_convicted_everywhere",
            delays.missing as u64,
            "pairs of an equivocator and an honest node",
        ),
        Check::that(
            "eventually_soon",
            equivocators.is_empty() || p99.is_some_and(|p99| p99 <= P99_MS),
            || format!("p99 is {p99:?} ms"),
        ),
        Check::that("eventually_lies_cost_little", ratio <= RATIO, || {
            format!("{ratio:.2} times the usual traffic")
        }),
        Check::none("finally_no_victim_is_out", framed, "views"),
    ];
    let figures = [
        ("honest_evicted", json!(evicted)),
        ("honest_quarantined", json!(0)),
        ("equivocators", json!(equivocators.len())),
        ("convicted", json!(convicted)),
        ("conviction_s_p99", seconds(p99)),
        ("traffic_ratio", rounded(ratio)),
        ("framed", json!(watched.verdicts.wronged())),
        ("framed_s_max", seconds(Some(longest_ms))),
        ("liars", json!(cast.liars.len())),
    ];
    Ok(watched.conclude(checks, figures))
}

/// Those of the cast that sign two histories.
fn equivocators(watched: &Watched, cast: &Cast) -> Vec<usize> {
    let word = Role::Equivocator.word();
    let signs_two = |seat: &usize| {
        let faith = watched.world.model().faith(HostId::node(*seat));
        matches!(faith, Faith::Liar { role, .. } if role == word)
    };
    cast.liars.iter().copied().filter(signs_two).collect()
}

//! Many small worlds, each with a random part of all faults at once: nothing wrong may ever happen, and when all is
//! mended, everything must be well again.

mod draw;

use serde_json::json;

use super::plots;
use super::watch::Watched;
use crate::checks::{Check, Verdict};
use crate::disk::JournalFlaw;
use crate::host::HostId;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::trace::Checkpoint;
use crate::world::Sabotage;
use draw::{Draw, MENDED_MS};

pub const SCENARIO: Scenario = Scenario {
    name: "swarm",
    about: "--seeds worlds of 7 to 60 nodes with a random part of all faults each: safe throughout, and well again once mended",
    mutations: &[
        Mutation {
            name: "forget_unacknowledged",
            sabotage: Sabotage::journal(JournalFlaw::ForgetsUnacknowledged),
        },
        Mutation {
            name: "nobody_remembers",
            sabotage: Sabotage::unsaid(&["head_answer", "standing"]),
        },
    ],
    run,
};

/// Worlds in one run, unless it is told. No two runs of as many share a world, and `--seed N --seeds 1` is world N.
const SEEDS: u64 = 100;
/// How long a mended world may take until everybody is there again, and everything delivered.
const WELL_MS: u64 = MENDED_MS + 120_000;
const DRAINED_MS: u64 = WELL_MS + 60_000;
/// Whoever is accused makes a record even then: what is on its way at one moment arrives before this one.
const ARRIVED_MS: u64 = DRAINED_MS + 30_000;
/// Colluders may frame somebody for as long as an answer takes.
const FRAMED_MS: u64 = 5_000;

/// All worlds of a run together.
#[derive(Debug, Default)]
struct Tally {
    runs: u64,
    passed: u64,
    faults: u64,
    checks: u64,
    /// The longest that somebody healthy was held down by words that came late.
    behind_ms: u64,
    broken: Vec<String>,
    checkpoints: Vec<Checkpoint>,
}

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let watch = std::time::Instant::now();
    let mut tally = Tally::default();
    let seeds = setup.options.seeds.unwrap_or(SEEDS);
    let first = setup.seed.wrapping_mul(seeds);
    for seed in (0..seeds).map(|number| first.wrapping_add(number)) {
        let (draw, behind_ms, outcome) = one(setup, seed)?;
        tally.behind_ms = tally.behind_ms.max(behind_ms);
        tally.runs += 1;
        tally.passed += u64::from(outcome.passed());
        tally.faults += draw.planned();
        tally.checks += outcome.checks.len() as u64;
        let broken = outcome.broken();
        tally
            .broken
            .extend(broken.map(|(name, why)| format!("world {seed} of {draw}: {name}: {why}")));
        tally.checkpoints.extend(outcome.checkpoints);
        // One world is enough to show that something is broken on purpose.
        if setup.sabotage != Sabotage::default() && !tally.broken.is_empty() {
            break;
        }
    }
    Ok(tally.conclude(watch.elapsed().as_secs_f64()))
}

impl Tally {
    fn conclude(self, wall_s: f64) -> Outcome {
        let verdict = if self.broken.is_empty() {
            Verdict::Held
        } else {
            let why = self.broken.join("; ");
            Verdict::Broken { why }
        };
        let name = "finally_every_world_held";
        let metrics = [
            ("faults", json!(self.faults)),
            ("checks", json!(self.checks)),
            ("runs", json!(self.runs)),
            ("passed", json!(self.passed)),
            ("longest_behind_s", rounded(self.behind_ms as f64 / 1000.0)),
            ("wall_s", rounded(wall_s)),
        ];
        Outcome::new(vec![Check { name, verdict }], metrics, self.checkpoints)
    }
}

/// One world: faults, then a mended world.
fn one(setup: &Setup, seed: u64) -> Result<(Draw, u64, Outcome), ScenarioError> {
    let mut draw = Draw::new(seed);
    let setup = Setup {
        seed,
        nodes: draw.nodes,
        ..setup.clone()
    };
    let mut watched = Watched::new(&setup, draw.conditions, draw.ground)?;
    draw.plan(&mut watched);
    watched.run(MENDED_MS + 1)?;
    watched.run_until_true(WELL_MS, is_well)?;
    let ill = illness(&watched);
    watched.world.stop_sampling();
    watched.run(DRAINED_MS)?;
    watched.run_until_true(ARRIVED_MS, |watched| differing(watched).is_empty())?;
    let checks = judge(&watched, &draw, &ill);
    let behind = watched.verdicts.longest_behind(watched.world.now_ms());
    Ok((draw, behind.ms, watched.conclude(checks, [])))
}

fn judge(watched: &Watched, draw: &Draw, ill: &str) -> Vec<Check> {
    let differing = differing(watched);
    let longest = watched.verdicts.longest_wrong(watched.world.now_ms());
    let nobody_wronged = if draw.has_liars() {
        Check::that(
            "anytime_nobody_is_framed_for_long",
            longest.ms <= FRAMED_MS,
            || {
                let (ms, subject, by) = (longest.ms, longest.subject, longest.observer);
                format!("node {by} holds node {subject} down for {ms} ms")
            },
        )
    } else {
        watched.nobody_healthy_is_down()
    };
    vec![
        nobody_wronged,
        Check::that(
            "eventually_everybody_is_there_again",
            ill.is_empty(),
            || ill.to_owned(),
        ),
        Check::none(
            "finally_nobody_is_held_down",
            plots::framed(watched),
            "views",
        ),
        Check::that(
            "finally_everything_is_delivered_once",
            differing.is_empty(),
            || differing.join(", "),
        ),
    ]
}

/// How the store differs from what honest nodes have saved.
fn differing(watched: &Watched) -> Vec<String> {
    let all = honest(watched).map(|seat| (seat, watched.world.difference_of(seat)));
    all.filter(|(_, one)| one.lost + one.duplicated + one.out_of_order > 0)
        .map(|(seat, one)| {
            let (lost, doubled, swapped) = (one.lost, one.duplicated, one.out_of_order);
            format!("of node {seat}: {lost} lost, {doubled} doubled, {swapped} swapped")
        })
        .collect()
}

fn honest(watched: &Watched) -> impl Iterator<Item = usize> + '_ {
    let is_honest = |seat: &usize| watched.world.model().is_honest(HostId::node(*seat));
    (0..watched.world.size()).filter(is_honest)
}

/// Whether no honest machine holds an honest device down, and the coordinator sees all of them.
fn is_well(watched: &Watched) -> bool {
    illness(watched).is_empty()
}

/// What is not yet as it should be, in words.
fn illness(watched: &Watched) -> String {
    use protocol::coordinator::presence::Status;
    let world = &watched.world;
    let down: Vec<(usize, usize)> = honest(watched)
        .flat_map(|seat| {
            watched
                .held_down_by(seat)
                .map(move |subject| (subject, seat))
        })
        .filter(|(subject, _)| world.model().is_honest(HostId::node(*subject)))
        .collect();
    let unseen: Vec<usize> = honest(watched)
        .filter(|seat| {
            let coordinator = world.coordinator();
            let seen = coordinator.and_then(|one| one.presence(&world.device(*seat)));
            seen.is_none_or(|presence| presence.status() != Status::Online)
        })
        .collect();
    if down.is_empty() && unseen.is_empty() {
        return String::new();
    }
    format!("held down (subject, by): {down:?}; not online at the coordinator: {unseen:?}")
}

//! The coordinator is away for long: attacks are known to all, somebody outside is told once in each part of the
//! mesh, and when the coordinator is back it lacks nothing.

use std::collections::BTreeMap;

use protocol::coordinator::Command;
use protocol::deputies;
use protocol::evidence::EvidenceId;
use serde_json::json;

use super::watch::{SETTLED_MS, Watched, seconds};
use crate::chance::Chance;
use crate::checks::Check;
use crate::disk::JournalFlaw;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::network::Conditions;
use crate::observers::alarms::Alarms;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::world::{Fault, Sabotage, World};

pub const SCENARIO: Scenario = Scenario {
    name: "coordinator_off",
    about: "no coordinator for --days: all peers know of an attack within 10 s, one message outside from each part of the mesh, no record missing after the return",
    mutations: &[
        Mutation {
            name: "small_journal",
            sabotage: Sabotage::journal(JournalFlaw::KeepsFew(64)),
        },
        Mutation {
            name: "nobody_is_appointed",
            sabotage: Sabotage::unsaid(&["capability"]),
        },
        Mutation {
            name: "no_receipts",
            sabotage: Sabotage::unsaid(&["delivery"]),
        },
        Mutation {
            name: "nobody_passes_on",
            sabotage: Sabotage::unsaid(&["alert"]),
        },
    ],
    run,
};

/// Half an hour, where nothing else is asked for.
const DAYS: f64 = 0.02;
const DAY_MS: u64 = 86_400_000;
const APPOINTED_MS: u64 = SETTLED_MS + 5_000;
/// From here on the coordinator is gone, and everything below happens.
const GONE_MS: u64 = SETTLED_MS + 10_000;
const ATTACK_MS: u64 = GONE_MS + 30_000;
/// The mesh is cut in two halves, which have found out about each other by the second attacks.
const CUT_MS: u64 = ATTACK_MS + 60_000;
const SECOND_MS: u64 = CUT_MS + 90_000;
const HEAL_MS: u64 = SECOND_MS + 60_000;
/// The coordinator does not return before.
const EARLIEST_MS: u64 = HEAL_MS + 120_000;
/// An attack that comes this late is still known outside before the coordinator is back.
const LAST_MS: u64 = 120_000;
/// An attack is known to all within this time.
const LATEST_MS: u64 = 10_000;
/// How long everything may take to arrive after the return: at least, and for each day.
const DRAIN_MS: (u64, u64) = (600_000, 3_600_000);

/// Who is attacked and when, and who can know of it.
#[derive(Debug)]
struct Attack {
    at_ms: u64,
    seat: usize,
    peers: Vec<usize>,
}

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let days = setup.options.days.unwrap_or(DAYS);
    let back_ms = (GONE_MS + (days * DAY_MS as f64) as u64).max(EARLIEST_MS);
    let mut watched = Watched::new(setup, Conditions::CALM, Ground::default())?;
    let halves = halves(&watched.world);
    let attacks = attacks(setup, &halves, back_ms);
    for attack in &attacks {
        watched.plan(attack.at_ms, Fault::Tamper { seat: attack.seat });
    }
    let second: Vec<HostId> = halves[1].iter().copied().map(HostId::node).collect();
    let island = |hosts, island| Fault::Cut { hosts, island };
    watched.plan(CUT_MS, island(second.clone(), 1));
    watched.plan(HEAL_MS, island(second, 0));
    let hosts = vec![HostId::COORDINATOR];
    watched.plan(
        GONE_MS,
        Fault::Die {
            hosts: hosts.clone(),
        },
    );
    watched.plan(back_ms, Fault::Revive { hosts });
    let mut alarms = Alarms::default();
    watched.run(APPOINTED_MS)?;
    watched.world.order(appointments(&watched.world));
    watched.run_with(back_ms, &mut alarms)?;
    let latest_ms = back_ms + DRAIN_MS.0 + days.ceil() as u64 * DRAIN_MS.1;
    let drained = drain(&mut watched, latest_ms)?;
    let drained = drained.map(|at_ms| at_ms - back_ms);
    Ok(judge(watched, &alarms, &attacks, drained))
}

/// Every second of those who may speak stands in the second half, and so does every second of the others.
fn halves(world: &World) -> [Vec<usize>; 2] {
    let speakers: Vec<usize> = deputies::candidates(&world.fleet().roster)
        .into_iter()
        .filter_map(|device| world.seat_of(device))
        .collect();
    let others = (0..world.size()).filter(|seat| !speakers.contains(seat));
    let mut halves = [Vec::new(), Vec::new()];
    for (turn, seat) in speakers.iter().copied().chain(others).enumerate() {
        halves[turn % 2].push(seat);
    }
    halves
}

/// One while the mesh is whole, then one in each half; one more on every further day.
fn attacks(setup: &Setup, halves: &[Vec<usize>; 2], back_ms: u64) -> Vec<Attack> {
    let mut chance = Chance::new(setup.seed, "coordinator off");
    let all: Vec<usize> = (0..setup.nodes).collect();
    let mut plan = vec![
        (ATTACK_MS, &all),
        (SECOND_MS, &halves[0]),
        (SECOND_MS, &halves[1]),
    ];
    let mornings = (GONE_MS + DAY_MS..back_ms.saturating_sub(LAST_MS)).step_by(DAY_MS as usize);
    for morning in mornings {
        let span = (back_ms - LAST_MS - morning).min(DAY_MS / 2);
        plan.push((morning + chance.below(span.max(1)), &all));
    }
    let mut spared = all.clone();
    plan.into_iter()
        .filter_map(|(at_ms, part)| {
            let left: Vec<usize> = part
                .iter()
                .copied()
                .filter(|seat| spared.contains(seat))
                .collect();
            let seat = *left.get(chance.below(left.len().max(1) as u64) as usize)?;
            spared.retain(|other| *other != seat);
            let peers = part.iter().copied().filter(|peer| *peer != seat).collect();
            Some(Attack { at_ms, seat, peers })
        })
        .collect()
}

/// What is sealed is the shell's business: to the machines it is bytes.
fn appointments(world: &World) -> Command {
    let devices = deputies::candidates(&world.fleet().roster).into_iter();
    Command::Appoint(devices.map(|device| (device, vec![1])).collect())
}

/// Lets everything arrive that was recorded meanwhile, and stops recording for that.
fn drain(watched: &mut Watched, latest_ms: u64) -> Result<Option<u64>, ScenarioError> {
    watched.world.stop_sampling();
    watched.run_until_true(latest_ms, |watched| {
        let world = &watched.world;
        world.store().records() >= world.truth().count()
    })
}

fn judge(watched: Watched, alarms: &Alarms, attacks: &[Attack], drained: Option<u64>) -> Outcome {
    let known: Vec<Option<u64>> = attacks
        .iter()
        .map(|attack| slowest(alarms, attack))
        .collect();
    let worst = all_of(&known);
    let from_the_change: Vec<Option<u64>> = attacks
        .iter()
        .zip(&known)
        .map(|(attack, known)| Some(alarms.of(attack.seat)?.raised_ms() + (*known)? - attack.at_ms))
        .collect();
    let mut told: BTreeMap<EvidenceId, usize> = BTreeMap::new();
    for (_, _, id) in watched.world.told_outside() {
        *told.entry(*id).or_default() += 1;
    }
    let messages = watched.world.told_outside().len();
    let once = told.len() == attacks.len() && told.values().all(|count| *count == 1);
    let difference = watched.world.difference();
    let checks = vec![
        watched.nobody_healthy_is_down(),
        Check::that(
            "eventually_all_peers_know_of_each_attack",
            worst.is_some_and(|ms| ms <= LATEST_MS),
            || format!("{known:?} ms for {attacks:?}"),
        ),
        Check::that(
            "finally_the_outside_was_told_once_by_each_part",
            once,
            || format!("{:?}", watched.world.told_outside()),
        ),
        Check::that(
            "eventually_everything_is_delivered",
            drained.is_some(),
            || "records still wait long after the return".to_owned(),
        ),
        Check::none("finally_no_record_is_missing", difference.lost, "records"),
        Check::none(
            "finally_each_is_there_once_and_in_order",
            difference.duplicated + difference.out_of_order,
            "records doubled or swapped",
        ),
        Check::none(
            "finally_nobody_is_held_down",
            watched.verdicts.held_down().count() as u64,
            "views hold somebody down",
        ),
    ];
    let figures = [
        ("alert_all_peers_s", seconds(worst)),
        ("change_to_all_peers_s", seconds(all_of(&from_the_change))),
        ("deputy_messages", json!(messages)),
        ("partitions", json!(attacks.len())),
        ("missing_sequence_numbers", json!(difference.lost)),
        ("records_stored", json!(difference.stored)),
        ("late_records", json!(watched.world.store().late())),
        ("drained_s", seconds(drained)),
    ];
    watched.conclude(checks, figures)
}

/// Until the last peer of an attacked device knew, from when the device noticed it.
fn slowest(alarms: &Alarms, attack: &Attack) -> Option<u64> {
    all_of(&alarms.of(attack.seat)?.delays(&attack.peers))
}

/// The longest of some delays, if all of them are over.
fn all_of(delays: &[Option<u64>]) -> Option<u64> {
    delays
        .iter()
        .try_fold(0, |worst: u64, delay| Some(worst.max((*delay)?)))
}

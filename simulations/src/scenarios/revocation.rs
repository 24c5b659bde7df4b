//! A device is retired for good and the coordinator is gone a moment later: the mesh shuts the device out by itself,
//! and tells it at its doors to wipe itself.
//!
//! In one world of two it was stolen: it is off the network until the cut part comes back, has heard nothing, and
//! tries its luck with those who have not heard either.

use std::collections::BTreeMap;

use protocol::coordinator::Command;
use protocol::id::DeviceId;
use protocol::ledger::{Strength, Withdrawal};
use protocol::node::Notice;
use protocol::signed::Signed;
use protocol::text::Name;
use serde_json::json;

use super::watch::{SETTLED_MS, Watched, seconds};
use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::network::Conditions;
use crate::observers::Observer;
use crate::observers::verdicts::percentile;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::world::{Fault, Sabotage, Said, World};

pub const SCENARIO: Scenario = Scenario {
    name: "revocation",
    about: "a device is ordered to wipe itself and the coordinator dies: 99 % refuse it within 10 s, sessions end, it hears of its order, a cut part learns of it first of all, also where the device was stolen and comes back with it",
    mutations: &[Mutation {
        name: "nobody_tells",
        sabotage: Sabotage::unsaid(&["log_grown"]),
    }],
    run,
};

/// The share that is cut off while it happens.
const CUT_PERCENT: usize = 20;
const CUT_MS: u64 = SETTLED_MS;
const REVOKED_MS: u64 = SETTLED_MS + 5_000;
/// So soon after the order the coordinator is gone: some nodes have heard of it by then.
const GONE_AFTER_MS: u64 = 100;
const LATEST_MS: u64 = 10_000;
const HEAL_MS: u64 = REVOKED_MS + 40_000;
const END_MS: u64 = HEAL_MS + 30_000;

/// When each node refused the device, and what a node of the cut part learned before that.
#[derive(Debug)]
struct Refusals {
    revoked: DeviceId,
    at: BTreeMap<usize, u64>,
    /// Nodes of the cut part that let the device in before they knew. That a head which it signed before
    /// lifts a verdict on it is none of this: nobody talks to it for that.
    too_late: Vec<usize>,
    /// When the device itself knew what it has to do.
    obeyed: Option<u64>,
}

impl Observer for Refusals {
    fn heard(&mut self, world: &World, said: &Said) {
        let Said::Node { seat, notice } = said else {
            return;
        };
        match notice {
            Notice::Retiring if world.device(*seat) == self.revoked => {
                self.obeyed = Some(world.now_ms());
            }
            Notice::RosterGrown { .. } if refuses(world, *seat, &self.revoked) => {
                self.at.entry(*seat).or_insert(world.now_ms());
            }
            Notice::LinkUp {
                device: Some(device),
                ..
            } if *device == self.revoked
                && world.now_ms() > HEAL_MS
                && !self.at.contains_key(seat) =>
            {
                self.too_late.push(*seat);
            }
            _ => {}
        }
    }
}

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let mut watched = Watched::new(setup, Conditions::CALM, Ground::default())?;
    let mut chance = Chance::new(setup.seed, "revocation");
    let cut = chance.choose((setup.nodes * CUT_PERCENT / 100).max(1), setup.nodes);
    let mainland: Vec<usize> = (0..setup.nodes)
        .filter(|seat| !cut.contains(seat))
        .collect();
    let victim = mainland[chance.below(mainland.len() as u64) as usize];
    let mut refusals = Refusals {
        revoked: watched.world.device(victim),
        at: BTreeMap::new(),
        too_late: Vec::new(),
        obeyed: None,
    };
    let hosts: Vec<HostId> = cut.iter().copied().map(HostId::node).collect();
    let island = |hosts, island| Fault::Cut { hosts, island };
    watched.plan(CUT_MS, island(hosts.clone(), 1));
    watched.plan(HEAL_MS, island(hosts, 0));
    if chance.below(2) == 0 {
        let stolen = vec![HostId::node(victim)];
        watched.plan(REVOKED_MS, island(stolen.clone(), 2));
        watched.plan(HEAL_MS, island(stolen, 0));
    }
    let hosts = vec![HostId::COORDINATOR];
    watched.plan(REVOKED_MS + GONE_AFTER_MS, Fault::Die { hosts });
    watched.run(REVOKED_MS)?;
    let order = order(&watched.world, refusals.revoked);
    watched.world.order(order);
    watched.run_with(HEAL_MS, &mut refusals)?;
    let open = sessions(&watched.world, victim, &mainland);
    watched.run_with(END_MS, &mut refusals)?;
    Ok(judge(watched, &refusals, victim, &mainland, &cut, open))
}

/// An administrator signs for the place of the identity log that comes next.
fn order(world: &World, device: DeviceId) -> Command {
    let coordinator = world.coordinator().expect("it runs until it has the order");
    let roster = coordinator.roster();
    let withdrawal = Withdrawal {
        mesh: roster.charter().mesh,
        device,
        log_index: roster.size(),
        time: world.wall(),
        strength: Strength::Retirement,
        reason: Name::new("stolen").expect("a short word"),
    };
    let signed = Signed::seal(withdrawal, world.fleet().administrator().as_ref());
    Command::Revoke {
        withdrawal: signed.bytes().to_vec(),
    }
}

fn judge(
    watched: Watched,
    refusals: &Refusals,
    victim: usize,
    mainland: &[usize],
    cut: &[usize],
    open: usize,
) -> Outcome {
    let delays = |seats: &[usize], since_ms: u64| -> Vec<u64> {
        let others = seats.iter().filter(|seat| **seat != victim);
        others
            .map(|seat| refusals.at.get(seat).map_or(u64::MAX, |at| at - since_ms))
            .collect()
    };
    let p99 = percentile(&mut delays(mainland, REVOKED_MS), 99);
    let healed = percentile(&mut delays(cut, HEAL_MS), 99);
    let p99 = p99.filter(|ms| *ms < u64::MAX);
    let healed = healed.filter(|ms| *ms < u64::MAX);
    let everybody: Vec<usize> = (0..watched.world.size()).collect();
    let open_after = sessions(&watched.world, victim, &everybody);
    let heard = refusals.obeyed.map(|at| at - REVOKED_MS);
    let heal_first = refusals.too_late.is_empty() && healed.is_some();
    let soon = |ms: Option<u64>| ms.is_some_and(|ms| ms <= LATEST_MS);
    let checks = vec![
        Check::that("eventually_nearly_all_refuse_the_device", soon(p99), || {
            format!(
                "{} of {} know; p99 {p99:?} ms",
                refusals.at.len(),
                mainland.len()
            )
        }),
        Check::none(
            "eventually_its_sessions_are_closed",
            open as u64,
            "sessions",
        ),
        Check::that(
            "eventually_the_device_hears_of_its_order",
            refusals.obeyed.is_some(),
            || "nobody has shown it its order".to_owned(),
        ),
        Check::that("eventually_a_cut_part_learns_of_it", soon(healed), || {
            format!("p99 {healed:?} ms after the heal")
        }),
        Check::that("anytime_nobody_takes_the_device_back", heal_first, || {
            format!("nodes {:?} did", refusals.too_late)
        }),
        Check::none("finally_no_session_is_open", open_after as u64, "sessions"),
    ];
    let figures = [
        ("refuse_s_p99", seconds(p99)),
        ("sessions_open_after", json!(open_after.max(open))),
        ("heal_first", json!(heal_first)),
        ("heal_s_p99", seconds(healed)),
        ("order_heard_s", seconds(heard)),
    ];
    watched.conclude(checks, figures)
}

fn refuses(world: &World, seat: usize, device: &DeviceId) -> bool {
    let Some(node) = world.node(seat) else {
        return false;
    };
    let member = node.roster().member(device);
    member.is_none_or(|member| member.is_withdrawn(world.wall()))
}

/// How many of these have a session with this node.
fn sessions(world: &World, victim: usize, among: &[usize]) -> usize {
    let peer = world.fleet().members[victim].key.peer();
    let others = among.iter().filter(|seat| **seat != victim);
    others
        .filter_map(|seat| world.node(*seat))
        .filter(|node| node.links().any(|linked| linked == peer))
        .count()
}

//! The admission key and then the root are replaced under a running fleet, while some of it sleeps: no link drops,
//! whoever sleeps is listed, and whoever slept through both catches up from neighbours alone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use protocol::coordinator::Command;
use protocol::id::DeviceId;
use protocol::key::Signer;
use protocol::roster::Roster;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::{Heirs, Holder};
use crate::host::HostId;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, Stopwatch};
use crate::scenarios::delivery::{self, Delivery};
use crate::scenarios::watch::seconds;
use crate::world::{Fault, Overlap, Sabotage, Stop, World};

pub const SCENARIO: Scenario = Scenario {
    name: "rotation",
    about: "the admission key, then the root are replaced while a tenth of the fleet sleeps: no link drops, sleepers are listed, and catch up without the coordinator",
    mutations: &[
        Mutation {
            name: "no_overlap",
            sabotage: Sabotage {
                overlap: Overlap::None,
                ..Sabotage::NONE
            },
        },
        Mutation {
            name: "nobody_tells",
            sabotage: Sabotage::unsaid(&["log_grown"]),
        },
    ],
    run,
};

/// The share of the fleet that sleeps through the first rotation, and through both.
const ASLEEP_PERCENT: usize = 5;
const ASLEEP_MS: u64 = 70_000;
const ADMISSION_MS: u64 = 100_000;
const ONCE_BACK_MS: u64 = 180_000;
const THEFT_MS: u64 = 235_000;
const ROOT_MS: u64 = 240_000;
const GONE_MS: u64 = 300_000;
const TWICE_BACK_MS: u64 = 310_000;
const COORDINATOR_BACK_MS: u64 = 400_000;
const END_MS: u64 = 500_000;
/// How often the progress is looked at.
const LOOK_MS: u64 = 1_000;
const OVERLAP: Duration = Duration::from_secs(30 * 86_400);

/// Seats that are off for a while.
#[derive(Debug)]
struct Sleepers {
    once: BTreeSet<usize>,
    twice: BTreeSet<usize>,
}

/// One rotation as the coordinator counts it.
#[derive(Debug, Default)]
struct Progress {
    /// When everybody who runs had the charter and a membership by its key.
    done_ms: Option<u64>,
    /// Whom the coordinator waited for at last.
    listed: BTreeSet<DeviceId>,
}

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let watch = Stopwatch::start();
    let mut world = delivery::world(setup)?;
    let asleep = put_to_sleep(setup, &mut world);
    world.run_until(ADMISSION_MS)?;
    let before = world.counts();
    let admission = replace_admission_key(&mut world, setup.sabotage.overlap);
    let all = asleep.once.union(&asleep.twice).copied().collect();
    let first = follow(&mut world, &all, ONCE_BACK_MS)?;
    world.run_until(THEFT_MS)?;
    let misled = followers_of_a_thief(&world, &admission);
    world.run_until(ROOT_MS)?;
    replace_root(&mut world, &admission);
    let second = follow(&mut world, &asleep.twice, GONE_MS)?;
    world.run_until(TWICE_BACK_MS)?;
    let taught_ms = until_taught(&mut world, &asleep.twice)?;
    world.run_until(END_MS)?;
    let left = stragglers(&world).map_or(usize::MAX, |left| left.len());
    let after = world.counts();
    let broken = after.broken - before.broken + after.refusals - before.refusals;
    let mut checks = vec![
        Check::none("anytime_no_link_breaks", broken, "links broken"),
        Check::none(
            "anytime_only_the_root_replaces_the_root",
            misled,
            "machines follow a root that the first has not signed",
        ),
        Check::that(
            "eventually_whoever_slept_through_both_learns_it_from_neighbours",
            taught_ms.is_some(),
            || "somebody did not, while the coordinator was gone".to_owned(),
        ),
        Check::none("finally_nobody_is_left_behind", left as u64, "stragglers"),
    ];
    checks.extend(first.checks(
        &world,
        "eventually_everybody_who_runs_holds_the_admission_key",
        "eventually_who_sleeps_through_the_first_is_listed",
        &all,
    ));
    checks.extend(second.checks(
        &world,
        "eventually_everybody_who_runs_holds_the_root",
        "eventually_who_sleeps_through_the_second_is_listed",
        &asleep.twice,
    ));
    let figures: [(&str, Value); 5] = [
        ("broken_links", json!(broken)),
        ("stragglers", json!(first.listed.len())),
        ("rotate_s", seconds(first.done_ms)),
        ("root_rotate_s", seconds(second.done_ms)),
        ("taught_by_neighbours_s", seconds(taught_ms)),
    ];
    let delivery = Delivery::run(world, watch, END_MS)?;
    Ok(delivery.conclude(checks, &figures))
}

fn put_to_sleep(setup: &Setup, world: &mut World) -> Sleepers {
    let mut chance = Chance::new(setup.seed, "rotation");
    let count = (setup.nodes * ASLEEP_PERCENT).div_ceil(100);
    let mut once: Vec<usize> = chance.choose(2 * count, setup.nodes).into_iter().collect();
    let twice = once.split_off(once.len() / 2);
    let mut sleep = |host, from_ms, until_ms| {
        let fault = Fault::Restart {
            host,
            stop: Stop::Asked,
            down_ms: until_ms - from_ms,
        };
        world.plan(from_ms, fault);
    };
    for &seat in &once {
        sleep(HostId::node(seat), ASLEEP_MS, ONCE_BACK_MS);
    }
    for &seat in &twice {
        sleep(HostId::node(seat), ASLEEP_MS, TWICE_BACK_MS);
    }
    sleep(HostId::COORDINATOR, GONE_MS, COORDINATOR_BACK_MS);
    Sleepers {
        once: once.into_iter().collect(),
        twice: twice.into_iter().collect(),
    }
}

fn replace_admission_key(world: &mut World, overlap: Overlap) -> Arc<dyn Signer> {
    let overlap = match overlap {
        Overlap::Full => OVERLAP,
        Overlap::None => Duration::ZERO,
    };
    let roster = in_force(world);
    let heirs = world.fleet().next_admission(&roster, world.wall(), overlap);
    let admission = Arc::clone(&heirs.admission);
    succeed(world, heirs);
    admission
}

fn replace_root(world: &mut World, admission: &Arc<dyn Signer>) {
    let signers = [Holder::First, Holder::Second];
    let roster = in_force(world);
    let heirs = world
        .fleet()
        .next_root(&roster, world.wall(), admission, &signers);
    succeed(world, heirs);
}

/// Whoever stole the coordinator has all its keys, and signs a root of his own: how many machines would follow.
fn followers_of_a_thief(world: &World, admission: &Arc<dyn Signer>) -> u64 {
    let stolen =
        world
            .fleet()
            .next_root(&in_force(world), world.wall(), admission, &[Holder::Second]);
    let nodes = (0..world.size()).filter_map(|seat| world.node(seat));
    let rosters = nodes.map(|node| Arc::clone(node.roster()));
    let follows = |roster: &Arc<Roster>| {
        let trust = roster.trust();
        stolen.documents.iter().any(|one| trust.after(one).is_ok())
    };
    rosters.chain([in_force(world)]).filter(follows).count() as u64
}

fn succeed(world: &mut World, heirs: Heirs) {
    world.order(Command::Succeed {
        documents: heirs.documents,
        admission: heirs.admission,
    });
}

/// Looks on until a moment, at the progress that the coordinator shows.
fn follow(
    world: &mut World,
    asleep: &BTreeSet<usize>,
    until_ms: u64,
) -> Result<Progress, ScenarioError> {
    let began_ms = world.now_ms();
    let asleep: BTreeSet<DeviceId> = asleep.iter().map(|&seat| world.device(seat)).collect();
    let mut progress = Progress::default();
    while world.now_ms() + LOOK_MS < until_ms {
        world.run_until(world.now_ms() + LOOK_MS)?;
        progress.listed = stragglers(world).unwrap_or_default();
        if progress.listed.is_subset(&asleep) {
            progress.done_ms.get_or_insert(world.now_ms() - began_ms);
        }
    }
    Ok(progress)
}

/// Runs until those who slept hold what is in force, or until the coordinator is back.
fn until_taught(world: &mut World, asleep: &BTreeSet<usize>) -> Result<Option<u64>, ScenarioError> {
    let began_ms = world.now_ms();
    while world.now_ms() + LOOK_MS < COORDINATOR_BACK_MS {
        world.run_until(world.now_ms() + LOOK_MS)?;
        let taught = |seat: &usize| {
            let node = world.node(*seat);
            node.is_some_and(|node| holds_what_is_in_force(node.roster()))
        };
        if asleep.iter().all(taught) {
            return Ok(Some(world.now_ms() - began_ms));
        }
    }
    Ok(None)
}

/// The third charter, the second root, and every membership signed anew.
fn holds_what_is_in_force(roster: &Roster) -> bool {
    let (trust, admission) = (roster.trust(), roster.charter().admission);
    let root = trust.root().map(|root| root.version());
    let reissued = roster.members().all(|member| member.admission == admission);
    (trust.charter().version, root) == (3, Some(2)) && reissued
}

fn in_force(world: &World) -> Arc<Roster> {
    let coordinator = world.coordinator().expect("it runs until it is stopped");
    Arc::clone(coordinator.roster())
}

fn stragglers(world: &World) -> Option<BTreeSet<DeviceId>> {
    let rotation = world.coordinator()?.replacement()?;
    Some(rotation.stragglers.into_iter().collect())
}

impl Progress {
    fn checks(
        &self,
        world: &World,
        done: &'static str,
        listed: &'static str,
        asleep: &BTreeSet<usize>,
    ) -> [Check; 2] {
        let asleep: BTreeSet<DeviceId> = asleep.iter().map(|&seat| world.device(seat)).collect();
        [
            Check::that(done, self.done_ms.is_some(), || {
                "somebody who runs was never done".to_owned()
            }),
            Check::that(listed, self.listed == asleep, || {
                format!("{} are listed, {} are off", self.listed.len(), asleep.len())
            }),
        ]
    }
}

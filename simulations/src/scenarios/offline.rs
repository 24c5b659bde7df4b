//! A fifth of the fleet is cut off for two hours and rebooted meanwhile: its records arrive late, and all of them.

use serde_json::json;

use crate::chance::Chance;
use crate::checks::Check;
use crate::disk::JournalFlaw;
use crate::host::HostId;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, Stopwatch};
use crate::scenarios::delivery::{self, Delivery};
use crate::world::{Fault, Sabotage, Stop, World};

pub const SCENARIO: Scenario = Scenario {
    name: "offline",
    about: "20 % of the nodes are cut off for two hours and rebooted meanwhile: every record arrives, in order, once",
    mutations: &[
        Mutation {
            name: "small_journal",
            sabotage: Sabotage::journal(JournalFlaw::KeepsFew(256)),
        },
        Mutation {
            name: "forget_unacknowledged",
            sabotage: Sabotage::journal(JournalFlaw::ForgetsUnacknowledged),
        },
    ],
    run,
};

/// The share of the fleet that is cut off.
const CUT_PERCENT: usize = 20;
const CUT_AT_MS: u64 = 5 * 60_000;
const CUT_MS: u64 = 2 * 3_600_000;
/// How long the world goes on after the cut has healed.
const AFTERWARDS_MS: u64 = 5 * 60_000;
/// The island of those who share a segment; the others have one each.
const SEGMENT: u32 = 1;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let watch = Stopwatch::start();
    let mut world = delivery::world(setup)?;
    let cut_nodes = plan(setup, &mut world);
    let end_ms = CUT_AT_MS + CUT_MS + AFTERWARDS_MS;
    let delivery = Delivery::run(world, watch, end_ms)?;
    let (late, rebooted) = (
        delivery.world.store().late(),
        delivery.world.counts().node_restarts,
    );
    let checks = vec![
        Check::that(
            "finally_every_cut_node_was_rebooted",
            rebooted == cut_nodes,
            || format!("{rebooted} reboots of {cut_nodes} cut nodes"),
        ),
        Check::that("finally_records_of_the_cut_arrived_late", late > 0, || {
            "no record is late".to_owned()
        }),
    ];
    let figures = [
        ("cut_nodes", json!(cut_nodes)),
        ("rebooted", json!(rebooted)),
        ("late_records", json!(late)),
    ];
    Ok(delivery.conclude(checks, &figures))
}

/// Half of the cut nodes lose their segment together, the others are alone.
fn plan(setup: &Setup, world: &mut World) -> u64 {
    let mut chance = Chance::new(setup.seed, "offline faults");
    let count = (setup.nodes * CUT_PERCENT).div_ceil(100);
    let cut = chance.choose(count, setup.nodes);
    for (turn, &seat) in cut.iter().enumerate() {
        let host = HostId::node(seat);
        let island = if turn % 2 == 0 {
            SEGMENT
        } else {
            SEGMENT + 1 + turn as u32
        };
        world.plan(
            CUT_AT_MS,
            Fault::Cut {
                hosts: vec![host],
                island,
            },
        );
        let stop = [Stop::Asked, Stop::Crash, Stop::PowerCut][chance.below(3) as usize];
        let at_ms = CUT_AT_MS + CUT_MS / 10 + chance.below(CUT_MS * 8 / 10);
        world.plan(
            at_ms,
            Fault::Restart {
                host,
                stop,
                down_ms: chance.within(5_000..=120_000),
            },
        );
    }
    let hosts = cut.into_iter().map(HostId::node).collect();
    world.plan(CUT_AT_MS + CUT_MS, Fault::Cut { hosts, island: 0 });
    count as u64
}

//! Devices are restored from old backups: each goes on behind what the others remember of it, and convicts nobody.

use serde_json::json;

use super::watch::{SETTLED_MS, Watched};
use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::network::Conditions;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::world::{Fault, Sabotage, Stop};

pub const SCENARIO: Scenario = Scenario {
    name: "flash_rollback",
    about: "a tenth of the fleet is restored from old backups, some while the coordinator is away: nobody convicts itself",
    mutations: &[Mutation {
        name: "nobody_remembers",
        sabotage: Sabotage::unsaid(&["head_answer", "standing"]),
    }],
    run,
};

/// Of a hundred devices so many are restored, and three at least.
const RESTORED_PERCENT: usize = 10;
/// When backups are taken, and when they are put back.
const BACKUPS_MS: (u64, u64) = (SETTLED_MS, SETTLED_MS + 30_000);
const RESTORES_MS: (u64, u64) = (SETTLED_MS + 60_000, SETTLED_MS + 120_000);
/// The coordinator is away for the second half of them.
const AWAY_MS: (u64, u64) = (SETTLED_MS + 90_000, 60_000);
const END_MS: u64 = SETTLED_MS + 240_000;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let mut watched = Watched::new(setup, Conditions::CALM, Ground::default())?;
    let mut chance = Chance::new(setup.seed, "flash rollback");
    let count = (setup.nodes * RESTORED_PERCENT / 100).max(3);
    let restored = chance.choose(count, setup.nodes);
    for &seat in &restored {
        let at_ms = chance.within(BACKUPS_MS.0..=BACKUPS_MS.1);
        watched.plan(at_ms, Fault::Backup { seat });
        let at_ms = chance.within(RESTORES_MS.0..=RESTORES_MS.1);
        let down_ms = chance.within(2_000..=20_000);
        watched.plan(at_ms, Fault::Rollback { seat, down_ms });
    }
    let coordinator = Fault::Restart {
        host: HostId::COORDINATOR,
        stop: Stop::PowerCut,
        down_ms: AWAY_MS.1,
    };
    watched.plan(AWAY_MS.0, coordinator);
    watched.run(END_MS)?;
    Ok(judge(watched, &restored))
}

fn judge(watched: Watched, restored: &[usize]) -> Outcome {
    let counts = watched.world.counts();
    let silent: Vec<usize> = restored
        .iter()
        .copied()
        .filter(|seat| !reports_again(&watched, *seat))
        .collect();
    let held_down = watched.verdicts.held_down().count();
    let checks = vec![
        Check::that(
            "finally_every_backup_was_put_back",
            counts.rollbacks == restored.len() as u64,
            || format!("{} of {}", counts.rollbacks, restored.len()),
        ),
        Check::that(
            "eventually_the_restored_report_again",
            silent.is_empty(),
            || format!("nodes {silent:?} do not"),
        ),
        Check::none(
            "finally_nobody_is_held_down",
            held_down as u64,
            "views hold somebody down",
        ),
    ];
    let figures = [
        ("honest_evicted", json!(counts.equivocations)),
        ("restored", json!(counts.rollbacks)),
        ("unlinked", json!(counts.unlinked)),
    ];
    watched.conclude(checks, figures)
}

/// Whether the coordinator holds records of a device that are newer than its last restoration.
fn reports_again(watched: &Watched, seat: usize) -> bool {
    let Some(node) = watched.world.node(seat) else {
        return false;
    };
    let (newest, acknowledged) = node.progress();
    let begun = newest.map(|newest| newest.incarnation);
    acknowledged.is_some_and(|stored| Some(stored.incarnation) == begun)
}

//! Power fails at drawn operations while devices install: what runs afterwards is whole, and not below its floor.

use serde_json::json;

use crate::checks::Check;
use crate::disk::InstallFlaw;
use crate::power::install;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::world::Sabotage;

pub const SCENARIO: Scenario = Scenario {
    name: "install_power_cut",
    about: "power fails at drawn operations of updates, good, bad and too old: the device always runs a whole version, none below the floor",
    mutations: &[
        Mutation {
            name: "files_unsynced",
            sabotage: Sabotage::install(InstallFlaw::FilesUnsynced),
        },
        Mutation {
            name: "names_unsynced",
            sabotage: Sabotage::install(InstallFlaw::NamesUnsynced),
        },
        Mutation {
            name: "floor_at_switch",
            sabotage: Sabotage::install(InstallFlaw::FloorAtSwitch),
        },
    ],
    run,
};

/// Power cuts, unless the run is told another number.
const CUTS: u64 = 2_000;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let watch = std::time::Instant::now();
    let cuts = setup.options.cuts.unwrap_or(CUTS);
    let tally = install::run(setup.seed, cuts, setup.sabotage.install);
    let why = || match &tally.first_failure {
        Some((story, why)) => format!("story {story}: {why}"),
        None => "no story said why".to_owned(),
    };
    let checks = vec![
        Check::that("anytime_a_whole_version_runs", tally.bricks == 0, why),
        Check::that(
            "anytime_it_is_not_below_the_floor",
            tally.below_floor == 0,
            why,
        ),
        Check::that(
            "finally_updates_were_committed_and_taken_back",
            tally.committed > 0 && tally.rolled_back > 0 && tally.refused > 0,
            || "some end was never reached".to_owned(),
        ),
    ];
    let metrics = [
        ("cuts", json!(tally.cuts)),
        ("bricks", json!(tally.bricks)),
        ("below_floor", json!(tally.below_floor)),
        ("committed", json!(tally.committed)),
        ("rolled_back", json!(tally.rolled_back)),
        ("refused", json!(tally.refused)),
        ("wall_s", rounded(watch.elapsed().as_secs_f64())),
    ];
    Ok(Outcome::new(checks, metrics, Vec::new()))
}

//! Real captures of infected devices, and quiet ones, through the lookout that nodes run.

use std::path::{Path, PathBuf};

use detect::rules::{DistinctParameters, FanOutParameters, LoginParameters, Parameters};
use replays::botnet::{Metrics, botnet_replay};
use serde_json::json;

use crate::checks::Check;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::world::{RulesFlaw, Sabotage};

pub const SCENARIO: Scenario = Scenario {
    name: "botnet_replay",
    about: "captures below --data are replayed: most bots are named, each rightly, and nobody else is; --nodes counts for nothing",
    mutations: &[Mutation {
        name: "patient_rules",
        sabotage: Sabotage::rules(RulesFlaw::Patient),
    }],
    run,
};

/// Where the data lies unless the run is told, seen from the project's folder.
const DATA: &str = "../shared/data";
/// Below it, the captures that say in their path what they show.
const CAPTURES: &str = "slips";

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let parameters = match setup.sabotage.rules {
        RulesFlaw::None => Parameters::default(),
        RulesFlaw::Patient | RulesFlaw::Hasty => patient(),
    };
    let found = botnet_replay(&folder(setup), &parameters)?;
    Ok(judge(&found))
}

/// The captures of bots where the data is laid out like ours, and else all that there are.
fn folder(setup: &Setup) -> PathBuf {
    let data = setup.options.data.as_deref();
    let data = data.unwrap_or(Path::new(DATA));
    let below = data.join(CAPTURES);
    if below.is_dir() {
        below
    } else {
        data.to_owned()
    }
}

fn judge(found: &Metrics) -> Outcome {
    let checks = vec![
        Check::that(
            "finally_most_bots_are_named",
            2 * found.detected > found.attacks,
            || format!("{} of {}", found.detected, found.attacks),
        ),
        Check::that(
            "anytime_whoever_is_named_first_is_the_bot",
            found.source_right == found.detected,
            || format!("{} of {}", found.source_right, found.detected),
        ),
        Check::none(
            "anytime_nobody_else_is_accused",
            found.false_alerts.into(),
            "alerts about others",
        ),
    ];
    let figures = [
        ("detected", json!(found.detected)),
        ("attacks", json!(found.attacks)),
        ("delay_s", rounded(found.delay_s)),
        ("source_right", json!(found.source_right)),
        ("false_alerts", json!(found.false_alerts)),
        ("named", json!(found.named)),
        ("accused", json!(found.accused)),
        ("captures", json!(found.captures)),
        ("missed", json!(found.missed)),
    ];
    Outcome::new(checks, figures, Vec::new())
}

/// Rules that wait for more than anybody does.
fn patient() -> Parameters {
    let never = usize::MAX;
    let distinct = DistinctParameters {
        addresses: never,
        ..DistinctParameters::default()
    };
    Parameters {
        fan_out: FanOutParameters {
            targets: never,
            login_targets: never,
            slow_targets: never,
            ..FanOutParameters::default()
        },
        login: LoginParameters {
            tried: never,
            ..LoginParameters::default()
        },
        arp_scan: distinct,
        ping_sweep: distinct,
        ..Parameters::default()
    }
}
